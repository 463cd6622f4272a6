import type { ReconnectOptions } from './options.js';
import type { Messages } from './wire/layouts.js';

/** When to connect again: after a random part of a delay that grows, when the server said so, or at once when the network is back. */
export class Retry {
  private attempts = 0;
  private since = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private go: (() => void) | undefined;

  constructor(private readonly options: ReconnectOptions, private readonly now: () => number) {}

  /** Attempts since there was a connection. */
  get attempt(): number {
    return this.attempts;
  }

  /** There is a connection. */
  succeeded(): void {
    this.attempts = 0;
  }

  /**
   * Plans the next attempt.
   * @param goodbye what the server asked for, if it is going away.
   * @returns the delay in ms; undefined when the time to try is up.
   */
  plan(goodbye: Pick<Messages['GoAway'], 'retryAfterMs' | 'jitterMs'> | undefined, attempt: () => void): number | undefined {
    const now = this.now();
    if (this.attempts === 0) this.since = now;
    const { initialDelayMs, maxDelayMs, factor, giveUpAfterMs } = this.options;
    if (now - this.since >= giveUpAfterMs) return undefined;
    const bound = Math.min(maxDelayMs, initialDelayMs * factor ** this.attempts);
    const delay = goodbye ? goodbye.retryAfterMs + Math.random() * goodbye.jitterMs : Math.random() * bound;
    this.attempts++;
    this.go = () => {
      this.stop();
      attempt();
    };
    this.timer = setTimeout(this.go, delay);
    globalThis.addEventListener?.('online', this.go);
    return delay;
  }

  /** Does not wait any longer. */
  hurry(): void {
    this.go?.();
  }

  stop(): void {
    clearTimeout(this.timer);
    if (this.go) globalThis.removeEventListener?.('online', this.go);
    this.go = undefined;
  }
}
