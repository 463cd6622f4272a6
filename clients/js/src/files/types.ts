/** The attribute by which an object shows a file: its value is the file's hash, protocol-spec.md §11.2. Persistent, and of a persistent object, it keeps the file. */
export const FILE_ATTRIBUTE = 'relay.file';

/** Who may see a file, beside its owner: whoever knows its address, those who may enter its room, nobody. */
export type FileVisibility = 'public' | 'room' | 'owner';

/** A smaller form of an image, made when it is first asked for: its longest side in pixels (an image is never made larger), and what it is. */
export type FileVariant = `${64 | 128 | 256 | 512 | 1024 | 2048 | 4096}.${'webp' | 'png' | 'jpg'}`;

/** A file that one has put to the server. */
export interface StoredFile {
  /** SHA-256 of its content, in hex: its name everywhere. */
  readonly hash: string;
  /** Where it is, as whole address. */
  readonly url: string;
  /** What its content is found to be: a media type. */
  readonly type: string;
  /** Bytes. */
  readonly length: number;
  readonly name: string;
  readonly visibility: FileVisibility;
  /** The room whose people may see it. */
  readonly room: string | null;
  /** Of an image, in pixels. */
  readonly width: number | null;
  readonly height: number | null;
  /** RFC 3339. */
  readonly created: string;
  /** When it goes, RFC 3339; null: it is kept. */
  readonly expires: string | null;
  /** Whether there are variants of it. */
  readonly variants: boolean;
}

/** A page of a list of files. */
export interface FilePage {
  readonly items: readonly StoredFile[];
  /** Gets the next page; null on the last. */
  readonly nextCursor: string | null;
}

/** What can be changed of a file; what is left out stays. */
export interface FileChanges {
  readonly name?: string;
  readonly visibility?: FileVisibility;
  /** Needed for the visibility `room`. */
  readonly room?: string;
  /** Whether it is kept also while no room shows it. */
  readonly kept?: boolean;
}

/** How a file is to be put to the server. */
export interface UploadOptions {
  /** What it is called; default `file`, or the name of a `File`. */
  readonly name?: string;
  /** Default `owner`. */
  readonly visibility?: FileVisibility;
  /** Needed for the visibility `room`. */
  readonly room?: string;
  /** Bytes that a stream has. One whose length is known is sent in parts and gone on with after a break; another is sent at one go, which browsers do over HTTP/2 only. */
  readonly length?: number;
  /** Ends it. What had arrived by then is dropped. */
  readonly signal?: AbortSignal;
  /** Told how much has arrived, in bytes: with each part, or at the beginning and the end where there are none; never of a stream without a length. */
  readonly onProgress?: (sent: number, total: number) => void;
}

/** The server said no, or not now. */
export class FileError extends Error {
  override readonly name = 'FileError';

  /**
   * Says what the server said.
   * @param status of HTTP: 401 nobody is signed in, 404 no such file or none to see, 413 too large or no space left, 415 a type that is not taken, 422 damaged.
   * @param detail a sentence for a person.
   * @param limit the limit that was broken, for example in bytes, if the server said so.
   * @param value what broke it.
   * @param retryAfterMs when to ask again, if the server said so.
   */
  constructor(
    readonly status: number, readonly detail: string, readonly limit?: number, readonly value?: number, readonly retryAfterMs?: number) {
    super(`${status}: ${detail}`);
  }
}

/** Whether something is a hash, as files are named by. */
export function isFileHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/**
 * The address of a file.
 * @param base where the server is; only its origin counts. For example `location.href`.
 * @param variant a smaller form of an image.
 * @throws {RangeError} for a hash that is none, which would be the address of something else.
 */
export function fileUrl(base: string | URL, hash: string, variant?: FileVariant): string {
  return new URL(`/files/${checked(hash)}${variant === undefined ? '' : `/${variant}`}`, base).href;
}

/** A hash that goes into an address. */
export function checked(hash: string): string {
  if (!isFileHash(hash)) throw new RangeError('The hash of a file is 64 lower-case hexadecimal digits.');
  return hash;
}
