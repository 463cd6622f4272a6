// The playground as a page: what it weighs, how it ends, and whether everybody can use it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeInfo } from '../../clients/js/dist/index.js';
import { Closer, RelayProgram, until, useBrowser, within } from './kit/index.mjs';
import { enter, picture, put, shown, webRoot } from './kit/playground.mjs';

const MAX_FIRST_LOAD = 350 * 1024;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const browser = useBrowser();
let relay;

before(async () => { relay = await RelayProgram.start(webRoot); });
after(() => relay?.stop());

const state = (page) => page.locator('.pill').getAttribute('data-state');

test('the first load is small', async (t) => {
  const page = await browser.page(t);
  const sizes = [];
  page.on('requestfinished', async (request) => {
    if (request.url().startsWith('http')) sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => [new URL(request.url()).pathname, responseBodySize + responseHeadersSize]));
  });
  await page.goto(`${relay.url}?room=load`);
  await until(() => page.evaluate(() => window.playground?.room !== undefined), 'one is in the room');
  const all = await Promise.all(sizes);
  const sum = all.reduce((total, [, bytes]) => total + bytes, 0);
  assert.ok(all.some(([path]) => path.endsWith('.js')) && all.some(([path]) => path.endsWith('.css')), JSON.stringify(all));
  assert.ok(sum <= MAX_FIRST_LOAD, `${sum} bytes: ${JSON.stringify(all)}`);
  t.diagnostic(`first load: ${(sum / 1024).toFixed(0)} KiB`);
  assert.deepEqual(page.complaints, []);
});

test('a second tab of the same browser is somebody else, and stays so', async (t) => {
  const first = await browser.page(t);
  await first.goto(`${relay.url}?room=tabs`);
  const second = await first.context().newPage();
  await second.goto(`${relay.url}?room=tabs`);
  const names = (page) => page.evaluate(() => [window.playground?.room?.me.name, window.playground?.people.members.size]);
  const [mine] = await until(async () => (await names(first))[1] === 2 && await names(first), 'both are in the room');
  const [other] = await until(async () => (await names(second))[1] === 2 && await names(second), 'both see it');
  assert.notEqual(mine, other);
  await second.reload();
  assert.equal(await until(async () => (await names(second))[0], 'it is back'), other);
  assert.deepEqual(first.complaints, []);
});

// protocol-spec.md §9: every code that closes, with every cause that stands beside one.
const closes = [
  [1000], [1001], [1002], [1002, 4406], [1003], [1007], [1009], [1011], [1012], [1013], [4401], [4401, 4454], [4401, 4457], [4403], [4408], [4408, 4451], [4408, 4452],
  [4408, 4453], [4429], [4436], [4999],
];

test('however the server ends it, the page says what happened and what to do, and finds its way back', async (t) => {
  const closer = await Closer.start(relay.httpPort);
  t.after(() => closer.stop());
  const page = await enter(browser, t, closer.url, { room: 'closes' });
  for (const [code, cause] of closes) {
    const { title, advice, retry } = closeInfo(code, cause);
    const said = page.evaluate((expected) => new Promise((resolve) => {
      const look = () => {
        const seen = [...document.querySelectorAll('.notice, .ended')].filter((each) => !each.hidden).map((each) => each.innerText.replace(/\s+/g, ' ')).join(' ');
        if (expected.every((text) => seen.includes(text))) resolve(seen);
        else setTimeout(look, 5);
      };
      look();
    }), [title, advice]);
    await until(() => closer.connections === 1, 'there is a connection to end');
    closer.close(code, cause);
    const seen = await within(said, `"${title} ${advice}" for ${code}/${cause ?? 0}`);
    assert.equal(seen.includes('Connect again'), !retry, `${code}: ${seen}`);
    if (!retry) {
      if (code === 4436) await picture(page, 'ended');
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Connect again');
      await page.keyboard.press('Enter');
    }
    await until(async () => await state(page) === 'open' && page.evaluate(() => window.playground.room !== undefined), `one is back after ${code}`);
    assert.equal(await page.locator('.ended, .notice').evaluateAll((all) => all.every((each) => each.hidden)), true);
  }
  assert.deepEqual(page.complaints, []);
});

