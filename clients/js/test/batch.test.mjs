// The decoder of batches, which is written by hand so that it makes no garbage, against the codec that was written from the document alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, BatchDecoder } from '../dist/motion/batch.js';
import { Malformed, layoutOf } from '../dist/wire/index.js';
import * as posbus from '../../../tests/interop/posbus.mjs';
import { randomBody } from './kit/bodies.mjs';
import { Random } from './kit/random.mjs';
import { rooms } from './kit/rooms.mjs';

/** What a batch tells its sink, and the rotations among that; undefined if it is malformed. */
function told(decoder, body) {
  const calls = [];
  const rotations = [];
  const sink = {
    begin: (...values) => calls.push(['begin', ...values]),
    remove: (...values) => calls.push(['remove', ...values]),
    set(slot, flags, sample) {
      calls.push(['set', slot, flags, sample[at.age], sample[at.x], sample[at.y], sample[at.z], sample[at.scale]]);
      rotations.push([...sample.subarray(at.rotation, at.rotation + 4)]);
    },
    end: (...values) => calls.push(['end', ...values]),
  };
  try {
    // Among other bytes, as it stands in a message.
    decoder.decode(Uint8Array.of(0xff, ...body, 0xff), 1, 1 + body.length, sink);
    return { calls, rotations };
  } catch (error) {
    assert.ok(error instanceof Malformed, error);
    return undefined;
  }
}

/** The batch as the other codec reads it; undefined if it is malformed, or counts further than the client can. */
function read(body, space) {
  try {
    const batch = posbus.decode(posbus.Type.TransformBatch, body, space);
    return batch.version > Number.MAX_SAFE_INTEGER || batch.presupposes > Number.MAX_SAFE_INTEGER ? undefined : batch;
  } catch (error) {
    assert.ok(error instanceof posbus.Malformed, error);
    return undefined;
  }
}

/** What a sink should be told of it. */
function expected({ flags, serverMillis, removals, entries }, { measures, space }) {
  return [
    ['begin', flags === 1, serverMillis],
    ...removals.map(({ slot }) => ['remove', slot]),
    ...entries.map((entry) => {
      const extension = { flags: 0, scale: 1, ...entry.extension };
      return ['set', entry.slot, extension.flags, entry.age * measures.ageUnitMs, ...space.metres(entry), extension.scale];
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
      const hex = Buffer.from(bytes).toString('hex');
      const mine = told(decoder, bytes);
      const other = read(bytes, room.space);
      assert.equal(Boolean(mine), Boolean(other), `${mine ? 'only the client accepts' : 'only the client refuses'} ${hex}`);
      counts[mine ? 'accepted' : 'refused']++;
      if (!mine) continue;
      assert.deepEqual(mine.calls, expected(other, room), hex);
      const { version, presupposes, entries } = other;
      assert.deepEqual([decoder.version, decoder.presupposes, decoder.count], [Number(version), Number(presupposes), entries.length]);
      mine.rotations.forEach((rotation, entry) => {
        assert.ok(posbus.angleDegrees(rotation, posbus.unpackRotation(entries[entry].rotation)) < 1e-6, hex);
      });
    }
    assert.ok(counts.accepted > 500 && counts.refused > 200, JSON.stringify(counts));
  });
}
