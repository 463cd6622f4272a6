// The panels and the buttons that open them: beside the scene on a wide screen, one at a time from below on a narrow one.
import { el } from '../../shared/dom.ts';
import { button } from './button.ts';
import { icon, type IconName } from './icons.ts';

export interface PanelSpec {
  id: string;
  title: string;
  icon: IconName;
  /** KeyboardEvent.code of its shortcut, and how it is written. */
  key: [code: string, shown: string];
  /** Panels of one place exclude each other. */
  place: 'left' | 'right';
  body: HTMLElement;
  /** Told when it opens and closes, so that a closed one costs nothing. */
  toggled?: (isOpen: boolean) => void;
}

const NARROW = window.matchMedia('(max-width: 760px)');

export class Panel {
  readonly element: HTMLElement;
  readonly opener: HTMLButtonElement;
  isOpen = false;

  constructor(readonly spec: PanelSpec, private readonly siblings: Panel[]) {
    const { id, title, icon: picture, key: [, shown], body, place } = spec;
    const heading = `${id}-title`;
    this.element = el('section', { class: `panel panel-${place}`, id, 'aria-labelledby': heading, hidden: true },
      el('header', { class: 'panel-head' }, el('h2', { id: heading }, title),
        button(`Close ${title.toLowerCase()}`, () => this.close(), { icon: icon('close'), shown: false, class: 'quiet' })),
      body);
    this.opener = button(title, () => this.toggle(), { icon: icon(picture), class: 'opener', hint: `${title} (${shown})`, 'aria-keyshortcuts': shown });
    this.opener.setAttribute('aria-expanded', 'false');
    this.opener.setAttribute('aria-controls', id);
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        this.close();
      }
    });
    siblings.push(this);
  }

  toggle(): void {
    this.set(!this.isOpen);
  }

  open(): void {
    this.set(true);
  }

  close(): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.set(false);
    if (hadFocus) {
      this.opener.focus();
    }
  }

  private set(isOpen: boolean): void {
    if (isOpen === this.isOpen) {
      return;
    }
    this.isOpen = isOpen;
    this.element.hidden = !isOpen;
    this.opener.setAttribute('aria-expanded', String(isOpen));
    for (const other of this.siblings) {
      if (isOpen && other !== this && (NARROW.matches || other.spec.place === this.spec.place)) {
        other.set(false);
      }
    }
    this.spec.toggled?.(isOpen);
  }
}
