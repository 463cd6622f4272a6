const kept = 8;

/** The server's clock, as asked by Ping and told by Pong (protocol-spec.md §5.6, RFC 5905 §8). */
export class ServerClock {
  private readonly samples: { offset: number; roundTrip: number }[] = [];
  private best: { offset: number; roundTrip: number } | undefined;

  /** @param local the local clock, ms; it never goes back. */
  constructor(private readonly local: () => number) {}

  /** Whether the server's clock is known. */
  get isSynced(): boolean {
    return this.best !== undefined;
  }

  /** The server's clock now, ms since an origin that the server chose; good to half of {@link roundTripMs}. NaN before the first answer. */
  now(): number {
    return this.best ? this.local() + this.best.offset : NaN;
  }

  /** The last round trip, ms; NaN before the first answer. */
  get roundTripMs(): number {
    return this.samples.at(-1)?.roundTrip ?? NaN;
  }

  /** Takes an answer. Times of the local clock in ms, of the server's in µs. The sample with the shortest way of the last eight is the truest. */
  add(sent: number, received: number, serverReceived: number, serverSent: number): void {
    const roundTrip = Math.max(0, received - sent - (serverSent - serverReceived) / 1000);
    const offset = ((serverReceived / 1000 - sent) + (serverSent / 1000 - received)) / 2;
    if (this.samples.length === kept) this.samples.shift();
    this.samples.push({ offset, roundTrip });
    this.best = this.samples.reduce((least, sample) => (sample.roundTrip < least.roundTrip ? sample : least));
  }

  /** Another server may have another clock. */
  forget(): void {
    this.samples.length = 0;
    this.best = undefined;
  }
}
