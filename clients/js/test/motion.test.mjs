// What is shown: smooth, where it should be, and without garbage.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BatchDecoder } from '../dist/motion/batch.js';
import { Motion } from '../dist/motion/motion.js';
import { Playout } from '../dist/motion/playout.js';
import { decode, encode, Malformed, Measures, packRotation, unpackRotation } from '../dist/wire/index.js';
import { example } from './kit/document.mjs';
import { joined } from './kit/peer.mjs';
import { circle, error, longestStep, roughness, sample, watch } from './kit/walk.mjs';

const measures = new Measures(joined());
const level = packRotation([0, 0, 0, 1]);

for (const seed of [1, 2, 3]) {
  for (const [what, options] of [
    ['no jitter', {}], ['80 ms of jitter', { jitter: 80 }], ['80 ms of jitter, a slow display', { jitter: 80, fps: 30 }],
    ['80 ms of jitter, a fast display', { jitter: 80, fps: 144 }], ['80 ms of jitter, a walker with 30 frames a second', { jitter: 80, senderFps: 30 }],
    ['200 ms of jitter', { jitter: 200 }], ['20 ms of jitter on the walker’s side too', { jitter: 80, uplink: 20 }],
  ]) {
    test(`a walk with ${what} (${seed}): within 5 cm of the path, speed even to 20 % from frame to frame`, (t) => {
      const shown = watch({ ...options, seed });
      const { metres, delay } = error(shown);
      t.diagnostic(`${(100 * metres).toFixed(2)} cm, ${delay} ms behind, speed ±${(100 * roughness(shown)).toFixed(1)} %`);
      assert.ok(metres < 0.05, `${metres} m`);
      assert.ok(roughness(shown) < 0.2, `${roughness(shown)}`);
    });
  }

  test(`80 ms of jitter on the walker’s side (${seed}): within 5 cm of the path`, () => assert.ok(error(watch({ uplink: 80, jitter: 80, seed })).metres < 0.05));

  test(`after two seconds without a word what is shown goes on without a jump (${seed})`, () => {
    const shown = watch({ jitter: 40, seed, outage: [20_000, 2000], seconds: 30 });
    assert.ok(longestStep(shown) < 0.25, `${longestStep(shown)} m in one frame, of 2.8 m`);
    assert.ok(error(shown.filter(({ at }) => at > 24_500)).metres < 0.05);
  });
}

test('whoever stands still and then walks is not seen to jump, and whoever stops does not overshoot', () => {
  const path = (ms) => [Math.max(0, Math.min(4, 1.4 * ((ms - 12_000) / 1000))), 0, 0];
  const shown = watch({ path, jitter: 40, seconds: 20 });
  assert.ok(longestStep(shown) < 0.04, `${longestStep(shown)} m in a frame`);
  assert.ok(shown.every(({ position: [x] }) => x > -0.005 && x < 4.005));
});

test('a walker who sends seldom is shown walking, not standing and dashing', () => {
  const shown = watch({ senderFps: 5, seconds: 30 });
  const { metres } = error(shown);
  assert.ok(metres < 0.05 && longestStep(shown) < 0.045, `${metres} m, ${longestStep(shown)} m in a frame`);
});

/** A motion on a clock that the test moves; batches arrive as they are made. */
function bench() {
  const state = { now: 1000 };
  const motion = new Motion(50, () => state.now);
  state.motion = motion;
  state.batch = (values, { reset = false, removals = [] } = {}) => {
    motion.begin(reset, state.now);
    for (const slot of removals) motion.remove(slot);
    for (const [slot, [x, y, z], flags = 0, scale = 1] of values) motion.set(slot, flags, sample(0, x, y, z, scale));
    motion.end();
  };
  state.run = (ms, each = () => {}) => {
    for (const end = state.now + ms; state.now < end; state.now += 10) {
      each();
      motion.update();
    }
    motion.update();
  };
  state.x = (slot) => motion.positions[3 * slot];
  return state;
}

