/** Why a server said no: a problem, RFC 9457. */
export interface Problem {
  readonly status: number;
  /** A sentence for a person. */
  readonly detail: string;
  /** The limit that was broken, and by what. */
  readonly limit: number | undefined;
  readonly value: number | undefined;
  /** When to ask again, if the server said so. */
  readonly retryAfterMs: number | undefined;
}

/** What goes with a request. */
export interface Asking {
  readonly method?: string;
  /** Goes as JSON. */
  readonly json?: object | undefined;
  /** For `Authorization: Bearer`. */
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: Blob | ReadableStream<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** The global one, or another. */
export const fetchOf = (given: typeof fetch | undefined): typeof fetch => given ?? ((input, init) => globalThis.fetch(input, init));

/** Asks for something anew, past every cache. */
export function send(fetchIt: typeof fetch, url: URL, { method = 'GET', json, token, headers, body, signal }: Asking): Promise<Response> {
  return fetchIt(url, {
    method, cache: 'no-store', credentials: 'same-origin',
    headers: {
      accept: 'application/json', ...(json && { 'content-type': 'application/json' }), ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers,
    },
    ...((json ?? body) && { body: json ? JSON.stringify(json) : body }),
    ...(body instanceof ReadableStream && { duplex: 'half' }), // asked for by browsers and Node; not in the types yet
    ...(signal && { signal }),
  });
}

/** The JSON of an answer, empty if there is none; and the problem that it is, if the server said no. */
export async function readAnswer(answer: Response): Promise<{ body: Record<string, unknown>; problem: Problem | undefined }> {
  const body = (await answer.json().catch(() => undefined) ?? {}) as Record<string, unknown>;
  return { body, problem: answer.ok ? undefined : problemOf(answer, body) };
}

function problemOf({ status, statusText, headers }: Response, { detail, title, limit, value }: Record<string, unknown>): Problem {
  const wait = Number(headers.get('retry-after') ?? NaN);
  return {
    status, detail: String(detail ?? title ?? statusText),
    limit: typeof limit === 'number' ? limit : undefined, value: typeof value === 'number' ? value : undefined,
    retryAfterMs: Number.isFinite(wait) ? wait * 1000 : undefined,
  };
}
