import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pacer } from '../dist/pacer.js';

test('what is too much waits its turn, in order, and no more is done than may be', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const done = [];
  const pacer = new Pacer(10, 3, 100, () => Date.now());
  for (let i = 0; i < 10; i++) assert.ok(pacer.push(() => done.push([i, Date.now()])));
  assert.deepEqual(done.map(([i]) => i), [0, 1, 2]);
  assert.equal(pacer.tryNow(() => done.push('unfair')), false, 'nobody overtakes');
  for (let ms = 0; ms < 2000; ms += 10) t.mock.timers.tick(10);
  assert.deepEqual(done.map(([i]) => i), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const [i, at] of done) assert.ok(at >= (i - 2) * 100 && at <= (i - 2) * 100 + 120 || i < 3, `job ${i} at ${at} ms`);
  assert.ok(pacer.tryNow(() => done.push('later')));
});

test('too many do not wait, and nothing does after the end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let done = 0;
  const pacer = new Pacer(10, 1, 2, () => Date.now());
  assert.deepEqual([1, 2, 3, 4].map(() => pacer.push(() => done++)), [true, true, true, false]);
  pacer.stop();
  t.mock.timers.tick(10_000);
  assert.equal(done, 1);
});
