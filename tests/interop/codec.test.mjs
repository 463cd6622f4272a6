// posbus.mjs against the hex blocks of protocol-spec.md: node --test

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  FrameStream, Malformed, PREFACE, Space, Type, angleDegrees, decode, encode, packRotation, unpackRotation,
} from './posbus.mjs';

const document = readFileSync(new URL('../../protocol-spec.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');
const blocks = [...document.matchAll(/^```hex (\S+)\n([\s\S]*?)^```/gm)].map(([, name, text]) => ({
  name,
  bytes: Uint8Array.from(text.split('\n').flatMap((line) => line.split('#')[0].split(/\s+/).filter(Boolean)).map((pair) => parseInt(pair, 16))),
  fields: text.split('\n').filter((line) => line.includes('#')).map((line) => line.split('#')[1].split(';')[0].trim()),
  openEnd: lastField(text),
}));
const frames = blocks.filter(({ name }) => name !== 'preface');
const typeNames = Object.fromEntries(Object.entries(Type).map(([name, type]) => [type, name]));
const space = new Space(decode(Type.Joined, block('joined').bytes.slice(4)));

/** Bytes of a block's last field, if it is the rest of the body: cut, it is shorter and not malformed. */
function lastField(text) {
  const lines = text.trimEnd().split('\n');
  if (!/ (SendEvent|Event|CreateObject|SetAttribute)$/.test(lines[0])) return 0;
  let first = lines.length - 1;
  while (!lines[first - 1].includes('#')) first--;
  return lines.slice(first).flatMap((line) => line.split('#')[0].split(/\s+/).filter(Boolean)).length;
}

function block(name) { return blocks.find((candidate) => candidate.name === name); }

const hex = (value, digits) => '0x' + value.toString(16).toUpperCase().padStart(digits, '0');

/** A field as the document's comments write it. */
function show([name, kind, value]) {
  if (kind === 'record') {
    const { extended, age, x, y, z, rotation } = value;
    return `record = extended ${extended}, age ${age}, x ${x}, y ${y}, z ${z}, rotation ${hex(rotation, 8)}`;
  }
  if (['epoch', 'sessionHigh', 'sessionLow'].includes(name)) return `${name} = ${hex(value, 16)}`;
  if (name === 'refusedType') return `${name} = ${hex(value, 2)}`;
  if (value instanceof Uint8Array && value.some((b) => b < 0x20 || b > 0x7E)) return `${name} = hex ${Buffer.from(value).toString('hex').toUpperCase()}`;
  if (value instanceof Uint8Array) return `${name} = "${new TextDecoder().decode(value)}"`;
  return typeof value === 'string' ? `${name} = "${value}"` : `${name} = ${value}`;
}

test('the document has examples of every type but Nop and ChangeRoom', () => {
  const shown = new Set(frames.map(({ bytes }) => bytes[3]));
  assert.deepEqual(Object.values(Type).filter((type) => !shown.has(type)), [Type.Nop, Type.ChangeRoom]);
});

test('the frame types are those of the table in §4', () => {
  const rows = [...document.matchAll(/^\| 0x(\w\w) \| (\w+) \|/gm)].map(([, type, name]) => [name, parseInt(type, 16)]);
  assert.deepEqual(Object.fromEntries(rows), { ...Type });
});

test('the preface is the one of §2.1', () => assert.deepEqual(block('preface').bytes, PREFACE));

for (const { name, bytes, fields, openEnd } of frames) {
  test(`${name}: one frame, with the fields that the comments state`, () => {
    const [frame, ...more] = new FrameStream().push(bytes);
    assert.equal(more.length, 0);
    assert.equal(fields[0], `bodyLength = ${frame.body.length}, type = ${hex(frame.type, 2)} ${typeNames[frame.type]}`);
    const seen = [];
    decode(frame.type, frame.body, space, seen);
    assert.deepEqual(seen.map(show), fields.slice(1));
  });

  test(`${name}: written again, the same bytes`, () => {
    const { type, ...message } = decode(bytes[3], bytes.slice(4), space);
    assert.deepEqual(encode(type, message, space), bytes);
  });

  test(`${name}: the same frame when it comes byte by byte`, () => {
    const stream = new FrameStream();
    const got = [...bytes].flatMap((b) => stream.push(Uint8Array.of(b)));
    assert.equal(got.length, 1);
    assert.deepEqual(got[0].body, bytes.slice(4));
    assert.ok(stream.isBetweenFrames);
  });

  test(`${name}: malformed when it is cut or too long`, () => {
    for (let length = 4; length < bytes.length - openEnd; length++) {
      assert.throws(() => decode(bytes[3], bytes.slice(4, length), space), Malformed);
    }
    if (!openEnd) assert.throws(() => decode(bytes[3], Uint8Array.of(...bytes.slice(4), 0), space), Malformed);
  });
}

test('transform-update: where its remark says', () => {
  const { entries: [entry] } = decode(Type.TransformUpdate, block('transform-update').bytes.slice(4), space);
  space.metres(entry).forEach((metres, axis) => assert.ok(Math.abs(metres - [1.5, 0, -2.25][axis]) <= 0.0005 + 1e-9));
  assert.ok(angleDegrees(unpackRotation(entry.rotation), [0, 0.5, 0, Math.sqrt(0.75)]) < 0.28);
  assert.deepEqual(space.quantise([1.5, 0, -2.25]), { x: entry.x, y: entry.y, z: entry.z });
  assert.equal(packRotation([0, 0.5, 0, Math.sqrt(0.75)]), entry.rotation);
});

test('records take 11 bytes in 131.072 m and 13 in 1 km', () => {
  assert.equal(space.recordSize, 11);
  const steps = 1_000_000;
  assert.equal(new Space({ minX: 0, minY: 0, minZ: 0, precision: 0.001, stepsX: steps, stepsY: steps, stepsZ: steps }).recordSize, 13);
});

test('rotations come back within 0.28°', () => {
  let state = 1;
  const next = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 31 - 1; };
  for (let i = 0; i < 10_000; i++) {
    const raw = [next(), next(), next(), next()];
    const unit = raw.map((c) => c / Math.hypot(...raw));
    assert.ok(angleDegrees(unit, unpackRotation(packRotation(raw))) < 0.28);
  }
});
