// The monitor's page against the real program with real clients: what it shows, and what it does.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { CloseCode, RelayClient } from '../../clients/js/dist/index.js';
import { RelayProgram, screenshot, until, useBrowser } from './kit/index.mjs';

const pages = fileURLToPath(new URL('../../clients/web/dist', import.meta.url));
const key = 'the key of these tests';
const browser = useBrowser();
let relay;

before(async () => {
  relay = await RelayProgram.start(
    `--Relay:Host:WebRoot=${pages}`, '--Relay:Shards=2', '--Relay:Limits:EventsPerSecond=0', '--Relay:Room:DefaultRole=owner');
});

after(() => relay?.stop());

/** A client in a room, with the socket below it. */
async function join(t, room, name) {
  let socket;
  const client = new RelayClient({
    url: relay.webSocketUrl,
    credentials: name,
    reconnect: false,
    createSocket: (url, protocol) => {
      socket = new WebSocket(url, protocol);
      socket.on('error', () => {});
      return socket;
    },
  });
  t.after(() => { socket.resume(); return client.close(); });
  await client.connect();
  return { client, socket, room: await client.join(room) };
}

/** Has members walk in a circle until the test ends. */
function walk(t, members) {
  const start = performance.now();
  const timer = setInterval(() => members.forEach(({ room }, i) => {
    const angle = (performance.now() - start) / 1000 + i;
    if (room.isOpen) room.move([3 * Math.cos(angle), 0, 3 * Math.sin(angle)], [0, 0, 0, 1]);
  }), 50);
  t.after(() => clearInterval(timer));
}

async function open(t, options = {}, hash = '') {
  const page = await browser.page(t, { viewport: { width: 1280, height: 900 }, ...options });
  await page.goto(`${relay.url}monitor${hash}`);
  await page.locator('#state[data-state=ready]').waitFor();
  return page;
}

const row = (page, name) => page.locator('.rooms tbody tr').filter({ has: page.getByRole('link', { name, exact: true }) });

/** How far a line of a chart reaches, as its number of points. */
const points = (page, title) => page.locator('#charts .chart').filter({ hasText: title }).locator('path.line-0')
  .evaluate((path) => path.getAttribute('d').split(/[ML]/).length - 1);

const isTooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

test('rooms, members and charts live, in light, dark and on a phone', async (t) => {
  const halls = [];
  for (const [room, size] of [['plaza', 6], ['halls/north', 3], ['quiet', 1]]) {
    for (let i = 0; i < size; i++) halls.push(await join(t, room, `${room} ${i + 1}`));
  }
  walk(t, halls.slice(0, 9));
  const page = await open(t);
  await until(async () => await row(page, 'plaza').locator('td').first().textContent() === '6', 'six members in plaza');
  await until(async () => /(µs|ms)$/.test(await row(page, 'plaza').locator('td').nth(2).textContent()), 'a tick time');
  assert.equal(await row(page, 'quiet').locator('td').nth(2).textContent(), 'idle');
  assert.deepEqual(await page.locator('.rooms tbody a').allTextContents(), ['plaza', 'halls/north', 'quiet']);
  const before = await points(page, 'Throughput');
  await until(async () => await points(page, 'Throughput') >= before + 3, 'the chart goes on');
  const label = await page.locator('#charts svg').nth(1).getAttribute('aria-label');
  assert.match(label, /^Throughput: out \d.*B\/s, in \d.*B\/s$/);

  // By name, and back; only what contains what is looked for.
  await page.getByRole('button', { name: 'Room', exact: true }).click();
  assert.deepEqual(await page.locator('.rooms tbody a').allTextContents(), ['halls/north', 'plaza', 'quiet']);
  assert.equal(await page.locator('.rooms th[aria-sort=ascending]').textContent(), 'Room');
  await page.getByRole('searchbox').fill('NORTH');
  assert.deepEqual(await page.locator('.rooms tbody a').allTextContents(), ['halls/north']);
  await page.getByRole('searchbox').fill('');

  // What changes its figures does not move anything.
  // The rows that have just come back are drawn first.
  await page.evaluate(async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    globalThis.shifts = [];
    const nameOf = ({ node }) => node?.parentElement?.outerHTML ?? node?.nodeName;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => globalThis.shifts.push([entry.value, ...entry.sources.map(nameOf)])))
      .observe({ type: 'layout-shift' });
  });
  const seen = await points(page, 'Throughput');
  await until(async () => await points(page, 'Throughput') >= seen + 3, 'three more samples');
  assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
  await screenshot(page, 'monitor-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, 'monitor-dark');
  for (const [colorScheme, name] of [['light', 'monitor-phone'], ['dark', 'monitor-phone-dark']]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 844 });
    assert.equal(await isTooWide(page), false);
    await screenshot(page, name);
    await page.locator('#rooms').scrollIntoViewIfNeeded();
    await screenshot(page, `${name}-rooms`);
  }
  assert.deepEqual(page.complaints, []);
});

