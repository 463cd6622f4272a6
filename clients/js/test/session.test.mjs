// The client against the real program: rooms, state, and what breaks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RelayError, SessionLostError } from '../dist/index.js';
import { Proxy } from '../../../tests/browser/kit/proxy.mjs';
import { RelayProgram } from '../../../tests/browser/kit/program.mjs';
import { until } from '../../../tests/browser/kit/until.mjs';
import { client, socket } from './kit/peer.mjs';

let program;
before(async () => { program = await RelayProgram.start(); });
after(() => program.stop());

let rooms = 0;
const quick = { initialDelayMs: 20, maxDelayMs: 50 };

/** Two members of a room of their own. @returns [client, room] for each. */
async function two(t, { via = program.http, ...options } = {}) {
  const name = `test-${rooms++}`;
  const pair = [];
  for (const [who, http] of [['Anna', program.http], ['Ben', via]]) {
    const it = client(t, `http://${http}/relay`, { credentials: who, reconnect: quick, ...options });
    await it.connect();
    pair.push([it, await it.join(name)]);
  }
  return pair;
}

const next = (room, event) => new Promise((resolve) => { const off = room.on(event, (value) => { off(); resolve(value); }); });

test('who is in the room is told: at the join, arriving, leaving', async (t) => {
  const [[anna, here], [ben, there]] = await two(t);
  assert.deepEqual([...there.members.values()].map(({ name }) => name), ['Anna', 'Ben']);
  assert.equal(there.me.name, 'Ben');
  assert.equal(here.members.get(there.self).name, 'Ben');
  assert.equal(anna.session.name, 'Anna');
  const left = next(here, 'memberLeft');
  await ben.leave();
  assert.equal((await left).member.name, 'Ben');
  assert.deepEqual([there.isOpen, ben.room, here.members.size], [false, undefined, 1]);
});

test('where somebody is is seen by the others, to a millimetre, and turned', async (t) => {
  const [[, here], [, there]] = await two(t);
  const position = [1.2345, 0, -6.789];
  const rotation = [0, Math.SQRT1_2, 0, Math.SQRT1_2];
  here.move(position, rotation);
  const p = [], q = [];
  await until(() => there.motion.latest(here.slot, p, q), 'the position arrives');
  position.forEach((value, i) => assert.ok(Math.abs(p[i] - value) < 0.0011));
  assert.ok(Math.abs(q.reduce((sum, value, i) => sum + value * rotation[i], 0)) > 0.99999);
  there.motion.update();
  assert.equal(there.motion.present[here.slot], 1);
});

test('what moves in a room of somebody who comes later is there at once', async (t) => {
  const [[, here]] = await two(t);
  here.move([3, 1, 2], [0, 0, 0, 1]);
  await here.createObject({ type: 'lamp', place: { position: [5, 0, 5], scale: 2 }, attributes: [{ key: 'lit', value: true }] });
  const late = client(t, program.webSocketUrl, { credentials: 'Cleo' });
  await late.connect();
  const room = await late.join(here.name);
  const [lamp] = room.objects.values();
  assert.deepEqual([lamp.type, lamp.owner, lamp.attributes.get('lit').value], ['lamp', here.self, true]);
  const p = [];
  await until(() => room.motion.latest(lamp.slot, p, []) && room.motion.latest(here.slot, [], []), 'both have their place');
  assert.ok(Math.abs(p[0] - 5) < 0.001);
});

test('messages reach whom they are for, with the sender stamped', async (t) => {
  const [[, here], [, there]] = await two(t);
  const got = [];
  for (const event of ['chat', 'typing', 'highFive', 'handRaised', 'message']) there.on(event, (value) => got.push([event, value]));
  here.chat('hello');
  here.typing(true);
  here.highFive(there.self, { force: 3 });
  here.raiseHand(true);
  here.send(1500, { list: [1, 'a', null] }, { member: there.self });
  await until(() => got.length === 5, 'all have come');
  const sender = here.self;
  assert.deepEqual(got, [
    ['chat', { sender, text: 'hello' }], ['typing', { sender, typing: true }], ['highFive', { sender, data: { force: 3 } }],
    ['handRaised', { sender, raised: true }], ['message', { sender, kind: 1500, value: { list: [1, 'a', null] } }],
  ]);
});

