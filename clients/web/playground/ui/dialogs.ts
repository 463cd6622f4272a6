// Help, and one's name.
import type { AuthSession } from '@relay/client';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';
import { icon } from './icons.ts';

const KEYS: [string, string][] = [
  ['W A S D, arrows', 'Walk; left and right arrow turn'],
  ['Shift, C', 'Run, walk slowly'],
  ['Space', 'Jump'],
  ['Drag', 'Look around'],
  ['Wheel, two fingers', 'Nearer, farther; nearest: through your own eyes'],
  ['1 2 3', 'Make a box, a ball, a gem'],
  ['U', 'Add a file, or drop it here: a picture or a GLB model is shown'],
  ['E, or click', 'Take a thing, put it down'],
  ['F', 'Throw it'],
  ['P', 'Pin it where it is: it stays when you leave. Again: loosen it'],
  ['X', 'Remove it'],
  ['H', 'High five, beside somebody'],
  ['Enter', 'Chat'],
  ['G I N', 'Figures, inspector, network'],
  ['L', 'Light, dark, as the system'],
  ['?', 'This list'],
];

export function helpDialog(): HTMLDialogElement {
  const dialog: HTMLDialogElement = el('dialog', { 'aria-labelledby': 'help-title' },
    el('header', { class: 'panel-head' }, el('h2', { id: 'help-title' }, 'How to get around'),
      button('Close help', () => dialog.close(), { icon: icon('close'), shown: false, class: 'quiet' })),
    el('dl', { class: 'keys' }, ...KEYS.map(([keys, does]) => el('div', {}, el('dt', {}, el('kbd', {}, keys)), el('dd', {}, does)))),
    el('p', { class: 'hint' }, 'Open this page in a second tab, or send its address to somebody: you meet in the same room. ',
      el('a', { href: '/hello' }, 'Say hello by hand'), ' shows the protocol from its first byte.'));
  return dialog;
}

/** `ask` shows it, with the name that one has. The dialog's own event of that comes later, when one may be writing already. */
export function nameDialog(current: () => string, keep: (name: string) => void): { dialog: HTMLDialogElement; ask: () => void } {
  const input = el('input', { type: 'text', maxlength: '24', required: true, autocomplete: 'nickname', 'aria-label': 'Your name' });
  const dialog: HTMLDialogElement = el('dialog', { 'aria-labelledby': 'name-title', class: 'small' },
    el('form', { method: 'dialog', submit: () => keep(input.value) },
      el('h2', { id: 'name-title' }, 'Your name'), input,
      el('p', { class: 'hint' }, 'A new name means coming in anew: things that you have not pinned go.'),
      el('div', { class: 'row' }, el('button', { type: 'submit', class: 'strong' }, 'Come in'), button('Cancel', () => dialog.close()))));
  const ask = (): void => {
    input.value = current();
    dialog.showModal();
  };
  return { dialog, ask };
}

/** Who one is signed in as, and the way out. */
export function accountDialog(account: () => AuthSession | undefined, signOut: () => void): { dialog: HTMLDialogElement; ask: () => void } {
  const [name, kind] = [el('p', { class: 'who' }), el('p', { class: 'hint' })];
  const dialog: HTMLDialogElement = el('dialog', { 'aria-labelledby': 'account-title', class: 'small' },
    el('form', { method: 'dialog' },
      el('h2', { id: 'account-title' }, 'You'), name, kind,
      el('div', { class: 'row' }, el('button', { type: 'submit', class: 'strong' }, 'Stay'),
        button('Sign out', () => {
          dialog.close();
          signOut();
        }))));
  const ask = (): void => {
    const who = account();
    say(name, who?.name ?? '');
    say(kind, who?.kind === 'guest'
      ? 'You are a guest: this browser alone knows you, and signing out is for good.' : 'You are signed in. This browser remembers it until you sign out.');
    dialog.showModal();
  };
  return { dialog, ask };
}
