const utf8 = new TextEncoder();

/** Writes fields into memory that grows and is used again (protocol-spec.md §3.3). Throws RangeError for what no field can hold. */
export class Writer {
  private bytes: Uint8Array;
  private view: DataView;

  /** Bytes written. */
  length = 0;

  /** Begins with room for `size` bytes; more is taken when it is needed. */
  constructor(size = 256) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Begins anew. */
  clear(): void {
    this.length = 0;
  }

  /** What has been written: a view, good until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** What has been written, as memory of its own. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** `u8`; of a larger number the lowest bits. */
  u8(value: number): void {
    const at = this.take(1);
    this.view.setUint8(at, value);
  }

  /** `u16`. */
  u16(value: number): void {
    const at = this.take(2);
    this.view.setUint16(at, value, true);
  }

  /** `i16`. */
  i16(value: number): void {
    const at = this.take(2);
    this.view.setInt16(at, value, true);
  }

  /** `u32`. */
  u32(value: number): void {
    const at = this.take(4);
    this.view.setUint32(at, value, true);
  }

  /** `u64`. */
  u64(value: bigint): void {
    const at = this.take(8);
    this.view.setBigUint64(at, value, true);
  }

  /** `f32`: the nearest to the value. */
  f32(value: number): void {
    const at = this.take(4);
    this.view.setFloat32(at, value, true);
  }

  /** `f64`. */
  f64(value: number): void {
    const at = this.take(8);
    this.view.setFloat64(at, value, true);
  }

  /** The shortest form of an unsigned integer up to 2^53. */
  varint(value: number): void {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number.isInteger(value))) {
      throw new RangeError(`${value} is not an integer from 0 to 2^53 - 1.`);
    }
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 128)) this.u8((left % 128) | 0x80);
    this.u8(left);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const at = this.take(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** `bytes8`: at most 255 bytes. */
  bytes8(bytes: Uint8Array): void {
    if (bytes.length > 0xff) throw new RangeError(`The field takes at most 255 bytes; these are ${bytes.length}.`);
    this.u8(bytes.length);
    this.raw(bytes);
  }

  /** `bytes16`: at most 65,535 bytes. */
  bytes16(bytes: Uint8Array): void {
    if (bytes.length > 0xffff) throw new RangeError(`The field takes at most 65535 bytes; these are ${bytes.length}.`);
    this.u16(bytes.length);
    this.raw(bytes);
  }

  /** `bytes`: a varint length first. */
  bytesVar(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** `string8`: at most 255 bytes of UTF-8. */
  string8(text: string): void {
    const bytes = utf8.encode(text);
    if (bytes.length > 0xff) throw new RangeError(`A text takes at most 255 bytes of UTF-8; "${text.slice(0, 24)}…" takes ${bytes.length}.`);
    this.bytes8(bytes);
  }

  /** Bytes of zero bits, to be filled by {@link bits}. Returns where they begin. */
  zeros(count: number): number {
    const at = this.take(count);
    this.bytes.fill(0, at, at + count);
    return at;
  }

  /** Sets bits that are zero, at most 32, lowest first; `bit` counts from the beginning of what is written. */
  bits(bit: number, count: number, value: number): void {
    for (let left = value; count > 0;) {
      const from = bit & 7;
      const taken = Math.min(8 - from, count);
      const size = 1 << taken;
      this.bytes[bit >> 3]! |= (left % size) << from;
      left = Math.floor(left / size);
      bit += taken;
      count -= taken;
    }
  }

  /** Makes room. Returns where it begins. */
  take(count: number): number {
    const at = this.length;
    if (at + count > this.bytes.length) {
      const grown = new Uint8Array(Math.max(at + count, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.length = at + count;
    return at;
  }

  /** The header of the frame that began at `start`: its body is what was written after the four bytes there. */
  endFrame(start: number, type: number): void {
    const body = this.length - start - 4;
    if (body > 0xffffff) throw new RangeError(`A frame's body takes at most 16777215 bytes; this one takes ${body}.`);
    this.view.setUint32(start, ((type << 24) | body) >>> 0, true);
  }
}