test('objects are made, changed, copied, removed: everybody is told the same', async (t) => {
  const [[, here], [, there]] = await two(t);
  const told = [];
  there.on('objectAdded', ({ id }) => told.push(['added', id]));
  there.on('objectChanged', ({ object, before }) => told.push(['changed', object.id, before.name, object.name]));
  there.on('objectRemoved', ({ id }) => told.push(['removed', id]));
  const table = await here.createObject({ type: 'table', name: 'round' });
  const cup = await here.createObject({ type: 'cup', parent: 'round', place: { position: [0, 1, 0] } });
  await here.updateObject(table, { name: 'square', persistent: true });
  const copy = await here.cloneObject(table, { name: 'copy' });
  await here.removeObject(table);
  await until(() => told.some(([what, id]) => what === 'removed' && id === table), 'the removal is told');
  assert.deepEqual(told.filter(([what]) => what === 'changed'), [['changed', table, 'round', 'square']]);
  assert.ok(!there.objects.has(cup), 'what was on the table went with it');
  assert.deepEqual([...there.objects.values()].map(({ type, parent }) => [type, parent]), [['table', 0], ['cup', copy]]);
  assert.equal(there.objects.get(copy).persistent, true);
});

test('of two who take one thing, one gets it, and the other is told who has it', async (t) => {
  const [[, here], [, there]] = await two(t);
  const ball = await here.createObject({ type: 'ball' });
  await here.release(ball);
  await until(() => there.objects.get(ball)?.owner === 0, 'it is nobody’s');
  const results = await Promise.allSettled([here.take(ball, 0), there.take(ball, 0)]);
  const [won] = results.filter(({ status }) => status === 'fulfilled');
  const [lost] = results.filter(({ status }) => status === 'rejected');
  assert.ok(won && lost);
  const winner = results[0].status === 'fulfilled' ? here.self : there.self;
  assert.deepEqual([lost.reason.code, lost.reason.value], [4412, winner]);
  await until(() => here.objects.get(ball).owner === winner && there.objects.get(ball).owner === winner, 'both see the winner');
});

test('a thing that has been another’s meanwhile can be put back where one had it last', async (t) => {
  const [[, here], [, there]] = await two(t);
  const door = await here.createObject({ type: 'door', place: { position: [0, 0, 0] } });
  const isAt = (room, x) => {
    const p = [], q = [];
    return room.motion.latest(room.objects.get(door).slot, p, q) && Math.abs(p[0] - x) < 0.002;
  };
  for (const [room, other, x] of [[here, there, 1], [there, here, 2], [here, there, 1]]) {
    await until(() => room.objects.has(door), 'it is there');
    if (room.objects.get(door).owner !== room.self) await room.take(door);
    await until(() => room.objects.get(door).owner === room.self, 'it is one’s own');
    room.moveObject(door, [x, 0, 0], [0, 0, 0, 1]);
    await until(() => isAt(other, x), `the other sees it at ${x}`);
  }
});

test('attributes: set, merged, removed within, deleted, with versions that guard them', async (t) => {
  const [[, here], [, there]] = await two(t);
  const target = { kind: 'object', object: await here.createObject({ type: 'board' }) };
  const first = await here.setAttribute(target, 'game', { turn: 'w', clock: { w: 300, b: 300 } });
  await here.mergeAttribute(target, 'game', ['clock', 'w'], 299);
  await here.mergeAttribute(target, 'game', ['moves', 'last'], 'e4');
  const version = await here.removeFromAttribute(target, 'game', ['clock', 'b']);
  const value = { turn: 'w', clock: { w: 299 }, moves: { last: 'e4' } };
  await until(() => there.attributesOf(target).get('game')?.version === version, 'the last version has come');
  assert.deepEqual(there.attributesOf(target).get('game').value, value);
  assert.deepEqual(there.objects.get(target.object).attributes.get('game').value, value);
  await assert.rejects(here.setAttribute(target, 'game', 1, { expected: first }), (error) => error.code === 4412 && error.value === version);
  await assert.rejects(there.setAttribute(target, 'game', 1), (error) => error instanceof RelayError && error.code === 4403);
  await here.deleteAttribute(target, 'game');
  await until(() => !there.attributesOf(target).has('game'), 'it is gone');
  await here.setAttribute({ kind: 'member', member: here.self }, 'hat', 'red', { terms: { ephemeral: true, readers: { member: here.self } } });
  assert.equal(there.attributesOf({ kind: 'member', member: here.self }).has('hat'), false);
});

