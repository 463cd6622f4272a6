// The examples of protocol-spec.md: every block marked `hex`.
import { readFileSync } from 'node:fs';

export const text = readFileSync(new URL('../../../../protocol-spec.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');

const bytesOf = (line) => line.split('#')[0].split(/\s+/).filter(Boolean).map((pair) => parseInt(pair, 16));

/** Each example: its name, its bytes, and what its comments say of each field. */
export const examples = [...text.matchAll(/^```hex (\S+)\n([\s\S]*?)^```/gm)].map(([, name, block]) => ({
  name,
  bytes: Uint8Array.from(block.split('\n').flatMap(bytesOf)),
  fields: block.split('\n').filter((line) => line.includes('#')).map((line) => line.split('#')[1].split(';')[0].trim()),
}));

export const frames = examples.filter(({ name }) => name !== 'preface');
export const example = (name) => examples.find((candidate) => candidate.name === name);
