// Putting files to a server: what is asked, and how it goes on when answers are lost. A peer stands where the server is, but for the last test.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Auth, AuthError, FILE_ATTRIBUTE, FileError, Files, fileUrl, isFileHash } from '../dist/index.js';
import { noise } from '../../../tests/browser/kit/media.mjs';
import { RelayProgram } from '../../../tests/browser/kit/program.mjs';
import { Proxy } from '../../../tests/browser/kit/proxy.mjs';
import { shelf } from './kit/shelf.mjs';

const MiB = 1024 * 1024;
const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hurried = { initialDelayMs: 5, maxDelayMs: 20 };
const files = (server, options = {}) => new Files({ url: `${server.url}any/page?x=1`, token: () => 'anna', retry: hurried, ...options });

/** A stream that gives so many bytes at a time. */
const streamOf = (bytes, step = 700_000, cancel = () => {}) => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, at += step));
      else controller.close();
    },
    cancel,
  });
};

test('a small file goes in one request, with what it is called and who may see it', async (t) => {
  const server = await shelf(t);
  const bytes = randomBytes(1000);
  const seen = [];
  const file = await files(server).upload(new Blob([bytes], { type: 'text/html' }), {
    name: 'größe & co.png', visibility: 'room', room: 'plaza', onProgress: (...told) => seen.push(told),
  });
  const hash = hashOf(bytes);
  assert.deepEqual(file, {
    hash, url: `${server.url}files/${hash}`, type: 'image/png', length: 1000, name: 'größe & co.png', visibility: 'room', room: 'plaza', width: 2, height: 1,
    created: '2026-01-01T00:00:00Z', expires: '2026-01-02T00:00:00Z', variants: true,
  });
  const [{ path, query, headers }, ...more] = server.asked;
  assert.deepEqual([path, query, more.length], ['/api/v1/files', { name: 'größe & co.png', visibility: 'room', room: 'plaza' }, 0]);
  assert.deepEqual([headers.authorization, headers['content-type'], headers['content-length']], ['Bearer anna', 'application/octet-stream', '1000']);
  assert.deepEqual(seen, [[0, 1000], [1000, 1000]]);
});

test('the same bytes are the same file, from whatever they come', async (t) => {
  const server = await shelf(t);
  const bytes = randomBytes(3 * MiB);
  const inner = new Uint8Array(Buffer.concat([randomBytes(5), bytes])).subarray(5); // not all of its buffer
  for (const content of [new Blob([bytes]), new Uint8Array(bytes).buffer, inner, streamOf(bytes), new File([bytes], 'a.png')]) {
    assert.equal((await files(server).upload(content)).hash, hashOf(bytes));
  }
  assert.deepEqual(server.asked.map(({ query }) => query), [...Array(4).fill({ name: 'file' }), { name: 'a.png' }], 'the server decides who may see it');
  assert.ok(server.asked.every(({ headers }) => headers['content-length'] === String(3 * MiB)), 'a stream that fits is sent like any other');
});

test('a large file goes in parts', async (t) => {
  const server = await shelf(t);
  const bytes = randomBytes(9 * MiB + 1);
  const seen = [];
  const file = await files(server).upload(new Blob([bytes]), { name: 'größe.glb', visibility: 'public', onProgress: (sent, total) => seen.push([sent, total]) });
  assert.deepEqual([file.hash, file.name, file.visibility, file.url], [hashOf(bytes), 'größe.glb', 'public', `${server.url}files/${file.hash}`]);
  assert.deepEqual(seen, [0, 4 * MiB, 8 * MiB, 9 * MiB + 1].map((sent) => [sent, 9 * MiB + 1]));
  assert.deepEqual(server.asked.map(({ method, path, length }) => [method, path, length]), [
    ['POST', '/api/v1/uploads', 0], ['PATCH', '/api/v1/uploads/1', 4 * MiB], ['PATCH', '/api/v1/uploads/1', 4 * MiB], ['PATCH', '/api/v1/uploads/1', MiB + 1],
    ['GET', `/api/v1/files/${file.hash}`, 0],
  ]);
  assert.ok(server.asked.every(({ headers }) => headers.authorization === 'Bearer anna'), 'the token goes to this server, wherever it says that the upload is');
});

