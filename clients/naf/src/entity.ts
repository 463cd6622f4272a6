import type { Room, RoomObject } from '@relay/client';
import { naf, type SyncData } from './naf.js';
import { clientId, networkIdOf } from './names.js';
import { PoseSchema, type Pose } from './pose.js';

/** Attributes of an entity's object. */
export const Key = {
  /** All components that are no pose, by place in the schema. */
  components: 'components',
  /** True for what networked-aframe calls persistent; false for what is so in the room alone, while another than its creator owns it. */
  persistent: 'persistent',
  /** The exact position, while it is outside the room. */
  position: 'position',
} as const;

/** An entity and its object, while one is in the room. */
export interface Entity {
  readonly networkId: string;
  readonly template: string;
  readonly persistent: boolean;
  readonly schema: PoseSchema;
  /** Network id of the entity that it is under. */
  readonly parent: string | null;
  /** Its object; 0 while there is none. */
  object: number;
  /** What the server has been asked and has not answered; the page acts as if it had. */
  asked: 'create' | 'take' | undefined;
  /** The answer was yes. */
  isGranted: boolean;
  /** The room has told that it is so: before the answer or after it. */
  isSeen: boolean;
  /** The page has removed it meanwhile. */
  isGone: boolean;
  /** The page is not told before it is known where it is. Never while something is asked: then it is the page that tells. */
  isHeldBack: boolean;
  /** What waits for its turn to be sent. */
  isQueued: boolean;
  /** The pose that the page has, or has been told. */
  readonly pose: Pose;
  /** The other components, likewise. */
  rest: Record<string, unknown>;
  /** What of them the server has been told. */
  sent: Record<string, unknown>;
}

/** The entities of a room, by network id. */
export class Entities extends Map<string, Entity> {
  constructor(private readonly room: Room) {
    super();
  }

  /** The entity of an object; undefined for objects that are not networked-aframe's, or are not known yet. */
  of(object: RoomObject): Entity | undefined {
    const networkId = networkIdOf(object.name);
    return networkId === undefined ? undefined : this.get(networkId);
  }

  /** The object as the server has told it. */
  objectOf({ object }: Entity): RoomObject | undefined {
    return this.room.objects.get(object);
  }

  /** Whether the server says that one owns it oneself. */
  isMine(entity: Entity): boolean {
    return this.objectOf(entity)?.owner === this.room.self;
  }

  /** Whether it should have gone with who made it, but nobody was there to remove it: all went at once, or the server did. */
  isLeftOver({ creator, attributes }: RoomObject): boolean {
    return !this.room.members.has(creator) && attributes.get(Key.persistent)?.value === false;
  }

  /** What networked-aframe calls the owner, or the creator, of an object; for one who has left, nothing. */
  nameOf(member: number): string {
    return this.room.members.has(member) ? clientId(member, this.room.epoch) : '';
  }

  /** An entity that the page has made. */
  addLocal(data: SyncData): Entity {
    return this.keep({ ...blank(data.networkId, data.template, data.persistent === true, data.parent ?? null), asked: 'create' });
  }

  /** An entity that the room has. */
  addRemote(object: RoomObject): Entity {
    const { attributes } = object;
    const parent = object.awaitedParent ?? this.room.objects.get(object.parent)?.name ?? '';
    const entity = blank(networkIdOf(object.name)!, object.type, attributes.get(Key.persistent)?.value === true, networkIdOf(parent) ?? null);
    return this.keep({ ...entity, object: object.id, isHeldBack: object.slot >= 0 });
  }

  private keep(entity: Entity): Entity {
    this.set(entity.networkId, entity);
    return entity;
  }
}

function blank(networkId: string, template: string, persistent: boolean, parent: string | null): Entity {
  return {
    networkId, template, persistent, parent, schema: new PoseSchema(naf().schemas.getComponents(template)), object: 0, asked: undefined,
    isGranted: false, isSeen: false, isGone: false, isHeldBack: false, isQueued: false, pose: { position: [0, 0, 0], rotation: [0, 0, 0, 1] }, rest: {}, sent: {},
  };
}
