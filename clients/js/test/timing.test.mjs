// When things are sent and tried, and what time it is: on a clock that the test moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock } from '../dist/clock.js';
import { Retry } from '../dist/retry.js';
import { Mover } from '../dist/room/mover.js';
import { decode, Measures } from '../dist/wire/index.js';
import { joined } from './kit/peer.mjs';

const measures = new Measures(joined());
const level = [0, 0, 0, 1];

/** A mover on a clock of the test's. */
function moving(t, { framesPerSecond = 60 } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const it = { now: 1000, isClear: true, sent: [] };
  const road = {
    get isClear() { return it.isClear; },
    send: (frame) => it.sent.push({ at: it.now, entries: decode('TransformUpdate', frame.slice(), 4, frame.length, measures).entries }),
  };
  it.mover = new Mover(measures, road, framesPerSecond, () => it.now);
  it.pass = (ms) => {
    for (let i = 0; i < ms; i++) {
      it.now++;
      t.mock.timers.tick(1);
    }
  };
  return it;
}

test('sixty frames a second are sent twenty times a second, evenly', (t) => {
  const it = moving(t);
  for (let frame = 0; frame < 240; frame++) {
    it.now = 1000 + frame * (1000 / 60);
    it.mover.move(3, 1, [frame / 100, 0, 0], level);
  }
  const gaps = it.sent.slice(1).map(({ at }, i) => at - it.sent[i].at);
  assert.ok(Math.abs(it.sent.length - 80) <= 1, `${it.sent.length}`);
  for (const gap of gaps) assert.ok(Math.abs(gap - 50) < 1, `${gap}`);
});

test('where nothing changes nothing is sent; the last pose is, with its age', (t) => {
  const it = moving(t);
  for (let i = 0; i < 20; i++) {
    it.mover.move(3, 1, [1, 0, 0], level);
    it.pass(10);
  }
  assert.equal(it.sent.length, 1);
  it.mover.move(3, 1, [2, 0, 0], level);
  it.pass(5);
  it.mover.move(3, 1, [3, 0, 0], level);
  it.pass(200);
  assert.equal(it.sent.length, 3);
  const [{ x, age }] = it.sent[2].entries;
  assert.deepEqual([measures.metres(x, 0).toFixed(3), age], ['3.000', Math.floor((it.sent[2].at - (it.sent[1].at + 5)) / 4)]);
});

test('a road that is full gets the newest when it is clear', (t) => {
  const it = moving(t);
  it.isClear = false;
  for (let i = 1; i <= 10; i++) {
    it.mover.move(3, 1, [i, 0, 0], level);
    it.pass(20);
  }
  assert.equal(it.sent.length, 0);
  it.isClear = true;
  it.pass(60);
  assert.deepEqual(it.sent.map(({ entries: [{ x }] }) => measures.metres(x, 0).toFixed(1)), ['10.0']);
});

test('a jump, a velocity and a scale are told; a jump once', (t) => {
  const it = moving(t);
  it.mover.move(3, 1, [1, 0, 0], level, { teleport: true, velocity: [1.5, 0, -400], scale: 2 });
  it.pass(60);
  it.mover.move(3, 1, [1.1, 0, 0], level, { velocity: [1.5, 0, 0], scale: 2 });
  it.pass(60);
  const [first, second] = it.sent.map(({ entries: [entry] }) => entry);
  assert.deepEqual([first.extensionFlags, first.vx, first.vz, first.scale], [7, 150, -32768, 2]);
  assert.deepEqual([second.extensionFlags, second.vx], [6, 150]);
});

test('three hundred things take two frames; what is forgotten is not sent', (t) => {
  const it = moving(t);
  it.mover.move(0, 1, [0, 0, 0], level);
  for (let slot = 1; slot <= 300; slot++) it.mover.move(slot, 1, [1, 0, 0], level);
  it.mover.forget(300);
  it.pass(60);
  assert.deepEqual(it.sent.map(({ entries }) => entries.length), [1, 256, 43]);
  it.mover.repeat();
  it.pass(60);
  assert.equal(it.sent.slice(3).reduce((sum, { entries }) => sum + entries.length, 0), 300);
});

test('a server that takes few frames gets two thirds of them', (t) => {
  const it = moving(t, { framesPerSecond: 15 });
  for (let i = 0; i < 200; i++) {
    it.mover.move(3, 1, [i / 100, 0, 0], level);
    it.pass(10);
  }
  assert.ok(it.sent.length >= 19 && it.sent.length <= 22, `${it.sent.length} in two seconds`);
});

test('delays grow to their limit, begin anew after a success, and end with the patience', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(Math, 'random', () => 1);
  let now = 0, attempts = 0;
  const retry = new Retry({ initialDelayMs: 250, maxDelayMs: 3000, factor: 2, giveUpAfterMs: 60_000 }, () => now);
  const plan = (goodbye) => {
    const delay = retry.plan(goodbye, () => attempts++);
    if (delay !== undefined) t.mock.timers.tick(delay);
    return delay;
  };
  assert.deepEqual([plan(), plan(), plan(), plan(), plan(), plan()], [250, 500, 1000, 2000, 3000, 3000]);
  assert.deepEqual([attempts, retry.attempt], [6, 6]);
  retry.succeeded();
  assert.equal(plan({ retryAfterMs: 1000, jitterMs: 5000 }), 6000);
  now = 59_999;
  assert.equal(plan(), 500);
  now = 60_000;
  assert.equal(plan(), undefined);
});

test('whoever hurries does not wait, and does not come twice', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let attempts = 0;
  const retry = new Retry({ initialDelayMs: 1000, maxDelayMs: 1000, factor: 1, giveUpAfterMs: Infinity }, () => 0);
  retry.plan(undefined, () => attempts++);
  retry.hurry();
  retry.hurry();
  t.mock.timers.tick(5000);
  assert.equal(attempts, 1);
});

test('the server’s clock is told by the shortest way, and its error is half of what the ways differ', () => {
  let now = 10_000;
  const clock = new ServerClock(() => now);
  assert.deepEqual([clock.isSynced, Number.isNaN(clock.now()), Number.isNaN(clock.roundTripMs)], [false, true, true]);
  clock.add(10_000, 10_200, 1_030_000_000, 1_030_000_000); // 30 ms there, 170 back: the server is at 1,029,970 + local 10,000
  clock.add(10_300, 10_342, 1_030_321_000, 1_030_323_000); // 20 ms each way, 2 between
  assert.equal(clock.roundTripMs, 40);
  now = 10_500;
  assert.ok(Math.abs(clock.now() - 1_030_500.999) < 1.1, `${clock.now()}`);
  clock.forget();
  assert.equal(clock.isSynced, false);
});
