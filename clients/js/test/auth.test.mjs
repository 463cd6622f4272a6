// Signing in and staying signed in, against the real program out of development mode.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Auth, AuthError, sessionIn } from '../dist/index.js';
import { decode, layoutOf } from '../dist/wire/index.js';
import { RelayProgram } from '../../../tests/browser/kit/program.mjs';
import { until } from '../../../tests/browser/kit/until.mjs';
import { client } from './kit/peer.mjs';

// The program signs with a key of ours, so that we can make access tokens that live as short as a test wants.
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x, y } = key.publicKey.export({ format: 'jwk' });
const kid = createHash('sha256').update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y })).digest('base64url');

function accessToken({ accountId, sessionId, name, kind }, milliseconds) {
  const now = Date.now() / 1000;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', typ: 'at+jwt', kid })}.${part({
    iss: 'relay', aud: 'relay', sub: accountId, sid: sessionId, name, relay_kind: kind, iat: Math.floor(now) - 60, exp: Math.floor(now + milliseconds / 1000),
  })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

let program;
before(async () => {
  program = await RelayProgram.start(
    '--Relay:Host:Development=false', '--Relay:Accounts:GuestsPerMinute=1000', '--Relay:Limits:CredentialsGrace=00:00:02',
    `--Relay:Accounts:SigningKey=${key.privateKey.export({ type: 'pkcs8', format: 'pem' })}`);
});
after(() => program.stop());

/** An Auth that counts what it asks, with a clock that can be put forward. */
function auth(options = {}) {
  const made = new Auth({
    url: program.url, now: () => Date.now() + made.shift,
    fetch: (url, init) => {
      made.asked.push(new URL(url).pathname.split('/').at(-1));
      return fetch(url, init);
    },
    ...options,
  });
  made.shift = 0;
  made.asked = [];
  made.times = (step) => made.asked.filter((one) => one === step).length;
  return made;
}

/** Storage and locks as tabs of one browser share them. */
function browser() {
  const items = new Map();
  const storage = { getItem: (name) => items.get(name) ?? null, setItem: (name, value) => items.set(name, value), removeItem: (name) => items.delete(name) };
  const queues = new Map();
  const locks = {
    request(name, action) {
      const mine = (queues.get(name) ?? Promise.resolve()).catch(() => {}).then(action);
      queues.set(name, mine);
      return mine;
    },
  };
  return { tab: () => auth({ store: sessionIn(() => storage), locks }), items, storage };
}

test('what the server offers is told', async () => {
  assert.deepEqual(await auth().ways(), { anonymous: false, guest: true, mail: false, wallet: false, oidc: [] });
});

test('a guest comes in by tickets, each connection by one of its own, and is nobody after signing out', async (t) => {
  const anna = auth();
  await assert.rejects(anna.connectTicket(), (error) => error instanceof AuthError && error.status === 401);
  const seen = [];
  anna.on('session', (session) => seen.push(session?.name));
  const session = await anna.signInAsGuest('Anna');
  assert.deepEqual([session.name, session.kind, anna.session], ['Anna', 'guest', session]);

  const it = client(t, program.webSocketUrl, { credentials: () => anna.connectTicket() });
  assert.equal((await it.connect()).name, 'Anna');
  await it.join('plaza');
  assert.notEqual(await anna.connectTicket(), await anna.connectTicket());

  await anna.signOut();
  await until(() => it.saw('closed').length + it.saw('reconnecting').length > 0, 'the connection has ended');
  assert.equal((it.saw('closed')[0] ?? it.saw('reconnecting')[0].reason).code, 4401);
  assert.equal(anna.session, undefined);
  await assert.rejects(anna.accessToken(), AuthError);
  assert.deepEqual(seen, ['Anna', undefined]);
});

test('a ticket for one room opens no other', async (t) => {
  const ben = auth();
  await ben.signInAsGuest('Ben');
  const it = client(t, program.webSocketUrl, { credentials: () => ben.connectTicket('here') });
  await it.connect();
  await assert.rejects(it.join('elsewhere'), ({ code }) => code === 4403);
  await it.join('here');
});

test('what is wrong is said in a sentence, with the status', async () => {
  await assert.rejects(auth().signInAsGuest('\u0000'), (error) => error instanceof AuthError && error.status === 400 && /name must be/.test(error.detail));
});

test('a token that is nearly over is refreshed once, however many ask for it', async () => {
  const anna = auth();
  const first = await anna.signInAsGuest('Anna');
  anna.shift = first.accessUntil - Date.now() - 10_000;
  const tokens = await Promise.all(Array.from({ length: 8 }, () => anna.accessToken()));
  assert.deepEqual([new Set(tokens).size, anna.times('refresh'), tokens[0] === first.accessToken], [1, 1, false]);
  assert.equal(await anna.accessToken(), tokens[0]);
  assert.match(await anna.connectTicket(), /^tk_/);
});

test('tabs that share a session refresh it one at a time, and all go on', async () => {
  const { tab } = browser();
  const tabs = [tab(), tab(), tab()];
  const first = await tabs[0].signInAsGuest('Anna');
  for (const one of tabs) one.shift = first.accessUntil - Date.now() - 10_000;
  const tokens = await Promise.all(tabs.map((one) => one.accessToken()));
  assert.deepEqual([new Set(tokens).size, tabs.reduce((sum, one) => sum + one.times('refresh'), 0)], [1, 1]);
  for (const one of tabs) assert.match(await one.connectTicket(), /^tk_/);
  await tabs[1].signOut();
  assert.deepEqual(tabs.map(({ session }) => session), [undefined, undefined, undefined]);
});

