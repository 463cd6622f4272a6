// How the connection is: a pill that is always there, a notice while it comes back, and a card when it has ended.
import type { Status } from '../play/session.ts';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';

export class StatusView {
  readonly pill: HTMLElement;
  readonly notice = el('p', { class: 'notice', role: 'status', hidden: true });
  readonly card: HTMLElement;
  private readonly text = el('span', {}, 'Connecting');
  private readonly title = el('h2', { id: 'ended-title' });
  private readonly advice = el('p');
  private readonly code = el('p', { class: 'code' });
  private readonly again: HTMLButtonElement;
  private status: Status = { kind: 'connecting' };

  constructor(enter: () => void) {
    this.pill = el('p', { class: 'pill', role: 'status', 'data-state': 'connecting' }, el('span', { class: 'dot' }), this.text);
    this.again = button('Connect again', enter, { class: 'strong' });
    this.card = el('section', { class: 'ended', hidden: true, role: 'alertdialog', 'aria-labelledby': 'ended-title', tabindex: '-1' },
      this.title, this.advice, el('div', { class: 'row' }, this.again, this.code));
  }

  show(status: Status): void {
    this.status = status;
    this.pill.dataset['state'] = status.kind;
    this.card.hidden = status.kind !== 'ended';
    this.notice.hidden = status.kind !== 'reconnecting';
    if (status.kind === 'reconnecting') {
      say(this.notice, `${status.reason.title} ${status.reason.advice}`);
    }
    if (status.kind === 'ended') {
      say(this.title, status.title);
      say(this.advice, status.advice);
      say(this.code, `${status.code} ${status.codeName}`);
      this.again.focus({ preventScroll: true });
    }
    this.tick();
  }

  /** Once or twice a second: while it is reconnecting the seconds run down. */
  tick(): void {
    say(this.text, sentence(this.status));
  }
}

function sentence(status: Status): string {
  switch (status.kind) {
    case 'connecting': return 'Connecting';
    case 'open': return 'Connected';
    case 'outside':
    case 'ended': return 'Not connected';
    case 'reconnecting': {
      const seconds = Math.ceil((status.until - performance.now()) / 1000);
      return seconds > 1 ? `Trying again in ${seconds} s` : 'Trying again';
    }
  }
}
