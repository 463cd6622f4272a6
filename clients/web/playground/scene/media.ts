// The files that things show, loaded: a few at a time, not too many in all, each once however many things show it.
import { fileUrl } from '@relay/client';
import type { Model } from './model.ts';
import { loadPicture, type Picture } from './picture.ts';
import type { ShownFile } from './thing.ts';
import { Unshown } from './unshown.ts';

export type Media =
  | { kind: 'picture'; picture: Picture }
  | { kind: 'model'; model: Model }
  /** Not shown but told of, in a sentence. */
  | { kind: 'card'; sentence: string };

interface Entry { users: number; media: Promise<Media>; loaded: Media | undefined; ending: AbortController }

const MOST_FILES = 32;
const AT_ONCE = 3;
const TRIANGLES_IN_ALL = 1_500_000;
const LARGEST_PICTURE = 32 * 1024 * 1024;
const LARGEST_MODEL = 64 * 1024 * 1024;
const PAUSES_MS = [1000, 4000];

export class MediaLibrary {
  /** What nothing shows any more is kept so long: it may be shown again, under a new connection for instance. */
  keptMs = 5000;
  private readonly entries = new Map<string, Entry>();
  private readonly waiting: (() => void)[] = [];
  private loading = 0;

  /** How many files are loaded, or being so. */
  get count(): number { return this.entries.size; }

  /** Whether a file may be taken: it is there, or one more may be loaded. */
  has(hash: string): boolean { return this.entries.has(hash) || this.entries.size < MOST_FILES; }

  /** Loads a file, unless it is there. Never rejects. Give it back with `release`. */
  take(file: ShownFile): Promise<Media> {
    const { hash } = file;
    let entry = this.entries.get(hash);
    if (!entry) {
      const ending = new AbortController();
      entry = { users: 0, media: this.load(file, ending.signal), loaded: undefined, ending };
      this.entries.set(hash, entry);
      const made = entry;
      void made.media.then((media) => {
        made.loaded = media;
        if (this.entries.get(hash) !== made) {
          dispose(media);
        }
      });
    }
    entry.users++;
    return entry.media;
  }

  release(hash: string): void {
    const entry = this.entries.get(hash);
    if (entry && --entry.users === 0) {
      setTimeout(() => {
        if (entry.users === 0 && this.entries.get(hash) === entry) {
          this.entries.delete(hash);
          entry.ending.abort();
          dispose(entry.loaded);
        }
      }, this.keptMs);
    }
  }

  private async load(file: ShownFile, signal: AbortSignal): Promise<Media> {
    if (this.loading >= AT_ONCE) {
      await new Promise<void>((resolve) => { this.waiting.push(resolve); });
    }
    this.loading++;
    try {
      signal.throwIfAborted();
      return await this.read(await answer(file, signal));
    } catch (error) {
      if (error instanceof Unshown) {
        return { kind: 'card', sentence: error.message };
      }
      console.warn(`The file ${file.hash} is not shown.`, error);
      return { kind: 'card', sentence: 'It cannot be read.' };
    } finally {
      this.loading--;
      this.waiting.shift()?.();
    }
  }

  /** What it is the server says, not whoever made the thing. */
  private async read(response: Response): Promise<Media> {
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('image/')) {
      demand(response, LARGEST_PICTURE);
      return { kind: 'picture', picture: await loadPicture(await response.blob()) };
    }
    if (type.startsWith('model/')) {
      demand(response, LARGEST_MODEL);
      // A chunk of its own: most rooms have no model in them.
      const [bytes, { loadModel }] = await Promise.all([response.arrayBuffer(), import('./model.ts')]);
      const model = await loadModel(bytes);
      const shown = [...this.entries.values()].reduce((sum, { loaded }) => sum + (loaded?.kind === 'model' ? loaded.model.triangles : 0), 0);
      if (shown + model.triangles > TRIANGLES_IN_ALL) {
        model.dispose();
        throw new Unshown('There are too many large models here to show this one too.');
      }
      return { kind: 'model', model };
    }
    void response.body?.cancel();
    return { kind: 'card', sentence: /^(audio|video)/.test(type) ? 'The playground does not play it.' : 'The playground does not show it.' };
  }
}

/** The file, or, of an image, its smaller form, where there is one. */
async function answer({ hash, type, variants }: ShownFile, signal: AbortSignal): Promise<Response> {
  if (variants && type.startsWith('image/')) {
    const smaller = await ask(fileUrl(location.href, hash, '1024.webp'), signal, false);
    if (smaller.status === 200) {
      return smaller;
    }
    void smaller.body?.cancel();
  }
  const whole = await ask(fileUrl(location.href, hash), signal, true);
  if (!whole.ok) {
    throw new Unshown(whole.status === 404 ? 'It is not there any more, or not for everybody to see.' : 'The server does not give it now.');
  }
  return whole;
}

/** Asks again, if the server is not there just now. @param isNeeded also if it is there, but cannot. */
async function ask(url: string, signal: AbortSignal, isNeeded: boolean): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const pause = PAUSES_MS[attempt];
    try {
      const response = await fetch(url, { signal });
      if (response.status < 500 || !isNeeded || pause === undefined) {
        return response;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (pause === undefined) {
        throw new Unshown('The server does not answer.', { cause: error });
      }
    }
    await new Promise((resolve) => { setTimeout(resolve, pause); });
    signal.throwIfAborted();
  }
}

function demand({ headers, body }: Response, most: number): void {
  const length = Number(headers.get('content-length') ?? 0);
  if (length > most) {
    void body?.cancel();
    throw new Unshown(`It is too large to be shown here: ${Math.round(length / 2 ** 20)} MiB, where ${most / 2 ** 20} are the most.`);
  }
}

function dispose(media: Media | undefined): void {
  if (media?.kind === 'picture') {
    media.picture.dispose();
  } else if (media?.kind === 'model') {
    media.model.dispose();
  }
}
