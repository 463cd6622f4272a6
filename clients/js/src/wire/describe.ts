import { layoutOf, decode, type FieldObserver } from './codec.js';
import { headerSize } from './frames.js';
import { closeCodes, type Messages } from './layouts.js';
import { Malformed } from './malformed.js';
import type { Measures } from './measures.js';

/** A field of a frame, for people: where it stands and what it says. */
export interface DescribedField {
  readonly name: string;
  readonly kind: string;
  /** Where its bytes begin, counted from the frame's first. */
  readonly offset: number;
  readonly length: number;
  readonly value: unknown;
  /** The value in words. */
  readonly text: string;
}

/** A frame, for people. */
export interface DescribedFrame {
  readonly type: number;
  /** Its name in protocol-spec.md §4, or its number. */
  readonly typeName: string;
  /** Bytes of the whole frame. */
  readonly length: number;
  /** Its header first. */
  readonly fields: readonly DescribedField[];
  /** What is wrong with it; the fields before that place are there. */
  readonly malformed: string | undefined;
}

const codeNames = new Map(closeCodes.map(([code, name]) => [code, name]));

/** Says what every byte of a frame means. Transforms are readable with the measures of their room only. */
export function describe(frame: Uint8Array, measures?: Measures): DescribedFrame {
  const type = frame[3] ?? 0;
  const layout = layoutOf(type);
  const typeName = layout?.name ?? `0x${type.toString(16).padStart(2, '0')}`;
  const fields: DescribedField[] = [];
  const add: FieldObserver = (name, kind, offset, length, value) => {
    fields.push({ name, kind, offset, length, value, text: textOf(name, value, measures) });
  };
  add('bodyLength', 'u24', 0, 3, frame.length - headerSize);
  fields.push({ name: 'type', kind: 'u8', offset: 3, length: 1, value: type, text: `0x${type.toString(16).padStart(2, '0')} ${typeName}` });
  let malformed: string | undefined;
  if (layout) {
    try {
      decode(layout.name as keyof Messages, frame, headerSize, frame.length, measures, add);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      malformed = error.message;
    }
  }
  return { type, typeName, length: frame.length, fields, malformed };
}

function textOf(name: string, value: unknown, measures: Measures | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return value.length === 0 ? 'empty' : hex(value);
  if (typeof value === 'bigint') return name.endsWith('lock') || name === 'stamp' || name === 'received' || name === 'sent' ? `${value} µs` : `0x${value.toString(16)}`;
  if (typeof value === 'object' && value !== null && measures) {
    const { age, x, y, z } = value as { age: number; x: number; y: number; z: number };
    const metres = [measures.metres(x, 0), measures.metres(y, 1), measures.metres(z, 2)].map((v) => v.toFixed(3)).join(', ');
    return `${metres} m, ${(age * measures.ageUnitMs).toFixed(0)} ms old`;
  }
  if ((name === 'code' || name === 'cause' || name === 'reason') && value !== 0) return `${String(value)} ${codeNames.get(value as number) ?? ''}`;
  return String(value);
}

/** Bytes in hexadecimal, two digits each, spaces between. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (text ? ' ' : '') + byte.toString(16).padStart(2, '0');
  return text;
}
