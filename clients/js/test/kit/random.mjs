// Chance that repeats itself: the same numbers from the same seed.

/** mulberry32, and what tests make of it. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** 0 to 2^32 - 1. */
  u32() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 to below `end`. */
  below(end) {
    return Math.floor((this.u32() / 2 ** 32) * end);
  }

  oneIn(count) {
    return this.below(count) === 0;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** -1 to 1. */
  signed() {
    return this.u32() / 2 ** 31 - 1;
  }

  /** A BigInt of any length up to so many bits: as often one byte of varint as ten. */
  integer(bits) {
    const length = BigInt(this.below(bits + 1));
    const ones = (1n << length) - 1n;
    return this.oneIn(4) ? ones : ((BigInt(this.u32()) << 32n) | BigInt(this.u32())) & ones;
  }

  bytes(length) {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
