// Short sentences that come and go. Read out by screen readers, in their turn.
import { el } from '../../shared/dom.ts';
import type { Progress } from '../play/sharing.ts';
import { button } from './button.ts';

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
    const passing = this.element.querySelectorAll(':scope > p');
    for (const old of [...passing].slice(0, -MOST)) {
      old.remove();
    }
    setTimeout(() => toast.remove(), SHOWN_MS);
  }

  /** Stays until it is ended, with a button that gives it up. */
  progress(sentence: string, cancel: () => void): Progress {
    const bar = el('progress', { max: '1', 'aria-label': sentence });
    const toast = el('div', { class: 'toast' }, el('span', {}, sentence), bar, button('Cancel', cancel, { class: 'quiet' }));
    this.element.append(toast);
    return {
      show: (done) => {
        if (done === undefined) {
          bar.removeAttribute('value');
        } else {
          bar.value = done;
        }
      },
      end: () => {
        const hadFocus = toast.contains(document.activeElement);
        toast.remove();
        if (hadFocus) {
          document.querySelector<HTMLElement>('#scene')?.focus();
        }
      },
    };
  }
}
