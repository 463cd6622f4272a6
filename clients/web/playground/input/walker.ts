// Oneself: walking, jumping and looking around, and the camera behind.
import { Euler, type PerspectiveCamera, Quaternion, Vector3 } from 'three';
import { ISLAND_RADIUS, type Obstacle } from '../scene/plaza.ts';
import type { Joystick } from './joystick.ts';
import type { Keyboard } from './keyboard.ts';

const WALK_SPEED = 2.6;
const SLOW_SPEED = 1.3;
const RUN_SPEED = 4.4;
const TURN_SPEED = 2.2;
const JUMP_SPEED = 3.6;
const GRAVITY = 9.81;
const BODY_RADIUS = 0.32;
const EYE_HEIGHT = 1.42;
const MAX_PITCH = 1.1;
const RADIANS_PER_PIXEL = 0.0052;
const [NEAREST, FARTHEST] = [0, 9];
/** Nearer than this one sees through one's own eyes. */
const INSIDE = 0.7;

export class Walker {
  readonly position = new Vector3(0, 0, 6);
  readonly look = new Quaternion();
  readonly velocity = new Vector3();
  distance = 4.2;
  private yaw = 0;
  private pitch = -0.16;
  private shownDistance = 4.2;
  private fall = 0;
  private readonly angles = new Euler(0, 0, 0, 'YXZ');
  private readonly backward = new Vector3();

  constructor(private readonly keys: Keyboard, private readonly stick: Joystick, private readonly obstacles: readonly Obstacle[]) {}

  get seesItself(): boolean { return this.shownDistance > INSIDE; }

  /** Puts one somewhere on a ring around the fountain, facing it. */
  arrive(): void {
    const angle = Math.random() * Math.PI * 2;
    const radius = 4.6 + Math.random() * 3;
    this.position.set(Math.sin(angle) * radius, 0, Math.cos(angle) * radius);
    this.yaw = angle;
    this.step(0);
  }

  /** Comes in where one was. */
  arriveAt({ position: [x = 0, y = 0, z = 0], rotation: [qx = 0, qy = 0, qz = 0, qw = 1] }: { position: number[]; rotation: number[] }): void {
    this.position.set(x, y, z);
    this.yaw = Math.atan2(2 * (qw * qy + qx * qz), 1 - 2 * (qx * qx + qy * qy));
    this.step(0);
  }

  turn(dx: number, dy: number): void {
    this.yaw -= dx * RADIANS_PER_PIXEL;
    this.pitch = Math.min(Math.max(this.pitch - dy * RADIANS_PER_PIXEL, -MAX_PITCH), MAX_PITCH);
  }

  zoom(factor: number): void {
    this.distance = Math.min(Math.max((this.distance + 0.5) * factor - 0.5, NEAREST), FARTHEST);
  }

  jump(): void {
    if (this.position.y === 0) {
      this.fall = JUMP_SPEED;
    }
  }

  step(dt: number): void {
    const { keys, stick, position, velocity } = this;
    const key = (...codes: string[]): number => (keys.isHeld(...codes) ? 1 : 0);
    this.yaw += (key('ArrowLeft') - key('ArrowRight')) * TURN_SPEED * dt;
    let ahead = key('KeyW', 'ArrowUp') - key('KeyS', 'ArrowDown') + stick.forward;
    let aside = key('KeyD') - key('KeyA') + stick.side;
    const length = Math.hypot(ahead, aside);
    if (length > 1) {
      ahead /= length;
      aside /= length;
    }
    const speed = keys.isHeld('ShiftLeft', 'ShiftRight') ? RUN_SPEED : keys.isHeld('KeyC') ? SLOW_SPEED : WALK_SPEED;
    const [sin, cos] = [Math.sin(this.yaw), Math.cos(this.yaw)];
    const gain = 1 - Math.exp(-dt * 12);
    velocity.x += ((-sin * ahead + cos * aside) * speed - velocity.x) * gain;
    velocity.z += ((-cos * ahead - sin * aside) * speed - velocity.z) * gain;
    if (Math.hypot(velocity.x, velocity.z) < 0.01) {
      velocity.x = velocity.z = 0;
    }
    position.x += velocity.x * dt;
    position.z += velocity.z * dt;
    this.fall -= GRAVITY * dt;
    position.y = Math.max(0, position.y + this.fall * dt);
    if (position.y === 0) {
      this.fall = 0;
    }
    this.keepOut();
    this.look.setFromEuler(this.angles.set(this.pitch, this.yaw, 0));
  }

  /** The direction in which one looks, into `out`. */
  forward(out: Vector3): Vector3 {
    return out.set(0, 0, -1).applyQuaternion(this.look);
  }

  placeCamera(camera: PerspectiveCamera, dt: number): void {
    this.shownDistance += (this.distance - this.shownDistance) * (1 - Math.exp(-dt * 12));
    this.backward.set(0, 0, 1).applyQuaternion(this.look);
    camera.quaternion.copy(this.look);
    camera.position.copy(this.position).addScaledVector(this.backward, this.seesItself ? this.shownDistance : 0);
    if (this.seesItself) {
      // Over the shoulder: one does not stand before what one looks at.
      const aside = Math.min(0.75, this.shownDistance * 0.18);
      camera.position.x += Math.cos(this.yaw) * aside;
      camera.position.z -= Math.sin(this.yaw) * aside;
    }
    camera.position.y = Math.max(0.25, camera.position.y + EYE_HEIGHT + (this.seesItself ? 0.35 : 0));
  }

  private keepOut(): void {
    const { position } = this;
    for (const { x, z, radius, height } of this.obstacles) {
      const [dx, dz] = [position.x - x, position.z - z];
      const [distance, nearest] = [Math.hypot(dx, dz), radius + BODY_RADIUS];
      if (distance < nearest && distance > 0 && position.y < height) {
        position.x = x + (dx / distance) * nearest;
        position.z = z + (dz / distance) * nearest;
      }
    }
    const far = Math.hypot(position.x, position.z);
    const edge = ISLAND_RADIUS - BODY_RADIUS;
    if (far > edge) {
      position.x *= edge / far;
      position.z *= edge / far;
    }
  }
}
