// Two clients that share no code with Relay, one on WebSocket and one on raw TCP, walk through the protocol against a running server.
//
//   RELAY_WS   where the WebSocket endpoint is   (default ws://127.0.0.1:7300/relay)
//   RELAY_TCP  where the raw TCP listener is     (default 127.0.0.1:7301)
//
// Prints one line per step; exits 0 if all went well, 1 at the first thing that did not.

import net from 'node:net';
import process from 'node:process';
import { decode as unpack, encode as pack } from '@msgpack/msgpack';
import WebSocket from 'ws';
import {
  FrameStream, PREFACE, SUBPROTOCOL, Space, Type, angleDegrees, decode, encode, isKnown, packRotation, unpackRotation,
} from './posbus.mjs';

const wsUrl = process.env.RELAY_WS ?? 'ws://127.0.0.1:7300/relay';
const [tcpHost, tcpPort] = split(process.env.RELAY_TCP ?? '127.0.0.1:7301');
const stepTimeoutMs = 5_000;
const typeNames = Object.fromEntries(Object.entries(Type).map(([name, type]) => [type, name]));

const now = () => process.hrtime.bigint() / 1_000n; // microseconds
const text = (bytes) => new TextDecoder().decode(bytes);
const bytesOf = (string) => new TextEncoder().encode(string);

function split(address) {
  const at = address.lastIndexOf(':');
  return [address.slice(0, at), Number(address.slice(at + 1))];
}

function check(condition, what) { if (!condition) throw new Error(what); }

function equal(actual, expected, what) { check(actual === expected, `${what} is ${actual}, not ${expected}`); }

/** A client: sends frames, keeps those that arrive until somebody takes them. */
class Client {
  constructor(name) {
    this.name = name;
    this.stream = new FrameStream();
    this.inbox = [];
    this.waiters = [];
    this.sequence = 0n;
    this.lastRoomSequence = 0n;
    this.ended = new Promise((resolve) => { this.end = resolve; });
  }

  static async overWebSocket(name) {
    const client = new Client(name);
    const socket = new WebSocket(wsUrl, SUBPROTOCOL, { perMessageDeflate: false });
    await new Promise((resolve, reject) => { socket.once('open', resolve); socket.once('error', reject); });
    equal(socket.protocol, SUBPROTOCOL, 'the subprotocol');
    equal(socket.extensions, '', 'the list of extensions');
    socket.on('message', (data, isBinary) => {
      client.guard(() => {
        check(isBinary, 'a text message arrived');
        client.receive(data);
        check(client.stream.isBetweenFrames, 'a WebSocket message ends within a frame');
      });
    });
    socket.on('close', (code) => client.end(code));
    socket.on('error', (error) => client.fail(error));
    client.write = (bytes) => socket.send(bytes);
    client.hangUp = () => socket.close(1000);
    client.terminate = () => socket.terminate();
    return client;
  }

  static async overTcp(name) {
    const client = new Client(name);
    const socket = net.connect({ host: tcpHost, port: tcpPort, noDelay: true });
    await new Promise((resolve, reject) => { socket.once('connect', resolve); socket.once('error', reject); });
    socket.on('data', (data) => client.guard(() => client.receive(data)));
    socket.on('close', () => client.end(null));
    socket.on('error', (error) => client.fail(error));
    client.write = (bytes) => socket.write(bytes);
    client.hangUp = () => socket.end();
    client.terminate = () => socket.destroy();
    client.write(PREFACE);
    return client;
  }

  send(type, message) { this.write(encode(type, message, this.space)); }

  /** Sends a numbered message (§5.7) and gives its number. */
  sendNumbered(type, message) {
    const sequence = ++this.sequence;
    this.send(type, { sequence, ...message });
    return sequence;
  }

  receive(data) {
    for (const { type, body } of this.stream.push(new Uint8Array(data))) {
      const arrived = now();
      if (!isKnown(type)) {
        check(type & 0x80, `an unknown frame type 0x${type.toString(16)} arrived that is not optional`);
        continue;
      }
      if (type === Type.Joined) this.space = new Space(decode(type, body));
      const message = decode(type, body, this.space);
      this.observe(message, arrived);
    }
  }

