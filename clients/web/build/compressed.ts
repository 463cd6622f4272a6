// Compresses what was built, so that the server only has to choose, and leaves a stamp that says when the build was whole.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(html|js|css|svg|json|webmanifest|txt)$/;
// Below this the headers cost more than is saved.
const MIN_BYTES = 400;

export function compressed(): Plugin {
  let directory = '';
  return {
    name: 'relay-compressed',
    apply: 'build',
    configResolved: (config) => { directory = join(config.root, config.build.outDir); },
    closeBundle: {
      sequential: true,
      order: 'post',
      handler: () => {
        for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
          if (COMPRESSIBLE.test(name)) {
            compress(join(directory, name));
          }
        }
        writeFileSync(join(directory, '.built'), '');
      },
    },
  };
}

function compress(file: string): void {
  const bytes = readFileSync(file);
  if (bytes.length >= MIN_BYTES) {
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }));
  }
}
