// networked-aframe's stock example with `adapter: uws`, on Relay's endpoint for it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RelayProgram, screenshot, until, useBrowser } from './kit/index.mjs';
import { look, openExample, serveExamples, stand, stored, untilSame } from './kit/naf.mjs';

const browser = useBrowser();
let relay;
let site;

before(async () => {
  site = await serveExamples();
  relay = await RelayProgram.start('--Relay:Host:NafUws:Enabled=true', '--Relay:Limits:HelloTimeout=00:00:30');
});

after(async () => {
  await relay?.stop();
  await site?.stop();
});

async function open(t, example) {
  const page = await browser.page(t, { stored, at: { [relay.http]: site.url }, viewport: { width: 480, height: 300 } });
  await openExample(page, `${relay.url}uws/${example}`);
  return page;
}

test('basic.html: two pages see each other, and each other walk', async (t) => {
  const [anna, ben] = [await open(t, 'basic.html'), await open(t, 'basic.html')];
  const [{ me }] = await untilSame([anna, ben], 4);
  const rig = Object.entries((await look(anna)).entities).find(([, entity]) => entity.owner === me && entity.template === '#rig-template')[0];
  const start = (await look(ben)).entities[rig].position;

  await anna.bringToFront();
  await anna.locator('canvas.a-canvas').click();
  await anna.keyboard.down('w');
  await until(async () => {
    const now = (await look(ben)).entities[rig].position;
    return Math.hypot(...now.map((value, i) => value - start[i])) > 1;
  }, 'Ben sees Anna walk a metre');
  await anna.keyboard.up('w');
  await Promise.all([stand(anna, -0.4, 3), stand(ben, 0, 4.5)]);
  await untilSame([anna, ben], 4);
  await screenshot(ben, 'naf-uws-basic');

  const third = await open(t, 'basic.html');
  await untilSame([anna, ben, third], 6);
  await anna.context().close();
  await untilSame([ben, third], 4);
  assert.deepEqual([...ben.complaints, ...third.complaints], []);
});

test('basic.html survives a restart of the server', async (t) => {
  const [anna, ben] = [await open(t, 'basic.html'), await open(t, 'basic.html')];
  await untilSame([anna, ben], 4);
  await relay.stop();
  await relay.startAgain();
  await until(() => anna.evaluate(() => NAF.connection.isConnected()), 'Anna is back', 30_000);
  await untilSame([anna, ben], 4, 'both see each other after the restart');
});
