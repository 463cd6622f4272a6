// Rotations in 32 bits, smallest three (protocol-spec.md §8.1).

const scale = Math.SQRT2 * 511;

/** A quaternion x, y, z, w in 32 bits. It need not be of unit length; one without length is no rotation. */
export function packRotation(q: ArrayLike<number>): number {
  const length = Math.hypot(q[0]!, q[1]!, q[2]!, q[3]!);
  if (!(length > 0 && length < Infinity)) return packRotation([0, 0, 0, 1]);
  let largest = 0;
  for (let i = 1; i < 4; i++) if (Math.abs(q[i]!) > Math.abs(q[largest]!)) largest = i;
  const factor = (q[largest]! < 0 ? -scale : scale) / length;
  let bits = 0;
  for (let i = 0; i < 4; i++) if (i !== largest) bits = bits * 1024 + Math.round(q[i]! * factor) + 511;
  return largest * 2 ** 30 + bits;
}

/** Unpacks a rotation into `out` from `at` on. */
export function unpackRotation(bits: number, out: Float32Array | Float64Array | number[], at = 0): void {
  unpackThree(bits >>> 30, (bits >>> 20) & 0x3ff, (bits >>> 10) & 0x3ff, bits & 0x3ff, out, at);
}

/** The same from the parts: which component is left out, and the others in order, ten bits each. */
export function unpackThree(largest: number, first: number, second: number, third: number, out: Float32Array | Float64Array | number[], at: number): void {
  const a = (first - 511) / scale;
  const b = (second - 511) / scale;
  const c = (third - 511) / scale;
  const sum = a * a + b * b + c * c;
  const missing = Math.sqrt(Math.max(0, 1 - sum));
  const unit = 1 / Math.sqrt(sum + missing * missing);
  out[at] = (largest === 0 ? missing : a) * unit;
  out[at + 1] = (largest === 1 ? missing : largest === 0 ? a : b) * unit;
  out[at + 2] = (largest === 2 ? missing : largest === 3 ? c : b) * unit;
  out[at + 3] = (largest === 3 ? missing : c) * unit;
}
