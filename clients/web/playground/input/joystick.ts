// A stick for the left thumb, where there is no keyboard. Also a slider of sorts for nobody else: keys do the same, so it is hidden from
// assistive technology.
import { el } from '../../shared/dom.ts';

const REACH = 44;

export class Joystick {
  readonly element: HTMLElement;
  /** −1 to 1; forward is positive. */
  forward = 0;
  side = 0;
  private readonly knob = el('span', { class: 'stick-knob' });

  constructor() {
    this.element = el('div', { class: 'stick', 'aria-hidden': 'true' }, this.knob);
    let pointer = -1;
    this.element.addEventListener('pointerdown', (event) => {
      pointer = event.pointerId;
      this.element.setPointerCapture(pointer);
      this.follow(event);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (event.pointerId === pointer) {
        this.follow(event);
      }
    });
    for (const name of ['pointerup', 'pointercancel'] as const) {
      this.element.addEventListener(name, () => {
        pointer = -1;
        this.set(0, 0);
      });
    }
  }

  private follow(event: PointerEvent): void {
    const box = this.element.getBoundingClientRect();
    const [dx, dy] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
    const scale = Math.min(1, REACH / Math.max(1, Math.hypot(dx, dy)));
    this.set(dx * scale, dy * scale);
  }

  private set(x: number, y: number): void {
    this.side = x / REACH;
    this.forward = -y / REACH;
    this.knob.style.transform = `translate(${x}px, ${y}px)`;
  }
}
