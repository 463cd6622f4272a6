import { RelayClient, RelayError, type CloseInfo, type RelayClientOptions, type Room } from '@relay/client';
import { naf } from './naf.js';
import { relayUrl, roomName } from './names.js';
import { Stay } from './stay.js';

type Occupants = Record<string, boolean>;

const noMedia = 'Relay carries no audio and no video yet.';
const firstTries = 10; // to connect the first time; once connected, the client comes back by itself for as long as it takes

/** networked-aframe's adapter `relay`. What each method is for is said in networked-aframe's `NoOpAdapter`. */
export class RelayAdapter {
  /** What the server asks for, see {@link RelayClientOptions.credentials}. Set it on `adapter-ready`. */
  credentials: RelayClientOptions['credentials'];

  /** More options for the client. Set them on `adapter-ready`. */
  clientOptions: Partial<RelayClientOptions> = {};

  /** Called when the connection broke, with the delay in ms before the next attempt; when it is there again; when it will not be. */
  onReconnecting: ((delayMs: number) => void) | undefined;
  onReconnected: (() => void) | undefined;
  onReconnectionError: ((error: Error) => void) | undefined;

  private serverUrl: string | undefined;
  private app = 'default';
  private room = 'default';
  private client: RelayClient | undefined;
  private stay: Stay | undefined;
  private readonly open = new Set<string>();
  private timeShift: number | undefined;
  private isReturn = false;
  private connected: (clientId: string) => void = () => {};
  private failed: (code: number, message: string) => void = () => {};
  private occupied: (occupants: Occupants) => void = () => {};
  private opened: (clientId: string) => void = () => {};
  private closed: (clientId: string) => void = () => {};
  private received: (from: string, type: string, data: unknown) => void = () => {};

  // ---- before connecting

  setServerUrl(url: string): void { this.serverUrl = url; }

  setApp(app: string): void { this.app = app; }

  setRoom(room: string): void { this.room = room; }

  setWebRtcOptions(options: { audio?: boolean; video?: boolean }): void {
    if (options.audio || options.video) naf().log.warn(noMedia);
  }

  setServerConnectListeners(success: (clientId: string) => void, failure: (code: number, message: string) => void): void {
    this.connected = success;
    this.failed = failure;
  }

  setRoomOccupantListener(listener: (occupants: Occupants) => void): void { this.occupied = listener; }

  setDataChannelListeners(
    open: (clientId: string) => void, closed: (clientId: string) => void, message: (from: string, type: string, data: unknown) => void): void {
    this.opened = open;
    this.closed = closed;
    this.received = message;
  }

  // ---- the connection

