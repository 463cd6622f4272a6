// The playground's look behind the scene: figures, frames, a bad network, a crowd.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { overlookWorkers, RelayProgram, until, useBrowser } from './kit/index.mjs';
import { pair, picture, put, quiet, shown, things, toasts, webRoot } from './kit/playground.mjs';

const browser = useBrowser();
let relay;

before(async () => { relay = await RelayProgram.start(webRoot); });
after(() => relay?.stop());

test('the figures are there, and keep their places', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'figures');
  await anna.keyboard.press('g');
  await ben.keyboard.down('ArrowLeft');
  await ben.keyboard.down('w');
  const figure = async (key) => Number(await anna.locator(`[data-figure=${key}]`).textContent());
  await until(async () => await figure('members') === 2 && await figure('batches') > 5 && await figure('bytesIn') > 0, 'there is traffic');
  await until(async () => await figure('latency') > 0 && await figure('behind') > 0 && await figure('fps') > 0, 'there are times');
  await until(async () => await figure('tick') > 0 && await figure('allocated') >= 0 && await figure('connections') >= 2, 'the server tells of itself');
  assert.ok(await figure('skipped') >= 0 && await figure('reconnects') === 0 && await figure('motionMs') >= 0);
  const boxes = () => anna.locator('#figures tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => {
    const { x, y, width, height } = cell.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join();
  })));
  const first = await boxes();
  const bytes = await figure('bytesIn');
  await until(async () => await figure('bytesIn') !== bytes, 'new figures');
  assert.deepEqual(await boxes(), first);
  await ben.keyboard.up('w');
  await ben.keyboard.up('ArrowLeft');
  quiet(anna, ben);
});

test('the inspector shows frames as they pass, and what every byte means', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'frames');
  const logged = () => anna.evaluate(() => window.playground.log.newest(1000, () => true).length);
  assert.equal(await logged(), 0, 'closed, it keeps nothing');
  await anna.keyboard.press('i');
  await ben.keyboard.down('w');
  const rows = anna.locator('.frame:visible .name');
  await until(async () => (await rows.allTextContents()).includes('TransformBatch'), 'batches pass');
  await ben.keyboard.up('w');
  await anna.keyboard.press('2');
  await until(async () => (await rows.allTextContents()).includes('CreateObject'), 'its own frames pass');
  for (const name of ['TransformBatch', 'TransformUpdate']) {
    const chip = anna.locator('.chip', { hasText: name });
    if (await chip.count() > 0) {
      await chip.click();
      await until(async () => !(await rows.allTextContents()).includes(name), `${name} is left out`);
    }
  }
  await anna.locator('.frames').hover(); // what is under a pointer does not move on
  await anna.locator('.frame:visible', { hasText: 'CreateObject' }).first().click();
  assert.equal(await anna.getByRole('button', { name: 'Go on' }).getAttribute('aria-pressed'), 'true', 'the list stands still');
  const meanings = await anna.locator('.meanings div').evaluateAll((all) => all.map((each) => each.textContent));
  assert.ok(meanings.some((text) => /^bodyLength u24\d+$/.test(text)) && meanings.some((text) => text.startsWith('type string8"ball"')), meanings.join('\n'));
  const field = await anna.locator('.meanings div', { hasText: '"ball"' }).getAttribute('data-field');
  await anna.locator('.meanings div', { hasText: '"ball"' }).hover();
  const marked = await anna.locator('.hex .marked').allTextContents();
  assert.deepEqual(marked, ['04', '62', '61', '6c', '6c'], 'the bytes of the word');
  await anna.locator(`.hex [data-field="${field}"]`).first().hover();
  assert.equal(await anna.locator('.meanings .marked').count(), 1);
  await picture(anna, 'inspector');
  await anna.keyboard.press('Escape');
  assert.equal(await logged(), 0, 'closed, it forgets');
  quiet(anna, ben);
});

test('a bad network is late, a cut one comes back, and the others see nothing of it', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'cut');
  await put(anna, -2, 9);
  await put(ben, 2, 9);
  const stands = ({ x, z }, wanted) => Math.hypot(x - wanted, z - 9) < 0.01;
  await until(async () => stands(await shown(ben, 'Anna'), -2) && stands(await shown(anna, 'Ben'), 2), 'both stand');
  const watch = (page, name) => page.evaluate((called) => {
    const { people } = window.playground;
    const { id } = [...people.members.values()].find((member) => member.name === called);
    const start = people.figureOf(id).position.clone();
    window.worst = { away: 0, gone: 0 };
    const look = () => {
      const figure = people.figureOf(id);
      window.worst.gone += figure?.visible ? 0 : 1;
      window.worst.away = Math.max(window.worst.away, figure ? figure.position.distanceTo(start) : 0);
      requestAnimationFrame(look);
    };
    look();
  }, name);
  await watch(anna, 'Ben');
  await watch(ben, 'Anna');

  await anna.keyboard.press('n');
  await anna.getByRole('button', { name: 'Train' }).click();
  assert.equal(await anna.getByRole('switch').getAttribute('aria-checked'), 'true');
  await until(() => anna.evaluate(() => window.playground.session.client.clock.roundTripMs > 170), 'the way takes longer');
  await anna.getByRole('switch').click();

  await anna.getByRole('button', { name: 'Cut for 5 s' }).click();
  await until(async () => await anna.locator('.pill').getAttribute('data-state') === 'reconnecting', 'the page sees it');
  assert.match(await anna.locator('.notice').textContent(), /^The connection broke\. /);
  await picture(anna, 'cut');
  await until(async () => (await toasts(anna)).includes('Back again. You have missed nothing.'), 'the session goes on');
  assert.equal(await anna.locator('.notice').isHidden(), true);
  for (const page of [anna, ben]) {
    const worst = await page.evaluate(() => window.worst);
    assert.ok(worst.gone === 0 && worst.away < 0.05, `nobody vanished or jumped: ${JSON.stringify(worst)}`);
  }
  assert.equal(await ben.evaluate(() => [...document.querySelectorAll('.note')].some((note) => note.textContent.includes('left'))), false);

  await anna.getByRole('button', { name: 'Freeze for 2 s' }).click();
  await ben.keyboard.press('2');
  await until(async () => (await things(anna)).length === 1, 'what waited comes through');
  assert.equal(await anna.locator('.pill').getAttribute('data-state'), 'open');
  quiet(anna, ben);
});

test('a hundred bots come, walk and go', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'bots');
  const people = (page) => page.evaluate(() => window.playground.people.members.size);
  await anna.keyboard.press('n');
  const worker = anna.waitForEvent('worker');
  await anna.getByRole('button', { name: '100 bots' }).click();
  await worker;
  await overlookWorkers(anna);
  await until(async () => (await anna.locator('.network').innerText()).includes('100 of 100 connections from this browser.'), 'all are in');
  await until(async () => await people(ben) === 102 && Number(await ben.locator('.people').textContent()) === 102, 'Ben counts them');
  const places = async () => (await Promise.all(['Bot 1', 'Bot 50', 'Bot 100'].map((name) => shown(ben, name))));
  const before = await until(async () => (await places()).every(Boolean) && await places(), 'Ben sees them');
  await until(async () => (await places()).every((now, i) => Math.hypot(now.x - before[i].x, now.z - before[i].z) > 0.7), 'they walk');
  await picture(anna, 'bots');
  await anna.getByRole('button', { name: 'Stop bots' }).click();
  await until(async () => await people(ben) === 2, 'they are gone');
  quiet(anna, ben);
});
