// Every reason to close: what the client tells of it, and whether it comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeInfo, RelayError } from '../dist/index.js';
import { sentences } from '../dist/reasons.js';
import { closeCodes } from '../dist/wire/index.js';
import { until } from '../../../tests/browser/kit/until.mjs';
import { client, hospitable, peer } from './kit/peer.mjs';

const quick = { initialDelayMs: 1, maxDelayMs: 1 };

test('every code of the table has its sentences, and no other', () => {
  assert.deepEqual(Object.keys(sentences).map(Number), closeCodes.map(([code]) => code));
  for (const [title, advice] of Object.values(sentences)) for (const text of [title, advice]) assert.match(text, /^[A-Z].*\.$/);
});

test('nobody is promised to be connected again by a client that will not do so', () => {
  const promised = Object.entries(sentences).filter(([, [, advice]]) => /by yourself/.test(advice)).map(([code]) => Number(code));
  assert.ok(promised.length > 5);
  for (const code of promised) assert.ok(closeInfo(code).retry || closeInfo(4408, code).retry, `${code}`);
});

for (const [code, name, retry] of closeCodes.filter(([code]) => code !== 1006)) {
  test(`Close ${code} ${name}: told in words, ${retry ? 'and the client comes back' : 'and the client ends'}`, async (t) => {
    let closes = 0;
    const { url, connections } = await peer(t, hospitable((connection, message) => {
      if (message === 'Join' && closes++ === 0) connection.say('Close', { code, cause: 0, limit: 3, value: 4, text: 'the reason' });
    }));
    const it = client(t, url, { reconnect: quick });
    await it.connect();
    await it.join('plaza');
    await until(() => it.saw('closed').length + it.saw('reconnecting').length > 0, 'the end is told');
    const [why] = retry ? it.saw('reconnecting').map(({ reason }) => reason) : it.saw('closed');
    assert.deepEqual(why, { code, name, cause: 0, causeName: '', limit: 3, value: 4, text: 'the reason', retry, title: sentences[code][0], advice: sentences[code][1] });
    if (!retry) return assert.equal(it.state, 'closed');
    await until(() => it.room && connections.length === 2, 'the client is in the room again');
  });
}

test('a cause says more than the code beside it', () => {
  const why = closeInfo(4408, 4453);
  assert.equal(why.causeName, 'slow_receiver');
  assert.equal(why.title, sentences[4453][0]);
});

test('an unknown code ends the client with words of its own', async (t) => {
  const { url } = await peer(t, (connection) => connection.say('Close', { code: 4999, cause: 0, limit: 0, value: 0, text: '' }));
  const it = client(t, url);
  const error = await it.connect().then(() => assert.fail('it connected'), (reason) => reason);
  assert.ok(error instanceof RelayError);
  assert.deepEqual([error.code, error.codeName, it.state], [4999, 'unknown', 'closed']);
  assert.match(error.message, /does not know/);
});

for (const [what, bytes, code] of [
  ['a frame longer than was agreed', Uint8Array.of(0xff, 0xff, 0xff, 0x15), 1009],
  ['half a frame', Uint8Array.of(9, 0, 0, 0x15, 1), 1007],
  ['half a header', Uint8Array.of(9, 0), 1007],
  ['a body that ends early', Uint8Array.of(1, 0, 0, 0x15, 0), 1007],
  ['a batch that ends early', Uint8Array.of(2, 0, 0, 0x31, 0, 1), 1007],
  ['text', 'hello', 1003],
]) {
  test(`${what} from the server: the client says ${code} and ends`, async (t) => {
    const { url, connections } = await peer(t, hospitable((connection, name) => { if (name === 'Join') connection.sayBytes(bytes); }));
    const it = client(t, url);
    await it.connect();
    await it.join('plaza').catch(() => {});
    await until(() => it.state === 'closed', 'the client has ended');
    assert.equal(it.closed.code, code);
    await until(() => connections[0].got.some(([name, message]) => name === 'Close' && message.code === code), 'the server is told why');
  });
}

test('a frame of a type that this version does not know is skipped', async (t) => {
  const { url } = await peer(t, hospitable((connection, name) => {
    if (name === 'Join') for (const type of [0x5f, 0x90]) connection.sayBytes(Uint8Array.of(2, 0, 0, type, 1, 2));
    if (name === 'SendEvent') connection.say('Event', { sequence: 11, audience: 1, sender: 7, kind: 1, payload: Uint8Array.of(0xa1, 0x78) });
  }));
  const it = client(t, url);
  await it.connect();
  const room = await it.join('plaza');
  const said = new Promise((resolve) => room.on('chat', resolve));
  room.chat('x');
  assert.deepEqual(await said, { sender: 7, text: 'x' });
});

