// What 200 avatars cost a page, measured in Chromium: node tests/browser/figures.mjs [--seconds 60] [--avatars 200]
// Not a test: times depend on the machine. Prints one line of JSON; README says what it gave.

import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { RelayClient } from '../../clients/js/dist/index.js';
import { Browser } from './kit/browser.mjs';
import { serveClient } from './kit/client-site.mjs';
import { RelayProgram } from './kit/program.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, avatars: { type: 'string', default: '200' } } });
const seconds = Number(values.seconds);
const avatars = Number(values.avatars);

/** In a page: joins, shows everybody in a scene of three.js that is not drawn, and notes what each frame costs. */
async function measure({ url, room: name, seconds, avatars }) {
  const { RelayClient } = await import('@relay/client');
  const { MotionBinder } = await import('@relay/client/three');
  const { Scene, Group, Mesh, BoxGeometry, MeshBasicMaterial } = await import('three');

  // What messages cost: all of it, from the event to the end of decoding.
  let decoding = 0, batches = 0;
  const createSocket = (address, protocol) => {
    const socket = new WebSocket(address, protocol);
    Object.defineProperty(socket, 'onmessage', { set(listener) {
      socket.addEventListener('message', (event) => {
        const begun = performance.now();
        listener?.(event);
        decoding += performance.now() - begun;
        batches++;
      });
    } });
    return socket;
  };
  const client = new RelayClient({ url, credentials: 'Viewer', createSocket });
  await client.connect();
  const room = await client.join(name);
  const scene = new Scene();
  const binder = new MotionBinder(room);
  const [geometry, material] = [new BoxGeometry(), new MeshBasicMaterial()];
  for (const member of room.members.values()) {
    const avatar = new Group();
    avatar.add(new Mesh(geometry, material), new Mesh(geometry, material)); // a body and a head
    scene.add(avatar);
    if (member.id !== room.self) binder.bind(member.slot, avatar);
  }

  const frames = [], lasts = [];
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const end = performance.now() + 1000 * seconds;
  const settled = performance.now() + 8000; // the compiler, and the delay, have found themselves
  let heap, before = NaN;
  const heapNow = () => { window.gc?.(); return performance.memory.usedJSHeapSize; };
  while (performance.now() < end) {
    await frame();
    const begun = performance.now();
    binder.update();
    scene.updateMatrixWorld();
    const cost = performance.now() - begun + decoding;
    decoding = 0;
    if (begun < settled) continue;
    heap ??= heapNow();
    frames.push(cost);
    if (!Number.isNaN(before)) lasts.push(begun - before);
    before = begun;
  }
  const sort = (list) => list.sort((a, b) => a - b);
  const part = (list, share) => Number(list[Math.floor(list.length * share)].toFixed(3));
  sort(frames);
  sort(lasts);
  return {
    avatars, shown: room.motion.present.reduce((sum, one) => sum + one, 0), frames: frames.length, batches,
    frameCostMs: { median: part(frames, 0.5), p95: part(frames, 0.95), p99: part(frames, 0.99) },
    frameIntervalMs: { median: part(lasts, 0.5), p99: part(lasts, 0.99) }, heapGrowthBytes: heapNow() - heap,
  };
}

const site = await serveClient();
const program = await RelayProgram.start(`--Relay:AllowedOrigins:0=${site.url.slice(0, -1)}`);
const browser = new Browser();
const walkers = [];
try {
  // The walkers are in this process; they send, and need not decode.
  const createSocket = (url, protocol) => new WebSocket(url, protocol);
  for (let i = 0; i < avatars; i++) {
    const walker = new RelayClient({ url: program.webSocketUrl, credentials: `Walker ${i}`, createSocket });
    await walker.connect();
    walkers.push({ walker, room: await walker.join('figures') });
  }
  const walking = setInterval(() => {
    const now = performance.now() / 1000;
    walkers.forEach(({ room }, i) => {
      const angle = now * 0.5 + i;
      room.move([(2 + i % 20) * Math.cos(angle), 0, (2 + i % 20) * Math.sin(angle)], [0, Math.sin(-angle / 2), 0, Math.cos(angle / 2)]);
    });
  }, 50);
  await browser.open();
  const page = await browser.page({ after() {} });
  await page.goto(site.url);
  console.log(JSON.stringify(await page.evaluate(measure, { url: program.webSocketUrl, room: 'figures', seconds, avatars })));
  clearInterval(walking);
} finally {
  await browser.close();
  await Promise.all(walkers.map(({ walker }) => walker.close()));
  await site.stop();
  await program.stop();
}
