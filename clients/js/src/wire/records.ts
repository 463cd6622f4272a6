import type { Measures, PackedRecord } from './measures.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

// A record is one little-endian integer: extended:1 age:4 x y z rotation:32, up to 121 bits (protocol-spec.md §8.2). Numbers here are exact to
// 53 bits, so fields are taken from and put into its bytes one by one.

/** Reads a record into an object that the caller keeps. */
export function readRecord(reader: Reader, measures: Measures, into: PackedRecord): PackedRecord {
  const start = 8 * reader.skip(measures.recordSize);
  const [x, y, z] = measures.bits;
  into.extended = reader.bits(start, 1);
  into.age = reader.bits(start + 1, 4);
  into.x = reader.bits(start + 5, x);
  into.y = reader.bits(start + 5 + x, y);
  into.z = reader.bits(start + 5 + x + y, z);
  into.rotation = reader.bits(start + 5 + x + y + z, 32);
  return into;
}

/** Writes a record. */
export function writeRecord(writer: Writer, measures: Measures, record: PackedRecord): void {
  const start = 8 * writer.zeros(measures.recordSize);
  const [x, y, z] = measures.bits;
  writer.bits(start, 1, record.extended);
  writer.bits(start + 1, 4, record.age);
  writer.bits(start + 5, x, record.x);
  writer.bits(start + 5 + x, y, record.y);
  writer.bits(start + 5 + x + y, z, record.z);
  writer.bits(start + 5 + x + y + z, 32, record.rotation);
}
