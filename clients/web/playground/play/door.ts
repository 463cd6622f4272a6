// How one comes in: under any name where the server takes that, else with an account.
import { Auth, AuthError, type AuthSession, sessionIn, type SignInWays } from '@relay/client';
import { readName, roomName } from './settings.ts';

/** What the card may do. Each rejects with a sentence for a person. */
export interface SignInSteps {
  guest(name: string): Promise<void>;
  /** @returns the digits that the mail has too. */
  mail(address: string): Promise<string>;
  /** Goes away to the provider's page. */
  oidc(provider: string): void;
  wallet(): Promise<void>;
}

/** The part of EIP-1193 that is used. */
interface Ethereum {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

declare global {
  interface Window { ethereum?: Ethereum }
}

const ANONYMOUS: SignInWays = { anonymous: true, guest: false, mail: false, wallet: false, oidc: [] };
const RETURNED = '#relay_code=';

export class Door implements SignInSteps {
  // Kept in localStorage: one stays signed in, in all tabs. A script on this origin could read it; the page's policy lets in none but its own.
  readonly auth = new Auth({ url: location.href, store: sessionIn(() => localStorage) });
  // Files need an account. Who comes in by name alone gets a guest's, made for the first file and told of nowhere: one stays who one is in the room.
  private readonly porter = new Auth({ url: location.href, store: sessionIn(() => localStorage, 'relay.files') });
  private ways = ANONYMOUS;
  private waiting = 0;

  /** @param changed somebody is signed in, or, with undefined, nobody any more. */
  constructor(changed: (session: AuthSession | undefined) => void) {
    this.auth.on('session', changed);
  }

  /** Who one is by an account; undefined: by name alone, or nobody. */
  get account(): AuthSession | undefined {
    return this.ways.anonymous ? undefined : this.auth.session;
  }

  /** Whether one has to be somebody here. */
  get asksWho(): boolean {
    return !this.ways.anonymous;
  }

  /** Whether one can go in as one is. @returns else what the server offers, and what went wrong on the way back from a provider. */
  async look(): Promise<{ ways: SignInWays; problem: string } | undefined> {
    this.ways = await this.auth.ways().catch((error: unknown) => {
      // A server without accounts. One that does not answer says so when one goes in.
      if (error instanceof AuthError && error.status === 404) {
        return ANONYMOUS;
      }
      throw error;
    });
    const problem = await this.takeUp().then(() => '', (error: Error) => error.message);
    return this.ways.anonymous || this.auth.session ? undefined : { ways: this.ways, problem };
  }

  /** What one shows to come in. */
  credentials = (): string | Promise<string> => (this.ways.anonymous ? readName() : this.auth.connectTicket());

  /** What one shows to put files to the server. Rejects with {@link AuthError}. */
  fileToken = async (): Promise<string> => {
    if (!this.ways.anonymous) {
      return this.auth.accessToken();
    }
    if (!this.ways.guest) {
      throw new AuthError(403, 'This server takes files only from people who have an account.');
    }
    if (!this.porter.session) {
      await this.porter.signInAsGuest(readName());
    }
    return this.porter.accessToken();
  };

  /** The server does not know the guest's account any more. @returns whether to try again, as another. */
  async renewFileToken(): Promise<boolean> {
    await this.porter.signOut().catch(() => undefined);
    return this.ways.anonymous && this.ways.guest;
  }

  signOut(): Promise<void> {
    return this.auth.signOut();
  }

  async guest(name: string): Promise<void> {
    await plainly(this.auth.signInAsGuest(name));
  }

  async mail(address: string): Promise<string> {
    const { handle, mark } = await plainly(this.auth.ask('mail/start', { address }));
    void this.waitForMail(String(handle), ++this.waiting);
    return String(mark);
  }

  oidc(provider: string): void {
    const back = encodeURIComponent(`/?room=${encodeURIComponent(roomName())}`);
    location.assign(`/api/v1/auth/oidc/${encodeURIComponent(provider)}/start?returnTo=${back}`);
  }

  async wallet(): Promise<void> {
    const { ethereum } = window;
    if (!ethereum) {
      throw new Error('This browser has no wallet.');
    }
    try {
      const [address] = await ethereum.request({ method: 'eth_requestAccounts' }) as string[];
      const chainId = Number(await ethereum.request({ method: 'eth_chainId' }));
      const { message } = await this.auth.ask('wallet/challenge', { address, chainId });
      const hex = Array.from(new TextEncoder().encode(String(message)), (byte) => byte.toString(16).padStart(2, '0')).join('');
      const signature = await ethereum.request({ method: 'personal_sign', params: [`0x${hex}`, address] });
      await this.auth.signInBy('wallet/verify', { message, signature });
    } catch (error) {
      throw error instanceof AuthError ? new Error(error.detail) : new Error('The wallet did not sign.');
    }
  }

  /** The link may be opened on another device, in its own time: the server answers when it was, or that it was not yet. */
  private async waitForMail(handle: string, turn: number): Promise<void> {
    for (let failures = 0; turn === this.waiting && !this.auth.session && failures < 5;) {
      try {
        await this.auth.signInBy('mail/wait', { handle });
      } catch {
        failures++;
        await new Promise((resolve) => { setTimeout(resolve, 2000); });
      }
    }
  }

  /** Back from a provider: what stands behind the # is good once, and in this browser. */
  private async takeUp(): Promise<void> {
    if (!location.hash.startsWith(RETURNED)) {
      return;
    }
    const code = location.hash.slice(RETURNED.length);
    history.replaceState(null, '', location.pathname + location.search);
    await plainly(this.auth.signInBy('oidc/exchange', { code }));
  }
}

/** Errors as sentences. */
async function plainly<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw new Error(error instanceof AuthError ? error.detail : 'The server does not answer. Try again in a moment.');
  }
}
