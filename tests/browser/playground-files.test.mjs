// Files in the playground: pictures and models that one drops into the room, seen by all, kept when they are pinned.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RelayProgram, until, useBrowser } from './kit/index.mjs';
import { cube, noise, picture as drawn, swarm } from './kit/media.mjs';
import { enter, picture, put, quiet, things, toasts, webRoot } from './kit/playground.mjs';

const browser = useBrowser();
let relay;
/** Out of development mode: one needs an account. */
let guarded;
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relay-files-'));
  [relay, guarded] = await Promise.all([
    RelayProgram.start(webRoot, `--Relay:Storage:Directory=${join(folder, 'a')}`, '--Relay:Storage:ConnectionString='),
    RelayProgram.start(
      webRoot, `--Relay:Storage:Directory=${join(folder, 'b')}`, '--Relay:Host:Development=false', '--Relay:Files:MaxImageBytes=2097152', '--Relay:Files:GuestQuota=3145728'),
  ]);
});
after(async () => {
  await Promise.all([relay?.stop(), guarded?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Drops files onto a page, as from the desktop. */
async function drop(page, files, steps = ['dragenter', 'dragover', 'drop']) {
  const given = files.map(({ name, bytes }) => ({ name, text: bytes.toString('base64') }));
  const data = await page.evaluateHandle((all) => {
    const made = new DataTransfer();
    for (const { name, text } of all) made.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
    return made;
  }, given);
  for (const step of steps) await page.dispatchEvent('body', step, { dataTransfer: data });
}

/** What stands on a page for files: the sizes of its textures, how many triangles it has, and how it lies in the room. */
const exhibits = (page) => page.evaluate(() => {
  const { exhibits: { places } } = window.playground;
  return [...places].filter(([, { isThere, exhibit }]) => isThere && exhibit.object.visible).map(([thing, { name, exhibit }]) => {
    const textures = new Set();
    let triangles = 0;
    exhibit.object.traverse(({ geometry, material }) => {
      if (geometry) triangles += geometry.index.count / 3;
      if (material?.map) textures.add(material.map);
    });
    return {
      name, triangles, id: thing.id, isPinned: thing.isPinned, size: [...exhibit.size], bottom: thing.position.y - thing.rest,
      textures: [...textures].map(({ image }) => `${image.constructor.name} ${image.width}x${image.height}`),
      isTransparent: exhibit.object.children[0].material?.transparent ?? false,
    };
  });
});

const one = async (page) => (await exhibits(page))[0];
const said = (page, sentence) => until(async () => (await toasts(page)).some((toast) => sentence.test(toast)), `the page says ${sentence}`);

/** The colours of a thing's front on a page: left above, right above, left below, right below. */
const fields = (page, id) => page.evaluate((wanted) => {
  const { stage, figures, exhibits: { places } } = window.playground;
  const [, { exhibit: { object, size } }] = [...places].find(([thing]) => thing.id === wanted);
  object.updateMatrixWorld();
  stage.camera.position.set(0, 0, size[2] + 2).applyMatrix4(object.matrixWorld);
  stage.camera.quaternion.copy(object.quaternion);
  figures.draw([], stage.camera); // nobody stands in the way
  stage.renderer.render(stage.scene, stage.camera);
  const copy = document.createElement('canvas');
  const { width, height } = stage.renderer.domElement;
  Object.assign(copy, { width, height });
  const context = copy.getContext('2d');
  context.drawImage(stage.renderer.domElement, 0, 0);
  return [[-1, 1], [1, 1], [-1, -1], [1, -1]].map(([x, y]) => {
    const at = object.position.clone().set(x * size[0] / 4, y * size[1] / 4, size[2] / 2).applyMatrix4(object.matrixWorld).project(stage.camera);
    const [r, g, b] = context.getImageData(Math.round((at.x + 1) / 2 * width), Math.round((1 - at.y) / 2 * height), 1, 1).data;
    return Math.min(r, g) > 0.6 * Math.max(r, g) && g > b ? 'yellow' : r > Math.max(g, b) ? 'red' : g > b ? 'green' : 'blue';
  });
}, id);

/** A picture without what is said in passing. */
async function still(page, name) {
  await page.evaluate(() => { document.querySelector('.toasts').hidden = true; });
  await picture(page, name);
}

const COLOURS = ['red', 'green', 'blue', 'yellow'];

/** Stands before something and has it in reach. */
async function face(page, id) {
  const { x, z } = (await things(page)).find((thing) => thing.id === id);
  await put(page, x, z - 2, Math.PI);
  await until(() => page.evaluate((wanted) => window.playground.hands.aimed?.id === wanted, id), 'it is in reach');
}

test('a picture that is dropped is seen by everybody, is a thing like any other, and is there for good once it is pinned', async (t) => {
  const anna = await enter(browser, t, relay.url, { room: 'pictures' });
  const ben = await enter(browser, t, relay.url, { room: 'pictures', name: 'Ben' }, { colorScheme: 'dark' });
  const fetched = [];
  ben.on('response', (response) => { if (new URL(response.url()).pathname.startsWith('/files/')) fetched.push([response.status(), new URL(response.url()).pathname.split('/').slice(3).join()]); });
  await put(anna, 0, 11, Math.PI);
  await put(ben, 1.2, 10.5, Math.PI);
  const file = { name: 'four fields.png', bytes: drawn(1600, 800) };
  await drop(anna, [file], ['dragenter', 'dragover']);
  assert.match(await anna.locator('.drop').innerText(), /Everybody with its link can see it/);
  assert.equal(await anna.locator('.drop').isVisible(), true);
  await drop(anna, [file], ['drop']);
  assert.equal(await anna.locator('.drop').isHidden(), true);
  await said(anna, /four fields\.png is here\. Everybody with its link can see it\./);
  for (const page of [anna, ben]) {
    const shown = await until(() => one(page), 'it stands there');
    assert.deepEqual([shown.name, shown.textures, shown.isTransparent], ['four fields.png', ['ImageBitmap 1024x512'], false]);
    assert.deepEqual(shown.size.map((metres) => metres.toFixed(2)), ['1.69', '0.89', '0.05']);
    assert.ok(Math.abs(shown.bottom) < 0.05, `it stands on the ground: ${shown.bottom}`);
    assert.deepEqual(await fields(page, shown.id), COLOURS);
  }
  assert.deepEqual(fetched, [[200, '1024.webp']]);
  await still(anna, 'file-light');

  const { id } = await one(anna);
  await face(anna, id);
  await anna.keyboard.press('e');
  await until(async () => (await one(ben)).bottom > 0.3, 'Ben sees it lifted');
  await anna.keyboard.press('f');
  await until(async () => !await anna.evaluate(() => window.playground.hands.isBusy) && Math.abs((await one(ben)).bottom) < 0.05, 'thrown, it comes to rest');
  await face(anna, id);
  await anna.keyboard.press('p');
  await until(async () => (await one(ben)).isPinned, 'Ben sees it pinned');

  // One can see through it, in the dark too; it is not pinned, and goes with Ben.
  await put(ben, -6, 11, Math.PI);
  await drop(ben, [{ name: 'hole.png', bytes: drawn(300, 300, { hole: true }) }]);
  const hole = await until(async () => (await exhibits(ben)).find(({ name }) => name === 'hole.png'), 'it stands there');
  assert.deepEqual([hole.textures, hole.isTransparent, await fields(ben, hole.id)], [['ImageBitmap 300x300'], true, COLOURS]);
  await still(ben, 'file-dark');
  quiet(anna, ben);

  await Promise.all([anna, ben].map((page) => page.context().close()));
  await relay.stop();
  await relay.startAgain();
  const carl = await enter(browser, t, relay.url, { room: 'pictures', name: 'Carl' });
  const kept = await until(() => one(carl), 'Carl sees it');
  assert.deepEqual([kept.name, kept.isPinned, kept.textures, (await things(carl)).length], ['four fields.png', true, ['ImageBitmap 1024x512'], 1]);
  assert.deepEqual(await fields(carl, kept.id), COLOURS);
  quiet(carl);
});

test('a model stands in the room; one that is too much is told of on a card; what is removed is given up, on the graphics card too', async (t) => {
  const page = await enter(browser, t, relay.url, { room: 'models' });
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.evaluate(() => { window.playground.library.keptMs = 0; });
  await put(page, 0, 11, Math.PI);
  await drop(page, [{ name: 'cube.glb', bytes: cube() }]);
  const shown = await until(() => one(page), 'it stands there');
  assert.deepEqual([shown.name, shown.triangles, shown.textures], ['cube.glb', 12, ['ImageBitmap 64x64']]);
  assert.deepEqual(shown.size.map((metres) => metres.toFixed(2)), ['1.60', '1.60', '1.60']);
  assert.ok(Math.abs(shown.bottom) < 0.05, `it stands on the ground: ${shown.bottom}`);
  assert.deepEqual(await fields(page, shown.id), COLOURS);
  assert.equal(fetched.filter((path) => /^\/assets\/model-.*\.js$/.test(path)).length, 1, 'a part of the page that is not fetched before');
  await still(page, 'file-model');

  const remove = async () => {
    for (const { id } of await things(page)) {
      await face(page, id);
      await page.keyboard.press('x');
      await until(async () => (await things(page)).every((thing) => thing.id !== id), 'it is gone');
    }
    await until(() => page.evaluate(() => window.playground.library.count === 0), 'the files are given up');
  };
  const memory = () => page.evaluate(() => JSON.stringify(window.playground.stage.renderer.info.memory));
  await remove();
  const before = await memory();
  await drop(page, [{ name: 'swarm.glb', bytes: swarm(501_000) }, { name: 'again.glb', bytes: cube() }, { name: 'a.png', bytes: drawn(64, 64) }]);
  const all = await until(async () => (await exhibits(page)).length === 3 && await exhibits(page), 'all three stand there');
  assert.match(all.find(({ name }) => name === 'swarm.glb').textures.join(), /^HTMLCanvasElement/);
  await face(page, all.find(({ name }) => name === 'swarm.glb').id);
  await page.evaluate(() => { window.playground.walker.distance = 0; });
  await until(() => page.evaluate(() => !window.playground.walker.seesItself), 'one sees through her eyes');
  await still(page, 'file-card');
  assert.notEqual(await memory(), before);
  await remove();
  assert.equal(await memory(), before);
  quiet(page);
});

test('who has an account adds files and gives them up by keyboard alone, or by a tap; what is refused is said, and leaves nothing in the room', async (t) => {
  const page = await browser.page(t, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.goto(`${guarded.url}?room=keyboard`);
  await page.getByRole('button', { name: 'Come in as a guest' }).tap();
  await until(() => page.evaluate(() => window.playground.room !== undefined), 'one is in the room');
  await put(page, 0, 11, Math.PI);
  await drop(page, [{ name: 'trick.png', bytes: Buffer.from('<!doctype html><script>alert(1)</script>') }]);
  await said(page, /trick\.png is nothing that this server takes/);
  await drop(page, [{ name: 'large.png', bytes: noise(1000, 1000) }]);
  await said(page, /large\.png is too large: 2\.9 MiB, where 2 MiB are the most\./);
  // Of the first no smaller form is to be had: it is shown all the same.
  await page.route('**/1024.webp', (route) => route.fulfill({ status: 404 }));
  await drop(page, [{ name: 'one.png', bytes: noise(750, 750) }, { name: 'two.png', bytes: noise(750, 750) }]);
  await said(page, /There is no space left for two\.png: 3 MiB are the most for all files together\./);
  const { name, textures } = await until(() => one(page), 'one stands there');
  assert.deepEqual([name, textures], ['one.png', ['ImageBitmap 750x750']]);
  await page.unroute('**/1024.webp');
  await until(async () => await page.locator('.toast progress').count() === 0, 'nothing is under way');
  assert.equal((await things(page)).length, 1);
  // The browser notes what was refused; there is nothing else.
  assert.deepEqual(page.complaints.splice(0).filter((complaint) => !/status of 4(04|13|15)/.test(complaint)), []);

  const file = { name: 'key.png', mimeType: 'image/png', buffer: drawn(32, 32) };
  const choose = async (act) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), act()]);
    await chooser.setFiles(file);
  };
  // The answer does not come, so that there is time to give it up.
  await page.route('**/api/v1/files?*', () => undefined);
  await page.locator('#scene').focus();
  await choose(() => page.keyboard.press('u'));
  const cancel = page.locator('.toast button');
  await cancel.waitFor();
  for (let i = 0; i < 80 && !await cancel.evaluate((each) => each === document.activeElement); i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(async () => await page.locator('.toast progress').count() === 0, 'it is given up');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'scene', 'the focus goes back to the room');
  await page.unroute('**/api/v1/files?*');
  await page.getByRole('button', { name: 'Add a file' }).focus();
  await choose(() => page.keyboard.press('Enter'));
  await until(() => one(page), 'it stands there');

  await choose(() => page.getByRole('button', { name: 'Add a file' }).tap());
  await until(async () => (await exhibits(page)).length === 3, 'another stands there');
  await still(page, 'file-phone');
  quiet(page);
});