test('who is taken out of the room is told so, and may come back', async (t) => {
  const page = await enter(browser, t, relay.url, { room: 'kicked' });
  const { room, epoch, member } = await page.evaluate(() => {
    const { name, epoch: life, self } = window.playground.room;
    return { room: name, epoch: life.toString(16), member: self };
  });
  const answer = await fetch(`${relay.url}monitor/api/kick`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Origin: relay.url.slice(0, -1) }, body: JSON.stringify({ room, epoch, member }),
  });
  assert.equal(answer.status, 200, await answer.text());
  const card = page.getByRole('alertdialog');
  await until(async () => (await card.innerText()).startsWith('A moderator has taken you out of the room.'), 'the page says so');
  assert.match(await card.innerText(), /4433 kicked/);
  await page.getByRole('button', { name: 'Connect again' }).click();
  await until(() => page.evaluate(() => window.playground.room !== undefined), 'one is back');
  assert.equal(await card.isHidden(), true);
});

test('a server that restarts is waited for', async (t) => {
  const own = await RelayProgram.start(webRoot);
  t.after(() => own.stop());
  const page = await enter(browser, t, own.url);
  await own.stop();
  await until(async () => await state(page) === 'reconnecting' && await page.locator('.notice').isVisible(), 'the page says that it tries again');
  assert.match(await page.locator('.notice').innerText(), /^(The server is shutting down|The server restarts|The connection broke)\. /);
  await own.startAgain();
  await until(async () => await state(page) === 'open' && page.evaluate(() => window.playground.room !== undefined), 'one is back');
});

test('on a phone everything is there, nothing sticks out, and a thumb walks', async (t) => {
  for (const [name, size] of [['small', { width: 320, height: 568 }], ['phone', phone.viewport]]) {
    const page = await enter(browser, t, relay.url, { room: `phone-${name}` }, { ...phone, viewport: size, colorScheme: 'dark' });
    const fits = async (where) => {
      const { out, width, small } = await page.evaluate(() => {
        const shownNow = [...document.querySelectorAll('.hud > *, .hud button, .hud input, .hud a')].filter((each) => each.getClientRects().length > 0);
        const scrolls = (each) => each.closest('.network, .figures, .frames, .filters, .chat-lines') !== null;
        return {
          out: shownNow.filter((each) => {
            const { left, right, top, bottom } = each.getBoundingClientRect();
            return left < -1 || right > innerWidth + 1 || (!scrolls(each) && (top < -1 || bottom > innerHeight + 1));
          }).map((each) => each.outerHTML.slice(0, 80)),
          width: document.scrollingElement.scrollWidth - innerWidth,
          small: shownNow.filter((each) => each.matches('button:not(.frame, .chip)') && Math.min(each.offsetWidth, each.offsetHeight) < 38).map((each) => each.outerHTML.slice(0, 80)),
        };
      });
      assert.deepEqual({ where, out, small, scrolls: width > 0 }, { where, out: [], small: [], scrolls: false });
    };
    await fits(`${name}: the room`);
    const start = await until(() => shown(page, 'Anna'), 'Anna stands there');
    const box = await page.locator('.stick').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const touch = await page.context().newCDPSession(page);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: x + 40, y }] });
    await until(async () => Math.hypot((await shown(page, 'Anna')).x - start.x, (await shown(page, 'Anna')).z - start.z) > 0.5, 'the stick walks');
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await until(() => page.evaluate(() => window.playground.walker.velocity.length() === 0), 'and stops');
    await picture(page, name);
    for (const panel of ['Chat', 'Figures', 'Inspector', 'Network']) {
      await page.locator('.opener', { hasText: panel }).tap();
      await until(async () => await page.locator('.panel:visible').count() === 1, `${panel} is the only one open`);
      await fits(`${name}: ${panel}`);
      await picture(page, `${name}-${panel.toLowerCase()}`);
    }
    assert.deepEqual(page.complaints, []);
  }
});

