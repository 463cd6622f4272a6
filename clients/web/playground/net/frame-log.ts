// The last frames that passed, while somebody looks at them. Closed or paused it costs a comparison for each frame.
const MAX_FRAMES = 400;
const MAX_BYTES = 2 * 1024 * 1024;
const RATE_MS = 2000;

export interface LoggedFrame { number: number; at: number; direction: 'in' | 'out'; type: number; bytes: Uint8Array }
export interface TypeRate { type: number; total: number; perSecond: number }

export class FrameLog {
  isOpen = false;
  isPaused = false;
  private readonly frames: LoggedFrame[] = [];
  private readonly counts = new Map<number, { total: number; before: number; perSecond: number }>();
  private bytes = 0;
  private number = 0;
  private ratedAt = performance.now();

  readonly see = (direction: 'in' | 'out', frame: Uint8Array): void => {
    if (!this.isOpen || this.isPaused) {
      return;
    }
    const type = frame[3]!;
    const count = this.counts.get(type);
    if (count) {
      count.total++;
    } else {
      this.counts.set(type, { total: 1, before: 0, perSecond: 0 });
    }
    this.frames.push({ number: ++this.number, at: performance.now(), direction, type, bytes: frame.slice() });
    this.bytes += frame.length;
    while (this.frames.length > MAX_FRAMES || this.bytes > MAX_BYTES) {
      this.bytes -= this.frames.shift()!.bytes.length;
    }
  };

  /** The newest first, at most `limit`, of the types that `shows` lets through. */
  newest(limit: number, shows: (type: number) => boolean): LoggedFrame[] {
    const found: LoggedFrame[] = [];
    for (let i = this.frames.length - 1; i >= 0 && found.length < limit; i--) {
      if (shows(this.frames[i]!.type)) {
        found.push(this.frames[i]!);
      }
    }
    return found;
  }

  rates(): TypeRate[] {
    const now = performance.now();
    const passed = now - this.ratedAt;
    if (passed >= RATE_MS) {
      this.ratedAt = now;
      for (const count of this.counts.values()) {
        count.perSecond = ((count.total - count.before) * 1000) / passed;
        count.before = count.total;
      }
    }
    return [...this.counts].map(([type, { total, perSecond }]) => ({ type, total, perSecond })).sort((a, b) => a.type - b.type);
  }

  clear(): void {
    this.frames.length = 0;
    this.counts.clear();
    this.bytes = 0;
  }
}
