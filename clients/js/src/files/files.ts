import { fetchOf, readAnswer, send, type Asking } from '../http.js';
import { defaultReconnect, type ReconnectOptions } from '../options.js';
import { Patience, Unanswered } from './patience.js';
import { BlobSource, StreamSource, Taker, type Source } from './source.js';
import { checked, FileError, type FileChanges, type FilePage, type StoredFile, type UploadOptions } from './types.js';

/** How to reach a server's files. */
export interface FilesOptions {
  /** Where the server is; only its origin counts. For example `location.href`. */
  url: string | URL;
  /** Says who asks, before every request: `() => auth.accessToken()`, or an API key. */
  token: () => string | Promise<string>;
  /** Default: the global one. */
  fetch?: typeof fetch;
  /** How to go on when an answer is lost; default: for half a minute without progress. */
  retry?: Partial<ReconnectOptions>;
}

const path = '/api/v1/files', uploads = '/api/v1/uploads';
// What is larger is sent in parts. A part is what has to be sent again at worst, and what progress is told in.
const wholeSize = 8 * 1024 * 1024, partSize = 4 * 1024 * 1024;
const defaultRetry: ReconnectOptions = { ...defaultReconnect, giveUpAfterMs: 30_000 };

/**
 * One's files on a server: puts them there, lists and changes them. Everything rejects with a {@link FileError} when the server says no, and
 * with what `fetch` says when it does not answer. To show a file that one knows the hash of takes no more than {@link fileUrl}.
 */
export class Files {
  private readonly fetch: typeof fetch;

  /** Asks nothing yet. */
  constructor(private readonly options: FilesOptions) {
    this.fetch = fetchOf(options.fetch);
  }

  /**
   * Puts a file to the server, which keeps it for a while; for good once it is claimed (`update(hash, { kept: true })`), or for as long as a pinned
   * object in a room has it as {@link FILE_ATTRIBUTE}. More than 8 MiB go in parts, by tus 1.0: when a connection breaks or an answer is lost, it goes
   * on where the server is.
   * @param content what is not a `Blob` need not be in memory as a whole: give a stream, with its length.
   * @returns the file; the one that is there, if one has put the same content before.
   */
  upload(content: Blob | ReadableStream<Uint8Array> | ArrayBuffer | Uint8Array, options: UploadOptions = {}): Promise<StoredFile> {
    return plainly(() => this.put(content, options));
  }

