// A WebSocket with a bad network before it.
import type { SocketLike } from '@relay/client';
import type { BadNetwork } from './bad-network.ts';

const ABNORMAL = 1006;
// A connection that cannot be made is noticed a little later, as if it had been tried.
const FAILS_AFTER_MS = 50;

interface Closing { code: number; reason: string }

/** One way of a line: what goes in comes out later, in order. */
class Way {
  private readonly queue: { at: number; act: () => void }[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = 0;

  constructor(private readonly network: BadNetwork) {}

  put(act: () => void): void {
    const now = performance.now();
    this.last = this.network.arrival(now, this.last);
    if (this.last <= now && this.queue.length === 0) {
      act();
    } else {
      this.queue.push({ at: this.last, act });
      this.wait();
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.queue.length = 0;
  }

  private wait(): void {
    const next = this.queue[0];
    if (next) {
      this.timer ??= setTimeout(() => this.run(), next.at - performance.now());
    }
  }

  private run(): void {
    this.timer = undefined;
    // Timers keep to whole milliseconds.
    const now = performance.now() + 1;
    while (this.queue[0] && this.queue[0].at <= now) {
      this.queue.shift()!.act();
    }
    this.wait();
  }
}

export class Line implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer | string }) => void) | null = null;
  onclose: ((event: Closing) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  binaryType = 'arraybuffer';
  private readonly socket: WebSocket | undefined;
  private readonly inward: Way;
  private readonly outward: Way;
  private isBroken = false;

  constructor(private readonly network: BadNetwork, url: string, protocol: string) {
    this.inward = new Way(network);
    this.outward = new Way(network);
    if (network.isCut) {
      setTimeout(() => this.break(), FAILS_AFTER_MS);
      return;
    }
    const socket = new WebSocket(url, protocol);
    socket.binaryType = 'arraybuffer';
    socket.onopen = (event) => this.onopen?.(event as never);
    socket.onmessage = ({ data }) => this.inward.put(() => this.onmessage?.({ data: data as ArrayBuffer | string }));
    socket.onclose = ({ code, reason }) => this.inward.put(() => this.end({ code, reason }));
    socket.onerror = (event) => this.onerror?.(event as never);
    this.socket = socket;
  }

  get bufferedAmount(): number { return this.socket?.bufferedAmount ?? 0; }

  send(data: Uint8Array): void {
    // Whoever sends may use its buffer again before this goes out.
    const copy = new Uint8Array(data);
    this.outward.put(() => {
      if (this.socket?.readyState === WebSocket.OPEN) {
        this.socket.send(copy);
      }
    });
  }

  close(code?: number, reason?: string): void {
    this.outward.put(() => this.socket?.close(code, reason));
  }

  /** As when the cable is pulled: this side notices, the other does not. The socket below stays open until the server gives it up. */
  break(): void {
    if (!this.isBroken) {
      this.isBroken = true;
      this.inward.stop();
      this.outward.stop();
      if (this.socket) {
        this.socket.onopen = this.socket.onmessage = this.socket.onclose = this.socket.onerror = null;
      }
      this.end({ code: ABNORMAL, reason: '' });
    }
  }

  private end(closing: Closing): void {
    this.network.forget(this);
    this.onclose?.(closing);
  }
}
