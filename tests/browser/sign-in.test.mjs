// The playground of a server that wants to know who comes in: as a guest, by mail, at a provider; and where one is when one comes back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RelayProgram, until, useBrowser } from './kit/index.mjs';
import { Peers } from './kit/peers.mjs';
import { picture, put, shown, webRoot } from './kit/playground.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const browser = useBrowser();
let peers;
let relay;

before(async () => {
  peers = await Peers.start();
  relay = await RelayProgram.start(webRoot, '--Relay:Host:Development=false', '--Relay:Accounts:GuestsPerMinute=1000');
  // Where people are sent back to has the port that it got.
  await relay.stop();
  await relay.startAgain(
    `--Relay:Accounts:PublicUrl=http://${relay.http}`, '--Relay:Accounts:Mail:Host=127.0.0.1', `--Relay:Accounts:Mail:Port=${peers.smtpPort}`,
    '--Relay:Accounts:Mail:From=relay@example.org', '--Relay:Accounts:Mail:StartTls=false', '--Relay:Accounts:Oidc:0:Name=test',
    `--Relay:Accounts:Oidc:0:Authority=${peers.issuer}`, '--Relay:Accounts:Oidc:0:ClientId=relay', '--Relay:Accounts:Oidc:0:ClientSecret=relay secret: 100%',
    '--Relay:Accounts:Oidc:0:RequireHttps=false');
  await peers.order('redirects', { uris: [`http://${relay.http}/api/v1/auth/oidc/test/callback`] });
});
after(async () => {
  await relay?.stop();
  await peers?.stop();
});

/** A page before the door, and every address that it has asked for. */
async function arrive(t, room, options = {}) {
  const page = await browser.page(t, { viewport: { width: 800, height: 600 }, ...options });
  page.asked = [];
  page.context().on('request', (request) => page.asked.push(request.url()));
  page.on('websocket', (socket) => page.asked.push(socket.url()));
  await page.goto(`${relay.url}?room=${room}`);
  await page.locator('.sign-in').waitFor();
  return page;
}

/** Quoted-printable, of ASCII. */
const readable = (text) => text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

const isIn = (page) => until(() => page.evaluate(() => window.playground?.room !== undefined && document.querySelector('.pill').dataset.state === 'open'), 'one is in the room');
const session = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('relay.session')));
const name = (page) => page.evaluate(() => window.playground.room.me.name);

test('a guest comes in by keyboard alone, is who and where they were after a reload, and nobody after signing out', async (t) => {
  const page = await arrive(t, 'guests');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'guest-name');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('Anna');
  await page.keyboard.press('Enter');
  await isIn(page);
  assert.equal(await name(page), 'Anna');
  const first = await session(page);
  for (const secret of [first.accessToken, first.refreshToken]) assert.ok(page.asked.every((url) => !url.includes(secret)), 'no token is in an address');

  const witness = await arrive(t, 'guests', phone);
  await witness.locator('#guest-name').fill('Witness');
  await witness.getByRole('button', { name: 'Come in as a guest' }).tap();
  await isIn(witness);
  await put(page, 3, -11);
  await until(async () => Math.abs((await shown(witness, 'Anna'))?.z + 11) < 0.05, 'the server knows where Anna is');
  await page.reload();
  await isIn(page);
  assert.equal((await session(page)).accountId, first.accountId);
  await until(() => page.evaluate(() => Math.hypot(window.playground.walker.position.x - 3, window.playground.walker.position.z + 11) < 0.05), 'Anna stands where she stood');

  await page.getByRole('button', { name: 'Signed in as Anna' }).click();
  await picture(page, 'account');
  const { accessToken } = await session(page);
  // The server has ended the session, and would have closed the connection, long before the page hears that it did.
  await page.route('**/auth/logout', async (route) => {
    const response = await route.fetch();
    await until(async () => await shown(witness, 'Anna') === undefined, 'Anna has gone');
    await route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('.sign-in').waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('relay.session')), null);
  assert.equal((await fetch(`${relay.url}api/v1/auth/me`, { headers: { authorization: `Bearer ${accessToken}` } })).status, 401);
  assert.deepEqual([page.complaints, witness.complaints], [[], []]);
});

test('signed out in one tab is signed out in all', async (t) => {
  const page = await arrive(t, 'tabs');
  await page.getByRole('button', { name: 'Come in as a guest' }).click();
  await isIn(page);
  const second = await page.context().newPage();
  await second.goto(`${relay.url}?room=other-tab`);
  await isIn(second);
  assert.equal(await name(second), await name(page));
  // The server has closed the connection of the first before the second hears that it is signed out.
  await second.route('**/auth/logout', async (route) => {
    const response = await route.fetch();
    await until(() => page.evaluate(() => document.querySelector('.pill').dataset.state !== 'open'), 'the first tab is off');
    await route.fulfill({ response });
  });
  await second.getByRole('button', { name: 'Signed in as' }).click();
  await second.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('.sign-in').waitFor();
  // It had to ask who one is now, and the browser notes the answer.
  assert.deepEqual(page.complaints.filter((complaint) => !/status of 401/.test(complaint)), []);
});

test('who confirms a link in a mail is let in where they asked for it', async (t) => {
  const page = await arrive(t, 'mail', { colorScheme: 'dark' });
  await page.getByLabel('Or sign in by mail').fill('anna@example.org');
  await page.getByRole('button', { name: 'Send a link' }).click();
  const hint = page.locator('.sign-in [role=status]');
  await until(async () => /shows \d+/.test(await hint.textContent()), 'the page says what to look for');
  const [, mark] = /shows (\d+)/.exec(await hint.textContent());
  const mail = await until(async () => (await peers.order('mails')).find(({ to }) => to.includes('anna@example.org')), 'the mail has come');
  assert.ok(mail.text.includes(mark));
  await picture(page, 'sign-in-dark');

  const link = /http:\/\/\S+#\S+/.exec(readable(mail.text))[0];
  const elsewhere = await browser.page(t);
  await elsewhere.goto(link);
  await elsewhere.getByRole('button', { name: 'Confirm' }).click();
  await isIn(page);
  assert.equal((await session(page)).kind, 'user');
  assert.deepEqual([page.complaints, elsewhere.complaints], [[], []]);
});

test('who signs in at a provider comes back into the room that they were to', async (t) => {
  const page = await arrive(t, 'provider', phone);
  await picture(page, 'sign-in-phone');
  await page.getByRole('button', { name: 'Sign in with test' }).tap();
  await page.locator('[name=login]').fill('anna');
  await page.locator('[name=password]').fill('anything');
  await page.locator('[type=submit]').first().click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await isIn(page);
  assert.deepEqual([await name(page), await page.evaluate(() => window.playground.room.name), new URL(page.url()).hash], ['anna of the provider', 'provider', '']);
});

test('what is refused is said on the card, which offers what the server does', async (t) => {
  const page = await arrive(t, 'refused');
  await picture(page, 'sign-in-light');
  assert.deepEqual(await page.locator('.sign-in button').allTextContents(), ['Come in as a guest', 'Send a link', 'Sign in with test']);
  await page.goto(`${relay.url}?room=refused#relay_code=${'x'.repeat(43)}`);
  await page.reload();
  await until(async () => /refused/.test(await page.locator('.problem').textContent()), 'the page says so');
  assert.equal(new URL(page.url()).hash, '');
});
