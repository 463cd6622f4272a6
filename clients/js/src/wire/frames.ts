import { Malformed } from './malformed.js';

/** Bytes of a frame's header: a 24-bit length of the body, then the type (protocol-spec.md §3.1). */
export const headerSize = 4;

/**
 * Walks over the whole frames of a WebSocket message.
 * @param limit the longest body that is taken (protocol-spec.md §5.2).
 * @param each told the type, and where the body begins and ends.
 * @throws {Malformed} 1009 for a body above the limit, 1007 for a message that does not end with a frame.
 */
export function eachFrame(bytes: Uint8Array, limit: number, each: (type: number, start: number, end: number) => void): void {
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < headerSize) throw new Malformed('a message ends within the header of a frame');
    const length = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const start = at + headerSize;
    if (length > limit) throw new Malformed(`a frame's body takes ${length} bytes; the limit is ${limit}`, 1009);
    if (length > bytes.length - start) throw new Malformed('a message ends within a frame');
    at = start + length;
    each(bytes[start - 1]!, start, at);
  }
}
