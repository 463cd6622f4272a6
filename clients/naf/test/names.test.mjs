import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientId, memberOf, networkIdOf, objectName, relayUrl, roomName } from '../dist/names.js';

test('a room of any name has one of the few characters that a relay takes, and no other has the same', () => {
  assert.equal(roomName('default', 'basic'), 'default/basic');
  assert.equal(roomName('my app', 'a/b..c'), 'my+20app/a+2fb+2e+2ec');
  assert.equal(roomName('default', 'größe+'), 'default/gr+c3+b6+c3+9fe+2b');
  const names = ['', '+', 'a b', 'a+20b', 'ä', '/', '..', 'a/', 'a'].map((room) => roomName('app', room));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[A-Za-z0-9_+-]+\/[A-Za-z0-9_+-]+$/);
});

test('objects are named after network ids, as far as a name goes', () => {
  assert.equal(objectName('sphere'), 'naf:sphere');
  assert.equal(networkIdOf('naf:sphere'), 'sphere');
  assert.equal(objectName('x'.repeat(60))?.length, 64);
  for (const id of ['', 'x'.repeat(61), 'ß'.repeat(31), 'a\nb', 'a\u007fb']) assert.equal(objectName(id), undefined);
  for (const name of ['', 'naf:', 'sphere', 'NAF:sphere']) assert.equal(networkIdOf(name), undefined);
});

test('a client id names a member in one life of a room', () => {
  const epoch = 0x5a17c0de00000001n;
  assert.equal(memberOf(clientId(7, epoch), epoch), 7);
  for (const id of [clientId(7, epoch + 1n), '', '7', '7.', 'scene', `07.${epoch.toString(36)}`, `-7.${epoch.toString(36)}`]) assert.equal(memberOf(id, epoch), undefined);
});

test('the relay is where the page says, else on its own host', () => {
  const base = 'https://example.org/rooms/one.html';
  assert.equal(relayUrl('/', base).href, 'https://example.org/relay');
  assert.equal(relayUrl('', base).href, 'https://example.org/relay');
  assert.equal(relayUrl(undefined, base).href, 'https://example.org/relay');
  assert.equal(relayUrl('wss://relay.example.org', base).href, 'wss://relay.example.org/relay');
  assert.equal(relayUrl('/other', base).href, 'https://example.org/other');
});
