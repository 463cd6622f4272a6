import { Retry } from '../retry.js';
import type { ReconnectOptions } from '../options.js';
import { FileError } from './types.js';

/** No answer came: it is not known what the server has got. */
export class Unanswered extends Error {}

// Not now: a server that restarts or is too busy.
const passing = new Set([408, 429, 502, 503, 504]);
// Nor yet: it still has a hand on the part that an answer was lost of, or is elsewhere than one thought.
const passingParts = new Set([...passing, 409, 423]);

/** Tries again what failed in passing: after delays that grow, and not for ever. */
export class Patience {
  private readonly retry: Retry;

  constructor(private readonly options: ReconnectOptions, private readonly signal: AbortSignal | undefined) {
    this.retry = new Retry(options, () => performance.now());
  }

  /** It goes on: whatever fails next has all the time again. */
  progress(): void {
    this.retry.succeeded();
  }

  /** Waits until it is time to try again. @param isPart of an upload. @throws the reason, if it is none that passes, or the time is up. */
  async wait(reason: unknown, isPart = false): Promise<void> {
    const retryAfterMs = reason instanceof FileError ? reason.retryAfterMs : undefined;
    const passes = reason instanceof Unanswered || (reason instanceof FileError && (isPart ? passingParts : passing).has(reason.status));
    if (!passes || (retryAfterMs ?? 0) > this.options.giveUpAfterMs) throw reason;
    const { signal } = this;
    signal?.throwIfAborted();
    let stop = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        stop = () => reject(signal!.reason as Error);
        signal?.addEventListener('abort', stop);
        const goodbye = retryAfterMs === undefined ? undefined : { retryAfterMs, jitterMs: this.options.initialDelayMs };
        if (this.retry.plan(goodbye, resolve) === undefined) reject(reason as Error);
      });
    } finally {
      signal?.removeEventListener('abort', stop);
      this.retry.stop();
    }
  }

  /** Does something that may be done twice, until it is done. */
  async until<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        await this.wait(error);
      }
    }
  }
}
