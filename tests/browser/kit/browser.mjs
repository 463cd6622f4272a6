// One Chromium for a test file, a fresh context for each page.

import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { patience } from './until.mjs';

const executablePath = process.env.RELAY_TEST_CHROMIUM ?? '/usr/bin/chromium';

// WebGL in software; and pages that are not in front run as fast as the one that is, since several play one room.
const flags = [
  '--headless=new', '--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows', '--disable-background-timer-throttling', '--js-flags=--expose-gc',
];

/**
 * Starts a browser before the tests of this file and closes it after them.
 * @returns {Browser} usable inside tests
 */
export function useBrowser() {
  const browser = new Browser();
  before(() => browser.open());
  after(() => browser.close());
  return browser;
}

export class Browser {
  #chromium;

  async open() {
    this.#chromium = await chromium.launch({ executablePath, headless: true, args: flags });
  }

  async close() {
    await this.#chromium?.close();
  }

  /**
   * A page in a context of its own, closed when the test ends. Nothing that it asks for leaves this machine.
   * `page.complaints` has what went wrong in it: uncaught errors, console errors, requests to elsewhere.
   * @param {import('node:test').TestContext} t
   * @param {import('playwright-core').BrowserContextOptions & { stored?: Record<string, string>, at?: Record<string, string> }} [options]
   *   `stored` maps addresses elsewhere to files that stand in for them, '' for nothing; `at` maps hosts to sites whose pages the browser takes for theirs,
   *   as behind a reverse proxy; WebSockets go to the host itself
   */
  async page(t, { stored = {}, at = {}, ...options } = {}) {
    const context = await this.#chromium.newContext({ viewport: { width: 960, height: 600 }, ...options });
    t.after(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.complaints = [];
    page.on('pageerror', (error) => page.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => { if (message.type() === 'error') page.complaints.push(`console: ${message.text()}`); });
    await context.route((url) => url.protocol.startsWith('http') && url.hostname !== '127.0.0.1', (route) => {
      const url = route.request().url();
      if (stored[url] !== undefined) return route.fulfill({ contentType: 'text/javascript', ...(stored[url] ? { path: stored[url] } : { body: '' }) });
      page.complaints.push(`asks for ${url}`);
      return route.abort();
    });
    await context.route((url) => at[url.host] !== undefined, (route) => {
      const url = new URL(route.request().url());
      return route.continue({ url: new URL(url.pathname + url.search, at[url.host]).href });
    });
    return page;
  }
}
