// The connection to the room: made, lost, taken up again, and ended with a reason.
import { type CloseInfo, RelayClient, RelayError, type Refusal, type Room, type SocketLike } from '@relay/client';

export type Status =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** Nobody yet: the card asks who one is. */
  | { kind: 'outside' }
  | { kind: 'reconnecting'; attempt: number; until: number; reason: CloseInfo }
  | { kind: 'ended'; title: string; advice: string; code: number; codeName: string };

export interface SessionListener {
  status(status: Status): void;
  /** One is in a room now, or, with undefined, in none. */
  room(room: Room | undefined): void;
  reconnected(resumed: boolean): void;
  refused(refusal: Refusal): void;
}

export interface SessionOptions {
  url: URL;
  room: string;
  credentials: () => string | Promise<string>;
  createSocket: (url: string, protocol: string) => SocketLike;
  onFrame: (direction: 'in' | 'out', frame: Uint8Array) => void;
}

export class Session {
  client: RelayClient | undefined;
  private offs: (() => void)[] = [];

  constructor(private readonly options: SessionOptions, private readonly listener: SessionListener) {}

  /** Comes in, anew if there was a connection before. Never rejects: what fails is told as a status. */
  async enter(): Promise<void> {
    await this.leave();
    const { options, listener } = this;
    const client = new RelayClient({
      url: options.url, credentials: options.credentials, agent: 'relay playground', createSocket: options.createSocket, onFrame: options.onFrame,
    });
    this.client = client;
    listener.status({ kind: 'connecting' });
    this.offs = [
      client.on('room', (room) => listener.room(room)),
      client.on('refused', (refusal) => listener.refused(refusal)),
      client.on('reconnecting', ({ attempt, delayMs, reason }) =>
        listener.status({ kind: 'reconnecting', attempt, until: performance.now() + delayMs, reason })),
      client.on('reconnected', ({ resumed }) => {
        listener.status({ kind: 'open' });
        listener.reconnected(resumed);
      }),
      client.on('left', (info) => this.end(client, info)),
      client.on('closed', (info) => this.end(client, info)),
    ];
    try {
      await client.connect();
      await client.join(options.room);
      listener.status({ kind: 'open' });
    } catch (error) {
      if (this.client === client) {
        this.fail(client, error);
      }
    }
  }

  /** Goes away. */
  async leave(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    for (const off of this.offs.splice(0)) {
      off();
    }
    if (client && client.state !== 'closed') {
      this.listener.room(undefined);
      await client.close().catch(() => undefined);
    }
  }

  private end(client: RelayClient, { code, name, title, advice }: CloseInfo): void {
    if (this.client === client) {
      this.listener.room(undefined);
      this.listener.status({ kind: 'ended', title, advice, code, codeName: name });
    }
  }

  private fail(client: RelayClient, error: unknown): void {
    if (client.closed) {
      this.end(client, client.closed);
    } else if (error instanceof RelayError) {
      const { title, advice, code, name } = error.reason;
      this.listener.status({ kind: 'ended', title, advice, code, codeName: name });
    } else {
      throw error;
    }
  }
}
