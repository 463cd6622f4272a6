import { ServerClock } from './clock.js';
import { Emitter } from './emitter.js';
import { Heartbeat } from './heartbeat.js';
import { Journal, type Reply } from './journal.js';
import { Link, subprotocol } from './link.js';
import { defaultReconnect, type RelayClientOptions, type SocketLike } from './options.js';
import { closeInfo, refusal, RelayError, SessionLostError, type CloseInfo, type Refusal } from './reasons.js';
import type { Asked, RoomRoad } from './room/actions.js';
import type { TransformRoad } from './room/mover.js';
import { Room } from './room/room.js';
import { Retry } from './retry.js';
import { decode, encode } from './wire/codec.js';
import { CloseCode, FrameType, type Messages } from './wire/layouts.js';

/** What the client is doing. */
export type ClientState = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'closed';

/** What the server said in Welcome, protocol-spec.md §5.2. */
export interface Session {
  /** How others see this client. */
  readonly name: string;
  /** Names the session in the server's log: 32 hexadecimal digits. */
  readonly id: string;
  readonly heartbeatMs: number;
  readonly idleTimeoutMs: number;
  /** Bytes. */
  readonly maxFrameBody: number;
  /** Bytes. */
  readonly maxEventPayload: number;
  /** 0: no limit. */
  readonly framesPerSecond: number;
}

/** What a client tells of. */
export interface ClientEvents {
  /** The connection broke, or the server asked to come back; an attempt follows after the delay. */
  reconnecting: { readonly attempt: number; readonly delayMs: number; readonly reason: CloseInfo };
  /** There is a connection again. `resumed`: in the same session, nothing was missed; otherwise the room is being joined anew. */
  reconnected: { readonly resumed: boolean };
  /** The room that one is in now, whole; undefined: none any more. */
  room: Room | undefined;
  /** The server has taken one out of the room, or did not let one in again. */
  left: CloseInfo;
  /** A message that no promise waits for was refused. */
  refused: Refusal;
  /** The server is going away; the client leaves it and comes back by itself. */
  goAway: { readonly reason: number; readonly deadlineMs: number; readonly retryAfterMs: number };
  /** The end: the client does not come back. */
  closed: CloseInfo;
}

/** Counts since the client was made. */
export interface ClientStats {
  bytesIn: number;
  bytesOut: number;
  framesIn: number;
  framesOut: number;
  /** Batches of transforms. */
  batches: number;
  /** Full sets among them that were not asked for: one fell behind, or came new. */
  resets: number;
  /** Connections made after the first. */
  reconnects: number;
}

const helloTimeoutMs = 10_000;
const clearBytes = 64 * 1024; // a socket that holds more than this gets no transforms

/**
 * A client of a Relay server over WebSocket, in browsers and in Node.
 *
 * A connection that breaks is made again by itself. If the session goes on, everything arrives, once and in order, and promises are kept; if not,
 * the room is joined again and promises that waited reject with {@link SessionLostError}. After `closed` make a new client.
 */
export class RelayClient {
  /** The server's clock. */
  readonly clock: ServerClock;
  /** Live counts. */
  readonly stats: ClientStats = { bytesIn: 0, bytesOut: 0, framesIn: 0, framesOut: 0, batches: 0, resets: 0, reconnects: 0 };

  private readonly emitter = new Emitter<ClientEvents>();
  private readonly journal = new Journal();
  private readonly retry: Retry | undefined;
  private readonly now: () => number;
  private url: string;
  private link: Link | undefined;
  private currentState: ClientState = 'idle';
  private currentSession: Session | undefined;
  private currentRoom: Room | undefined;
  private entering: Room | undefined;
  private end: CloseInfo | undefined;
  private token: Uint8Array = new Uint8Array(0);
  private wish: { readonly room: string; readonly ticket: Uint8Array } | undefined;
  private heartbeat: Heartbeat | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined; // what must come by then, or what is to be done
  private goodbye: Messages['GoAway'] | undefined;
  private finished: (() => void)[] = [];
  private closing = false;
  private connected: { resolve(): void; reject(error: Error): void } | undefined; // whoever waits for the first Welcome
  private readonly road = this.makeRoad();

