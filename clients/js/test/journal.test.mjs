// What is kept until it is confirmed, by itself and over a session that is taken up again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionLostError } from '../dist/index.js';
import { Journal } from '../dist/journal.js';
import { until, within } from '../../../tests/browser/kit/until.mjs';
import { client, hospitable, peer, welcome } from './kit/peer.mjs';

const quick = { initialDelayMs: 1, maxDelayMs: 1 };
const frame = (sequence) => Uint8Array.of(sequence);
const kept = (journal) => [...journal.unconfirmed()].map(([sequence]) => sequence); // a frame here is its number
const reply = (into) => ({ resolve: (value) => into.push(value), reject: (error) => into.push(error) });

test('numbers count from 1, what is confirmed is not sent again, the rest in order', () => {
  const journal = new Journal();
  for (let i = 0; i < 5; i++) journal.add(frame);
  assert.deepEqual([kept(journal), journal.last], [[1, 2, 3, 4, 5], 5]);
  journal.confirm(3);
  journal.confirm(2);
  assert.deepEqual(kept(journal), [4, 5]);
});

test('an answer goes to whoever waits for it, once', () => {
  const journal = new Journal();
  const got = [];
  journal.add(frame);
  journal.add(frame, reply(got));
  assert.deepEqual([journal.answer(2, 'done'), journal.answer(2, 'again'), journal.answer(1, 0), got, journal.lastAnswer], [true, false, false, ['done'], 2]);
});

test('answers that were not kept are lost, later ones are still to come', () => {
  const journal = new Journal();
  const got = [];
  for (let i = 0; i < 3; i++) journal.add(frame, reply(got));
  journal.loseAnswers(2);
  assert.deepEqual([got.length, got.every((error) => error instanceof SessionLostError), journal.answer(3, 'late')], [2, true, true]);
});

test('a message that cannot be made takes no number', () => {
  const journal = new Journal();
  assert.throws(() => journal.add(() => { throw new RangeError('no'); }), RangeError);
  assert.equal(journal.add(frame)[0], 1);
});

test('too much is refused with 1013, and after a confirmation there is room again', () => {
  const journal = new Journal();
  for (let i = 0; i < 4096; i++) journal.add(frame);
  assert.throws(() => journal.add(frame), (error) => error.code === 1013 && error.limit > 0);
  journal.confirm(4000);
  journal.add(frame);
  const large = new Journal();
  large.add(() => new Uint8Array(1 << 20));
  assert.throws(() => large.add(frame), (error) => error.code === 1013 && error.limit === 1 << 20);
});

test('a new session begins with 1, and who waited is told', () => {
  const journal = new Journal();
  const got = [];
  journal.add(frame, reply(got));
  journal.restart();
  assert.ok(got[0] instanceof SessionLostError);
  assert.deepEqual([kept(journal), journal.add(frame)[0], journal.lastAnswer], [[], 1, 0]);
});

/** A server whose session goes on: with the second connection it says that it has applied this much. */
function taken(lastApplied, { pongs = () => true } = {}) {
  const rest = hospitable();
  return (connection, name, message, count) => {
    if (name === 'Hello') connection.say('Welcome', welcome({ sessionLow: 1n, lastApplied: count === 1 ? 0 : lastApplied }));
    else if (name === 'Ping' && pongs(count)) connection.say('Pong', { stamp: message.stamp, received: 5n, sent: 6n });
    else rest(connection, name, message, count);
  };
}

const events = ({ got }) => got.filter(([name]) => name === 'SendEvent').map(([, { sequence }]) => sequence);

test('what the server has applied is not sent again, the rest is, and so is where one is', async (t) => {
  const { url, connections } = await peer(t, taken(3, { pongs: () => false }));
  const it = client(t, url, { reconnect: quick });
  await it.connect();
  const room = await it.join('plaza');
  room.move([1, 0, 0], [0, 0, 0, 1]);
  for (let i = 0; i < 4; i++) room.send(1024, i);
  await until(() => events(connections[0]).length === 4 && connections[0].got.some(([name]) => name === 'TransformUpdate'), 'all have been sent');
  connections[0].cut();
  await until(() => connections[1] && events(connections[1]).length === 2 && connections[1].got.some(([name]) => name === 'TransformUpdate'), 'the rest has been sent again');
  assert.deepEqual([events(connections[1]), it.room], [[4, 5], room]);
  assert.deepEqual(connections[1].got[0][1].lastSequence, 10);
});

test('a Pong confirms what was sent before its Ping: it is not sent again, whatever the server then says', async (t) => {
  const { url, connections } = await peer(t, taken(0));
  const it = client(t, url, { reconnect: quick });
  await it.connect();
  const room = await it.join('plaza');
  for (let i = 0; i < 3; i++) room.send(1024, i);
  const pings = () => connections[0].got.filter(([name]) => name === 'Ping').length;
  await until(() => events(connections[0]).length === 3, 'all have been sent');
  const before = pings();
  await until(() => pings() > before + 1, 'a Ping after them, and one after its Pong');
  connections[0].cut();
  await until(() => connections[1]?.got.some(([name]) => name === 'Ping'), 'it is back');
  assert.deepEqual(events(connections[1]), []);
});

test('an answer that the server had not kept: the promise says that it is lost, as soon as that is certain', async (t) => {
  const { url, connections } = await peer(t, taken(2, { pongs: (count) => count > 1 }));
  const it = client(t, url, { reconnect: quick });
  await it.connect();
  const room = await it.join('plaza');
  const made = room.createObject({ type: 'x' });
  const lost = assert.rejects(made, SessionLostError);
  await until(() => connections[0].got.some(([name]) => name === 'CreateObject'), 'it has been asked');
  connections[0].cut();
  await within(lost, 'the loss is told');
  assert.deepEqual([it.state, it.room], ['open', room]);
});

test('after a Close nothing counts that comes behind it', async (t) => {
  const { url } = await peer(t, hospitable((connection, name) => {
    if (name !== 'SendEvent') return;
    connection.say('Close', { code: 4403, cause: 0, limit: 0, value: 0, text: '' });
    connection.say('Event', { sequence: 11, audience: 1, sender: 7, kind: 1, payload: Uint8Array.of(0xa1, 0x78) });
  }));
  const it = client(t, url);
  await it.connect();
  const room = await it.join('plaza');
  const said = [];
  room.on('chat', (event) => said.push(event));
  room.chat('x');
  await until(() => it.state === 'closed', 'it has ended');
  assert.deepEqual([said, it.closed.code], [[], 4403]);
});
