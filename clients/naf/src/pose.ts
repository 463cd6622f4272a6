import type { Measures } from '@relay/client';
import type { ComponentSchema } from './naf.js';
import { toAngles, toQuaternion, type Vector } from './rotation.js';

export type Position = [number, number, number];
export type Rotation = [number, number, number, number];

/** Where an entity is, of its own parent. */
export interface Pose {
  position: Position;
  rotation: Rotation;
}

/**
 * Which of a template's components are the pose of the entity itself: these travel in the room's batches of transforms, all others as an
 * attribute. A schema that has `position` or `rotation` makes the entity's object a placed one.
 */
export class PoseSchema {
  readonly position: string | undefined;
  readonly rotation: string | undefined;

  constructor(components: readonly ComponentSchema[]) {
    const find = (name: string): string | undefined => {
      const at = components.findIndex((schema) => schema === name ||
        (typeof schema === 'object' && schema.component === name && !schema.selector && !schema.property));
      return at < 0 ? undefined : String(at);
    };
    this.position = find('position');
    this.rotation = find('rotation');
  }

  /** Whether there is anything that moves. */
  get isPlaced(): boolean {
    return this.position !== undefined || this.rotation !== undefined;
  }

  /** Takes the pose out of components into one that is known. @returns the others. */
  split(components: Record<string, unknown>, pose: Pose): Record<string, unknown> {
    const rest: Record<string, unknown> = {};
    for (const [index, value] of Object.entries(components)) {
      if (index === this.position) {
        if (isVector(value)) pose.position = [value.x, value.y, value.z];
      } else if (index === this.rotation) {
        if (isVector(value)) pose.rotation = toQuaternion(value);
      } else {
        rest[index] = value;
      }
    }
    return rest;
  }

  /** A pose as components. */
  join({ position, rotation }: Pose): Record<string, unknown> {
    const components: Record<string, unknown> = {};
    if (this.position !== undefined) components[this.position] = { x: position[0], y: position[1], z: position[2] };
    if (this.rotation !== undefined) components[this.rotation] = toAngles(rotation);
    return components;
  }
}

/** Whether a transform can tell a position: the room ends somewhere. */
export function isInside({ min, max }: Pick<Measures, 'min' | 'max'>, position: Position): boolean {
  return position.every((value, axis) => value >= min[axis]! && value < max[axis]!);
}

function isVector(value: unknown): value is Vector {
  const { x, y, z } = (value ?? {}) as Partial<Vector>;
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z);
}
