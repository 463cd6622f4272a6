// The last minute of a figure as a line.
const SAMPLES = 60;
const [WIDTH, HEIGHT] = [72, 20];

export class Sparkline {
  readonly element: SVGSVGElement;
  private readonly line: SVGPolylineElement;
  private readonly values: number[] = [];

  constructor() {
    this.element = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('aria-hidden', 'true');
    this.element.classList.add('spark');
    this.line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    this.element.append(this.line);
  }

  add(value: number): void {
    this.values.push(value);
    if (this.values.length > SAMPLES) {
      this.values.shift();
    }
    const highest = Math.max(...this.values, 1e-9);
    const points = this.values.map((each, i) => {
      const x = WIDTH - (this.values.length - 1 - i) * (WIDTH / (SAMPLES - 1));
      return `${x.toFixed(1)},${(HEIGHT - 2 - (each / highest) * (HEIGHT - 4)).toFixed(1)}`;
    });
    this.line.setAttribute('points', points.join(' '));
  }
}
