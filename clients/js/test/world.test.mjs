// What a room holds, as Presence and State tell it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packValue } from '../dist/values.js';
import { Emitter } from '../dist/emitter.js';
import { World } from '../dist/room/world.js';
import { member } from './kit/peer.mjs';

const place = (id, slot, fields = {}) => ({ kind: 0, object: id, flags: 2, parent: 0, owner: 7, creator: 7, slot, generation: 1, type: 't', name: '', ...fields });
const thing = (id, fields = {}) => ({ kind: 0, object: id, flags: 0, parent: 0, owner: 7, creator: 7, type: 't', name: '', ...fields });
const value = (target, key, what, fields = {}) => ({ kind: 2, ...target, key, terms: 0, readers: { access: 0 }, writers: { access: 1 }, version: 5, author: 7, value: packValue(what), ...fields });

function world() {
  const told = [], dropped = [];
  const emitter = new Emitter();
  for (const name of ['memberJoined', 'memberLeft', 'memberChanged', 'objectAdded', 'objectChanged', 'objectRemoved', 'attributeChanged', 'attributeRemoved', 'reset']) {
    emitter.on(name, (event) => told.push([name, event]));
  }
  let whole = 0;
  const it = new World(emitter, { drop: (slot) => dropped.push(slot) }, () => whole++);
  const state = (entries, flags = 0) => it.state({ flags, sequence: 20, epoch: 1n, version: 1, entries });
  const presence = (entries, flags = 0) => it.presence({ flags, sequence: 20, epoch: 1n, version: 1, entries });
  return { it, told, dropped, state, presence, names: () => told.splice(0).map(([name]) => name), get whole() { return whole; } };
}

test('a snapshot in parts is whole with its last, and tells nothing singly', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna')], 3);
  w.presence([member(8, 1, 'Ben')], 9);
  w.state([thing(1)], 1);
  assert.equal(w.whole, 0);
  w.state([value({ target: 0 }, 'topic', 'Chess')], 5);
  assert.deepEqual([w.whole, w.names(), w.it.members.size, w.it.objects.size, w.it.attributesOf({ kind: 'room' }).get('topic').value], [1, [], 2, 1, 'Chess']);
});

test('a second snapshot replaces everything, keeps the motion of whoever kept its slot, and is told as a reset', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna'), member(8, 1, 'Ben')], 7);
  w.state([place(1, 2), thing(9)]);
  w.names();
  w.presence([member(7, 0, 'Anna'), member(5, 1, 'Cleo')], 11);
  w.state([place(1, 2, { generation: 2 })], 5);
  assert.deepEqual([w.names(), w.dropped.filter((slot) => slot !== 2).includes(0)], [['reset'], false]);
  assert.deepEqual([...new Set(w.dropped)].sort(), [1, 2]);
  assert.deepEqual([[...w.it.members.keys()], [...w.it.objects.keys()]], [[7, 5], [1]]);
});

test('with an object goes all that is under it, and every attribute of theirs', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna')], 7);
  w.state([thing(1), thing(2, { parent: 1 }), place(3, 4, { parent: 2 }), thing(4), value({ target: 1, object: 3 }, 'a', 1), value({ target: 3, object: 3, member: 7 }, 'vote', 2)]);
  w.state([thing(4, { parent: 2 })]);
  w.state([thing(4)]);
  w.names();
  w.state([{ kind: 1, object: 1 }]);
  assert.deepEqual(w.told.map(([, { id }]) => id), [3, 2, 1]);
  assert.deepEqual([[...w.it.objects.keys()], new Set(w.dropped), w.it.slots.has(4)], [[4], new Set([4]), false]);
  w.state([thing(3)]);
  assert.deepEqual([w.it.objects.get(3).attributes.size, w.it.attributesOf({ kind: 'memberObject', object: 3, member: 7 }).size], [0, 0]);
});

test('with a member go its attributes and its slot, nobody else’s', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna'), member(17, 1, 'Ben')], 7);
  w.state([thing(1), ...[7, 17].flatMap((id) => [value({ target: 2, member: id }, 'hat', id), value({ target: 3, object: 1, member: id }, 'vote', id)])]);
  w.names();
  w.presence([{ kind: 1, member: 7, reason: 1000 }]);
  const left = (id) => [w.it.attributesOf({ kind: 'member', member: id }).size, w.it.attributesOf({ kind: 'memberObject', object: 1, member: id }).size];
  assert.deepEqual([w.names(), left(7), left(17), w.it.slots.has(0), w.it.slots.has(1)], [['memberLeft'], [0, 0], [1, 1], false, true]);
});

test('records are never changed: whoever holds one can compare', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna')], 7);
  w.state([thing(1), value({ target: 1, object: 1 }, 'map', { a: { b: 1 } })]);
  const [object, anna, attribute] = [w.it.objects.get(1), w.it.members.get(7), w.it.objects.get(1).attributes.get('map')];
  w.names();
  w.state([thing(1, { owner: 0 }), { kind: 3, target: 1, object: 1, key: 'map', version: 6, author: 7, path: packValue('a'), value: packValue(2) }]);
  w.presence([{ kind: 2, member: 7, role: 2, standing: 3 }]);
  assert.deepEqual([object.owner, anna.role, attribute.value], [7, 1, { a: { b: 1 } }]);
  assert.deepEqual([w.it.objects.get(1).owner, w.it.members.get(7).muted, w.it.members.get(7).inLobby, w.it.objects.get(1).attributes.get('map').value], [0, true, true, { a: 2 }]);
  assert.deepEqual(w.names(), ['objectChanged', 'attributeChanged', 'memberChanged']);
});

test('a slot that changes hands loses its past', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna')], 7);
  w.presence([{ kind: 1, member: 7, reason: 1000 }, member(8, 0, 'Ben', { generation: 2 })]);
  assert.ok(w.dropped.includes(0));
  assert.equal(w.it.slots.get(0).member.name, 'Ben');
});

test('a value that JavaScript cannot hold is undefined, and the rest goes on', () => {
  const w = world();
  w.presence([member(7, 0, 'Anna')], 7);
  w.state([value({ target: 0 }, 'odd', null, { value: Uint8Array.of(0x81, 0x80, 1) }), value({ target: 0 }, 'proto', null, { value: packValue({}) })]);
  w.state([{ kind: 3, target: 0, key: 'proto', version: 6, author: 7, path: packValue('__proto__'), value: packValue({ polluted: true }) }]);
  assert.equal(w.it.attributesOf({ kind: 'room' }).get('odd').value, undefined);
  const { value: proto } = w.it.attributesOf({ kind: 'room' }).get('proto');
  assert.deepEqual([{}.polluted, proto.polluted, Object.getPrototypeOf(proto)], [undefined, undefined, Object.prototype]);
});
