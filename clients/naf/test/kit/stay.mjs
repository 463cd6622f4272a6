// A page's stay in a room, where a test says what the server tells and when.

import { packValue } from '../../../js/dist/values.js';
import { Room } from '../../../js/dist/room/room.js';
import { joined, member } from '../../../js/test/kit/peer.mjs';
import { encode, packRotation, Space, Type } from '../../../../tests/interop/posbus.mjs';
import { clientId } from '../../dist/names.js';
import { Stay } from '../../dist/stay.js';

const epoch = 5n;
const space = new Space(joined());
const snapshot = 1, first = 2, last = 4;

/** What a member is called. */
export const called = (id) => clientId(id, epoch);

/** What of networked-aframe an adapter meets: entities in a scene, and whose they are. Of two messages the later owner's holds. */
class Page {
  entities = {};
  log = { write() {}, warn: (text) => this.complaints.push(text), error: (text) => this.complaints.push(text) };
  complaints = [];
  schemas = { getComponents: () => ['position', { component: 'material', property: 'color' }] };

  constructor(me) {
    this.clientId = me;
    globalThis.NAF = { clientId: me, schemas: this.schemas, entities: this, log: this.log };
    globalThis.document = { body: new EventTarget() };
  }

  /** An entity that is in the scene from the beginning. */
  has(networkId, owner, color, persistent = true) {
    const data = { networkId, template: '#t', persistent, owner, creator: '' };
    const networked = { data, lastOwnerTime: -1 };
    const element = { components: { networked }, color, setAttribute: (_, values) => Object.assign(data, values) };
    this.entities[networkId] = element;
    return element;
  }

  receive(_, type, data) {
    if (type === 'um') data.d.forEach((one) => this.take(one));
    else if (type === 'u') this.take(data);
    else delete this.entities[data.networkId];
  }

  take(message) {
    const element = this.entities[message.networkId] ?? this.has(message.networkId, message.owner, '');
    const { networked } = element.components;
    if (message.lastOwnerTime < networked.lastOwnerTime) return;
    if (networked.data.owner !== message.owner) {
      networked.data.owner = message.owner;
      networked.lastOwnerTime = message.lastOwnerTime;
    }
    if (message.components[1] !== undefined) element.color = message.components[1];
  }

  /** What networked-aframe sends when the page makes an entity. */
  makes(stay, networkId, color) {
    this.takes(stay, networkId, color, 1, this.has(networkId, this.clientId, color, false));
  }

  /** What networked-aframe sends when the page takes an entity, and colours it. */
  takes(stay, networkId, color, time, element = this.entities[networkId]) {
    const { networked } = element.components;
    networked.lastOwnerTime = time;
    networked.data.owner = this.clientId;
    element.color = color;
    const components = { 0: { x: 0, y: 1, z: 0 }, 1: color };
    stay.broadcast('u', { ...networked.data, lastOwnerTime: time, parent: null, components, isFirstSync: false }, true);
  }
}

/** A stay as one of several members, and all that a server may tell of one object. */
export function stayAs(self, members) {
  let sequence = 10;
  let version = 0;
  const asked = [];
  const ask = (name, message) => new Promise((resolve, reject) => { asked.push({ name, message, resolve, reject }); });
  const road = { ask, tell() {}, send() {}, isClear: true };
  const room = new Room(joined({ member: self, epoch }), road, { framesPerSecond: 0, now: () => 0, whole() {} });
  const people = (ids) => ids.map((id) => member(id, id, `m${id}`));
  room.presence({ flags: snapshot | first | last, sequence, entries: people(members) });
  const page = new Page(called(self));
  const stay = new Stay(room, 0, { message: (...what) => page.receive(...what), occupants() {} });
  stay.begin();

  const thing = (owner, { creator = members[0], persistent = true, id = 9 } = {}) => ({
    kind: 0, object: id, flags: 2 | (persistent ? 1 : 0), parent: 0, owner, creator, slot: 40, generation: 1,
    type: '#t', name: 'naf:thing',
  });
  const attribute = (key, value, author) => ({
    kind: 2, target: 1, object: 9, key, terms: 0, version: sequence, author, value: packValue(value),
  });
  const colour = (owner, color) => attribute('components', { 1: color }, owner);
  const keeps = (owner) => attribute('persistent', true, owner);
  const state = (...entries) => room.state({ flags: 0, sequence: ++sequence, entries });
  return {
    room, page, stay, asked,
    /** The member has made it. */
    made: (owner, color, about) => state(thing(owner, about), colour(owner, color), ...(about?.stays === false ? [] : [keeps(owner)])),
    /** It is there, stored while another than its creator had it. */
    leftOver: (owner = 0) => state(thing(owner, { creator: 0 }), attribute('persistent', false, 0)),
    /** It is nowhere any more. */
    removed: (id = 9) => state({ kind: 1, object: id }),
    /** It is whose it is told to be, one after the other, in one frame. */
    owned: (owners, about) => state(...owners.map((owner) => thing(owner, about))),
    coloured: (owner, color) => state(colour(owner, color)),
    /** A batch says where it is. */
    placed() {
      const entry = { slot: 40, extended: 0, age: 0, ...space.quantise([0, 1, 0]), rotation: packRotation([0, 0, 0, 1]) };
      const batch = { flags: 0, version: BigInt(++version), presupposes: 0n, serverMillis: 0, removals: [], entries: [entry] };
      const bytes = encode(Type.TransformBatch, batch, space);
      room.batch(bytes, 4, bytes.length);
    },
    /** The room is told anew, with the object. */
    toldAnew(owner, color, about) {
      room.presence({ flags: snapshot | first | 8, sequence: ++sequence, entries: people(members) });
      room.state({ flags: snapshot | last, sequence, entries: [thing(owner, about), colour(owner, color), keeps(owner)] });
    },
    left: (id) => room.presence({ flags: 0, sequence: ++sequence, entries: [{ kind: 1, member: id, reason: 1000 }] }),
    end: () => stay.end(),
  };
}

/** Until everything that waits for an answer has run. */
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });
