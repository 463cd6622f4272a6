import { Emitter } from '../emitter.js';
import { BatchDecoder } from '../motion/batch.js';
import { Motion } from '../motion/motion.js';
import { unpackValue } from '../values.js';
import { permissionNames, SignalKind, type Messages, type PermissionName } from '../wire/layouts.js';
import { Measures } from '../wire/measures.js';
import { RoomActions, type RoomRoad } from './actions.js';
import { Mover, type MoveOptions, type TransformRoad } from './mover.js';
import type { Attribute, Member, Place, RoomEvents, RoomObject, Target } from './types.js';
import { World } from './world.js';

const firstBatchMs = 1000;

/** One's stay in a room: who and what is there, where everything is, and what one can do. Made by `join`; over with it. */
export class Room extends RoomActions {
  readonly name: string;
  /** Names this life of the room. */
  readonly epoch: bigint;
  /** One's own member id. */
  readonly self: number;
  /** Where one's own avatar is in {@link motion}. */
  readonly slot: number;
  readonly generation: number;
  /** Members that fit. */
  readonly capacity: number;
  /** Objects that one may own. */
  readonly maxObjects: number;
  /** The roles of the room; a later one ranks higher. */
  readonly roles: readonly { readonly name: string; readonly permissions: number }[];
  /** Where everything is. */
  readonly motion: Motion;
  private begin: ((place: Place | undefined) => void) | undefined;
  /**
   * Where the server has put one's own avatar: a room that is stored puts users back where they were. Known with the first batch; undefined: nowhere
   * yet, which is also said after a second without a batch, since none comes where nothing has ever been anywhere. Whoever waits for it before the
   * first {@link move} starts there.
   */
  readonly firstPlace: Promise<Place | undefined> = new Promise((resolve) => { this.begin = resolve; });

  private readonly emitter = new Emitter<RoomEvents>();
  private readonly world: World;
  private readonly batches: BatchDecoder;
  private readonly mover: Mover;
  private isOver = false;
  private soon: ReturnType<typeof setTimeout> | undefined;

  /** @internal */
  constructor(
    joined: Messages['Joined'], road: RoomRoad & TransformRoad,
    context: { readonly framesPerSecond: number; readonly now: () => number; whole(room: Room): void }) {
    super(road, new Measures(joined));
    this.name = joined.room;
    this.epoch = joined.epoch;
    this.self = joined.member;
    this.slot = joined.slot;
    this.generation = joined.generation;
    this.capacity = joined.capacity;
    this.maxObjects = joined.maxObjects;
    this.roles = joined.roles;
    this.motion = new Motion(this.measures.tickMs, context.now);
    this.batches = new BatchDecoder(this.measures);
    this.mover = new Mover(this.measures, road, context.framesPerSecond, context.now);
    this.world = new World(this.emitter, this.motion, () => {
      this.soon = setTimeout(() => this.begun(undefined), firstBatchMs);
      context.whole(this);
    });
    // Where one put it last says nothing of where it is, once it has been another's.
    this.on('objectChanged', ({ object, before }) => { if (before.owner === this.self && object.owner !== this.self) this.mover.forget(before.slot); });
  }

  /** Whether one is still in it. */
  get isOpen(): boolean {
    return !this.isOver;
  }

  /** Everybody, oneself included, by id. */
  get members(): ReadonlyMap<number, Member> {
    return this.world.members;
  }

  override get objects(): ReadonlyMap<number, RoomObject> {
    return this.world.objects;
  }

  /** The room's own attributes. */
  get attributes(): ReadonlyMap<string, Attribute> {
    return this.world.attributesOf({ kind: 'room' });
  }

  /** Oneself. */
  get me(): Member {
    return this.world.members.get(this.self)!;
  }

  /** Attributes of anything, by key. The map goes on changing. */
  attributesOf(target: Target): ReadonlyMap<string, Attribute> {
    return this.world.attributesOf(target);
  }

  /** Whose slot it is. */
  entityOf(slot: number): { readonly member: Member } | { readonly object: RoomObject } | undefined {
    return this.world.slots.get(slot);
  }

  /** Whether one's role allows something, protocol-spec.md §11.6. */
  may(permission: PermissionName): boolean {
    const bit = permissionNames.indexOf(permission);
    return ((this.roles[this.me?.role ?? -1]?.permissions ?? 0) & (1 << bit)) !== 0;
  }

  /** Listens. @returns a function that ends it. */
  on<K extends keyof RoomEvents>(name: K, listener: (event: RoomEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  /**
   * Tells where one's avatar is. Call it as often as you like, for instance each frame: the newest pose is sent once per tick of the room, and
   * nothing while nothing changes. What lies outside the room is moved to its bounds.
   * @param position metres.
   * @param rotation quaternion x, y, z, w.
   */
  move(position: ArrayLike<number>, rotation: ArrayLike<number>, options?: MoveOptions): void {
    if (!this.isOver) this.mover.move(this.slot, this.generation, position, rotation, options);
  }

  /** The same for an object that one owns, or has locked. One without a place, or that has gone, is left alone. */
  moveObject(id: number, position: ArrayLike<number>, rotation: ArrayLike<number>, options?: MoveOptions): void {
    const object = this.world.objects.get(id);
    if (!this.isOver && object && object.slot >= 0) this.mover.move(object.slot, object.generation, position, rotation, options);
  }

  // ---- what comes in

  /** What to show when the session is taken up again, protocol-spec.md §5.8. @internal */
  get place(): { readonly epoch: bigint; readonly sequence: number; readonly cursor: number } {
    return { epoch: this.epoch, sequence: this.world.sequence, cursor: this.batches.version };
  }

  /** @internal */
  presence(message: Messages['Presence']): void {
    this.world.presence(message);
  }

  /** @internal */
  state(message: Messages['State']): void {
    this.world.state(message);
  }

  /** @internal */
  event({ sequence, sender, kind, audience, payload }: Messages['Event']): void {
    this.world.sequence = sequence;
    const { emitter } = this;
    emitter.emit('event', { sender, kind, audience, payload });
    const value = kind < SignalKind.Application || emitter.has('message') ? unpackValue(payload) : undefined;
    switch (kind) {
      case SignalKind.Chat: return emitter.emit('chat', { sender, text: String(value) });
      case SignalKind.Typing: return emitter.emit('typing', { sender, typing: value === true });
      case SignalKind.HighFive: return emitter.emit('highFive', { sender, data: value });
      case SignalKind.HandRaised: return emitter.emit('handRaised', { sender, raised: value === true });
      default: if (kind >= SignalKind.Application && value !== undefined) emitter.emit('message', { sender, kind, value });
    }
  }

  /** @internal */
  batch(bytes: Uint8Array, start: number, end: number): void {
    const { batches } = this;
    batches.decode(bytes, start, end, this.motion);
    if (this.begin) this.begun(this.motion.newest(this.slot));
    if (this.emitter.has('batch')) this.emitter.emit('batch', { version: batches.version, serverMillis: batches.serverMillis });
  }

  /** Whether the last batch was the full set. @internal */
  get lastBatchReset(): boolean {
    return this.batches.reset;
  }

  private begun(place: Place | undefined): void {
    clearTimeout(this.soon);
    this.begin?.(place);
    this.begin = undefined;
  }

  /** The session goes on over another connection. @internal */
  resumed(): void {
    this.mover.repeat();
  }

  /** @internal */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.mover.stop();
    this.begun(undefined);
    this.emitter.emit('ended', undefined);
  }
}
