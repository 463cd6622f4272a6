// The decoder of batches, which is written by hand so that it makes no garbage, against the codec that was written from the document alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchDecoder } from '../dist/motion/batch.js';
import { Malformed, layoutOf } from '../dist/wire/index.js';
import * as posbus from '../../../tests/interop/posbus.mjs';
import { randomBody } from './kit/bodies.mjs';
import { Random } from './kit/random.mjs';
import { rooms } from './kit/rooms.mjs';

/** What a batch tells its sink, or undefined if it is malformed. */
function told(decoder, body) {
  const calls = [];
  const sink = Object.fromEntries(['begin', 'remove', 'set', 'end'].map((name) => [name, (...values) => calls.push([name, ...values])]));
  try {
    // Among other bytes, as it stands in a message.
    decoder.decode(Uint8Array.of(0xff, ...body, 0xff), 1, 1 + body.length, sink);
    return calls;
  } catch (error) {
    assert.ok(error instanceof Malformed, error);
    return undefined;
  }
}

/** The same of what the other codec reads. */
function expected(body, { measures, space }) {
  let batch;
  try {
    batch = posbus.decode(posbus.Type.TransformBatch, body, space);
  } catch (error) {
    assert.ok(error instanceof posbus.Malformed, error);
    return undefined;
  }
  if (batch.version > Number.MAX_SAFE_INTEGER || batch.presupposes > Number.MAX_SAFE_INTEGER) return undefined;
  return [
    ['begin', batch.flags === 1, batch.serverMillis],
    ...batch.removals.map(({ slot }) => ['remove', slot]),
    ...batch.entries.map((entry) => {
      const { flags = 0, scale = 1 } = entry.extension ?? {};
      return ['set', entry.slot, entry.age * measures.ageUnitMs, ...space.metres(entry), entry.rotation, flags, scale];
    }),
    ['end'],
  ];
}

for (const [i, room] of rooms.entries()) {
  test(`random batches tell what they hold, records of ${room.measures.recordSize} bytes`, () => {
    const random = new Random(20_261_121 + i);
    const decoder = new BatchDecoder(room.measures);
    const counts = { accepted: 0, refused: 0 };
    for (let body = 0; body < 2000; body++) {
      const bytes = randomBody(layoutOf(posbus.Type.TransformBatch), random, room.space);
      const calls = told(decoder, bytes);
      assert.deepEqual(calls, expected(bytes, room), Buffer.from(bytes).toString('hex'));
      if (calls) {
        const { version, presupposes, entries } = posbus.decode(posbus.Type.TransformBatch, bytes, room.space);
        assert.deepEqual([decoder.version, decoder.presupposes, decoder.count], [Number(version), Number(presupposes), entries.length]);
      }
      counts[calls ? 'accepted' : 'refused']++;
    }
    assert.ok(counts.accepted > 500 && counts.refused > 200, JSON.stringify(counts));
  });
}
