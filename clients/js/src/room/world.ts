import type { Emitter } from '../emitter.js';
import { mergeValue, unpackPath, unpackValue } from '../values.js';
import type { Messages } from '../wire/layouts.js';
import type { Attribute, Member, RoomEvents, RoomObject, Target } from './types.js';

type PresenceEntry = Messages['Presence']['entries'][number];
type StateEntry = Messages['State']['entries'][number];

const persistent = 1, placed = 2, fixed = 4, locked = 8; // flags of an object, protocol-spec.md §11.1
const muted = 1, inLobby = 2; // standing, §6.4
const snapshot = 1, firstPart = 2, lastPart = 4; // flags of Presence, §6.4; State has the first and the last

/** Told when slots change hands, so that nobody's past is shown as another's. */
export interface SlotKeeper {
  drop(slot: number): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What a room holds, as Presence and State tell it: members, objects, attributes. One world for changes and snapshots; the entries of one frame
 * are applied at once, and told after.
 */
export class World {
  readonly members = new Map<number, Member>();
  readonly objects = new Map<number, RoomObject>();
  /** The members and objects that slots belong to. */
  readonly slots = new Map<number, { readonly member: Member } | { readonly object: RoomObject }>();
  /** Whether the first snapshot has come whole. */
  isWhole = false;
  /** Room sequence of the last reliable message; for taking the session up again. */
  sequence = 0;

  private readonly books = new Map<string, Map<string, Attribute>>();
  private readonly children = new Map<number, Set<number>>(); // of each object that has any
  private readonly votes = new Map<number, Set<string>>(); // keys of the books of members with regard to each object
  private news: (() => void)[] = [];
  private inSnapshot = true;

  constructor(private readonly emitter: Emitter<RoomEvents>, private readonly motion: SlotKeeper, private readonly whole: () => void) {}

  /** Attributes of a target, by key. The map goes on changing while the target lasts. */
  attributesOf(target: Target): ReadonlyMap<string, Attribute> {
    return this.book(keyOf(target));
  }

  presence(message: Messages['Presence']): void {
    this.sequence = message.sequence;
    if (message.flags & firstPart) this.clear();
    for (const entry of message.entries) this.applyMember(entry);
    if (message.flags & snapshot) this.part((message.flags & lastPart) !== 0);
    this.tell();
  }

  state(message: Messages['State']): void {
    this.sequence = message.sequence;
    for (const entry of message.entries) this.applyState(entry);
    if (message.flags & snapshot) this.part((message.flags & lastPart) !== 0);
    this.tell();
  }

  // ---- snapshots

  private clear(): void {
    this.members.clear();
    this.objects.clear();
    this.before = new Map(this.slots);
    this.slots.clear();
    this.books.clear();
    this.children.clear();
    this.votes.clear();
    this.inSnapshot = true;
  }

  private before = new Map<number, { readonly member: Member } | { readonly object: RoomObject }>();

  private part(isLast: boolean): void {
    this.news.length = 0;
    if (!isLast) return;
    this.inSnapshot = false;
    // Whoever has kept its slot keeps what was known of its motion.
    for (const [slot, entity] of this.before) if (!sameOwner(entity, this.slots.get(slot))) this.motion.drop(slot);
    this.before.clear();
    const isFirst = !this.isWhole;
    this.isWhole = true;
    if (isFirst) this.whole();
    else this.emitter.emit('reset', undefined);
  }

  private tell(): void {
    if (this.news.length === 0) return;
    const news = this.news;
    this.news = [];
    for (const one of news) one();
  }

  private later<K extends keyof RoomEvents>(name: K, event: RoomEvents[K]): void {
    if (!this.inSnapshot) this.news.push(() => this.emitter.emit(name, event));
  }

  // ---- members

  private applyMember(entry: PresenceEntry): void {
    const old = this.members.get(entry.member);
    if (entry.kind === 1) {
      if (!old) return;
      this.members.delete(old.id);
      this.freeSlot(old.slot);
      for (const key of [...this.books.keys()]) if (isOfMember(key, old.id)) this.books.delete(key);
      this.later('memberLeft', { member: old, reason: entry.reason! });
      return;
    }
    const standing = { role: entry.role!, muted: (entry.standing! & muted) !== 0, inLobby: (entry.standing! & inLobby) !== 0 };
    if (entry.kind === 2) {
      if (!old) return;
      const member = { ...old, ...standing };
      this.members.set(member.id, member);
      this.slots.set(member.slot, { member });
      this.later('memberChanged', member);
      return;
    }
    const member: Member = {
      id: entry.member, name: entry.name!, ...standing, slot: entry.slot!, generation: entry.generation!, attributes: this.book(`m${entry.member}`),
    };
    this.members.set(member.id, member);
    this.takeSlot(member.slot, { member });
    this.later('memberJoined', member);
  }

