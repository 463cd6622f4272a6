import { Emitter } from './emitter.js';
import { fetchOf, readAnswer, send } from './http.js';

/** What a server lets one do to come in: `GET /api/v1/auth/ways`. */
export interface SignInWays {
  /** Under any name, without an account: development mode. */
  readonly anonymous: boolean;
  readonly guest: boolean;
  /** By a link in a mail. */
  readonly mail: boolean;
  /** With an Ethereum wallet. */
  readonly wallet: boolean;
  /** Names of OpenID providers. */
  readonly oidc: readonly string[];
}

/** A session as it is kept: whoever has it is signed in. */
export interface AuthSession {
  readonly accountId: string;
  readonly sessionId: string;
  readonly name: string;
  /** `guest`, `user`. */
  readonly kind: string;
  readonly accessToken: string;
  /** When the access token is over, ms since 1970 by the local clock. */
  readonly accessUntil: number;
  /** Gets the next pair, once. */
  readonly refreshToken: string;
}

/** Where a session outlives the page. All tabs that share it share the session. */
export interface SessionStore {
  /** Names it among those that other tabs may use: the name of the lock under which it is refreshed. */
  readonly name: string;
  /** What is kept now; undefined: nothing, or nothing that is a session. */
  load(): AuthSession | undefined;
  /** undefined: there is none any more. */
  save(session: AuthSession | undefined): void;
  /** Tells whenever another tab has saved something. Left out: other tabs are found out when the session is used. */
  watch?(changed: () => void): void;
}

/** The part of the Web Locks API that is used. */
export interface LocksLike {
  /** Does something while nobody else holds the name. */
  request<T>(name: string, action: () => Promise<T>): Promise<T>;
}

/** How to sign in. */
export interface AuthOptions {
  /** Where the server is; only its origin counts. For example `location.href`. */
  url: string | URL;
  /** Where to keep the session; default: in this object alone. */
  store?: SessionStore;
  /** Default: the global one. */
  fetch?: typeof fetch;
  /** So that of all tabs one refreshes at a time; default `navigator.locks` where there is one, else this object alone takes care. */
  locks?: LocksLike;
  /** The local clock, ms since 1970; default `Date.now`. */
  now?: () => number;
}

/** The server said no, or not now. */
export class AuthError extends Error {
  override readonly name = 'AuthError';

  /**
   * Says what the server said.
   * @param status of HTTP.
   * @param detail a sentence for a person.
   * @param retryAfterMs when to ask again, if the server said so.
   */
  constructor(readonly status: number, readonly detail: string, readonly retryAfterMs?: number) {
    super(`${status}: ${detail}`);
  }
}

/** What an {@link Auth} tells of. */
export interface AuthEvents {
  /** Somebody is signed in, under fresh tokens; undefined: nobody any more, since one signed out or the session has ended. Here or in another tab. */
  session: AuthSession | undefined;
}

const path = '/api/v1/auth/';
const spareMs = 30_000; // an access token with less than this is exchanged before it is used

/**
 * Who one is: signs in, keeps the session, refreshes it in time, and gets connect tickets.
 *
 * A refresh token is good once, and one that is shown again ends the session. So there is one refresh at a time, over all tabs that share a
 * {@link SessionStore} too where the browser has the Web Locks API (pages over https and on localhost).
 */
export class Auth {
  private readonly emitter = new Emitter<AuthEvents>();
  private readonly now: () => number;
  private readonly fetch: typeof fetch;
  private readonly locks: LocksLike | undefined;
  private own: AuthSession | undefined;
  private refreshing: Promise<AuthSession> | undefined;

  /** Asks nothing yet. A session that the store has is taken up. */
  constructor(private readonly options: AuthOptions) {
    this.now = options.now ?? Date.now;
    this.fetch = fetchOf(options.fetch);
    this.locks = options.locks ?? (typeof navigator === 'object' && 'locks' in navigator ? navigator.locks as LocksLike : undefined);
    options.store?.watch?.(() => this.emitter.emit('session', this.session));
  }

  /** Who is signed in; undefined: nobody. */
  get session(): AuthSession | undefined {
    return this.options.store ? this.options.store.load() : this.own;
  }

