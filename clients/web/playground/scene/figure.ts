// One person: where it is shown, and how it carries itself. Everything but place and look is derived from them, so that no more need be sent.
import { Euler, Quaternion, Vector3 } from 'three';

const FIVE_SECONDS = 0.9;
const FASTEST_STRIDE = 3.2;

export class Figure {
  readonly position = new Vector3();
  /** Where the head looks. */
  readonly look = new Quaternion();
  bodyYaw = 0;
  /** Radians of the walk cycle. */
  stride = 0;
  /** 0 standing, 1 walking at full swing. */
  swing = 0;
  /** How far the right hand is up, 0 to 1. */
  fiveLift = 0;
  visible = false;
  private readonly previous = new Vector3();
  private readonly angles = new Euler(0, 0, 0, 'YXZ');
  private fiveLeft = 0;
  private isPlaced = false;

  constructor(readonly colour: number) {}

  get isHighFiving(): boolean { return this.fiveLeft > 0; }

  highFive(): void {
    this.fiveLeft = FIVE_SECONDS;
  }

  /** After place and look were set: moves the limbs on by `dt` seconds. */
  step(dt: number): void {
    const yaw = this.angles.setFromQuaternion(this.look, 'YXZ').y;
    const dx = this.position.x - this.previous.x;
    const dz = this.position.z - this.previous.z;
    const moved = Math.hypot(dx, dz);
    this.previous.copy(this.position);
    if (!this.isPlaced || moved > 2) {
      this.isPlaced = true;
      this.bodyYaw = yaw;
      return;
    }
    const speed = dt > 0 ? moved / dt : 0;
    this.swing += (Math.min(speed / 1.4, 1) - this.swing) * Math.min(dt * 10, 1);
    this.stride += Math.min(speed, FASTEST_STRIDE) * dt * 4.2;
    this.bodyYaw += shortest(yaw - this.bodyYaw) * Math.min(dt * 9, 1);
    this.fiveLeft = Math.max(0, this.fiveLeft - dt);
    this.fiveLift = Math.sin(Math.PI * Math.min(1, this.fiveLeft / FIVE_SECONDS)) ** 0.6;
  }
}

function shortest(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}
