// Motion as it is seen in another tab, in a real browser, over the real program and a network with jitter.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { circle, error, longestStep, roughness } from '../../clients/js/test/kit/walk.mjs';
import { Proxy, until, useBrowser } from './kit/index.mjs';
import { useClientSite } from './kit/client-site.mjs';

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

/** In a page: notes what is shown of a slot in each frame. What arrives is held up for up to `jitter` ms, in order. */
async function watch({ url, room, slot, jitter }) {
  const { RelayClient } = await import('@relay/client');
  const shaky = (address, protocol) => {
    const socket = new WebSocket(address, protocol);
    const held = [];
    let last = 0;
    Object.defineProperty(socket, 'onmessage', { set(listener) {
      socket.addEventListener('message', (event) => {
        last = Math.max(last, performance.now() + Math.random() * jitter);
        held.push(event);
        setTimeout(() => listener?.(held.shift()), last - performance.now());
      });
    } });
    return socket;
  };
  window.client = new RelayClient({ url, credentials: 'Watcher', createSocket: jitter > 0 ? shaky : undefined, reconnect: { initialDelayMs: 20 } });
  await window.client.connect();
  window.room = await window.client.join(room);
  window.shown = [];
  window.states = [];
  window.client.on('reconnecting', () => window.states.push('away'));
  window.client.on('reconnected', ({ resumed }) => window.states.push(resumed ? 'resumed' : 'anew'));
  const frame = () => {
    const { motion } = window.room;
    motion.update();
    if (motion.present[slot]) window.shown.push({ at: performance.timeOrigin + performance.now(), position: [...motion.positions.subarray(3 * slot, 3 * slot + 3)] });
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
  const shownFrom = (ms) => watcher.evaluate((from) => window.shown.filter(({ at }) => at - window.shown[0].at > from), ms);
  const lasts = (ms) => until(() => watcher.evaluate((needed) => window.shown.length > 0 && window.shown.at(-1).at - window.shown[0].at > needed, ms), `${ms} ms are seen`, 60_000);
  return { walker, watcher, shownFrom, lasts };
}

/** How far from the path, and how even, eight seconds were. */
function judge(shown) {
  const origin = shown[0].at;
  const { metres, delay } = error(shown.map(({ at, position }) => ({ at: at - origin, position })), (ms) => circle(origin + ms));
  return { centimetres: Number((100 * metres).toFixed(1)), delay, roughness: Number(roughness(shown).toFixed(3)), frames: shown.length };
}

// Two pages, the relay and this test share a machine that may stall any of them, and a stall is no jitter of the network. So the machine is given a
// minute and a half for eight seconds without one; motion that is wrong by itself is wrong in all of them.
test('with 20 Hz and 80 ms of jitter a walker is shown within 5 cm of its path, at an even speed', async (t) => {
  const { watcher, shownFrom, lasts } = await watched(t, { room: 'jitter', jitter: 80 });
  const seen = [];
  for (let from = 12_000; from < 80_000; from += 4000) {
    await lasts(from + 8000);
    const window = (await shownFrom(from)).filter(({ at }, _, all) => at < all[0].at + 8000);
    const verdict = judge(window);
    seen.push(verdict);
    if (verdict.centimetres < 5 && verdict.roughness < 0.2) break;
  }
  t.diagnostic(JSON.stringify(seen.at(-1)));
  assert.ok(seen.at(-1).centimetres < 5 && seen.at(-1).roughness < 0.2, JSON.stringify(seen));
  assert.ok(seen.at(-1).frames > 160, 'the page was drawn');
  assert.deepEqual(watcher.complaints, []);
});

test('a connection that is cut for two seconds: the session goes on, and nothing that is shown jumps', async (t) => {
  const proxy = await Proxy.start(relay.program.httpPort);
  t.after(() => proxy.stop());
  const { watcher, shownFrom, lasts } = await watched(t, { room: 'cut', jitter: 0, via: proxy.http });
  await lasts(3000);
  proxy.down();
  await until(() => watcher.evaluate(() => window.states.includes('away')), 'the cut is noticed');
  await new Promise((resolve) => setTimeout(resolve, 2000)); // how long it lasts is what is tested
  proxy.up();
  await until(() => watcher.evaluate(() => window.states.includes('resumed')), 'the session goes on');
  await lasts(9000);
  const shown = await shownFrom(1000);
  // At 60 frames a second; a page that misses frames moves further in one.
  const paced = shown.slice(1).map(({ at, position }, i) => ({ at, position, fraction: Math.max(1, (at - shown[i].at) / (1000 / 60)) }));
  const step = Math.max(...paced.map(({ position, fraction }, i) => longestStep([shown[i], { position }]) / fraction));
  t.diagnostic(`${(100 * step).toFixed(1)} cm in a frame at most; 2.8 m were missed`);
  assert.ok(step < 0.25, `${step} m`);
  assert.deepEqual(await watcher.evaluate(() => window.states.filter((state) => state === 'anew')), []);
});
