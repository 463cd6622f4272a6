// The rooms: sortable, each with the line of its tick times. The order is renewed only while nobody is at the table.
import { Sparkline } from './chart.ts';
import { el, say } from '../shared/dom.ts';
import { byId, Keyed, type Row } from './dom.ts';
import { bytesPerSecond, count, micros, rate } from './format.ts';
import type { Room, Sample } from './model.ts';

interface Column {
  name: string;
  hint?: string;
  wide?: boolean;
  value: (room: Room) => number | string;
  text: (room: Room) => string;
}

const columns: readonly Column[] = [
  { name: 'Room', value: (room) => room.name, text: (room) => room.name },
  { name: 'Members', value: (room) => room.members, text: (room) => count(room.members) },
  { name: 'Tick p99', hint: 'The time within which 99 of 100 ticks were done in the last second', value: (room) => room.tick.p99,
    text: (room) => (room.ticksPerSecond > 0 ? micros(room.tick.p99) : 'idle') },
  { name: 'Tick max', hint: 'The longest tick of the last second', wide: true, value: (room) => room.tick.max,
    text: (room) => (room.ticksPerSecond > 0 ? micros(room.tick.max) : 'idle') },
  { name: 'Sent', value: (room) => room.bytesOutPerSecond, text: (room) => bytesPerSecond(room.bytesOutPerSecond), wide: true },
  { name: 'Slow', hint: 'Members who have not taken what they were last sent',
    value: (room) => room.slow, text: (room) => count(room.slow) },
  { name: 'Passed over', hint: 'Times per second that a slow member was passed over', wide: true, value: (room) => room.conflatedPerSecond,
    text: (room) => `${rate(room.conflatedPerSecond)} /s` },
  { name: 'Objects', wide: true, value: (room) => room.objects, text: (room) => count(room.objects) },
  { name: 'Late', hint: 'Ticks that came more than one interval late, since the room was opened', wide: true,
    value: (room) => room.lateTicks, text: (room) => count(room.lateTicks) },
];

export class RoomsTable {
  private readonly body = el('tbody');
  private readonly table: HTMLTableElement;
  private readonly untold = el('p', { class: 'hint' });
  private readonly list: Keyed<Room>;
  private readonly heads: HTMLElement[];
  private rooms: Room[] = [];
  private total = 0;
  private order: string[] = [];
  private sortedBy = 1;
  private descending = true;
  private filter = '';

  constructor(private readonly open: (room: string) => void) {
    this.heads = columns.map((column, i) => this.head(column, i));
    this.heads.splice(2, 0, el('th', { scope: 'col', class: 'spark-cell' }, el('span', { class: 'hidden' }, 'Tick time, last minute')));
    this.table = el('table', { class: 'rooms' }, el('thead', {}, el('tr', {}, ...this.heads)), this.body);
    byId('rooms').append(this.table, this.untold);
    this.list = new Keyed(this.body, (room) => room.epoch, (room) => this.row(room));
    const name = byId<HTMLInputElement>('find-name');
    name.addEventListener('input', () => {
      this.filter = name.value.trim().toLowerCase();
      this.draw();
    });
    byId('find').addEventListener('submit', (event) => {
      event.preventDefault();
      if (name.value.trim()) {
        this.open(name.value.trim());
      }
    });
    this.sort();
  }

  show(sample: Sample): void {
    this.rooms = sample.rooms;
    this.total = sample.server.rooms;
    if (!this.table.matches(':hover, :focus-within') || this.order.length === 0) {
      this.sort();
    }
    this.draw();
  }

  private head(column: Column, index: number): HTMLElement {
    const button = el('button', { type: 'button', ...column.hint ? { title: column.hint } : {} }, column.name);
    button.addEventListener('click', () => {
      // Figures begin with the largest, names with A.
      this.descending = this.sortedBy === index ? !this.descending : index !== 0;
      this.sortedBy = index;
      this.sort();
      this.draw();
    });
    return el('th', { scope: 'col', class: `${index === 0 ? '' : 'figure'} ${column.wide ? 'wide' : ''}` }, button);
  }

  private sort(): void {
    const { value } = columns[this.sortedBy] as Column;
    const sign = this.descending ? -1 : 1;
    const rooms = [...this.rooms].sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      return (left < right ? -sign : left > right ? sign : 0) || a.name.localeCompare(b.name);
    });
    this.order = rooms.map((room) => room.epoch);
    this.heads.filter((head) => !head.classList.contains('spark-cell')).forEach((head, i) =>
      head.setAttribute('aria-sort', i !== this.sortedBy ? 'none' : this.descending ? 'descending' : 'ascending'));
  }

  private draw(): void {
    const place = new Map(this.order.map((epoch, i) => [epoch, i]));
    const shown = this.rooms
      .filter((room) => room.name.toLowerCase().includes(this.filter))
      .sort((a, b) => (place.get(a.epoch) ?? Infinity) - (place.get(b.epoch) ?? Infinity));
    this.list.show(shown);
    const text = this.total === 0 ? 'No room is open: one opens when somebody joins it.'
      : this.filter && shown.length === 0
        ? `None of the ${this.rooms.length} largest rooms has “${this.filter}” in its name. Enter looks into the room of exactly that name.`
        : this.total > this.rooms.length ? `The ${this.rooms.length} largest of ${count(this.total)} rooms.` : '';
    say(this.untold, text);
    this.untold.hidden = text === '';
  }

  private row(room: Room): Row<Room> {
    const link = el('a', { href: `#room=${encodeURIComponent(room.name)}` });
    const spark = new Sparkline();
    const closed = el('span', { class: 'tag' }, 'closed');
    const cells = columns.map((column, i) => (i === 0
      ? el('th', { scope: 'row' }, link, closed)
      : el('td', { class: `figure ${column.wide ? 'wide' : ''}` })));
    let last: Room | undefined;
    const element = el('tr', {}, ...cells.slice(0, 2), el('td', { class: 'spark-cell' }, spark.element), ...cells.slice(2));
    return {
      element,
      show: (now) => {
        columns.forEach((column, i) => say(i === 0 ? link : cells[i] as HTMLElement, column.text(now)));
        closed.hidden = !now.closed;
        element.classList.toggle('warn', now.slow > 0);
        // A row is also drawn when the table is sorted; a reading counts once.
        if (now !== last) {
          spark.add(now.ticksPerSecond > 0 ? now.tick.p99 : 0);
          last = now;
        }
      },
    };
  }
}