  /** Connects to nothing yet: see {@link connect}. */
  constructor(private readonly options: RelayClientOptions) {
    this.now = options.now ?? (() => performance.now());
    this.clock = new ServerClock(this.now);
    this.retry = options.reconnect === false ? undefined : new Retry({ ...defaultReconnect, ...options.reconnect }, this.now);
    this.url = socketUrl(options.url);
  }

  /** Where the connection stands. */
  get state(): ClientState {
    return this.currentState;
  }

  /** What the server said; undefined before. */
  get session(): Session | undefined {
    return this.currentSession;
  }

  /** The room that one is in; undefined outside. */
  get room(): Room | undefined {
    return this.currentRoom;
  }

  /** How the client ended; undefined while it has not. */
  get closed(): CloseInfo | undefined {
    return this.end;
  }

  /** Listens. @returns a function that ends it. */
  on<K extends keyof ClientEvents>(name: K, listener: (event: ClientEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  /**
   * Connects. A server that says that it has no room now, or is going away, is tried again, as after a break.
   * @returns when the server has said Welcome; rejects with how it ended otherwise: a client that could not connect has ended.
   */
  connect(): Promise<Session> {
    if (this.currentState !== 'idle') return Promise.reject(new TypeError('A client connects once, and then comes back by itself; make a new one.'));
    this.currentState = 'connecting';
    return new Promise((resolve, reject) => {
      this.connected = { resolve: () => resolve(this.currentSession!), reject };
      this.dial();
    });
  }

  /** Enters a room. @returns when everything that is in it has been told. */
  join(room: string, options: { readonly ticket?: Uint8Array | string } = {}): Promise<Room> {
    return this.enterRoom('Join', room, toBytes(options.ticket));
  }

  /** Leaves the room for another in one step; refused, one stays where one is. */
  changeRoom(room: string, options: { readonly ticket?: Uint8Array | string } = {}): Promise<Room> {
    return this.enterRoom('ChangeRoom', room, toBytes(options.ticket));
  }

  /** Leaves the room and keeps the connection. */
  async leave(): Promise<void> {
    await this.request('Leave', {});
  }

  /** Says goodbye, and ends the client. */
  async close(): Promise<void> {
    if (this.currentState === 'closed') return;
    const why = closeInfo(CloseCode.Normal);
    const { link } = this;
    if (!link) {
      this.finish(why);
      return;
    }
    const ended = new Promise<void>((resolve) => { this.finished.push(resolve); });
    this.closing = true;
    link.close(why);
    // Whether the peer answers or not.
    const timer = setTimeout(() => link.abandon(why), 2000);
    await ended;
    clearTimeout(timer);
  }

  /** Sends a frame of a type that a server may skip, 0x80 to 0xFF. It is not sent again when the connection breaks. */
  sendFrame(type: number, body: Uint8Array): void {
    if (type < 0x80 || type > 0xff) throw new RangeError('Only types from 0x80 to 0xFF may be sent as they are.');
    const frame = new Uint8Array(4 + body.length);
    new DataView(frame.buffer).setUint32(0, ((type << 24) | body.length) >>> 0, true);
    frame.set(body, 4);
    this.link?.send(frame);
  }

  /** Tries to connect again now, if the client waits to do so: the user asked for it, or the network is back. */
  hurry(): void {
    this.retry?.hurry();
  }

  // ---- sending

  private request<K extends 'Renew' | 'Join' | 'ChangeRoom' | 'Leave' | Asked>(name: K, message: Omit<Messages[K], 'sequence'>): Promise<number | object> {
    return new Promise((resolve, reject) => {
      this.number(name, message, { resolve, reject });
    });
  }

  /** Numbers a message, keeps it until it is confirmed, and sends it if there is a connection. */
  private number<K extends 'Renew' | 'Join' | 'ChangeRoom' | 'Leave' | 'SendEvent' | Asked>(name: K, message: Omit<Messages[K], 'sequence'>, reply?: Reply): void {
    if (this.currentState === 'idle' || this.currentState === 'closed') throw new RelayError(this.end ?? closeInfo(CloseCode.Abnormal, 0, 0, 0, 'not connected'));
    const limit = this.currentSession?.maxFrameBody ?? Infinity;
    const frame = this.journal.add((sequence) => {
      const bytes = encode(name, { ...message, sequence } as unknown as Messages[K]);
      if (bytes.length - 4 > limit) throw new RelayError(refusal(CloseCode.MessageTooBig, limit, bytes.length - 4, 'the message is longer than the server takes'));
      return bytes;
    }, reply);
    if (this.currentState === 'open') this.link?.send(frame);
  }

  private async enterRoom(name: 'Join' | 'ChangeRoom', room: string, ticket: Uint8Array): Promise<Room> {
    const entered = await this.request(name, { room, ticket, flags: 0 }) as Room;
    this.wish = { room, ticket };
    return entered;
  }

  /** What rooms send over. */
  private makeRoad(): RoomRoad & TransformRoad {
    const client = this;
    return {
      ask: (name, message) => client.request(name, message) as Promise<number>,
      tell: (message) => {
        try {
          client.number('SendEvent', message);
        } catch (error) {
          if (!(error instanceof RelayError)) throw error;
          client.emitter.emit('refused', refusal(error.code, error.limit, error.value, error.reason.text, 0, FrameType.SendEvent));
        }
      },
      send: (frame) => client.link?.send(frame),
      get isClear() {
        return client.currentState === 'open' && client.link !== undefined && client.link.buffered < clearBytes;
      },
    };
  }

  // ---- a connection

  private dial(): void {
    const fail = (text: string): void => this.failed(closeInfo(CloseCode.Abnormal, 0, 0, 0, text), false);
    void this.credentials().then((credentials) => {
      if (this.currentState === 'closed') return;
      const make = this.options.createSocket ?? defaultSocket;
      const link: Link = new Link(make(this.url, subprotocol), {
        opened: () => {
          if (this.link !== link) return;
          link.send(this.hello(credentials));
          this.timer = setTimeout(() => link.abandon(closeInfo(CloseCode.Timeout, 0, helloTimeoutMs, helloTimeoutMs, 'no Welcome came')), helloTimeoutMs);
        },
        frame: (type, bytes, start, end) => {
          if (this.link !== link) return;
          if (this.currentState === 'open') this.receive(type, bytes, start, end);
          else if (type === FrameType.Welcome) this.welcome(decode('Welcome', bytes, start, end), link);
          else link.close(closeInfo(CloseCode.ProtocolError, 0, 0, 0, 'the first frame is no Welcome'));
        },
        ended: (why) => {
          if (this.link !== link) return;
          this.link = undefined;
          this.stopTimers();
          this.failed(why, link.wasToldWhy);
        },
      }, this.stats, this.now, this.options.onFrame);
      this.link = link;
    }, (error: unknown) => fail(`no credentials: ${String(error)}`)).catch((error: unknown) => fail(String(error)));
  }

  /** A connection has ended, or could not be made. Where there has never been a server there may be none: only one that was there is tried again. */
  private failed(why: CloseInfo, isThere: boolean): void {
    if (isThere || this.currentSession !== undefined || this.currentState === 'reconnecting') this.broken(why);
    else this.finish(why);
  }

  private async credentials(): Promise<Uint8Array> {
    const { credentials } = this.options;
    return toBytes(typeof credentials === 'function' ? await credentials() : credentials);
  }

  /** The server asks for fresh credentials. Refused or not to be had, it will close the connection, and the client comes back by itself. */
  private async renew(): Promise<void> {
    if (typeof this.options.credentials !== 'function') return;
    try {
      await this.request('Renew', { credentials: await this.credentials() });
    } catch {
      // It says so when it closes.
    }
  }

  private hello(credentials: Uint8Array): Uint8Array {
    const place = this.currentRoom?.place;
    return encode('Hello', {
      versionOldest: 1, versionNewest: 1, capabilities: 0, credentials, resumeToken: this.token,
      lastSequence: this.token.length > 0 ? place?.sequence ?? 0 : 0,
      epoch: place?.epoch ?? 0n, cursor: place?.cursor ?? 0, lastAnswer: this.journal.lastAnswer,
      agent: this.options.agent ?? 'relay-js',
    });
  }

  private welcome(welcome: Messages['Welcome'], link: Link): void {
    link.maxBody = welcome.maxServerFrameBody;
    const id = hex64(welcome.sessionHigh) + hex64(welcome.sessionLow);
    const isFirst = this.currentSession === undefined;
    const resumed = this.currentSession?.id === id;
    this.token = welcome.resumeToken;
    this.currentSession = {
      id, name: welcome.name, heartbeatMs: welcome.heartbeatMs, idleTimeoutMs: welcome.idleTimeoutMs, maxFrameBody: welcome.maxFrameBody,
      maxEventPayload: welcome.maxEventPayload, framesPerSecond: welcome.framesPerSecond,
    };
    this.currentState = 'open';
    this.retry?.succeeded();
    this.stopTimers();
    if (!isFirst) this.stats.reconnects++;
    if (isFirst || resumed) this.takeUp(welcome.lastApplied);
    else this.startOver();
    this.heartbeat = new Heartbeat(link, this.clock, this.journal, this.now, resumed ? welcome.lastApplied : 0);
    if (!isFirst) this.emitter.emit('reconnected', { resumed });
    this.connected?.resolve();
    this.connected = undefined;
  }

  /** The session goes on, or begins: what the server has not applied is sent, once more or at last. */
  private takeUp(lastApplied: number): void {
    this.journal.confirm(lastApplied);
    for (const frame of this.journal.unconfirmed()) this.link?.send(frame);
    this.currentRoom?.resumed();
  }

  /** The session is lost: the room has to be joined again. */
  private startOver(): void {
    const { wish } = this;
    this.clock.forget();
    this.leaveRoom();
    this.journal.restart();
    if (!wish || this.options.rejoin === false) return;
    this.enterRoom('Join', wish.room, wish.ticket).catch((error: unknown) => {
      // Lost once more on the way: whoever takes the next connection tries again.
      if (!(error instanceof RelayError) || error instanceof SessionLostError || this.currentState === 'closed') return;
      this.wish = undefined;
      this.emitter.emit('left', closeInfo(error.code, 0, error.limit, error.value, error.reason.text));
    });
  }

  private broken(why: CloseInfo): void {
    const { goodbye, retry } = this;
    this.goodbye = undefined;
    if (this.closing || !retry || (!why.retry && !goodbye)) {
      this.finish(why);
      return;
    }
    this.currentState = 'reconnecting';
    const delayMs = retry.plan(goodbye, () => this.dial());
    if (delayMs === undefined) this.finish(why);
    else this.emitter.emit('reconnecting', { attempt: retry.attempt, delayMs, reason: why });
  }

  private finish(why: CloseInfo): void {
    if (this.end) return;
    this.end = why;
    this.currentState = 'closed';
    this.retry?.stop();
    const { link } = this;
    this.link = undefined;
    link?.abandon(why);
    this.stopTimers();
    this.leaveRoom();
    this.journal.end(why);
    this.connected?.reject(new RelayError(why));
    this.connected = undefined;
    this.emitter.emit('closed', why);
    for (const resolve of this.finished) resolve();
  }

  private stopTimers(): void {
    clearTimeout(this.timer);
    this.heartbeat?.stop();
    this.heartbeat = undefined;
  }

  private leaveRoom(): void {
    this.entering?.end();
    this.entering = undefined;
    const room = this.currentRoom;
    this.currentRoom = undefined;
    room?.end();
    if (room) this.emitter.emit('room', undefined);
  }

  // ---- what comes in

  private receive(type: number, bytes: Uint8Array, start: number, end: number): void {
    const room = this.entering ?? this.currentRoom;
    switch (type) {
      case FrameType.TransformBatch:
        this.stats.batches++;
        room?.batch(bytes, start, end);
        if (room?.lastBatchReset) this.stats.resets++;
        return;
      case FrameType.Presence: return room?.presence(decode('Presence', bytes, start, end));
      case FrameType.State: return room?.state(decode('State', bytes, start, end));
      case FrameType.Event: return room?.event(decode('Event', bytes, start, end));
      case FrameType.Done: {
        const { sequence, value } = decode('Done', bytes, start, end);
        this.journal.answer(sequence, value);
        return;
      }
      case FrameType.Error: return this.refused(decode('Error', bytes, start, end));
      case FrameType.Joined: return this.joined(decode('Joined', bytes, start, end));
      case FrameType.Left: return this.left(decode('Left', bytes, start, end));
      case FrameType.Ping: this.link?.send(encode('Pong', { stamp: decode('Ping', bytes, start, end).stamp, received: 0n, sent: 0n })); return;
      case FrameType.Pong: return this.heartbeat?.pong(decode('Pong', bytes, start, end));
      case FrameType.Expiring: void this.renew(); return;
      case FrameType.GoAway: return this.goAway(decode('GoAway', bytes, start, end));
      default: // a newer server may say what this client does not know: it is skipped, protocol-spec.md §3.2
    }
  }

  private refused({ refusedType, sequence, code, limit, value, text }: Messages['Error']): void {
    const why = refusal(code, limit, value, text, sequence, refusedType);
    if (sequence === 0 || !this.journal.refuse(sequence, why)) this.emitter.emit('refused', why);
  }

  private joined(joined: Messages['Joined']): void {
    this.leaveRoom();
    const { now, emitter, journal } = this;
    this.entering = new Room(joined, this.road, {
      framesPerSecond: this.currentSession?.framesPerSecond ?? 0, now,
      whole: (room) => {
        this.entering = undefined;
        this.currentRoom = room;
        journal.answer(joined.sequence, room);
        emitter.emit('room', room);
      },
    });
  }

  private left({ sequence, reason }: Messages['Left']): void {
    this.wish = undefined;
    this.leaveRoom();
    if (sequence > 0) this.journal.answer(sequence, 0);
    else this.emitter.emit('left', closeInfo(reason));
  }

  private goAway(goodbye: Messages['GoAway']): void {
    const { reason, deadlineMs, retryAfterMs, jitterMs, alternateUrl } = goodbye;
    this.emitter.emit('goAway', { reason, deadlineMs, retryAfterMs });
    if (!this.retry) return;
    this.goodbye = goodbye;
    if (alternateUrl.length > 0) this.url = new TextDecoder().decode(alternateUrl);
    // Everybody leaves at a time of their own, within half of what is given.
    const { link } = this;
    this.timer = setTimeout(() => link?.close(closeInfo(reason, 0, 0, 0, 'as you ask')), Math.random() * Math.min(jitterMs, deadlineMs / 2));
  }
}

function defaultSocket(url: string, protocol: string): SocketLike {
  if (typeof WebSocket === 'undefined') throw new TypeError('There is no WebSocket here: give options.createSocket, for instance with the package "ws".');
  return new WebSocket(url, protocol) as unknown as SocketLike;
}

function socketUrl(url: string | URL): string {
  const parsed = new URL(String(url));
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:';
  if (parsed.protocol === 'https:') parsed.protocol = 'wss:';
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') throw new TypeError(`The relay's URL must be ws: or wss:; it is ${parsed.protocol}`);
  return parsed.href;
}

function toBytes(value: string | Uint8Array | undefined): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value ?? new Uint8Array(0);
}

const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0');
