import { el } from '../shared/dom.ts';

/** Asks before something that cannot be taken back. Escape, and the button that has the focus, mean no. */
export function confirm(title: string, text: string, deed: string): Promise<boolean> {
  const no = el('button', { type: 'submit', value: 'no', class: 'quiet' }, 'Cancel');
  const yes = el('button', { type: 'submit', value: 'yes', class: 'danger' }, deed);
  const dialog = el('dialog', { 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text' },
    el('form', { method: 'dialog' },
      el('h2', { id: 'confirm-title' }, title), el('p', { id: 'confirm-text' }, text), el('div', { class: 'deeds' }, no, yes)));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    dialog.showModal();
    no.focus();
  });
}
