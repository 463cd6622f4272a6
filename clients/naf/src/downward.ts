import type { Room, RoomObject, Target } from '@relay/client';
import { Key, type Entities, type Entity } from './entity.js';
import { isEqual } from './equal.js';
import { naf, networked, type SyncData } from './naf.js';
import { networkIdOf } from './names.js';
import type { Position } from './pose.js';

/** An owner that is nobody in the room, as networked-aframe's examples write it: its pages take from it as from anybody. */
const nobody = 'scene';

/**
 * Tells networked-aframe what the room holds, in its own messages. What the server says always wins there: each change of owner comes with a
 * `lastOwnerTime` just above the one that the page has.
 */
export class Downward {
  private readonly ends: (() => void)[];
  private readonly position = new Float32Array(3);
  private readonly rotation = new Float32Array(4);

  /**
   * @param tell hands a message to networked-aframe.
   * @param upward is told what has become of what it asked for, and of objects that come to one unasked.
   */
  constructor(
    private readonly room: Room, private readonly entities: Entities, private readonly tell: (from: string, type: string, data: object) => void,
    private readonly upward: {
      seen(entity: Entity, object: RoomObject): void; toldAnew(entity: Entity): void; inherited(entity: Entity, object: RoomObject): void;
      clear(object: RoomObject): void;
    }) {
    this.ends = [
      room.on('objectAdded', (object) => this.added(object)),
      room.on('objectChanged', ({ object, before }) => this.changed(object, before)),
      room.on('objectRemoved', (object) => this.removed(object)),
      room.on('attributeChanged', ({ target, attribute: { key } }) => this.attributeChanged(target, key)),
      room.on('attributeRemoved', ({ target, attribute: { key } }) => this.attributeChanged(target, key)),
      room.on('reset', () => this.reconcile()),
      room.on('batch', () => this.moved()),
    ];
    document.body.addEventListener('entityCreated', this.created);
  }

  end(): void {
    for (const end of this.ends) end();
    document.body.removeEventListener('entityCreated', this.created);
  }

  /** Makes the page have what the room has: at the beginning, and when the room was told anew. */
  reconcile(): void {
    for (const entity of [...this.entities.values()]) if (entity.object !== 0 && !this.entities.objectOf(entity)) this.forget(entity);
    for (const object of this.room.objects.values()) this.added(object);
    for (const entity of [...this.entities.values()]) this.upward.toldAnew(entity);
    this.moved();
  }

  /** Tells all of an entity, and whose it is, whatever the page believes. */
  show(entity: Entity): void {
    const object = this.entities.objectOf(entity);
    if (!object) return;
    entity.isHeldBack = false;
    entity.rest = { ...componentsOf(object) };
    this.readPose(entity, object);
    this.showCreator(entity, object);
    this.tell(this.ownerOf(object), 'u', this.message(entity, object, { ...entity.rest, ...entity.schema.join(entity.pose) }, true));
  }

  /** Who made an entity that several pages have in their scenes is not told by any message of networked-aframe's. */
  showCreator({ networkId }: Entity, object: RoomObject): void {
    const creator = this.entities.nameOf(object.creator);
    const component = networked(networkId);
    if (component && component.data.creator !== creator) naf().entities.entities[networkId]!.setAttribute('networked', { creator });
  }

  /** Tells an object that the page has given up too early. */
  restore(object: number): void {
    const known = this.room.objects.get(object);
    if (known) this.added(known);
    this.moved();
  }

  /** Has the page forget an entity. */
  forget(entity: Entity): void {
    if (this.entities.get(entity.networkId) !== entity) return;
    this.entities.delete(entity.networkId);
    if (naf().entities.entities[entity.networkId]) this.tell('', 'r', { networkId: entity.networkId });
  }

  // ---- what the room tells

  private added(object: RoomObject): void {
    if (networkIdOf(object.name) === undefined) return;
    const known = this.entities.of(object);
    if ((!known || known.asked === 'create') && this.entities.isLeftOver(object)) {
      // Not to be shown: its maker's page may be about to make it again, as another object.
      if (!known && object.owner === 0) this.upward.clear(object);
      return;
    }
    const entity = known ?? this.entities.addRemote(object);
    entity.object = object.id;
    if (entity.asked) this.upward.seen(entity, object);
    else if (known || !entity.isHeldBack) this.show(entity);
  }

