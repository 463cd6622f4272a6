// The real program, as `./relay run` starts it: Relay.Host, built in Release.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './until.mjs';

const assembly = process.env.RELAY_TEST_HOST ??
  fileURLToPath(new URL('../../../src/Relay.Host/bin/Release/net10.0/Relay.Host.dll', import.meta.url));

// Tests stop servers whose clients are still there; they need not be given twenty seconds to leave. Nothing outlasts them.
const defaults = ['--Relay:Drain:Timeout=00:00:01', '--Logging:LogLevel:Default=Warning',
  '--Relay:Storage:ConnectionString=Data Source=:memory:'];

/** A running server on free ports of 127.0.0.1, which can be stopped, killed and started again where it was. */
export class RelayProgram {
  #arguments;
  #child;
  #output = [];

  /**
   * @param {...string} options such as '--Relay:Room:TickRate=30'
   * @returns {Promise<RelayProgram>} when it listens
   */
  static async start(...options) {
    const program = new RelayProgram();
    program.#arguments = options;
    await program.#launch('--Relay:Host:HttpPort=0', '--Relay:Host:TcpPort=0');
    return program;
  }

  /** Host and port of HTTP and WebSocket. */
  http = '';

  /** Host and port of raw TCP. */
  tcp = '';

  get url() { return `http://${this.http}/`; }

  get webSocketUrl() { return `ws://${this.http}/relay`; }

  get httpPort() { return Number(this.http.split(':')[1]); }

  get isRunning() { return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null; }

  /** What it has written to either stream. */
  get output() { return this.#output.join('\n'); }

  /** Asks it to end, as a service manager does, and waits until it has. */
  async stop() { await this.#end('SIGTERM'); }

  /** Ends it as a crash does: no drain, no word to anybody. */
  async kill() { await this.#end('SIGKILL'); }

  /** Starts it again on the same ports, with the options that it had and these. */
  async startAgain(...options) {
    const [httpPort, tcpPort] = [this.http, this.tcp].map((address) => address.split(':')[1]);
    await this.#launch(`--Relay:Host:HttpPort=${httpPort}`, `--Relay:Host:TcpPort=${tcpPort}`, ...options);
  }

  async #launch(...options) {
    if (!existsSync(assembly)) throw new Error(`${assembly} is missing: dotnet build src/Relay.Host -c Release`);
    const child = spawn('dotnet', [assembly, ...defaults, ...this.#arguments, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const ready = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`The program ended with ${code ?? signal}:\n${this.output}`)));
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#output.push(line);
          const found = /^relay: ready http=(\S+) tcp=(\S+) pid=(\d+)$/.exec(line);
          if (found) resolve(found);
        });
      }
    });
    try {
      [, this.http, this.tcp] = await within(ready, 'the program is ready');
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async #end(signal) {
    if (!this.isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await within(exited, `the program ends after ${signal}`);
  }
}
