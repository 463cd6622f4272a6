// A look into one room, renewed while it is open: its members, its objects, its attributes.
import { attributeTable, Objects } from './room-state.ts';
import { confirm } from './confirm.ts';
import { el, say } from '../shared/dom.ts';
import { byId, Keyed } from './dom.ts';
import { bytes, bytesPerSecond, count, duration, micros, plural } from './format.ts';
import { memberRow } from './member-row.ts';
import { RoomCharts } from './room-charts.ts';
import type { Member, RoomLook, Sample } from './model.ts';
import { kick, look } from './server.ts';

const RENEW_MS = 2000;

export class RoomView {
  private readonly section = byId('room');
  private readonly title = el('h2', { id: 'room-title' });
  private readonly summary = el('p', { class: 'summary' });
  private readonly gone = el('p', { class: 'hint' });
  private readonly content = el('div', { class: 'room-content' });
  private readonly members: Keyed<Member>;
  private readonly charts = new RoomCharts();
  private readonly objects = new Objects();
  private readonly attributes = attributeTable('The room’s attributes');
  private name = '';
  private epoch = '';
  private timer = 0;

  constructor(private readonly notify: (text: string) => void, close: () => void) {
    const closing = el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close the room' }, 'Close');
    closing.addEventListener('click', close);
    const body = el('tbody');
    const heads = ['Member', 'Role', 'Connection', 'Behind', 'Held', ''];
    this.content.append(
      this.charts.element,
      el('table', { class: 'members' }, el('caption', {}, 'Members'),
        el('thead', {}, el('tr', {}, ...heads.map((head) => (head ? el('th', { scope: 'col' }, head)
          : el('th', { scope: 'col' }, el('span', { class: 'hidden' }, 'Kick')))))), body),
      el('div', { class: 'room-state' }, this.objects.element, this.attributes.element));
    this.section.append(el('div', { class: 'card-head' }, el('div', {}, this.title, this.summary), closing), this.gone, this.content);
    this.members = new Keyed(body, (member) => `${this.epoch}/${member.id}`, (member) => memberRow(member, () => void this.kick(member)));
  }

  /** Looks into a room; '' for none. */
  open(name: string): void {
    clearTimeout(this.timer);
    this.name = name;
    this.section.hidden = name === '';
    if (name) {
      say(this.title, name);
      say(this.summary, ' ');
      this.gone.hidden = true;
      this.content.hidden = true;
      this.section.focus({ preventScroll: true });
      this.section.scrollIntoView({ block: 'start' });
      void this.renew();
    }
  }

  /** Shows what a sample says of the room. */
  sample(sample: Sample): void {
    this.charts.sample(sample);
    const room = sample.rooms.find((each) => each.epoch === this.epoch && each.name === this.name);
    if (room && !this.content.hidden) {
      const tick = room.ticksPerSecond > 0 ? `ticks of ${micros(room.tick.p50)}, p99 ${micros(room.tick.p99)}` : 'idle';
      say(this.summary,
        `${plural(room.members, 'member')} of ${count(room.capacity)} · open for ${duration(room.ageSeconds)} · ${tick} · ` +
        `${bytesPerSecond(room.bytesOutPerSecond)} · ${plural(room.objects, 'object')}, ${bytes(room.stateBytes)} of attributes`);
    }
  }

  private async renew(): Promise<void> {
    const { name } = this;
    try {
      const room = await look(name);
      if (name === this.name) {
        this.show(room);
      }
    } catch (error) {
      // The stream says whether the server is gone; what it refuses is said here.
      say(this.gone, error instanceof Error ? error.message : String(error));
      this.gone.hidden = this.content.hidden === false;
    }
    if (name === this.name) {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.renew(), RENEW_MS);
    }
  }

  private show(room: RoomLook | undefined): void {
    this.content.hidden = room === undefined;
    this.gone.hidden = room !== undefined;
    if (!room) {
      say(this.summary, ' ');
      say(this.gone, 'There is no room of this name now: rooms end when the last member leaves. It is shown as soon as there is one.');
      return;
    }
    this.epoch = room.figures.epoch;
    this.charts.open(this.epoch);
    this.members.show(room.members);
    const names = new Map(room.members.map((member) => [member.id, member.name]));
    this.objects.show(room.objects, room.objectsUntold, names);
    this.attributes.show(room.attributes, names);
  }

  private async kick(member: Member): Promise<void> {
    const { name, epoch } = this;
    const sure = await confirm(`Take ${member.name || 'this member'} out?`,
      `Member ${member.id} leaves ${name} and is told so (4433, kicked). ` +
      'The connection stays, and nothing keeps them from coming back.', 'Take out');
    if (!sure) {
      return;
    }
    try {
      this.notify(await kick(name, epoch, member.id));
    } catch (error) {
      this.notify(error instanceof Error ? error.message : String(error));
    }
    void this.renew();
  }
}
