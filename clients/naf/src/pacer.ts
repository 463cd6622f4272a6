/**
 * Has jobs done in order, and no more of them in a second than a server takes: what is too much waits its turn instead of being refused.
 */
export class Pacer {
  private readonly waiting: (() => void)[] = [];
  private tokens: number;
  private filledAt: number;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param perSecond jobs a second in the long run.
   * @param burst jobs at once.
   * @param limit jobs that may wait.
   * @param now a clock, ms.
   */
  constructor(private readonly perSecond: number, private readonly burst: number, private readonly limit: number, private readonly now: () => number) {
    this.tokens = burst;
    this.filledAt = now();
  }

  /** Does it now, or when its turn comes. @returns false if too many wait: it will not be done. */
  push(job: () => void): boolean {
    if (this.tryNow(job)) return true;
    if (this.waiting.length >= this.limit) return false;
    this.waiting.push(job);
    this.timer ??= setTimeout(() => this.run(), 1000 / this.perSecond);
    return true;
  }

  /** Does it now or not at all. @returns whether it was done. */
  tryNow(job: () => void): boolean {
    if (this.waiting.length > 0 || !this.take()) return false;
    job();
    return true;
  }

  /** Forgets what waits. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.length = 0;
  }

  private take(): boolean {
    const now = this.now();
    this.tokens = Math.min(this.burst, this.tokens + (now - this.filledAt) * this.perSecond / 1000);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private run(): void {
    this.timer = undefined;
    while (this.waiting.length > 0 && this.take()) this.waiting.shift()!();
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.run(), 1000 / this.perSecond);
  }
}
