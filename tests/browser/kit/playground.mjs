// The playground in the browser, as its tests need it.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { screenshot } from './screenshot.mjs';
import { until } from './until.mjs';

/** The option that has the program serve the pages as they were built last. */
export const webRoot = `--Relay:Host:WebRoot=${fileURLToPath(new URL('../../../clients/web/dist', import.meta.url))}`;

/** Small, for pictures are drawn in software here; wide enough for the layout of a desk. */
const desk = { viewport: { width: 800, height: 500 } };

/**
 * Opens the playground and waits until one is in the room.
 * @param {import('./browser.mjs').Browser} browser
 * @param {import('node:test').TestContext} t
 * @param {string} url of the server
 * @param {{ room?: string, name?: string }} who
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function enter(browser, t, url, { room = 'plaza', name = 'Anna' } = {}, options = {}) {
  const page = await browser.page(t, { ...desk, ...options });
  await page.addInitScript((called) => localStorage.setItem('relay.name', called), name);
  await page.goto(`${url}?room=${encodeURIComponent(room)}`);
  await until(() => page.evaluate(() => window.playground?.room !== undefined && document.querySelector('.pill').dataset.state === 'open'), `${name} is in the room`);
  return page;
}

/** Anna and Ben, who see each other. */
export async function pair(browser, t, url, room) {
  const anna = await enter(browser, t, url, { room, name: 'Anna' });
  const ben = await enter(browser, t, url, { room, name: 'Ben' });
  await until(async () => await shown(ben, 'Anna') && await shown(anna, 'Ben'), 'both see each other');
  return [anna, ben];
}

/** Nothing went wrong on any of the pages. */
export function quiet(...pages) {
  assert.deepEqual(pages.flatMap((page) => page.complaints), []);
}

/** Puts somebody at a place, in metres, looking in a direction: 0 is along −z. */
export const put = (page, x, z, yaw = 0) => page.evaluate(([toX, toZ, turn]) => {
  const { walker } = window.playground;
  walker.position.set(toX, 0, toZ);
  walker.yaw = turn;
  walker.pitch = -0.1;
  walker.step(0);
}, [x, z, yaw]);

/** Where a page shows a member, and how: undefined while it is not shown. */
export const shown = (page, name) => page.evaluate((called) => {
  const { people } = window.playground;
  const member = [...people.members.values()].find((each) => each.name === called);
  const figure = member && people.figureOf(member.id);
  return figure?.visible ? { id: member.id, x: figure.position.x, y: figure.position.y, z: figure.position.z, isHighFiving: figure.isHighFiving } : undefined;
}, name);

/** The things that a page shows. */
export const things = (page) => page.evaluate(() => {
  const { hands } = window.playground;
  return [...hands.toys.all].filter((thing) => thing.visible).map((thing) => ({
    id: thing.id, shape: thing.shape, isPinned: thing.isPinned, x: thing.position.x, y: thing.position.y, z: thing.position.z,
    owner: hands.toys.object(thing.id).owner, isCarried: hands.carried === thing,
  }));
});

/** What a page has said in passing. */
export const toasts = (page) => page.locator('.toast').allTextContents();

/** A picture, once nothing fades in any more. */
export async function picture(page, name) {
  await until(() => page.evaluate(() => document.getAnimations().length === 0), 'all stands still');
  await screenshot(page, `playground-${name}`);
}
