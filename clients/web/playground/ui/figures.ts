// The live figures: a table whose cells keep their places.
import { el, say } from '../../shared/dom.ts';
import { Sparkline } from './sparkline.ts';

export interface FigureSpec { key: string; group: string; label: string; unit: string; hint: string; digits?: number; line?: boolean }

export const FIGURES: readonly FigureSpec[] = [
  { key: 'members', group: 'Room', label: 'People', unit: '', hint: 'Members of the room, this page included' },
  { key: 'objects', group: 'Room', label: 'Things', unit: '', hint: 'Objects in the room' },
  { key: 'batches', group: 'Room', label: 'Batches', unit: '/s', hint: 'Transform batches received a second: one for each tick in which something moved', digits: 1, line: true },
  { key: 'skipped', group: 'Room', label: 'Ticks folded', unit: '', hint: 'Drops: ticks that this page was not told one by one, because the newer tick said it all' },
  { key: 'bytesIn', group: 'Network', label: 'Received', unit: 'kB/s', hint: 'Frames from the server', digits: 1, line: true },
  { key: 'bytesOut', group: 'Network', label: 'Sent', unit: 'kB/s', hint: 'Frames to the server', digits: 2, line: true },
  { key: 'latency', group: 'Network', label: 'Latency', unit: 'ms', hint: 'Round trip, by Ping and Pong', digits: 1, line: true },
  { key: 'behind', group: 'Network', label: 'Shown behind', unit: 'ms', hint: 'How far in the past others are shown, so that their motion is smooth', digits: 0 },
  { key: 'reconnects', group: 'Network', label: 'Reconnects', unit: '', hint: 'Times that the connection was made again' },
  { key: 'fps', group: 'This page', label: 'Frames', unit: '/s', hint: 'Pictures drawn a second', digits: 0, line: true },
  { key: 'motionMs', group: 'This page', label: 'Motion', unit: 'ms', hint: 'Interpolating everybody and moving the figures, for one picture', digits: 2, line: true },
  { key: 'tick', group: 'Server', label: 'Tick', unit: 'µs', hint: 'Time that the room’s ticks of the last second took: half of them less', digits: 0, line: true },
  { key: 'tickWorst', group: 'Server', label: 'Tick, p99', unit: 'µs', hint: 'The same: 99 in a hundred less', digits: 0 },
  { key: 'conflated', group: 'Server', label: 'Dropped', unit: '/s', hint: 'Batches that slow readers of the room were spared, because a newer one said it all', digits: 1, line: true },
  { key: 'allocated', group: 'Server', label: 'Allocated', unit: 'kB/s', hint: 'Memory that the server’s process allocates', digits: 1, line: true },
  { key: 'held', group: 'Server', label: 'Waiting', unit: 'kB', hint: 'Bytes that wait for receivers that do not read', digits: 1 },
  { key: 'connections', group: 'Server', label: 'Connections', unit: '', hint: 'Open connections, of all rooms' },
];

export type Reading = Partial<Record<string, number>>;

export class FiguresView {
  readonly body = el('div', { class: 'figures' });
  private readonly rows = new Map<string, { spec: FigureSpec; value: HTMLElement; line: Sparkline | undefined }>();

  constructor() {
    for (const group of new Set(FIGURES.map((spec) => spec.group))) {
      const rows = FIGURES.filter((spec) => spec.group === group).map((spec) => this.row(spec));
      this.body.append(el('table', {}, el('caption', {}, group), el('tbody', {}, ...rows)));
    }
    this.body.append(el('p', { class: 'hint' }, 'The server tells its own figures in development mode only.'));
  }

  /** What is not in `reading` is not known. */
  show(reading: Reading): void {
    for (const [key, { spec, value, line }] of this.rows) {
      const number = reading[key];
      const isKnown = number !== undefined && Number.isFinite(number);
      say(value, isKnown ? number.toFixed(spec.digits ?? 0) : '–');
      if (isKnown) {
        line?.add(number);
      }
    }
  }

  private row(spec: FigureSpec): HTMLElement {
    const value = el('td', { class: 'value', 'data-figure': spec.key }, '–');
    const line = spec.line ? new Sparkline() : undefined;
    this.rows.set(spec.key, { spec, value, line });
    return el('tr', { title: spec.hint }, el('th', { scope: 'row' }, spec.label), el('td', { class: 'line' }, line?.element), value,
      el('td', { class: 'unit' }, spec.unit));
  }
}
