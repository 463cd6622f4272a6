// MessagePack between Relay.Protocol and two libraries that share no code with it: @msgpack/msgpack and msgpackr.
//
//   node msgpack.mjs encode   writes values, each encoded by each library: a line {"name", "library", "hex", "value"} for each
//   node msgpack.mjs decode   reads lines {"name", "hex", "value"}, decodes each with both libraries and prints what differs from "value";
//                             exits 1 if anything does
//
// "value" says what is meant without a number or a byte that JSON could bend: {"int":"5"}, {"f64":"3ff8000000000000"}, {"str":"6869"} (UTF-8),
// {"bin":"00ff"}, {"map":[[key,value]]}, {"ext":[5,"00ff"]}, {"time":["seconds",nanoseconds]}; null, booleans and arrays are themselves.

import process from 'node:process';
import { createInterface } from 'node:readline';
import * as msgpack from '@msgpack/msgpack';
import { Packr, addExtension } from 'msgpackr';

/** Both libraries have extensions of their own kind; these stand for types 5 and 100. */
class Five { constructor(data) { this.type = 5; this.data = data; } }
class Hundred { constructor(data) { this.type = 100; this.data = data; } }
for (const [type, Class] of [[5, Five], [100, Hundred]]) {
  addExtension({ type, Class, pack: ({ data }) => Buffer.from(data), unpack: (data) => new Class(Uint8Array.from(data)) });
}

/** A timestamp with all its nanoseconds, which a Date would lose. */
class Time { constructor({ sec, nsec }) { this.sec = sec; this.nsec = nsec; } }
const exactTimes = new msgpack.ExtensionCodec();
exactTimes.register({ type: -1, encode: () => null, decode: (data) => new Time(msgpack.decodeTimestampToTimeSpec(data)) });

// msgpackr writes the count of an object in 16 bits, however small, unless it is told to choose: then it takes more than 65,535 keys too.
const packr = new Packr({ useRecords: false, mapsAsObjects: false, int64AsType: 'bigint' });
const variable = new Packr({ useRecords: false, variableMapSize: true });
const singles = new Packr({ useRecords: false, useFloat32: 1 });
const libraries = {
  '@msgpack/msgpack': {
    encode: (value, float32) => msgpack.encode(convert(value), { useBigInt64: true, forceFloat32: float32, maxDepth: 1000 }),
    decoders: [
      (bytes) => msgpack.decode(bytes, { useBigInt64: true }),
      (bytes) => msgpack.decode(bytes, { useBigInt64: true, extensionCodec: exactTimes }),
    ],
  },
  msgpackr: {
    encode: (value, float32) => (float32 ? singles : packr).encode(value),
    decoders: [(bytes) => packr.decode(bytes)],
  },
};

/** The same value with the extensions of @msgpack/msgpack. */
function convert(value) {
  if (value instanceof Five || value instanceof Hundred) return new msgpack.ExtData(value.type, value.data);
  if (Array.isArray(value)) return value.map(convert);
  const plain = value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item)])) : value;
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesOf = (length) => Uint8Array.from({ length }, (_, i) => i * 7);

function float(number, size) {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, number);
  else view.setFloat64(0, number);
  return hex(new Uint8Array(view.buffer));
}

/** What a value of JavaScript means on the wire. */
function tag(value, float32) {
  if (value === null || typeof value === 'boolean') return value;
  // An integer that 32 bits do not hold is written as a float by both, unless it is a BigInt.
  if (typeof value === 'bigint' || (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32)) return { int: String(value) };
  if (typeof value === 'number') return float32 ? { f32: float(value, 4) } : { f64: float(value, 8) };
  if (typeof value === 'string') return { str: hex(Buffer.from(value)) };
  if (value instanceof Uint8Array) return { bin: hex(value) };
  if (Array.isArray(value)) return value.map((item) => tag(item, float32));
  if (value instanceof Five || value instanceof Hundred) return { ext: [value.type, hex(value.data)] };
  if (value instanceof Date) {
    const ms = value.getTime();
    return { time: [String(Math.floor(ms / 1000)), (((ms % 1000) + 1000) % 1000) * 1_000_000] };
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return { map: entries.map(([key, item]) => [tag(key, float32), tag(item, float32)]) };
}

function values() {
  const integers = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER,
    -1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, Number.MIN_SAFE_INTEGER];
  const bigs = [2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 53n), -(2n ** 63n)];
  const floats = [0.1, -1.5, 1e300, 5e-324, 2 ** 60 * 3, NaN, Infinity, -Infinity];
  const texts = ['', 'a', 'é', '字', '😀', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(65_535), 'x'.repeat(65_536),
    '😀é字 '.repeat(1000), '\u0000\u202e"\\\n'];
  const cases = [['null', null], ['true', true], ['false', false]];
  for (const [kind, list] of Object.entries({ integer: integers, bigint: bigs, float: floats })) {
    for (const value of list) cases.push([`${kind} ${value}`, value]);
  }
  for (const text of texts) cases.push([`text of ${text.length}`, text]);
  for (const length of [0, 1, 255, 256, 65_535, 65_536]) cases.push([`bin of ${length}`, bytesOf(length)]);
  for (const length of [1, 2, 3, 4, 8, 16, 17, 255, 256, 65_536]) {
    cases.push([`ext of ${length}`, new Five(bytesOf(length))], [`ext 100 of ${length}`, new Hundred(bytesOf(length))]);
  }
  for (const ms of [0, 1, 1_000, 1_700_000_000_000, 1_700_000_000_123, 2 ** 32 * 1000, 2 ** 34 * 1000, -1, -1_500]) {
    cases.push([`time ${ms}`, new Date(ms)]);
  }
  for (const length of [0, 15, 16, 65_536]) {
    cases.push([`array of ${length}`, Array.from({ length }, (_, i) => i % 100)]);
    cases.push([`map of ${length}`, Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, i % 100]))]);
  }
  let nested = { end: true };
  for (let i = 0; i < 60; i++) nested = i % 2 ? { [`level ${i}`]: nested, '😀': [i, String(i)] } : [nested, null];
  cases.push(['nested', nested]);
  cases.push(['avatar', { name: 'Ann 😀', at: [1.25, -0.5, 1e-7], tint: bytesOf(3), since: new Date(1_700_000_000_123), tags: { vip: true, 'a b': null }, id: 2n ** 60n }]);
  return cases;
}

