// The Relay protocol, written from protocol-spec.md alone: a schema of every frame, a reader and a writer.
// Integers that fit 32 bits are numbers, longer ones are BigInts.

export const PREFACE = Uint8Array.of(0xF1, 0x52, 0x45, 0x4C, 0x41, 0x59, 0x0D, 0x0A); // §2.1
export const SUBPROTOCOL = 'relay.posbus.v1'; // §2.2

export const Type = Object.freeze({ // §4
  Nop: 0x00, Hello: 0x01, Welcome: 0x02, Close: 0x03, Error: 0x04, GoAway: 0x05, Ping: 0x06, Pong: 0x07, Expiring: 0x08, Renew: 0x09,
  Join: 0x10, ChangeRoom: 0x11, Leave: 0x12, Joined: 0x13, Left: 0x14, Presence: 0x15,
  SendEvent: 0x20, Event: 0x21, TransformUpdate: 0x30, TransformBatch: 0x31,
  CreateObject: 0x40, UpdateObject: 0x41, RemoveObject: 0x42, CloneObject: 0x43, Claim: 0x44, SetAttribute: 0x45, Manage: 0x46,
  State: 0x50, Done: 0x51,
});

export class Malformed extends Error {}

// ---- fields (§3.3) -------------------------------------------------------------------------------------------------

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
  }

  get left() { return this.bytes.length - this.position; }

  skip(count) {
    if (count > this.left) throw new Malformed('a field runs past the end');
    const at = this.position;
    this.position += count;
    return at;
  }

  raw(count) { const at = this.skip(count); return this.bytes.slice(at, at + count); }
  u8() { return this.view.getUint8(this.skip(1)); }
  u16() { return this.view.getUint16(this.skip(2), true); }
  i16() { return this.view.getInt16(this.skip(2), true); }
  u32() { return this.view.getUint32(this.skip(4), true); }
  u64() { return this.view.getBigUint64(this.skip(8), true); }
  f32() { return this.view.getFloat32(this.skip(4), true); }
  f64() { return this.view.getFloat64(this.skip(8), true); }

  varint64() {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = this.u8();
      if (next === 0 && shift > 0n) throw new Malformed('a varint is not in its shortest form');
      value |= BigInt(next & 0x7F) << shift;
      if (next < 0x80) {
        if (value >> 64n) break;
        return value;
      }
    }
    throw new Malformed('a varint is too long');
  }

  varint() {
    const value = this.varint64();
    if (value >> 32n) throw new Malformed('a varint does not fit 32 bits');
    return Number(value);
  }

  count(least) {
    const value = this.varint64();
    if (value * BigInt(least) > BigInt(this.left)) throw new Malformed('a count is more than the rest can hold');
    return Number(value);
  }

  bytes8() { return this.raw(this.u8()); }
  bytes16() { return this.raw(this.u16()); }

  bytesVar() { return this.raw(this.varint()); }

  string8() {
    try { return utf8.decode(this.bytes8()); } catch (error) {
      throw error instanceof Malformed ? error : new Malformed('text is not UTF-8');
    }
  }

  rest() { return this.raw(this.left); }
  end() { if (this.left) throw new Malformed('bytes after the last field'); }
}

export class Writer {
  constructor() { this.bytes = []; }

  raw(bytes) { for (const b of bytes) this.bytes.push(b); }

  number(size, set) {
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    this.raw(new Uint8Array(view.buffer));
  }

  u8(value) { this.number(1, (v) => v.setUint8(0, value)); }
  u16(value) { this.number(2, (v) => v.setUint16(0, value, true)); }
  i16(value) { this.number(2, (v) => v.setInt16(0, value, true)); }
  u32(value) { this.number(4, (v) => v.setUint32(0, value, true)); }
  u64(value) { this.number(8, (v) => v.setBigUint64(0, value, true)); }
  f32(value) { this.number(4, (v) => v.setFloat32(0, value, true)); }
  f64(value) { this.number(8, (v) => v.setFloat64(0, value, true)); }