test('nobody there: connect rejects, and the client has ended', async (t) => {
  const it = client(t, 'ws://127.0.0.1:9/relay');
  await assert.rejects(it.connect(), (error) => error.code === 1006);
  assert.equal(it.state, 'closed');
  await assert.rejects(it.join('plaza'), RelayError);
});

test('no Welcome: connect rejects with the Close that came instead', async (t) => {
  const { url } = await peer(t, (connection) => connection.say('Close', { code: 4401, cause: 0, limit: 0, value: 0, text: 'who?' }));
  await assert.rejects(client(t, url).connect(), (error) => error.code === 4401 && error.reason.text === 'who?');
});

test('a server that asks to come later at the first Hello is tried again until it says Welcome', async (t) => {
  const answers = [[1013, 0], [4401, 4454], [1012, 0]];
  const { url, connections } = await peer(t, (connection, name, message, count) => {
    const [code, cause] = answers[count - 1] ?? [];
    if (code) connection.say('Close', { code, cause, limit: 0, value: 0, text: '' });
    else hospitable()(connection, name, message, count);
  });
  const it = client(t, url, { reconnect: quick });
  await it.connect();
  await it.join('plaza');
  assert.equal(connections.length, 4);
  assert.deepEqual(it.saw('reconnecting').map(({ reason }) => reason.code), [1013, 4401, 1012]);
  assert.equal(it.saw('reconnected').length, 0);
});

test('a session that is lost twice in a row: the room is joined all the same, and nobody is told to have left', async (t) => {
  const { url, connections } = await peer(t, (connection, name, message, count) => {
    if (count === 2 && name === 'Join') connection.cut();
    else hospitable()(connection, name, message, count);
  });
  const it = client(t, url, { reconnect: quick });
  await it.connect();
  const first = await it.join('plaza');
  connections[0].cut();
  await until(() => it.room && it.room !== first, 'the room is joined anew');
  assert.deepEqual([connections.length, it.saw('left').length], [3, 0]);
});

test('a room that one was refused is not the one that is joined again', async (t) => {
  const joins = [];
  const { url, connections } = await peer(t, (connection, name, message, count) => {
    if (name === 'Join') joins.push(message.room);
    if (name === 'ChangeRoom') connection.say('Error', { refusedType: 0x11, sequence: message.sequence, code: 4430, limit: 1, value: 1, text: '' });
    else hospitable()(connection, name, message, count);
  });
  const it = client(t, url, { reconnect: quick });
  await it.connect();
  const first = await it.join('plaza');
  await assert.rejects(it.changeRoom('full'), (error) => error.code === 4430);
  connections[0].cut();
  await until(() => it.room && it.room !== first, 'the room is joined anew');
  assert.deepEqual(joins, ['plaza', 'plaza']);
});

test('credentials that cannot be had for a while: the client tries again; at the beginning it ends', async (t) => {
  let asked = 0;
  const { url, connections } = await peer(t, hospitable());
  const it = client(t, url, { reconnect: quick, credentials: () => (asked++ === 1 ? Promise.reject(new Error('no token')) : 'Anna') });
  await it.connect();
  connections[0].cut();
  await until(() => it.state === 'open' && connections.length === 2, 'it is back');
  assert.match(it.saw('reconnecting')[1].reason.text, /no token/);
  const other = client(t, url, { credentials: () => Promise.reject(new Error('no token')) });
  await assert.rejects(other.connect(), /no token/);
});

test('after giveUpAfterMs without a connection the client ends with the reason', async (t) => {
  const { url, connections } = await peer(t, (connection, name, message, count) => {
    if (count === 1) hospitable()(connection, name, message, count);
    else connection.cut();
  });
  const it = client(t, url, { reconnect: { ...quick, giveUpAfterMs: 60 } });
  await it.connect();
  await it.join('plaza');
  connections[0].cut();
  await until(() => it.state === 'closed', 'the client gives up');
  assert.equal(it.closed.code, 1006);
  assert.ok(it.saw('reconnecting').length > 1);
});

test('reconnect: false ends the client at the first break', async (t) => {
  const { url, connections } = await peer(t, hospitable());
  const it = client(t, url, { reconnect: false });
  await it.connect();
  connections[0].cut();
  await until(() => it.state === 'closed', 'the client has ended');
  assert.equal(it.saw('reconnecting').length, 0);
});