  private takeSlot(slot: number, entity: { readonly member: Member } | { readonly object: RoomObject }): void {
    if (!this.inSnapshot && !sameOwner(this.slots.get(slot), entity)) this.motion.drop(slot);
    this.slots.set(slot, entity);
  }

  private freeSlot(slot: number): void {
    if (slot < 0) return;
    this.slots.delete(slot);
    this.motion.drop(slot);
  }

  // ---- objects and attributes

  private applyState(entry: StateEntry): void {
    switch (entry.kind) {
      case 0: return this.applyObject(entry);
      case 1: return this.removeTree(entry.object!);
      default: return this.applyAttribute(entry);
    }
  }

  private applyObject(entry: StateEntry): void {
    const flags = entry.flags!;
    const object: RoomObject = {
      id: entry.object!, type: entry.type!, name: entry.name!, parent: entry.parent!, owner: entry.owner!, creator: entry.creator!,
      persistent: (flags & persistent) !== 0, placed: (flags & placed) !== 0, fixed: (flags & fixed) !== 0,
      lockHolder: flags & locked ? entry.lockHolder! : 0,
      slot: entry.slot ?? -1, generation: entry.generation ?? 0, awaitedParent: entry.awaitedParent,
      attributes: this.book(`o${entry.object!}`),
    };
    const before = this.objects.get(object.id);
    this.objects.set(object.id, object);
    if (before && before.parent !== object.parent) this.children.get(before.parent)?.delete(object.id);
    into(this.children, object.parent, object.id);
    if (before && before.slot !== object.slot) this.freeSlot(before.slot);
    if (object.slot >= 0) this.takeSlot(object.slot, { object });
    if (before) this.later('objectChanged', { object, before });
    else this.later('objectAdded', object);
  }

  private removeTree(id: number): void {
    const object = this.objects.get(id);
    if (!object) return;
    for (const child of [...this.children.get(id) ?? []]) this.removeTree(child);
    this.children.delete(id);
    this.children.get(object.parent)?.delete(id);
    this.objects.delete(id);
    this.freeSlot(object.slot);
    this.books.delete(`o${id}`);
    for (const key of this.votes.get(id) ?? []) this.books.delete(key);
    this.votes.delete(id);
    this.later('objectRemoved', object);
  }

  private applyAttribute(entry: StateEntry): void {
    const target = targetOf(entry);
    const book = this.book(keyOf(target));
    if (target.kind === 'memberObject') into(this.votes, target.object, keyOf(target));
    const key = entry.key!;
    const before = book.get(key);
    if (entry.kind === 4) {
      if (!before) return;
      book.delete(key);
      this.later('attributeRemoved', { target, attribute: before });
      return;
    }
    const isMerge = entry.kind === 3;
    const value = entry.value!.length === 0 && isMerge ? undefined : unpackValue(entry.value!);
    const attribute: Mutable<Attribute> = {
      key, version: entry.version!, author: entry.author!,
      value: isMerge ? mergeValue(before?.value, unpackPath(entry.path!), value) : value,
      terms: isMerge ? before?.terms ?? 0 : entry.terms!,
    };
    book.set(key, attribute);
    this.later('attributeChanged', { target, attribute, before });
  }

  private book(key: string): Map<string, Attribute> {
    let book = this.books.get(key);
    if (!book) this.books.set(key, (book = new Map()));
    return book;
  }
}

function targetOf(entry: StateEntry): Target {
  switch (entry.target) {
    case 0: return { kind: 'room' };
    case 1: return { kind: 'object', object: entry.object! };
    case 2: return { kind: 'member', member: entry.member! };
    default: return { kind: 'memberObject', object: entry.object!, member: entry.member! };
  }
}

// Books are kept by a text that names their target: "r", "o5", "m7", "o5m7".
function keyOf(target: Target): string {
  switch (target.kind) {
    case 'room': return 'r';
    case 'object': return `o${target.object}`;
    case 'member': return `m${target.member}`;
    case 'memberObject': return `o${target.object}m${target.member}`;
  }
}

const isOfMember = (key: string, member: number): boolean => key.endsWith(`m${member}`);

/** Adds to the set of a key. */
function into<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function sameOwner(
  a: { readonly member: Member } | { readonly object: RoomObject } | undefined,
  b: { readonly member: Member } | { readonly object: RoomObject } | undefined): boolean {
  if (!a || !b) return false;
  if ('member' in a) return 'member' in b && a.member.id === b.member.id && a.member.generation === b.member.generation;
  return 'object' in b && a.object.id === b.object.id && a.object.generation === b.object.generation;
}
