import type { ServerClock } from './clock.js';
import type { Journal } from './journal.js';
import type { Link } from './link.js';
import { closeInfo } from './reasons.js';
import { encode } from './wire/codec.js';
import { CloseCode, type Messages } from './wire/layouts.js';

const firstPings = [0, 150, 300, 600, 1200]; // ms after Welcome: the clock is known soon
const everyMs = 5000;
const silentAfterMs = 12_000; // two pings have gone unanswered: the connection is dead, whatever the socket says
const maxOpen = 16;

/**
 * Pings of one connection (protocol-spec.md §5.6). They keep it alive, tell the server's clock, find out that it is dead, and, since a Pong comes
 * after everything that was sent before its Ping has been dealt with, confirm what the journal holds.
 */
export class Heartbeat {
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly open = new Map<bigint, number>(); // by stamp: the last message that was sent before

  /** @param lostUpTo answers up to this number come again at once, or never. */
  constructor(
    private readonly link: Link, private readonly clock: ServerClock, private readonly journal: Journal, private readonly now: () => number,
    private lostUpTo: number) {
    for (const delay of firstPings) this.after(delay, () => this.ping());
    this.goOn();
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  pong({ stamp, received, sent }: Messages['Pong']): void {
    const upTo = this.open.get(stamp);
    if (upTo === undefined) return;
    this.open.delete(stamp);
    if (sent !== 0n) this.clock.add(Number(stamp) / 1000, this.now(), Number(received), Number(sent));
    this.journal.confirm(upTo);
    this.journal.loseAnswers(this.lostUpTo);
    this.lostUpTo = 0;
  }

  private ping(): void {
    const stamp = BigInt(Math.round(this.now() * 1000));
    this.open.set(stamp, this.journal.last);
    if (this.open.size > maxOpen) this.open.delete(this.open.keys().next().value!);
    this.link.send(encode('Ping', { stamp }));
  }

  private goOn(): void {
    this.after(everyMs, () => {
      const silence = this.now() - this.link.heardAt;
      if (silence > silentAfterMs) {
        this.link.abandon(closeInfo(CloseCode.Timeout, CloseCode.HeartbeatTimeout, silentAfterMs, silence, 'nothing comes from the server'));
        return;
      }
      this.ping();
      this.goOn();
    });
  }

  private after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, ms);
    this.timers.add(timer);
  }
}
