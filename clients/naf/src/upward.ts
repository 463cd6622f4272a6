import { CloseCode, RelayError, type Room, type RoomObject, type Terms } from '@relay/client';
import type { Downward } from './downward.js';
import { Key, type Entities, type Entity } from './entity.js';
import { isEqual, plain } from './equal.js';
import { naf, type SyncData } from './naf.js';
import { objectName } from './names.js';
import type { Pacer } from './pacer.js';
import { isInside } from './pose.js';

/** Does in the room what the page has done: makes, moves, changes, takes and removes objects. What the server refuses is taken back in the page. */
export class Upward {
  /** Set after construction: the two directions need each other. */
  downward!: Downward;

  constructor(
    private readonly room: Room, private readonly entities: Entities, private readonly pacer: Pacer, private readonly me: string) {}

  /** The page's messages `u` and `um`. @param isWhole `u`: it has all components, and may tell of a take. */
  update(data: SyncData, isWhole: boolean): void {
    // An entity whose owner is elsewhere is not one's own to tell of, even if one has made it: the room remembers it.
    if (data.owner !== this.me) return;
    const entity = this.entities.get(data.networkId);
    if (!entity) {
      if (isWhole) this.create(data);
      return;
    }
    const object = this.entities.objectOf(entity);
    if (!entity.asked && object && object.owner !== this.room.self) {
      if (isWhole) this.take(entity, object);
      else return;
    }
    entity.rest = { ...entity.rest, ...entity.schema.split(plain(data.components), entity.pose) };
    if (!entity.asked) this.push(entity);
  }

  /** The page has removed an entity of its own. */
  remove(networkId: string): void {
    const entity = this.entities.get(networkId);
    if (!entity) return;
    if (entity.asked) {
      entity.isGone = true;
    } else if (this.entities.isMine(entity)) {
      // At once, since the page may make another of that id.
      this.entities.delete(networkId);
      this.removeObject(entity);
    }
  }

  /** Somebody has left: what they made and one owns oneself goes too, if it is not persistent. */
  memberLeft(member: number): void {
    for (const entity of this.entities.values()) {
      const object = this.entities.objectOf(entity);
      if (object?.creator === member && object.owner === this.room.self && !entity.persistent && !entity.asked) this.removeObject(entity);
    }
  }

  /** The room has told how an object became, perhaps by what was asked for. It may be otherwise again already. */
  seen(entity: Entity, object: RoomObject): void {
    if (object.owner === this.room.self) this.isTold(entity);
  }

  /** The room was told anew. What it has held meanwhile is told by nothing any more: what was taken may be another's again. */
  toldAnew(entity: Entity): void {
    if (entity.asked === 'take') this.isTold(entity);
  }

  /** An owner has left, and the server has made one the heir. What is not persistent belongs to who made it. */
  inherited(entity: Entity, object: RoomObject): void {
    if (entity.persistent) return;
    if (object.creator === this.room.self) this.settle(entity);
    else if (this.room.members.has(object.creator)) this.ask(() => this.room.give(object.id, object.creator), entity);
    else this.removeObject(entity);
  }

  /** Removes what should have gone before one came. The page never has it. */
  clear(object: RoomObject): void {
    this.pace(() => this.dispose(object).catch((error: unknown) => {
      naf().log.warn(`${object.name} should have gone with who made it, and stays: ${String(error)}`);
    }));
  }

  // ---- asking the server

  private create(data: SyncData): void {
    const name = objectName(data.networkId);
    if (name === undefined) {
      naf().log.error(`The network id "${data.networkId}" is too long for a relay: at most 60 bytes, no control characters.`);
      return;
    }
    const entity = this.entities.addLocal(data);
    entity.rest = entity.schema.split(plain(data.components), entity.pose);
    this.make(entity, name);
  }

