import { FrameType } from '../wire/layouts.js';
import type { Measures, PackedRecord } from '../wire/measures.js';
import { writeRecord } from '../wire/records.js';
import { packRotation } from '../wire/rotation.js';
import { Writer } from '../wire/writer.js';

/** How something moves, besides where it is. */
export interface MoveOptions {
  /** It jumped: the others show it at once where it is. */
  readonly teleport?: boolean;
  /** Metres a second along x, y, z; up to 327. Default: not told. */
  readonly velocity?: ArrayLike<number>;
  /** 0.0001 to 10,000; default: not told, which means 1. */
  readonly scale?: number;
}

/** Where transforms go. */
export interface TransformRoad {
  /** Whether it can take more now. */
  readonly isClear: boolean;
  send(frame: Uint8Array): void;
}

interface Pending extends PackedRecord {
  slot: number;
  generation: number;
  at: number;
  isNew: boolean;
  jumped: boolean;
  hasVelocity: boolean;
  vx: number;
  vy: number;
  vz: number;
  scale: number;
}

const maxEntries = 256; // of one frame: well below any limit of a body
const early = 4; // ms that a frame may come before its time is up and be sent all the same: frames of a display are not exact
const maxAge = 15;

/**
 * Sends where one's own things are: the newest pose of each at most once per tick of the room, and nothing while nothing changes
 * (protocol-spec.md §8.3).
 */
export class Mover {
  private readonly pending = new Map<number, Pending>();
  private readonly writer = new Writer(512);
  private readonly interval: number;
  private nextAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dirty = 0;

  /**
   * @param framesPerSecond what the server takes; transforms use at most two thirds of it.
   * @param now the local clock, ms.
   */
  constructor(private readonly measures: Measures, private readonly road: TransformRoad, framesPerSecond: number, private readonly now: () => number) {
    this.interval = Math.max(measures.tickMs || 1000 / 60, framesPerSecond > 0 ? 1500 / framesPerSecond : 0);
  }

  move(slot: number, generation: number, position: ArrayLike<number>, rotation: ArrayLike<number>, options?: MoveOptions): void {
    const entry = this.entry(slot, generation);
    const { measures } = this;
    const x = measures.quantise(position[0]!, 0);
    const y = measures.quantise(position[1]!, 1);
    const z = measures.quantise(position[2]!, 2);
    const bits = packRotation(rotation);
    const velocity = options?.velocity;
    const scale = Math.min(10_000, Math.max(0.0001, options?.scale ?? 1));
    const teleport = options?.teleport === true;
    const vx = velocity ? centimetres(velocity[0]!) : 0;
    const vy = velocity ? centimetres(velocity[1]!) : 0;
    const vz = velocity ? centimetres(velocity[2]!) : 0;
    entry.at = this.now();
    const isSame = entry.x === x && entry.y === y && entry.z === z && entry.rotation === bits && entry.scale === scale &&
      entry.hasVelocity === (velocity !== undefined) && entry.vx === vx && entry.vy === vy && entry.vz === vz;
    if (!isSame || teleport) {
      entry.x = x;
      entry.y = y;
      entry.z = z;
      entry.rotation = bits;
      entry.scale = scale;
      entry.hasVelocity = velocity !== undefined;
      entry.vx = vx;
      entry.vy = vy;
      entry.vz = vz;
      entry.jumped ||= teleport;
      if (!entry.isNew) this.dirty++;
      entry.isNew = true;
    }
    if (this.dirty > 0) this.schedule();
  }

  /** Sends everything's newest pose again: the connection is another. */
  repeat(): void {
    for (const entry of this.pending.values()) {
      if (!entry.isNew) this.dirty++;
      entry.isNew = true;
    }
    if (this.dirty > 0) this.schedule();
  }

  /** Forgets a slot that is not one's own any more. */
  forget(slot: number): void {
    if (this.pending.get(slot)?.isNew) this.dirty--;
    this.pending.delete(slot);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.pending.clear();
    this.dirty = 0;
  }

  private entry(slot: number, generation: number): Pending {
    let entry = this.pending.get(slot);
    if (!entry || entry.generation !== generation) {
      entry = {
        slot, generation, extended: 0, age: 0, x: -1, y: -1, z: -1, rotation: 0, at: 0, isNew: entry?.isNew ?? false, jumped: false,
        hasVelocity: false, vx: 0, vy: 0, vz: 0, scale: 1,
      };
      this.pending.set(slot, entry);
    }
    return entry;
  }

  private schedule(): void {
    const wait = this.nextAt - this.now();
    if (wait <= early) this.flush();
    else this.timer ??= setTimeout(this.onTimer, wait);
  }

  private readonly onTimer = (): void => {
    this.timer = undefined;
    if (this.dirty > 0) this.flush();
  };

  private flush(): void {
    const now = this.now();
    // The grid of sending times goes on evenly, whatever a single frame's time was.
    this.nextAt = now - this.nextAt < this.interval ? this.nextAt + this.interval : now + this.interval;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.road.isClear) {
      this.timer = setTimeout(this.onTimer, this.interval);
      return;
    }
    while (this.dirty > 0) this.sendFrame(now);
  }

  private sendFrame(now: number): void {
    const { writer } = this;
    writer.clear();
    writer.take(4);
    let count = Math.min(this.dirty, maxEntries);
    writer.varint(count);
    for (const entry of this.pending.values()) {
      if (count === 0) break;
      if (!entry.isNew) continue;
      entry.isNew = false;
      this.dirty--;
      count--;
      this.write(entry, now);
    }
    writer.endFrame(0, FrameType.TransformUpdate);
    this.road.send(writer.written());
  }

  private write(entry: Pending, now: number): void {
    const { writer, measures } = this;
    const flags = (entry.jumped ? 1 : 0) | (entry.hasVelocity ? 2 : 0) | (entry.scale !== 1 ? 4 : 0);
    entry.jumped = false;
    entry.extended = flags ? 1 : 0;
    entry.age = Math.min(maxAge, Math.floor((now - entry.at) / measures.ageUnitMs));
    writer.varint(entry.slot);
    writer.u8(entry.generation);
    writeRecord(writer, measures, entry);
    if (!flags) return;
    writer.u8(flags);
    if (flags & 2) {
      writer.i16(entry.vx);
      writer.i16(entry.vy);
      writer.i16(entry.vz);
    }
    if (flags & 4) writer.f32(entry.scale);
  }
}

/** Centimetres a second that fit 16 bits. */
const centimetres = (metres: number): number => Math.max(-32768, Math.min(32767, Math.round(metres * 100))) || 0;
