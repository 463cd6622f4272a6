// Rotations: networked-aframe has Euler angles in degrees, order YXZ; a relay has unit quaternions.

/** Degrees about x, y, z. */
export interface Vector { x: number; y: number; z: number }

const half = Math.PI / 360;

/** The quaternion x, y, z, w of angles: first about z, then x, then y. */
export function toQuaternion({ x, y, z }: Vector): [number, number, number, number] {
  const [sx, cx, sy, cy, sz, cz] = [Math.sin(x * half), Math.cos(x * half), Math.sin(y * half), Math.cos(y * half), Math.sin(z * half), Math.cos(z * half)];
  return [
    sx * cy * cz + cx * sy * sz,
    cx * sy * cz - sx * cy * sz,
    cx * cy * sz - sx * sy * cz,
    cx * cy * cz + sx * sy * sz,
  ];
}

/** Angles of a quaternion; looking straight up or down, where there are many, those without a turn about z. */
export function toAngles([x, y, z, w]: readonly [number, number, number, number]): Vector {
  const sine = Math.max(-1, Math.min(1, 2 * (w * x - y * z)));
  const angles = Math.abs(sine) < 0.9999999
    ? { x: Math.asin(sine), y: Math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y)), z: Math.atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z)) }
    : { x: Math.asin(sine), y: Math.atan2(2 * (w * y - x * z), 1 - 2 * (y * y + z * z)), z: 0 };
  return { x: angles.x / half / 2, y: angles.y / half / 2, z: angles.z / half / 2 };
}
