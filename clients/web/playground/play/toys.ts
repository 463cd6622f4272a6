// The room's objects as things. Whoever carries or throws one works out where it is (`isMine`); the others are told.
import { FILE_ATTRIBUTE, isFileHash, type Room, type RoomObject } from '@relay/client';
import { thingColour } from '../scene/palette.ts';
import { shapeOf, type ShownFile, type Size, Thing } from '../scene/thing.ts';

/** The attribute that says what the file of an object is: a map of `type`, `name`, `variants` and `size`. */
export const MEDIA_ATTRIBUTE = 'media';
/** What belongs to a thing, and stays with it when it is pinned. */
export const KEPT_ATTRIBUTES = ['color', FILE_ATTRIBUTE, MEDIA_ATTRIBUTE];

const LARGEST = 2;
const LONGEST_NAME = 120;

export class Toys {
  private readonly things = new Map<number, Thing>();
  private room: Room | undefined;
  private offs: (() => void)[] = [];

  /** `isMine`: whether this page works out where a thing is. `ownerChanged`: somebody else has it now. */
  constructor(private readonly isMine: (id: number) => boolean, private readonly lost: (id: number) => void) {}

  get all(): Iterable<Thing> { return this.things.values(); }
  get count(): number { return this.things.size; }

  attach(room: Room | undefined): void {
    for (const off of this.offs.splice(0)) {
      off();
    }
    this.room = room;
    this.clear();
    if (room) {
      this.fill(room);
      this.offs = [
        room.on('objectAdded', (object) => this.add(object)),
        room.on('objectRemoved', (object) => {
          this.lost(object.id);
          this.things.delete(object.id);
        }),
        room.on('objectChanged', ({ object }) => {
          const thing = this.things.get(object.id);
          if (thing) {
            thing.isPinned = object.fixed;
          }
          if (object.owner !== room.self) {
            this.lost(object.id);
          }
        }),
        room.on('attributeChanged', ({ target, attribute }) => {
          const thing = target.kind === 'object' ? this.things.get(target.object) : undefined;
          if (thing && attribute.key === 'color') {
            thing.colour.copy(thingColour(attribute.value, thing.id));
          } else if (thing && (attribute.key === FILE_ATTRIBUTE || attribute.key === MEDIA_ATTRIBUTE)) {
            thing.file = fileOf(room.objects.get(thing.id)!);
          }
        }),
        room.on('attributeRemoved', ({ target, attribute }) => {
          const thing = target.kind === 'object' ? this.things.get(target.object) : undefined;
          if (thing && attribute.key === FILE_ATTRIBUTE) {
            thing.file = undefined;
          }
        }),
        room.on('reset', () => this.fill(room)),
      ];
    }
  }

  thing(id: number): Thing | undefined {
    return this.things.get(id);
  }

  object(id: number): RoomObject | undefined {
    return this.room?.objects.get(id);
  }

  step(): void {
    const { room } = this;
    if (!room) {
      return;
    }
    const { positions, rotations, scales, present, slots } = room.motion;
    for (const [id, thing] of this.things) {
      const slot = room.objects.get(id)?.slot ?? -1;
      const isKnown = slot >= 0 && slot < slots && present[slot] !== 0;
      if (this.isMine(id)) {
        thing.visible = true;
      } else if (isKnown) {
        thing.visible = true;
        thing.position.fromArray(positions, slot * 3);
        thing.rotation.fromArray(rotations, slot * 4);
        thing.scale = scales[slot] || 1;
      } else {
        thing.visible = false;
      }
    }
  }

  private add(object: RoomObject): void {
    if (object.placed) {
      const thing = new Thing(object.id, shapeOf(object.type), thingColour(object.attributes.get('color')?.value, object.id));
      thing.isPinned = object.fixed;
      thing.file = fileOf(object);
      this.things.set(object.id, thing);
    }
  }

  private fill(room: Room): void {
    for (const id of this.things.keys()) {
      if (!room.objects.has(id)) {
        this.lost(id);
        this.things.delete(id);
      }
    }
    for (const object of room.objects.values()) {
      const thing = this.things.get(object.id);
      if (!thing) {
        this.add(object);
      } else {
        thing.isPinned = object.fixed;
        thing.file = fileOf(object);
        if (object.owner !== room.self) {
          this.lost(object.id);
        }
      }
    }
  }

  private clear(): void {
    for (const id of this.things.keys()) {
      this.lost(id);
    }
    this.things.clear();
  }
}

/** The file that an object shows. What is said of it is somebody's word: it is looked at before it is believed. */
function fileOf({ attributes }: RoomObject): ShownFile | undefined {
  const hash = attributes.get(FILE_ATTRIBUTE)?.value;
  if (!isFileHash(hash)) {
    return undefined;
  }
  const media = (attributes.get(MEDIA_ATTRIBUTE)?.value ?? {}) as { type?: unknown; name?: unknown; variants?: unknown; size?: unknown };
  return {
    hash,
    type: typeof media.type === 'string' ? media.type : '',
    name: typeof media.name === 'string' ? media.name.slice(0, LONGEST_NAME) : '',
    variants: media.variants !== false,
    size: isSize(media.size) ? media.size : undefined,
  };
}

function isSize(value: unknown): value is Size {
  return Array.isArray(value) && value.length === 3 && value.every((metres) => typeof metres === 'number' && metres > 0 && metres <= LARGEST);
}
