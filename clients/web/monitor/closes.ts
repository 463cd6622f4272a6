// Why connections ended: each code with its meaning, and the last ends.
import { closeCodes } from '@relay/client/wire';
import { el, say } from '../shared/dom.ts';
import { byId, Keyed, type Row } from './dom.ts';
import { count, timeOfDay } from './format.ts';
import type { Close, RecentClose, Sample } from './model.ts';

const meanings = new Map(closeCodes.map(([code, , , meaning]) => [code, meaning.replaceAll('`', '')]));

/** A code and its finer reason in words. */
function inWords(code: number, cause: number): string {
  const meaning = meanings.get(cause || code) ?? 'a reason that this page does not know: it may be older than the server';
  return meaning.charAt(0).toUpperCase() + meaning.slice(1);
}

const nameOf = ({ name, cause, causeName }: Omit<Close, 'count'>): string => (cause ? `${name} · ${causeName}` : name);

export class Closes {
  private readonly none = el('p', { class: 'hint' }, 'None has ended yet.');
  private readonly counts: Keyed<Close>;
  private readonly recent: Keyed<RecentClose>;
  private readonly tables: HTMLElement[];

  constructor() {
    const [counts, recent] = [el('tbody'), el('tbody')];
    this.tables = [
      table('By reason, since the start', ['Code', 'Meaning', 'Count'], counts),
      table('The last ones', ['When', 'Who', 'Why'], recent),
    ];
    byId('closes').append(this.none, ...this.tables);
    this.counts = new Keyed(counts, (close) => `${close.code}/${close.cause}`, countRow);
    this.recent = new Keyed(recent, (close) => `${close.at}/${close.remote}/${close.code}`, recentRow);
  }

  show(sample: Sample): void {
    this.none.hidden = sample.closes.length > 0;
    this.tables.forEach((each) => { each.hidden = sample.closes.length === 0; });
    this.counts.show(sample.closes);
    const seen = new Set<string>();
    this.recent.show(sample.recentCloses.slice(0, 10).filter((close) => {
      const key = `${close.at}/${close.remote}/${close.code}`;
      return !seen.has(key) && seen.add(key);
    }));
  }
}

function table(caption: string, heads: readonly string[], body: HTMLElement): HTMLElement {
  return el('table', {}, el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col', class: head === 'Count' ? 'figure' : '' }, head)))), body);
}

function countRow(close: Close): Row<Close> {
  const number = el('td', { class: 'figure' });
  const code = close.cause || close.code;
  return {
    element: el('tr', {},
      el('th', { scope: 'row', class: 'code' }, String(code)),
      el('td', {}, inWords(close.code, close.cause), el('small', {}, nameOf(close))),
      number),
    show: (now) => say(number, count(now.count)),
  };
}

function recentRow(close: RecentClose): Row<RecentClose> {
  const who = close.who || 'nobody yet';
  const measured = close.limit || close.value ? ` (limit ${count(close.limit)}, value ${count(close.value)})` : '';
  return {
    element: el('tr', {},
      el('td', { class: 'when' }, timeOfDay(close.at)),
      el('td', {}, who, el('small', {}, `${close.remote || 'unknown'} · ${close.transport}`)),
      el('td', {}, (close.text || inWords(close.code, close.cause)) + measured, el('small', {}, `${close.code} ${nameOf(close)}`))),
    show: () => {},
  };
}
