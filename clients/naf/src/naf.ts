// What of networked-aframe 0.14 the adapter meets. It ships no types.

/** One entity's state, as networked-aframe tells and wants to be told it: its messages `u` and, several in one, `um`. */
export interface SyncData {
  networkId: string;
  owner: string;
  creator: string;
  lastOwnerTime: number;
  template: string;
  persistent: boolean;
  /** Network id of the entity that it is under. */
  parent: string | null;
  /** By place in the template's schema; some or all. */
  components: Record<string, unknown>;
  isFirstSync: boolean;
}

/** A part of a template's schema: a component, perhaps of a child, perhaps only one property of it. */
export type ComponentSchema = string | { readonly selector?: string; readonly component: string; readonly property?: string };

/** The component `networked` of an element. */
export interface NetworkedComponent {
  readonly data: { readonly owner: string; readonly creator: string; readonly networkId: string; readonly persistent: boolean };
  lastOwnerTime: number | undefined;
  readonly onConnected: () => void;
}

/** An element with it. */
export interface NetworkedElement extends Element {
  readonly components: { readonly networked?: NetworkedComponent };
  setAttribute(name: string, value: unknown): void;
}

/** The global `NAF`. */
export interface Naf {
  clientId: string;
  readonly adapters: {
    readonly IS_CONNECTED: string;
    readonly NOT_CONNECTED: string;
    register(name: string, adapter: new () => object): void;
  };
  readonly schemas: { getComponents(template: string): readonly ComponentSchema[] };
  readonly entities: { readonly entities: Record<string, NetworkedElement | undefined> };
  readonly log: { write(...what: unknown[]): void; warn(...what: unknown[]): void; error(...what: unknown[]): void };
}

declare global {
  var NAF: Naf | undefined;
}

/** The global; there is one wherever an adapter is used. */
export const naf = (): Naf => globalThis.NAF!;

/** An entity's component `networked`, once networked-aframe has it. */
export const networked = (networkId: string): NetworkedComponent | undefined => naf().entities.entities[networkId]?.components?.networked;