test('everything can be done with the keyboard, and one always sees where one is', async (t) => {
  const page = await enter(browser, t, relay.url, { room: 'keys' });
  const reached = new Map();
  await page.evaluate(() => document.querySelector('.opener[aria-controls=network]').click());
  await page.locator('#scene').focus();
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const [key, name, isSeen] = await page.evaluate(() => {
      const here = document.activeElement;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(here);
      window.tabbed ??= [];
      const at = window.tabbed.indexOf(here) + 1 || window.tabbed.push(here);
      const named = here.getAttribute('aria-label') ?? here.innerText;
      return [here === document.body ? 0 : at, named, (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'];
    });
    if (key > 0) reached.set(key, { name, isSeen });
  }
  const blind = [...reached.values()].filter(({ name, isSeen }) => !isSeen || !name?.trim());
  assert.deepEqual(blind, []);
  const missed = await page.evaluate(() => [...document.querySelectorAll('button, input, a, [tabindex="0"]')]
    .filter((each) => each.getClientRects().length > 0 && !window.tabbed.includes(each)).map((each) => each.outerHTML.slice(0, 100)));
  assert.deepEqual(missed, []);

  await page.keyboard.press('Escape');
  await page.locator('#scene').focus();
  await put(page, 0, 12, 0);
  await page.keyboard.down('ArrowUp');
  await until(async () => (await shown(page, 'Anna')).z < 11, 'the arrows walk');
  await page.keyboard.up('ArrowUp');
  await page.keyboard.press('?');
  assert.equal(await page.locator('dialog[open] h2').innerText(), 'How to get around');
  await picture(page, 'help');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Message');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-controls')), 'chat', 'the focus goes back to what opened it');

  await page.locator('.name').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('Zoë');
  await page.keyboard.press('Enter');
  await until(() => page.evaluate(() => window.playground.room?.me.name === 'Zoë'), 'one comes in under the new name');
  assert.match(await page.locator('.name').innerText(), /Zoë/);
  assert.deepEqual(page.complaints, []);
});

test('a new name is the one that is written, however late the page is told that its dialog is open', async (t) => {
  const page = await enter(browser, t, relay.url, { room: 'named' });
  const name = await page.evaluate(() => new Promise((resolve) => {
    const input = document.querySelector('dialog input');
    const dialog = input.closest('dialog');
    dialog.addEventListener('toggle', () => resolve(input.value), { once: true });
    document.querySelector('.name').click();
    input.value = 'Zoë';
  }));
  assert.equal(name, 'Zoë');
  await page.keyboard.press('Escape');
  await page.locator('.name').click();
  assert.equal(await page.getByRole('textbox', { name: 'Your name' }).inputValue(), 'Anna', 'what was not kept is gone');
  assert.deepEqual(page.complaints, []);
});

test('names, contrast and motion are as they should be, by day and by night', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await enter(browser, t, relay.url, { room: 'looks' }, { colorScheme, reducedMotion: 'reduce' });
    for (const panel of ['chat', 'figures']) await page.locator(`.opener[aria-controls=${panel}]`).click();
    const found = await page.evaluate(() => {
      const nameless = [...document.querySelectorAll('button, input, dialog, section, nav, [role=toolbar], canvas')].filter((each) => {
        const labelled = each.getAttribute('aria-labelledby');
        return !(each.getAttribute('aria-label') || (labelled && document.getElementById(labelled)) || each.closest('label') || each.textContent.trim());
      }).map((each) => each.outerHTML.slice(0, 80));
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      const light = (colour) => {
        const [r, g, b] = colour.match(/[\d.]+/g).map((part) => Number(part) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (each) => {
        for (let at = each; at; at = at.parentElement) {
          const { backgroundColor } = getComputedStyle(at);
          if (!/, 0\)$|transparent/.test(backgroundColor)) return backgroundColor;
        }
        return 'rgb(255, 255, 255)';
      };
      const faint = [...document.querySelectorAll('h1, h2, h3, p, th, td, caption, span, kbd, strong, button')].filter((each) =>
        each.getClientRects().length > 0 && each.textContent.trim() && !each.closest('[aria-disabled=true], .tags, [aria-hidden=true]')).map((each) => {
        const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
        return { text: each.textContent.slice(0, 30), ratio: (a + 0.05) / (b + 0.05) };
      }).filter(({ ratio }) => ratio < 4.5);
      const moving = document.getAnimations().length;
      return { nameless, faint, moving, twice: ids.filter((id, i) => ids.indexOf(id) !== i), lang: document.documentElement.lang, theme: document.documentElement.dataset.theme };
    });
    assert.deepEqual(found, { nameless: [], faint: [], moving: 0, twice: [], lang: 'en', theme: colorScheme });
    await put(page, 4, 9.5, 0.5);
    await picture(page, colorScheme);
    await page.keyboard.press('Escape');
    assert.deepEqual(page.complaints, []);
  }
});

test('without WebGL the page says so in a sentence', async (t) => {
  const page = await browser.page(t);
  await page.addInitScript(() => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function getContext(kind, ...rest) { return kind.startsWith('webgl') ? null : real.call(this, kind, ...rest); };
  });
  await page.goto(relay.url);
  await until(async () => /This browser gives the page no 3D graphics/.test(await page.locator('.unable').innerText()), 'the sentence');
  assert.equal(await page.locator('.unable').getAttribute('role'), 'alert');
});
