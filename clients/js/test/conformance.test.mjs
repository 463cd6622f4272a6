// The codecs against the examples of protocol-spec.md, both ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, describe, encode, layoutOf, Malformed, Measures } from '../dist/wire/index.js';
import { example, frames } from './kit/document.mjs';

const bodyOf = (bytes) => [bytes, 4, bytes.length];
const measures = new Measures(decode('Joined', ...bodyOf(example('joined').bytes)));
const nameOf = (bytes) => layoutOf(bytes[3]).name;
const digits = (value, count) => '0x' + value.toString(16).toUpperCase().padStart(count, '0');

/** A field as the document's comments write it. */
function show({ name, kind, value }) {
  if (kind === 'record') {
    const { extended, age, x, y, z, rotation } = value;
    return `record = extended ${extended}, age ${age}, x ${x}, y ${y}, z ${z}, rotation ${digits(rotation, 8)}`;
  }
  if (['epoch', 'sessionHigh', 'sessionLow'].includes(name)) return `${name} = ${digits(value, 16)}`;
  if (name === 'refusedType') return `${name} = ${digits(value, 2)}`;
  if (value instanceof Uint8Array && value.some((byte) => byte < 0x20 || byte > 0x7e)) return `${name} = hex ${Buffer.from(value).toString('hex').toUpperCase()}`;
  if (value instanceof Uint8Array) return `${name} = "${new TextDecoder().decode(value)}"`;
  return typeof value === 'string' ? `${name} = "${value}"` : `${name} = ${value}`;
}

for (const { name, bytes, fields } of frames) {
  test(`${name}: every field is what the document says, and stands where it says`, () => {
    const { fields: seen, malformed } = describe(bytes, measures);
    assert.equal(malformed, undefined);
    assert.equal(`bodyLength = ${seen[0].value}, type = ${digits(seen[1].value, 2)} ${nameOf(bytes)}`, fields[0]);
    assert.deepEqual(seen.slice(2).map(show), fields.slice(1));
    let at = 0;
    for (const { offset, length } of seen) {
      assert.equal(offset, at);
      at += length;
    }
    assert.equal(at, bytes.length);
  });

  test(`${name}: written again, the same bytes`, () => {
    assert.deepEqual(encode(nameOf(bytes), decode(nameOf(bytes), ...bodyOf(bytes), measures), measures), bytes);
  });

  test(`${name}: cut short anywhere it is malformed, or less of its last field`, () => {
    for (let end = 4; end < bytes.length; end++) {
      try {
        const message = decode(nameOf(bytes), bytes, 4, end, measures);
        const [last] = Object.entries(message).at(-1);
        assert.ok(['payload', 'value', 'place'].includes(last), `cut at ${end}: ${last}`);
      } catch (error) {
        assert.ok(error instanceof Malformed, String(error));
      }
    }
  });

  test(`${name}: with a byte more it is malformed, or more of its last field`, () => {
    const longer = Uint8Array.of(...bytes, 0);
    const open = ['SendEvent', 'Event', 'CreateObject', 'SetAttribute'].includes(nameOf(bytes));
    if (open && !(nameOf(bytes) === 'SetAttribute' && (bytes[5] & 3) >= 2)) decode(nameOf(bytes), ...bodyOf(longer), measures);
    else assert.throws(() => decode(nameOf(bytes), ...bodyOf(longer), measures), Malformed);
  });
}
