// What one can do, as buttons. They keep their places; what is not possible now is greyed out.
import { SHAPE_FACTS, SHAPES, type Shape } from '../scene/thing.ts';
import { el, say } from '../../shared/dom.ts';
import { button } from './button.ts';
import { icon, type IconName } from './icons.ts';

export interface Deeds { make(shape: Shape): void; addFile(): void; use(): void; throwIt(): void; pin(): void; remove(): void; highFive(): void; jump(): void }
export interface Possible { isIn: boolean; isCarrying: boolean; hasThing: boolean; isPinned: boolean; hasNeighbour: boolean }

export class Actions {
  readonly element = el('div', { class: 'actions', role: 'toolbar', 'aria-label': 'What you can do' });
  private readonly buttons: Record<'use' | 'throwIt' | 'pin' | 'remove' | 'highFive', HTMLButtonElement>;
  private readonly makers: HTMLButtonElement[];
  private before = '';

  constructor(deeds: Deeds) {
    const make = (label: string, picture: IconName, key: string, action: () => void, extra = ''): HTMLButtonElement => {
      const made = button(label, action, { icon: icon(picture), class: `action ${extra}`, hint: `${label} (${key})`, 'aria-keyshortcuts': key });
      made.append(el('kbd', { 'aria-hidden': 'true' }, key));
      return made;
    };
    this.makers = SHAPES.map((shape, index) => make(SHAPE_FACTS[shape].title, shape, String(index + 1), () => deeds.make(shape)));
    this.makers.push(make('Add a file', 'picture', 'U', () => deeds.addFile()));
    this.buttons = {
      use: make('Grab', 'hand', 'E', () => deeds.use()),
      throwIt: make('Throw', 'throw', 'F', () => deeds.throwIt()),
      pin: make('Pin', 'pin', 'P', () => deeds.pin()),
      remove: make('Remove', 'trash', 'X', () => deeds.remove()),
      highFive: make('High five', 'five', 'H', () => deeds.highFive()),
    };
    this.element.append(
      el('div', { class: 'group' }, ...this.makers),
      el('div', { class: 'group' }, this.buttons.use, this.buttons.throwIt, this.buttons.pin, this.buttons.remove),
      el('div', { class: 'group' }, this.buttons.highFive, make('Jump', 'jump', 'Space', () => deeds.jump(), 'touch-only')));
  }

  show(possible: Possible): void {
    const now = JSON.stringify(possible);
    if (now === this.before) {
      return;
    }
    this.before = now;
    const { isIn, isCarrying, hasThing, isPinned, hasNeighbour } = possible;
    const { use, throwIt, pin, remove, highFive } = this.buttons;
    for (const maker of this.makers) {
      enable(maker, isIn);
    }
    enable(use, isCarrying || (hasThing && !isPinned));
    enable(throwIt, isCarrying);
    enable(pin, isCarrying || hasThing);
    enable(remove, isCarrying || hasThing);
    enable(highFive, hasNeighbour);
    say(use.querySelector('span')!, isCarrying ? 'Drop' : 'Grab');
    say(pin.querySelector('span')!, isPinned && !isCarrying ? 'Unpin' : 'Pin');
  }
}

/** Not `disabled`: that would take the focus away from whoever is on the button. */
function enable(target: HTMLButtonElement, isPossible: boolean): void {
  target.setAttribute('aria-disabled', String(!isPossible));
}
