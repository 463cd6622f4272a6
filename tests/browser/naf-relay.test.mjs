// networked-aframe's stock examples with `adapter: relay`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Proxy, RelayProgram, screenshot, until, useBrowser } from './kit/index.mjs';
import { look, openExample, serveExamples, stored, untilSame } from './kit/naf.mjs';

const browser = useBrowser();
let relay;
let site;

before(async () => {
  site = await serveExamples();
  relay = await RelayProgram.start('--Relay:Drain:Jitter=00:00:00.5', '--Relay:Drain:RetryAfter=00:00:00.2');
});

after(async () => {
  await relay?.stop();
  await site?.stop();
});

/** Opens an example; by way of `through`, if it is given. */
async function open(t, example, through = relay) {
  const page = await browser.page(t, { stored, at: { [through.http]: site.url }, viewport: { width: 360, height: 220 } });
  await openExample(page, `${through.url}with-relay/${example}`);
  return page;
}

const ownOf = ({ me, entities }, template) => Object.keys(entities).find((id) => entities[id].owner === me && entities[id].template === template);
const distance = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));

test('basic.html: pages see each other walk and turn; who comes late sees the same; who leaves is gone', async (t) => {
  const [anna, ben] = [await open(t, 'basic.html'), await open(t, 'basic.html')];
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

  const carl = await open(t, 'basic.html');
  const views = await untilSame([anna, ben, carl], 6);
  assert.equal(new Set(views.map(({ me }) => me)).size, 3);
  await screenshot(carl, 'naf-relay-basic');
  await anna.goto('about:blank');
  await untilSame([ben, carl], 4, 'Anna is gone');
  assert.deepEqual([...ben.complaints, ...carl.complaints], []);
});
