// Makes src/wire/layouts.ts from protocol-layouts.json: the table itself, and a type for every message.
// `node scripts/generate.mjs [table]` writes the file; with --check it only says whether the file is as it should be.
import { readFileSync, writeFileSync } from 'node:fs';
import { BadTable, render } from './layouts.mjs';

const path = process.argv.slice(2).find((argument) => !argument.startsWith('-')) ?? new URL('../../../protocol-layouts.json', import.meta.url);
const target = new URL('../src/wire/layouts.ts', import.meta.url);

/** Says why it did not work, in one line. */
function refuse(text) {
  console.error(text);
  process.exitCode = 1;
}

try {
  const text = render(JSON.parse(readFileSync(path, 'utf8')));
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) refuse('clients/js/src/wire/layouts.ts is not what protocol-layouts.json says: npm run generate -w js');
} catch (error) {
  if (error instanceof BadTable) refuse(error.message);
  else if (error instanceof SyntaxError) refuse(`protocol-layouts.json is not JSON: ${error.message.replaceAll('\n', ' ')}`);
  else throw error;
}
