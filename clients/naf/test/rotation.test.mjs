import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Euler, MathUtils, Quaternion } from 'three';
import { toAngles, toQuaternion } from '../dist/rotation.js';

const grid = [-180, -135, -90, -89.9, -45, -0.5, 0, 30, 60, 89.99, 90, 120, 180];
const cases = grid.flatMap((x) => grid.flatMap((y) => grid.map((z) => ({ x, y, z }))));
const inThree = ({ x, y, z }) => new Quaternion().setFromEuler(new Euler(x * MathUtils.DEG2RAD, y * MathUtils.DEG2RAD, z * MathUtils.DEG2RAD, 'YXZ'));

test('angles become the quaternion that three.js makes of them in order YXZ', () => {
  for (const angles of cases) {
    const ours = toQuaternion(angles);
    inThree(angles).toArray().forEach((value, i) => assert.ok(Math.abs(value - ours[i]) < 1e-12, `${JSON.stringify(angles)}: ${ours}`));
  }
});

test('a quaternion becomes angles that mean the same rotation, straight up and down too', () => {
  for (const angles of cases) {
    const there = toQuaternion(angles);
    const back = toQuaternion(toAngles(there));
    const cosine = Math.abs(there.reduce((sum, value, i) => sum + value * back[i], 0));
    assert.ok(cosine > 1 - 1e-6, `${JSON.stringify(angles)} became ${JSON.stringify(toAngles(there))}`);
  }
});