test('a session that has ended elsewhere is over here too, and a server that does not answer ends none', async () => {
  const { tab, items } = browser();
  const anna = tab();
  const { sessionId, accessToken: token, accessUntil } = await anna.signInAsGuest('Anna');
  anna.shift = accessUntil - Date.now();
  const deaf = auth({ store: { name: 'x', load: () => anna.session, save: (session) => assert.fail(session) }, fetch: () => Promise.reject(new TypeError('no network')) });
  deaf.shift = anna.shift;
  await assert.rejects(deaf.accessToken(), TypeError);
  assert.equal(anna.session.sessionId, sessionId);

  const gone = await fetch(new URL('/api/v1/auth/logout', program.url), { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{"all":true}' });
  assert.equal(gone.status, 200);
  await assert.rejects(anna.accessToken(), ({ status }) => status === 401);
  assert.deepEqual([anna.session, items.size], [undefined, 0]);
});

test('a clock that goes wrong costs one more request', async () => {
  const anna = auth();
  await anna.signInAsGuest('Anna');
  const stale = accessToken(anna.session, -3_600_000);
  const slow = auth({ store: { name: 'slow', load: () => slow.kept ?? { ...anna.session, accessToken: stale }, save: (session) => { slow.kept = session; } } });
  assert.match(await slow.connectTicket(), /^tk_/);
  assert.deepEqual(slow.asked, ['ticket', 'refresh', 'ticket']);
});

test('what something else has left in the storage is no session, and a browser that refuses storage has one as long as the page', async () => {
  const { tab, items } = browser();
  for (const rubbish of ['', '{', 'null', '5', '{"accessToken":1}']) {
    items.set('relay.session', rubbish);
    assert.equal(tab().session, undefined);
  }
  const anna = auth({ store: sessionIn(() => { throw new Error('SecurityError'); }) });
  await anna.signInAsGuest('Anna');
  assert.match(await anna.connectTicket(), /^tk_/);
});

test('who signs in, or out, in one tab does so in all', async (t) => {
  const { tab, storage } = browser();
  const pages = new EventTarget();
  globalThis.addEventListener = pages.addEventListener.bind(pages);
  t.after(() => { delete globalThis.addEventListener; });
  const [anna, other] = [tab(), tab()];
  const seen = [];
  other.on('session', (session) => seen.push(session?.name));
  const tell = (key, storageArea) => pages.dispatchEvent(Object.assign(new Event('storage'), { key, storageArea }));
  await anna.signInAsGuest('Anna');
  tell('relay.session', storage);
  tell('something else', storage);
  tell('relay.session', {});
  assert.deepEqual(seen, ['Anna']);
  await anna.signOut();
  tell(null, storage); // all of it was cleared
  assert.deepEqual(seen, ['Anna', undefined]);
});

/** A client whose first ticket is asked for with a token that lives so long; the next ones as the session has them. */
async function shortLived(t, milliseconds, next) {
  const anna = auth();
  const session = await anna.signInAsGuest('Anna');
  const frames = [];
  let asked = 0;
  const it = client(t, program.webSocketUrl, {
    reconnect: { initialDelayMs: 20, maxDelayMs: 50 },
    credentials: async () => {
      if (asked++ > 0) return next(anna, asked);
      const answer = await fetch(new URL('/api/v1/auth/ticket', program.url), {
        method: 'POST', headers: { authorization: `Bearer ${accessToken(session, milliseconds)}`, 'content-type': 'application/json' }, body: '{}',
      });
      return (await answer.json()).ticket;
    },
    onFrame: (direction, frame) => frames.push([direction, layoutOf(frame[3])?.name, frame.slice()]),
  });
  await it.connect();
  await it.join('plaza');
  return { it, frames, count: () => asked };
}

test('Case 32: a client whose token expires renews it over the socket, and stays connected', async (t) => {
  const { it, frames, count } = await shortLived(t, 2000, (anna) => anna.connectTicket());
  const renewals = () => frames.filter(([, name]) => name === 'Renew' || name === 'Expiring' || name === 'Done').map(([, name]) => name);
  await until(() => renewals().includes('Done'), 'the renewal is answered');
  assert.deepEqual([renewals(), count(), it.stats.reconnects, it.state], [['Expiring', 'Renew', 'Done'], 2, 0, 'open']);
  const [, , renew] = frames.find(([, name]) => name === 'Renew');
  assert.match(new TextDecoder().decode(decode('Renew', renew, 4, renew.length).credentials), /^tk_/);
  await it.changeRoom('elsewhere');
});

test('Case 32: a client that has nothing fresh is closed, and comes back in its session once it has', async (t) => {
  const { it } = await shortLived(t, 1000, (anna, asked) => (asked === 2 ? 'rubbish' : anna.connectTicket()));
  await until(() => it.saw('reconnected').length > 0, 'it is back');
  assert.deepEqual([it.saw('reconnecting')[0].reason.code, it.saw('reconnecting')[0].reason.cause], [4401, 4457]);
  assert.deepEqual([it.saw('reconnected')[0].resumed, it.room?.name], [true, 'plaza']);
});