  /** A page of one's files, newest first. @param page from the cursor of the page before, at most 100. */
  async list({ cursor, limit }: { readonly cursor?: string; readonly limit?: number } = {}): Promise<FilePage> {
    const query = { ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit: String(limit) }) };
    const { items, nextCursor = null } = await this.ask(this.at(path, query)) as unknown as Partial<FilePage> & Pick<FilePage, 'items'>;
    return { items: items.map((item) => this.whereItIs(item)), nextCursor };
  }

  /** One's file. */
  async get(hash: string): Promise<StoredFile> {
    return this.whereItIs(await this.ask(this.of(hash)));
  }

  /** Changes what one's file is called, who may see it, and whether it is kept. */
  async update(hash: string, changes: FileChanges): Promise<StoredFile> {
    return this.whereItIs(await this.ask(this.of(hash), { method: 'PATCH', json: changes }));
  }

  /** Removes one's file. The content goes with the last who has it. */
  async remove(hash: string): Promise<void> {
    await this.ask(this.of(hash), { method: 'DELETE' });
  }

  /**
   * An address at which anybody may fetch one's file for a while.
   * @param expiresIn seconds, 60 to 604,800; default 3,600.
   */
  async signedUrl(hash: string, expiresIn?: number): Promise<{ readonly url: string; readonly expires: string }> {
    const { url, expires } = await this.ask(this.of(hash, '/url'), { method: 'POST', json: { ...(expiresIn !== undefined && { expiresIn }) } });
    return { url: new URL(String(url), this.options.url).href, expires: String(expires) };
  }

  // ---- ways to put a file there

  private async put(content: Blob | ReadableStream<Uint8Array> | ArrayBuffer | Uint8Array, options: UploadOptions): Promise<StoredFile> {
    const { signal, length } = options;
    signal?.throwIfAborted();
    const patience = new Patience({ ...defaultRetry, ...this.options.retry }, signal);
    const named: UploadOptions = { ...options, name: options.name ?? nameOf(content) };
    if (!(content instanceof ReadableStream)) {
      const blob = content instanceof Blob ? content : new Blob([content as BlobPart]);
      return blob.size <= wholeSize ? this.whole(blob, named, patience) : this.inParts(new BlobSource(blob, partSize), named, patience);
    }
    const taker = new Taker(content);
    try {
      if (length !== undefined && length > wholeSize) return await this.inParts(new StreamSource(taker, length, partSize), named, patience);
      const first = await taker.take(wholeSize + 1);
      if (length !== undefined && length !== first.size) {
        throw new RangeError(`The stream was said to have ${length} bytes and has ${first.size > wholeSize ? 'more' : first.size}.`);
      }
      // At one go, and once: what has gone of the stream cannot be had again.
      if (first.size > wholeSize) return await this.post(taker.rest(first), named);
      return await this.whole(first, named, patience);
    } catch (error) {
      taker.drop();
      throw error;
    }
  }

  /** In one request, which may be repeated: the same content is the same file. */
  private async whole(blob: Blob, options: UploadOptions, patience: Patience): Promise<StoredFile> {
    options.onProgress?.(0, blob.size);
    const file = await patience.until(() => this.post(blob, options));
    options.onProgress?.(blob.size, blob.size);
    return file;
  }

  private async post(body: Blob | ReadableStream<Uint8Array>, { name = 'file', visibility, room, signal }: UploadOptions): Promise<StoredFile> {
    const query = { name, ...(visibility !== undefined && { visibility }), ...(room !== undefined && { room }) };
    return this.whereItIs(await this.told(this.at(path, query), { method: 'POST', body, signal, headers: { 'content-type': 'application/octet-stream' } }));
  }

  /** By tus 1.0: part by part, each from where the server is. */
  private async inParts(source: Source, options: UploadOptions, patience: Patience): Promise<StoredFile> {
    const { signal, onProgress } = options;
    onProgress?.(0, source.size);
    const upload = await patience.until(() => this.create(source.size, options));
    try {
      const hash = await this.sendParts(upload, source, patience, options);
      return await patience.until(async () => this.whereItIs(await this.told(this.of(hash), { signal })));
    } catch (error) {
      // What the server refuses it has dropped, and when it does not answer it cannot be told: it drops that in its time.
      if (!(error instanceof FileError || error instanceof Unanswered)) void this.tus(upload, { method: 'DELETE' }).catch(() => undefined);
      throw error;
    }
  }

  private async create(size: number, { name = 'file', visibility, room, signal }: UploadOptions): Promise<URL> {
    const said = Object.entries({ filename: name, visibility, room }).filter(([, value]) => value !== undefined);
    const metadata = said.map(([key, value]) => `${key} ${base64(value!)}`).join(',');
    const { headers } = await this.tus(this.at(uploads), { method: 'POST', signal, headers: { 'upload-length': String(size), 'upload-metadata': metadata } });
    const location = headers.get('location');
    if (location === null) throw new RangeError('The server does not say where the upload is.');
    // Its path alone: the token is for this server, and one behind a proxy may not know what it is called.
    return this.at(new URL(location, this.at(`${uploads}/`)).pathname);
  }

  /** @returns the hash, which comes with the last part. */
  private async sendParts(upload: URL, source: Source, patience: Patience, { signal, onProgress }: UploadOptions): Promise<string> {
    let isLost = false;
    for (let offset = 0; ;) {
      try {
        const body = isLost ? undefined : await source.part(offset);
        const { headers } = await this.tus(upload, body ? {
          method: 'PATCH', body, signal, headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
        } : { method: 'HEAD', signal });
        const hash = headers.get('file-hash');
        const next = offsetOf(headers, source.size);
        if (next > offset || hash !== null) patience.progress();
        else if (body) throw new Unanswered('The server takes no more of the file.');
        isLost = false;
        offset = next;
        onProgress?.(offset, source.size);
        if (hash !== null) return hash;
      } catch (error) {
        await patience.wait(error, true);
        isLost = true;
      }
    }
  }

  private tus(url: URL, asking: Asking): Promise<Response> {
    return this.answered(url, { ...asking, headers: { 'tus-resumable': '1.0.0', ...asking.headers } });
  }

  // ---- the server

  private at(where: string, query: Record<string, string> = {}): URL {
    const url = new URL(where, this.options.url);
    url.search = new URLSearchParams(query).toString();
    return url;
  }

  private of(hash: string, rest = ''): URL {
    return this.at(`${path}/${checked(hash)}${rest}`);
  }

  private whereItIs(file: object): StoredFile {
    // The server leaves out what is null.
    const stored = { room: null, width: null, height: null, expires: null, ...file } as StoredFile;
    return { ...stored, url: new URL(stored.url, this.options.url).href };
  }

  private ask(url: URL, asking: Asking = {}): Promise<Record<string, unknown>> {
    return plainly(() => this.told(url, asking));
  }

  private async told(url: URL, asking: Asking): Promise<Record<string, unknown>> {
    const answer = await this.answered(url, asking);
    return answer.status === 204 ? {} : await answer.json().catch((error: unknown) => {
      throw error instanceof SyntaxError ? error : lost(error, asking.signal);
    }) as Record<string, unknown>;
  }

  private async answered(url: URL, asking: Asking): Promise<Response> {
    const answer = await this.fetched(url, asking);
    if (answer.ok) return answer;
    const { status, detail, limit, value, retryAfterMs } = (await readAnswer(answer)).problem!;
    throw new FileError(status, detail, limit, value, retryAfterMs);
  }

  private async fetched(url: URL, asking: Asking): Promise<Response> {
    try {
      return await send(this.fetch, url, { ...asking, token: await this.options.token() });
    } catch (error) {
      // What fetch rejects with, here or where the token comes from, when there is no answer.
      throw error instanceof TypeError ? lost(error, asking.signal) : error;
    }
  }
}

/** No answer, or half of one; if that was wanted, the reason. */
function lost(error: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : new Unanswered('The server does not answer.', { cause: error });
}

/** What nobody waits for any more rejects with what `fetch` said. */
async function plainly<T>(asked: () => Promise<T>): Promise<T> {
  try {
    return await asked();
  } catch (error) {
    throw error instanceof Unanswered ? error.cause ?? error : error;
  }
}

function offsetOf(headers: Headers, size: number): number {
  const offset = Number(headers.get('upload-offset') ?? NaN);
  if (!Number.isInteger(offset) || offset < 0 || offset > size) throw new RangeError(`The server says that it is at byte ${headers.get('upload-offset')} of ${size}.`);
  return offset;
}

function nameOf(content: object): string {
  return typeof File === 'function' && content instanceof File ? content.name : 'file';
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