for (const [what, content] of [['file', (bytes) => new Blob([bytes])], ['stream', streamOf]]) {
  test(`a large ${what} whose answers are lost goes on where the server is`, async (t) => {
    const bytes = randomBytes(13 * MiB);
    const faults = { 2: 'halve', 3: 'deafen', 4: [503, { detail: 'not now' }], 5: 'cut', 6: [423, {}] };
    const isLast = (headers) => Number(headers['upload-offset']) + Number(headers['content-length']) === bytes.length;
    const server = await shelf(t, ({ method, nth, headers }) => {
      if (method === 'HEAD') return nth === 2 ? 'cut' : undefined;
      return method === 'PATCH' ? faults[nth] ?? (isLast(headers) ? 'deafen' : undefined) : undefined;
    });
    const seen = [];
    const file = await files(server).upload(content(bytes), { length: bytes.length, onProgress: (sent) => seen.push(sent) });
    assert.equal(file.hash, hashOf(bytes));
    assert.deepEqual([server.told('POST').length, server.told('HEAD').length], [1, 7], 'after each break it asks where the server is, and after the last what came of it');
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b), 'it never goes back');
    assert.equal(seen.at(-1), bytes.length);
    const sent = server.told('PATCH').reduce((sum, { length }) => sum + length, 0);
    assert.ok(sent <= bytes.length + 5 * 4 * MiB, `at most a part is sent again: ${sent}`);
  });
}

test('a small file whose answer is lost is sent again, and is one file', async (t) => {
  const server = await shelf(t, ({ nth }) => [, 'deafen', 'cut', [503, {}]][nth]);
  const bytes = randomBytes(1000);
  assert.equal((await files(server).upload(new Blob([bytes]))).hash, hashOf(bytes));
  assert.deepEqual([server.asked.length, server.files.size], [4, 1]);
});

test('a server that stays away is given up, and what it last said is told', async (t) => {
  const retry = { ...hurried, giveUpAfterMs: 100 };
  for (const [wrong, expected] of [
    ['cut', (error) => error instanceof TypeError],
    [[503, { detail: 'The disk is full.' }], (error) => error instanceof FileError && error.detail === 'The disk is full.'],
  ]) {
    const server = await shelf(t, () => wrong);
    await assert.rejects(files(server, { retry }).upload(new Blob(['x'])), expected);
    await assert.rejects(files(server, { retry }).upload(new Blob([randomBytes(9 * MiB)])), expected);
    assert.ok(server.told('POST').length > 4, 'it was tried again');
  }
  const stuck = await shelf(t, ({ method }) => (method === 'PATCH' ? [204, undefined, { 'upload-offset': 0 }] : undefined));
  await assert.rejects(files(stuck, { retry }).upload(new Blob([randomBytes(9 * MiB)])), /takes no more/);
  const full = await shelf(t, () => [409, { detail: 'So many at a time.' }]);
  await assert.rejects(files(full, { retry }).upload(new Blob([randomBytes(9 * MiB)])), ({ status }) => status === 409);
  assert.equal(full.asked.length, 1, 'that there are too many uploads does not pass by waiting');
  const soon = await shelf(t, () => [429, { detail: 'Too many.' }, { 'retry-after': '60' }]);
  await assert.rejects(files(soon, { retry }).upload(new Blob(['x'])), ({ status, retryAfterMs }) => status === 429 && retryAfterMs === 60_000);
  assert.equal(soon.asked.length, 1, 'nobody waits longer than they would try');
});

