export { Browser, useBrowser } from './browser.mjs';
export { Closer } from './closer.mjs';
export { full } from './full.mjs';
export { RelayProgram } from './program.mjs';
export { Proxy } from './proxy.mjs';
export { look, screenshot } from './screenshot.mjs';
export { serve } from './site.mjs';
export { until, within } from './until.mjs';
export { overlookWorkers } from './workers.mjs';
