// A server in front of the real one that can end a connection as the real one might, with any reason of the table.

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { encode } from '../../../clients/js/dist/wire/index.js';

const subprotocol = 'relay.posbus.v1';

/** Pages come from the real server; so do frames, until `close`. */
export class Closer {
  #server;
  #links = new Set();

  static async start(port) {
    const closer = new Closer();
    closer.#server = createServer((ask, answer) => {
      const { host: _, ...headers } = ask.headers;
      ask.pipe(request({ port, host: '127.0.0.1', method: ask.method, path: ask.url, headers }, (real) => {
        answer.writeHead(real.statusCode, real.headers);
        real.pipe(answer);
      }));
    });
    const sockets = new WebSocketServer({ server: closer.#server, path: '/relay', handleProtocols: () => subprotocol });
    sockets.on('connection', (near) => closer.#link(near, port));
    closer.#server.listen(0, '127.0.0.1');
    await once(closer.#server, 'listening');
    return closer;
  }

  get url() { return `http://127.0.0.1:${this.#server.address().port}/`; }

  get connections() { return this.#links.size; }

  /** Ends every connection: a Close frame, then the WebSocket's own close with the same code. */
  close(code, cause = 0) {
    const frame = encode('Close', { code, cause, limit: 0, value: 0, text: 'as the test wishes' });
    for (const { near, far } of this.#links) {
      far.removeAllListeners('close');
      far.terminate();
      near.send(frame);
      near.close(code);
    }
  }

  async stop() {
    for (const { near, far } of this.#links) {
      near.terminate();
      far.terminate();
    }
    this.#server.closeAllConnections();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #link(near, port) {
    const far = new WebSocket(`ws://127.0.0.1:${port}/relay`, subprotocol);
    const link = { near, far };
    const early = [];
    this.#links.add(link);
    near.on('message', (data) => (far.readyState === WebSocket.OPEN ? far.send(data) : early.push(data)));
    far.on('open', () => early.forEach((data) => far.send(data)));
    far.on('message', (data) => near.send(data));
    near.on('close', () => {
      this.#links.delete(link);
      far.terminate();
    });
    far.on('close', () => near.terminate());
    for (const socket of [near, far]) socket.on('error', () => {});
  }
}
