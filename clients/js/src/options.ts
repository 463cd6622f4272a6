/** The part of a WebSocket that the client uses: the seam for other sockets, bad networks and tests. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  /** Sends a binary message. */
  send(data: Uint8Array): void;
  /** Closes the connection. */
  close(code?: number, reason?: string): void;
  /** The connection stands. */
  onopen: ((event: never) => void) | null;
  /** A message came. */
  onmessage: ((event: { data: ArrayBuffer | string }) => void) | null;
  /** The connection ended. */
  onclose: ((event: { code: number; reason: string }) => void) | null;
  /** The connection failed; `onclose` follows. */
  onerror: ((event: never) => void) | null;
}

/** How the client comes back when its connection breaks. */
export interface ReconnectOptions {
  /** Delay before the first attempt, ms; default 250. Each delay is a random part of it (full jitter), so that thousands do not come at once. */
  initialDelayMs: number;
  /** The longest delay, ms; default 10,000. */
  maxDelayMs: number;
  /** What each delay is to the one before; default 2. */
  factor: number;
  /** How long to try before giving up, ms; default: for ever. */
  giveUpAfterMs: number;
}

/** How to connect. */
export interface RelayClientOptions {
  /** `ws:` or `wss:` URL of the relay, for example `new URL('/relay', location.href)`: `http:` and `https:` are taken as `ws:` and `wss:`. */
  url: string | URL;
  /** Whatever the operator asks for, asked for anew before every connection, and when the server says that it expires; default nothing. In development mode any text is one's name. */
  credentials?: string | Uint8Array | (() => string | Uint8Array | Promise<string | Uint8Array>);
  /** Names the software in the server's log, at most 255 bytes; default `relay-js`. */
  agent?: string;
  /** How to come back; false: not at all. */
  reconnect?: Partial<ReconnectOptions> | false;
  /** Whether to join the last room again when the session is lost; default true. */
  rejoin?: boolean;
  /** Makes the socket; default `new WebSocket(url, protocol)`. */
  createSocket?: (url: string, protocol: string) => SocketLike;
  /** Sees each frame as it passes, header included. The bytes are good during the call only. */
  onFrame?: (direction: 'in' | 'out', frame: Uint8Array) => void;
  /** The local clock, ms, which never goes back; default `performance.now`. */
  now?: () => number;
}

export const defaultReconnect: ReconnectOptions = { initialDelayMs: 250, maxDelayMs: 10_000, factor: 2, giveUpAfterMs: Infinity };
