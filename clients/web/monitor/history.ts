/** The last values of some figures, the newest last; null where there was no connection. */
export class History {
  readonly values: (readonly number[] | null)[] = [];

  /** @param spans how many seconds are shown: the first that all values fit into, so that a new page does not begin with an empty line */
  constructor(private readonly spans: readonly number[]) {}

  /** How many seconds are shown now. */
  get span(): number {
    return this.spans.find((span) => this.values.length <= span + 1) ?? this.longest;
  }

  private get longest(): number {
    return this.spans.at(-1) ?? 0;
  }

  /** Begins anew with these values. */
  begin(values: readonly (readonly number[] | null)[]): void {
    this.values.splice(0, Infinity, ...values.slice(-this.longest - 1));
  }

  add(values: readonly number[] | null): void {
    this.values.push(values);
    if (this.values.length > this.longest + 1) {
      this.values.shift();
    }
  }

  /** The largest value there is. */
  get highest(): number {
    return this.values.reduce((highest, values) => Math.max(highest, ...values ?? []), 0);
  }

  /** A line through one of the figures as the path of an SVG: the newest value at the right edge. */
  path(figure: number, width: number, height: number, top: number): string {
    const step = width / this.span;
    let path = '';
    let isDown = false;
    this.values.forEach((values, i) => {
      const value = values?.[figure];
      if (value === undefined) {
        isDown = false;
        return;
      }
      const x = width - (this.values.length - 1 - i) * step;
      const y = height - (top > 0 ? value / top : 0) * height;
      path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      isDown = true;
    });
    return path;
  }
}

/** The next of 1, 2, 5, 10, … at or above a value: an axis that ends there does not tremble. */
export function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value) ?? 10 * power;
}
