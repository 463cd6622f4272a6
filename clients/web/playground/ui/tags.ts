// Names above heads, and what was just said. Elements, not pictures in the scene: sharp, in the page's own letters, and few at a time.
import { type PerspectiveCamera, Vector3 } from 'three';
import type { People } from '../play/people.ts';
import { colourOf, cssColour } from '../scene/palette.ts';
import { el, say } from '../../shared/dom.ts';

const MOST = 24;
const FARTHEST = 24;
const HEAD = 1.95;
const BUBBLE_MS = 6000;
const BUBBLE_LENGTH = 120;

interface Tag { element: HTMLElement; name: HTMLElement; bubble: HTMLElement }

export class Tags {
  readonly element = el('div', { class: 'tags', 'aria-hidden': 'true' });
  private readonly pool: Tag[] = [];
  private readonly bubbles = new Map<number, { text: string; until: number }>();
  private readonly at = new Vector3();
  private readonly near: { id: number; distance: number }[] = [];

  say(member: number, text: string): void {
    const shown = text.length > BUBBLE_LENGTH ? `${text.slice(0, BUBBLE_LENGTH)}…` : text;
    this.bubbles.set(member, { text: shown, until: performance.now() + BUBBLE_MS });
  }

  draw(people: People, self: number | undefined, camera: PerspectiveCamera, width: number, height: number): void {
    const { near } = this;
    near.length = 0;
    for (const id of people.members.keys()) {
      const figure = people.figureOf(id);
      const distance = figure?.visible ? figure.position.distanceTo(camera.position) : Infinity;
      if (distance < FARTHEST && (id !== self || this.bubbles.has(id))) {
        near.push({ id, distance });
      }
    }
    near.sort((a, b) => a.distance - b.distance);
    let used = 0;
    for (const { id, distance } of near) {
      if (used === MOST) {
        break;
      }
      this.at.copy(people.figureOf(id)!.position).setY(people.figureOf(id)!.position.y + HEAD).project(camera);
      if (this.at.z < 1 && Math.abs(this.at.x) < 1.1 && Math.abs(this.at.y) < 1.1) {
        this.place(used++, id, people.members.get(id)!.name, (this.at.x + 1) * width / 2, (1 - this.at.y) * height / 2, distance);
      }
    }
    for (let i = used; i < this.pool.length; i++) {
      this.pool[i]!.element.hidden = true;
    }
  }

  private place(index: number, id: number, name: string, x: number, y: number, distance: number): void {
    const tag = this.pool[index] ??= this.make();
    const scale = Math.min(1, Math.max(0.62, 7 / distance));
    tag.element.hidden = false;
    tag.element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -100%) scale(${scale.toFixed(2)})`;
    tag.element.style.zIndex = String(1000 - Math.round(distance * 10));
    tag.element.style.setProperty('--person', cssColour(colourOf(id)));
    say(tag.name, name);
    const bubble = this.bubbles.get(id);
    if (bubble && bubble.until < performance.now()) {
      this.bubbles.delete(id);
    }
    tag.bubble.hidden = !this.bubbles.has(id);
    say(tag.bubble, bubble?.text ?? '');
  }

  private make(): Tag {
    const [name, bubble] = [el('span', { class: 'tag-name' }), el('span', { class: 'tag-bubble' })];
    const element = el('div', { class: 'tag' }, bubble, name);
    this.element.append(element);
    return { element, name, bubble };
  }
}
