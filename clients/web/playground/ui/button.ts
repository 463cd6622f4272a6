import { el } from '../../shared/dom.ts';

/** A button with a picture; `label` is its name, shown or not. */
export function button(label: string, action: () => void, { icon: picture, shown = true, hint, ...rest }:
  { icon?: SVGElement; shown?: boolean; hint?: string; class?: string; 'aria-pressed'?: string; 'aria-keyshortcuts'?: string } = {}): HTMLButtonElement {
  return el('button', { type: 'button', click: action, 'aria-label': shown ? undefined : label, title: hint ?? (shown ? undefined : label), ...rest },
    picture, shown ? el('span', {}, label) : undefined);
}
