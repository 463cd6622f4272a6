// Pictures of pages, for people to look at, and a cheap check that there is something on them.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';

let folder;

/**
 * Takes a picture and checks that it is not blank.
 * @param {import('playwright-core').Page} page
 * @param {string} name file name without ending; pictures go to RELAY_TEST_SCREENSHOTS, or to a folder that is deleted afterwards
 */
export async function screenshot(page, name) {
  const bytes = await page.screenshot();
  folder ??= process.env.RELAY_TEST_SCREENSHOTS ?? temporary();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), bytes);
  const { colours, largestShare } = look(bytes);
  assert.ok(colours >= 8 && largestShare < 0.995, `${name}.png looks blank: ${colours} colours, ${(largestShare * 100).toFixed(1)} % of one`);
}

/**
 * What a picture consists of.
 * @param {Uint8Array} bytes a PNG
 * @returns {{ width: number, height: number, colours: number, largestShare: number }} colours are told apart by their upper five bits
 */
export function look(bytes) {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
  const counts = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i] >> 3 << 10) | (data[i + 1] >> 3 << 5) | (data[i + 2] >> 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return { width, height, colours: counts.size, largestShare: Math.max(...counts.values()) / (width * height) };
}

function temporary() {
  const made = mkdtempSync(join(tmpdir(), 'relay-screenshots-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}
