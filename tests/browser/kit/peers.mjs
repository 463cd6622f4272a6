// A real OpenID provider and a real mail server (tests/signin).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './until.mjs';

const script = fileURLToPath(new URL('../../signin/peers.mjs', import.meta.url));

export class Peers {
  #child;
  #control = '';

  /** Of the provider. */
  issuer = '';
  smtpPort = 0;

  static async start() {
    const peers = new Peers();
    peers.#child = spawn('node', [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await within(once(createInterface({ input: peers.#child.stdout }), 'line'), 'the provider and the mail server are ready');
    const [, issuer, smtp, control] = /^peers: ready oidc=(\S+) smtp=(\d+) control=(\S+)$/.exec(line);
    [peers.issuer, peers.smtpPort, peers.#control] = [issuer, Number(smtp), control];
    return peers;
  }

  /** Tells or asks the process something: see its `orders`. */
  async order(name, parameters = {}) {
    const answer = await fetch(this.#control + name, { method: 'POST', body: JSON.stringify(parameters) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  async stop() {
    if (!this.#child) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }
}
