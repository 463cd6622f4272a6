/**
 * Helpers for three.js: objects of a scene follow the motion of a room.
 *
 * @module @relay/client/three
 */
import type { InstancedMesh, Object3D } from 'three';
import type { Motion } from '../motion/motion.js';
import type { Room } from '../room/room.js';

/** Binds objects of a scene to slots of a room. Call {@link update} once per frame. */
export class MotionBinder {
  private readonly bound = new Map<number, Object3D>();

  /** Binds nothing yet: see {@link bind}. `room` is the one whose motion the objects follow. */
  constructor(private readonly room: Room) {}

  /** From now on the object is where the slot is; it is hidden until the slot has a value. */
  bind(slot: number, object: Object3D): void {
    object.visible = false;
    this.bound.set(slot, object);
  }

  /** The slot's object is left where it is. */
  unbind(slot: number): void {
    this.bound.delete(slot);
  }

  /** Computes the room's motion, and puts every bound object in its place. @param now the client's local clock, ms. */
  update(now?: number): void {
    const { motion } = this.room;
    motion.update(now);
    this.bound.forEach(this.place, this);
  }

  private place(object: Object3D, slot: number): void {
    const { present, positions, rotations, scales } = this.room.motion;
    object.visible = present[slot] === 1;
    if (!object.visible) return;
    object.position.fromArray(positions, 3 * slot);
    object.quaternion.fromArray(rotations, 4 * slot);
    object.scale.setScalar(scales[slot]!);
  }
}

/** Puts instances of a mesh where slots are, in order; a slot without a value makes an instance of no size. Sets `mesh.count`. */
export function applyToInstances(motion: Motion, mesh: InstancedMesh, slots: ArrayLike<number>): void {
  const { present, positions, rotations, scales } = motion;
  const matrices = mesh.instanceMatrix.array;
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    if (!present[slot]) {
      matrices.fill(0, 16 * i, 16 * i + 16);
      continue;
    }
    const s = scales[slot]!;
    const x = rotations[4 * slot]!, y = rotations[4 * slot + 1]!, z = rotations[4 * slot + 2]!, w = rotations[4 * slot + 3]!;
    const m = 16 * i;
    matrices[m] = (1 - 2 * (y * y + z * z)) * s;
    matrices[m + 1] = 2 * (x * y + z * w) * s;
    matrices[m + 2] = 2 * (x * z - y * w) * s;
    matrices[m + 3] = 0;
    matrices[m + 4] = 2 * (x * y - z * w) * s;
    matrices[m + 5] = (1 - 2 * (x * x + z * z)) * s;
    matrices[m + 6] = 2 * (y * z + x * w) * s;
    matrices[m + 7] = 0;
    matrices[m + 8] = 2 * (x * z + y * w) * s;
    matrices[m + 9] = 2 * (y * z - x * w) * s;
    matrices[m + 10] = (1 - 2 * (x * x + y * y)) * s;
    matrices[m + 11] = 0;
    matrices[m + 12] = positions[3 * slot]!;
    matrices[m + 13] = positions[3 * slot + 1]!;
    matrices[m + 14] = positions[3 * slot + 2]!;
    matrices[m + 15] = 1;
  }
  mesh.count = slots.length;
  mesh.instanceMatrix.needsUpdate = true;
}
