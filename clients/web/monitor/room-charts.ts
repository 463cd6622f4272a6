// The charts of the room that is looked into. What every room did in the last two minutes is remembered, so that they begin with it.
import { Chart } from './chart.ts';
import { el } from '../shared/dom.ts';
import { bytesPerSecond, micros } from './format.ts';
import type { Room, Sample } from './model.ts';

const REMEMBERED = 121;

export class RoomCharts {
  readonly element: HTMLElement;
  private readonly charts: readonly (readonly [chart: Chart, read: (room: Room) => readonly number[]])[] = [
    [new Chart({ title: 'Tick time of this room', lines: ['p50', 'p99', 'max'], format: micros }),
      ({ tick, ticksPerSecond }) => (ticksPerSecond > 0 ? [tick.p50, tick.p99, tick.max] : [0, 0, 0])],
    [new Chart({ title: 'Sent to its members', lines: ['sent'], format: bytesPerSecond }), (room) => [room.bytesOutPerSecond]],
  ];
  private past = new Map<string, Room[]>();
  private epoch = '';

  constructor() {
    this.element = el('div', { class: 'charts' }, ...this.charts.map(([chart]) => chart.element));
  }

  /** Shows the room of this epoch. */
  open(epoch: string): void {
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      const past = this.past.get(epoch) ?? [];
      this.charts.forEach(([chart, read]) => chart.begin(past.map(read)));
    }
  }

  sample(sample: Sample): void {
    if (sample.seconds === 0) {
      return;
    }
    // Rooms that have ended, or are no longer among the largest, are forgotten.
    this.past = new Map(sample.rooms.map((room) => [room.epoch, [...this.past.get(room.epoch) ?? [], room].slice(-REMEMBERED)]));
    const room = this.past.get(this.epoch)?.at(-1);
    if (room) {
      this.charts.forEach(([chart, read]) => chart.add(read(room)));
    }
  }
}
