import type { Place } from '../room/types.js';
import { at as of, type BatchSink } from './batch.js';
import { Playout } from './playout.js';

const ringSize = 32; // samples kept of a slot: a second and a half at 20 Hz; must be a power of two
const jumped = 1;

/** Slots that are kept. A room has a slot for each member and each thing that moves, thousands at most; what is beyond this is not shown. */
const maxSlots = 1 << 17;

/** How far something may be from where it is shown for the way to be made good by moving there; beyond, it is shown where it is. Metres. */
const snapDistance = 10;

/** How fast what is left of a gap is made good: of a metre 5 cm are left after a second. Per second. */
const easeRate = 3;

/**
 * How fast what is shown follows where it should be, per second. Samples carry the time at which the server took them, exact to some 14 ms, so
 * the speed between two of them is wrong by up to a quarter. A critically damped follower takes that out for 2 ÷ 40 s = 50 ms of delay.
 */
const follow = 40;

/** A sample that comes after so many times what is usual between two: until then its owner stood still. */
const stillAfter = 2.5;

/** What lies where among the numbers of a frame; like a sample's, they are not handed over as arguments. */
const step = { time: 0, dt: 1, decay: 2, ease: 3, turn: 4, t: 5, length: 6 } as const;

/**
 * Where everything in a room is, now: of each slot its last samples, and the pose to show.
 *
 * Poses are arrays by slot that are used again: nothing is allocated per batch or per frame. Call {@link update} once for each frame that is
 * drawn, then read {@link positions}, {@link rotations}, {@link scales} where {@link present} is 1.
 */
export class Motion implements BatchSink {
  /** Slots that have room in the arrays: the highest that ever had a value, and more. */
  capacity = 0;
  /** Highest slot that ever had a value, plus 1. */
  slots = 0;
  /** Shown positions: x, y, z of each slot, metres in the room. */
  positions = new Float32Array(0);
  /** Shown rotations: unit quaternion x, y, z, w of each slot. */
  rotations = new Float32Array(0);
  /** Shown scales of each slot; 1 where none was told. */
  scales = new Float32Array(0);
  /** 1 where a slot has a value to show. */
  present = new Uint8Array(0);

  private readonly playout: Playout;
  private readonly interval: number;
  private batchMillis = 0;
  private resetting = false;
  private generation = 0;
  private lastUpdate = NaN;
  private readonly frame = new Float64Array(step.length);
  private readonly next = new Float32Array(4);

  // Samples, in a ring for each slot.
  private times = new Float64Array(0);
  private samplePositions = new Float32Array(0);
  private sampleRotations = new Float32Array(0);
  private sampleScales = new Float32Array(0);
  private sampleFlags = new Uint8Array(0);
  private written = new Uint32Array(0); // samples that a slot has ever had
  private seen = new Uint32Array(0); // the reset at which it was last told
  private usual = new Float32Array(0); // ms from one sample of a slot to the next, as a rule

  // What is shown follows the target plus what is left of a gap.
  private targets = new Float32Array(0);
  private gaps = new Float32Array(0);
  private velocities = new Float32Array(0);
  private fresh = new Uint8Array(0); // 1: nothing is shown yet, the next target is taken as it is

  /**
   * @param tickMs ms between two batches.
   * @param now the local clock, ms.
   */
  constructor(tickMs: number, private readonly now: () => number) {
    this.interval = tickMs > 0 ? tickMs : 50;
    this.playout = new Playout(this.interval);
  }

  /** How far behind the server's present things are shown, ms, beyond the way here: it follows the jitter. NaN before the first batch. */
  get delayMs(): number {
    return this.playout.delay + 2000 / follow;
  }

  /** Fixes the delay, ms; at least 50. Undefined: it follows the jitter again. */
  fixDelay(ms: number | undefined): void {
    this.playout.fix(ms === undefined ? undefined : Math.max(0, ms - 2000 / follow));
  }

  // ---- what comes in

  /** @internal */
  begin(reset: boolean, serverMillis: number): void {
    this.batchMillis = this.playout.arrived(serverMillis, this.now());
    this.resetting = reset;
    if (reset) this.generation++;
  }

  /** @internal */
  set(slot: number, flags: number, sample: Float64Array): void {
    if (slot >= maxSlots) return;
    if (slot >= this.capacity) this.grow(slot + 1);
    if (slot >= this.slots) this.slots = slot + 1;
    this.seen[slot] = this.generation;
    const count = this.written[slot]!;
    let time = this.batchMillis - sample[of.age]!;
    let isJump = (flags & jumped) !== 0;
    if (count > 0) {
      const last = slot * ringSize + ((count - 1) & (ringSize - 1));
      const lastTime = this.times[last]!;
      if (time <= lastTime) time = lastTime + 1;
      // Somebody who stood still is not told of: what comes after far longer than usual began to move just before.
      const gap = time - lastTime;
      const usual = this.usual[slot]!;
      if (gap > stillAfter * usual) this.repeat(slot, last, time - usual);
      this.usual[slot] = usual + 0.25 * (Math.min(gap, stillAfter * usual) - usual);
      isJump ||= this.isFar(last, sample);
    }

    const at = slot * ringSize + (this.written[slot]! & (ringSize - 1));
    this.times[at] = time;
    for (let i = 0; i < 3; i++) this.samplePositions[3 * at + i] = sample[of.x + i]!;
    for (let i = 0; i < 4; i++) this.sampleRotations[4 * at + i] = sample[of.rotation + i]!;
    this.sampleScales[at] = sample[of.scale]!;
    this.sampleFlags[at] = isJump ? jumped : 0;
    this.written[slot]!++;
    if (count === 0) {
      this.usual[slot] = this.interval;
      this.fresh[slot] = 1;
      this.present[slot] = 1;
    }
  }