  varint64(value) {
    let left = BigInt(value);
    for (; left >= 0x80n; left >>= 7n) this.bytes.push(Number(left & 0x7Fn) | 0x80);
    this.bytes.push(Number(left));
  }

  varint(value) { this.varint64(value); }
  bytes8(value) { this.u8(value.length); this.raw(value); }
  bytes16(value) { this.u16(value.length); this.raw(value); }
  bytesVar(value) { this.varint(value.length); this.raw(value); }
  string8(value) { this.bytes8(new TextEncoder().encode(value)); }
  rest(value) { this.raw(value); }
}

// ---- bodies (§5 to §7, §11): names and kinds of fields in order ---------------------------------------------------------

const flat = (...pairs) => pairs.map((pair) => pair.split(':'));

const schemas = {
  [Type.Nop]: [],
  [Type.Welcome]: flat('version:u8', 'capabilities:varint64', 'sessionHigh:u64', 'sessionLow:u64', 'resumeToken:bytes8', 'lastApplied:varint64',
    'serverClock:u64', 'heartbeatMs:varint', 'idleTimeoutMs:varint', 'maxFrameBody:varint', 'maxServerFrameBody:varint', 'framesPerSecond:varint',
    'frameBurst:varint', 'maxEventPayload:varint', 'defaultTickMicros:varint', 'name:string8'),
  [Type.Close]: flat('code:u16', 'cause:u16', 'limit:f64', 'value:f64', 'text:string8'),
  [Type.Error]: flat('refusedType:u8', 'sequence:varint64', 'code:u16', 'limit:f64', 'value:f64', 'text:string8'),
  [Type.GoAway]: flat('reason:u16', 'deadlineMs:varint', 'retryAfterMs:varint', 'jitterMs:varint', 'alternateUrl:bytes16'),
  [Type.Ping]: flat('stamp:u64'),
  [Type.Pong]: flat('stamp:u64', 'received:u64', 'sent:u64'),
  [Type.Expiring]: flat('graceMs:varint'),
  [Type.Renew]: flat('sequence:varint64', 'credentials:bytes16'),
  [Type.Leave]: flat('sequence:varint64'),
  [Type.Left]: flat('sequence:varint64', 'reason:u16'),
  [Type.RemoveObject]: flat('sequence:varint64', 'object:varint'),
  [Type.CloneObject]: flat('sequence:varint64', 'object:varint', 'parent:varint', 'name:string8'),
  [Type.Done]: flat('sequence:varint64', 'value:varint64'),
};

const joinedStart = flat('sequence:varint64', 'room:string8', 'epoch:u64', 'member:varint', 'slot:varint', 'generation:u8',
  'minX:f64', 'minY:f64', 'minZ:f64', 'precision:f64', 'stepsX:varint', 'stepsY:varint', 'stepsZ:varint',
  'tickMicros:varint', 'ageUnitMicros:varint', 'capacity:varint', 'maxObjects:varint', 'maxValue:varint');

