import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEqual, plain } from '../dist/equal.js';
import { isInside, PoseSchema } from '../dist/pose.js';

const start = () => ({ position: [0, 0, 0], rotation: [0, 0, 0, 1] });

test('the pose is the position and rotation of the entity itself, wherever they stand in the schema', () => {
  const schema = new PoseSchema([
    { selector: '.cube', component: 'rotation' }, { component: 'rotation', requiresNetworkUpdate() {} }, 'scale', { component: 'position', property: 'x' }, 'position',
  ]);
  assert.deepEqual([schema.position, schema.rotation, schema.isPlaced], ['4', '1', true]);
  const pose = start();
  const rest = schema.split({ 0: { x: 1, y: 2, z: 3 }, 1: { x: 0, y: 180, z: 0 }, 3: 7, 4: { x: 1, y: 2, z: 3 } }, pose);
  assert.deepEqual(rest, { 0: { x: 1, y: 2, z: 3 }, 3: 7 });
  assert.deepEqual(pose.position, [1, 2, 3]);
  assert.deepEqual(Object.keys(schema.join(pose)).sort(), ['1', '4']);
  assert.deepEqual(schema.join(pose)[4], { x: 1, y: 2, z: 3 });
});

test('half a pose keeps the other half, and what is no vector moves nothing', () => {
  const schema = new PoseSchema(['position', 'rotation']);
  const pose = start();
  schema.split({ 0: { x: 1, y: 1, z: 1 } }, pose);
  schema.split({ 1: { x: 90, y: 0, z: 0 } }, pose);
  for (const bad of [null, undefined, 'x', {}, { x: NaN, y: 0, z: 0 }, { x: Infinity, y: 0, z: 0 }, { x: '1', y: 0, z: 0 }]) schema.split({ 0: bad, 1: bad }, pose);
  assert.deepEqual(pose.position, [1, 1, 1]);
  assert.ok(Math.abs(pose.rotation[0] - Math.SQRT1_2) < 1e-12);
});

test('a template without a pose has no place', () => {
  const schema = new PoseSchema([{ component: 'material', property: 'color' }]);
  assert.equal(schema.isPlaced, false);
  assert.deepEqual(schema.join(start()), {});
});

test('a room ends: its lower bounds are inside, its upper ones are not', () => {
  const room = { min: [-1, -1, -1], max: [1, 1, 1] };
  assert.ok(isInside(room, [-1, 0, 0.999]));
  for (const position of [[1, 0, 0], [0, -1.001, 0], [0, 0, 100]]) assert.equal(isInside(room, position), false);
});

test('values are compared as JSON would carry them', () => {
  class Vector3 { constructor() { Object.assign(this, { x: 1, y: 2, z: 3 }); } get isVector3() { return true; } }
  assert.deepEqual(plain({ v: new Vector3(), f() {}, u: undefined, n: NaN }), { v: { x: 1, y: 2, z: 3 }, n: null });
  assert.equal(plain(undefined), undefined);
  assert.ok(isEqual({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] }));
  for (const [a, b] of [[{ a: 1 }, { b: 1 }], [[1], { 0: 1 }], [[1], [1, 2]], [null, {}], [0, '0'], [{ a: 1 }, { a: 1, b: undefined }]]) assert.equal(isEqual(a, b), false);
});
