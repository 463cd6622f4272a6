// Many real connections, made and moved by a worker so that the page stays smooth.
export interface BotCounts { wanted: number; connected: number; refused: string | undefined }
/** A count of 0: all leave, and the worker ends. */
export interface BotOrder { url: string; room: string; count: number }

export class Bots {
  private worker: Worker | undefined;

  constructor(private readonly url: URL, private readonly room: string, private readonly changed: (counts: BotCounts) => void) {}

  get areRunning(): boolean { return this.worker !== undefined; }

  start(count: number): void {
    this.stop();
    this.worker = new Worker(new URL('./bots.worker.ts', import.meta.url), { type: 'module', name: 'relay bots' });
    this.worker.onmessage = ({ data }: MessageEvent<BotCounts>) => this.changed(data);
    this.worker.onerror = () => {
      this.worker = undefined;
      this.changed({ wanted: 0, connected: 0, refused: 'The worker that moves the bots has failed.' });
    };
    this.order(count);
    this.changed({ wanted: count, connected: 0, refused: undefined });
  }

  /** They say goodbye: sockets that only vanish would hold their seats until the server gives them up. */
  stop(): void {
    if (this.worker) {
      this.worker.onmessage = null;
      this.order(0);
      this.worker = undefined;
      this.changed({ wanted: 0, connected: 0, refused: undefined });
    }
  }

  private order(count: number): void {
    this.worker?.postMessage({ url: this.url.href, room: this.room, count } satisfies BotOrder);
  }
}
