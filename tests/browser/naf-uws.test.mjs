// networked-aframe's stock example with `adapter: uws`, on Relay's endpoint for it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenshot, until } from './kit/index.mjs';
import { distance, look, ownOf, stand, untilSame, useExamples } from './kit/naf.mjs';

const examples = useExamples('uws', '--Relay:Host:NafUws:Enabled=true');
const { open } = examples;

test('basic.html: two pages see each other, and each other walk', async (t) => {
  const [anna, ben] = [await open(t, 'basic.html', { isBare: false }), await open(t, 'basic.html', { isBare: false })];
  const [view] = await untilSame([anna, ben], 4);
  const rig = ownOf(view, '#rig-template');
  const start = (await look(ben)).entities[rig].position;

  await anna.bringToFront();
  await anna.locator('canvas.a-canvas').click();
  await anna.keyboard.down('w');
  await until(async () => distance((await look(ben)).entities[rig].position, start) > 1, 'Ben sees Anna walk a metre');
  await anna.keyboard.up('w');
  await Promise.all([stand(anna, -0.4, 3), stand(ben, 0, 4.5)]);
  await untilSame([anna, ben], 4);
  await screenshot(ben, 'naf-uws-basic');

  const third = await open(t, 'basic.html', { isBare: false });
  await untilSame([anna, ben, third], 6);
  await anna.context().close();
  await untilSame([ben, third], 4);
  assert.deepEqual([...ben.complaints, ...third.complaints], []);
});

test('basic.html survives a restart of the server', async (t) => {
  const [anna, ben] = [await open(t, 'basic.html'), await open(t, 'basic.html')];
  await untilSame([anna, ben], 4);
  await examples.relay.stop();
  await examples.relay.startAgain();
  await until(() => anna.evaluate(() => NAF.connection.isConnected()), 'Anna is back');
  await untilSame([anna, ben], 4, 'both see each other after the restart');
});
