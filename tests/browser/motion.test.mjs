// Motion as it is seen in another tab, in a real browser, over the real program and a network with jitter.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circle, error, longestStep, roughness } from '../../clients/js/test/kit/walk.mjs';
import { Proxy, until, useBrowser } from './kit/index.mjs';
import { useClientSite } from './kit/client-site.mjs';
import { faults, replay, stalls } from './kit/sight.mjs';

const browser = useBrowser();
const relay = useClientSite();

/** In a page: walks round the circle, by the time that all pages of a machine share. */
async function walk({ url, room }) {
  const { RelayClient } = await import('@relay/client');
  const client = new RelayClient({ url, credentials: 'Walker' });
  await client.connect();
  const here = await client.join(room);
  window.path = (ms) => {
    const angle = (1.4 / 3) * (ms / 1000);
    return [3 * Math.cos(angle), 0, 3 * Math.sin(angle)];
  };
  const step = () => {
    here.move(window.path(performance.timeOrigin + performance.now()), [0, 0, 0, 1]);
    requestAnimationFrame(step);
  };
  step();
  return { slot: here.slot, member: here.self };
}

/**
 * In a page: notes what comes in, and what is shown of a slot in each frame. What arrives is held up for up to `jitter` ms, in order. For
 * the client the time stands still during a message, so that when it took it is known exactly, whatever else the machine does meanwhile.
 */
async function watch({ url, room, slot, jitter }) {
  const { RelayClient } = await import('@relay/client');
  const clock = () => performance.timeOrigin + performance.now();
  let moment;
  const shaky = (address, protocol) => {
    const socket = new WebSocket(address, protocol);
    const held = [];
    let last = 0;
    Object.defineProperty(socket, 'onmessage', { set(listener) {
      const give = () => {
        moment = clock();
        listener?.(held.shift());
        moment = undefined;
      };
      socket.addEventListener('message', (event) => {
        last = Math.max(last, performance.now() + Math.random() * jitter);
        held.push(event);
        if (jitter > 0) setTimeout(give, last - performance.now());
        else give();
      });
    } });
    return socket;
  };
  window.batches = [];
  window.client = new RelayClient({
    url, credentials: 'Watcher', createSocket: shaky, reconnect: { initialDelayMs: 20 }, now: () => moment ?? clock(),
    onFrame: (direction, frame) => { if (direction === 'in' && frame[3] === 0x31) window.batches.push({ at: moment, bytes: [...frame] }); },
  });
  await window.client.connect();
  window.room = await window.client.join(room);
  window.frames = [];
  window.states = [];
  window.client.on('reconnecting', () => window.states.push('away'));
  window.client.on('reconnected', ({ resumed }) => window.states.push(resumed ? 'resumed' : 'anew'));
  const frame = () => {
    const { motion } = window.room;
    const at = clock();
    motion.update(at);
    window.frames.push({ at, position: motion.present[slot] ? [...motion.positions.subarray(3 * slot, 3 * slot + 3)] : undefined });
    requestAnimationFrame(frame);
  };
  frame();
}

async function watched(t, { room, jitter, via = relay.program.http }) {
  const [walker, watcher] = [await browser.page(t), await browser.page(t)];
  await walker.goto(relay.site.url);
  await watcher.goto(relay.site.url);
  const { slot } = await walker.evaluate(walk, { url: relay.program.webSocketUrl, room });
  await watcher.evaluate(watch, { url: `ws://${via}/relay`, room, slot, jitter });
  const sight = () => watcher.evaluate((walkers) => {
    const { min, precision, steps, tickMs, ageUnitMs } = window.room.measures;
    const [[minX, minY, minZ], [stepsX, stepsY, stepsZ]] = [min, steps];
    const measures = { minX, minY, minZ, precision, stepsX, stepsY, stepsZ, tickMicros: tickMs * 1000, ageUnitMicros: ageUnitMs * 1000 };
    return { measures, slot: walkers, batches: window.batches, frames: window.frames };
  }, slot);
  const lasts = (ms) => until(() => watcher.evaluate((needed) => {
    const shown = window.frames.filter(({ position }) => position);
    return shown.length > 0 && shown.at(-1).at - shown[0].at > needed;
  }, ms), `${ms} ms are seen`, ms + 60_000);
  return { walker, watcher, sight, lasts };
}