  observe(message, arrived) {
    if (message.type === Type.Ping) {
      this.send(Type.Pong, { stamp: message.stamp, received: arrived, sent: now() });
      return;
    }
    if (message.type === Type.Nop) return;
    if (message.type === Type.Joined) {
      this.lastRoomSequence = 0n;
      this.snapshotDue = true;
    }
    if (this.snapshotDue && (message.type === Type.TransformBatch || message.type === Type.Event)) {
      throw new Error(`a ${typeNames[message.type]} came between Joined and the end of the snapshot`);
    }
    const isRoomMessage = [Type.Event, Type.Presence, Type.State].includes(message.type);
    if (isRoomMessage && message.type !== Type.Event && message.flags & 4) this.snapshotDue = false;
    if (isRoomMessage && !(message.flags & 1)) check(message.sequence > this.lastRoomSequence, 'room sequences do not rise');
    if (isRoomMessage) this.lastRoomSequence = message.sequence;
    if (message.type === Type.TransformBatch) {
      check(message.presupposes <= this.lastRoomSequence, 'a batch presupposes a message that has not arrived');
    }
    message.arrived = arrived;
    const waiter = this.waiters.findIndex(({ test }) => test(message));
    if (waiter >= 0) this.waiters.splice(waiter, 1)[0].resolve(message);
    else this.inbox.push(message);
  }

