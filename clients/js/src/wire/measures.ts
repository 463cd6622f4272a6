import { Malformed } from './malformed.js';
import type { Messages } from './layouts.js';

/** A packed transform (protocol-spec.md §8.2): coordinates in steps, the rotation as its 32 bits. */
export interface PackedRecord {
  /** 1 if an extension follows, else 0. */
  extended: number;
  /** How old the sample was, in the room's units; 15: that or more. */
  age: number;
  x: number;
  y: number;
  z: number;
  rotation: number;
}

/** How a room measures: where it begins, its steps, and from that the bits of a packed transform (protocol-spec.md §8.1). */
export class Measures {
  /** Where the room begins, in metres. */
  readonly min: readonly [number, number, number];
  /** Where it ends: positions are below this. */
  readonly max: readonly [number, number, number];
  /** Metres that a step takes. */
  readonly precision: number;
  /** Steps on each axis. */
  readonly steps: readonly [number, number, number];
  /** Bits that each coordinate takes. */
  readonly bits: readonly [number, number, number];
  /** Bytes of a record without extension. */
  readonly recordSize: number;
  /** Milliseconds between two batches; 0: they are sent at once. */
  readonly tickMs: number;
  /** Milliseconds that one unit of a sample's age stands for. */
  readonly ageUnitMs: number;

  /**
   * @param joined the room's Joined message, or what it says of measures.
   * @throws {Malformed} for measures that no room has (protocol-spec.md §6.2).
   */
  constructor(joined: Pick<Messages['Joined'],
    'minX' | 'minY' | 'minZ' | 'precision' | 'stepsX' | 'stepsY' | 'stepsZ' | 'tickMicros' | 'ageUnitMicros'>) {
    const { minX, minY, minZ, precision, stepsX, stepsY, stepsZ } = joined;
    for (const bound of [minX, minY, minZ, precision]) if (!Number.isFinite(bound)) throw new Malformed('a measure of the room is not finite');
    if (precision <= 0) throw new Malformed('the precision of the room is not above 0');
    this.min = [minX, minY, minZ];
    this.precision = precision;
    this.steps = [stepsX, stepsY, stepsZ];
    for (const steps of this.steps) if (steps < 1 || steps > 2 ** 28) throw new Malformed('the steps of the room are not 1 to 2^28');
    this.max = [minX + stepsX * precision, minY + stepsY * precision, minZ + stepsZ * precision];
    this.bits = [bitsFor(stepsX), bitsFor(stepsY), bitsFor(stepsZ)];
    this.recordSize = Math.ceil((37 + this.bits[0] + this.bits[1] + this.bits[2]) / 8);
    this.tickMs = joined.tickMicros / 1000;
    this.ageUnitMs = joined.ageUnitMicros / 1000;
  }

  /** The step of a coordinate in metres on an axis (0 to 2), moved into the room if it is outside. NaN gives the lowest. */
  quantise(metres: number, axis: 0 | 1 | 2): number {
    const step = Math.round((metres - this.min[axis]) / this.precision);
    return step > 0 ? Math.min(step, this.steps[axis] - 1) : 0;
  }

  /** The metres of a step on an axis (0 to 2). */
  metres(step: number, axis: 0 | 1 | 2): number {
    return this.min[axis] + step * this.precision;
  }

  /** Whether a position lies in the room. */
  contains(position: ArrayLike<number>): boolean {
    for (let axis = 0; axis < 3; axis++) {
      const value = position[axis]!;
      if (!(value >= this.min[axis]! && value < this.max[axis]!)) return false;
    }
    return true;
  }
}

function bitsFor(steps: number): number {
  let bits = 0;
  while (2 ** bits < steps) bits++;
  return bits;
}
