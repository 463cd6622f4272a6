// Who is in the room, as figures: the members' places come from the room's motion, one's own from one's own feet.
import type { Member, Room } from '@relay/client';
import type { Vector3 } from 'three';
import { Figure } from '../scene/figure.ts';
import { colourOf } from '../scene/palette.ts';
import type { Walker } from '../input/walker.ts';

export class People {
  private readonly figures = new Map<number, Figure>();
  private room: Room | undefined;
  private offs: (() => void)[] = [];

  constructor(private readonly walker: Walker) {}

  get all(): Iterable<Figure> { return this.figures.values(); }
  get members(): ReadonlyMap<number, Member> { return this.room?.members ?? new Map(); }

  attach(room: Room | undefined): void {
    for (const off of this.offs.splice(0)) {
      off();
    }
    this.room = room;
    this.figures.clear();
    if (room) {
      this.fill(room);
      this.offs = [
        room.on('memberJoined', (member) => this.figures.set(member.id, new Figure(colourOf(member.id)))),
        room.on('memberLeft', ({ member }) => this.figures.delete(member.id)),
        room.on('reset', () => this.fill(room)),
      ];
    }
  }

  figureOf(member: number): Figure | undefined {
    return this.figures.get(member);
  }

  /** `self` is shown where one walks; the others where they were told to be, a moment ago. */
  step(dt: number): void {
    const { room, walker } = this;
    if (!room) {
      return;
    }
    const { positions, rotations, present, slots } = room.motion;
    for (const [id, figure] of this.figures) {
      const slot = room.members.get(id)?.slot ?? -1;
      if (id === room.self) {
        figure.position.copy(walker.position);
        figure.look.copy(walker.look);
        figure.visible = walker.seesItself;
      } else {
        figure.visible = slot >= 0 && slot < slots && present[slot] !== 0;
        if (figure.visible) {
          figure.position.fromArray(positions, slot * 3);
          figure.look.fromArray(rotations, slot * 4);
        }
      }
      figure.step(dt);
    }
  }

  /** The member that is nearest to a place, within `reach` metres. */
  nearest(to: Vector3, reach: number): Member | undefined {
    let [best, distance] = [undefined as Member | undefined, reach];
    for (const [id, figure] of this.figures) {
      const away = figure.position.distanceTo(to);
      if (id !== this.room?.self && figure.visible && away < distance) {
        best = this.room?.members.get(id);
        distance = away;
      }
    }
    return best;
  }

  private fill(room: Room): void {
    const before = new Map(this.figures);
    this.figures.clear();
    for (const id of room.members.keys()) {
      this.figures.set(id, before.get(id) ?? new Figure(colourOf(id)));
    }
  }
}
