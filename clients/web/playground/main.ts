// Starts the playground, or says in a sentence why it cannot.
import { App } from './app.ts';
import { el } from '../shared/dom.ts';
import './style/tokens.css';
import './style/layout.css';
import './style/parts.css';

declare global {
  interface Window { playground?: App }
}

const canvas = document.querySelector<HTMLCanvasElement>('#scene')!;

function start(): void {
  let app: App;
  try {
    app = new App(canvas);
  } catch (error) {
    console.error(error);
    document.body.append(el('p', { class: 'unable', role: 'alert' },
      'This browser gives the page no 3D graphics (WebGL 2). Turn on hardware acceleration in its settings, or open this page in another browser.'));
    return;
  }
  window.playground = app;
  app.start();
}

start();
