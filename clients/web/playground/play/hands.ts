// What one does with things: make, take, carry, throw, pin, remove. The server decides who has what; refusals are told.
import { FILE_ATTRIBUTE, RelayError, type Room } from '@relay/client';
import { Euler, Quaternion, Vector3 } from 'three';
import type { Walker } from '../input/walker.ts';
import { CARD } from '../scene/board.ts';
import { THINGS } from '../scene/palette.ts';
import type { Obstacle } from '../scene/plaza.ts';
import type { Shape, ShownFile, Thing } from '../scene/thing.ts';
import { Flight } from './flight.ts';
import { KEPT_ATTRIBUTES, MEDIA_ATTRIBUTE, Toys } from './toys.ts';

const REACH = 4.5;
const THROW_SPEED = 8;
const CARRY_DISTANCE = 1.05;
const STAND_DISTANCE = 1.9;
// The bit of an attribute's terms.
const PERSISTENT = 4;
// So far within the room's bounds, in metres.
const EDGE = 0.01;
const JUMP = { teleport: true };

export interface HandsListener {
  /** A sentence for the person: what was not possible, and why. */
  refused(sentence: string): void;
}

export class Hands {
  readonly toys = new Toys((id) => this.carried?.id === id || this.flights.has(id), (id) => this.letGo(id));
  /** What one has in one's hands. */
  carried: Thing | undefined;
  /** What one would take: the thing that is pointed at, or else the nearest in front. */
  aimed: Thing | undefined;
  /** What the pointer is on. */
  pointed: Thing | undefined;
  private readonly flights = new Map<number, Flight>();
  /** Made, but not told of yet: the answer may come before the news. */
  private readonly fresh = new Map<number, { place: number[]; turn: Quaternion; velocity: Vector3 }>();
  private readonly ahead = new Vector3();
  private readonly towards = new Vector3();
  private readonly carryTurn = new Quaternion();
  private readonly angles = new Euler(0, 0, 0, 'YXZ');
  private readonly sentPosition = [0, 0, 0];
  private readonly sentRotation = [0, 0, 0, 1];
  private room: Room | undefined;

  constructor(private readonly walker: Walker, private readonly obstacles: readonly Obstacle[], private readonly listener: HandsListener) {}

  /** Whether something is carried or still moves after it was let go. */
  get isBusy(): boolean { return this.carried !== undefined || this.flights.size > 0; }

  attach(room: Room | undefined): void {
    this.room = room;
    this.fresh.clear();
    this.toys.attach(room);
    this.aimed = this.pointed = undefined;
  }

  step(dt: number): void {
    const { room, walker, carried } = this;
    this.toys.step();
    if (!room) {
      return;
    }
    walker.forward(this.ahead);
    if (carried) {
      this.carry(carried);
      this.send(room, carried, false);
    }
    this.dropFresh();
    for (const [id, flight] of this.flights) {
      flight.advance(dt, this.toys.all, this.obstacles);
      this.send(room, flight.thing, flight.hasJumped);
      if (flight.isAtRest) {
        this.flights.delete(id);
      }
    }
    this.aim();
  }

  async make(shape: Shape): Promise<void> {
    const color = THINGS[Math.floor(Math.random() * THINGS.length)]!;
    const { position } = this.walker;
    const ahead = this.walker.forward(new Vector3());
    const place = [position.x + ahead.x * 1.6, 1.7, position.z + ahead.z * 1.6];
    await this.attempt(async (room) => {
      const id = await room.createObject({ type: shape, placed: true, place: { position: place }, attributes: [{ key: 'color', value: color }] });
      this.fresh.set(id, { place, turn: new Quaternion(), velocity: new Vector3(ahead.x * 0.8, 0.5, ahead.z * 0.8) });
    });
  }

  /** Stands a file before oneself, facing one. @param aside so many metres to the right. */
  async stand({ hash, ...media }: ShownFile, aside: number): Promise<boolean> {
    if (!this.room) {
      this.listener.refused('One has to be in the room to add something to it.');
      return false;
    }
    const [, height, depth] = media.size ?? CARD;
    const { position } = this.walker;
    const ahead = this.walker.forward(new Vector3()).setY(0).normalize();
    const away = STAND_DISTANCE + depth / 2;
    const place = [position.x + ahead.x * away - ahead.z * aside, position.y + height / 2 + 0.02, position.z + ahead.z * away + ahead.x * aside];
    const turn = this.facing(new Quaternion());
    return this.attempt(async (room) => {
      const id = await room.createObject({
        type: 'file', placed: true, place: { position: place, rotation: turn.toArray() },
        attributes: [{ key: FILE_ATTRIBUTE, value: hash }, { key: MEDIA_ATTRIBUTE, value: media }],
      });
      this.fresh.set(id, { place, turn, velocity: new Vector3() });
    });
  }

  /** Takes what is aimed at, or puts down what is carried. */
  async use(thing = this.aimed): Promise<void> {
    if (this.carried) {
      this.release(new Vector3());
    } else if (thing) {
      await this.take(thing);
    }
  }

  throwIt(): void {
    const { walker } = this;
    walker.forward(this.ahead);
    this.release(this.ahead.clone().multiplyScalar(THROW_SPEED).add(walker.velocity).add(new Vector3(0, 2.2, 0)));
  }

  /** Pins what is carried or aimed at where it is, or loosens it. */
  async pin(): Promise<void> {
    const thing = this.carried ?? this.aimed;
    if (thing) {
      await this.attempt(async (room) => {
        const isFixed = this.toys.object(thing.id)?.fixed ?? false;
        if (!isFixed) {
          await this.own(room, thing.id);
        }
        if (this.carried === thing) {
          this.carried = undefined;
          await room.unlock(thing.id);
        }
        this.flights.delete(thing.id);
        this.send(room, thing, false);
        if (!isFixed) {
          await this.keepAttributes(room, thing.id);
        }
        await room.updateObject(thing.id, { persistent: !isFixed, fixed: !isFixed });
        if (isFixed) {
          this.flights.set(thing.id, new Flight(thing, new Vector3()));
        }
      });
    }
  }

