// A peer that says what a test wants it to say: for what the real server says only when something is wrong.
import { once } from 'node:events';
import { WebSocketServer, WebSocket } from 'ws';
import { RelayClient } from '../../dist/index.js';
import { decode, eachFrame, encode, layoutOf } from '../../dist/wire/index.js';

export const socket = (url, protocol) => {
  const made = new WebSocket(url, protocol);
  made.on('error', () => {}); // the close event that follows says it
  return made;
};

/** A client that tells a test all that happens to it. */
export function client(t, url, options = {}) {
  const made = new RelayClient({ url, createSocket: socket, ...options });
  made.seen = [];
  for (const name of ['reconnecting', 'reconnected', 'room', 'left', 'refused', 'goAway', 'closed']) made.on(name, (event) => made.seen.push([name, event]));
  made.saw = (name) => made.seen.filter(([seen]) => seen === name).map(([, event]) => event);
  t.after(() => made.close());
  return made;
}

export const joined = (fields = {}) => ({
  sequence: 1, room: 'plaza', epoch: 5n, member: 7, slot: 3, generation: 1, minX: -65.536, minY: -65.536, minZ: -65.536, precision: 0.001,
  stepsX: 131072, stepsY: 131072, stepsZ: 131072, tickMicros: 50000, ageUnitMicros: 4000, capacity: 500, maxObjects: 1000, maxValue: 4096,
  roles: [{ permissions: 0, name: 'guest' }, { permissions: 247, name: 'member' }], ...fields,
});

export const member = (id, slot, name, fields = {}) => ({ kind: 0, member: id, slot, generation: 1, role: 1, standing: 0, name, ...fields });

export const welcome = (fields = {}) => ({
  version: 1, capabilities: 0, sessionHigh: 1n, sessionLow: 2n, resumeToken: new Uint8Array(16), lastApplied: 0, serverClock: 0n, heartbeatMs: 10000,
  idleTimeoutMs: 25000, maxFrameBody: 16384, maxServerFrameBody: 65536, framesPerSecond: 0, frameBurst: 0, maxEventPayload: 8192,
  defaultTickMicros: 50000, name: 'Anna', ...fields,
});

/** @param {(connection: Connection, name: string, message: object) => void} script called for each frame that comes */
export async function peer(t, script) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const connections = [];
  server.on('connection', (ws) => {
    const connection = {
      ws, got: [],
      say: (name, message) => ws.send(encode(name, message)),
      sayBytes: (bytes) => ws.send(bytes),
      cut: () => ws.terminate(),
    };
    connections.push(connection);
    ws.on('message', (data) => eachFrame(new Uint8Array(data), 1 << 20, (type, start, end) => {
      const name = layoutOf(type).name;
      const message = name === 'TransformUpdate' ? {} : decode(name, new Uint8Array(data), start, end);
      connection.got.push([name, message]);
      script(connection, name, message, connections.length);
    }));
    ws.on('error', () => {});
  });
  t.after(() => {
    for (const { ws } of connections) ws.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${server.address().port}/relay`, connections };
}

/** A script that welcomes, and lets into a room with these members. */
export function hospitable(rest = () => {}, members = [member(7, 3, 'Anna')]) {
  return (connection, name, message, count) => {
    if (name === 'Hello') connection.say('Welcome', welcome({ sessionLow: BigInt(count) }));
    if (name === 'Join') {
      connection.say('Joined', joined({ sequence: message.sequence, epoch: BigInt(count) }));
      connection.say('Presence', { flags: 7, sequence: 10, epoch: BigInt(count), version: 20, entries: members });
    }
    rest(connection, name, message, count);
  };
}
