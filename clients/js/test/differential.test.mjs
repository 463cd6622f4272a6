// The client's codec, which interprets the table, against the interop tests' codec, which was written from protocol-spec.md alone: of random
// bodies, whole and damaged, both accept the same, read the same and write the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Malformed, decode, encode, frames } from '../dist/wire/index.js';
import * as posbus from '../../../tests/interop/posbus.mjs';
import { randomBody } from './kit/bodies.mjs';
import { Random } from './kit/random.mjs';
import { rooms } from './kit/rooms.mjs';

const bodies = 3000;

/** A value in one form for both: numbers are BigInts in one and not in the other. */
function plain(value) {
  if (typeof value === 'bigint' || Number.isInteger(value)) return Object.is(value, -0) ? '-0' : BigInt(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  return value;
}

/** What `read` gives, or undefined if it finds the body malformed. */
function attempt(read, kind) {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof kind, error);
    return undefined;
  }
}

/** What the client refuses and the other does not: counts that it could not count on, and measures, which the other looks at later. */
function isBeyond(layout, fields) {
  if (fields.some(([, kind, value]) => kind === 'varint64' && value > Number.MAX_SAFE_INTEGER)) return true;
  if (layout.name !== 'Joined') return false;
  const value = (name) => fields.find(([field]) => field === name)[2];
  return !['minX', 'minY', 'minZ', 'precision'].every((name) => Number.isFinite(value(name))) || !(value('precision') > 0)
    || !['stepsX', 'stepsY', 'stepsZ'].every((name) => value(name) >= 1 && value(name) <= 2 ** 28);
}

function compare(layout, body, { measures, space }) {
  const mine = [];
  const theirs = [];
  const observe = (name, _kind, _at, _length, value) => mine.push([name, plain(value)]);
  const message = attempt(() => decode(layout.name, body, 0, body.length, measures, observe), Malformed);
  const other = attempt(() => posbus.decode(layout.type, body, space, theirs), posbus.Malformed);
  const hex = () => `${layout.name} ${Buffer.from(body).toString('hex')}`;
  if (!message) {
    assert.ok(!other || isBeyond(layout, theirs), `only the client refuses ${hex()}`);
    return false;
  }
  assert.ok(other, `only the client accepts ${hex()}`);
  assert.deepEqual(mine, theirs.map(([name, , value]) => [name, plain(value)]), hex());
  assert.deepEqual(encode(layout.name, message, measures), posbus.encode(layout.type, other, space), hex());
  return true;
}

test('both know the same frames', () => {
  assert.deepEqual(Object.fromEntries(frames.map(({ name, type }) => [name, type])), { ...posbus.Type });
});

for (const layout of frames) {
  test(`${layout.name}: both read and write random bodies the same`, () => {
    const random = new Random(20_261_121 + layout.type);
    let accepted = 0;
    for (let i = 0; i < bodies; i++) {
      const room = rooms[i % rooms.length];
      if (compare(layout, randomBody(layout, random, room.space), room)) accepted++;
    }
    // A generator that makes only one sort would prove nothing. (Any eight bytes are a Ping.)
    assert.ok(accepted >= bodies / 4, `${accepted} of ${bodies} were accepted`);
    assert.ok(bodies - accepted >= bodies / 20, `${bodies - accepted} of ${bodies} were refused`);
  });
}