test('what is refused is told with its limit, once', async (t) => {
  const problem = { type: '/problems/too-large', title: 'Too large', status: 413, detail: 'An image takes at most 5 bytes.', limit: 5, value: 1000 };
  const server = await shelf(t, () => [413, problem]);
  const refused = (error) => {
    assert.ok(error instanceof FileError && !(error instanceof AuthError));
    assert.deepEqual([error.status, error.detail, error.limit, error.value, error.retryAfterMs, error.message], [
      413, problem.detail, 5, 1000, undefined, '413: An image takes at most 5 bytes.']);
    return true;
  };
  await assert.rejects(files(server).upload(new Blob(['x'])), refused);
  await assert.rejects(files(server).upload(new Blob([randomBytes(9 * MiB)])), refused);
  await assert.rejects(files(server).list(), refused);
  assert.equal(server.asked.length, 3);
  const late = await shelf(t, ({ method, nth }) => (method === 'PATCH' && nth === 3 ? [415, { title: 'Another media type is wanted' }] : undefined));
  await assert.rejects(files(late).upload(new Blob([randomBytes(9 * MiB)])), ({ status, detail }) => status === 415 && detail === 'Another media type is wanted');
  assert.deepEqual(late.asked.map(({ method }) => method), ['POST', 'PATCH', 'PATCH', 'PATCH']);
});

test('an upload that is not wanted any more ends at once, and leaves nothing behind', async (t) => {
  const ending = new AbortController();
  const server = await shelf(t, ({ method, nth }) => {
    if (method === 'PATCH' && nth === 2) ending.abort();
    return undefined;
  });
  await assert.rejects(files(server).upload(new Blob([randomBytes(13 * MiB)]), { signal: ending.signal }), { name: 'AbortError' });
  for (const end = performance.now() + 60_000; server.uploads.size > 0 && performance.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 5); });
  assert.deepEqual([server.uploads.size, server.files.size], [0, 0]);
  const before = server.asked.length;
  await assert.rejects(files(server).upload(new Blob(['x']), { signal: ending.signal }), { name: 'AbortError' });
  assert.equal(server.asked.length, before);

  const away = await shelf(t, () => 'cut');
  const impatient = new AbortController();
  const waiting = files(away, { retry: { initialDelayMs: 60_000, maxDelayMs: 60_000 } }).upload(new Blob(['x']), { signal: impatient.signal });
  setTimeout(() => impatient.abort(new Error('enough')), 50);
  await assert.rejects(waiting, /enough/);
});

test('a stream without a length that is large goes at one go; one that has another length than was said is refused', async (t) => {
  const server = await shelf(t);
  const bytes = randomBytes(9 * MiB);
  assert.equal((await files(server).upload(streamOf(bytes))).hash, hashOf(bytes));
  assert.deepEqual(server.asked.map(({ method, headers }) => [method, headers['transfer-encoding']]), [['POST', 'chunked']]);
  server.asked.length = 0;
  for (const [length, isTooShort] of [[5, true], [8 * MiB, true], [8 * MiB + 1, true], [13 * MiB + 1, false], [16 * MiB, false]]) {
    let isDropped = false;
    await assert.rejects(files(server).upload(streamOf(randomBytes(13 * MiB), 700_000, () => { isDropped = true; }), { length }), /said to have/);
    assert.equal(isDropped, isTooShort, 'whoever gives a stream that is not at its end is told');
  }
  assert.equal(server.files.size, 1);
});

test('who may not, because nobody is signed in, is told so; a token that cannot be fetched now is fetched later', async (t) => {
  const server = await shelf(t);
  await assert.rejects(files(server, { token: () => Promise.reject(new AuthError(401, 'Nobody is signed in.')) }).upload(new Blob(['x'])), AuthError);
  let asked = 0;
  const token = async () => {
    if (asked++ === 0) throw new TypeError('fetch failed');
    return 'ben';
  };
  await files(server, { token }).upload(new Blob(['x']));
  assert.equal(server.asked[0].headers.authorization, 'Bearer ben');
});

