// The playground: two people in one room, and what they do there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RelayProgram, screenshot, until, useBrowser } from './kit/index.mjs';
import { enter, put, shown, things, toasts, webRoot } from './kit/playground.mjs';

const WALK = 2.6;
const browser = useBrowser();
let relay;

before(async () => { relay = await RelayProgram.start(webRoot); });
after(() => relay?.stop());

async function pair(t, room) {
  const anna = await enter(browser, t, relay.url, { room, name: 'Anna' });
  const ben = await enter(browser, t, relay.url, { room, name: 'Ben' });
  await until(async () => await shown(ben, 'Anna') && await shown(anna, 'Ben'), 'both see each other');
  return [anna, ben];
}

function quiet(...pages) {
  assert.deepEqual(pages.flatMap((page) => page.complaints), []);
}

test('two people see each other walk, smoothly', async (t) => {
  const [anna, ben] = await pair(t, 'walk');
  await put(anna, -6, 9);
  await put(ben, 6, 9);
  await until(async () => { const { x, z } = await shown(ben, 'Anna'); return Math.hypot(x + 6, z - 9) < 0.01; }, 'Ben sees where Anna stands');
  // Each picture that Ben's page draws: where it shows Anna.
  await ben.evaluate(() => {
    const { people } = window.playground;
    const { id } = [...people.members.values()].find((member) => member.name === 'Anna');
    window.path = [];
    const look = (now) => {
      const { x, z } = people.figureOf(id).position;
      window.path.push({ now, x, z });
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await anna.keyboard.down('a');
  await until(async () => (await shown(ben, 'Anna')).x < -11, 'Ben sees Anna walk five metres');
  await anna.keyboard.up('a');
  const end = await until(async () => {
    const [own, seen] = [await shown(anna, 'Anna'), await shown(ben, 'Anna')];
    return Math.abs(own.x - seen.x) < 0.01 && Math.abs(own.z - seen.z) < 0.01 && seen;
  }, 'both agree on where Anna stopped');
  const path = await ben.evaluate(() => window.path);
  for (let i = 1; i < path.length; i++) {
    const step = path[i - 1].x - path[i].x;
    const seconds = (path[i].now - path[i - 1].now) / 1000;
    assert.ok(Math.abs(path[i].z - 9) < 0.02, `she keeps to her line: z ${path[i].z}`);
    assert.ok(step > -0.005 && step <= WALK * seconds * 1.25 + 0.06, `no jump: ${step} m in ${seconds} s, at picture ${i}`);
  }
  assert.ok(end.x < -11);
  await put(anna, 3.5, 9.5, -0.4);
  await until(async () => (await shown(ben, 'Anna')).x > 3.4, 'Anna is beside Ben');
  await screenshot(ben, 'playground-two');
  quiet(anna, ben);
});

test('a thing is made, taken, pinned, loosened, thrown and removed, and the other sees it all', async (t) => {
  const [anna, ben] = await pair(t, 'things');
  const one = async (page) => (await things(page))[0];
  await put(anna, 8, 12, Math.PI / 2);
  await put(ben, 9, 10);
  await anna.keyboard.press('2');
  await until(async () => (await one(ben))?.shape === 'ball', 'Ben sees a ball');
  await until(() => anna.evaluate(() => window.playground.hands.aimed !== undefined), 'Anna has it before her');

  await anna.keyboard.press('e');
  await until(async () => (await one(anna)).isCarried && (await one(ben)).y > 0.6, 'Anna holds it up');
  await put(ben, 8, 12.5, Math.PI / 2);
  await until(() => ben.evaluate(() => window.playground.hands.aimed !== undefined), 'Ben could reach for it');
  await ben.keyboard.press('e');
  await until(async () => (await toasts(ben)).includes('Anna is holding it.'), 'Ben is told who holds it');
  assert.equal((await one(anna)).isCarried, true);

  await anna.keyboard.press('p');
  await until(async () => (await one(ben)).isPinned && !(await one(anna)).isCarried, 'Ben sees it pinned');
  const pinned = await one(ben);
  assert.ok(pinned.y > 0.6, 'it stays in the air');
  await ben.keyboard.press('p');
  await until(async () => (await toasts(ben)).some((toast) => toast.includes('pinned by somebody else')), 'Ben may not loosen it');
  await until(() => anna.evaluate(() => window.playground.hands.aimed !== undefined), 'Anna has it before her');
  await anna.keyboard.press('p');
  await until(async () => !(await one(ben)).isPinned && (await one(ben)).y < 0.4, 'loosened, it falls');

  await until(() => anna.evaluate(() => window.playground.hands.aimed !== undefined), 'Anna has it before her');
  await anna.keyboard.press('e');
  await until(async () => (await one(anna)).isCarried, 'Anna holds it again');
  const before = await one(ben);
  await anna.keyboard.press('f');
  const far = await until(async () => {
    const [hers, his] = [await one(anna), await one(ben)];
    const distance = Math.hypot(his.x - before.x, his.z - before.z);
    const isSame = Math.hypot(hers.x - his.x, hers.y - his.y, hers.z - his.z) < 0.01;
    return distance > 3 && isSame && !await anna.evaluate(() => window.playground.hands.isBusy) && his;
  }, 'it lies far away, at the same place for both');
  assert.ok(far.y > 0.2 && far.y < 0.6, `it lies on the ground: ${far.y}`);

  // Whoever finds it takes it.
  await put(ben, far.x, far.z + 1.5);
  await until(() => ben.evaluate(() => window.playground.hands.aimed !== undefined), 'Ben has it before him');
  await ben.keyboard.press('e');
  await until(async () => (await one(ben)).isCarried && (await one(anna)).y > 0.6, 'Anna sees Ben hold it');
  await ben.keyboard.press('x');
  await until(async () => (await things(anna)).length === 0 && (await things(ben)).length === 0, 'it is gone for both');
  quiet(anna, ben);
});

test('things that are not pinned go with whoever owns them; pinned ones stay for a newcomer', async (t) => {
  const [anna, ben] = await pair(t, 'stay');
  await put(anna, 0, 12, Math.PI);
  await anna.keyboard.press('1');
  await until(() => anna.evaluate(() => window.playground.hands.aimed !== undefined), 'Anna has a box before her');
  await anna.keyboard.press('p');
  await until(async () => (await things(ben))[0]?.isPinned, 'Ben sees it pinned');
  await anna.keyboard.press('3');
  await until(async () => (await things(ben)).length === 2, 'Ben sees two things');
  await anna.context().close();
  await until(async () => (await things(ben)).length === 1 && await shown(ben, 'Anna') === undefined, 'Anna and her gem have gone');
  const carl = await enter(browser, t, relay.url, { room: 'stay', name: 'Carl' });
  assert.deepEqual((await things(carl)).map(({ shape, isPinned }) => ({ shape, isPinned })), [{ shape: 'box', isPinned: true }]);
  quiet(ben, carl);
});

test('they chat, and see each other type', async (t) => {
  const [anna, ben] = await pair(t, 'chat');
  await put(anna, 0, 9);
  await put(ben, 0, 11);
  for (const [page, other, name, text] of [[anna, ben, 'Anna', 'Shall we play?'], [ben, anna, 'Ben', '<b>Yes</b> & now']]) {
    await page.bringToFront();
    if (await page.locator('#chat').isHidden()) await page.keyboard.press('Enter');
    await page.keyboard.type(text.slice(0, 3));
    if (await other.locator('#chat').isHidden()) await other.locator('.opener[aria-controls=chat]').click();
    await until(async () => await other.locator('.chat-typing').textContent() === `${name} typing…`, `${name} is seen to type`);
    await page.keyboard.type(text.slice(3));
    await page.keyboard.press('Enter');
    for (const each of [page, other]) {
      await until(async () => (await each.locator('.chat-lines').innerText()).includes(`${name} ${text}`), `"${text}" is there, as text`);
    }
    await until(async () => await other.locator('.chat-typing').textContent() === '', 'nobody types');
  }
  await until(async () => (await ben.locator('.tag-bubble:visible').allTextContents()).includes('Shall we play?'), 'what Anna said stands over her head');
  // Keys that were typed are no steps.
  assert.deepEqual(await anna.evaluate(() => window.playground.walker.position.toArray()), [0, 0, 9]);
  await screenshot(ben, 'playground-chat');
  quiet(anna, ben);
});

test('a high five is seen on both sides', async (t) => {
  const [anna, ben] = await pair(t, 'five');
  await put(anna, 0, 9);
  await put(ben, 12, 9);
  await until(async () => (await shown(anna, 'Ben')).x > 11.9, 'Ben is far away');
  await anna.keyboard.press('h');
  await until(async () => (await toasts(anna)).includes('Stand beside somebody for a high five.'), 'there is nobody');
  await put(ben, 1, 8.5, 1.5);
  await until(async () => (await shown(anna, 'Ben')).x < 1.1 && await anna.getByRole('button', { name: 'High five' }).getAttribute('aria-disabled') === 'false', 'Ben is near');
  const lifts = Promise.all([anna, ben].flatMap((page) => ['Anna', 'Ben'].map((name) => page.waitForFunction((called) => {
    const { people } = window.playground;
    const { id } = [...people.members.values()].find((member) => member.name === called);
    return people.figureOf(id).isHighFiving;
  }, name, { polling: 'raf' }))));
  await anna.keyboard.press('h');
  await lifts;
  await until(async () => (await toasts(ben)).includes('Anna gave you a high five.'), 'Ben is told');
  quiet(anna, ben);
});

test('the figures are there, and keep their places', async (t) => {
  const [anna, ben] = await pair(t, 'figures');
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
  const [anna, ben] = await pair(t, 'frames');
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
  await screenshot(anna, 'playground-inspector');
  await anna.keyboard.press('Escape');
  assert.equal(await logged(), 0, 'closed, it forgets');
  quiet(anna, ben);
});

test('a bad network is late, a cut one comes back, and the others see nothing of it', async (t) => {
  const [anna, ben] = await pair(t, 'cut');
  await put(anna, -2, 9);
  await put(ben, 2, 9);
  await until(async () => Math.abs((await shown(ben, 'Anna')).x + 2) < 0.02 && Math.abs((await shown(anna, 'Ben')).x - 2) < 0.02, 'both stand');
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
  await screenshot(anna, 'playground-cut');
  await until(async () => (await toasts(anna)).includes('Back again. You have missed nothing.'), 'the session goes on', 30_000);
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
  const [anna, ben] = await pair(t, 'bots');
  const people = (page) => page.evaluate(() => window.playground.people.members.size);
  await anna.keyboard.press('n');
  await anna.getByRole('button', { name: '100 bots' }).click();
  await until(async () => (await anna.locator('.network').innerText()).includes('100 of 100 connections from this browser.'), 'all are in', 60_000);
  await until(async () => await people(ben) === 102 && Number(await ben.locator('.people').textContent()) === 102, 'Ben counts them');
  const places = async () => (await Promise.all(['Bot 1', 'Bot 50', 'Bot 100'].map((name) => shown(ben, name))));
  const before = await until(async () => (await places()).every(Boolean) && await places(), 'Ben sees them');
  await until(async () => (await places()).every((now, i) => Math.hypot(now.x - before[i].x, now.z - before[i].z) > 0.7), 'they walk');
  await screenshot(anna, 'playground-bots');
  await anna.getByRole('button', { name: 'Stop bots' }).click();
  await until(async () => await people(ben) === 2, 'they are gone');
  quiet(anna, ben);
});
