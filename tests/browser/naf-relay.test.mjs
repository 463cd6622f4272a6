// networked-aframe's stock examples with `adapter: relay`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenshot, until } from './kit/index.mjs';
import { distance, look, ownOf, stand, untilSame, useExamples } from './kit/naf.mjs';

const examples = useExamples('with-relay');
const { open } = examples;

test('basic.html: pages see each other walk and turn; who comes late sees the same; who leaves is gone', async (t) => {
  const [anna, ben] = [await open(t, 'basic.html', { isBare: false }), await open(t, 'basic.html', { isBare: false })];
  const [view] = await untilSame([anna, ben], 4);
  const rig = ownOf(view, '#rig-template');
  const head = ownOf(view, '#avatar-template');
  assert.equal(view.entities[head].parent, rig);

  const start = (await look(ben)).entities[rig].position;
  await anna.bringToFront();
  await anna.locator('canvas.a-canvas').click();
  await anna.keyboard.down('w');
  await until(async () => distance((await look(ben)).entities[rig].position, start) > 1, 'Ben sees Anna walk a metre');
  await anna.keyboard.up('w');
  const before = (await look(ben)).entities[head].rotation;
  await anna.mouse.move(180, 110);
  await anna.mouse.down();
  await anna.mouse.move(80, 90, { steps: 5 });
  await anna.mouse.up();
  await until(async () => distance((await look(ben)).entities[head].rotation, before) > 0.1, 'Ben sees Anna turn her head');
  await untilSame([anna, ben], 4);

  const carl = await open(t, 'basic.html', { isBare: false });
  const views = await untilSame([anna, ben, carl], 6);
  assert.equal(new Set(views.map(({ me }) => me)).size, 3);
  await Promise.all([stand(anna, -0.5, 3), stand(ben, 0.5, 2.5), stand(carl, 0, 4.5)]);
  await untilSame([anna, ben, carl], 6);
  await screenshot(carl, 'naf-relay-basic');
  await anna.goto('about:blank');
  await untilSame([ben, carl], 4, 'Anna is gone');
  assert.deepEqual([...ben.complaints, ...carl.complaints], []);
});

test('ownership-transfer.html: of pages that race for a thing exactly one wins; it goes with its maker and outlives its owners', async (t) => {
  const example = 'ownership-transfer.html';
  const [anna, ben, carl] = await Promise.all([open(t, example), open(t, example), open(t, example)]);
  await anna.bringToFront();
  await anna.keyboard.press('Space');
  const pages = [anna, ben, carl];
  let views = await untilSame(pages, 4);
  const cube = ownOf(views[0], '#cube-template');

  await ben.bringToFront();
  await ben.keyboard.press('Enter');
  await until(async () => (await look(carl)).entities[cube].owner === views[1].me, 'Carl sees that the cube is Ben\'s');
  views = await untilSame(pages, 4);
  assert.equal(views[2].entities[cube].color, await ben.evaluate(() => document.querySelector('#player .head').getAttribute('material').color));

  for (let round = 0; round < 6; round++) {
    const owner = views[0].entities[cube].owner;
    const racers = pages.filter((_, i) => views[i].me !== owner);
    const took = await Promise.all(racers.map((page) => page.evaluate((id) => NAF.utils.takeOwnership(NAF.entities.entities[id]), cube)));
    assert.ok(took.every(Boolean), 'each believes at first that it has it');
    await until(async () => (await Promise.all(pages.map(look))).every(({ entities }) => entities[cube].owner !== owner), 'the cube has another owner');
    views = await untilSame(pages, 4, `one of two has won in round ${round}`);
    const winner = views[0].entities[cube].owner;
    assert.ok(racers.some((page) => views[pages.indexOf(page)].me === winner));
    assert.equal((await Promise.all(pages.map((page) => page.evaluate((id) => NAF.utils.isMine(NAF.entities.entities[id]), cube)))).filter(Boolean).length, 1);
  }

  // Each has it in turn, and puts it where it was when he or she had it last.
  for (const [page, y] of [[anna, 1], [ben, 2], [anna, 1]]) {
    await page.evaluate(([id, height]) => {
      const el = NAF.entities.entities[id];
      NAF.utils.takeOwnership(el);
      el.setAttribute('position', { x: 0, y: height, z: 0 });
    }, [cube, y]);
    await until(async () => distance((await look(carl)).entities[cube].position, [0, y, 0]) < 0.01, `Carl sees the cube at ${y} m`);
  }

  // Ben owns it and leaves: it goes back to Anna, who made it.
  await ben.evaluate((id) => NAF.utils.takeOwnership(NAF.entities.entities[id]), cube);
  await until(async () => (await look(carl)).entities[cube].owner === views[1].me, 'the cube is Ben\'s again');
  await ben.evaluate((id) => NAF.entities.entities[id].setAttribute('position', { x: 0, y: 1, z: 0 }), cube);
  await Promise.all([stand(anna, -1.2, 1), stand(ben, 1.2, 1), stand(carl, 0, 4)]);
  await untilSame(pages, 4);
  await screenshot(carl, 'naf-relay-ownership');
  await ben.goto('about:blank');
  await until(async () => (await look(carl)).entities[cube].owner === views[0].me, 'the cube is Anna\'s again');
  await untilSame([anna, carl], 3);

  // Carl owns it and Anna leaves: it goes with her.
  await carl.evaluate((id) => NAF.utils.takeOwnership(NAF.entities.entities[id]), cube);
  await until(async () => (await look(anna)).entities[cube].owner === views[2].me, 'the cube is Carl\'s');
  await anna.goto('about:blank');
  await until(async () => Object.keys((await look(carl)).entities).length === 1, 'the cube has gone with Anna');
  const late = await open(t, example);
  await untilSame([carl, late], 2);
});