test('a room is looked into, and a member taken out', async (t) => {
  const anna = await join(t, 'halls/library', 'Anna');
  const ben = await join(t, 'halls/library', 'Ben');
  walk(t, [anna, ben]);
  const place = { position: [1, 0, 2], rotation: [0, 0, 0, 1] };
  const table = await anna.room.createObject({ type: 'furniture', name: 'table', persistent: true, place });
  const cup = await anna.room.createObject({ type: 'cup', parent: table, attributes: [{ key: 'colour', value: 'blue' }] });
  await anna.room.setAttribute({ kind: 'room' }, 'topic', { text: 'Chess', rounds: [1, 2] });
  const page = await open(t);
  await page.getByRole('link', { name: 'halls/library' }).click();
  const room = page.locator('#room');
  await room.getByText('cup', { exact: true }).first().waitFor();
  const inside = room.locator('.tree .tree > li');
  assert.match(await inside.textContent(), new RegExp(`object ${cup}cup.*owned by Anna \\(${anna.room.me.id}\\).*colour"blue"`));
  assert.match(await room.locator('.room-state > div').last().textContent(), /topic\{"text": "Chess", "rounds": \[1, 2\]\}.*version/);
  assert.deepEqual(await room.locator('.members tbody th').evaluateAll((cells) => cells.map((cell) => cell.firstChild.textContent)), ['Anna', 'Ben']);
  await screenshot(page, 'monitor-room');
  await page.setViewportSize({ width: 390, height: 844 });
  await room.scrollIntoViewIfNeeded();
  assert.equal(await isTooWide(page), false);
  await screenshot(page, 'monitor-room-phone');

  // A change of the state is seen without a word.
  await anna.room.setAttribute({ kind: 'object', object: cup }, 'colour', 'red');
  await inside.getByText('"red"').waitFor();

  // Cancelled, nothing happens; the second time Ben has to leave.
  const kick = room.getByRole('button', { name: `Kick Ben ${ben.room.me.id}` });
  await kick.click();
  const dialog = page.getByRole('dialog');
  await screenshot(page, 'monitor-kick');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(ben.room.isOpen, true);
  const left = new Promise((resolve) => { ben.client.on('left', resolve); });
  await kick.click();
  await dialog.getByRole('button', { name: 'Take out' }).click();
  assert.equal((await left).code, CloseCode.Kicked);
  await page.getByText(/has been taken out/).waitFor();
  await screenshot(page, 'monitor-kicked');
  await until(async () => await room.locator('.members tbody tr').count() === 1, 'Ben is off the list');
  await room.getByRole('button', { name: 'Close the room' }).click();
  await room.waitFor({ state: 'hidden' });
  assert.deepEqual(page.complaints, []);

  // A room that is not there is said to be so, and shown when it opens.
  const later = await open(t, {}, '#room=later');
  await later.getByText(/There is no room of this name now/).waitFor();
  await join(t, 'later', 'Cleo');
  await later.locator('#room .members').getByText('Cleo').waitFor();
});

test('a member who does not read is shown, and why connections ended', async (t) => {
  const slow = await join(t, 'crowd', 'Slow');
  const loud = await join(t, 'crowd', 'Loud');
  walk(t, [loud]);
  slow.socket.pause();
  const page = await open(t, {}, '#room=crowd');
  const timer = setInterval(() => { for (let i = 0; i < 20; i++) loud.room.sendBytes(2000, new Uint8Array(8000)); }, 100);
  t.after(() => clearInterval(timer));
  const member = page.locator('#room .members tr').filter({ hasText: 'Slow' });
  await until(async () => /slow/.test(await member.locator('.tags').textContent()), 'Slow is slow');
  await until(async () => /versions/.test(await member.textContent()), 'and behind');
  await until(async () => Number(await row(page, 'crowd').locator('td').nth(5).textContent()) === 1, 'one slow member in the table');
  await screenshot(page, 'monitor-slow');
  clearInterval(timer);

  const stranger = new RelayClient({ url: relay.webSocketUrl, credentials: 'Stranger', reconnect: false,
    createSocket: (url, protocol) => new WebSocket(url, protocol) });
  await stranger.connect();
  await stranger.close();
  const closes = page.locator('#closes');
  await closes.getByText('The peer is done').first().waitFor();
  await closes.getByText('Stranger').waitFor();
  await closes.scrollIntoViewIfNeeded();
  await screenshot(page, 'monitor-closes');
});

test('a server that stops is said to be gone, and the page comes back by itself', async (t) => {
  const page = await open(t);
  await relay.kill();
  await page.locator('#state[data-state=lost]').waitFor();
  await page.getByText(/The server cannot be reached/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Drain…' }).isDisabled(), true);
  await screenshot(page, 'monitor-lost');
  await relay.startAgain();
  await page.locator('#state[data-state=ready]').waitFor();
  await page.locator('#notice').waitFor({ state: 'hidden' });
});

test('draining is confirmed, told to the clients, and shown', async (t) => {
  await relay.stop();
  await relay.startAgain('--Relay:Drain:Timeout=00:00:30');
  const anna = await join(t, 'plaza', 'Anna');
  const told = new Promise((resolve) => { anna.client.on('goAway', resolve); });
  const page = await open(t);
  await page.getByRole('button', { name: 'Drain…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain now' }).click();
  assert.equal((await told).reason, CloseCode.ServiceRestart);
  await page.locator('#state[data-state=draining]').waitFor();
  await page.getByText(/The server is draining/).waitFor();
  await screenshot(page, 'monitor-draining');
  assert.equal((await fetch(`${relay.url}health/ready`)).status, 503);
});

test('with a key it asks for it', async (t) => {
  await relay.stop();
  await relay.startAgain(`--Relay:Host:MonitorKey=${key}`, '--Relay:Drain:Timeout=00:00:01');
  const refused = await browser.page(t);
  assert.equal((await refused.goto(`${relay.url}monitor`).catch(() => undefined))?.status() ?? 401, 401);
  const page = await open(t, { httpCredentials: { username: 'operator', password: key } });
  const answer = await page.request.get(`${relay.url}monitor`);
  assert.equal(answer.headers()['cache-control'], 'no-store');
  assert.match(answer.headers()['content-security-policy'], /frame-ancestors 'none'/);
  await until(async () => await points(page, 'Members') >= 2, 'the stream comes with the key too');
  assert.deepEqual(page.complaints, []);
});
