/**
 * The clock that motion is shown by: the server's, behind by a delay that is just long enough for what is on its way to have arrived.
 *
 * A batch says when it was made. How much later it arrives varies; the earliest of the last half minute is the way without jitter, and how far
 * the others came after that is the jitter. The delay covers the last ten seconds but the worst of them: a single outage is no jitter, and to wait
 * for the next would be worse than to make it good. It moves to a new value slowly, by at most {@link slew} of the time that passes: whoever walks
 * is shown 5 % faster for a while, and never jumps.
 */
export class Playout {
  /** How much of the time that passes the delay may grow or shrink by. */
  static readonly slew = 0.05;

  private static readonly baseBuckets = 6; // of 5 s
  private static readonly lateBuckets = 10; // of 1 s

  private readonly base = new Float64Array(Playout.baseBuckets).fill(Infinity);
  private readonly late = new Float64Array(Playout.lateBuckets).fill(0);
  private baseTick = -1;
  private lateTick = -1;
  private shown = NaN;
  private fixed: number | undefined;
  private lastNow = NaN;
  private wrap = 0;
  private lastMillis = -1;

  /** @param interval ms between two batches. */
  constructor(private readonly interval: number) {}

  /** Milliseconds behind the earliest arrival at which things are shown; NaN before the first batch. */
  get delay(): number {
    return this.fixed ?? this.shown;
  }

  /** Holds the delay at a value; undefined: it follows the jitter again. */
  fix(delay: number | undefined): void {
    if (delay === undefined && this.fixed !== undefined) this.shown = this.fixed;
    this.fixed = delay;
  }

  /** The delay that the jitter of the last seconds asks for: the jitter, one interval for the sample after this one, a little slack. */
  get wanted(): number {
    let worst = 0;
    let second = 0;
    for (const value of this.late) {
      if (value > worst) {
        second = worst;
        worst = value;
      } else if (value > second) {
        second = value;
      }
    }
    return second + 1.25 * this.interval + 5;
  }

  /**
   * Takes note of a batch.
   * @param serverMillis the time that it says, modulo 2^32.
   * @param now when it arrived, ms of the local clock.
   * @returns the time that it says, without the modulo.
   */
  arrived(serverMillis: number, now: number): number {
    if (this.lastMillis >= 0 && serverMillis < this.lastMillis - 2 ** 31) this.wrap += 2 ** 32;
    this.lastMillis = serverMillis;
    const millis = this.wrap + serverMillis;

    const difference = now - millis;
    this.baseTick = advance(this.base, this.baseTick, Math.floor(now / 5000), Infinity);
    const bucket = this.baseTick % Playout.baseBuckets;
    if (difference < this.base[bucket]!) this.base[bucket] = difference;

    this.lateTick = advance(this.late, this.lateTick, Math.floor(now / 1000), 0);
    const late = difference - this.offset;
    if (late > this.late[this.lateTick % Playout.lateBuckets]!) this.late[this.lateTick % Playout.lateBuckets] = late;
    return millis;
  }

  /** The time to show now, on the server's clock; NaN before the first batch. */
  time(now: number): number {
    const offset = this.offset;
    if (offset === Infinity) return NaN;
    const wanted = this.wanted;
    if (Number.isNaN(this.shown)) {
      this.shown = wanted;
      this.shownOffset = offset;
    } else {
      const step = Math.max(0, now - this.lastNow) * Playout.slew;
      this.shown += clamp(wanted - this.shown, step);
      this.shownOffset += clamp(offset - this.shownOffset, step);
    }
    this.lastNow = now;
    return now - this.shownOffset - this.delay;
  }

  private shownOffset = NaN;

  /** Local minus server time of the earliest arrival. */
  private get offset(): number {
    let least = Infinity;
    for (const value of this.base) if (value < least) least = value;
    return least;
  }
}

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

/** Empties the buckets that time has passed over. */
function advance(buckets: Float64Array, from: number, to: number, empty: number): number {
  if (from < 0 || to - from >= buckets.length) buckets.fill(empty);
  else for (let tick = from + 1; tick <= to; tick++) buckets[tick % buckets.length] = empty;
  return Math.max(from, to);
}
