// Rooms of several measures, as the client and as the interop tests' codec see them.
import { Measures } from '../../dist/wire/index.js';
import { Space } from '../../../../tests/interop/posbus.mjs';

const steps = [[131_072, 131_072, 131_072], [1, 1, 1], [2 ** 28, 2 ** 28 - 1, 2 ** 27 + 1], [3, 2 ** 20, 1]];

/** The default size, the smallest, the largest, and one that is none of these on any axis. */
export const rooms = steps.map(([stepsX, stepsY, stepsZ]) => {
  const joined = { minX: -1, minY: -2, minZ: -3, precision: 0.001, stepsX, stepsY, stepsZ, tickMicros: 50_000, ageUnitMicros: 4_000 };
  return { measures: new Measures(joined), space: new Space(joined) };
});
