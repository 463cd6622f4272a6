// Elements that the page has, and lists that keep their elements.

/** Finds an element that the page has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`The page has no #${id}.`);
  }
  return found as T;
}

/** An element of a list, and how it shows an item. */
export interface Row<T> { element: HTMLElement; show(item: T): void }

/** A list whose elements stay while their items do, so that focus, selection and what is open survive an update. */
export class Keyed<T> {
  private readonly rows = new Map<string | number, Row<T>>();

  constructor(
    private readonly parent: HTMLElement,
    private readonly keyOf: (item: T) => string | number,
    private readonly make: (item: T) => Row<T>) {}

  /** Shows the items in this order. */
  show(items: readonly T[]): void {
    const keys = new Set(items.map(this.keyOf));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.element.remove();
        this.rows.delete(key);
      }
    }
    let next = this.parent.firstElementChild;
    for (const item of items) {
      const key = this.keyOf(item);
      let row = this.rows.get(key);
      if (!row) {
        row = this.make(item);
        this.rows.set(key, row);
      }
      row.show(item);
      if (row.element === next) {
        next = next.nextElementSibling;
      } else {
        this.parent.insertBefore(row.element, next);
      }
    }
  }
}
