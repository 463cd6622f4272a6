// Pages that use @relay/client as it is built, without a bundler.

import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RelayProgram } from './program.mjs';
import { serve } from './site.mjs';

const path = (name) => fileURLToPath(new URL(`../../../clients/${name}`, import.meta.url));

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A page of a test</title>
<script type="importmap">{ "imports": {
  "@relay/client": "/client/index.js", "@relay/client/three": "/client/three/index.js",
  "@msgpack/msgpack": "/msgpack/index.mjs", "three": "/three/three.module.js" } }</script>
<p id="text">This page joins a room.</p></html>`;

/** Serves an empty page that can import @relay/client, its helpers for three.js, and three.js. */
export const serveClient = () => serve({
  '/': () => ({ type: 'text/html; charset=utf-8', body: page }),
  '/client/': path('js/dist/'),
  '/msgpack/': path('node_modules/@msgpack/msgpack/dist.esm/'),
  '/three/': path('node_modules/three/build/'),
});

/**
 * Starts that site before the tests of a file, and a server that lets its pages in; stops both after them.
 * @returns {{ site: { url: string }, program: RelayProgram, allowed: string }} usable inside tests; `allowed` is the option for another server
 */
export function useClientSite() {
  const it = {};
  before(async () => {
    it.site = await serveClient();
    it.allowed = `--Relay:AllowedOrigins:0=${it.site.url.slice(0, -1)}`;
    it.program = await RelayProgram.start(it.allowed);
  });
  after(async () => {
    await it.program?.stop();
    await it.site?.stop();
  });
  return it;
}
