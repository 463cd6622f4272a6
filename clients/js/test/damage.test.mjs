// A server that has gone mad: whatever it sends, the client goes on or ends with a reason. It never throws into the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RelayClient } from '../dist/index.js';
import { decode, eachFrame, encode, layoutOf } from '../dist/wire/index.js';
import { frames } from './kit/document.mjs';
import { joined, member, welcome } from './kit/peer.mjs';
import { random } from './kit/walk.mjs';

/** A socket whose other end is the test. */
class Wire {
  binaryType = '';
  bufferedAmount = 0;
  sent = [];

  constructor(answer) {
    this.answer = answer;
    queueMicrotask(() => this.onopen?.());
  }

  send(data) {
    eachFrame(data.slice(), 1 << 20, (type, start, end) => {
      const { name } = layoutOf(type);
      this.sent.push(name);
      if (name === 'Hello' || name === 'Join') this.answer(this, name, decode(name, data, start, end));
    });
  }

  say(bytes) {
    this.onmessage?.({ data: bytes.slice().buffer });
  }

  close(code) {
    queueMicrotask(() => this.onclose?.({ code, reason: '' }));
  }
}

async function inRoom() {
  let wire;
  const client = new RelayClient({
    url: 'ws://test/relay', reconnect: false,
    createSocket: () => (wire = new Wire((it, name, message) => queueMicrotask(() => {
      if (name === 'Hello') return it.say(encode('Welcome', welcome()));
      it.say(encode('Joined', joined({ sequence: message.sequence })));
      it.say(encode('Presence', { flags: 7, sequence: 10, epoch: 5n, version: 20, entries: [member(7, 3, 'Anna')] }));
    }))),
  });
  await client.connect();
  const room = await client.join('plaza');
  return { client, room, wire };
}

const fromServer = frames.filter(({ bytes }) => layoutOf(bytes[3]).from !== 'client').map(({ bytes }) => bytes);

test('two thousand sessions of sound and damaged frames in any order', async () => {
  const chance = random(7);
  const pick = (list) => list[Math.floor(chance() * list.length)];
  const thrown = [];
  const note = (error) => thrown.push(error);
  process.on('uncaughtException', note);
  const ends = new Map();
  for (let i = 0; i < 2000; i++) {
    const { client, room, wire } = await inRoom();
    client.on('closed', ({ name }) => ends.set(name, (ends.get(name) ?? 0) + 1));
    for (let n = 0; n < 12 && client.state === 'open'; n++) {
      let bytes = pick(fromServer).slice();
      const damage = chance();
      if (damage < 0.3) bytes[4 + Math.floor(chance() * (bytes.length - 4))] ^= 1 << Math.floor(chance() * 8);
      else if (damage < 0.4) bytes = bytes.slice(0, Math.floor(chance() * bytes.length));
      else if (damage < 0.45) bytes[3] = Math.floor(chance() * 256);
      wire.say(bytes);
      room.motion.update(1e6 + 20 * n);
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (client.state === 'open') await client.close();
    assert.equal(client.state, 'closed');
  }
  process.off('uncaughtException', note);
  assert.deepEqual(thrown, []);
  for (const name of ['normal', 'invalid_payload']) assert.ok(ends.get(name) > 50, `${name}: ${JSON.stringify([...ends])}`);
});

test('what a listener throws is thrown into the page, and the client goes on', async () => {
  const { client, room, wire } = await inRoom();
  const thrown = new Promise((resolve) => { globalThis.reportError = resolve; }); // as browsers have it
  room.on('chat', () => { throw new Error('the page’s own'); });
  const second = new Promise((resolve) => room.on('chat', resolve));
  wire.say(encode('Event', { sequence: 11, audience: 1, sender: 7, kind: 1, payload: Uint8Array.of(0xa1, 0x78) }));
  assert.equal((await second).text, 'x');
  assert.equal((await thrown).message, 'the page’s own');
  delete globalThis.reportError;
  assert.equal(client.state, 'open');
  await client.close();
});