  private make(entity: Entity, name: string): void {
    this.pace(() => {
      if (entity.isGone) {
        this.entities.delete(entity.networkId);
        return;
      }
      const { position, rotation } = entity.pose;
      entity.sent = { ...entity.rest };
      this.room.createObject({
        type: entity.template, name, persistent: entity.persistent,
        ...(entity.parent === null ? {} : { parent: objectName(entity.parent) ?? 0 }),
        ...(entity.schema.isPlaced ? { place: { position, rotation } } : {}),
        attributes: [
          { key: Key.components, value: entity.sent, terms: this.terms(entity) },
          ...(entity.persistent ? [{ key: Key.persistent, value: true, terms: this.terms(entity) }] : []),
        ],
      }).then((object) => {
        entity.object = object;
        this.granted(entity);
      }, (error: unknown) => this.notCreated(entity, error));
    });
  }

  private notCreated(entity: Entity, error: unknown): void {
    if (error instanceof RelayError && error.code === CloseCode.NameTaken) {
      const object = this.room.objects.get(error.value);
      if (object && this.entities.isLeftOver(object)) {
        this.replace(entity, object);
      } else {
        // Several pages have it in their scenes, and another was first: then this one has that one's.
        entity.object = error.value;
        this.refused(entity);
      }
      return;
    }
    if (this.entities.get(entity.networkId) === entity) this.entities.delete(entity.networkId);
    this.report(entity, error);
  }

  /** The page has made again what is left over of its own. */
  private replace(entity: Entity, object: RoomObject): void {
    this.pace(() => this.dispose(object).then(() => {
      entity.isSeen = false; // what was seen is the old one
      this.make(entity, object.name);
    }, (error: unknown) => {
      entity.object = object.id;
      this.report(entity, error);
      this.refused(entity);
    }));
  }

  /** Only its owner may remove an object. Another page may have begun to, which serves as well. */
  private async dispose({ id, owner }: RoomObject): Promise<void> {
    try {
      if (owner !== this.room.self) await this.room.take(id, owner);
      await this.room.removeObject(id);
    } catch (error) {
      if (!(error instanceof RelayError) || ![CloseCode.Conflict, CloseCode.NotFound].includes(error.code as never)) throw error;
    }
  }

  private take(entity: Entity, object: RoomObject): void {
    entity.asked = 'take';
    // The page has it, at a place of its own: it waits for none.
    entity.isHeldBack = false;
    this.pace(() => {
      this.room.take(object.id, object.owner).then(
        () => this.granted(entity),
        (error: unknown) => {
          if (!(error instanceof RelayError) || ![CloseCode.Conflict, CloseCode.Locked].includes(error.code as never)) this.report(entity, error);
          this.refused(entity);
        });
    });
  }

  private isTold(entity: Entity): void {
    entity.isSeen = true;
    if (entity.isGranted) this.settled(entity);
  }

  private granted(entity: Entity): void {
    entity.isGranted = true;
    if (entity.isSeen) this.settled(entity);
  }

  /** What was asked has been granted and told. */
  private settled(entity: Entity): void {
    const wasTake = entity.asked === 'take';
    Object.assign(entity, { asked: undefined, isGranted: false, isSeen: false });
    if (!this.room.isOpen) return;
    // Somebody may have taken, or removed, it since.
    const object = this.entities.objectOf(entity);
    if (!object) {
      this.downward.forget(entity);
      return;
    }
    this.downward.showCreator(entity, object);
    if (!this.entities.isMine(entity)) this.downward.show(entity);
    else if (entity.isGone || this.isLeftBehind(entity, object)) this.removeObject(entity);
    else if (wasTake) this.taken(entity);
    else this.push(entity);
  }

  private taken(entity: Entity): void {
    entity.sent = {};
    this.push(entity);
    this.settle(entity);
  }

