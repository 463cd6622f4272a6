// A server of files that does what a test wants it to do: for what the real one does only when something is wrong.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * @param {import('node:test').TestContext} t
 * @param {(asked: { method: string, path: string, nth: number }) => undefined | 'cut' | 'halve' | 'deafen' | [status: number, body?: object, headers?: object]} [mischief]
 *   what goes wrong with a request, `nth` of its method and path: `cut` breaks the connection before anything of it is taken, `halve` in the midst of
 *   its body, `deafen` when all of it was done and only the answer is missing; else that is the answer
 */
export async function shelf(t, mischief = () => undefined) {
  const it = { asked: [], files: new Map(), uploads: new Map(), url: '' };
  const counts = new Map();

  const keep = (bytes, { name, visibility = 'owner', room }) => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const isNew = !it.files.has(hash);
    it.files.set(hash, {
      bytes,
      json: {
        hash, url: `/files/${hash}`, type: 'image/png', length: bytes.length, name, visibility, room, width: 2, height: 1,
        created: '2026-01-01T00:00:00Z', expires: '2026-01-02T00:00:00Z', variants: true,
      },
    });
    return [isNew, hash];
  };

  const answerTo = (method, url, headers, body) => {
    const [, , , kind, id, rest] = url.pathname.split('/');
    if (kind === 'uploads') return tus(method, id, headers, body);
    if (method === 'POST' && id === undefined) {
      const [isNew, hash] = keep(body, Object.fromEntries(url.searchParams));
      return [isNew ? 201 : 200, it.files.get(hash).json];
    }
    if (id === undefined) {
      const all = [...it.files.values()].map(({ json }) => json);
      const from = Number(url.searchParams.get('cursor') ?? 0), limit = Number(url.searchParams.get('limit') ?? 20);
      return [200, { items: all.slice(from, from + limit), ...(from + limit < all.length && { nextCursor: String(from + limit) }) }];
    }
    const file = it.files.get(id);
    if (!file) return [404, { title: 'No such thing', detail: 'You have no such file.' }];
    if (rest === 'url') return [200, { url: `/files/${id}?expires=1&signature=x`, expires: String(JSON.parse(body).expiresIn ?? 3600) }];
    if (method === 'DELETE') return it.files.delete(id), [204];
    if (method === 'PATCH') Object.assign(file.json, JSON.parse(body));
    return [200, file.json];
  };

  const tus = (method, id, headers, body) => {
    if (headers['tus-resumable'] !== '1.0.0') return [412];
    if (method === 'POST') {
      const said = headers['upload-metadata'].split(',').map((pair) => pair.split(' ')).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
      const { filename: name, ...more } = Object.fromEntries(said);
      const made = String(it.uploads.size + 1);
      it.uploads.set(made, { length: Number(headers['upload-length']), parts: [], at: 0, about: { name, ...more } });
      return [201, undefined, { location: `http://another.example/api/v1/uploads/${made}` }];
    }
    const upload = it.uploads.get(id);
    if (!upload) return [404];
    if (method === 'DELETE') return it.uploads.delete(id), [204];
    if (method === 'PATCH') {
      if (Number(headers['upload-offset']) !== upload.at) return [409, { detail: `The upload is at ${upload.at}.` }];
      upload.parts.push(body);
      upload.at += body.length;
    }
    const told = { 'upload-offset': upload.at, 'tus-resumable': '1.0.0' };
    if (upload.at < upload.length) return [method === 'HEAD' ? 200 : 204, undefined, told];
    const [, hash] = keep(Buffer.concat(upload.parts), upload.about);
    return [method === 'HEAD' ? 200 : 204, undefined, { ...told, 'file-hash': hash, 'content-location': `/files/${hash}` }];
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const { method, headers } = request;
    const key = `${method} ${url.pathname}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    const asked = { method, path: url.pathname, query: Object.fromEntries(url.searchParams), headers, nth, length: 0 };
    it.asked.push(asked);
    const wrong = mischief(asked);
    if (wrong === 'cut') return request.socket.destroy();
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      return undefined; // the client has gone
    }
    const body = Buffer.concat(parts);
    asked.length = body.length;
    if (wrong === 'halve') {
      const upload = it.uploads.get(url.pathname.split('/').at(-1));
      upload.parts.push(body.subarray(0, body.length / 2));
      upload.at += upload.parts.at(-1).length;
      return request.socket.destroy();
    }
    const [status, json, more] = Array.isArray(wrong) ? wrong : answerTo(method, url, headers, body);
    if (wrong === 'deafen') return request.socket.destroy();
    return response.writeHead(status, { ...(json && { 'content-type': 'application/json' }), ...more }).end(json && JSON.stringify(json));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  it.url = `http://127.0.0.1:${server.address().port}/`;
  it.told = (method) => it.asked.filter((each) => each.method === method);
  return it;
}
