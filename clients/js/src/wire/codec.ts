import { frames, parts, type FrameLayout, type LayoutItem, type Messages } from './layouts.js';
import { Malformed } from './malformed.js';
import type { Measures, PackedRecord } from './measures.js';
import { Reader } from './reader.js';
import { readRecord, writeRecord } from './records.js';
import { Writer } from './writer.js';

// Bodies of frames, read and written by their layouts. What comes by the thousand, transforms, has code of its own (motion/batch.ts,
// outgoing.ts); this serves everything else, and the inspector.

type Fields = Record<string, unknown>;

/** Told of each field that is read: its name and kind, where it stands in the bytes, and its value. */
export type FieldObserver = (name: string, kind: string, offset: number, length: number, value: unknown) => void;

interface Reading {
  readonly reader: Reader;
  readonly measures: Measures | undefined;
  readonly observe: FieldObserver | undefined;
}

interface Writing {
  readonly writer: Writer;
  readonly measures: Measures | undefined;
}

/** One step of a layout, both ways. `inner` are the fields of the innermost list item, whose names come first. */
interface Step {
  read(from: Reading, into: Fields): void;
  write(to: Writing, fields: Fields): void;
}

const plain: Record<string, { read: (reader: Reader) => unknown; write: (writer: Writer, value: never) => void }> = {
  u8: { read: (r) => r.u8(), write: (w, v: number) => w.u8(v) },
  u16: { read: (r) => r.u16(), write: (w, v: number) => w.u16(v) },
  u32: { read: (r) => r.u32(), write: (w, v: number) => w.u32(v) },
  u64: { read: (r) => r.u64(), write: (w, v: bigint) => w.u64(v) },
  i16: { read: (r) => r.i16(), write: (w, v: number) => w.i16(v) },
  f32: { read: (r) => r.f32(), write: (w, v: number) => w.f32(v) },
  f64: { read: (r) => r.f64(), write: (w, v: number) => w.f64(v) },
  varint: { read: (r) => r.varint(), write: (w, v: number) => w.varint(v) },
  varint64: { read: (r) => r.varint64(), write: (w, v: number) => w.varint(v) },
  bytes8: { read: (r) => r.bytes8(), write: (w, v: Uint8Array) => w.bytes8(v) },
  bytes16: { read: (r) => r.bytes16(), write: (w, v: Uint8Array) => w.bytes16(v) },
  bytes: { read: (r) => r.bytesVar(), write: (w, v: Uint8Array) => w.bytesVar(v) },
  string8: { read: (r) => r.string8(), write: (w, v: string) => w.string8(v) },
  rest: { read: (r) => r.rest(), write: (w, v: Uint8Array) => w.raw(v) },
};

const allowed: Record<string, (value: number, bounds: readonly number[]) => boolean> = {
  mask: (value, [bits]) => (value & ~bits!) === 0,
  max: (value, [most]) => value <= most!,
  min: (value, [least]) => value >= least!,
  in: (value, list) => list.includes(value),
  between: (value, [least, most]) => value >= least! && value <= most!,
  finite: (value) => Number.isFinite(value),
  above: (value, [bound]) => value > bound! && value < Infinity,
};

/** "name:kind", "name:kind mask 7", "name:kind as other". */
function parseField(text: string): { name: string; kind: string; key: string; check: ((value: number) => void) | undefined } {
  const [head, ...words] = text.split(' ');
  const [name, kind] = head!.split(':') as [string, string];
  const as = words.indexOf('as');
  const key = as < 0 ? name : words[as + 1]!;
  const rule = as < 0 ? words : words.slice(0, as);
  if (rule.length === 0) return { name, kind, key, check: undefined };
  const test = allowed[rule[0]!]!;
  const bounds = rule.slice(1).map(Number);
  return {
    name, kind, key,
    check: (value) => {
      if (!test(value, bounds)) throw new Malformed(`${name} is ${value}, which has no meaning`);
    },
  };
}

function fieldStep(text: string): Step {
  const { name, kind, key, check } = parseField(text);
  if (kind === 'record') return recordStep;
  const { read, write } = plain[kind]!;
  return {
    read({ reader, observe }, into) {
      const at = reader.position;
      const value = read(reader);
      check?.(value as number);
      observe?.(name, kind, at, reader.position - at, value);
      into[key] = value;
    },
    write({ writer }, fields) {
      write(writer, fields[key] as never);
    },
  };
}

const recordStep: Step = {
  read({ reader, measures, observe }, into) {
    if (!measures) throw new Malformed('a transform outside a room', 1002);
    const at = reader.position;
    const record = readRecord(reader, measures, { extended: 0, age: 0, x: 0, y: 0, z: 0, rotation: 0 });
    observe?.('record', 'record', at, reader.position - at, record);
    Object.assign(into, record);
  },
  write({ writer, measures }, fields) {
    if (!measures) throw new RangeError('A transform is packed by the measures of a room.');
    writeRecord(writer, measures, fields as unknown as PackedRecord);
  },
};

