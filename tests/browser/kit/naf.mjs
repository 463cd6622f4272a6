// networked-aframe's own examples, as its package ships them, in a browser that reaches no other machine.

import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { useBrowser } from './browser.mjs';
import { RelayProgram } from './program.mjs';
import { serve } from './site.mjs';
import { until } from './until.mjs';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const examples = `${modules}networked-aframe/examples/`;
const adapterScript = fileURLToPath(new URL('../../../clients/naf/dist/relay-naf.js', import.meta.url));

/** A page that builds its scene without a graphics card may be busy for seconds between the connection and its Hello. */
export const patience = ['--Relay:Limits:HelloTimeout=00:00:30'];

/** The surroundings of the examples: what takes longest to build and to draw. */
const scenery = 'https://cdn.jsdelivr.net/npm/aframe-environment-component@1.5.0/dist/aframe-environment-component.min.js';

/** What the examples fetch from elsewhere, and the same files from packages. */
const stored = {
  'https://aframe.io/releases/1.7.0/aframe.min.js': `${modules}aframe/dist/aframe-v1.7.0.min.js`,
  'https://cdnjs.cloudflare.com/ajax/libs/socket.io/4.8.1/socket.io.min.js': `${modules}socket.io/client-dist/socket.io.min.js`,
  'https://cdn.jsdelivr.net/gh/c-frame/aframe-extras@7.5.4/dist/aframe-extras.controls.min.js':
    `${modules}aframe-extras/dist/aframe-extras.controls.min.js`,
  [scenery]: `${modules}aframe-environment-component/dist/aframe-environment-component.min.js`,
  'https://cdn.jsdelivr.net/npm/aframe-randomizer-components@3.0.2/dist/aframe-randomizer-components.min.js':
    `${modules}aframe-randomizer-components/dist/aframe-randomizer-components.min.js`,
};

/**
 * Serves the examples with another adapter: /uws/basic.html, /with-relay/basic.html. Nothing else in them is changed, but that the second
 * has a script more, which brings the adapter.
 */
function serveExamples() {
  const page = (path) => {
    const html = readFileSync(examples + path.split('/').at(-1), 'utf8');
    return path.startsWith('/uws/')
      ? { type: 'text/html', body: html.replace('adapter: wseasyrtc', 'adapter: uws') }
      : {
        type: 'text/html',
        body: html.replace('adapter: wseasyrtc', 'adapter: relay')
          .replace('<script src="/dist/networked-aframe.js"></script>', '$&\n    <script src="/relay-naf.js"></script>'),
      };
  };
  return serve({
    '/uws/': page, '/with-relay/': page, '/relay-naf.js': adapterScript, '/dist/': `${modules}networked-aframe/dist`,
    '/easyrtc/': `${modules}open-easyrtc/api`, '/js/': `${examples}js`, '/css/': `${examples}css`, '/img/': `${examples}img`,
  });
}

/**
 * A server and a browser for the tests of this file.
 * @param {'uws' | 'with-relay'} adapter what the examples have in the place of their adapter
 * @param {...string} options of the server
 */
export function useExamples(adapter, ...options) {
  const browser = useBrowser();
  const examples = {
    /** @type {RelayProgram} */
    relay: undefined,

    /**
     * Opens an example and waits until it is connected.
     * @param {import('node:test').TestContext} t
     * @param {string} example such as 'basic.html'
     * @param {{ through?: { http: string, url: string }, isBare?: boolean }} [how] by way of a proxy, or to another server; without the
     *   example's surroundings, which take most of the time
     */
    async open(t, example, { through = examples.relay, isBare = true } = {}) {
      const page = await browser.page(t, { stored: isBare ? { ...stored, [scenery]: '' } : stored, at: { [through.http]: site.url }, viewport: { width: 360, height: 220 } });
      // It draws twenty times a second, since there is no graphics card and several pages are open.
      await page.addInitScript(() => {
        const draw = window.requestAnimationFrame.bind(window);
        window.requestAnimationFrame = (callback) => setTimeout(() => draw(callback), 40);
      });
      await page.goto(`${through.url}${adapter}/${example}`, { waitUntil: 'load' });
      await until(() => page.evaluate(() => window.NAF?.connection.isConnected() && document.querySelector('a-scene').hasLoaded), `${example} is connected`);
      return page;
    },
  };
  let site;
  before(async () => {
    site = await serveExamples();
    examples.relay = await RelayProgram.start(...patience, ...options);
  });
  after(async () => {
    await examples.relay?.stop();
    await site?.stop();
  });
  return examples;
}