// The others have parts that depend on what came before. One function serves both ways: `field` reads or writes.
const guided = {
  [Type.Hello](field, m) {
    m.versionOldest = field('versionOldest', 'u8', m.versionOldest);
    m.versionNewest = field('versionNewest', 'u8', m.versionNewest);
    m.capabilities = field('capabilities', 'varint64', m.capabilities);
    m.credentials = field('credentials', 'bytes16', m.credentials);
    m.resumeToken = field('resumeToken', 'bytes8', m.resumeToken);
    m.lastSequence = field('lastSequence', 'varint64', m.lastSequence);
    if (m.resumeToken.length > 0) {
      m.epoch = field('epoch', 'u64', m.epoch);
      m.cursor = field('cursor', 'varint64', m.cursor);
      m.lastAnswer = field('lastAnswer', 'varint64', m.lastAnswer);
    }
    m.agent = field('agent', 'string8', m.agent);
  },
  [Type.Join]: join,
  [Type.ChangeRoom]: join,
  [Type.Presence](field, m) {
    m.flags = field('flags', 'u8', m.flags);
    demand(m.flags <= 15 && (m.flags === 0 || (m.flags & 1)) && (m.flags & 12) !== 12);
    m.sequence = field('sequence', 'varint64', m.sequence);
    if (m.flags & 1) {
      m.epoch = field('epoch', 'u64', m.epoch);
      m.version = field('version', 'varint64', m.version);
    }
    m.entries = list(field, 'count', 4, m.entries, (e) => {
      e.kind = field('kind', 'u8', e.kind);
      demand(e.kind <= 2);
      e.member = field('member', 'varint', e.member);
      if (e.kind === 1) {
        e.reason = field('reason', 'u16', e.reason);
        return;
      }
      if (e.kind === 0) {
        e.slot = field('slot', 'varint', e.slot);
        e.generation = field('generation', 'u8', e.generation);
      }
      e.role = field('role', 'u8', e.role);
      e.standing = field('standing', 'u8', e.standing);
      demand(e.standing <= 3);
      if (e.kind === 0) e.name = field('name', 'string8', e.name);
    });
  },
  [Type.SendEvent](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.audience = field('audience', 'u8', m.audience);
    demand(m.audience <= 4);
    if (m.audience === 2) m.member = field('member', 'varint', m.member);
    if (m.audience === 3) m.roles = field('roles', 'varint', m.roles);
    if (m.audience === 4) m.radius = field('radius', 'f32', m.radius);
    m.kind = field('kind', 'varint', m.kind);
    m.payload = field('payload', 'rest', m.payload);
  },
  [Type.Event](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.audience = field('audience', 'u8', m.audience);
    demand(m.audience <= 4);
    m.sender = field('sender', 'varint', m.sender);
    m.kind = field('kind', 'varint', m.kind);
    m.payload = field('payload', 'rest', m.payload);
  },
  [Type.TransformUpdate](field, m, space) {
    m.entries = list(field, 'count', 2 + space.recordSize, m.entries, (e) => {
      e.slot = field('slot', 'varint', e.slot);
      e.generation = field('generation', 'u8', e.generation);
      record(field, e, space);
    });
    demand(m.entries.length > 0);
  },
  [Type.TransformBatch](field, m, space) {
    m.flags = field('flags', 'u8', m.flags);
    demand(m.flags <= 1);
    m.version = field('version', 'varint64', m.version);
    m.presupposes = field('presupposes', 'varint64', m.presupposes);
    m.serverMillis = field('serverMillis', 'u32', m.serverMillis);
    m.removals = rising(field, 'removals', 1, m.removals, () => {});
    m.entries = rising(field, 'count', 1 + space.recordSize, m.entries, (e) => record(field, e, space));
  },
  [Type.Joined](field, m) {
    for (const [name, kind] of joinedStart) m[name] = field(name, kind, m[name]);
    const count = field('roles', 'u8', m.roles?.length);
    demand(count <= 32);
    m.roles ??= Array.from({ length: count }, () => ({}));
    for (const role of m.roles) {
      role.permissions = field('permissions', 'varint', role.permissions);
      role.name = field('name', 'string8', role.name);
    }
  },
  [Type.CreateObject](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.flags = field('flags', 'u8', m.flags);
    demand((m.flags & ~0b10111) === 0);
    if (m.flags & 16) m.parentName = field('parentName', 'string8', m.parentName);
    else m.parent = field('parent', 'varint', m.parent);
    m.objectType = field('type', 'string8', m.objectType);
    m.name = field('name', 'string8', m.name);
    m.attributes = list(field, 'attributes', 5, m.attributes, (a) => {
      terms(field, a);
      a.key = field('key', 'string8', a.key);
      a.value = field('value', 'bytesVar', a.value);
    });
    if (m.flags & 2) m.place = field('place', 'rest', m.place ?? new Uint8Array(0));
  },
  [Type.UpdateObject](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.object = field('object', 'varint', m.object);
    m.fields = field('fields', 'u8', m.fields);
    demand(m.fields <= 15);
    if (m.fields & 1) m.parent = field('parent', 'varint', m.parent);
    if (m.fields & 2) m.objectType = field('type', 'string8', m.objectType);
    if (m.fields & 4) m.name = field('name', 'string8', m.name);
    if (m.fields & 8) m.flags = field('flags', 'u8', m.flags);
    demand((m.flags & ~5) === 0);
  },
  [Type.Claim](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.object = field('object', 'varint', m.object);
    m.action = field('action', 'u8', m.action);
    demand(m.action <= 4);
    m.argument = field('argument', 'varint', m.argument);
  },
  [Type.SetAttribute](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.operation = field('operation', 'u8', m.operation);
    demand(m.operation <= 15);
    target(field, m);
    if (m.operation & 4) m.expected = field('expected', 'varint64', m.expected);
    if (m.operation & 8) terms(field, m);
    m.key = field('key', 'string8', m.key);
    const what = m.operation & 3; // set, merge, remove, delete
    if (what === 1 || what === 2) m.path = field('path', 'bytes8', m.path);
    if (what <= 1) m.value = field('value', 'rest', m.value);
  },
  [Type.Manage](field, m) {
    m.sequence = field('sequence', 'varint64', m.sequence);
    m.action = field('action', 'u8', m.action);
    demand(m.action <= 10);
    m.member = field('member', 'varint', m.member);
    m.argument = field('argument', 'varint', m.argument);
    m.text = field('text', 'string8', m.text);
  },
  [Type.State](field, m) {
    m.flags = field('flags', 'u8', m.flags);
    demand([0, 1, 5].includes(m.flags));
    m.sequence = field('sequence', 'varint64', m.sequence);
    if (m.flags) {
      m.epoch = field('epoch', 'u64', m.epoch);
      m.version = field('version', 'varint64', m.version);
    }
    m.entries = list(field, 'count', 2, m.entries, (e) => {
      e.kind = field('kind', 'u8', e.kind);
      demand(e.kind <= 4);
      if (e.kind === 0) return object(field, e);
      if (e.kind === 1) return void (e.object = field('object', 'varint', e.object));
      return attribute(field, e);
    });
  },
};

