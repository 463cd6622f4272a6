// What the other tests stand on: does a stopped server stop, a cut cut, and a blank picture count as blank?

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { Proxy, RelayProgram, look, screenshot, serve, until, useBrowser, within } from './kit/index.mjs';

const browser = useBrowser();

test('until gives the answer, and says what it waited for and what it got', async () => {
  let asked = 0;
  assert.equal(await until(() => ++asked > 2 && asked, 'three'), 3);
  await assert.rejects(until(() => 0, 'a wonder', 50), /After 50 ms still not: a wonder. Last answer: 0/);
  await assert.rejects(until(() => { throw new Error('no'); }, 'a wonder', 50), /Last answer: no/);
});

test('the program stops, dies, and comes back on its ports', async (t) => {
  const program = await RelayProgram.start();
  t.after(() => program.stop());
  const { http, tcp } = program;
  for (const end of [() => program.stop(), () => program.kill()]) {
    assert.equal(await (await fetch(`${program.url}health/ready`)).text(), 'Healthy');
    await end();
    assert.equal(program.isRunning, false);
    await assert.rejects(fetch(`${program.url}health/ready`));
    await program.startAgain();
    assert.deepEqual([program.http, program.tcp], [http, tcp]);
  }
  await assert.rejects(RelayProgram.start('--Relay:Shards=999'), /Relay.Shards must be 0 to 256; it is 999/);
});

test('the proxy forwards, delays, stalls, cuts and refuses', async (t) => {
  const program = await RelayProgram.start();
  t.after(() => program.stop());
  const proxy = await Proxy.start(program.httpPort);
  t.after(() => proxy.stop());
  const ask = () => new Promise((resolve, reject) => {
    const socket = connect(proxy.port, '127.0.0.1', () => socket.write('GET /health/live HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n'));
    let text = '';
    socket.on('data', (bytes) => { text += bytes; });
    socket.on('close', () => (text.includes('\nHealthy') ? resolve(text) : reject(new Error(`got "${text}"`))));
    socket.on('error', () => {});
  });

  await ask();
  proxy.delayMs = 150;
  const start = performance.now();
  await ask();
  assert.ok(performance.now() - start >= 295, 'there and back');
  proxy.delayMs = 0;

  proxy.stall();
  let answered = false;
  const stalled = ask().then(() => { answered = true; });
  await until(() => proxy.connections === 1, 'a stalled connection');
  assert.equal(answered, false);
  proxy.resume();
  await within(stalled, 'the answer after the stall');

  proxy.stall();
  const lost = ask();
  await until(() => proxy.connections === 1, 'a connection to cut');
  proxy.cut();
  await assert.rejects(lost, /got ""/);
  proxy.resume();

  proxy.down();
  await assert.rejects(ask());
  proxy.up();
  await ask();
});

test('a page shows something, a blank one does not pass, and nothing leaves the machine', async (t) => {
  const site = await serve({
    '/': () => ({ type: 'text/html', body: '<h1 style="background:linear-gradient(red,blue)">Relay</h1><script src="https://elsewhere.test/x.js"></script>' }),
    '/blank': () => ({ type: 'text/html', body: '' }),
    '/kit/': new URL('kit/', import.meta.url).pathname,
  });
  t.after(() => site.stop());
  const page = await browser.page(t);
  await page.goto(site.url);
  await screenshot(page, 'kit');
  assert.match(page.complaints.join('\n'), /asks for https:\/\/elsewhere.test\/x.js/);
  await page.goto(`${site.url}blank`);
  await assert.rejects(screenshot(page, 'kit-blank'), /looks blank: 1 colours/);
  assert.equal((await fetch(`${site.url}kit/site.mjs`)).headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal((await fetch(`${site.url}kit/..%2fpackage.json`)).status, 404);

  const stored = await browser.page(t, { stored: { 'https://elsewhere.test/x.js': new URL('kit/index.mjs', import.meta.url).pathname } });
  await stored.goto(site.url);
  assert.equal(stored.complaints.some((complaint) => complaint.startsWith('asks')), false);

  const picture = new PNG({ width: 2, height: 1 });
  picture.data.set([255, 0, 0, 255, 0, 0, 255, 255]);
  assert.deepEqual(look(PNG.sync.write(picture)), { width: 2, height: 1, colours: 2, largestShare: 0.5 });
});
