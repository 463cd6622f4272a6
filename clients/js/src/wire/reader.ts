import { Malformed } from './malformed.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads fields from bytes, one after the other (protocol-spec.md §3.3). Throws {@link Malformed} where they do not fit. */
export class Reader {
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.bytes.buffer);
  private end = 0;

  /** Where the next field begins. */
  position = 0;

  /** Opens bytes, if there are some: see {@link open}. */
  constructor(bytes?: Uint8Array, start?: number, end?: number) {
    if (bytes) this.open(bytes, start, end);
  }

  /** Begins anew with other bytes, so that a reader can be used again without garbage. */
  open(bytes: Uint8Array, start = 0, end = bytes.length): this {
    if (this.bytes.buffer !== bytes.buffer || this.bytes.byteOffset !== bytes.byteOffset || this.bytes.length !== bytes.length) {
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    return this;
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.end - this.position;
  }

  /** Passes over bytes. Returns where they begin. */
  skip(count: number): number {
    if (count > this.end - this.position) throw new Malformed('a field runs past the end of its frame');
    const at = this.position;
    this.position += count;
    return at;
  }

  /** `u8`. */
  u8(): number {
    return this.view.getUint8(this.skip(1));
  }

  /** `u16`. */
  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  /** `i16`. */
  i16(): number {
    return this.view.getInt16(this.skip(2), true);
  }

  /** `u32`. */
  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** `u64`, as a BigInt. */
  u64(): bigint {
    return this.view.getBigUint64(this.skip(8), true);
  }

  /** `f32`: any number, NaN and the infinities too. */
  f32(): number {
    return this.view.getFloat32(this.skip(4), true);
  }

  /** `f64`: any number, NaN and the infinities too. */
  f64(): number {
    return this.view.getFloat64(this.skip(8), true);
  }

  /** A varint of at most 32 bits. */
  varint(): number {
    const value = this.varint64();
    if (value > 0xffffffff) throw new Malformed('a varint does not fit 32 bits');
    return value;
  }

  /** A varint of at most 64 bits. Above 2^53 a number is not exact: such a count is never reached, and refused. */
  varint64(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++, scale *= 128) {
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

  /** A count of items that take `least` bytes each: no more than the rest can hold. */
  checkCount(value: number, least: number): number {
    if (value * least > this.left) throw new Malformed('a count is more than the rest of its frame can hold');
    return value;
  }

  /** Bits of what has been passed over, at most 32, lowest first; `bit` counts from the beginning of the bytes. */
  bits(bit: number, count: number): number {
    let value = 0;
    for (let scale = 1; count > 0;) {
      const from = bit & 7;
      const taken = Math.min(8 - from, count);
      value += ((this.bytes[bit >> 3]! >> from) & ((1 << taken) - 1)) * scale;
      scale *= 1 << taken;
      bit += taken;
      count -= taken;
    }
    return value;
  }

  /** Bytes, copied: what they are read from is used again. */
  raw(count: number): Uint8Array {
    const at = this.skip(count);
    return this.bytes.slice(at, at + count);
  }

  /** `bytes8`, copied. */
  bytes8(): Uint8Array {
    return this.raw(this.u8());
  }

  /** `bytes16`, copied. */
  bytes16(): Uint8Array {
    return this.raw(this.u16());
  }

  /** `bytes`, copied. */
  bytesVar(): Uint8Array {
    return this.raw(this.varint());
  }

  /** `string8`. Text that is not UTF-8 is malformed. */
  string8(): string {
    const count = this.u8();
    const at = this.skip(count);
    try {
      return utf8.decode(this.bytes.subarray(at, at + count));
    } catch {
      throw new Malformed('text is not UTF-8');
    }
  }

  /** All bytes that are left, copied. */
  rest(): Uint8Array {
    return this.raw(this.left);
  }

  /** Demands that everything has been read. */
  finish(): void {
    if (this.left > 0) throw new Malformed('a frame has bytes after its last field');
  }
}
