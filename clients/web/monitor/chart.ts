// A live chart of the last two minutes: a few lines, a legend with the present values, and under the pointer those of a moment ago.
import { el, say } from '../shared/dom.ts';
import { History, niceTop } from './history.ts';

const SPANS = [30, 60, 120];
const [WIDTH, HEIGHT] = [600, 100];

export interface ChartOptions {
  title: string;
  /** What each line is; the first has its area filled. */
  lines: readonly string[];
  format: (value: number) => string;
}

export class Chart {
  readonly element: HTMLElement;
  private readonly history = new History(SPANS);
  private readonly plot: SVGSVGElement;
  private readonly paths: SVGPathElement[];
  private readonly area: SVGPathElement;
  private readonly cursor: SVGPathElement;
  private readonly top = el('span', { class: 'top' });
  private readonly moment = el('span', { class: 'moment' });
  private readonly figures: HTMLElement[];
  /** The moment under the pointer, in seconds before the newest; undefined for the present. */
  private pointed: number | undefined;

  constructor(private readonly options: ChartOptions) {
    this.plot = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
    this.area = svg('path', { class: 'area' });
    this.paths = options.lines.map((_, i) => svg('path', { class: `line line-${i}` }));
    this.cursor = svg('path', { class: 'cursor' });
    const grid = svg('path', { class: 'grid', d: [0, 0.5, 1].map((share) => `M0 ${share * HEIGHT}H${WIDTH}`).join('') });
    this.plot.append(grid, this.area, ...[...this.paths].reverse(), this.cursor);
    this.figures = options.lines.map(() => el('b'));
    this.element = el('figure', { class: 'chart' },
      el('figcaption', {}, el('span', { class: 'title' }, options.title), this.moment),
      el('div', { class: 'plot' }, this.top),
      el('ul', { class: 'legend' }, ...options.lines.map((line, i) => el('li', {},
        el('span', { class: `swatch swatch-${i}`, 'aria-hidden': 'true' }), el('span', {}, line), this.figures[i] as HTMLElement))));
    const frame = this.element.querySelector('.plot') as HTMLElement;
    frame.prepend(this.plot);
    frame.addEventListener('pointermove', (event) => {
      const box = frame.getBoundingClientRect();
      this.pointed = Math.round((1 - (event.clientX - box.left) / box.width) * this.history.span);
      this.tell();
    });
    frame.addEventListener('pointerleave', () => {
      this.pointed = undefined;
      this.tell();
    });
    this.draw();
  }

  /** Adds what was measured now; null for a gap. */
  add(values: readonly number[] | null): void {
    this.history.add(values);
    this.draw();
  }

  /** Shows something else, of which this is known. */
  begin(values: readonly (readonly number[] | null)[]): void {
    this.history.begin(values);
    this.draw();
  }

  private draw(): void {
    const top = niceTop(this.history.highest);
    say(this.top, this.options.format(top));
    this.paths.forEach((path, i) => path.setAttribute('d', this.history.path(i, WIDTH, HEIGHT, top)));
    // The area closes each unbroken stretch of the line down to the axis.
    const first = this.history.path(0, WIDTH, HEIGHT, top).split('M').filter(Boolean);
    this.area.setAttribute('d', first.map((stretch) => {
      const points = stretch.split('L');
      const [from, to] = [points[0], points.at(-1)].map((point) => point?.split(' ')[0]);
      return `M${stretch}L${to} ${HEIGHT}L${from} ${HEIGHT}Z`;
    }).join(''));
    this.tell();
  }

  private tell(): void {
    const { values } = this.history;
    const back = Math.min(Math.max(this.pointed ?? 0, 0), Math.max(values.length - 1, 0));
    const shown = values[values.length - 1 - back];
    this.figures.forEach((figure, i) => say(figure, shown ? this.options.format(shown[i] ?? 0) : '–'));
    const { span } = this.history;
    say(this.moment, this.pointed === undefined ? `last ${span} s` : `${back} s ago`);
    const x = WIDTH - back * (WIDTH / span);
    this.cursor.setAttribute('d', this.pointed === undefined ? '' : `M${x} 0V${HEIGHT}`);
    const summary = this.options.lines.map((line, i) => `${line} ${this.figures[i]?.textContent ?? ''}`).join(', ');
    this.plot.setAttribute('aria-label', `${this.options.title}: ${summary}`);
  }
}

/** A line without axes, for a row of a table. */
export class Sparkline {
  readonly element: SVGSVGElement;
  private readonly history = new History([30, 60]);
  private readonly line = svg('path', { class: 'line line-0' });

  constructor() {
    this.element = svg('svg', { viewBox: '0 0 60 20', preserveAspectRatio: 'none', class: 'spark', 'aria-hidden': 'true' });
    this.element.append(this.line);
  }

  add(value: number): void {
    this.history.add([value]);
    this.line.setAttribute('d', this.history.path(0, 60, 18, this.history.highest));
  }
}

function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}