/** "field & bits", "field = a b", "field": not empty. */
function parseCondition(text: string): (fields: Fields) => boolean {
  const [name, operator, ...values] = text.split(' ') as [string, ...string[]];
  const numbers = values.map(Number);
  if (operator === '&') return (fields) => ((fields[name] as number) & numbers[0]!) !== 0;
  if (operator === '=') return (fields) => numbers.includes(fields[name] as number);
  return (fields) => (fields[name] as Uint8Array).length > 0;
}

function whenStep(item: { when: string; then: readonly LayoutItem[]; else?: readonly LayoutItem[] }): Step {
  const holds = parseCondition(item.when);
  const then = sequenceStep(item.then);
  const otherwise = sequenceStep(item.else ?? []);
  return {
    read: (from, into) => (holds(into) ? then : otherwise).read(from, into),
    write: (to, fields) => (holds(fields) ? then : otherwise).write(to, fields),
  };
}

function listStep(item: { each: readonly LayoutItem[]; count: string; as: string; least: number }): Step {
  const { name, kind, check } = parseField(item.count);
  const count = plain[kind]!;
  const each = sequenceStep(item.each);
  // Slots rise, as deltas: the slot minus the one before minus 1 (protocol-spec.md §8.4).
  const slots = typeof item.each[0] === 'string' && parseField(item.each[0]).kind === 'slot';
  return {
    read(from, into) {
      const { reader, observe } = from;
      const at = reader.position;
      const length = count.read(reader) as number;
      check?.(length);
      observe?.(name, kind, at, reader.position - at, length);
      reader.checkCount(length, item.least);
      const items: Fields[] = [];
      for (let i = 0; i < length; i++) {
        const entry: Fields = {};
        if (slots) entry['slot'] = readSlot(from, items.at(-1)?.['slot'] as number | undefined);
        each.read(from, entry);
        items.push(entry);
      }
      into[item.as] = items;
    },
    write(to, fields) {
      const items = fields[item.as] as Fields[];
      count.write(to.writer, items.length as never);
      let next = 0;
      for (const entry of items) {
        if (slots) {
          to.writer.varint((entry['slot'] as number) - next);
          next = (entry['slot'] as number) + 1;
        }
        each.write(to, entry);
      }
    },
  };
}

function readSlot({ reader, observe }: Reading, before = -1): number {
  const at = reader.position;
  const delta = reader.varint();
  observe?.('slotDelta', 'varint', at, reader.position - at, delta);
  const slot = before + 1 + delta;
  if (slot > 0xffffffff) throw new Malformed('a slot does not fit 32 bits');
  return slot;
}

function partStep(item: { use: string; as?: string }): Step {
  const part = sequenceStep(parts[item.use]!);
  if (!item.as) return part;
  const key = item.as;
  return {
    read(from, into) {
      // The inspector shows the first field of a shared part under the name that it has here.
      const { observe } = from;
      let first = true;
      const renamed: FieldObserver | undefined = observe && ((name, kind, offset, length, value) => {
        observe(first ? key : name, kind, offset, length, value);
        first = false;
      });
      const inner: Fields = {};
      part.read({ ...from, observe: renamed }, inner);
      into[key] = inner;
    },
    write: (to, fields) => part.write(to, fields[key] as Fields),
  };
}

function sequenceStep(layout: readonly LayoutItem[]): Step {
  const steps = layout
    .filter((item) => typeof item !== 'string' || parseField(item).kind !== 'slot')
    .map((item) => typeof item === 'string' ? fieldStep(item) : 'when' in item ? whenStep(item) : 'each' in item ? listStep(item) : partStep(item));
  return {
    read(from, into) {
      for (const step of steps) step.read(from, into);
    },
    write(to, fields) {
      for (const step of steps) step.write(to, fields);
    },
  };
}

interface Codec {
  readonly layout: FrameLayout;
  readonly body: Step;
}

const byType = new Map<number, Codec>();
const byName = new Map<string, Codec>();
for (const layout of frames) {
  const codec = { layout, body: sequenceStep(layout.body) };
  byType.set(layout.type, codec);
  byName.set(layout.name, codec);
}

/** What the table says of a type of frame; undefined for one that version 1 does not know. */
export const layoutOf = (type: number): FrameLayout | undefined => byType.get(type)?.layout;

/**
 * The message in a frame's body.
 * @param measures those of the room; needed for transforms only.
 * @throws {Malformed} for a body that does not follow its layout.
 */
export function decode<K extends keyof Messages>(
  name: K, bytes: Uint8Array, start = 0, end = bytes.length, measures?: Measures, observe?: FieldObserver): Messages[K] {
  const reader = new Reader(bytes, start, end);
  const message: Fields = {};
  byName.get(name)!.body.read({ reader, measures, observe }, message);
  reader.finish();
  return message as Messages[K];
}

/** Appends a whole frame, header included. */
export function write<K extends keyof Messages>(writer: Writer, name: K, message: Messages[K], measures?: Measures): void {
  const codec = byName.get(name)!;
  const start = writer.take(4);
  codec.body.write({ writer, measures }, message as Fields);
  writer.endFrame(start, codec.layout.type);
}

/** A whole frame, header included. */
export function encode<K extends keyof Messages>(name: K, message: Messages[K], measures?: Measures): Uint8Array {
  const writer = new Writer();
  write(writer, name, message, measures);
  return writer.copy();
}
