// Makes src/wire/layouts.ts from protocol-layouts.json: the table itself, and a type for every message.
// `node scripts/generate.mjs` writes the file; with --check it only says whether the file is as it should be.
import { readFileSync, writeFileSync } from 'node:fs';

const here = (path) => new URL(path, import.meta.url);
const table = JSON.parse(readFileSync(here('../../../protocol-layouts.json'), 'utf8'));
const target = here('../src/wire/layouts.ts');

const kinds = {
  u8: 'number', u16: 'number', u32: 'number', i16: 'number', f32: 'number', f64: 'number', varint: 'number', varint64: 'number', slot: 'number',
  u64: 'bigint', bytes8: 'Uint8Array', bytes16: 'Uint8Array', bytes: 'Uint8Array', rest: 'Uint8Array', string8: 'string',
};
const record = { extended: 'number', age: 'number', x: 'number', y: 'number', z: 'number', rotation: 'number' };

/** Properties of a layout: name → [type, whether it may be missing]. */
function properties(layout, optional = false, into = new Map()) {
  const put = (name, type, may) => into.set(name, [type, may && (into.get(name)?.[1] ?? true)]);
  for (const item of layout) {
    if (typeof item === 'string') {
      const [, name, kind, as] = /^(\w+):(\w+)(?: .*?)?(?: as (\w+))?$/.exec(item);
      if (kind === 'record') for (const [part, type] of Object.entries(record)) put(part, type, optional);
      else put(as ?? name, kinds[kind] ?? fail(`unknown kind ${kind}`), optional);
    } else if (item.when) {
      properties(item.then, true, into);
      properties(item.else ?? [], true, into);
    } else if (item.each) {
      put(item.as, `${render(item.each)}[]`, optional);
    } else if (item.as) {
      put(item.as, render(table.parts[item.use]), optional);
    } else {
      properties(table.parts[item.use], optional, into);
    }
  }
  return into;
}

const render = (layout) => `{ ${[...properties(layout)].map(([name, [type, may]]) => `${name}${may ? '?' : ''}: ${type}`).join('; ')} }`;
const fail = (text) => { throw new Error(text); };
const pascal = (name) => name.split(/[_ ]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');
const numbers = (name, note, entries) => `/** ${note} */\nexport const ${name} = {\n${entries.map(([key, value]) => `  ${key}: ${value},`).join('\n')}\n} as const;\n`;

const messages = table.frames.map((frame) => {
  const fields = [...properties(frame.body)].map(([name, [type, may]]) => `    ${name}${may ? '?' : ''}: ${type};`);
  return `  /** protocol-spec.md §${frame.section}. */\n  ${frame.name}: ${fields.length ? `{\n${fields.join('\n')}\n  }` : 'Record<string, never>'};\n`;
});

const text = `// Made by scripts/generate.mjs from protocol-layouts.json. Do not edit.

${numbers('FrameType', 'Types of frames, protocol-spec.md §4.', table.frames.map((frame) => [frame.name, `0x${frame.type.toString(16).padStart(2, '0')}`]))}
${numbers('CloseCode', 'Why a connection ended or a message was refused, protocol-spec.md §9.', table.closeCodes.map((code) => [pascal(code.name), code.code]))}
${numbers('SignalKind', "The protocol's own kinds of events, protocol-spec.md §11.9; from Application up they are the application's.", Object.entries(table.signals).map(([name, kind]) => [pascal(name), kind]))}
${numbers('ClaimAction', 'What Claim asks for, protocol-spec.md §11.5.', table.claimActions.map((name, i) => [pascal(name), i]))}
${numbers('ManageAction', 'What Manage asks for, protocol-spec.md §11.6.', table.manageActions.map((name, i) => [pascal(name), i]))}
/** Bits of a role's permissions, lowest first, protocol-spec.md §11.6. */
export const permissionNames = ${JSON.stringify(table.permissions).replaceAll('"', "'").replaceAll(',', ', ')} as const;

/** One of {@link permissionNames}. */
export type PermissionName = (typeof permissionNames)[number];

/** Every message by the name of its frame. */
export interface Messages {
${messages.join('\n')}}

/** A field, a condition, a list or a shared part; protocol-layouts.json says how they are written. */
export type LayoutItem =
  | string
  | { readonly when: string; readonly then: readonly LayoutItem[]; readonly else?: readonly LayoutItem[] }
  | { readonly each: readonly LayoutItem[]; readonly count: string; readonly as: string; readonly least: number }
  | { readonly use: string; readonly as?: string };

/** A frame's number, name, place in the document, direction and body. */
export interface FrameLayout {
  readonly type: number;
  readonly name: keyof Messages;
  readonly section: string;
  readonly from: 'client' | 'server' | 'both';
  readonly numbered?: boolean;
  readonly answered?: boolean;
  readonly reliable?: boolean;
  readonly body: readonly LayoutItem[];
}

/** Parts that several layouts share. */
export const parts: Readonly<Record<string, readonly LayoutItem[]>> = ${JSON.stringify(table.parts)};

/** Every frame. */
export const frames: readonly FrameLayout[] = [
${table.frames.map((frame) => `  ${JSON.stringify(frame)},`).join('\n')}
];

/** Every close and error code: number, name, whether a client may connect again by itself, and what it means. */
export const closeCodes: readonly (readonly [code: number, name: string, retry: boolean, meaning: string])[] = [
${table.closeCodes.map((code) => `  ${JSON.stringify([code.code, code.name, code.retry, code.meaning])},`).join('\n')}
];
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('clients/js/src/wire/layouts.ts is not what protocol-layouts.json says: npm run generate -w js');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
