// Tests that take long: only under `./relay test --full`.

import { test } from 'node:test';

/** Like `test`, but skipped unless everything is asked for. */
export function full(name, run) {
  test(`${name} [full]`, { skip: process.env.RELAY_TEST_FULL ? false : 'long: ./relay test --full' }, run);
}
