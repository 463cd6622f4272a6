// The card before the room: who one is, in the ways that the server offers.
import type { SignInWays } from '@relay/client';
import { el, say } from '../../shared/dom.ts';
import type { SignInSteps } from '../play/door.ts';
import { button } from './button.ts';

export class SignInCard {
  readonly element: HTMLElement;
  private readonly body = el('div', { class: 'ways' });
  private readonly problem = el('p', { class: 'problem', role: 'alert' });

  constructor(private readonly steps: SignInSteps, private readonly name: () => string) {
    this.element = el('section', { class: 'ended sign-in', hidden: true, 'aria-labelledby': 'sign-in-title' },
      el('h2', { id: 'sign-in-title' }, 'Come in'), this.body, this.problem);
  }

  /** @param problem what went wrong before. */
  show(ways: SignInWays, problem: string): void {
    const others = [
      ...ways.oidc.map((provider) => button(`Sign in with ${provider}`, () => this.steps.oidc(provider))),
      ...(ways.wallet && window.ethereum ? [button('Sign in with a wallet', () => void this.step(() => this.steps.wallet()))] : []),
    ];
    this.body.replaceChildren(
      ...(ways.guest ? [this.guest()] : []),
      ...(ways.mail ? [this.mail()] : []),
      ...(others.length > 0 ? [el('div', { class: 'others' }, ...others)] : []),
      ...(ways.guest || ways.mail || others.length > 0 ? [] : [el('p', {}, 'This server takes nobody who signs in here: ask whoever runs it.')]));
    say(this.problem, problem);
    this.element.hidden = false;
    this.element.querySelector<HTMLElement>('input, button')?.focus({ preventScroll: true });
  }

  hide(): void {
    this.element.hidden = true;
  }

  private guest(): HTMLElement {
    const input = el('input', { type: 'text', maxlength: '24', required: true, autocomplete: 'nickname', id: 'guest-name' });
    input.value = this.name();
    return this.form(el('label', { for: 'guest-name' }, 'Your name'), input, 'Come in as a guest', 'strong', () => this.steps.guest(input.value.trim()));
  }

  private mail(): HTMLElement {
    const input = el('input', { type: 'email', maxlength: '254', required: true, autocomplete: 'email', placeholder: 'name@example.org', id: 'mail-address' });
    const sent = el('p', { class: 'hint', role: 'status' });
    const form = this.form(el('label', { for: 'mail-address' }, 'Or sign in by mail'), input, 'Send a link', '', async () => {
      const mark = await this.steps.mail(input.value.trim());
      say(sent, `If that address takes mail, a link is on its way. Its mail shows ${mark}: confirm it only then. This page goes on by itself.`);
    });
    form.append(sent);
    return form;
  }

  private form(label: HTMLElement, input: HTMLElement, action: string, kind: string, submit: () => Promise<void>): HTMLFormElement {
    return el('form', {
      submit: (event) => {
        event.preventDefault();
        void this.step(submit);
      },
    }, label, el('div', { class: 'row' }, input, el('button', { type: 'submit', class: kind }, action)));
  }

  /** One at a time: what is asked twice would come in twice. */
  private async step(action: () => Promise<void>): Promise<void> {
    const buttons = [...this.element.querySelectorAll('button')];
    say(this.problem, '');
    for (const each of buttons) {
      each.disabled = true;
    }
    try {
      await action();
    } catch (error) {
      say(this.problem, (error as Error).message);
    } finally {
      for (const each of buttons) {
        each.disabled = false;
      }
    }
  }
}
