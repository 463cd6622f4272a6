/**
 * The bytes of the protocol: frames, messages, packed transforms. For programs that look beneath the client.
 *
 * @module @relay/client/wire
 */
export { decode, encode, layoutOf, write, type FieldObserver } from './codec.js';
export { describe, hex, type DescribedField, type DescribedFrame } from './describe.js';
export { eachFrame, headerSize } from './frames.js';
export * from './layouts.js';
export { Malformed } from './malformed.js';
export { Measures, type PackedRecord } from './measures.js';
export { Reader } from './reader.js';
export { readRecord, writeRecord } from './records.js';
export { packRotation, unpackRotation } from './rotation.js';
export { Writer } from './writer.js';
