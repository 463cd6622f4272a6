import type { Room } from '@relay/client';
import { Downward } from './downward.js';
import { Entities } from './entity.js';
import { plain } from './equal.js';
import { naf, type SyncData } from './naf.js';
import { clientId, memberOf } from './names.js';
import { Pacer } from './pacer.js';
import { Upward } from './upward.js';

/** Kind of the events that carry an app's own data: [dataType, data]. */
const eventKind = 0x4e46;

const maxWaiting = 4096; // messages that wait for their turn: a page with thousands of entities makes them all at once
const unlimited = 1000; // messages a second where the server sets no limit

/** What the adapter does with what a stay tells. */
export interface Listeners {
  message(from: string, type: string, data: unknown): void;
  occupants(occupants: Record<string, boolean>): void;
}

/** One's stay in a room, from a join to the end of the session: everything that has member ids and object ids in it. */
export class Stay {
  /** What one is called oneself. */
  readonly me: string;

  private readonly pacer: Pacer;
  private readonly upward: Upward;
  private readonly downward: Downward;
  private readonly ends: (() => void)[];
  private early: (() => void)[] | undefined = [];

  /** @param framesPerSecond of the session; 0 for no limit. The client's own transforms take a third of it. */
  constructor(private readonly room: Room, framesPerSecond: number, private readonly listeners: Listeners) {
    const share = framesPerSecond > 0 ? framesPerSecond / 2 : unlimited;
    this.me = clientId(room.self, room.epoch);
    this.pacer = new Pacer(share, share, maxWaiting, () => performance.now());
    const entities = new Entities(room);
    this.upward = new Upward(room, entities, this.pacer, this.me);
    this.downward = new Downward(room, entities, (from, type, data) => this.tell(from, type, data), this.upward);
    this.upward.downward = this.downward;
    this.ends = [
      room.on('memberJoined', () => this.tellOccupants()),
      room.on('memberLeft', ({ member }) => {
        this.upward.memberLeft(member.id);
        this.tellOccupants();
      }),
      room.on('reset', () => this.tellOccupants()),
      room.on('message', ({ sender, kind, value }) => this.received(sender, kind, value)),
    ];
  }

  /** Begins to tell the page: it knows its client id now. */
  begin(): void {
    const { early } = this;
    this.early = undefined;
    this.tellOccupants();
    this.downward.reconcile();
    for (const one of early ?? []) one();
  }

  end(): void {
    for (const end of this.ends) end();
    this.downward.end();
    this.pacer.stop();
  }

  /** The page's message to everybody. @param isGuaranteed whether it waits for its turn, if there are many; otherwise it is dropped then. */
  broadcast(type: string, data: unknown, isGuaranteed: boolean): void {
    switch (type) {
      case 'u': return this.upward.update(data as SyncData, true);
      case 'um': return (data as { d: SyncData[] }).d.forEach((one) => this.upward.update(one, false));
      case 'r': return this.upward.remove((data as { networkId: string }).networkId);
      default: this.event(type, data, isGuaranteed, 'others');
    }
  }

  /** The page's message to one. What it would tell a newcomer of its entities is not sent: the room has told it already. */
  send(to: string, type: string, data: unknown, isGuaranteed: boolean): void {
    const member = memberOf(to, this.room.epoch);
    if (type !== 'u' && member !== undefined && this.room.members.has(member)) this.event(type, data, isGuaranteed, { member });
  }

  // ---- events of the app

  private event(type: string, data: unknown, isGuaranteed: boolean, audience: 'others' | { member: number }): void {
    const value = [type, plain(data)];
    const job = (): void => {
      if (this.room.isOpen) this.room.send(eventKind, value, audience);
    };
    if (!isGuaranteed) this.pacer.tryNow(job);
    else if (!this.pacer.push(job)) naf().log.error(`More messages than the server takes: one of type "${type}" was not sent.`);
  }

  private received(sender: number, kind: number, value: unknown): void {
    if (kind !== eventKind || !Array.isArray(value) || typeof value[0] !== 'string') return;
    const [type, data] = value as [string, unknown];
    // What networked-aframe uses itself comes from the room alone: nobody says in an event whose something is.
    if (['u', 'um', 'r'].includes(type)) return;
    this.tell(clientId(sender, this.room.epoch), type, data);
  }

  private tell(from: string, type: string, data: unknown): void {
    if (!this.early) this.listeners.message(from, type, data);
    else if (!['u', 'um', 'r'].includes(type)) this.early.push(() => this.listeners.message(from, type, data));
  }

  private tellOccupants(): void {
    if (this.early) return;
    const others = [...this.room.members.keys()].filter((member) => member !== this.room.self);
    this.listeners.occupants(Object.fromEntries(others.map((member) => [clientId(member, this.room.epoch), true])));
  }
}
