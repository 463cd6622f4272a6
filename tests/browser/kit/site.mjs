// Pages and packages over HTTP on loopback.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.map': 'application/json', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.glb': 'model/gltf-binary', '.wasm': 'application/wasm',
};

/**
 * A static file server.
 * @param {Record<string, string | ((path: string) => { type: string, body: string })>} mounts path prefix → folder or file, or a page made
 *   on the spot; the longest prefix that fits is taken
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} url ends with a slash
 */
export async function serve(mounts) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const prefix = prefixes.find((candidate) => path === candidate || (candidate.endsWith('/') && path.startsWith(candidate)));
    const mount = prefix === undefined ? undefined : mounts[prefix];
    if (typeof mount === 'function') {
      const { type, body } = mount(path);
      response.writeHead(200, { 'content-type': type }).end(request.method === 'HEAD' ? undefined : body);
      return;
    }

    const file = mount === undefined ? undefined : prefix === path ? mount : join(mount, normalize(sep + path.slice(prefix.length)));
    const info = file === undefined ? undefined : await stat(file).catch(() => undefined);
    if (!info?.isFile()) {
      response.writeHead(404).end();
      return;
    }

    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-length': info.size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
