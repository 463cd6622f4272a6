import { packPath, packValue } from '../values.js';
import { ClaimAction, ManageAction, SignalKind, type Messages } from '../wire/layouts.js';
import type { Measures } from '../wire/measures.js';
import { writeRecord } from '../wire/records.js';
import { packRotation } from '../wire/rotation.js';
import { Writer } from '../wire/writer.js';
import type { Access, Audience, Place, RoomObject, Target, Terms } from './types.js';

/** Frames that a client numbers and the server answers with Done or Error. */
export type Asked = 'CreateObject' | 'UpdateObject' | 'RemoveObject' | 'CloneObject' | 'Claim' | 'SetAttribute' | 'Manage';

/** What carries a room's messages to the server. */
export interface RoomRoad {
  /** Resolves with the value of Done. */
  ask<K extends Asked>(name: K, message: Omit<Messages[K], 'sequence'>): Promise<number>;
  /** Numbered, and answered only if it is refused. */
  tell(message: Omit<Messages['SendEvent'], 'sequence'>): void;
}

/** What a new object is to be. */
export interface ObjectSpec {
  /** The application's word for what it is; default empty. */
  readonly type?: string;
  /** No other object of the room may have it; default empty. */
  readonly name?: string;
  /** An object, or the name of one that may come later; default the root. */
  readonly parent?: number | string;
  /** Whether it outlives one's stay; needs Pin. Default false. */
  readonly persistent?: boolean;
  /** Whether nobody may take it. Default false. */
  readonly fixed?: boolean;
  /** Whether it can move. Default: whether `place` is given. */
  readonly placed?: boolean;
  /** Where it appears. */
  readonly place?: Place;
  readonly attributes?: readonly { readonly key: string; readonly value: unknown; readonly terms?: Terms }[];
}

/** Conditions of a change of an attribute. */
export interface AttributeOptions {
  /** The version that it must have; 0: it must not exist. Default: whatever it has. */
  readonly expected?: number;
  /** How it is to behave from now on. Default: as before; a new one is for everyone to read and its owner to write. */
  readonly terms?: Terms;
}

const set = 0, merge = 1, remove = 2, del = 3, withExpected = 4, withTerms = 8; // operations of SetAttribute, protocol-spec.md §11.4

/**
 * What one can do in a room. Promises resolve when the server has done what was asked, or reject with a {@link RelayError}: its code, limit and
 * value. What became of it comes to everybody as an event of the room, before the answer or after it: show that, not what was asked for.
 */
export abstract class RoomActions {
  private readonly writer = new Writer();

  /** @internal */
  protected constructor(private readonly road: RoomRoad, readonly measures: Measures) {}

  /** Objects by their ids. */
  abstract readonly objects: ReadonlyMap<number, RoomObject>;

  // ---- events

  /** Sends an event of the application with a MessagePack value. Refusals come by the client's `refused`. @param kind 1,024 and up. */
  send(kind: number, value: unknown, audience: Audience = 'others'): void {
    this.sendBytes(kind, packValue(value), audience);
  }

  /** Sends an event with bytes as they are, at most `maxEventPayload` of the session. */
  sendBytes(kind: number, payload: Uint8Array, audience: Audience = 'others'): void {
    this.road.tell({ ...audienceFields(audience), kind, payload });
  }

  /** Says something to everybody, oneself included. @param text 1 to 4,000 bytes of UTF-8. */
  chat(text: string, audience: Audience = 'all'): void {
    this.send(SignalKind.Chat, text, audience);
  }

  /** Tells the others whether one is writing something. */
  typing(isTyping: boolean): void {
    this.send(SignalKind.Typing, isTyping);
  }

  /** Offers a high five. */
  highFive(member: number, data: Record<string, unknown> | null = null): void {
    this.send(SignalKind.HighFive, data, { member });
  }

  /** Tells the others that one's hand is up, or down. */
  raiseHand(isRaised: boolean): void {
    this.send(SignalKind.HandRaised, isRaised);
  }

  // ---- objects

