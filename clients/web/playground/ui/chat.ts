// What people say to each other.
import type { Room } from '@relay/client';
import { colourOf, cssColour } from '../scene/palette.ts';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';
import { icon } from './icons.ts';

const MAX_LINES = 200;
const TYPING_MS = 4000;
const MAX_LENGTH = 500;

export class Chat {
  readonly body: HTMLElement;
  private readonly lines = el('ol', { class: 'chat-lines', tabindex: '0', 'aria-label': 'Messages' });
  private readonly typing = el('p', { class: 'chat-typing' });
  private readonly input = el('input', { type: 'text', maxlength: String(MAX_LENGTH), placeholder: 'Say something', autocomplete: 'off', enterkeyhint: 'send', 'aria-label': 'Message' });
  private readonly typers = new Map<number, ReturnType<typeof setTimeout>>();
  private room: Room | undefined;
  private offs: (() => void)[] = [];
  private isTyping = false;

  /** `said` is told of each message, for the bubble above a head. */
  constructor(private readonly said: (member: number, text: string) => void) {
    this.lines.setAttribute('role', 'log');
    this.lines.setAttribute('aria-live', 'polite');
    const form = el('form', { class: 'chat-form', submit: (event) => this.send(event) },
      this.input, button('Send', () => form.requestSubmit(), { icon: icon('send'), shown: false, class: 'strong' }));
    this.input.addEventListener('input', () => this.tellTyping(this.input.value !== ''));
    this.input.addEventListener('blur', () => this.tellTyping(false));
    this.body = el('div', { class: 'chat' }, this.lines, this.typing, form);
    this.note('Messages appear here. Everybody in the room reads them.');
  }

  attach(room: Room | undefined): void {
    for (const off of this.offs.splice(0)) {
      off();
    }
    this.room = room;
    this.isTyping = false;
    this.input.disabled = room === undefined;
    if (room) {
      this.offs = [
        room.on('chat', ({ sender, text }) => this.hear(sender, text)),
        room.on('typing', ({ sender, typing }) => this.setTyping(sender, typing)),
        room.on('memberJoined', ({ name }) => this.note(`${name} came in.`)),
        room.on('memberLeft', ({ member: { id, name } }) => {
          this.setTyping(id, false);
          this.note(`${name} left.`);
        }),
      ];
    }
  }

  focus(): void {
    this.input.focus();
  }

  private send(event: Event): void {
    event.preventDefault();
    const text = this.input.value.trim();
    if (text && this.room) {
      this.room.chat(text);
      this.input.value = '';
      this.tellTyping(false);
    }
  }

  private hear(sender: number, text: string): void {
    const name = this.room?.members.get(sender)?.name ?? 'Somebody';
    const from = el('strong', {}, name);
    from.style.setProperty('--person', cssColour(colourOf(sender)));
    this.add(el('li', { class: sender === this.room?.self ? 'mine' : undefined }, from, ' ', el('span', {}, text)));
    this.setTyping(sender, false);
    this.said(sender, text);
  }

  private note(text: string): void {
    const last = this.lines.lastElementChild;
    // A hundred who come at once are one line.
    if (last?.classList.contains('note') && this.lines.childElementCount > 1) {
      last.textContent = text;
    } else {
      this.add(el('li', { class: 'note' }, text));
    }
  }

  private add(line: HTMLElement): void {
    const atEnd = this.lines.scrollTop + this.lines.clientHeight >= this.lines.scrollHeight - 24;
    this.lines.append(line);
    if (this.lines.childElementCount > MAX_LINES) {
      this.lines.firstElementChild!.remove();
    }
    if (atEnd) {
      this.lines.scrollTop = this.lines.scrollHeight;
    }
  }

  private tellTyping(isTyping: boolean): void {
    if (isTyping !== this.isTyping && this.room) {
      this.isTyping = isTyping;
      this.room.typing(isTyping);
    }
  }

  private setTyping(member: number, isTyping: boolean): void {
    clearTimeout(this.typers.get(member));
    this.typers.delete(member);
    if (isTyping && member !== this.room?.self) {
      this.typers.set(member, setTimeout(() => this.setTyping(member, false), TYPING_MS));
    }
    const names = [...this.typers.keys()].map((id) => this.room?.members.get(id)?.name ?? 'Somebody');
    say(this.typing, names.length === 0 ? '' : names.length < 3 ? `${names.join(' and ')} typing…` : 'Several people typing…');
  }
}