/**
 * What networked-aframe shows in a page: per network id who owns and made it and where it is.
 * @returns {Promise<{ me: string, entities: Record<string, { owner: string, creator: string, template: string, persistent: boolean,
 *   parent: string | null, position: number[], rotation: number[], color: string | undefined }> }>} rotation is a quaternion
 */
export function look(page) {
  return page.evaluate(() => ({
    me: NAF.clientId,
    entities: Object.fromEntries(Object.entries(NAF.entities.entities).map(([id, el]) => {
      const { owner, creator, template, persistent } = el.getAttribute('networked');
      const coloured = el.querySelector('.head, .cube') ?? el;
      return [id, {
        owner, creator, template, persistent, parent: el.components.networked.getParentId(),
        position: el.object3D.position.toArray(), rotation: el.object3D.quaternion.toArray(), color: coloured.getAttribute('material')?.color,
      }];
    })),
  }));
}

/**
 * Waits until several pages show the same entities in the same places, owned by the same.
 * @param {import('playwright-core').Page[]} pages
 * @param {number} count how many entities there must be
 * @returns {Promise<Awaited<ReturnType<typeof look>>[]>} what each shows
 */
export async function untilSame(pages, count, what = `${pages.length} pages show the same ${count} entities`) {
  let views;
  let difference;
  await until(async () => {
    views = await Promise.all(pages.map(look));
    difference = views.map((view) => unlike(views[0], view, count)).find(Boolean);
    return !difference;
  }, what).catch((error) => { throw new Error(`${error.message}\n${difference}\n${JSON.stringify(views, undefined, 1)}`); });
  return views;
}

/** Puts a page's own avatar somewhere, looking along -z, as a person would walk there. */
export function stand(page, x, z) {
  return page.evaluate(([x, z]) => {
    const el = document.querySelector('#rig[networked]') ?? document.querySelector('#player');
    const { y } = el.getAttribute('position');
    el.setAttribute('position', { x, y, z });
    el.object3D.rotation.set(0, 0, 0);
    const look = document.querySelector('[look-controls]').components['look-controls'];
    look.yawObject.rotation.y = look.pitchObject.rotation.x = 0;
  }, [x, z]);
}

/** The entity of a template that a page has itself. */
export const ownOf = ({ me, entities }, template) => Object.keys(entities).find((id) => entities[id].owner === me && entities[id].template === template);

/** How far two vectors are apart. */
export const distance = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));

/** In which way two views differ; undefined if they do not: 1 cm, 1 degree. */
function unlike(a, b, count) {
  const ids = Object.keys(a.entities).sort();
  if (ids.length !== count || ids.join() !== Object.keys(b.entities).sort().join()) return `entities: ${ids} and ${Object.keys(b.entities).sort()}`;
  for (const id of ids) {
    const [x, y] = [a.entities[id], b.entities[id]];
    for (const key of ['owner', 'creator', 'template', 'persistent', 'parent', 'color']) {
      if (x[key] !== y[key]) return `${id}.${key}: ${x[key]} and ${y[key]}`;
    }
    if (distance(x.position, y.position) > 0.01) return `${id}.position: ${x.position} and ${y.position}`;
    const cosine = Math.abs(x.rotation.reduce((sum, value, i) => sum + value * y.rotation[i], 0));
    if (cosine < Math.cos(0.5 * Math.PI / 180)) return `${id}.rotation: ${x.rotation} and ${y.rotation}`;
  }
  return undefined;
}