/** An object in State (§11.8). */
function object(field, e) {
  e.object = field('object', 'varint', e.object);
  e.flags = field('flags', 'u8', e.flags);
  demand(e.flags <= 31);
  for (const name of ['parent', 'owner', 'creator']) e[name] = field(name, 'varint', e[name]);
  if (e.flags & 8) e.lockHolder = field('lockHolder', 'varint', e.lockHolder);
  if (e.flags & 2) {
    e.slot = field('slot', 'varint', e.slot);
    e.generation = field('generation', 'u8', e.generation);
  }
  e.objectType = field('type', 'string8', e.objectType);
  e.name = field('name', 'string8', e.name);
  if (e.flags & 16) e.awaitedParent = field('awaitedParent', 'string8', e.awaitedParent);
}

/** An attribute in State (§11.8), whole, merged or removed. */
function attribute(field, e) {
  target(field, e);
  e.key = field('key', 'string8', e.key);
  if (e.kind === 4) return;
  if (e.kind === 2) terms(field, e);
  e.version = field('version', 'varint64', e.version);
  e.author = field('author', 'varint', e.author);
  if (e.kind === 3) e.path = field('path', 'bytes8', e.path);
  e.value = field('value', 'bytesVar', e.value);
}

/** What an attribute is of (§11.2). */
function target(field, m) {
  m.target = field('target', 'u8', m.target);
  demand(m.target <= 3);
  if (m.target & 1) m.object = field('object', 'varint', m.object);
  if (m.target & 2) m.member = field('member', 'varint', m.member);
}

/** How an attribute behaves, who is told of it and who writes it (§11.2). */
function terms(field, m) {
  m.terms = field('terms', 'u8', m.terms);
  demand(m.terms <= 7);
  for (const whom of ['readers', 'writers']) {
    const access = m[whom] ?? (m[whom] = {});
    access.kind = field(whom, 'u8', access.kind);
    demand(access.kind <= 3);
    if (access.kind >= 2) access.argument = field('argument', 'varint', access.argument);
  }
}