test('a connection that breaks is made again in the same session, and nothing is missed or doubled', async (t) => {
  const proxy = await Proxy.start(program.httpPort);
  t.after(() => proxy.stop());
  const [[, here], [ben, there]] = await two(t, { via: proxy.http });
  const got = [];
  there.on('message', ({ value }) => got.push(value));
  const answered = [];
  for (let i = 0; i < 60; i++) {
    if (i % 20 === 10) proxy.cut();
    here.send(1024, i);
    answered.push(there.setAttribute({ kind: 'member', member: there.self }, 'n', i));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const versions = await Promise.all(answered);
  assert.deepEqual(versions, [...versions].sort((a, b) => a - b));
  await until(() => got.length >= 60, 'all messages have come');
  assert.deepEqual(got, Array.from({ length: 60 }, (_, i) => i));
  assert.deepEqual([ben.room, there.isOpen], [there, true]);
  assert.ok(ben.saw('reconnected').length >= 3 && ben.saw('reconnected').every(({ resumed }) => resumed));
  assert.equal(here.members.size, 2);
});

test('a server that is killed and started again: the room is joined anew, promises that waited say so', async (t) => {
  const other = await RelayProgram.start();
  t.after(() => other.stop());
  const it = client(t, other.webSocketUrl, { credentials: 'Dan', reconnect: quick });
  await it.connect();
  const room = await it.join('plaza');
  await other.kill();
  await until(() => it.state === 'reconnecting', 'the break is noticed');
  const waiting = room.createObject({ type: 'lost' });
  const lost = assert.rejects(waiting, SessionLostError);
  await other.startAgain();
  await until(() => it.room && it.room !== room, 'a new stay has begun');
  await lost;
  assert.deepEqual([room.isOpen, it.room.name, it.room.me.name, it.room.objects.size], [false, 'plaza', 'Dan', 0]);
  assert.deepEqual(it.saw('reconnected'), [{ resumed: false }]);
  await it.room.createObject({ type: 'found' });
});

test('a server that drains is left in time, and found again', async (t) => {
  const other = await RelayProgram.start('--Relay:Drain:RetryAfter=00:00:00.050', '--Relay:Drain:Jitter=00:00:00.050');
  t.after(() => other.stop());
  const it = client(t, other.webSocketUrl, { credentials: 'Eva', reconnect: quick });
  await it.connect();
  await it.join('plaza');
  await other.stop();
  assert.equal(it.saw('goAway').length, 1);
  await other.startAgain();
  await until(() => it.room && it.state === 'open' && it.saw('reconnected').length > 0, 'it is back');
});

test('a connection that falls silent is given up and made again', async (t) => {
  const proxy = await Proxy.start(program.httpPort);
  t.after(() => proxy.stop());
  let skip = 0; // time is told to the client: nobody waits twelve seconds
  const it = client(t, `http://${proxy.http}/relay`, { reconnect: quick, now: () => performance.now() + skip, credentials: 'Fay' });
  await it.connect();
  const room = await it.join('silence');
  proxy.stall();
  skip = 60_000;
  await until(() => it.saw('reconnecting').length > 0, 'the silence is noticed', 30_000);
  assert.equal(it.saw('reconnecting')[0].reason.causeName, 'heartbeat_timeout');
  proxy.resume();
  await until(() => it.state === 'open', 'it is back');
  assert.deepEqual([it.saw('reconnected'), it.room === room], [[{ resumed: true }], true]);
});

test('being taken out is told with its reason, and the client stays connected', async (t) => {
  const [[, here], [ben, there]] = await two(t);
  const response = await fetch(`${program.url}monitor/api/kick`, {
    method: 'POST', headers: { 'content-type': 'application/json', origin: program.url.slice(0, -1) },
    body: JSON.stringify({ room: here.name, epoch: here.epoch.toString(16), member: there.self }),
  });
  assert.ok(response.ok, `${response.status} ${await response.text()}`);
  await until(() => ben.saw('left').length === 1, 'it is told');
  assert.deepEqual([ben.saw('left')[0].code, ben.state, ben.room, there.isOpen], [4433, 'open', undefined, false]);
  await until(() => here.members.size === 1, 'the other is told');
  assert.ok(await ben.join(here.name));
});

test('asking outside a room, twice into one, with what no field holds', async (t) => {
  const it = client(t, program.webSocketUrl, { credentials: 'Gus' });
  await it.connect();
  await assert.rejects(it.leave(), (error) => error.code === 4410);
  await assert.rejects(it.join('a room with spaces'), (error) => error.code === 4400);
  const room = await it.join('gus');
  await assert.rejects(it.join('gus'), (error) => error.code === 4409);
  assert.equal(it.room, room);
  await assert.rejects(room.createObject({ type: 'x'.repeat(300) }), RangeError);
  await assert.rejects(room.createObject({ type: 'x'.repeat(100) }), (error) => error.code === 4422 && error.limit === 64 && error.value === 100);
  await assert.rejects(room.setAttribute({ kind: 'member', member: room.self }, 'big', 'x'.repeat(17_000)), (error) => error.code === 1009);
  assert.throws(() => room.setAttribute({ object: 1 }, 'a', 1), TypeError);
  assert.throws(() => room.send(2000, 1, {}), TypeError);
  room.sendBytes(3000, new Uint8Array(20_000));
  assert.deepEqual(it.saw('refused').map(({ code, limit }) => [code, limit]), [[1009, 16384]]);
  room.sendBytes(3000, new Uint8Array(9000));
  await until(() => it.saw('refused').length === 2, 'the server refuses it');
  assert.deepEqual([it.saw('refused')[1].code, it.saw('refused')[1].limit, it.saw('refused')[1].value], [4413, 8192, 9000]);
});

test('leaving and changing rooms: the old room is over, the new one whole', async (t) => {
  const it = client(t, program.webSocketUrl, { credentials: 'Hal' });
  await it.connect();
  const first = await it.join('first');
  const second = await it.changeRoom('second');
  assert.deepEqual([first.isOpen, second.isOpen, it.room], [false, true, second]);
  await it.leave();
  assert.deepEqual([second.isOpen, it.room], [false, undefined]);
  assert.equal(await it.join('third').then(({ name }) => name), 'third');
});

test('what is asked for before there is a connection is done when there is one', async (t) => {
  const it = client(t, program.webSocketUrl, { credentials: 'Lea' });
  void it.connect();
  assert.equal((await it.join('early')).me.name, 'Lea');
});

test('the clock of the server is known, and its way', async (t) => {
  const it = client(t, program.webSocketUrl, { credentials: 'Ida' });
  await it.connect();
  await until(() => it.clock.isSynced, 'the clock is known');
  const first = it.clock.now();
  assert.ok(it.clock.roundTripMs >= 0);
  await until(() => it.clock.now() > first, 'it goes');
});

test('credentials are asked for anew before every connection', async (t) => {
  const proxy = await Proxy.start(program.httpPort);
  t.after(() => proxy.stop());
  let asked = 0;
  const it = client(t, `http://${proxy.http}/relay`, { reconnect: quick, credentials: async () => `Jo${++asked}` });
  await it.connect();
  proxy.cut();
  await until(() => it.saw('reconnected').length === 1, 'it is back');
  assert.equal(asked, 2);
});

test('frames that pass are seen by the observer, whole', async (t) => {
  const seen = [];
  const it = client(t, program.webSocketUrl, { credentials: 'Kim', onFrame: (direction, frame) => seen.push([direction, frame[3], frame.length]), createSocket: socket });
  await it.connect();
  await it.join('seen');
  assert.deepEqual(seen.slice(0, 2).map(([direction, type]) => [direction, type]), [['out', 1], ['in', 2]]);
  assert.equal(seen.filter(([direction]) => direction === 'out').reduce((sum, [, , length]) => sum + length, 0), it.stats.bytesOut);
});
