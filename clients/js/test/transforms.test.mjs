// Measures, records and rotations, against the interop tests' own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Malformed, Measures, Reader, Writer, packRotation, readRecord, unpackRotation, writeRecord } from '../dist/wire/index.js';
import * as posbus from '../../../tests/interop/posbus.mjs';
import { Random } from './kit/random.mjs';

const joined = {
  minX: -65.536, minY: -10, minZ: 1e6, precision: 0.001, stepsX: 131_072, stepsY: 1, stepsZ: 2 ** 28, tickMicros: 50_000, ageUnitMicros: 4_000,
};

test('records of every combination of widths read and are written as the other does', () => {
  const random = new Random(4);
  const widths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 20, 21, 27, 28];
  for (const x of widths) {
    for (const y of widths) {
      for (const z of widths) {
        const room = { ...joined, stepsX: 2 ** x, stepsY: 2 ** y, stepsZ: 2 ** z };
        const measures = new Measures(room);
        const space = new posbus.Space(room);
        assert.deepEqual([measures.bits, measures.recordSize], [[x, y, z], space.recordSize]);
        const record = {
          extended: random.below(2), age: random.below(16), rotation: random.u32(),
          x: random.u32() % 2 ** x, y: random.u32() % 2 ** y, z: random.u32() % 2 ** z,
        };
        const writer = new Writer();
        writeRecord(writer, measures, record);
        assert.deepEqual(writer.copy(), space.packRecord(record));
        assert.deepEqual(readRecord(new Reader(writer.copy()), measures, {}), record);
      }
    }
  }
});

test('steps that are no power of two take as many bits as the next one', () => {
  for (let bits = 1; bits <= 28; bits++) {
    for (const steps of [2 ** (bits - 1) + 1, 2 ** bits]) assert.equal(new Measures({ ...joined, stepsX: steps }).bits[0], bits);
  }
});

test('measures that no room has are malformed', () => {
  const wrong = { minX: NaN, minY: Infinity, minZ: -Infinity, precision: 0, stepsX: 0, stepsY: 2 ** 28 + 1, stepsZ: -1 };
  for (const [name, value] of Object.entries(wrong)) assert.throws(() => new Measures({ ...joined, [name]: value }), Malformed, name);
  for (const precision of [-1, NaN, Infinity]) assert.throws(() => new Measures({ ...joined, precision }), Malformed);
});

test('positions in the room become the steps that the other makes of them, and come back within half a step', () => {
  const random = new Random(5);
  const measures = new Measures({ ...joined, stepsY: 20_000 });
  const space = new posbus.Space({ ...joined, stepsY: 20_000 });
  for (let i = 0; i < 5000; i++) {
    const position = [0, 1, 2].map((axis) => measures.min[axis] + (random.u32() / 2 ** 32) * (measures.max[axis] - measures.min[axis]));
    assert.ok(measures.contains(position));
    const { x, y, z } = space.quantise(position);
    [x, y, z].forEach((step, axis) => {
      assert.equal(measures.quantise(position[axis], axis), step);
      assert.equal(measures.metres(step, axis), space.metres({ x, y, z })[axis]);
      // The last step takes all up to the bound; the rest is the rounding of doubles.
      const most = step === measures.steps[axis] - 1 ? 1 : 0.5;
      assert.ok(Math.abs(measures.metres(step, axis) - position[axis]) <= most * measures.precision + 1e-9);
    });
  }
});

test('positions outside the room are moved into it, and told as outside', () => {
  const measures = new Measures(joined);
  assert.equal(measures.quantise(-1e9, 0), 0);
  assert.equal(measures.quantise(1e9, 0), 131_071);
  assert.equal(measures.quantise(NaN, 0), 0);
  assert.equal(measures.quantise(65.5359999, 0), 131_071);
  const inside = [0, -10, 1e6];
  assert.ok(measures.contains(inside));
  const beside = [[-65.537, -10, 1e6], [measures.max[0], -10, 1e6], [0, NaN, 1e6], [0, -9.999, 1e6]];
  for (const outside of beside) assert.ok(!measures.contains(outside), String(outside));
});

test('rotations are packed as the other packs them, and come back within 0.28 degrees', () => {
  const random = new Random(6);
  let worst = 0;
  for (let i = 0; i < 50_000; i++) {
    // Now and then two components as good as equal, where the choice of the largest is close.
    const q = [0, 1, 2, 3].map(() => random.signed());
    if (random.oneIn(4)) q[random.below(4)] = q[random.below(4)] * random.of([1, -1]);
    const length = Math.hypot(...q);
    if (length < 1e-3) continue;
    const bits = packRotation(q);
    assert.equal(bits, posbus.packRotation(q));
    const out = [0, 0, 0, 0];
    unpackRotation(bits, out);
    worst = Math.max(worst, posbus.angleDegrees(q.map((c) => c / length), out));
  }
  assert.ok(worst > 0.1 && worst < 0.28, `worst ${worst}`);
});

test('every pattern is a rotation of unit length, the same as the other\'s', () => {
  const random = new Random(7);
  const patterns = [0, 0xffffffff, 0x3fffffff, 0xc0000000, 0xdff7fdff, ...Array.from({ length: 20_000 }, () => random.u32())];
  const out = new Float32Array(8);
  for (const bits of patterns) {
    const exact = [9, 9, 9, 9, 9];
    unpackRotation(bits, exact, 1);
    assert.equal(exact[0], 9);
    assert.ok(Math.abs(Math.hypot(...exact.slice(1)) - 1) < 1e-12);
    assert.ok(posbus.angleDegrees(exact.slice(1), posbus.unpackRotation(bits)) < 1e-6);
    unpackRotation(bits, out, 3);
    exact.slice(1).forEach((c, i) => assert.ok(Math.abs(out[3 + i] - c) < 1e-7));
  }
});

test('what is no rotation is packed as none', () => {
  for (const q of [[0, 0, 0, 0], [NaN, 0, 0, 1], [Infinity, 0, 0, 1]]) assert.equal(packRotation(q), packRotation([0, 0, 0, 1]));
  assert.equal(packRotation([0, 0, 0, 1]), 0xdff7fdff);
  assert.equal(packRotation([0, 0, 0, -5]), 0xdff7fdff);
});