function join(field, m) {
  m.sequence = field('sequence', 'varint64', m.sequence);
  m.room = field('room', 'string8', m.room);
  m.ticket = field('ticket', 'bytes16', m.ticket ?? new Uint8Array(0));
  m.flags = field('flags', 'u8', m.flags ?? (m.epoch ? 1 : 0));
  demand(m.flags <= 1);
  if (m.flags === 1) {
    m.epoch = field('epoch', 'u64', m.epoch);
    m.cursor = field('cursor', 'varint64', m.cursor);
  }
}

function list(field, name, least, items, each) {
  const count = field(name, 'count', items?.length, least);
  const result = items ?? Array.from({ length: count }, () => ({}));
  result.forEach(each);
  return result;
}

/** A list whose slots rise, as deltas (§8.4). Items are objects with a `slot`. */
function rising(field, name, least, items, each) {
  let next = 0;
  return list(field, name, least, items, (item) => {
    item.slot = next + field('slotDelta', 'varint', item.slot === undefined ? undefined : item.slot - next);
    demand(item.slot < 2 ** 32);
    next = item.slot + 1;
    each(item);
  });
}

/** A record and its extension (§8.2): `age`, `x`, `y`, `z` in steps, `rotation`, and `extension` if there is one. */
function record(field, e, space) {
  const r = field('record', 'record', e.x === undefined ? undefined : { extended: e.extension ? 1 : 0, age: 0, ...e }, space);
  Object.assign(e, { age: r.age, x: r.x, y: r.y, z: r.z, rotation: r.rotation });
  if (!r.extended) return;
  const x = e.extension ?? (e.extension = {});
  x.flags = field('flags', 'u8', x.flags);
  demand(x.flags <= 7);
  if (x.flags & 2) for (const axis of ['vx', 'vy', 'vz']) x[axis] = field(axis, 'i16', x[axis]);
  if (x.flags & 4) x.scale = field('scale', 'f32', x.scale);
}

function demand(allowed) { if (!allowed) throw new Malformed('an undefined value'); }

// ---- frames (§3.1) -------------------------------------------------------------------------------------------------

/** A whole frame. `space` (see `Space`) is needed for transforms only. */
export function encode(type, message, space) {
  const writer = new Writer();
  const field = (name, kind, value) => {
    if (kind === 'record') writer.raw(space.packRecord(value));
    else if (kind === 'count') writer.varint(value);
    else writer[kind](value);
    return value;
  };
  walk(type, field, message, space);
  const length = writer.bytes.length;
  return Uint8Array.of(length & 0xFF, (length >> 8) & 0xFF, length >> 16, type, ...writer.bytes);
}

/** The message in a body. With `seen`, an array, every field is also put there as [name, kind, value], in order. */
export function decode(type, body, space, seen) {
  const reader = new Reader(body);
  const field = (name, kind, _value, least) => {
    const value = kind === 'record' ? space.unpackRecord(reader.raw(space.recordSize)) : kind === 'count' ? reader.count(least) : reader[kind]();
    seen?.push([name, kind, value]);
    return value;
  };
  const message = { type };
  walk(type, field, message, space);
  reader.end();
  return message;
}

function walk(type, field, message, space) {
  if (guided[type]) return guided[type](field, message, space);
  if (!schemas[type]) throw new Error(`no such frame type: ${type}`);
  for (const [name, kind] of schemas[type]) message[name] = field(name, kind, message[name]);
}

export const isKnown = (type) => Boolean(guided[type] || schemas[type]);

/** Cuts a stream into frames, however it arrives. */
export class FrameStream {
  constructor(limit = 0xFFFFFF) { this.limit = limit; this.pending = new Uint8Array(0); }

  get isBetweenFrames() { return this.pending.length === 0; }