test('the first value of a slot is shown at once, where it is', () => {
  const { batch, motion, x } = bench();
  batch([[5, [3, 1, 2]]], { reset: true });
  motion.update();
  assert.deepEqual([motion.present[5], x(5), motion.present[4]], [1, 3, 0]);
});

test('a jump is shown as a jump, not as a way', () => {
  const it = bench();
  it.batch([[0, [0, 0, 0]]], { reset: true });
  it.run(1000);
  it.batch([[0, [4, 0, 0], 1]]);
  const seen = new Set();
  it.run(600, () => seen.add(it.x(0)));
  assert.deepEqual([...seen], [0, 4]);
});

test('what comes after a rest began to move just before, not when the rest began', () => {
  const it = bench();
  it.batch([[0, [0, 0, 0]]], { reset: true });
  it.run(2000);
  it.batch([[0, [2, 0, 0]]]);
  it.run(10);
  assert.ok(it.x(0) < 0.001, `${it.x(0)}`);
  it.run(1000);
  assert.ok(Math.abs(it.x(0) - 2) < 0.2, `${it.x(0)}`);
});

test('a removal, a reset without it, and a drop take a slot away; a reset with it does not', () => {
  const it = bench();
  it.batch([[0, [0, 0, 0]], [1, [1, 0, 0]], [2, [2, 0, 0]], [3, [3, 0, 0]]], { reset: true });
  it.batch([], { removals: [1] });
  it.motion.drop(2);
  it.run(100);
  assert.deepEqual([...it.motion.present.subarray(0, 4)], [1, 0, 0, 1]);
  it.batch([[0, [0.1, 0, 0]]], { reset: true });
  it.run(400);
  assert.deepEqual([...it.motion.present.subarray(0, 4)], [1, 0, 0, 0]);
  assert.ok(Math.abs(it.x(0) - 0.1) < 0.001);
});

test('a far way without samples is not walked: beyond 10 m it is shown where it is', () => {
  const it = bench();
  it.batch([[0, [0, 0, 0]]], { reset: true });
  it.run(2000);
  it.batch([[0, [40, 0, 0]]]);
  let between = 0;
  it.run(600, () => { if (it.x(0) > 1 && it.x(0) < 39) between++; });
  assert.ok(between <= 1 && it.x(0) === 40, `${between}`);
});

test('scale comes with the sample, rotation takes the short way', () => {
  const it = bench();
  it.batch([[0, [0, 0, 0], 4, 2]], { reset: true });
  it.run(300);
  assert.equal(it.motion.scales[0], 2);
  assert.ok(it.motion.rotations[3] > 0.999);
});

test('a fixed delay is kept; let go, it follows the jitter again', () => {
  const it = bench();
  it.batch([[0, [0, 0, 0]]], { reset: true });
  it.motion.fixDelay(300);
  it.run(500);
  assert.equal(it.motion.delayMs, 300);
  it.motion.fixDelay(undefined);
  it.run(10_000, () => it.batch([[0, [0, 0, 0]]]));
  assert.ok(it.motion.delayMs < 130, `${it.motion.delayMs}`);
});

test('the delay never moves by more than 5 % of the time that passes', () => {
  const playout = new Playout(50);
  let before = NaN;
  for (let i = 0; i < 2000; i++) {
    const now = 5000 + 10 * i;
    if (i % 5 === 0) playout.arrived(10 * i, now + (i > 1000 ? (i % 200) : 0));
    const time = playout.time(now);
    if (!Number.isNaN(before)) assert.ok(Math.abs(time - before - 10) <= 1 + 1e-6, `${i}: ${time - before}`);
    before = time;
  }
});