  async remove(): Promise<void> {
    const thing = this.carried ?? this.aimed;
    if (thing) {
      await this.attempt(async (room) => {
        await this.own(room, thing.id);
        await room.removeObject(thing.id);
      });
    }
  }

  /** What is stored of a pinned thing is what says that it is to be: its colour, and the file, which is kept for it. */
  private async keepAttributes(room: Room, id: number): Promise<void> {
    const attributes = room.objects.get(id)?.attributes;
    await Promise.all(KEPT_ATTRIBUTES.map((key) => attributes?.get(key)).map(async (attribute) => {
      if (attribute && (attribute.terms & PERSISTENT) === 0) {
        await room.setAttribute({ kind: 'object', object: id }, attribute.key, attribute.value, { terms: { persistent: true } });
      }
    }));
  }

  private dropFresh(): void {
    for (const [id, { place, turn, velocity }] of this.fresh) {
      const thing = this.toys.thing(id);
      if (thing) {
        this.fresh.delete(id);
        thing.position.fromArray(place);
        thing.rotation.copy(turn);
        this.flights.set(id, new Flight(thing, velocity));
      }
    }
  }

  private async take(thing: Thing): Promise<void> {
    await this.attempt(async (room) => {
      await this.own(room, thing.id);
      // Locked: as long as one holds it, nobody can take it out of one's hands.
      await room.lock(thing.id);
      if (!this.carried && room.objects.get(thing.id)?.owner === room.self) {
        this.flights.delete(thing.id);
        this.carried = thing;
      }
    });
  }

  private async own(room: Room, id: number): Promise<void> {
    if (room.objects.get(id)?.owner !== room.self) {
      await room.take(id);
    }
  }

  private release(velocity: Vector3): void {
    const { carried, room } = this;
    if (carried && room) {
      this.carried = undefined;
      this.flights.set(carried.id, new Flight(carried, velocity));
      room.unlock(carried.id).catch(() => undefined);
    }
  }

  /** It is gone, or somebody else has it. */
  private letGo(id: number): void {
    this.flights.delete(id);
    if (this.carried?.id === id) {
      this.carried = undefined;
    }
    if (this.pointed?.id === id) {
      this.pointed = undefined;
    }
  }

  private carry(thing: Thing): void {
    const { walker: { position }, ahead } = this;
    const flat = Math.hypot(ahead.x, ahead.z) || 1;
    const away = CARRY_DISTANCE + thing.front;
    thing.position.set(
      position.x + (ahead.x / flat) * away, position.y + Math.max(thing.rest + 0.05, 0.95 + ahead.y * 0.9), position.z + (ahead.z / flat) * away);
    thing.rotation.slerp(this.facing(this.carryTurn), 0.2);
  }

  /** Turned towards oneself. */
  private facing(turn: Quaternion): Quaternion {
    return turn.setFromEuler(this.angles.set(0, this.angles.setFromQuaternion(this.walker.look, 'YXZ').y, 0));
  }

  private send(room: Room, thing: Thing, teleport: boolean): void {
    const { min, max } = room.measures;
    thing.position.toArray(this.sentPosition);
    thing.rotation.toArray(this.sentRotation);
    for (let axis = 0; axis < 3; axis++) {
      this.sentPosition[axis] = Math.min(Math.max(this.sentPosition[axis]!, min[axis]!), max[axis]! - EDGE);
    }
    room.moveObject(thing.id, this.sentPosition, this.sentRotation, teleport ? JUMP : undefined);
  }

  private aim(): void {
    const before = this.aimed;
    this.aimed = this.carried ? undefined : this.pointed && this.reaches(this.pointed) ? this.pointed : this.nearestAhead();
    if (before !== this.aimed) {
      for (const thing of this.toys.all) {
        thing.isAimedAt = thing === this.aimed;
      }
    }
  }

  reaches(thing: Thing): boolean {
    return thing.visible && thing.position.distanceTo(this.walker.position) < REACH;
  }

  private nearestAhead(): Thing | undefined {
    let [best, score] = [undefined as Thing | undefined, Infinity];
    for (const thing of this.toys.all) {
      this.towards.subVectors(thing.position, this.walker.position).setY(0);
      const distance = this.towards.length();
      const facing = distance > 0 ? (this.towards.x * this.ahead.x + this.towards.z * this.ahead.z) / distance : 1;
      if (thing.visible && distance < REACH * 0.7 && facing > 0.35 && distance * (2 - facing) < score) {
        best = thing;
        score = distance * (2 - facing);
      }
    }
    return best;
  }

  /** @returns whether it was done. */
  private async attempt(deed: (room: Room) => Promise<void>): Promise<boolean> {
    const { room } = this;
    if (!room) {
      return false;
    }
    try {
      await deed(room);
      return true;
    } catch (error) {
      if (!(error instanceof RelayError)) {
        throw error;
      }
      this.listener.refused(this.sentence(room, error));
      return false;
    }
  }

  private sentence(room: Room, error: RelayError): string {
    const who = room.members.get(error.value)?.name ?? 'Somebody else';
    switch (error.codeName) {
      case 'locked': return `${who} is holding it.`;
      case 'conflict': return `${who} was quicker.`;
      case 'forbidden': return 'It is pinned by somebody else: only its owner may move it.';
      default: return `${error.reason.title} ${error.reason.advice}`;
    }
  }
}
