// Short sentences that come and go. Read out by screen readers, in their turn.
import { el } from '../../shared/dom.ts';

const SHOWN_MS = 4500;
const MOST = 3;

export class Toasts {
  readonly element = el('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
  private last = '';
  private lastAt = -Infinity;

  show(sentence: string): void {
    const now = performance.now();
    if (sentence === this.last && now - this.lastAt < SHOWN_MS) {
      return;
    }
    this.last = sentence;
    this.lastAt = now;
    const toast = el('p', { class: 'toast' }, sentence);
    this.element.append(toast);
    while (this.element.childElementCount > MOST) {
      this.element.firstElementChild!.remove();
    }
    setTimeout(() => toast.remove(), SHOWN_MS);
  }
}
