// layouts.ts is what protocol-layouts.json makes it, and a table that cannot be read by is refused in one line that says where and why.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BadTable, render } from '../scripts/layouts.mjs';

const script = fileURLToPath(new URL('../scripts/generate.mjs', import.meta.url));
const text = readFileSync(new URL('../../../protocol-layouts.json', import.meta.url), 'utf8');
const generate = (...rest) => spawnSync(process.execPath, [script, '--check', ...rest], { encoding: 'utf8' });

/** Runs the generator on a table of other text. */
function generateFrom(content) {
  const folder = mkdtempSync(join(tmpdir(), 'layouts-'));
  try {
    const path = join(folder, 'table.json');
    writeFileSync(path, content);
    return generate(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('layouts.ts is what the table makes it', () => {
  const { status, stderr } = generate();
  assert.deepEqual([status, stderr], [0, '']);
});

test('another table is noticed', () => {
  const { status, stderr } = generateFrom(text.replace('"argument:varint"] }', '"argument:u32"] }'));
  assert.equal(status, 1);
  assert.match(stderr, /^clients\/js\/src\/wire\/layouts\.ts is not what protocol-layouts\.json says: npm run generate -w js\n$/);
});

test('a table that is no table is refused in one line', () => {
  const { status, stderr } = generateFrom('{ "frames": [ }');
  assert.equal(status, 1);
  assert.match(stderr, /^protocol-layouts\.json is not JSON: .+\n$/);
});

const wrong = [
  ['"stamp:u64"', '"stamp:u65"', /^protocol-layouts\.json: Ping: "stamp:u65": there is no kind "u65"; there are u8, /],
  ['"stamp:u64"', '"stamp"', /^protocol-layouts\.json: Ping: "stamp": a field is written "name:kind"/],
  ['"stamp:u64"', '{ "field": "stamp:u64" }', /^protocol-layouts\.json: Ping: \{"field":"stamp:u64"\} is no field, bracket, list or part/],
  ['"action:u8 max 4"', '"action:u8 most 4"', /^protocol-layouts\.json: Claim: "action:u8 most 4": there is no rule "most"; there are mask, /],
  ['"action:u8 max 4"', '"action:u8 max"', /^protocol-layouts\.json: Claim: "action:u8 max": "max" takes 1 bounds; here are 0/],
  ['"action:u8 max 4"', '"action:u8 max four"', /^protocol-layouts\.json: Claim: "action:u8 max four": the bound "four" is not a number/],
  ['"use": "join"', '"use": "joint"', /^protocol-layouts\.json: Join: there is no part "joint"; there are record, target, /],
  ['"when": "audience = 2"', '"when": "listener = 2"', /^protocol-layouts\.json: SendEvent: "when": "listener = 2" asks for no field that comes before it/],
  ['"when": "audience = 2"', '"when": "audience == 2"', /^protocol-layouts\.json: SendEvent: "when": "audience == 2" asks for no field/],
];

for (const [from, to, message] of wrong) {
  test(`${from} as ${to} is refused`, () => {
    const broken = text.replace(from, to);
    assert.notEqual(broken, text);
    assert.throws(() => render(JSON.parse(broken)), BadTable);
    const { status, stderr } = generateFrom(broken);
    assert.equal(status, 1);
    assert.match(stderr, message);
    assert.equal(stderr.split('\n').length, 2);
  });
}
