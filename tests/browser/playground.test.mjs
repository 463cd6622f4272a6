// The playground: two people in one room, and what they do there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RelayProgram, until, useBrowser } from './kit/index.mjs';
import { enter, pair, picture, put, quiet, shown, things, toasts, webRoot } from './kit/playground.mjs';

const WALK = 2.6; // metres a second
const EASE = 3; // of what was missed, so much is made good a second
const browser = useBrowser();
let relay;

before(async () => { relay = await RelayProgram.start(webRoot); });
after(() => relay?.stop());

test('two people see each other walk, smoothly', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'walk');
  await put(anna, -6, 9);
  await put(ben, 6, 9);
  await until(async () => { const { x, z } = await shown(ben, 'Anna'); return Math.hypot(x + 6, z - 9) < 0.01; }, 'Ben sees where Anna stands');
  // Each picture that the pages draw: where they show Anna.
  for (const page of [anna, ben]) {
    await page.evaluate(() => {
      const { people } = window.playground;
      const { id } = [...people.members.values()].find((member) => member.name === 'Anna');
      window.path = [];
      const look = (now) => {
        const { x, z } = people.figureOf(id).position;
        window.path.push({ now, x, z });
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      window.heard = [];
      window.playground.room.on('batch', () => window.heard.push(performance.now()));
    });
  }
  await anna.keyboard.down('a');
  await until(async () => (await shown(ben, 'Anna')).x < -11, 'Ben sees Anna walk five metres');
  await anna.keyboard.up('a');
  const end = await until(async () => {
    const [own, seen] = [await shown(anna, 'Anna'), await shown(ben, 'Anna')];
    return Math.abs(own.x - seen.x) < 0.01 && Math.abs(own.z - seen.z) < 0.01 && seen;
  }, 'both agree on where Anna stopped');
  const [own, path, heard] = [await anna.evaluate(() => window.path), ...await ben.evaluate(() => [window.path, window.heard])];
  // On a busy machine she herself walks in steps, and is not heard of for a while; nobody can see her more smoothly than that.
  const began = path.find(({ x }) => x < path[0].x - 0.1).now;
  const news = heard.filter((at) => at > began);
  const silence = Math.max(...news.slice(1).map((at, i) => at - news[i])) / 1000;
  const stride = Math.max(...own.slice(1).map(({ x }, i) => own[i].x - x));
  for (let i = 1; i < path.length; i++) {
    const step = path[i - 1].x - path[i].x;
    const seconds = (path[i].now - path[i - 1].now) / 1000;
    assert.ok(Math.abs(path[i].z - 9) < 0.02, `she keeps to her line: z ${path[i].z}`);
    assert.ok(step > -0.005 && step <= WALK * seconds * (1.25 + EASE * silence) + 1.5 * stride + 0.02,
      `no jump: ${step} m in ${seconds} s, at picture ${i}; her own longest step is ${stride} m, she was not heard of for ${silence} s`);
  }
  assert.ok(end.x < -11);
  await put(anna, 3.5, 9.5, -0.4);
  await until(async () => (await shown(ben, 'Anna')).x > 3.4, 'Anna is beside Ben');
  await picture(ben, 'two');
  quiet(anna, ben);
});

test('a thing is made, taken, pinned, loosened, thrown and removed, and the other sees it all', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'things');
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
  const [anna, ben] = await pair(browser, t, relay.url, 'stay');
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
  const [box, ...more] = await until(async () => (await things(carl)).length > 0 && await things(carl), 'Carl sees what is left');
  assert.deepEqual([box.shape, box.isPinned, more.length], ['box', true, 0]);
  quiet(ben, carl);
});

test('they chat, and see each other type', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'chat');
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
  await picture(ben, 'chat');
  quiet(anna, ben);
});

test('a high five is seen on both sides', async (t) => {
  const [anna, ben] = await pair(browser, t, relay.url, 'five');
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
