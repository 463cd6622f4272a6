// Waiting for conditions, never for time to pass.

import { setTimeout as pause } from 'node:timers/promises';

/** How long anything is waited for, ms: far above what it takes on a machine that has other things to do, so that only a mistake gets there. */
export const patience = 60_000;

/**
 * Asks again and again until the answer is truthy.
 * @template T
 * @param {() => T | Promise<T>} condition asked every 25 ms; what it throws counts as "not yet" and is told when time is up
 * @param {string} what what is waited for, for the message
 * @param {number} [patienceMs] how long at most
 * @returns {Promise<T>} the truthy answer
 */
export async function until(condition, what, patienceMs = patience) {
  const end = performance.now() + patienceMs;
  let last;
  for (;;) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }

    if (performance.now() > end) throw new Error(`After ${patienceMs} ms still not: ${what}. Last answer: ${describe(last)}`);
    await pause(25);
  }
}

/** A promise that fails with a message if it takes longer than it ever should. */
export async function within(promise, what, patienceMs = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`After ${patienceMs} ms still not: ${what}.`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(value) {
  return value instanceof Error ? value.message : JSON.stringify(value);
}
