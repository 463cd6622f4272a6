// Pages with `adapter: relay`: what their apps say, what the server refuses, and what breaks.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { RelayClient } from '../../clients/js/dist/index.js';
import { Proxy, RelayProgram, until } from './kit/index.mjs';
import { distance, look, ownOf, patience, untilSame, useExamples } from './kit/naf.mjs';

const examples = useExamples('with-relay', '--Relay:Drain:Jitter=00:00:00.5', '--Relay:Drain:RetryAfter=00:00:00.2');
const { open } = examples;

test('an app\'s own messages reach all or one, from who sent them', async (t) => {
  const example = 'child-entities.html';
  const [anna, ben, carl] = await Promise.all([open(t, example), open(t, example), open(t, example)]);
  const [{ me: annaId }, { me: benId }] = await untilSame([anna, ben, carl], 6);
  for (const page of [anna, ben, carl]) {
    await page.evaluate(() => {
      window.got = [];
      NAF.connection.subscribeToDataChannel('chat', (from, type, data) => window.got.push([from, type, data]));
    });
  }
  await anna.evaluate((to) => {
    const data = { text: 'grüß Gott', nested: [1, { a: null }] };
    NAF.connection.broadcastDataGuaranteed('chat', data);
    data.text = 'changed after the call';
    NAF.connection.sendDataGuaranteed(to, 'chat', 'for you');
    NAF.connection.broadcastData('chat', 'last');
  }, benId);
  const hello = [annaId, 'chat', { text: 'grüß Gott', nested: [1, { a: null }] }];
  await until(() => ben.evaluate(() => window.got.length === 3), 'Ben has three messages');
  assert.deepEqual(await ben.evaluate(() => window.got), [hello, [annaId, 'chat', 'for you'], [annaId, 'chat', 'last']]);
  await until(() => carl.evaluate(() => window.got.length === 2), 'Carl has two messages');
  assert.deepEqual(await carl.evaluate(() => window.got), [hello, [annaId, 'chat', 'last']]);
  assert.deepEqual(await anna.evaluate(() => window.got), []);
});

/** A client that is no page, in the same room. */
async function bot(t, relay = examples.relay) {
  const client = new RelayClient({ url: relay.webSocketUrl, credentials: 'bot', createSocket: (url, protocol) => new WebSocket(url, protocol) });
  t.after(() => client.close());
  await client.connect();
  return client.join('default/dev');
}

test('what the server refuses is taken back in the page, and events make no entities', async (t) => {
  const [anna, room] = await Promise.all([open(t, 'child-entities.html'), bot(t)]);
  const id = await room.createObject({ type: '#face-template', name: 'naf:thing', place: { position: [1, 2, -3], rotation: [0, Math.SQRT1_2, 0, Math.SQRT1_2] } });
  await room.lock(id);
  const thing = await until(async () => {
    const { entities: { thing: seen } } = await look(anna);
    return seen && distance(seen.position, [1, 2, -3]) < 0.002 && distance(seen.rotation, [0, Math.SQRT1_2, 0, Math.SQRT1_2]) < 0.005 && seen;
  }, 'Anna sees the thing where it is');

  // Taken, and even removed, before the server could say that it is locked.
  await anna.evaluate(() => {
    const { thing } = NAF.entities.entities;
    NAF.utils.takeOwnership(thing);
    thing.parentNode.removeChild(thing);
  });
  await until(async () => (await look(anna)).entities.thing?.owner === thing.owner, 'the thing is back, and its owner\'s');
  assert.equal(room.objects.get(id).owner, room.self);

  await room.unlock(id);
  await anna.evaluate(() => NAF.utils.takeOwnership(NAF.entities.entities.thing));
  await until(() => room.objects.get(id).owner !== room.self, 'Anna has the thing');
  await anna.evaluate(() => NAF.entities.entities.thing.remove());
  await until(() => !room.objects.has(id), 'Anna has removed the thing');

  await anna.evaluate(() => NAF.connection.subscribeToDataChannel('hello', () => { window.greeted = true; }));
  const kind = 0x4e46;
  const forged = { networkId: 'forged', owner: 'scene', creator: '', lastOwnerTime: 1e15, template: '#face-template', persistent: false, parent: null, components: {}, isFirstSync: true };
  for (const value of [['u', forged], ['um', { d: [forged] }], ['r', { networkId: 'thing' }], 'nonsense', [1, 2], ['hello', 1]]) room.send(kind, value);
  await until(() => anna.evaluate(() => window.greeted), 'Anna has got the last message');
  assert.equal((await look(anna)).entities.forged, undefined);
  assert.deepEqual(anna.complaints, []);
});

