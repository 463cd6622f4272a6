// A stretch of network between a client and a server that can be made bad: a TCP proxy on loopback.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Forwards every connection to one port of 127.0.0.1. */
export class Proxy {
  #server;
  #links = new Set();
  #isDown = false;
  #isStalled = false;

  /** Milliseconds that each piece of data takes longer, in both directions; order is kept. May be changed at any time. */
  delayMs = 0;

  static async start(targetPort) {
    const proxy = new Proxy();
    proxy.#server = createServer({ noDelay: true }, (near) => proxy.#link(near, targetPort));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port() { return this.#server.address().port; }

  get http() { return `127.0.0.1:${this.port}`; }

  get url() { return `http://${this.http}/`; }

  get connections() { return this.#links.size; }

  /** Breaks every connection, as a lost link does; new ones go through unless it is down. */
  cut() {
    for (const link of this.#links) link.break();
  }

  /** Breaks every connection and refuses new ones until `up`. */
  down() {
    this.#isDown = true;
    this.cut();
  }

  up() { this.#isDown = false; }

  /** Nothing gets through and nothing breaks: the silent hole that a half-open connection is. */
  stall() {
    this.#isStalled = true;
    for (const link of this.#links) link.stall();
  }

  resume() {
    this.#isStalled = false;
    for (const link of this.#links) link.resume();
  }

  async stop() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  #link(near, targetPort) {
    if (this.#isDown) {
      near.resetAndDestroy();
      return;
    }

    const far = connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    const link = {
      break: () => [near, far].forEach((socket) => socket.destroy()),
      stall: () => [near, far].forEach((socket) => socket.pause()),
      resume: () => [near, far].forEach((socket) => socket.resume()),
    };
    this.#links.add(link);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on('data', (bytes) => this.#forward(() => { if (to.writable) to.write(bytes); }));
      from.on('end', () => this.#forward(() => to.end()));
      from.on('error', link.break);
      from.on('close', (hadError) => {
        this.#links.delete(link);
        this.#forward(() => { if (hadError) to.destroy(); else to.end(); });
      });
    }
    if (this.#isStalled) link.stall();
  }

  #forward(deliver) {
    if (this.delayMs === 0) deliver();
    else setTimeout(deliver, this.delayMs);
  }
}