test('basic-persistent.html: what is persistent stays, changed as it was, with exactly one owner', async (t) => {
  const example = 'basic-persistent.html';
  const [anna, ben, carl] = await Promise.all([open(t, example), open(t, example), open(t, example)]);
  const pages = [anna, ben, carl];
  await untilSame(pages, 4);
  const click = (page) => page.evaluate(() => document.querySelector('#sphere').emit('click'));

  // Nobody has it yet, and two want it at once.
  await Promise.all([click(anna), click(ben)]);
  await until(async () => (await look(carl)).entities.sphere.owner !== 'scene', 'the sphere has an owner');
  let views = await untilSame(pages, 4);
  assert.ok([views[0].me, views[1].me].includes(views[2].entities.sphere.owner));

  await click(carl);
  await until(async () => (await look(anna)).entities.sphere.owner === views[2].me, 'the sphere is Carl\'s');
  views = await untilSame(pages, 4);
  const { color } = views[0].entities.sphere;
  const late = await open(t, example);
  views = await untilSame([...pages, late], 5);
  assert.equal(views[3].entities.sphere.color, color);
  await Promise.all([stand(anna, -1.6, 1), stand(ben, 1.6, 1), stand(carl, 1.3, 2), stand(late, 0, 5)]);
  await untilSame([...pages, late], 5);
  await screenshot(late, 'naf-relay-persistent');

  await carl.goto('about:blank');
  views = await untilSame([anna, ben, late], 4, 'the sphere has stayed');
  assert.ok(views.some(({ me }) => me === views[0].entities.sphere.owner));
  assert.equal(views[0].entities.sphere.color, color);
});

test('persistent-peer-to-peer.html: what a page has made persistent reaches who comes late, and stays without its maker', async (t) => {
  const example = 'persistent-peer-to-peer.html';
  const [anna, ben] = await Promise.all([open(t, example), open(t, example)]);
  await anna.bringToFront();
  await anna.keyboard.press('Space');
  await untilSame([anna, ben], 3);
  const carl = await open(t, example);
  await untilSame([anna, ben, carl], 4);
  await anna.goto('about:blank');
  const views = await untilSame([ben, carl], 3);
  const [sphere] = Object.values(views[0].entities).filter(({ template }) => template === '#sphere-template');
  assert.ok(views.some(({ me }) => me === sphere.owner));
});

test('child-entities.html: children are under their parents, beyond the room too', async (t) => {
  const [anna, ben] = await Promise.all([open(t, 'child-entities.html'), open(t, 'child-entities.html')]);
  const [view] = await untilSame([anna, ben], 4);
  const [player, face] = [ownOf(view, '#avatar-template'), ownOf(view, '#face-template')];
  assert.equal(view.entities[face].parent, player);
  assert.ok(await ben.evaluate(([child, parent]) => NAF.entities.entities[child].parentElement === NAF.entities.entities[parent], [face, player]));

  for (const position of [[100, 1.6, -250.125], [3.25, 1.6, 4]]) {
    await anna.evaluate(([x, y, z]) => document.querySelector('#player').setAttribute('position', { x, y, z }), position);
    await until(async () => distance((await look(ben)).entities[player].position, position) < 0.01, `Ben sees Anna at ${position}`);
  }
  await untilSame([anna, ben], 4);

  // Removed by its page, with what is under it; and made anew under the same id.
  await anna.evaluate(() => document.querySelector('#face').removeAttribute('networked'));
  await until(async () => Object.keys((await look(ben)).entities).length === 3, 'Ben sees that the face is gone');
});