  private refused(entity: Entity): void {
    Object.assign(entity, { asked: undefined, isGranted: false, isSeen: false, isGone: false });
    if (!this.room.isOpen) return;
    const object = this.entities.objectOf(entity);
    if (object?.owner === this.room.self) this.inherited(entity, object); // while the owner was asked for it, who then left
    this.downward.show(entity);
  }

  /** Whether its maker has left, while it was being taken: then it should have gone too. */
  private isLeftBehind(entity: Entity, { creator }: RoomObject): boolean {
    return !entity.persistent && creator !== 0 && !this.room.members.has(creator);
  }

  private removeObject(entity: Entity): void {
    this.pace(() => {
      this.room.removeObject(entity.object).catch((error: unknown) => {
        if (error instanceof RelayError && error.code === CloseCode.NotFound) return; // with what it was under
        this.report(entity, error);
        if (this.room.isOpen) this.downward.restore(entity.object);
      });
    });
  }

  /** What somebody else owns than who made it must outlive its owner's stay, as in networked-aframe: it belongs to who made it. */
  private settle(entity: Entity): void {
    const object = this.entities.objectOf(entity);
    if (!object || entity.persistent || !this.entities.isMine(entity)) return;
    const persistent = object.creator !== this.room.self;
    if (object.persistent === persistent) return;
    // What is stored for that alone says so: see isLeftOver.
    const target = { kind: 'object', object: object.id } as const;
    if (persistent) this.ask(() => this.room.setAttribute(target, Key.persistent, false, { terms: { persistent } }), entity);
    this.ask(() => this.room.updateObject(object.id, { persistent }), entity);
  }

  // ---- sending values

  private push(entity: Entity): void {
    const { pose: { position, rotation }, object } = entity;
    if (this.entities.objectOf(entity)?.placed) this.room.moveObject(object, position, rotation);
    if (entity.isQueued || !this.isUnsent(entity)) return;
    entity.isQueued = true;
    this.pace(() => {
      entity.isQueued = false;
      if (!entity.asked && this.entities.isMine(entity)) this.flush(entity);
    });
  }

  private isUnsent(entity: Entity): boolean {
    return !isEqual(entity.rest, entity.sent) || this.isOutside(entity) !== this.hasExactPosition(entity) || this.isOutside(entity);
  }

  private flush(entity: Entity): void {
    const target = { kind: 'object', object: entity.object } as const;
    if (!isEqual(entity.rest, entity.sent)) {
      entity.sent = { ...entity.rest };
      this.report(entity, this.room.setAttribute(target, Key.components, entity.sent));
    }
    if (this.isOutside(entity)) this.report(entity, this.room.setAttribute(target, Key.position, [...entity.pose.position], { terms: this.terms(entity) }));
    else if (this.hasExactPosition(entity)) this.report(entity, this.room.deleteAttribute(target, Key.position));
  }

  /** What is persistent comes back as it was from where the room is stored. */
  private terms({ persistent }: Entity): Terms {
    return { persistent };
  }

  private isOutside(entity: Entity): boolean {
    return entity.schema.position !== undefined && !isInside(this.room.measures, entity.pose.position);
  }

  private hasExactPosition(entity: Entity): boolean {
    return this.entities.objectOf(entity)?.attributes.has(Key.position) === true;
  }

  // ---- the rest

  private pace(job: () => void): void {
    if (!this.pacer.push(() => { if (this.room.isOpen) job(); })) naf().log.error('The page asks for more than the server takes in a second: something was not sent.');
  }

  private ask(request: () => Promise<unknown>, entity: Entity): void {
    this.pace(() => this.report(entity, request()));
  }

  /** A failure nobody can mend is said in the console; what has gone meanwhile is none. */
  private report(entity: Entity, failure: unknown): void {
    if (failure instanceof Promise) {
      failure.catch((error: unknown) => this.report(entity, error));
      return;
    }
    if (!this.room.isOpen || (failure instanceof RelayError && failure.code === CloseCode.NotFound)) return;
    naf().log.warn(`Entity ${entity.networkId}: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}