  /** Listens. @returns a function that ends it. */
  on<K extends keyof AuthEvents>(name: K, listener: (event: AuthEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  /** What the server offers. */
  async ways(): Promise<SignInWays> {
    return await this.ask('ways') as unknown as SignInWays;
  }

  /** Comes in as a new guest. @param name 1 to 64 characters; default: the server finds one. */
  async signInAsGuest(name?: string): Promise<AuthSession> {
    return (await this.signInBy('guest', name === undefined ? {} : { name }))!;
  }

  /**
   * Takes the last step of another way: `mail/wait`, `oidc/exchange`, `wallet/verify`.
   * @returns who one is; undefined: not yet, ask again.
   */
  async signInBy(step: string, body: object): Promise<AuthSession | undefined> {
    const answer = await this.ask(step, body);
    return typeof answer.accessToken === 'string' ? this.keep(answer) : undefined;
  }

  /** Asks `/api/v1/auth/` for something, as nobody: the steps before the last. Rejects with {@link AuthError}. */
  async ask(step: string, body?: object): Promise<Record<string, unknown>> {
    return this.send(step, body);
  }

  /** A good access token, for `Authorization: Bearer`. Rejects with {@link AuthError}: 401 when nobody is signed in any more. */
  async accessToken(): Promise<string> {
    const { session } = this;
    if (!session) throw new AuthError(401, 'Nobody is signed in.');
    return this.isFresh(session) ? session.accessToken : (await this.refresh(session)).accessToken;
  }

  /**
   * A ticket that lets in one connection within 30 s. Give it to a client as its credentials callback, and it comes back by itself and renews what
   * it came in by: `credentials: () => auth.connectTicket()`.
   * @param room the only room to be entered with it; default any.
   */
  async connectTicket(room?: string): Promise<string> {
    const body = room === undefined ? {} : { room };
    const session = this.session;
    try {
      return String((await this.send('ticket', body, await this.accessToken())).ticket);
    } catch (error) {
      if (!(error instanceof AuthError) || error.status !== 401 || !session || this.session?.accessToken !== session.accessToken) throw error;
      // Our clock may go wrong: what it takes for fresh is not.
      return String((await this.send('ticket', body, (await this.refresh(session)).accessToken)).ticket);
    }
  }

  /** Ends the session, here and at the server. @param all ends all of one's sessions, on other devices too. */
  async signOut(all = false): Promise<void> {
    try {
      if (this.session) await this.send('logout', { all }, await this.accessToken());
    } catch (error) {
      // Over already. Anything else the caller should know: the session may go on at the server.
      if (!(error instanceof AuthError) || error.status !== 401) throw error;
    } finally {
      this.set(undefined);
    }
  }

  // ---- the session

  private isFresh(session: AuthSession): boolean {
    return session.accessUntil - this.now() > spareMs;
  }

  private refresh(stale: AuthSession): Promise<AuthSession> {
    this.refreshing ??= this.locked(() => this.exchange(stale)).finally(() => { this.refreshing = undefined; });
    return this.refreshing;
  }

  private locked<T>(action: () => Promise<T>): Promise<T> {
    const { store } = this.options;
    return this.locks && store ? this.locks.request(`relay.refresh.${store.name}`, action) : action();
  }

  private async exchange(stale: AuthSession): Promise<AuthSession> {
    // Another tab may have done it while this one waited.
    const { session } = this;
    if (!session) throw new AuthError(401, 'Nobody is signed in.');
    if (session.accessToken !== stale.accessToken && this.isFresh(session)) return session;
    try {
      return this.keep(await this.send('refresh', { refreshToken: session.refreshToken }));
    } catch (error) {
      // No answer, or a server that has no time, says nothing about the session.
      if (error instanceof AuthError && error.status === 401) this.set(undefined);
      throw error;
    }
  }

  private keep(answer: Record<string, unknown>): AuthSession {
    const { accountId, sessionId, name, kind, accessToken, expiresIn, refreshToken } = answer as Record<string, string>;
    const session = { accountId, sessionId, name, kind, accessToken, refreshToken, accessUntil: this.now() + 1000 * Number(expiresIn) } as AuthSession;
    this.set(session);
    return session;
  }

  private set(session: AuthSession | undefined): void {
    this.own = session;
    this.options.store?.save(session);
    this.emitter.emit('session', session);
  }

  // ---- the server

  private async send(step: string, body?: object, token?: string): Promise<Record<string, unknown>> {
    const { body: text, problem } = await readAnswer(await send(this.fetch, new URL(path + step, this.options.url), { method: body ? 'POST' : 'GET', json: body, token }));
    if (problem) throw new AuthError(problem.status, problem.detail, problem.retryAfterMs);
    return text;
  }
}

/**
 * Keeps the session in a `Storage`, as JSON. In `localStorage` it outlives the browser and is shared by all tabs, and by every script that runs on the
 * page's origin: serve pages with a strict Content-Security-Policy. `sessionStorage` keeps it to the tab.
 * @param storage a browser that refuses it gets a session that lasts as long as the page.
 */
export function sessionIn(storage: () => Storage, name = 'relay.session'): SessionStore {
  let kept: AuthSession | undefined;
  let isRefused = false;
  const isSame = (other: Storage | null): boolean => {
    try {
      return other === storage();
    } catch {
      return false;
    }
  };
  return {
    name,
    load: () => {
      if (isRefused) return kept;
      try {
        const text = storage().getItem(name);
        return text === null ? undefined : parse(text);
      } catch {
        return kept;
      }
    },
    save: (session) => {
      kept = session;
      try {
        if (session) storage().setItem(name, JSON.stringify(session));
        else storage().removeItem(name);
      } catch {
        isRefused = true;
      }
    },
    watch: (changed) => {
      // A page hears of what others of its origin do to the storage, not of what it does itself; in Node nobody does.
      globalThis.addEventListener?.('storage', ({ key, storageArea }: StorageEvent) => {
        if ((key === name || key === null) && isSame(storageArea)) changed();
      });
    },
  };
}

/** What something else has left under the name is no session. */
function parse(text: string): AuthSession | undefined {
  try {
    const value = JSON.parse(text) as AuthSession | null;
    return typeof value?.accessToken === 'string' && typeof value.refreshToken === 'string' && typeof value.accessUntil === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
