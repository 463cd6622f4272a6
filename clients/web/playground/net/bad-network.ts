// A worse network than there is: between the client and its WebSocket, both ways. Like TCP it never loses or reorders what it carries;
// what a network loses costs the time until it is sent again.
import type { SocketLike } from '@relay/client';
import { Line } from './line.ts';

export interface NetworkConditions {
  /** Added to each way, ms. */
  delayMs: number;
  /** Up to so much more, at random, ms. */
  jitterMs: number;
  /** Of a hundred messages so many are lost once. */
  lossPercent: number;
}

/** What a retransmission takes at least, as on Linux, beside the way there and back. */
const RETRANSMISSION_MS = 200;

export class BadNetwork {
  readonly conditions: NetworkConditions = { delayMs: 0, jitterMs: 0, lossPercent: 0 };
  isOn = false;
  private readonly lines = new Set<Line>();
  private cutUntil = 0;
  private frozenUntil = 0;

  readonly createSocket = (url: string, protocol: string): SocketLike => {
    const line = new Line(this, url, protocol);
    this.lines.add(line);
    return line;
  };

  get isCut(): boolean { return performance.now() < this.cutUntil; }

  /** The connection breaks, and none can be made for a while. The server is not told. */
  cut(ms: number): void {
    this.cutUntil = performance.now() + ms;
    for (const line of this.lines) {
      line.break();
    }
  }

  /** Nothing comes through for a while; then everything does, in order. */
  freeze(ms: number): void {
    this.frozenUntil = performance.now() + ms;
  }

  /** When something that is sent now arrives; never before what was sent earlier. */
  arrival(now: number, earlier: number): number {
    const { isOn, conditions: { delayMs, jitterMs, lossPercent } } = this;
    let at = now;
    if (isOn) {
      at += delayMs + Math.random() * jitterMs;
      if (Math.random() * 100 < lossPercent) {
        at += RETRANSMISSION_MS + 2 * delayMs;
      }
    }
    return Math.max(at, earlier, this.frozenUntil);
  }

  forget(line: Line): void {
    this.lines.delete(line);
  }
}