test('files are listed page by page, read, changed, signed and removed', async (t) => {
  const server = await shelf(t);
  const anna = files(server);
  for (const text of ['a', 'b', 'c']) await anna.upload(new Blob([text]), { name: text });
  const first = await anna.list({ limit: 2 });
  const second = await anna.list({ limit: 2, cursor: first.nextCursor });
  assert.deepEqual([...first.items, ...second.items].map(({ name }) => name), ['a', 'b', 'c']);
  assert.deepEqual([second.nextCursor, (await anna.list()).items.length], [null, 3]);
  const { hash, url } = second.items[0];
  assert.deepEqual([url, (await anna.get(hash)).name], [`${server.url}files/${hash}`, 'c']);
  assert.deepEqual((({ name, kept }) => ({ name, kept }))(await anna.update(hash, { name: 'd', kept: true })), { name: 'd', kept: true });
  assert.equal(server.told('PATCH')[0].headers['content-type'], 'application/json');
  assert.deepEqual(await anna.signedUrl(hash, 60), { url: `${server.url}files/${hash}?expires=1&signature=x`, expires: '60' });
  assert.equal((await anna.signedUrl(hash)).expires, '3600');
  assert.equal(await anna.remove(hash), undefined);
  await assert.rejects(anna.get(hash), ({ status, detail }) => status === 404 && detail === 'You have no such file.');
});

test('an address is made of a hash and of nothing else', () => {
  const hash = 'ab'.repeat(32);
  assert.equal(fileUrl('https://example.org/room?x=1', hash), `https://example.org/files/${hash}`);
  assert.equal(fileUrl(new URL('https://example.org'), hash, '1024.webp'), `https://example.org/files/${hash}/1024.webp`);
  for (const wrong of ['', '../api/v1/auth/logout', hash.toUpperCase(), `${hash}0`, `${hash}\n`, 5, undefined]) {
    assert.equal(isFileHash(wrong), false);
    assert.throws(() => fileUrl('https://example.org', wrong), RangeError);
  }
  assert.equal(isFileHash(hash), true);
  assert.equal(FILE_ATTRIBUTE, 'relay.file');
});

test('the real server takes a file over a line that breaks, gives it back by a signed address, and forgets it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'relay-files-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = await RelayProgram.start(`--Relay:Storage:Directory=${directory}`);
  t.after(() => program.stop());
  const line = await Proxy.start(program.httpPort);
  t.after(() => line.stop());
  const auth = new Auth({ url: program.url });
  await auth.signInAsGuest('Anna');
  const asked = [];
  const anna = new Files({
    url: line.url, token: () => auth.accessToken(), retry: hurried,
    fetch: (url, init) => {
      asked.push(init.method);
      const answer = fetch(url, init);
      if (asked.filter((method) => method === 'PATCH').length === 2) setTimeout(() => line.cut(), 10);
      return answer;
    },
  });
  const picture = noise(1800, 1800);
  assert.ok(picture.length > 9 * MiB);
  const { hash, type, length, width, height, visibility, expires } = await anna.upload(new Blob([picture]), { name: 'größe.png' });
  assert.deepEqual([hash, type, length, width, height, visibility], [hashOf(picture), 'image/png', picture.length, 1800, 1800, 'owner']);
  assert.ok(asked.includes('HEAD') && Date.parse(expires) > Date.now(), asked.join());
  assert.deepEqual((({ name, expires: until }) => [name, until])(await anna.update(hash, { name: 'b.png', kept: true })), ['b.png', null]);
  assert.deepEqual((await anna.list()).items.map(({ name }) => name), ['b.png']);
  assert.equal((await fetch(fileUrl(line.url, hash))).status, 404, 'it is hers alone');
  const { url } = await anna.signedUrl(hash, 60);
  assert.equal(hashOf(Buffer.from(await (await fetch(url)).arrayBuffer())), hash);
  const same = await anna.upload(new Blob([noise(20, 20)]), { visibility: 'public' });
  assert.equal((await fetch(same.url)).headers.get('content-type'), 'image/png');
  await assert.rejects(anna.upload(new Blob(['<!doctype html>'])), ({ status, detail }) => status === 415 && detail.length > 10);
  await anna.remove(hash);
  await assert.rejects(anna.get(hash), ({ status }) => status === 404);
});
