import { RelayAdapter } from './adapter.js';
import type { Naf } from './naf.js';

export { RelayAdapter };

/** Makes `adapter: relay` known. By itself with a script tag after networked-aframe's. */
export function register(to: Pick<Naf, 'adapters'>): void {
  to.adapters.register('relay', RelayAdapter);
}

if (globalThis.NAF) register(globalThis.NAF);