  /** Whether a sample is too far from another for the way between them to be shown. */
  private isFar(last: number, sample: Float64Array): boolean {
    let squares = 0;
    for (let i = 0; i < 3; i++) {
      const by = sample[of.x + i]! - this.samplePositions[3 * last + i]!;
      squares += by * by;
    }
    return squares > snapDistance * snapDistance;
  }

  /** @internal */
  remove(slot: number): void {
    if (slot < this.slots) this.drop(slot);
  }

  /** @internal */
  end(): void {
    if (!this.resetting) return;
    for (let slot = 0; slot < this.slots; slot++) if (this.seen[slot] !== this.generation) this.drop(slot);
  }

  /** The value of a slot that came last, not smoothed; undefined where there is none. */
  newest(slot: number): Place | undefined {
    if (this.present[slot] !== 1) return undefined;
    const at = slot * ringSize + ((this.written[slot]! - 1) & (ringSize - 1));
    return {
      position: [...this.samplePositions.subarray(3 * at, 3 * at + 3)], rotation: [...this.sampleRotations.subarray(4 * at, 4 * at + 4)],
      scale: this.sampleScales[at]!,
    };
  }

  /** Forgets a slot: its owner has gone, or another has it now. */
  drop(slot: number): void {
    if (slot >= this.capacity) return;
    this.present[slot] = 0;
    this.written[slot] = 0;
  }

  private repeat(slot: number, from: number, time: number): void {
    const at = slot * ringSize + (this.written[slot]! & (ringSize - 1));
    this.times[at] = time;
    this.samplePositions.copyWithin(3 * at, 3 * from, 3 * from + 3);
    this.sampleRotations.copyWithin(4 * at, 4 * from, 4 * from + 4);
    this.sampleScales[at] = this.sampleScales[from]!;
    this.sampleFlags[at] = 0;
    this.written[slot]!++;
  }

  // ---- what is shown

  /** The newest pose that was received of a slot, as it is. Returns false if there is none. */
  latest(slot: number, position: Float32Array | number[], rotation: Float32Array | number[]): boolean {
    if (slot >= this.capacity || this.written[slot] === 0) return false;
    const at = slot * ringSize + ((this.written[slot]! - 1) & (ringSize - 1));
    for (let i = 0; i < 3; i++) position[i] = this.samplePositions[3 * at + i]!;
    for (let i = 0; i < 4; i++) rotation[i] = this.sampleRotations[4 * at + i]!;
    return true;
  }

  /** Computes what to show now. Once per frame. */
  update(now = this.now()): void {
    const time = this.playout.time(now);
    if (Number.isNaN(time)) return;
    const dt = Number.isNaN(this.lastUpdate) ? 0 : Math.min(0.25, Math.max(0, (now - this.lastUpdate) / 1000));
    this.lastUpdate = now;
    const { frame } = this;
    frame[step.time] = time;
    frame[step.dt] = dt;
    frame[step.decay] = Math.exp(-follow * dt);
    frame[step.ease] = Math.exp(-easeRate * dt);
    // A rotation follows with one pole of the same delay.
    frame[step.turn] = 1 - Math.exp((-follow / 2) * dt);
    for (let slot = 0; slot < this.slots; slot++) if (this.present[slot] === 1) this.show(slot);
  }

  private show(slot: number): void {
    const { frame, times, sampleFlags, sampleScales } = this;
    const time = frame[step.time]!;
    // The last sample at or before the time, and the one after it.
    const first = slot * ringSize;
    const count = this.written[slot]!;
    const oldest = Math.max(0, count - ringSize);
    let index = count - 1;
    while (index > oldest && times[first + (index & (ringSize - 1))]! > time) index--;
    const a = first + (index & (ringSize - 1));
    const b = index + 1 < count ? first + ((index + 1) & (ringSize - 1)) : a;
    const span = times[b]! - times[a]!;
    const t = span > 0 && sampleFlags[b] !== jumped ? Math.max(0, Math.min(1, (time - times[a]!) / span)) : 0;
    const restart = this.fresh[slot] === 1 || (sampleFlags[a] === jumped && times[a]! <= time);
    if (restart) {
      sampleFlags[a] = 0;
      this.fresh[slot] = 0;
    }
    frame[step.t] = t;
    this.showPosition(slot, a, b, restart);
    this.showRotation(slot, a, b, restart);
    this.scales[slot] = sampleScales[a]! + t * (sampleScales[b]! - sampleScales[a]!);
  }

