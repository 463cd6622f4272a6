/** Tells listeners of events, by name. A listener that throws is reported, and keeps nothing from the others. */
export class Emitter<Events> {
  private readonly listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** @returns a function that takes the listener off again. */
  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
    let those = this.listeners.get(name);
    if (!those) this.listeners.set(name, (those = new Set()));
    those.add(listener);
    return () => those.delete(listener);
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    const those = this.listeners.get(name);
    if (!those) return;
    for (const listener of [...those]) {
      try {
        listener(event as never);
      } catch (error) {
        // Like an error in a DOM listener: it goes to the console or the process, not into the protocol.
        if (typeof reportError === 'function') reportError(error);
        else queueMicrotask(() => { throw error; });
      }
    }
  }

  /** Whether anybody listens: so that what nobody wants to hear need not be made. */
  has(name: keyof Events): boolean {
    return (this.listeners.get(name)?.size ?? 0) > 0;
  }
}
