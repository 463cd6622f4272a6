// A room's state: objects as a tree, attributes with their values as the server prints them.
import { el, say } from '../shared/dom.ts';
import { Keyed, type Row } from './dom.ts';
import { bytes, count, plural } from './format.ts';
import type { Attribute, RoomObject } from './model.ts';

type Names = ReadonlyMap<number, string>;

const whoIs = (member: number, names: Names): string =>
  (member === 0 ? 'the server' : names.has(member) ? `${names.get(member)} (${member})` : `member ${member}`);

/** The attributes of something, in a list that can be opened. */
export function attributeList(): { element: HTMLElement; show(attributes: readonly Attribute[], names?: Names): void } {
  const list = el('dl', { class: 'attributes' });
  const rows = new Keyed<Attribute & { names: Names }>(list, (attribute) => attribute.key, attributeRow);
  return {
    element: list,
    show: (attributes, names = new Map()) => {
      list.hidden = attributes.length === 0;
      rows.show(attributes.map((attribute) => ({ ...attribute, names })));
    },
  };
}

/** The room's own attributes, with a heading. */
export function attributeTable(title: string): { element: HTMLElement; show(attributes: readonly Attribute[], names: Names): void } {
  const list = attributeList();
  const none = el('p', { class: 'hint' }, 'None.');
  return {
    element: el('div', {}, el('h3', {}, title), none, list.element),
    show: (attributes, names) => {
      none.hidden = attributes.length > 0;
      list.show(attributes, names);
    },
  };
}

function attributeRow(attribute: Attribute): Row<Attribute & { names: Names }> {
  const [value, about] = [el('code'), el('small')];
  return {
    element: el('div', {}, el('dt', {}, attribute.key), el('dd', {}, value, about)),
    show: (now) => {
      say(value, now.value);
      const readers = now.readers === 'everyone' ? '' : ` · only ${now.readers} may see it`;
      const lasting = now.ephemeral ? ' · ephemeral' : '';
      say(about, `${bytes(now.bytes)} · version ${count(now.version)} by ${whoIs(now.author, now.names)}${lasting}${readers}`);
    },
  };
}

/** The tree of objects. */
export class Objects {
  readonly element: HTMLElement;
  private readonly none = el('p', { class: 'hint' }, 'None.');
  private readonly untold = el('p', { class: 'hint' });
  private readonly roots: Keyed<RoomObject>;
  private byParent = new Map<number, RoomObject[]>();
  private names: Names = new Map();

  constructor() {
    const list = el('ul', { class: 'tree' });
    this.element = el('div', {}, el('h3', {}, 'Objects'), this.none, list, this.untold);
    this.roots = new Keyed(list, (object) => object.id, () => this.node());
  }

  show(objects: readonly RoomObject[], untold: number, names: Names): void {
    this.names = names;
    const known = new Set(objects.map((object) => object.id));
    this.byParent = new Map();
    for (const object of objects) {
      const parent = known.has(object.parent) ? object.parent : 0;
      this.byParent.set(parent, [...this.byParent.get(parent) ?? [], object]);
    }
    this.none.hidden = objects.length > 0;
    this.untold.hidden = untold === 0;
    say(this.untold, `and ${plural(untold, 'object')} more`);
    this.roots.show(this.byParent.get(0) ?? []);
  }

  private node(): Row<RoomObject> {
    const [name, type, about, under] = [el('b'), el('span', { class: 'tag' }), el('small'), el('ul', { class: 'tree' })];
    const own = attributeList();
    const ofMembers = el('div');
    const memberRows = new Keyed<{ member: number; attributes: Attribute[] }>(ofMembers, (each) => each.member, (each) => {
      const list = attributeList();
      return {
        element: el('div', {}, el('small', {}, `of ${whoIs(each.member, this.names)}`), list.element),
        show: (now) => list.show(now.attributes, this.names),
      };
    });
    const children = new Keyed<RoomObject>(under, (object) => object.id, () => this.node());
    const details = el('details', { open: '' }, el('summary', {}, name, type, about), own.element, ofMembers, under);
    return {
      element: el('li', {}, details),
      show: (object) => {
        say(name, object.name || `object ${object.id}`);
        say(type, object.type || 'no type');
        const parts = [
          `id ${object.id}`,
          object.owner === 0 ? 'owned by nobody' : `owned by ${whoIs(object.owner, this.names)}`,
          object.lockHolder !== 0 && `locked by ${whoIs(object.lockHolder, this.names)}`,
          object.persistent && 'persistent',
          object.fixed && 'fixed',
          object.place && `at ${object.place.join(', ')} m`,
        ];
        say(about, parts.filter(Boolean).join(' · '));
        own.show(object.attributes, this.names);
        memberRows.show(object.memberAttributes);
        children.show(this.byParent.get(object.id) ?? []);
      },
    };
  }
}