  /** The next message of a type for which `test` holds; others stay for later. */
  async take(type, test = () => true) {
    const accepts = (message) => message.type === type && test(message);
    const at = this.inbox.findIndex(accepts);
    if (at >= 0) return this.inbox.splice(at, 1)[0];
    if (this.failure) throw this.failure;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seen = this.inbox.map((m) => typeNames[m.type] + (m.text ? ` "${m.text}"` : '')).join(', ') || 'nothing';
        reject(new Error(`${this.name} waited ${stepTimeoutMs} ms for ${typeNames[type]}; in its inbox: ${seen}`));
      }, stepTimeoutMs);
      this.waiters.push({
        test: accepts,
        resolve: (message) => { clearTimeout(timer); resolve(message); },
        reject: (error) => { clearTimeout(timer); reject(error); },
      });
    });
  }

  has(type, test = () => true) { return this.inbox.some((message) => message.type === type && test(message)); }

  async whenEnded() {
    let timer;
    const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${this.name}: the server did not close`)), stepTimeoutMs); });
    try { return await Promise.race([this.ended, late]); } finally { clearTimeout(timer); }
  }

  guard(action) { try { action(); } catch (error) { this.fail(error); } }

  fail(error) {
    this.failure = error;
    for (const { reject } of this.waiters.splice(0)) reject(error);
  }
}

// ---- the steps -----------------------------------------------------------------------------------------------------

async function hello(client) {
  client.send(Type.Hello, {
    versionOldest: 1, versionNewest: 1, capabilities: 0n, credentials: bytesOf(client.name), resumeToken: new Uint8Array(0), lastSequence: 0n,
    agent: 'relay-interop/1',
  });
  const welcome = await client.take(Type.Welcome);
  equal(welcome.version, 1, 'the version');
  equal(welcome.lastApplied, 0n, 'lastApplied of a new session');
  check(welcome.maxFrameBody >= 1_024 && welcome.idleTimeoutMs > welcome.heartbeatMs, 'the limits make no sense');
  client.welcome = welcome;
  return `version 1, frames up to ${welcome.maxFrameBody} bytes, heartbeat ${welcome.heartbeatMs} ms`;
}

/** Join or ChangeRoom, and the fixed order after it (§6.2): Joined, the whole snapshot, then batches. */
async function enter(client, type, room) {
  // Whatever is in the inbox belongs to what was before.
  client.inbox = client.inbox.filter((message) => message.type !== Type.Presence && message.type !== Type.TransformBatch);
  const sequence = client.sendNumbered(type, { room });
  const joined = await client.take(Type.Joined);
  equal(joined.sequence, sequence, 'the sequence of Joined');
  equal(joined.room, room, 'the room of Joined');
  check(joined.epoch !== 0n && joined.member !== 0, 'epoch and member must not be 0');
  const members = new Map();
  for (let first = true, last = false; !last; first = false) {
    const part = await client.take(Type.Presence, (message) => message.arrived >= joined.arrived);
    check(part.flags & 1, 'a presence change came before the snapshot');
    equal(Boolean(part.flags & 2), first, 'the flag "first part"');
    equal(part.epoch, joined.epoch, 'the epoch of the snapshot');
    for (const entry of part.entries) members.set(entry.member, entry);
    last = Boolean(part.flags & 12); // the members are complete, though State parts may follow
  }
  const self = members.get(joined.member);
  check(self && self.slot === joined.slot && self.generation === joined.generation, 'the snapshot does not list the receiver as Joined does');
  equal(self.name, client.welcome.name, 'the name in the snapshot');
  client.joined = joined;
  client.members = members;
  return `member ${joined.member}, slot ${joined.slot}, ${members.size} present, records of ${client.space.recordSize} bytes`;
}

async function sees(watcher, other) {
  const { member, slot, generation } = other.joined;
  const change = await watcher.take(Type.Presence, (m) => m.flags === 0 && m.entries.some((e) => e.kind === 0 && e.member === member));
  const entry = change.entries.find((e) => e.member === member);
  equal(entry.slot, slot, 'the slot of the newcomer');
  equal(entry.generation, generation, 'the generation of the newcomer');
  equal(entry.name, other.welcome.name, 'the name of the newcomer');
  return `${watcher.name} sees ${entry.name} come`;
}

/** Sends a walk; the other must end up with its last point, within the precision. */
async function walk(walker, watcher, extension) {
  const space = walker.space;
  const centre = space.min.map((min, axis) => min + (space.steps[axis] * space.precision) / 2);
  let target;
  let quaternion;
  for (let step = 1; step <= 10; step++) {
    const angle = (step * Math.PI) / 23;
    target = [centre[0] + step * 0.123441, centre[1] + 0.056737 * step, centre[2] - 0.345626 * step];
    quaternion = [0, Math.sin(angle / 2), 0, Math.cos(angle / 2)];
    walker.send(Type.TransformUpdate, {
      entries: [{
        slot: walker.joined.slot, generation: walker.joined.generation, ...space.quantise(target), rotation: packRotation(quaternion),
        ...(extension && { extension }),
      }],
    });
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  const steps = space.quantise(target);
  const isLast = (e) => e.slot === walker.joined.slot && e.x === steps.x && e.y === steps.y && e.z === steps.z;
  const batch = await watcher.take(Type.TransformBatch, (m) => m.entries.some(isLast));
  const entry = batch.entries.find(isLast);
  const error = Math.max(...space.metres(entry).map((metres, axis) => Math.abs(metres - target[axis])));
  check(error <= space.precision / 2 + 1e-9, `the position is off by ${error} m`);
  const turn = angleDegrees(quaternion, unpackRotation(entry.rotation));
  check(turn < 0.28, `the rotation is off by ${turn} degrees`);
  if (extension) {
    equal(entry.extension?.vx, extension.vx, 'vx');
    equal(entry.extension?.vz, extension.vz, 'vz');
    equal(entry.extension?.scale, extension.scale, 'the scale');
  }
  watcher.lastBatch = batch;
  return `${watcher.name} has ${walker.name} within ${(error * 1000).toFixed(3)} mm and ${turn.toFixed(3)} degrees`;
}

async function event(sender, receivers, audience, member) {
  const payload = bytesOf(`hello ${audience} ${sender.sequence}`);
  sender.sendNumbered(Type.SendEvent, { audience, member, kind: 2_000, payload });
  for (const receiver of receivers) {
    const got = await receiver.take(Type.Event);
    equal(got.sender, sender.joined.member, 'the sender of the event');
    equal(got.audience, audience, 'the audience of the event');
    equal(got.kind, 2_000, 'the kind of the event');
    equal(text(got.payload), text(payload), 'the payload of the event');
  }
}

async function events(a, b) {
  await event(a, [b], 0);
  await event(b, [a], 0);
  await event(a, [a, b], 1);
  await event(b, [a], 2, a.joined.member);
  await settle(a);
  await settle(b);
  check(!a.has(Type.Event) && !b.has(Type.Event), 'somebody got an event that was not for them');
  return 'others, everyone, one member';
}

/** Asks for a change of the room's state and gives the value of Done (§11.7). */
async function ask(client, type, message) {
  const sequence = client.sendNumbered(type, message);
  return (await client.take(Type.Done, (m) => m.sequence === sequence)).value;
}

/** The next entry of a change for which `test` holds, wherever it stands. */
async function told(client, test) {
  const state = await client.take(Type.State, (m) => m.flags === 0 && m.entries.some(test));
  return { sequence: state.sequence, entry: state.entries.find(test) };
}

/** Objects and attributes: made, merged, taken, refused, removed; values are what MessagePack says. */
async function roomState(a, b) {
  const everyone = { kind: 0 };
  const owner = { kind: 1 };
  const value = { turn: 'w', moves: ['e4', 'e5'], clock: 300.5 };
  const id = Number(await ask(a, Type.CreateObject, {
    flags: 1, parent: 0, objectType: 'board', name: 'chess',
    attributes: [{ terms: 0, readers: everyone, writers: owner, key: 'game', value: pack(value) }],
  }));
  for (const client of [a, b]) {
    const { entry } = await told(client, (e) => e.kind === 0 && e.object === id);
    equal(entry.owner, a.joined.member, 'the owner');
    equal(entry.creator, a.joined.member, 'the creator');
    equal(entry.name, 'chess', 'the name of the object');
  }

  const path = pack('turn');
  const version = await ask(a, Type.SetAttribute, { operation: 1, target: 1, object: id, key: 'game', path, value: pack('b') });
  const merged = await told(b, (e) => e.kind === 3);
  equal(merged.sequence, version, 'the version, which is the number of the change');
  equal(unpack(merged.entry.value), 'b', 'the merged value');

  const stale = a.sendNumbered(Type.SetAttribute, { operation: 4, target: 1, object: id, key: 'game', expected: version - 1n, value: pack(1) });
  const conflict = await a.take(Type.Error, (m) => m.sequence === stale);
  equal(conflict.code, 4412, 'the code for an old version');
  equal(BigInt(conflict.value), version, 'the present version');

  await ask(b, Type.Claim, { object: id, action: 0, argument: a.joined.member });
  const taken = await told(a, (e) => e.kind === 0 && e.owner === b.joined.member);
  equal(taken.entry.object, id, 'the object that was taken');
  const late = a.sendNumbered(Type.Claim, { object: id, action: 0, argument: a.joined.member });
  equal((await a.take(Type.Error, (m) => m.sequence === late)).value, b.joined.member, 'the owner that won');

  await ask(b, Type.RemoveObject, { object: id });
  await told(a, (e) => e.kind === 1 && e.object === id);
  return `object ${id}, version ${version}, merged, taken, refused with 4412, removed`;
}

/** A round trip: whatever the server had to say about earlier frames has arrived after it. */
async function settle(client) {
  const stamp = now();
  client.send(Type.Ping, { stamp });
  const pong = await client.take(Type.Pong, (m) => m.stamp === stamp);
  check(pong.sent >= pong.received, 'the pong was sent before the ping arrived');
  const offset = ((pong.received - stamp) + (pong.sent - pong.arrived)) / 2n;
  const roundTrip = (pong.arrived - stamp) - (pong.sent - pong.received);
  check(roundTrip >= 0n, 'the round trip took less than no time');
  return { offset, roundTrip };
}

async function clocks(client) {
  const samples = [];
  for (let i = 0; i < 5; i++) samples.push(await settle(client));
  const best = samples.reduce((least, sample) => (sample.roundTrip < least.roundTrip ? sample : least));
  for (const { offset, roundTrip } of samples) {
    const apart = offset > best.offset ? offset - best.offset : best.offset - offset;
    check(apart <= roundTrip / 2n + 5_000n, `two measurements of the offset are ${apart} µs apart`);
  }
  const server = (client.lastBatch.arrived + best.offset) / 1_000n;
  const behind = Number(BigInt.asIntN(32, server - BigInt(client.lastBatch.serverMillis)));
  check(behind >= -50 && behind <= 2_000, `serverMillis of a batch is ${behind} ms before its arrival`);
  return `${client.name}: offset ${best.offset} µs, round trip ${best.roundTrip} µs, a batch was ${behind} ms old`;
}

async function gone(watcher, member) {
  await watcher.take(Type.Presence, (m) => m.flags === 0 && m.entries.some((e) => e.kind === 1 && e.member === member));
}

async function changeRoom(mover, watcher, room) {
  const member = mover.joined.member;
  const result = await enter(mover, Type.ChangeRoom, room);
  await gone(watcher, member);
  return `${result}; ${watcher.name} sees the departure`;
}

async function leave(client) {
  const sequence = client.sendNumbered(Type.Leave, {});
  const left = await client.take(Type.Left);
  equal(left.sequence, sequence, 'the sequence of Left');
  equal(left.reason, 1000, 'the reason of Left');
  return 'Left, reason 1000';
}

async function refusals(client) {
  client.write(Uint8Array.of(3, 0, 0, 0x7F, 1, 2, 3));
  const unknown = await client.take(Type.Error);
  equal(unknown.code, 4405, 'the code for an unknown frame type');
  equal(unknown.refusedType, 0x7F, 'refusedType');
  equal(unknown.value, 0x7F, 'the value for an unknown frame type');

  client.write(Uint8Array.of(3, 0, 0, 0xC0, 1, 2, 3));
  await settle(client);
  check(!client.has(Type.Error), 'an unknown optional frame was refused');

  const sequence = client.sendNumbered(Type.SendEvent, { audience: 0, kind: 2_000, payload: bytesOf('nobody') });
  const outside = await client.take(Type.Error);
  equal(outside.code, 4410, 'the code for an event outside a room');
  equal(outside.sequence, sequence, 'the sequence of the refused event');

  client.sendNumbered(Type.Join, { room: 'no/../way' });
  equal((await client.take(Type.Error)).code, 4400, 'the code for a bad room name');

  client.send(Type.Leave, { sequence: client.sequence + 5n });
  const skipped = await client.take(Type.Error);
  equal(skipped.code, 4425, 'the code for a skipped number');
  equal(BigInt(skipped.limit), client.sequence + 1n, 'the number expected');
  return '4405, optional skipped, 4410, 4400, 4425; the connection lives on';
}

async function malformed(client) {
  client.write(Uint8Array.of(1, 0, 0, Type.Ping, 0)); // a Ping of one byte
  const close = await client.take(Type.Close);
  equal(close.code, 1007, 'the code for a malformed body');
  equal(close.value, Type.Ping, 'the value for a malformed body');
  await client.whenEnded();
  return 'Close 1007, then the end of the stream';
}

async function goodbye(client) {
  client.send(Type.Close, { code: 1000, cause: 0, limit: 0, value: 0, text: 'done' });
  client.hangUp();
  const code = await client.whenEnded();
  if (code !== null) equal(code, 1000, 'the WebSocket close code');
  return 'closed';
}

async function strangerOnTcp() {
  const socket = net.connect({ host: tcpHost, port: tcpPort });
  const answer = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a stranger was not turned away')), stepTimeoutMs);
    const chunks = [];
    socket.on('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    socket.on('data', (data) => chunks.push(data));
    socket.on('error', () => {});
    socket.on('close', () => { clearTimeout(timer); resolve(Buffer.concat(chunks)); });
  });
  equal(answer.length, 0, 'the number of bytes that a stranger is answered');
  return 'HTTP on the raw port is closed without an answer';
}

// ---- the walk ------------------------------------------------------------------------------------------------------

async function step(title, action) {
  const result = await action();
  console.log(`ok    ${title}${result ? `: ${result}` : ''}`);
}

async function main() {
  const room = `interop-${process.pid}`;
  let a;
  let b;
  try {
    await step('Ada connects by WebSocket', async () => { a = await Client.overWebSocket('Ada'); });
    await step('Bob connects by TCP', async () => { b = await Client.overTcp('Bob'); });
    await step('Hello and Welcome, WebSocket', () => hello(a));
    await step('Hello and Welcome, TCP', () => hello(b));
    await step('Ada joins', () => enter(a, Type.Join, room));
    await step('Bob joins', () => enter(b, Type.Join, room));
    check(b.members.has(a.joined.member), 'the snapshot of Bob lacks Ada');
    await step('presence change', () => sees(a, b));
    await step('transforms, WebSocket to TCP', () => walk(a, b));
    await step('transforms, TCP to WebSocket, with velocity and scale', () => walk(b, a, { flags: 6, vx: 123, vy: 0, vz: -346, scale: 1.5 }));
    await step('events', () => events(a, b));
    await step('objects and attributes', () => roomState(a, b));
    await step('clock, WebSocket', () => clocks(a));
    await step('clock, TCP', () => clocks(b));
    await step('Bob changes the room', () => changeRoom(b, a, `${room}-2`));
    await step('Ada leaves', () => leave(a));
    await step('refusals', () => refusals(a));
    await step('a malformed body, TCP', () => malformed(b));
    await step('Close, WebSocket', () => goodbye(a));
    await step('a stranger', () => strangerOnTcp());
    console.log('interop: all steps passed');
    return 0;
  } catch (error) {
    console.error(`FAIL  ${error.message}`);
    return 1;
  } finally {
    a?.terminate();
    b?.terminate();
  }
}

process.exitCode = await main();