/** How far from the path, and how even, a stretch was. */
function judge(shown) {
  const origin = shown[0].at;
  const { metres, delay } = error(shown.map(({ at, position }) => ({ at: at - origin, position })), (ms) => circle(origin + ms));
  return { centimetres: Number((100 * metres).toFixed(1)), delay, roughness: Number(roughness(shown).toFixed(3)), frames: shown.length };
}

const settling = 12_000; // until the delay has found itself
const stretch = 8000;
const memory = 10_000; // how long a stall keeps the delay from where it was
const longest = 44_000; // that is looked

/** Whether the machine held somebody up for longer than a display, a tick and the jitter do. */
const isStalled = ({ frame, sent, made, came }) => frame > 40 || sent > 80 || made > 25 || came > 150;

// Two pages, the relay and this test share a machine that may stall any of them, and a stall is no jitter of the network. So the machine is
// given time for eight seconds without one, in which the walk must be as good as it is said to be. One that has none is not waited for. On
// any machine each frame must be what the same messages give on a clock that the test moves (clients/js/test/motion.test.mjs says how good
// that is), and the walker must not leave the path, go back, or be farther behind than the messages were.
test('with 20 Hz and 80 ms of jitter a walker is shown within 5 cm of its path, at an even speed', async (t) => {
  const { watcher, sight, lasts } = await watched(t, { room: 'jitter', jitter: 80 });
  const seen = [];
  let isGood = false, all, shown;
  for (let from = settling; from <= longest - stretch && !isGood; from += 4000) {
    await lasts(from + stretch);
    all = await sight();
    shown = all.frames.filter(({ position }) => position);
    const start = shown[0].at + from;
    const window = shown.filter(({ at }) => at >= start && at < start + stretch);
    const verdict = { ...judge(window), stalls: stalls(shown, replay(all).samples, start - memory, start + stretch) };
    seen.push(verdict);
    isGood = verdict.centimetres < 5 && verdict.roughness < 0.2;
  }
  const { samples, farthest } = replay(all);
  t.diagnostic(`${JSON.stringify(seen.at(-1))} after ${seen.length}; ${farthest} m from the replay`);
  assert.ok(farthest < 0.001, `${farthest} m from what came in`);
  assert.deepEqual(faults(shown.filter(({ at }) => at > shown[0].at + settling), samples), []);
  assert.ok(isGood || seen.every((verdict) => isStalled(verdict.stalls)), JSON.stringify(seen));
  assert.ok(shown.length > 20 * seen.length, 'the page was drawn');
  assert.ok(samples.length > 5 * seen.length, 'the walker was told of');
  assert.deepEqual(watcher.complaints, []);
});

test('a connection that is cut for two seconds: the session goes on, and nothing that is shown jumps', async (t) => {
  const proxy = await Proxy.start(relay.program.httpPort);
  t.after(() => proxy.stop());
  const { watcher, sight, lasts } = await watched(t, { room: 'cut', jitter: 0, via: proxy.http });
  await lasts(3000);
  proxy.down();
  await until(() => watcher.evaluate(() => window.states.includes('away')), 'the cut is noticed');
  await new Promise((resolve) => setTimeout(resolve, 2000)); // how long it lasts is what is tested
  proxy.up();
  await until(() => watcher.evaluate(() => window.states.includes('resumed')), 'the session goes on');
  await lasts(9000);
  const all = await sight();
  const [first, ...others] = all.frames.filter(({ position }) => position);
  const shown = others.filter(({ at }) => at - first.at > 1000);
  // At 60 frames a second; a page that misses frames moves further in one.
  const { samples, farthest } = replay(all);
  const missed = 1.4 * Math.max(...samples.slice(1).map(({ at }, i) => at - samples[i].at)) / 1000;
  const paced = shown.slice(1).map(({ at, position }, i) => ({ at, position, fraction: Math.max(1, (at - shown[i].at) / (1000 / 60)) }));
  const step = Math.max(...paced.map(({ position, fraction }, i) => longestStep([shown[i], { position }]) / fraction));
  t.diagnostic(`${(100 * step).toFixed(1)} cm in a frame at most; ${missed.toFixed(1)} m were missed`);
  assert.ok(missed > 2.7 && step < 0.09 * missed, `${step} m`);
  assert.ok(farthest < 0.001, `${farthest} m from what came in`);
  assert.deepEqual(await watcher.evaluate(() => window.states.filter((state) => state === 'anew')), []);
});
