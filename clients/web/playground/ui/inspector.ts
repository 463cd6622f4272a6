// The protocol inspector: frames as they pass; one of them with its bytes beside their meaning.
import { describe, FrameType, type Measures } from '@relay/client/wire';
import type { FrameLog, LoggedFrame } from '../net/frame-log.ts';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';
import { FrameDetail } from './frame-detail.ts';

const ROWS = 60;
const REDRAW_MS = 250;
const NAMES = new Map(Object.entries(FrameType).map(([name, type]) => [type as number, name]));

export class Inspector {
  readonly body: HTMLElement;
  private readonly list = el('div', { class: 'frames', role: 'group', 'aria-label': 'Frames, newest first', 'data-arrows': true });
  private readonly filters = el('div', { class: 'filters', role: 'group', 'aria-label': 'Types shown' });
  private readonly pause: HTMLButtonElement;
  private readonly rows: { row: HTMLButtonElement; cells: HTMLElement[]; frame: LoggedFrame | undefined }[] = [];
  private readonly chips = new Map<number, { chip: HTMLButtonElement; rate: HTMLElement }>();
  private readonly hidden = new Set<number>();
  private readonly detail = new FrameDetail();
  private timer: ReturnType<typeof setInterval> | undefined;
  private chosen = 0;
  private isPointed = false;

  constructor(private readonly log: FrameLog, private readonly measures: () => Measures | undefined) {
    this.pause = button('Pause', () => this.setPaused(!this.log.isPaused), { 'aria-pressed': 'false' });
    this.body = el('div', { class: 'inspector' },
      el('div', { class: 'row' }, this.pause, button('Clear', () => this.clear())),
      this.filters, this.list, this.detail.element);
    this.list.addEventListener('keydown', (event) => this.onKey(event));
    // Nothing moves away from under a pointer, or from whoever is in the list with the keyboard.
    this.list.addEventListener('pointerenter', () => { this.isPointed = true; });
    this.list.addEventListener('pointerleave', () => { this.isPointed = false; });
  }

  setOpen(isOpen: boolean): void {
    this.log.isOpen = isOpen;
    clearInterval(this.timer);
    if (isOpen) {
      this.timer = setInterval(() => this.draw(), REDRAW_MS);
      this.draw();
    } else {
      this.clear();
    }
  }

  private clear(): void {
    this.log.clear();
    this.fill([]);
    this.choose(undefined);
    this.setPaused(false);
  }

  private setPaused(isPaused: boolean): void {
    this.log.isPaused = isPaused;
    this.pause.setAttribute('aria-pressed', String(isPaused));
    say(this.pause.querySelector('span')!, isPaused ? 'Go on' : 'Pause');
  }

  private draw(): void {
    const isStill = this.isPointed || this.list.contains(document.activeElement);
    for (const { type, total, perSecond } of this.log.rates()) {
      // One more can take another line, and would push the list down.
      const chip = this.chips.get(type) ?? (isStill ? undefined : this.addChip(type));
      if (chip) {
        say(chip.rate, perSecond >= 0.1 ? `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s` : String(total));
      }
    }
    if (!isStill) {
      this.fill(this.log.newest(ROWS, (type) => !this.hidden.has(type)));
    }
    for (const { row, frame } of this.rows) {
      row.setAttribute('aria-pressed', String(frame?.number === this.chosen));
    }
  }

  private fill(frames: readonly LoggedFrame[]): void {
    for (let i = 0; i < ROWS; i++) {
      const frame = frames[i];
      const { row, cells: [direction, name, length, at] } = this.rows[i] ??= this.addRow(i);
      this.rows[i]!.frame = frame;
      row.hidden = !frame;
      if (frame) {
        row.dataset['direction'] = frame.direction;
        say(direction!, frame.direction === 'in' ? '←' : '→');
        say(name!, nameOf(frame.type));
        say(length!, `${frame.bytes.length} B`);
        say(at!, (frame.at / 1000).toFixed(2));
      }
    }
  }

  private addRow(index: number): { row: HTMLButtonElement; cells: HTMLElement[]; frame: LoggedFrame | undefined } {
    const cells = ['direction', 'name', 'length', 'at'].map((name) => el('span', { class: name }));
    const row = el('button', { type: 'button', class: 'frame', click: () => this.choose(this.rows[index]!.frame) }, ...cells);
    this.list.append(row);
    return { row, cells, frame: undefined };
  }

  private addChip(type: number): { chip: HTMLButtonElement; rate: HTMLElement } {
    const rate = el('span', { class: 'rate' });
    const chip = el('button', { type: 'button', class: 'chip', 'aria-pressed': 'true', click: () => {
      const isShown = this.hidden.delete(type) || (this.hidden.add(type), false);
      chip.setAttribute('aria-pressed', String(isShown));
      this.draw();
    } }, el('span', {}, nameOf(type)), rate);
    this.chips.set(type, { chip, rate });
    this.filters.append(chip);
    return { chip, rate };
  }

  /** To look at one frame the list stands still. */
  private choose(frame: LoggedFrame | undefined): void {
    this.chosen = frame?.number ?? 0;
    if (frame) {
      this.setPaused(true);
      this.detail.show(frame.bytes, describe(frame.bytes, this.measures()));
    } else {
      this.detail.clear();
    }
    this.draw();
  }

  private onKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const at = this.rows.findIndex(({ row }) => row === document.activeElement);
    const next = this.rows[at + step];
    if (step !== 0 && at >= 0 && next?.frame) {
      event.preventDefault();
      next.row.focus();
      this.choose(next.frame);
    }
  }
}

function nameOf(type: number): string {
  return NAMES.get(type) ?? `0x${type.toString(16).padStart(2, '0')}`;
}
