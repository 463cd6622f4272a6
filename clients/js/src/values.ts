import { decode as unpack, Encoder } from '@msgpack/msgpack';

const encoder = new Encoder({ ignoreUndefined: true });

/** A value as MessagePack. @throws {RangeError} for what MessagePack cannot say. */
export function packValue(value: unknown): Uint8Array {
  try {
    return encoder.encode(value ?? null);
  } catch (error) {
    throw new RangeError(`The value cannot be written as MessagePack: ${(error as Error).message}`);
  }
}

/** The value of one MessagePack value; undefined for bytes that are none, or one that JavaScript cannot hold (a map under a key that is one). */
export function unpackValue(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch {
    return undefined;
  }
}

/** Keys as a path in a value, protocol-spec.md §11.4: each a MessagePack str, nothing between. */
export function packPath(path: readonly string[]): Uint8Array {
  const keys = path.map((key) => encoder.encode(key));
  const bytes = new Uint8Array(keys.reduce((sum, key) => sum + key.length, 0));
  let at = 0;
  for (const key of keys) {
    bytes.set(key, at);
    at += key.length;
  }
  return bytes;
}

/** The keys of a path. */
export function unpackPath(bytes: Uint8Array): string[] {
  const keys: string[] = [];
  for (let at = 0; at < bytes.length;) {
    // A str of up to 255 bytes: its head says how long it is (a path is at most 255 bytes, its keys less).
    const head = bytes[at]!;
    const size = head >= 0xa0 && head <= 0xbf ? 1 + (head & 0x1f) : head === 0xd9 ? 2 + bytes[at + 1]! : head === 0xda ? 3 + bytes[at + 1]! * 256 + bytes[at + 2]! : 5;
    keys.push(String(unpackValue(bytes.subarray(at, at + size))));
    at += size;
  }
  return keys;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * A value with what is at a path set, or removed (undefined): protocol-spec.md §11.4. The old value is not touched, so that whoever holds it can
 * compare.
 */
export function mergeValue(old: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (key === '__proto__') return old; // no key of a JavaScript map; MessagePack values with it are not read either
  const map: Record<string, unknown> = isMap(old) ? { ...old } : {};
  if (rest.length > 0) {
    if (value !== undefined || isMap(map[key])) map[key] = mergeValue(map[key], rest, value);
  } else if (value === undefined) {
    delete map[key];
  } else {
    map[key] = value;
  }
  return map;
}