function encode() {
  const lines = [];
  for (const [library, { encode: encodeWith }] of Object.entries(libraries)) {
    for (const [name, value] of values()) {
      if (library !== 'msgpackr' || name !== 'map of 65536') lines.push([name, library, encodeWith(value), tag(value)]);
    }
    for (const value of [0.1, -1.5, 1e-30]) lines.push([`float 32 ${value}`, library, encodeWith(value, true), tag(value, true)]);
  }
  const keys = new Map([[1, 'one'], [-5, 'minus five'], [true, 'yes'], [null, 'nothing'], ['s', new Map([[0.5, []]])]]);
  for (const [name, value] of values().filter(([name]) => /^(map|nested|avatar)/.test(name))) {
    lines.push([`${name}, count as wide as need be`, 'msgpackr', variable.encode(value), tag(value)]);
  }
  lines.push(['map with keys of all kinds', 'msgpackr', packr.encode(keys), tag(keys)]);
  for (const [name, library, bytes, value] of lines) console.log(JSON.stringify({ name, library, hex: hex(bytes), value }));
}

function same(expected, actual) {
  if (expected === null || typeof expected === 'boolean') return actual === expected;
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length && expected.every((item, i) => same(item, actual[i]));
  }
  const [[kind, value]] = Object.entries(expected);
  switch (kind) {
    case 'int': return (typeof actual === 'bigint' || Number.isSafeInteger(actual)) && BigInt(actual) === BigInt(value) && !Object.is(actual, -0);
    case 'f32': return typeof actual === 'number' && (float(actual, 4) === value || (Number.isNaN(actual) && /^[7f]f[c-f]/.test(value)));
    case 'f64': return typeof actual === 'number' && (float(actual, 8) === value || (Number.isNaN(actual) && /^[7f]ff[8-f]/.test(value)));
    case 'str': return typeof actual === 'string' && hex(Buffer.from(actual)) === value;
    case 'bin': return actual instanceof Uint8Array && hex(actual) === value;
    case 'ext': return actual?.type === value[0] && hex(actual.data) === value[1];
    case 'time':
      if (actual instanceof Time) return String(actual.sec) === value[0] && actual.nsec === value[1];
      return actual instanceof Date && actual.getTime() === Math.floor(Number(value[0]) * 1000 + value[1] / 1e6);
    case 'map': {
      if (typeof actual !== 'object' || actual === null) return false;
      // An object has its keys as strings, and those that look like integers in front.
      const isMap = actual instanceof Map;
      const rest = isMap ? new Map(actual) : new Map(Object.entries(actual));
      return rest.size === value.length && value.every(([key, item]) => {
        const text = key?.str === undefined ? isMap ? undefined : key?.int : Buffer.from(key.str, 'hex').toString();
        const found = rest.has(text) ? text : [...rest.keys()].find((candidate) => same(key, candidate));
        const equal = found !== undefined && same(item, rest.get(found));
        rest.delete(found);
        return equal;
      });
    }
    default: throw new Error(`There is no ${kind}.`);
  }
}

async function decode() {
  let differences = 0;
  let checks = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const { name, hex: encoded, value } = JSON.parse(line);
    for (const [library, { decoders }] of Object.entries(libraries)) {
      for (const decodeWith of decoders) {
        checks++;
        let actual;
        try {
          actual = decodeWith(Buffer.from(encoded, 'hex'));
          if (same(value, actual)) continue;
        } catch (error) {
          actual = error;
        }
        differences++;
        console.log(`${library}: ${name}: ${encoded.slice(0, 100)} is ${String(actual).slice(0, 200)}, not ${JSON.stringify(value).slice(0, 200)}`);
      }
    }
  }
  console.log(`${checks} checks, ${differences} differences`);
  process.exitCode = differences === 0 && checks > 0 ? 0 : 1;
}

switch (process.argv[2]) {
  case 'encode': encode(); break;
  case 'decode': await decode(); break;
  default:
    console.error('usage: node msgpack.mjs encode|decode');
    process.exitCode = 2;
}
