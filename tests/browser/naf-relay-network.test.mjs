// Pages with `adapter: relay`: what their apps say, what the server refuses, and what breaks.

import assert from 'node:assert/strict';
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
async function bot(t) {
  const client = new RelayClient({ url: examples.relay.webSocketUrl, credentials: 'bot', createSocket: (url, protocol) => new WebSocket(url, protocol) });
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
    await until(async () => {
      const views = await Promise.all([anna, ben].map(look));
      return views.every(({ me }, i) => me !== '' && me !== before[i].me);
    }, 'both are back');
    const views = await untilSame([anna, ben], 3);
    assert.equal(views[0].entities.sphere.color, before[0].entities.sphere.color);
    assert.ok(views.some(({ me }) => me === views[0].entities.sphere.owner));
    assert.deepEqual(await anna.evaluate(() => window.told), ['reconnecting', 'reconnected']);
    await ben.evaluate(() => document.querySelector('#sphere').emit('click'));
    await until(async () => (await look(anna)).entities.sphere.owner === views[1].me, 'things change hands again');
    await untilSame([anna, ben], 3);
  });
}