  /** Makes an object. @returns its id. */
  createObject(spec: ObjectSpec = {}): Promise<number> {
    const isPlaced = spec.placed ?? spec.place !== undefined;
    const byName = typeof spec.parent === 'string';
    return this.road.ask('CreateObject', {
      flags: (spec.persistent ? 1 : 0) | (isPlaced ? 2 : 0) | (spec.fixed ? 4 : 0) | (byName ? 16 : 0),
      ...(byName ? { parentName: spec.parent as string } : { parent: (spec.parent as number | undefined) ?? 0 }),
      type: spec.type ?? '', name: spec.name ?? '',
      attributes: (spec.attributes ?? []).map(({ key, value, terms }) => ({ ...termsFields(terms ?? {}), key, value: packValue(value) })),
      ...(isPlaced ? { place: spec.place ? this.packPlace(spec.place) : new Uint8Array(0) } : {}),
    });
  }

  /** Changes what an object is; what is left out stays. */
  async updateObject(id: number, changes: {
    readonly parent?: number; readonly type?: string; readonly name?: string; readonly persistent?: boolean; readonly fixed?: boolean;
  }): Promise<void> {
    const { parent, type, name, persistent, fixed } = changes;
    const old = this.objects.get(id);
    const hasFlags = persistent !== undefined || fixed !== undefined;
    await this.road.ask('UpdateObject', {
      object: id,
      fields: (parent === undefined ? 0 : 1) | (type === undefined ? 0 : 2) | (name === undefined ? 0 : 4) | (hasFlags ? 8 : 0),
      parent, type, name,
      flags: hasFlags ? (persistent ?? old?.persistent ? 1 : 0) | (fixed ?? old?.fixed ? 4 : 0) : undefined,
    });
  }

  /** Removes an object and all that is under it. */
  async removeObject(id: number): Promise<void> {
    await this.road.ask('RemoveObject', { object: id });
  }

  /** Copies an object and all that is under it. @returns the copy's id. */
  cloneObject(id: number, options: { readonly parent?: number; readonly name?: string } = {}): Promise<number> {
    return this.road.ask('CloneObject', { object: id, parent: options.parent ?? this.objects.get(id)?.parent ?? 0, name: options.name ?? '' });
  }

  // ---- ownership

  /** Takes an object from the owner that one believes it to have. Rejects with 4412 if somebody else was faster: `value` is who has it. */
  async take(id: number, expectedOwner = this.objects.get(id)?.owner ?? 0): Promise<void> {
    await this.claim(id, ClaimAction.Take, expectedOwner);
  }

  /** Gives an object away. */
  async give(id: number, member: number): Promise<void> {
    await this.claim(id, ClaimAction.Give, member);
  }

  /** Makes an object nobody's. */
  async release(id: number): Promise<void> {
    await this.claim(id, ClaimAction.Release, 0);
  }

  /** Locks an object. @param ms for how long; 0, the default: until it is unlocked, or one leaves. */
  async lock(id: number, ms = 0): Promise<void> {
    await this.claim(id, ClaimAction.Lock, ms);
  }

  /** Ends a lock. */
  async unlock(id: number): Promise<void> {
    await this.claim(id, ClaimAction.Unlock, 0);
  }

  private claim(object: number, action: number, argument: number): Promise<number> {
    return this.road.ask('Claim', { object, action, argument });
  }

  // ---- attributes

  /** Sets the whole value. @returns its version. */
  setAttribute(target: Target, key: string, value: unknown, options: AttributeOptions = {}): Promise<number> {
    return this.attribute(set, target, key, options, { value: packValue(value) });
  }

  /** Sets what is at a path inside the map that the attribute is. @returns the attribute's version. */
  mergeAttribute(target: Target, key: string, path: readonly string[], value: unknown, options: AttributeOptions = {}): Promise<number> {
    return this.attribute(merge, target, key, options, { path: packPath(path), value: packValue(value) });
  }

  /** Removes what is at a path. @returns the attribute's version. */
  removeFromAttribute(target: Target, key: string, path: readonly string[], options: AttributeOptions = {}): Promise<number> {
    return this.attribute(remove, target, key, options, { path: packPath(path) });
  }

  /** Deletes an attribute. */
  async deleteAttribute(target: Target, key: string, options: { readonly expected?: number } = {}): Promise<void> {
    await this.attribute(del, target, key, options, {});
  }

  private attribute(
    what: number, target: Target, key: string, options: AttributeOptions, rest: { path?: Uint8Array; value?: Uint8Array }): Promise<number> {
    const { expected, terms } = options;
    return this.road.ask('SetAttribute', {
      operation: what | (expected === undefined ? 0 : withExpected) | (terms === undefined ? 0 : withTerms),
      ...targetFields(target), expected, ...termsFields(terms ?? {}), key, ...rest,
    });
  }

