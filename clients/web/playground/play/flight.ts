// What a thing does after it was let go: it falls, bounces, rolls and comes to rest. Its owner works it out; the others see where it is.
import { Euler, Quaternion, Vector3 } from 'three';
import { ISLAND_RADIUS, type Obstacle } from '../scene/plaza.ts';
import type { Thing } from '../scene/thing.ts';

const GRAVITY = 9.81;
const STEP = 1 / 120;
const MAX_STEPS = 30;
// Below this speed, in m/s, something that lies on the ground stays there.
const REST_SPEED = 0.25;
// A thing that fell off the island comes back from the sky once it is so deep.
const LOST_BELOW = -25;

export class Flight {
  /** It lies still: nobody needs to work it out any more. */
  isAtRest = false;
  /** It has just been put somewhere else: the others must not see it glide there. */
  hasJumped = false;
  private readonly spin = new Vector3();
  private readonly turn = new Quaternion();
  private readonly upright = new Quaternion();
  private readonly angles = new Euler(0, 0, 0, 'YXZ');
  private left = 0;

  constructor(readonly thing: Thing, readonly velocity: Vector3) {
    // A toy that is put down turns a little; a picture keeps facing whoever put it there.
    this.spin.set(velocity.z, thing.file ? 0 : 0.6, -velocity.x).multiplyScalar(0.6);
  }

  /** `others` are what it may land on; `obstacles` what it bounces off. */
  advance(dt: number, others: Iterable<Thing>, obstacles: readonly Obstacle[]): void {
    this.hasJumped = false;
    this.left += Math.min(dt, STEP * MAX_STEPS);
    const floor = this.floorBelow(others);
    for (; this.left >= STEP && !this.isAtRest; this.left -= STEP) {
      this.step(floor, obstacles);
    }
    if (this.thing.position.y < LOST_BELOW) {
      this.thing.position.set((Math.random() - 0.5) * 6, 9, 4 + Math.random() * 3);
      this.velocity.set(0, 0, 0);
      this.hasJumped = true;
    }
  }

  private step(floor: number, obstacles: readonly Obstacle[]): void {
    const { thing: { position, rotation, rest, bounce, rolls }, velocity, spin } = this;
    velocity.y -= GRAVITY * STEP;
    position.addScaledVector(velocity, STEP);
    for (const obstacle of obstacles) {
      this.bounceOff(obstacle, bounce);
    }
    const isOnGround = position.y <= floor + rest && position.y > floor - 0.5;
    if (isOnGround) {
      position.y = floor + rest;
      velocity.y = velocity.y < -0.9 ? -velocity.y * bounce : 0;
      const drag = Math.exp(-STEP * (velocity.y > 0 ? 12 : rolls ? 0.9 : 5));
      velocity.x *= drag;
      velocity.z *= drag;
      // A ball rolls as far as it moves; other things tumble upright.
      spin.set(velocity.z / rest, spin.y * 0.98, -velocity.x / rest);
    }
    const turning = spin.length();
    if (turning > 0.01) {
      this.turn.setFromAxisAngle(spin.clone().divideScalar(turning), turning * STEP);
      rotation.premultiply(this.turn).normalize();
    }
    if (isOnGround && velocity.y === 0) {
      this.settle(rolls);
    }
  }

  private settle(rolls: boolean): void {
    const { thing: { rotation }, velocity } = this;
    if (rolls) {
      this.isAtRest = velocity.length() < REST_SPEED;
      return;
    }
    this.upright.setFromEuler(this.angles.set(0, this.angles.setFromQuaternion(rotation, 'YXZ').y, 0));
    rotation.slerp(this.upright, 0.16);
    this.isAtRest = velocity.length() < REST_SPEED && rotation.angleTo(this.upright) < 0.02;
    if (this.isAtRest) {
      rotation.copy(this.upright);
    }
  }

  private bounceOff({ x, z, radius, height }: Obstacle, bounce: number): void {
    const { thing: { position, rest }, velocity } = this;
    const [dx, dz] = [position.x - x, position.z - z];
    const [distance, nearest] = [Math.hypot(dx, dz), radius + rest];
    if (distance < nearest && distance > 0 && position.y - rest < height && position.y > 0) {
      const [nx, nz] = [dx / distance, dz / distance];
      const inward = velocity.x * nx + velocity.z * nz;
      position.x = x + nx * nearest;
      position.z = z + nz * nearest;
      if (inward < 0) {
        velocity.x -= (1 + bounce) * inward * nx;
        velocity.z -= (1 + bounce) * inward * nz;
      }
    }
  }

  /** The ground, or the top of the highest thing that lies below. Beyond the island there is neither. */
  private floorBelow(others: Iterable<Thing>): number {
    const { position, rest } = this.thing;
    let floor = Math.hypot(position.x, position.z) <= ISLAND_RADIUS + 1 ? 0 : -Infinity;
    for (const other of others) {
      const reach = (rest + other.rest) * 0.85;
      const top = other.position.y + other.rest;
      if (other !== this.thing && other.visible && top > floor && position.y - rest > top - 0.2
        && Math.hypot(position.x - other.position.x, position.z - other.position.z) < reach) {
        floor = top;
      }
    }
    return floor;
  }
}
