// What src/wire/layouts.ts says of a table of layouts: the table itself, and a type for every message.

const kinds = {
  u8: 'number', u16: 'number', u32: 'number', i16: 'number', f32: 'number', f64: 'number', varint: 'number', varint64: 'number', slot: 'number',
  u64: 'bigint', bytes8: 'Uint8Array', bytes16: 'Uint8Array', bytes: 'Uint8Array', rest: 'Uint8Array', string8: 'string', record: 'PackedRecord',
};
const record = { extended: 'number', age: 'number', x: 'number', y: 'number', z: 'number', rotation: 'number' };

/** How many bounds each rule takes. */
const rules = { mask: [1, 1], max: [1, 1], min: [1, 1], between: [2, 2], in: [1, Infinity], finite: [0, 0], above: [1, 1] };

/** A table that cannot be read by, said in one line. */
export class BadTable extends Error {
  constructor(text) {
    super(`protocol-layouts.json: ${text}`);
  }
}

/** The parts of a field: "name:kind rule bounds as key". */
function parseField(text, where) {
  const fail = (reason) => { throw new BadTable(`${where}: "${text}": ${reason}`); };
  const match = /^(\w+):(\w+)((?: \w+)*?)(?: as (\w+))?$/.exec(text);
  const [, name, kind, rest, key = name] = match ?? fail('a field is written "name:kind", then perhaps a rule, then perhaps "as" and a name');
  if (!Object.hasOwn(kinds, kind)) fail(`there is no kind "${kind}"; there are ${Object.keys(kinds).join(', ')}`);
  const [rule, ...bounds] = rest.split(' ').filter(Boolean);
  if (rule !== undefined) {
    if (!Object.hasOwn(rules, rule)) fail(`there is no rule "${rule}"; there are ${Object.keys(rules).join(', ')}`);
    const [least, most] = rules[rule];
    if (bounds.length < least || bounds.length > most) {
      fail(`"${rule}" takes ${least === most ? least : 'one or more'} bounds; here are ${bounds.length}`);
    }
    for (const bound of bounds) if (!/^\d+$/.test(bound)) fail(`the bound "${bound}" is not a number`);
  }
  return { kind, key };
}

/** The properties of messages, and what must not be in a table. */
class Properties {
  /** name → [type, whether it may be missing] */
  all = new Map();
  /** What conditions may ask for. */
  known = new Set();

  constructor(parts, where) {
    this.parts = parts;
    this.where = where;
  }

  add(layout, optional = false) {
    for (const item of layout) {
      if (typeof item === 'string') this.addField(item, optional);
      else if (item.when) this.addBracket(item);
      else if (item.each) this.addList(item, optional);
      else if (item.use) this.addPart(item, optional);
      else throw new BadTable(`${this.where}: ${JSON.stringify(item)} is no field, bracket, list or part`);
    }
    return this;
  }

  addField(text, optional) {
    const { kind, key } = parseField(text, this.where);
    this.known.add(key);
    if (kind !== 'record') return this.put(key, kinds[kind], optional);
    this.known.add('extended');
    for (const [part, type] of Object.entries(record)) this.put(part, type, optional);
  }

  addBracket(item) {
    const [, name] = /^(\w+)(?: & \d+| =(?: \d+)+)?$/.exec(item.when) ?? [];
    if (!this.known.has(name)) throw new BadTable(`${this.where}: "when": "${item.when}" asks for no field that comes before it`);
    this.add(item.then, true);
    this.add(item.else ?? [], true);
  }

  addList(item, optional) {
    parseField(item.count, this.where);
    this.put(item.as, `${this.inner(item.each).text()}[]`, optional);
  }

  addPart(item, optional) {
    const part = Object.hasOwn(this.parts, item.use) ? this.parts[item.use] : undefined;
    if (!part) throw new BadTable(`${this.where}: there is no part "${item.use}"; there are ${Object.keys(this.parts).join(', ')}`);
    if (item.as) this.put(item.as, this.inner(part).text(), optional);
    else this.add(part, optional);
  }

  inner(layout) {
    return new Properties(this.parts, this.where).add(layout);
  }

  put(name, type, optional) {
    this.all.set(name, [type, optional && (this.all.get(name)?.[1] ?? true)]);
  }

  lines() {
    return [...this.all].map(([name, [type, optional]]) => `${name}${optional ? '?' : ''}: ${type}`);
  }

  text() {
    return `{ ${this.lines().join('; ')} }`;
  }
}

function message(frame, parts) {
  const lines = new Properties(parts, frame.name).add(frame.body).lines().map((line) => `    ${line};`);
  return `  /** protocol-spec.md §${frame.section}. */\n  ${frame.name}: ${lines.length ? `{\n${lines.join('\n')}\n  }` : 'Record<string, never>'};\n`;
}

const pascal = (name) => name.split(/[_ ]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');

const numbers = (name, note, entries) =>
  `/** ${note} */\nexport const ${name} = {\n${entries.map(([key, value]) => `  ${key}: ${value},`).join('\n')}\n} as const;\n`;

const names = (list) => list.map((name, i) => [pascal(name), i]);

/** The source text of layouts.ts. */
export const render = (table) => `// Made by scripts/generate.mjs from protocol-layouts.json. Do not edit.

${numbers('FrameType', 'Types of frames, protocol-spec.md §4.', table.frames.map((frame) => [frame.name, `0x${frame.type.toString(16).padStart(2, '0')}`]))}
${numbers('CloseCode', 'Why a connection ended or a message was refused, protocol-spec.md §9.', table.closeCodes.map((code) => [pascal(code.name), code.code]))}
${numbers('SignalKind', "The protocol's own kinds of events, protocol-spec.md §11.9; from Application up they are the application's.", Object.entries(table.signals).map(([name, kind]) => [pascal(name), kind]))}
${numbers('ClaimAction', 'What Claim asks for, protocol-spec.md §11.5.', names(table.claimActions))}
${numbers('ManageAction', 'What Manage asks for, protocol-spec.md §11.6.', names(table.manageActions))}
/** Bits of a role's permissions, lowest first, protocol-spec.md §11.6. */
export const permissionNames = ${JSON.stringify(table.permissions).replaceAll('"', "'").replaceAll(',', ', ')} as const;

/** One of {@link permissionNames}. */
export type PermissionName = (typeof permissionNames)[number];

/** Every message by the name of its frame. */
export interface Messages {
${table.frames.map((frame) => message(frame, table.parts)).join('\n')}}

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