test('the server’s 32-bit clock may go round', () => {
  const playout = new Playout(50);
  assert.equal(playout.arrived(2 ** 32 - 50, 1000), 2 ** 32 - 50);
  assert.equal(playout.arrived(0, 1050), 2 ** 32);
  assert.equal(playout.arrived(50, 1100), 2 ** 32 + 50);
});

// ---- the decoder

const unpacked = (bits) => { const q = [0, 0, 0, 0]; unpackRotation(bits, q); return q; };

const sink = () => {
  const told = [];
  return {
    told, begin: (reset, millis) => told.push(['begin', reset, millis]), remove: (slot) => told.push(['remove', slot]),
    set: (slot, flags, values) => told.push(['set', slot, flags, ...values]), end: () => told.push(['end']),
  };
};

for (const name of ['transform-batch', 'transform-batch-reset']) {
  test(`${name} of the document: decoded as the table says`, () => {
    const { bytes } = example(name);
    const message = decode('TransformBatch', bytes, 4, bytes.length, measures);
    const decoder = new BatchDecoder(measures);
    const { told, ...to } = sink();
    decoder.decode(bytes, 4, bytes.length, to);
    assert.deepEqual([decoder.version, decoder.presupposes, decoder.serverMillis, decoder.reset], [message.version, message.presupposes, message.serverMillis, message.flags === 1]);
    assert.deepEqual(told, [
      ['begin', message.flags === 1, message.serverMillis], ...message.removals.map(({ slot }) => ['remove', slot]),
      ...message.entries.map(({ slot, age, x, y, z, rotation, extensionFlags = 0, scale = 1 }) =>
        ['set', slot, extensionFlags, age * 4, measures.metres(x, 0), measures.metres(y, 1), measures.metres(z, 2), ...unpacked(rotation), scale]),
      ['end'],
    ]);
  });

  test(`${name}: cut anywhere, or with a byte more, it is malformed`, () => {
    const { bytes } = example(name);
    const decoder = new BatchDecoder(measures);
    for (let end = 4; end < bytes.length; end++) assert.throws(() => decoder.decode(bytes, 4, end, sink()), Malformed, `${end}`);
    assert.throws(() => decoder.decode(Uint8Array.of(...bytes, 0), 4, bytes.length + 1, sink()), Malformed);
  });
}

// A few numbers a tick and a frame become objects of the engine's, 250 bytes; one of 16 bytes for each avatar would make 15 MB.
test('200 avatars for a minute: the heap is where it was', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  let now = 0;
  const motion = new Motion(50, () => now);
  const decoder = new BatchDecoder(measures);
  const frames = Array.from({ length: 40 }, (_, i) => encode('TransformBatch', {
    flags: i === 0 ? 1 : 0, version: i + 1, presupposes: 0, serverMillis: 50 * i, removals: [],
    entries: Array.from({ length: 200 }, (_, slot) => ({
      slot, extended: 0, age: 1, rotation: level,
      x: measures.quantise(circle(50 * i + 100 * slot)[0], 0), y: measures.quantise(0, 1), z: measures.quantise(circle(50 * i + 100 * slot)[2], 2),
    })),
  }, measures));
  const minute = () => {
    for (let tick = 0; tick < 1200; tick++) {
      now += 50;
      const frame = frames[tick % frames.length];
      decoder.decode(frame, 4, frame.length, motion);
      for (let i = 0; i < 3; i++) {
        now += 50 / 3;
        motion.update();
      }
    }
  };
  for (let i = 0; i < 3; i++) minute(); // until then the compiler is at work
  const minutes = Array.from({ length: 3 }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    minute();
    const garbage = process.memoryUsage().heapUsed - before;
    collect();
    return { garbage, kept: process.memoryUsage().heapUsed - before };
  });
  const least = (what) => Math.min(...minutes.map((one) => one[what]));
  assert.ok(least('garbage') < 2 * 1024 * 1024 && least('kept') < 64 * 1024, `in 1,200 ticks and 3,600 frames, bytes: ${JSON.stringify(minutes)}`);
});