  /** @returns {{type: number, body: Uint8Array}[]} the frames that are whole now. */
  push(bytes) {
    const all = new Uint8Array(this.pending.length + bytes.length);
    all.set(this.pending);
    all.set(bytes, this.pending.length);
    const frames = [];
    let at = 0;
    while (all.length - at >= 4) {
      const length = all[at] | (all[at + 1] << 8) | (all[at + 2] << 16);
      if (length > this.limit) throw new Malformed(`a frame of ${length} bytes is above the limit of ${this.limit}`);
      if (all.length - at - 4 < length) break;
      frames.push({ type: all[at + 3], body: all.slice(at + 4, at + 4 + length) });
      at += 4 + length;
    }
    this.pending = all.slice(at);
    return frames;
  }
}

// ---- transforms (§8.1, §8.2) ---------------------------------------------------------------------------------------

/** The measures of a room, from its Joined message. */
export class Space {
  constructor({ minX, minY, minZ, precision, stepsX, stepsY, stepsZ }) {
    this.min = [minX, minY, minZ];
    this.precision = precision;
    this.steps = [stepsX, stepsY, stepsZ];
    this.bits = this.steps.map((steps) => { let b = 0; while (2 ** b < steps) b++; return b; });
    this.recordSize = Math.ceil((37 + this.bits[0] + this.bits[1] + this.bits[2]) / 8);
  }

  /** Metres to steps. */
  quantise([x, y, z]) {
    const q = [x, y, z].map((value, axis) => {
      const exact = (value - this.min[axis]) / this.precision;
      const steps = this.steps[axis];
      const rounded = exact < steps ? Math.min(Math.round(exact), steps - 1) : steps;
      if (!(rounded >= 0 && rounded < steps)) throw new RangeError(`${value} m is outside the room`);
      return rounded;
    });
    return { x: q[0], y: q[1], z: q[2] };
  }

  /** Steps to metres. */
  metres({ x, y, z }) { return [x, y, z].map((q, axis) => this.min[axis] + q * this.precision); }

  packRecord({ extended, age, x, y, z, rotation }) {
    let bits = 0n;
    let at = 0n;
    const put = (value, count) => { bits |= BigInt(value) << at; at += BigInt(count); };
    put(extended, 1);
    put(age, 4);
    put(x, this.bits[0]);
    put(y, this.bits[1]);
    put(z, this.bits[2]);
    put(rotation, 32);
    return Uint8Array.from({ length: this.recordSize }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xFFn));
  }

  unpackRecord(bytes) {
    let bits = bytes.reduceRight((sum, b) => (sum << 8n) | BigInt(b), 0n);
    const take = (count) => {
      const value = Number(bits & ((1n << BigInt(count)) - 1n));
      bits >>= BigInt(count);
      return value;
    };
    return { extended: take(1), age: take(4), x: take(this.bits[0]), y: take(this.bits[1]), z: take(this.bits[2]), rotation: take(32) };
  }
}

/** A quaternion [x, y, z, w] in 32 bits. */
export function packRotation(quaternion) {
  const length = Math.hypot(...quaternion);
  let q = quaternion.map((c) => c / length);
  const largest = q.reduce((best, c, i) => (Math.abs(c) > Math.abs(q[best]) ? i : best), 0);
  if (q[largest] < 0) q = q.map((c) => -c);
  const [a, b, c] = q.filter((_, i) => i !== largest).map((part) => Math.round(part * Math.SQRT2 * 511) + 511);
  return Number((BigInt(largest) << 30n) | (BigInt(a) << 20n) | (BigInt(b) << 10n) | BigInt(c));
}

export function unpackRotation(bits) {
  const [a, b, c] = [20, 10, 0].map((shift) => (((bits >>> shift) & 0x3FF) - 511) / (511 * Math.SQRT2));
  const missing = Math.sqrt(Math.max(0, 1 - a * a - b * b - c * c));
  const q = [a, b, c];
  q.splice(bits >>> 30, 0, missing);
  const length = Math.hypot(...q);
  return q.map((part) => part / length);
}

/** The angle between two rotations in degrees. */
export function angleDegrees(p, q) {
  const dot = p.reduce((sum, c, i) => sum + c * q[i], 0);
  const sign = dot < 0 ? -1 : 1;
  return 4 * Math.asin(Math.min(1, Math.hypot(...p.map((c, i) => c - sign * q[i])) / 2)) * 180 / Math.PI;
}
