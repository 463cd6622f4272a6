// Sends a file by tus-js-client: `node tus.mjs ENDPOINT BEARER FILE CHUNK [ABORT_AT]`. With ABORT_AT it stops by itself after so many bytes and goes on with
// a new object, as a page does after it was closed. Goes on after every cut of its connection, and ends after a minute at the latest.
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import * as tus from 'tus-js-client';

setTimeout(() => process.exit(1), 60_000).unref();

const [endpoint, bearer, path, chunk, abortAt] = process.argv.slice(2);
const options = {
  endpoint,
  headers: { authorization: `Bearer ${bearer}` },
  metadata: { filename: basename(path), visibility: 'public' },
  chunkSize: Number(chunk),
  uploadSize: statSync(path).size,
  retryDelays: Array(40).fill(50),
  onShouldRetry: () => true,
};

const send = (more, stopAt = Infinity) => new Promise((resolve, reject) => {
  let from;
  const upload = new tus.Upload(createReadStream(path), {
    ...options,
    ...more,
    onError: reject,
    onSuccess: () => resolve({ url: upload.url, from }),
    onChunkComplete: (size, accepted) => {
      from ??= accepted - size;
      if (accepted >= stopAt) {
        void upload.abort().then(() => resolve({ url: upload.url, from }));
      }
    },
  });
  upload.start();
});

let sent = await send({}, abortAt === undefined ? Infinity : Number(abortAt));
if (abortAt !== undefined) {
  sent = await send({ uploadUrl: sent.url });
}

console.log(`tus: done url=${sent.url} from=${sent.from}`);
process.exit(0);