  /** @returns when networked-aframe knows its client id and what is in the room. */
  async connect(): Promise<void> {
    addEventListener('pagehide', this.pageHides);
    for (let tries = 1; ; tries++) {
      const client = new RelayClient({ url: relayUrl(this.serverUrl, location.href), agent: 'relay-naf', credentials: this.credentials ?? '', ...this.clientOptions });
      this.client = client;
      try {
        await this.enter(client);
        return;
      } catch (error) {
        if (this.client !== client) return; // disconnect was called meanwhile
        await client.close();
        if (tries === firstTries || !mayPass(error)) {
          this.failed(error instanceof RelayError ? error.code : 0, String(error));
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 1000 * Math.random() * tries));
      }
    }
  }

  disconnect(): void {
    removeEventListener('pagehide', this.pageHides);
    const { client } = this;
    this.client = undefined;
    this.isReturn = false;
    this.leave();
    void client?.close();
  }

  getServerTime(): number {
    const now = this.client?.clock.now() ?? NaN;
    if (!Number.isNaN(now)) this.timeShift = now - performance.now();
    return this.timeShift === undefined ? Date.now() : performance.now() + this.timeShift;
  }

  // ---- others

  shouldStartConnectionTo(): boolean { return true; }

  startStreamConnection(clientId: string): void {
    this.open.add(clientId);
    this.opened(clientId);
  }

  closeStreamConnection(clientId: string): void {
    this.open.delete(clientId);
    // Every page would take what the leaver has made and is persistent. The server has given it to one already.
    for (const element of Object.values(naf().entities.entities)) {
      const data = element?.components.networked?.data;
      if (data?.persistent && data.creator === clientId) element!.setAttribute('networked', { creator: '' });
    }
    this.closed(clientId);
  }

  getConnectStatus(clientId: string): string {
    return this.open.has(clientId) ? naf().adapters.IS_CONNECTED : naf().adapters.NOT_CONNECTED;
  }

  // ---- data

  sendData(clientId: string, type: string, data: unknown): void { this.stay?.send(clientId, type, data, false); }

  sendDataGuaranteed(clientId: string, type: string, data: unknown): void { this.stay?.send(clientId, type, data, true); }

  broadcastData(type: string, data: unknown): void { this.stay?.broadcast(type, data, false); }

  broadcastDataGuaranteed(type: string, data: unknown): void { this.stay?.broadcast(type, data, true); }

  // ---- audio and video, which a relay does not carry yet

  getMediaStream(): Promise<MediaStream> { return Promise.reject(new Error(noMedia)); }

  enableMicrophone(): Promise<void> { return Promise.reject(new Error(noMedia)); }

  enableCamera(): Promise<void> { return Promise.reject(new Error(noMedia)); }

  addLocalMediaStream(): Promise<void> { return Promise.reject(new Error(noMedia)); }

  removeLocalMediaStream(): Promise<void> { return Promise.reject(new Error(noMedia)); }

  // ---- coming and going

  private async enter(client: RelayClient): Promise<void> {
    client.on('refused', (why) => naf().log.warn(`${why.title} (${why.code} ${why.name}) ${why.text}`));
    await client.connect();
    await new Promise<void>((resolve, reject) => {
      client.on('room', (room) => {
        this.leave();
        if (room) this.arrive(client, room).then(resolve, reject);
      });
      client.join(roomName(this.app, this.room)).catch(reject);
    });
    client.on('reconnecting', ({ delayMs }) => this.onReconnecting?.(delayMs));
    client.on('reconnected', ({ resumed }) => { if (resumed) this.onReconnected?.(); });
    client.on('left', (why) => this.gone(why));
    client.on('closed', (why) => { if (this.client === client) this.gone(why); });
  }

  /** In a room: the first time, and whenever the session was lost and the room has been joined again. */
  private async arrive(client: RelayClient, room: Room): Promise<void> {
    const stay = new Stay(room, client.session?.framesPerSecond ?? 0, {
      message: (from, type, data) => this.received(from, type, data),
      occupants: (occupants) => this.occupied(occupants),
    });
    this.stay = stay;
    // Ownership in networked-aframe needs the server's time, which is known a round trip after Welcome.
    while (!client.clock.isSynced && room.isOpen) await new Promise((resolve) => setTimeout(resolve, 10));
    if (this.stay !== stay) return;
    this.timeShift = undefined;
    this.getServerTime();
    this.connected(stay.me);
    stay.begin();
    if (this.isReturn) this.onReconnected?.();
    this.isReturn = true;
  }

  /**
   * Out of the room: the others' entities go; one's own, and those that stay when their owners go, are to be made anew in the next room, which
   * `connected` has networked-aframe do.
   */
  private leave(): void {
    const { stay } = this;
    if (!stay) return;
    stay.end();
    this.stay = undefined;
    const isOfRoom = (id: string): boolean => id === stay.me || this.open.has(id);
    const own = Object.values(naf().entities.entities).filter((element) => {
      const data = element?.components.networked?.data;
      return data && (data.creator === stay.me || (data.persistent && isOfRoom(data.owner)));
    });
    this.occupied({});
    for (const element of own) {
      const component = element!.components.networked!;
      component.lastOwnerTime = -1; // another server's clock may be behind
      element!.setAttribute('networked', { owner: '', creator: '' });
      document.body.addEventListener('connected', component.onConnected, false);
    }
    naf().clientId = '';
  }

  /** For good. */
  private gone(why: CloseInfo): void {
    this.leave();
    naf().log.error(`${why.title} ${why.advice} (${why.code} ${why.name}) ${why.text}`);
    this.onReconnectionError?.(new RelayError(why));
  }

  /** Says goodbye, so that the others need not wait for one who does not come back; a page that does come back connects anew. */
  private readonly pageHides = (): void => {
    const { client } = this;
    if (!client) return;
    this.disconnect();
    addEventListener('pageshow', (event) => { if (event.persisted) void this.connect(); }, { once: true });
  };
}

/** Whether it may be otherwise the next time. */
function mayPass(error: unknown): boolean {
  return error instanceof RelayError && 'retry' in error.reason && error.reason.retry;
}
