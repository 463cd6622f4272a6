import { Malformed } from '../wire/malformed.js';
import type { Measures } from '../wire/measures.js';
import { unpackThree } from '../wire/rotation.js';

/**
 * Where a decoded batch goes, slot by slot. Fractions are not handed over as arguments, for each of which the engine would make an object on the
 * heap: they lie in `sample`, by the numbers in {@link at}.
 */
export interface BatchSink {
  begin(reset: boolean, serverMillis: number): void;
  remove(slot: number): void;
  /** @param flags of the extension: 1 jumped, 2 velocity, 4 scale. */
  set(slot: number, flags: number, sample: Float64Array): void;
  end(): void;
}

/** What lies where in a sample: its age in ms, metres, the rotation as a unit quaternion, the scale. */
export const at = { age: 0, x: 1, y: 2, z: 3, rotation: 4, scale: 8, length: 9 } as const;

const maxSlot = 0xffffffff;

/**
 * Decodes TransformBatch (protocol-spec.md §8.4). It is the one frame that comes twenty times a second with hundreds of values, so it is read
 * from the bytes as they are: nothing is allocated, whatever the number of values.
 */
export class BatchDecoder {
  /** The version that the last batch brought. */
  version = 0;
  /** The room sequence that it presupposes. */
  presupposes = 0;
  /** The server's clock when it was encoded, modulo 2^32 ms. */
  serverMillis = 0;
  /** How many values it held. */
  count = 0;
  /** Whether it told to forget everything first. */
  reset = false;

  private bytes: Uint8Array = new Uint8Array(0);
  private position = 0;
  private end = 0;
  private readonly sample = new Float64Array(at.length);
  private readonly float = new DataView(new ArrayBuffer(4));

  constructor(private readonly measures: Measures) {}

  /**
   * @param bytes where the frame's body lies, from `start` to `end`.
   * @throws {Malformed} for a body that does not follow its layout; what came before that place has been told.
   */
  decode(bytes: Uint8Array, start: number, end: number, sink: BatchSink): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    const flags = this.u8();
    if (flags > 1) throw new Malformed(`flags is ${flags}, which has no meaning`);
    this.reset = flags === 1;
    this.version = this.varint();
    this.presupposes = this.varint();
    this.serverMillis = this.u16() + this.u16() * 65536;
    sink.begin(this.reset, this.serverMillis);

    let slot = -1;
    for (let left = this.listLength(1); left > 0; left--) {
      slot = this.nextSlot(slot);
      sink.remove(slot);
    }

    slot = -1;
    this.count = this.listLength(1 + this.measures.recordSize);
    for (let left = this.count; left > 0; left--) {
      slot = this.nextSlot(slot);
      this.value(slot, sink);
    }

    if (this.position !== end) throw new Malformed('a batch has bytes after its last value');
    sink.end();
  }

  private value(slot: number, sink: BatchSink): void {
    const { sample, measures: { bits: [bitsX, bitsY, bitsZ], recordSize, ageUnitMs, precision, min } } = this;
    const first = this.skip(recordSize) * 8;
    const extended = this.bits(first, 1);
    sample[at.age] = this.bits(first + 1, 4) * ageUnitMs;
    sample[at.x] = min[0] + this.bits(first + 5, bitsX) * precision;
    sample[at.y] = min[1] + this.bits(first + 5 + bitsX, bitsY) * precision;
    sample[at.z] = min[2] + this.bits(first + 5 + bitsX + bitsY, bitsZ) * precision;
    const rotation = first + 5 + bitsX + bitsY + bitsZ;
    unpackThree(this.bits(rotation + 30, 2), this.bits(rotation + 20, 10), this.bits(rotation + 10, 10), this.bits(rotation, 10), sample, at.rotation);
    sample[at.scale] = 1;
    let flags = 0;
    if (extended) {
      flags = this.u8();
      if (flags > 7) throw new Malformed(`flags is ${flags}, which has no meaning`);
      if (flags & 2) this.skip(6);
      if (flags & 4) {
        for (let i = 0; i < 4; i++) this.float.setUint8(i, this.u8());
        sample[at.scale] = this.float.getFloat32(0, true);
      }
    }
    sink.set(slot, flags, sample);
  }

  private nextSlot(before: number): number {
    const slot = before + 1 + this.varint();
    if (slot > maxSlot) throw new Malformed('a slot does not fit 32 bits');
    return slot;
  }

  private listLength(least: number): number {
    const length = this.varint();
    if (length * least > this.end - this.position) throw new Malformed('a count is more than the rest of its frame can hold');
    return length;
  }

  private skip(count: number): number {
    const from = this.position;
    if (count > this.end - from) throw new Malformed('a field runs past the end of its frame');
    this.position = from + count;
    return from;
  }

  private u8(): number {
    return this.bytes[this.skip(1)]!;
  }

  private u16(): number {
    const from = this.skip(2);
    return this.bytes[from]! + this.bytes[from + 1]! * 256;
  }

  private varint(): number {
    let value = 0;
    for (let i = 0, scale = 1; i < 10; i++, scale *= 128) {
      const next = this.u8();
      if (next === 0 && i > 0) throw new Malformed('a varint is not in its shortest form');
      value += (next & 0x7f) * scale;
      if (next < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw new Malformed('a varint is larger than this client can count');
        return value;
      }
    }
    throw new Malformed('a varint is too long');
  }

  /** At most 28 bits, lowest first: small integers, which are no objects. */
  private bits(bit: number, count: number): number {
    let value = 0;
    for (let done = 0; done < count;) {
      const from = (bit + done) & 7;
      const taken = Math.min(8 - from, count - done);
      value |= ((this.bytes[(bit + done) >> 3]! >> from) & ((1 << taken) - 1)) << done;
      done += taken;
    }
    return value;
  }
}
