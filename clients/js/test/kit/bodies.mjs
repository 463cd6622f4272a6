// Bodies of frames made by the table of layouts: whole ones, ones with a single thing that the table forbids, and damaged ones. Their bytes
// are written by the interop tests' codec, which shares nothing with the client.
import { parts } from '../../dist/wire/index.js';
import { Writer } from '../../../../tests/interop/posbus.mjs';

const characters = ['a', 'Z', '0', '-', 'é', '字', '😀', '\u0000', '\uFEFF'];
const badText = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]];
const badVarint = [[0x81, 0x00], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], [0x80, 0x80, 0x80, 0x80, 0x10]];
const badReal = [NaN, Infinity, -Infinity, 0, -0, -1];
const telling = [0x00, 0x01, 0x7f, 0x80, 0xff];
const bitsOf = { u8: 8, u16: 16, u32: 32, u64: 64, varint: 32, varint64: 53 };

/** A body of a frame. `space` is the interop tests' measures of a room. */
export function randomBody(layout, random, space) {
  const seed = random.u32();
  const sound = new Body(new (random.constructor)(seed), space);
  sound.walk(layout.body, {});
  switch (random.below(4)) {
    case 0: {
      const odd = new Body(new (random.constructor)(seed), space, random.below(sound.chances + 1));
      odd.walk(layout.body, {});
      return Uint8Array.from(odd.writer.bytes);
    }
    case 1: return damaged(sound.writer.bytes, random);
    default: return Uint8Array.from(sound.writer.bytes);
  }
}

function damaged(bytes, random) {
  const body = [...bytes];
  const at = random.below(body.length + 1);
  switch (random.below(5)) {
    case 0: body.length = at; break;
    case 1: body.push(random.of(telling)); break;
    case 2: body.splice(at, 0, random.of(telling)); break;
    case 3: body.splice(at, 1); break;
    default: if (at < body.length) body[at] ^= 1 << random.below(8);
  }
  return Uint8Array.from(body);
}

class Body {
  writer = new Writer();
  chances = 0;

  constructor(random, space, oddAt = -1) {
    Object.assign(this, { random, space, oddAt });
  }

  /** Whether what comes now is the one thing that is not as the table says. */
  odd() {
    return this.chances++ === this.oddAt;
  }

  walk(items, scope) {
    for (const item of items) {
      if (typeof item === 'string') this.field(item, scope);
      else if (item.when) this.walk(holds(item.when, scope) ? item.then : item.else ?? [], scope);
      else if (item.each) this.list(item);
      else this.walk(parts[item.use], item.as ? {} : scope);
    }
  }

  list(item) {
    const most = item.count.includes(' max ') ? Number(item.count.split(' ').at(-1)) : 3;
    const count = this.odd() ? 0 : this.random.oneIn(8) ? most + this.random.below(2) : 1 + this.random.below(3);
    const told = this.odd() ? Number(this.random.integer(32)) : count;
    if (item.count.includes(':u8')) this.writer.u8(told & 0xff);
    else this.writer.varint(told);
    for (let i = 0; i < count; i++) this.walk(item.each, {});
  }

  field(text, scope) {
    const [head, ...words] = text.split(' ');
    const [name, kind] = head.split(':');
    const as = words.indexOf('as');
    const [rule, ...bounds] = as < 0 ? words : words.slice(0, as);
    const value = this.value(kind, rule, bounds.map(BigInt));
    scope[as < 0 ? name : words[as + 1]] = value;
    if (kind === 'record') scope.extended = BigInt(value.extended);
  }

  /** Writes a value, and gives it: integers as BigInts. */
  value(kind, rule, bounds) {
    const { random, writer } = this;
    if (kind.startsWith('varint') && this.odd()) {
      writer.raw(random.of(badVarint));
      return 0n;
    }
    if (kind in bitsOf) return this.integer(kind, rule, bounds);
    switch (kind) {
      case 'slot': return void writer.varint(this.odd() ? 0xffffffff - random.below(3) : random.below(200));
      case 'i16': return void writer.i16(random.below(65_536) - 32_768);
      case 'f32': return void writer.f32(random.oneIn(20) ? NaN : random.signed() * 10 ** random.below(9));
      case 'f64': {
        const sound = rule === 'above' ? 1e-3 + Math.abs(random.signed()) : random.signed() * 1e6;
        return void writer.f64(this.odd() ? random.of(badReal) : sound);
      }
      case 'string8': return void writer.bytes8(this.odd() ? random.of(badText) : this.text());
      case 'record': {
        const record = this.record();
        writer.raw(this.space.packRecord(record));
        return record;
      }
      default: {
        const bytes = random.bytes(random.oneIn(3) ? 0 : random.oneIn(12) ? 255 : random.below(20));
        writer[kind === 'bytes' ? 'bytesVar' : kind](bytes);
        return bytes;
      }
    }
  }

  integer(kind, rule, bounds) {
    const { random, writer } = this;
    const any = random.integer(bitsOf[kind]);
    const bound = bounds.length ? random.of(bounds) : 0n;
    let value = any;
    if (rule && this.odd()) value = random.of([bound + 1n, bound > 0n ? bound - 1n : any, any]);
    else if (rule === 'in') value = bound;
    else if (rule === 'mask') value = any & bound;
    else if (rule === 'max') value = any % (bound + 1n);
    else if (rule === 'min') value = any < bound ? bound : any;
    else if (rule === 'between') value = random.oneIn(2) ? bound : bounds[0] + any % (bounds[1] - bounds[0] + 1n);
    writer[kind](kind.startsWith('varint') || kind === 'u64' ? value : Number(value));
    return value;
  }

  text() {
    const { random } = this;
    const text = Array.from({ length: random.below(12) }, () => random.of(characters)).join('');
    return random.oneIn(10) ? new Uint8Array(255) : new TextEncoder().encode(text);
  }

  record() {
    const { random, space } = this;
    const [x, y, z] = space.bits.map((bits) => random.oneIn(4) ? 2 ** bits - 1 : random.below(2 ** bits));
    return { extended: random.below(2), age: random.below(16), x, y, z, rotation: random.u32() };
  }
}

function holds(condition, scope) {
  const [name, operator, ...values] = condition.split(' ');
  if (operator === '&') return (scope[name] & BigInt(values[0])) !== 0n;
  if (operator === '=') return values.map(BigInt).includes(scope[name]);
  return scope[name].length > 0;
}
