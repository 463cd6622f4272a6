// Brings files into the room: up to the server, and before one's feet.
import { AuthError, FileError, Files, type StoredFile } from '@relay/client';
import { CARD, pictureSize } from '../scene/board.ts';
import type { MediaLibrary } from '../scene/media.ts';
import type { Door } from './door.ts';
import type { Hands } from './hands.ts';

const MOST_AT_ONCE = 8;
const LONGEST_NAME = 100;
/** How far to the right, in metres, so that one does not stand before it; and from one file to the next that was added with it. */
const [FIRST_ASIDE, ASIDE] = [0.6, 1.9];

/** Something that takes a while. */
export interface Progress {
  /** @param done 0 to 1; undefined: nobody knows. */
  show(done: number | undefined): void;
  end(): void;
}

export interface SharingListener {
  say(sentence: string): void;
  progress(sentence: string, cancel: () => void): Progress;
}

export class Sharing {
  private readonly files: Files;
  private before: Promise<void> = Promise.resolve();

  constructor(private readonly door: Door, private readonly hands: Hands, private readonly library: MediaLibrary, private readonly listener: SharingListener) {
    this.files = new Files({ url: location.href, token: door.fileToken });
  }

  /** One after another, also those of another time. */
  add(files: readonly File[]): Promise<void> {
    if (files.length > MOST_AT_ONCE) {
      this.listener.say(`${MOST_AT_ONCE} files at a time: the first ${MOST_AT_ONCE} of the ${files.length} are added.`);
    }
    for (const [index, file] of files.slice(0, MOST_AT_ONCE).entries()) {
      // Right, left, farther right, …
      const aside = FIRST_ASIDE + Math.ceil(index / 2) * ASIDE * (index % 2 ? 1 : -1);
      this.before = this.before.then(() => this.addOne(file, aside));
    }
    return this.before;
  }

  private async addOne(file: File, aside: number): Promise<void> {
    const name = file.name.slice(-LONGEST_NAME);
    const ending = new AbortController();
    const progress = this.listener.progress(`Adding ${name}`, () => {
      ending.abort();
      progress.end();
    });
    try {
      const stored = await this.upload(file, name, ending.signal, progress);
      progress.show(undefined);
      if (await this.stand(stored, aside, ending.signal)) {
        this.listener.say(`${name} is here. Everybody with its link can see it.`);
      }
    } catch (error) {
      if (!ending.signal.aborted) {
        this.listener.say(sentence(name, file.size, error));
      }
    } finally {
      progress.end();
    }
  }

  private async upload(file: File, name: string, signal: AbortSignal, progress: Progress): Promise<StoredFile> {
    // Public: pictures are fetched without a word about who fetches them, and not everybody here has an account.
    const put = (): Promise<StoredFile> => this.files.upload(file, {
      name, visibility: 'public', signal, onProgress: (sent, total) => progress.show(sent > 0 && sent < total ? sent / total : undefined),
    });
    try {
      return await put();
    } catch (error) {
      if (error instanceof FileError && error.status === 401 && await this.door.renewFileToken()) {
        return put();
      }
      throw error;
    }
  }

  /** How large it is shown, this page finds out for all, unless it shows too many already. */
  private async stand({ hash, type, name, variants }: StoredFile, aside: number, signal: AbortSignal): Promise<boolean> {
    const file = { hash, type, name, variants, size: undefined };
    if (!this.library.has(hash)) {
      return this.hands.stand(file, aside);
    }
    const media = await this.library.take(file);
    try {
      signal.throwIfAborted();
      const size = media.kind === 'picture' ? pictureSize(media.picture) : media.kind === 'model' ? media.model.size : CARD;
      return await this.hands.stand({ ...file, size }, aside);
    } finally {
      this.library.release(hash);
    }
  }
}

function sentence(name: string, length: number, error: unknown): string {
  if (error instanceof AuthError) {
    return error.status === 401 ? `${name} was not added: you are not signed in any more.` : error.detail;
  }
  if (!(error instanceof FileError)) {
    return `${name} was not added: the server does not answer, or the file cannot be read.`;
  }
  const { status, detail, limit, value } = error;
  switch (status) {
    case 401: return `${name} was not added: you are not signed in any more.`;
    case 404:
    case 405: return 'This server takes no files.';
    case 413: return limit === undefined ? `${name} was not added. ${detail}`
      : (value ?? length) <= length ? `${name} is too large: ${mebibytes(length)}, where ${mebibytes(limit)} are the most.`
      : `There is no space left for ${name}: ${mebibytes(limit)} are the most for all files together.`;
    case 415: return `${name} is nothing that this server takes: it takes pictures, GLB models, sound, video and PDF.`;
    default: return `${name} was not added. ${detail}`;
  }
}

function mebibytes(bytes: number): string {
  const size = bytes / 2 ** 20;
  return `${size < 10 ? Math.ceil(size * 10) / 10 : Math.ceil(size)} MiB`;
}