test('a page that disconnects is gone, and is back when it connects again', async (t) => {
  const [anna, ben] = await Promise.all([open(t, 'child-entities.html'), open(t, 'child-entities.html')]);
  await untilSame([anna, ben], 4);
  await anna.evaluate(() => document.querySelector('a-scene').removeAttribute('networked-scene'));
  await until(async () => Object.keys((await look(ben)).entities).length === 2, 'Ben sees that Anna is gone');
  assert.equal(Object.keys((await look(anna)).entities).length, 2);
  await anna.evaluate(() => document.querySelector('a-scene').setAttribute('networked-scene', 'room: dev; adapter: relay'));
  await untilSame([anna, ben], 4);
});

test('a network that is cut is survived: the same session goes on', async (t) => {
  const proxy = await Proxy.start(examples.relay.httpPort);
  t.after(() => proxy.stop());
  const example = 'child-entities.html';
  const [anna, ben] = await Promise.all([open(t, example, { through: proxy }), open(t, example)]);
  const [{ me, entities }] = await untilSame([anna, ben], 4);
  const player = ownOf({ me, entities }, '#avatar-template');
  const go = (page, x) => page.evaluate((to) => document.querySelector('#player').setAttribute('position', { x: to, y: 1.6, z: 0 }), x);

  proxy.down();
  await go(anna, 7);
  await go(ben, -7);
  await until(() => proxy.connections === 0, 'the connection is cut');
  proxy.up();
  await until(async () => distance((await look(ben)).entities[player].position, [7, 1.6, 0]) < 0.01, 'Ben sees where Anna went meanwhile');
  const views = await untilSame([anna, ben], 4);
  assert.equal(views[0].me, me);
});

test('a cut that outlasts the session is survived: the page comes back as somebody new, with what it had', async (t) => {
  const short = await RelayProgram.start(...patience, '--Relay:Resume:Window=00:00:00.5');
  t.after(() => short.stop());
  const proxy = await Proxy.start(short.httpPort);
  t.after(() => proxy.stop());
  const [anna, ben] = await Promise.all([open(t, 'child-entities.html', { through: proxy }), open(t, 'child-entities.html', { through: short })]);
  const [{ me }] = await untilSame([anna, ben], 4);
  proxy.down();
  await until(async () => Object.keys((await look(ben)).entities).length === 2, 'Ben sees that Anna is gone');
  proxy.up();
  await until(async () => Object.keys((await look(ben)).entities).length === 4, 'Ben sees that Anna is back');
  const views = await untilSame([anna, ben], 4);
  assert.notEqual(views[0].me, me);
});

/** Until pages are in a room again, under other client ids than before. */
const untilBack = (pages, before) => until(async () => {
  const views = await Promise.all(pages.map(look));
  return views.every(({ me }, i) => me !== '' && me !== before[i].me);
}, 'all are back');

for (const how of ['stop', 'kill']) {
  test(`a server's end is survived (${how}): the pages meet again with what they had`, async (t) => {
    const example = 'basic-persistent.html';
    const [anna, ben] = await Promise.all([open(t, example), open(t, example)]);
    await anna.evaluate(() => document.querySelector('#sphere').emit('click'));
    await until(async () => (await look(ben)).entities.sphere.owner !== 'scene', 'the sphere has an owner');
    const before = await untilSame([anna, ben], 3);
    await anna.evaluate(() => {
      window.told = [];
      const { adapter } = NAF.connection;
      adapter.onReconnecting = () => { if (window.told.at(-1) !== 'reconnecting') window.told.push('reconnecting'); };
      adapter.onReconnected = () => window.told.push('reconnected');
    });
    await examples.relay[how]();
    await examples.relay.startAgain();
    await untilBack([anna, ben], before);
    const views = await untilSame([anna, ben], 3);
    assert.equal(views[0].entities.sphere.color, before[0].entities.sphere.color);
    assert.ok(views.some(({ me }) => me === views[0].entities.sphere.owner));
    assert.deepEqual(await anna.evaluate(() => window.told), ['reconnecting', 'reconnected']);
    await ben.evaluate(() => document.querySelector('#sphere').emit('click'));
    await until(async () => (await look(anna)).entities.sphere.owner === views[1].me, 'things change hands again');
    await untilSame([anna, ben], 3);
  });
}