  private showPosition(slot: number, a: number, b: number, restart: boolean): void {
    const { frame, positions, targets, velocities, gaps, samplePositions, next } = this;
    const t = frame[step.t]!;
    const dt = frame[step.dt]!;
    const decay = frame[step.decay]!;
    const ease = frame[step.ease]!;
    const p = 3 * slot;
    let moved = 0;
    let speeds = 0;
    for (let i = 0; i < 3; i++) {
      const from = samplePositions[3 * a + i]!;
      next[i] = from + t * (samplePositions[3 * b + i]! - from);
      const by = next[i]! - targets[p + i]!;
      moved += by * by;
      speeds += velocities[p + i]! * velocities[p + i]!;
    }
    const distance = Math.sqrt(moved);
    if (restart || distance > snapDistance) {
      for (let i = 0; i < 3; i++) {
        positions[p + i] = targets[p + i] = next[i]!;
        velocities[p + i] = gaps[p + i] = 0;
      }
      return;
    }
    // Where samples were missing the target jumps when they come: what is shown goes there quickly, but goes.
    const isGap = distance > 0.15 + 3 * Math.sqrt(speeds) * dt;
    for (let i = 0; i < 3; i++) {
      const target = targets[p + i]!;
      const gap = gaps[p + i]! * ease + (isGap ? target - next[i]! : 0);
      // A critically damped follower of a goal that moves evenly over the frame, in closed form: right for any frame time.
      const goal = next[i]! + gap;
      const goalBefore = target + gaps[p + i]!;
      const goalSpeed = dt > 0 ? (goal - goalBefore) / dt : 0;
      const lag = (2 * goalSpeed) / follow;
      const x = positions[p + i]! - (goalBefore - lag);
      const v = velocities[p + i]! - goalSpeed;
      const c = v + follow * x;
      positions[p + i] = goal - lag + (x + c * dt) * decay;
      velocities[p + i] = goalSpeed + (v - c * follow * dt) * decay;
      targets[p + i] = next[i]!;
      gaps[p + i] = gap;
    }
  }

  private showRotation(slot: number, a: number, b: number, restart: boolean): void {
    const { frame, rotations, sampleRotations, next } = this;
    blend(sampleRotations, 4 * a, sampleRotations, 4 * b, frame, step.t, next, 0);
    if (restart) for (let i = 0; i < 4; i++) rotations[4 * slot + i] = next[i]!;
    else blend(rotations, 4 * slot, next, 0, frame, step.turn, rotations, 4 * slot);
  }

  private grow(least: number): void {
    const capacity = Math.min(maxSlots, Math.max(least, 2 * this.capacity, 64));
    const floats = (old: Float32Array<ArrayBuffer>, each: number): Float32Array<ArrayBuffer> => {
      const grown = new Float32Array(capacity * each);
      grown.set(old);
      return grown;
    };
    const bytes = (old: Uint8Array<ArrayBuffer>, each: number): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(capacity * each);
      grown.set(old);
      return grown;
    };
    const words = (old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(capacity);
      grown.set(old);
      return grown;
    };
    const times = new Float64Array(capacity * ringSize);
    times.set(this.times);
    this.times = times;
    this.positions = floats(this.positions, 3);
    this.rotations = floats(this.rotations, 4);
    this.scales = floats(this.scales, 1);
    this.present = bytes(this.present, 1);
    this.samplePositions = floats(this.samplePositions, 3 * ringSize);
    this.sampleRotations = floats(this.sampleRotations, 4 * ringSize);
    this.sampleScales = floats(this.sampleScales, ringSize);
    this.sampleFlags = bytes(this.sampleFlags, ringSize);
    this.written = words(this.written);
    this.seen = words(this.seen);
    this.usual = floats(this.usual, 1);
    this.targets = floats(this.targets, 3);
    this.gaps = floats(this.gaps, 3);
    this.velocities = floats(this.velocities, 3);
    this.fresh = bytes(this.fresh, 1);
    this.capacity = capacity;
  }
}

/** Normalised linear interpolation of two rotations, the short way. */
function blend(from: Float32Array, f: number, to: Float32Array, g: number, amounts: Float64Array, which: number, out: Float32Array, o: number): void {
  const t = amounts[which]!;
  const dot = from[f]! * to[g]! + from[f + 1]! * to[g + 1]! + from[f + 2]! * to[g + 2]! + from[f + 3]! * to[g + 3]!;
  const u = dot < 0 ? -t : t;
  const x = from[f]! * (1 - t) + to[g]! * u;
  const y = from[f + 1]! * (1 - t) + to[g + 1]! * u;
  const z = from[f + 2]! * (1 - t) + to[g + 2]! * u;
  const w = from[f + 3]! * (1 - t) + to[g + 3]! * u;
  const unit = 1 / Math.sqrt(x * x + y * y + z * z + w * w);
  out[o] = x * unit;
  out[o + 1] = y * unit;
  out[o + 2] = z * unit;
  out[o + 3] = w * unit;
}