  private changed(object: RoomObject, before: RoomObject): void {
    const entity = this.entities.of(object);
    if (!entity || object.owner === before.owner) return;
    if (entity.asked) {
      this.upward.seen(entity, object);
      return;
    }
    if (object.owner === this.room.self) this.upward.inherited(entity, object);
    if (!entity.isHeldBack) this.show(entity);
  }

  private removed(object: RoomObject): void {
    const entity = this.entities.of(object);
    if (entity?.object === object.id) this.forget(entity);
  }

  private attributeChanged(target: Target, key: string): void {
    const object = target.kind === 'object' ? this.room.objects.get(target.object) : undefined;
    const entity = object && this.entities.of(object);
    if (!entity || entity.isHeldBack || !this.follows(entity, object)) return;
    if (key === Key.components) {
      const now = componentsOf(object);
      const changed = Object.fromEntries(Object.entries(now).filter(([index, value]) => !isEqual(value, entity.rest[index])));
      entity.rest = { ...now };
      if (Object.keys(changed).length > 0) this.tell(this.ownerOf(object), 'um', { d: [this.message(entity, object, changed, false)] });
    } else if (key === Key.position && this.readPose(entity, object)) {
      this.tell(this.ownerOf(object), 'um', { d: [this.message(entity, object, entity.schema.join(entity.pose), false)] });
    }
  }

  /** After a batch: everything that is elsewhere now, in one message, since networked-aframe interpolates by itself. */
  private moved(): void {
    const messages: SyncData[] = [];
    for (const entity of this.entities.values()) {
      const object = this.entities.objectOf(entity);
      if (!object || object.slot < 0 || entity.asked) continue;
      if (entity.isHeldBack) {
        if (this.room.motion.latest(object.slot, this.position, this.rotation)) this.show(entity);
      } else if (this.follows(entity, object) && this.readPose(entity, object)) {
        messages.push(this.message(entity, object, entity.schema.join(entity.pose), false));
      }
    }
    if (messages.length > 0) this.tell('', 'um', { d: messages });
  }

  // ---- what the page does

  /** networked-aframe has made an entity of its own, or finished one of ours: whatever it missed meanwhile is told again. */
  private readonly created = (event: Event): void => {
    const { el } = (event as CustomEvent<{ el: { components: { networked: { data: { networkId: string } } } } }>).detail;
    const entity = this.entities.get(el.components.networked.data.networkId);
    if (entity && !entity.asked && !entity.isHeldBack) this.show(entity);
  };

  // ---- the rest

  /** Whether the page gets its values from the room. */
  private follows(entity: Entity, object: RoomObject): boolean {
    return !entity.asked && object.owner !== this.room.self;
  }

  /** @returns whether it is another pose than before. */
  private readPose(entity: Entity, object: RoomObject): boolean {
    const { pose } = entity;
    const exact = object.attributes.get(Key.position)?.value as Position | undefined;
    if (object.slot < 0 || !this.room.motion.latest(object.slot, this.position, this.rotation)) return false;
    let isNew = false;
    for (let i = 0; i < 3; i++) {
      const value = Number(exact?.[i] ?? this.position[i]);
      isNew ||= pose.position[i] !== value;
      pose.position[i] = value;
    }
    for (let i = 0; i < 4; i++) {
      isNew ||= pose.rotation[i] !== this.rotation[i];
      pose.rotation[i] = this.rotation[i]!;
    }
    return isNew;
  }

  private ownerOf(object: RoomObject): string {
    return this.entities.nameOf(object.owner) || nobody;
  }

  private message(entity: Entity, object: RoomObject, components: Record<string, unknown>, isFirstSync: boolean): SyncData {
    const { networkId, template, persistent, parent } = entity;
    const page = networked(networkId);
    const owner = this.ownerOf(object);
    const time = page?.lastOwnerTime ?? -1;
    return {
      networkId, owner, creator: this.entities.nameOf(object.creator), lastOwnerTime: page && page.data.owner !== owner ? above(time) : time,
      template, persistent, parent, components, isFirstSync,
    };
  }
}

const componentsOf = (object: RoomObject): Record<string, unknown> => {
  const value = object.attributes.get(Key.components)?.value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
};

/** Above a time in ms, and below any time that a clock will tell next. */
const above = (time: number): number => time + 0.001;
