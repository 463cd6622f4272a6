// @relay/client in a real browser, with its own WebSocket: what clients/js/test tries in Node, from end to end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Proxy, RelayProgram, until, useBrowser } from './kit/index.mjs';
import { useClientSite } from './kit/client-site.mjs';

const browser = useBrowser();
const relay = useClientSite();

async function open(t) {
  const page = await browser.page(t);
  await page.goto(relay.site.url);
  return page;
}

test('two members: presence, motion, objects, attributes, ownership, messages', async (t) => {
  const page = await open(t);
  const told = await page.evaluate(async (url) => {
    const { RelayClient, RelayError } = await import('@relay/client');
    const until = async (condition) => { while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10)); };
    const join = async (name) => {
      const client = new RelayClient({ url, credentials: name });
      await client.connect();
      return [client, await client.join('browser')];
    };
    const [anna, here] = await join('Anna');
    const [ben, there] = await join('Ben');
    const said = [];
    there.on('chat', ({ sender, text }) => said.push([here.members.get(sender).name, text]));
    there.on('message', ({ kind, value }) => said.push([kind, value]));
    here.chat('hello');
    here.send(1024, { a: [1, 2] });
    here.move([1, 2, 3], [0, 1, 0, 0]);
    const position = [], rotation = [];
    await until(() => there.motion.latest(here.slot, position, rotation) && said.length === 2);
    const ball = await here.createObject({ type: 'ball', place: { position: [0, 1, 0] }, attributes: [{ key: 'colour', value: 'red' }] });
    await until(() => there.objects.has(ball));
    await there.take(ball);
    const refused = await here.take(ball, here.self).catch((error) => [error instanceof RelayError, error.code, error.value === there.self]);
    await there.setAttribute({ kind: 'object', object: ball }, 'colour', 'blue');
    await until(() => here.objects.get(ball).attributes.get('colour').value === 'blue');
    const members = [...there.members.values()].map(({ name }) => name);
    await ben.close();
    await until(() => here.members.size === 1);
    const left = here.objects.size;
    await anna.close();
    return { said, position, rotation, refused, members, left, closed: anna.closed.name };
  }, `${relay.program.url}relay`);
  assert.deepEqual(told.said, [['Anna', 'hello'], [1024, { a: [1, 2] }]]);
  assert.deepEqual(told.position.map((value) => Math.round(value * 1000) / 1000), [1, 2, 3]);
  assert.ok(Math.abs(told.rotation[1]) > 0.9999);
  assert.deepEqual([told.refused, told.members, told.left, told.closed], [[true, 4412, true], ['Anna', 'Ben'], 0, 'normal']);
  assert.deepEqual(page.complaints, []);
});

test('objects of a three.js scene follow the room, singly and as instances', async (t) => {
  const page = await open(t);
  const seen = await page.evaluate(async (url) => {
    const { RelayClient } = await import('@relay/client');
    const { MotionBinder, applyToInstances } = await import('@relay/client/three');
    const { BoxGeometry, InstancedMesh, Matrix4, MeshBasicMaterial, Object3D, Quaternion, Vector3 } = await import('three');
    const [walker, watcher] = [new RelayClient({ url, credentials: 'Walker' }), new RelayClient({ url, credentials: 'Watcher' })];
    await walker.connect();
    await watcher.connect();
    const here = await walker.join('scene');
    const there = await watcher.join('scene');
    const [bound, empty] = [new Object3D(), new Object3D()];
    const binder = new MotionBinder(there);
    binder.bind(here.slot, bound);
    binder.bind(there.slot, empty);
    here.move([4, 0, -2], [0, Math.SQRT1_2, 0, Math.SQRT1_2], { scale: 2 });
    while (!bound.visible) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      binder.update();
    }
    const mesh = new InstancedMesh(new BoxGeometry(), new MeshBasicMaterial(), 8);
    applyToInstances(there.motion, mesh, [here.slot, there.slot]);
    const [matrix, position, rotation, scale] = [new Matrix4(), new Vector3(), new Quaternion(), new Vector3()];
    mesh.getMatrixAt(0, matrix);
    matrix.decompose(position, rotation, scale);
    const wanted = new Matrix4().compose(bound.position, bound.quaternion, bound.scale);
    await walker.close();
    await watcher.close();
    return {
      bound: bound.position.toArray(), scale: bound.scale.x, empty: empty.visible, count: mesh.count,
      worst: Math.max(...matrix.elements.map((value, i) => Math.abs(value - wanted.elements[i]))), nothing: mesh.instanceMatrix.array.slice(16, 32).every((value) => value === 0),
    };
  }, `${relay.program.url}relay`);
  assert.deepEqual(seen.bound.map((value) => Math.round(value * 1000) / 1000), [4, 0, -2]);
  assert.ok(seen.worst < 1e-5, `${seen.worst}`);
  assert.deepEqual([seen.scale, seen.empty, seen.count, seen.nothing], [2, false, 2, true]);
});

test('a cut and a killed server are survived by the page', async (t) => {
  const other = await RelayProgram.start(relay.allowed);
  const proxy = await Proxy.start(other.httpPort);
  t.after(async () => {
    await proxy.stop();
    await other.stop();
  });
  const page = await open(t);
  await page.evaluate(async (url) => {
    const { RelayClient } = await import('@relay/client');
    window.client = new RelayClient({ url, credentials: 'Anna', reconnect: { initialDelayMs: 20, maxDelayMs: 200 } });
    window.told = [];
    window.client.on('reconnected', ({ resumed }) => window.told.push(resumed));
    await window.client.connect();
    window.first = await window.client.join('cut');
  }, `ws://${proxy.http}/relay`);
  proxy.cut();
  await until(() => page.evaluate(() => window.told.length === 1 && window.client.state === 'open'), 'it is back after the cut');
  assert.deepEqual(await page.evaluate(() => [window.told, window.client.room === window.first]), [[true], true]);
  await other.kill();
  await other.startAgain();
  await until(() => page.evaluate(() => window.client.room !== window.first && window.client.room?.me.name === 'Anna'), 'it is in the room of the new server');
  assert.deepEqual(await page.evaluate(() => window.told), [true, false]);
});
