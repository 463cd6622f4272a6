// What judges motion on a busy machine: a good walk passes however it was stalled, a bad one does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Motion } from '../../clients/js/dist/motion/motion.js';
import { circle } from '../../clients/js/test/kit/walk.mjs';
import { encode, packRotation, Space, Type } from '../interop/posbus.mjs';
import { faults, replay, stalls, when } from './kit/sight.mjs';

const measures = {
  minX: -65.536, minY: -65.536, minZ: -65.536, precision: 0.001, stepsX: 131072, stepsY: 131072, stepsZ: 131072,
  tickMicros: 50000, ageUnitMicros: 4000,
};
const space = new Space(measures);
const slot = 3;
const start = 1_000_000;

/** Half a minute of a walk. @param hold how much later than 60 ms what is sent at a moment comes; it waits for what was sent before it. */
function walk(hold = () => 0) {
  const batches = [];
  let last = 0;
  for (let sent = start, version = 1; sent < start + 30_000; sent += 50, version++) {
    last = Math.max(last, sent + 60 + hold(sent - start));
    const entry = { slot, extended: 0, age: 0, ...space.quantise(circle(sent)), rotation: packRotation([0, 0, 0, 1]) };
    const batch = { flags: 0, version: BigInt(version), presupposes: 0n, serverMillis: sent, removals: [], entries: [entry] };
    batches.push({ at: last, sent, position: circle(sent), bytes: [...encode(Type.TransformBatch, batch, space)] });
  }
  let now = start;
  const motion = new Motion(50, () => now);
  const frames = [];
  let next = 0;
  for (let at = start; at < start + 30_000; at += 16) {
    for (; next < batches.length && batches[next].at <= at; next++) {
      now = batches[next].at;
      motion.begin(false, batches[next].sent);
      motion.set(slot, 0, Float64Array.of(0, ...batches[next].position, 0, 0, 0, 1, 1));
      motion.end();
    }
    motion.update(at);
    frames.push({ at, position: motion.present[slot] ? [...motion.positions.subarray(3 * slot, 3 * slot + 3)] : undefined });
  }
  return { measures, slot, batches, frames };
}

const busy = (ms) => (ms % 7000 < 400 ? 400 - ms % 7000 : ms % 3);
const later = ({ frames }) => frames.filter(({ at }) => at > start + 12_000);

test('a walk that is stalled again and again is what came in, and has no fault; where it was stalled is seen', () => {
  for (const hold of [undefined, busy]) {
    const sight = walk(hold);
    const { samples, farthest } = replay(sight);
    assert.ok(farthest < 0.002, `${farthest} m`);
    assert.deepEqual(faults(later(sight), samples), []);
    const { came } = stalls(sight.frames, samples, start + 13_000, start + 21_500);
    assert.ok(hold ? came > 300 : came < 70, `${came} ms`);
  }
});

test('when the walker was somewhere is told by where', () => {
  for (const sent of [start, start + 1234, start + 20_000]) assert.ok(Math.abs(when(circle(sent), sent + 300) - sent) < 0.01);
});

test('what is shown otherwise than it came in is found', () => {
  for (const wrong of [[0, 0.01, 0], undefined]) {
    const sight = walk(busy);
    const frame = sight.frames[900];
    frame.position = wrong && frame.position.map((value, i) => value + wrong[i]);
    assert.ok(replay(sight).farthest > 0.008);
  }
});

test('a walker who leaves the path, goes back, runs ahead or lags behind is found', () => {
  for (const [what, found] of [
    [(at) => circle(at - 200).map((value) => 1.05 * value), /off the path/],
    [(at) => circle(at - 200 - (at % 1000 < 500 ? 0 : 60)), /ms back/],
    [(at) => circle(at), /ahead/],
    [(at) => circle(at - 900), /behind/],
    [(at) => circle(start + Math.floor((at - start) / 2)), /behind/],
  ]) {
    const sight = walk();
    for (const frame of sight.frames) frame.position &&= what(frame.at);
    const told = faults(later(sight), replay(sight).samples);
    assert.ok(told.some((one) => found.test(one)), `${what}: ${told.slice(0, 3)}`);
  }
});
