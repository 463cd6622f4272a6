// Geometry with colours per vertex: many shapes become one mesh, drawn with one call.
import { type BufferGeometry, Color, Float32BufferAttribute, Matrix4, Quaternion, Vector3 } from 'three';
import { mergeGeometries } from 'three/addons/utils/BufferGeometryUtils.js';

export interface Placement {
  at?: [number, number, number];
  turn?: [number, number, number, number];
  scale?: [number, number, number];
}

/** A copy of a shape at a place, in one colour. */
export function painted(shape: BufferGeometry, colour: number, { at, turn, scale }: Placement = {}): BufferGeometry {
  const geometry = shape.clone();
  geometry.deleteAttribute('uv');
  geometry.applyMatrix4(new Matrix4().compose(
    new Vector3(...(at ?? [0, 0, 0])), new Quaternion(...(turn ?? [0, 0, 0, 1])), new Vector3(...(scale ?? [1, 1, 1]))));
  const { r, g, b } = new Color(colour);
  const count = geometry.getAttribute('position').count;
  geometry.setAttribute('color', new Float32BufferAttribute(Array.from({ length: count }, () => [r, g, b]).flat(), 3));
  return geometry;
}

export function merged(parts: BufferGeometry[]): BufferGeometry {
  // With an index, corners that faces share are worked out once: to be had only if all parts have one.
  const areIndexed = parts.every((part) => part.index !== null);
  const geometry = mergeGeometries(areIndexed ? parts : parts.map((part) => (part.index === null ? part : part.toNonIndexed())));
  for (const part of parts) {
    part.dispose();
  }
  return geometry;
}

/** A quarter of nature: the same numbers for the same seed, so that everybody sees the same trees. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
