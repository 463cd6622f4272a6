// One frame: its bytes on one side, what they mean on the other. Pointing at either shows the other.
import type { DescribedField, DescribedFrame } from '@relay/client/wire';
import { el } from '../../shared/dom.ts';

const MAX_BYTES = 512;
const MAX_FIELDS = 200;
const SHADES = 6;

export class FrameDetail {
  readonly element = el('div', { class: 'detail', hidden: true, tabindex: '0', role: 'group', 'aria-label': 'The chosen frame' });

  clear(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  show(bytes: Uint8Array, frame: DescribedFrame): void {
    const fields = frame.fields.slice(0, MAX_FIELDS);
    const owner = new Int32Array(Math.min(bytes.length, MAX_BYTES)).fill(-1);
    fields.forEach(({ offset, length }, index) => owner.fill(index, offset, offset + length));
    const cells = [...owner].map((field, at) => el('span', { 'data-field': String(field), 'data-shade': shade(field) }, bytes[at]!.toString(16).padStart(2, '0')));
    const rest = bytes.length - cells.length;
    const meanings = fields.map((field, index) => meaning(field, index));
    const left = frame.fields.length - fields.length;
    this.element.replaceChildren(
      el('h3', {}, `${frame.typeName}, ${frame.length} bytes`),
      el('div', { class: 'hex' }, ...cells, rest > 0 ? el('em', {}, `and ${rest} more`) : undefined),
      el('dl', { class: 'meanings' }, ...meanings, left > 0 ? el('div', {}, el('dt', {}, '…'), el('dd', {}, `${left} more fields`)) : undefined),
      frame.malformed ? el('p', { class: 'malformed' }, `Malformed: ${frame.malformed}`) : '');
    this.element.hidden = false;
    this.element.scrollTop = 0;
    this.element.onpointerover = this.element.onclick = ({ target }) => this.mark(target);
  }

  private mark(target: EventTarget | null): void {
    const field = target instanceof Element ? target.closest<HTMLElement>('[data-field]')?.dataset['field'] : undefined;
    for (const element of this.element.querySelectorAll<HTMLElement>('[data-field]')) {
      element.classList.toggle('marked', field !== undefined && field !== '-1' && element.dataset['field'] === field);
    }
  }
}

function meaning({ name, kind, text }: DescribedField, index: number): HTMLElement {
  return el('div', { 'data-field': String(index), 'data-shade': shade(index) }, el('dt', {}, name, ' ', el('small', {}, kind)), el('dd', {}, text));
}

function shade(field: number): string {
  return field < 0 ? '' : String(field % SHADES);
}