/** A server that stores its rooms in a file. */
async function keeping(t) {
  const directory = await mkdtemp(join(tmpdir(), 'relay-naf-'));
  const relay = await RelayProgram.start(...patience, `--Relay:Storage:ConnectionString=Data Source=${join(directory, 'relay.db')}`);
  t.after(async () => {
    await relay.stop();
    await rm(directory, { recursive: true });
  });
  return relay;
}

/** Until all that the room was told before is stored: it is, in the order in which it was told. */
async function stored(t, relay) {
  const room = await bot(t, relay);
  await room.removeObject(await room.createObject({ persistent: true }));
}

test('what is persistent is there again, as it was, when all have left and when the server has been killed', async (t) => {
  const relay = await keeping(t);
  const example = 'basic-persistent.html';
  const anna = await open(t, example, { through: relay });
  await untilSame([anna], 2);
  await anna.evaluate(() => document.querySelector('#sphere').emit('click'));
  const { me } = await look(anna);
  await until(async () => (await look(anna)).entities.sphere.owner === me, 'Anna has the sphere');
  const { entities: { sphere: { color } } } = await look(anna);
  for (const how of ['stop', 'kill']) {
    await stored(t, relay);
    for (const page of anna.context().pages()) await page.goto('about:blank');
    await relay[how]();
    await relay.startAgain();
    const ben = await open(t, example, { through: relay });
    await until(async () => (await look(ben)).entities.sphere?.color === color, `Ben sees the sphere as Anna left it, after a ${how}`);
    const { sphere } = (await look(ben)).entities;
    assert.deepEqual([sphere.persistent, sphere.owner], [true, 'scene']);
    await ben.goto('about:blank');
  }
});

test('what should have gone with its maker, but the server was killed, goes when somebody comes; its maker has it again', async (t) => {
  const relay = await keeping(t);
  const example = 'ownership-transfer.html';
  const take = async () => {
    const [anna, ben] = await Promise.all([open(t, example, { through: relay }), open(t, example, { through: relay })]);
    await anna.bringToFront();
    await anna.keyboard.press('Space');
    const views = await untilSame([anna, ben], 3);
    const [view, { me }] = views;
    const cube = ownOf(view, '#cube-template');
    await ben.evaluate((id) => NAF.utils.takeOwnership(NAF.entities.entities[id]), cube);
    await until(async () => (await look(anna)).entities[cube].owner === me, 'the cube is Ben\'s');
    const room = await bot(t, relay);
    await until(() => [...room.objects.values()].some(({ name, persistent }) => name === `naf:${cube}` && persistent), 'the cube would outlast Ben\'s stay');
    await stored(t, relay);
    return { pages: [anna, ben], views, cube };
  };
  const cubes = (room, cube) => [...room.objects.values()].filter(({ name }) => name === `naf:${cube}`);

  const gone = await take();
  await relay.kill();
  await Promise.all(gone.pages.map((page) => page.goto('about:blank')));
  await relay.startAgain();
  const room = await bot(t, relay);
  assert.equal(cubes(room, gone.cube).length, 1);
  const late = await open(t, example, { through: relay });
  await until(() => cubes(room, gone.cube).length === 0, 'the cube is gone');
  await late.goto('about:blank');

  const back = await take();
  await relay.kill();
  await relay.startAgain();
  await untilBack(back.pages, back.views);
  const views = await untilSame(back.pages, 3);
  assert.equal(views[1].entities[back.cube].owner, views[0].me);
});
