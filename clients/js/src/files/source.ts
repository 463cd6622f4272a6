/** What a file is sent from, part by part. A part can be had again until one after it was asked for. */
export interface Source {
  readonly size: number;
  /** The bytes from a place on, as many as a part has; empty at the end. */
  part(from: number): Promise<Blob>;
}

/** Any part of it can be had at any time. */
export class BlobSource implements Source {
  constructor(private readonly blob: Blob, private readonly partSize: number) {}

  get size(): number {
    return this.blob.size;
  }

  part(from: number): Promise<Blob> {
    return Promise.resolve(this.blob.slice(from, from + this.partSize));
  }
}

/** Comes once, from its beginning to its end: what was read last is held until it has arrived. */
export class StreamSource implements Source {
  private held = new Blob();
  private from = 0;

  /** @param size what the stream is said to have. */
  constructor(private readonly taker: Taker, readonly size: number, private readonly partSize: number) {}

  async part(from: number): Promise<Blob> {
    const end = this.from + this.held.size;
    if (from < this.from || from > end) throw new RangeError(`The server is at byte ${from} of a stream that has been read from ${this.from} to ${end}.`);
    if (from < end) return this.held.slice(from - this.from);
    this.held = await this.taker.take(this.partSize);
    this.from = from;
    const read = from + this.held.size;
    // One byte too few would be waited for without end, one too many would be left out.
    const isOver = read > this.size || (read === this.size && (await this.taker.take(1)).size > 0);
    if (isOver || (read < this.size && this.held.size < this.partSize)) {
      throw new RangeError(`The stream was said to have ${this.size} bytes and has ${isOver ? 'more' : `${read}`}.`);
    }
    return this.held;
  }
}

/** Takes bytes off a stream in portions. */
export class Taker {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  private left: Uint8Array[] = [];

  constructor(stream: ReadableStream<Uint8Array>) {
    this.reader = stream.getReader();
  }

  /** The next bytes: exactly so many, or fewer at the end. */
  async take(count: number): Promise<Blob> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const next = this.left.pop() ?? (await this.reader.read()).value;
      if (!next) break;
      parts.push(next.subarray(0, missing));
      if (next.length > missing) this.left.push(next.subarray(missing));
      missing -= Math.min(next.length, missing);
    }
    return new Blob(parts as BlobPart[]);
  }

  /** All that is left, after some that was taken already. */
  rest(before: Blob): ReadableStream<Uint8Array> {
    const first = before.stream().getReader();
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const next = (await first.read()).value ?? this.left.pop() ?? (await this.reader.read()).value;
        if (next) controller.enqueue(next);
        else controller.close();
      },
      cancel: () => this.drop(),
    });
  }

  /** The rest is not wanted any more. */
  drop(): void {
    void this.reader.cancel().catch(() => undefined);
  }
}