  // ---- people

  /** Comes out of the lobby. */
  async enter(): Promise<void> {
    await this.manage(ManageAction.Enter, 0);
  }

  /** Has a member's events refused. */
  async mute(member: number): Promise<void> {
    await this.manage(ManageAction.Mute, member);
  }

  /** Ends that. */
  async unmute(member: number): Promise<void> {
    await this.manage(ManageAction.Unmute, member);
  }

  /** Takes a member out of the room. @param reason for the server's log. */
  async kick(member: number, reason = ''): Promise<void> {
    await this.manage(ManageAction.Kick, member, 0, reason);
  }

  /** Takes a member out of the room and keeps it out. @param minutes 0: for good. */
  async ban(member: number, minutes: number, reason = ''): Promise<void> {
    await this.manage(ManageAction.Ban, member, minutes, reason);
  }

  /** Ends a ban. @param whose `user:` and a user id, or `address:` and an address. */
  async unban(whose: string): Promise<void> {
    await this.manage(ManageAction.Unban, 0, 0, whose);
  }

  /** Neither gets events of the other, nor sees its avatar. */
  async block(member: number): Promise<void> {
    await this.manage(ManageAction.Block, member);
  }

  /** Ends one's own block. */
  async unblock(member: number): Promise<void> {
    await this.manage(ManageAction.Unblock, member);
  }

  /** Gives a member a role. @param role a place in the room's list. */
  async setRole(member: number, role: number): Promise<void> {
    await this.manage(ManageAction.SetRole, member, role);
  }

  /** Sends everybody out who may not close the room, and lets none of them in. */
  async closeRoom(reason = ''): Promise<void> {
    await this.manage(ManageAction.CloseRoom, 0, 0, reason);
  }

  /** Lets everybody in again. */
  async openRoom(): Promise<void> {
    await this.manage(ManageAction.OpenRoom, 0);
  }

  private manage(action: number, member: number, argument = 0, text = ''): Promise<number> {
    return this.road.ask('Manage', { action, member, argument, text });
  }

  private packPlace({ position, rotation, scale }: Place): Uint8Array {
    const { measures, writer } = this;
    const isScaled = scale !== undefined && scale !== 1;
    writer.clear();
    writeRecord(writer, measures, {
      extended: isScaled ? 1 : 0, age: 0, x: measures.quantise(position[0]!, 0), y: measures.quantise(position[1]!, 1), z: measures.quantise(position[2]!, 2),
      rotation: packRotation(rotation ?? [0, 0, 0, 1]),
    });
    if (isScaled) {
      writer.u8(4);
      writer.f32(scale);
    }
    return writer.copy();
  }
}

function audienceFields(audience: Audience): { audience: number; member?: number; roles?: number; radius?: number } {
  if (audience === 'others') return { audience: 0 };
  if (audience === 'all') return { audience: 1 };
  if ('member' in audience) return { audience: 2, member: audience.member };
  if ('roles' in audience) return { audience: 3, roles: mask(audience.roles) };
  if ('radius' in audience) return { audience: 4, radius: audience.radius };
  throw new TypeError('An audience is others, all, { member }, { roles } or { radius }.');
}

function targetFields(target: Target): { target: number; object?: number; member?: number } {
  switch (target.kind) {
    case 'room': return { target: 0 };
    case 'object': return { target: 1, object: target.object };
    case 'member': return { target: 2, member: target.member };
    case 'memberObject': return { target: 3, object: target.object, member: target.member };
    default: throw new TypeError(`The kind of a target is room, object, member or memberObject; it is ${(target as { kind?: unknown }).kind}.`);
  }
}

function termsFields(terms: Terms): { terms: number; readers: { access: number; argument?: number }; writers: { access: number; argument?: number } } {
  return {
    terms: (terms.ephemeral ? 1 : 0) | (terms.cloneable ? 2 : 0) | (terms.persistent ? 4 : 0),
    readers: accessFields(terms.readers ?? 'everyone'), writers: accessFields(terms.writers ?? 'owner'),
  };
}

function accessFields(access: Access): { access: number; argument?: number } {
  if (access === 'everyone') return { access: 0 };
  if (access === 'owner') return { access: 1 };
  return 'member' in access ? { access: 2, argument: access.member } : { access: 3, argument: mask(access.roles) };
}

const mask = (roles: readonly number[]): number => roles.reduce((bits, role) => bits + 2 ** role, 0);
