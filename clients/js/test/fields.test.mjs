// Reader and Writer: every kind of field, every bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Malformed, Reader, Writer } from '../dist/wire/index.js';
import { Random } from './kit/random.mjs';

/** The bytes of what is written. */
function written(write) {
  const writer = new Writer(1);
  write(writer);
  return writer.copy();
}

const refuses = (bytes, read) => assert.throws(() => read(new Reader(Uint8Array.from(bytes))), Malformed);

test('integers are little-endian, and read as they were written', () => {
  assert.deepEqual([...written((w) => w.u16(0x0102))], [2, 1]);
  assert.deepEqual([...written((w) => w.u32(0x01020304))], [4, 3, 2, 1]);
  assert.deepEqual([...written((w) => w.u64(0x0102030405060708n))], [8, 7, 6, 5, 4, 3, 2, 1]);
  assert.deepEqual([...written((w) => w.i16(-2))], [0xfe, 0xff]);
  const edges = { u8: [0, 0xff], u16: [0, 0xffff], u32: [0, 0xffffffff], u64: [0n, 2n ** 64n - 1n], i16: [-32_768, -1, 32_767] };
  for (const [kind, values] of Object.entries(edges)) {
    for (const value of values) assert.equal(new Reader(written((w) => w[kind](value)))[kind](), value);
  }
});

test('real numbers read as they were written', () => {
  for (const value of [0, -0, 1.5, -1e300, 5e-324, Infinity, -Infinity, NaN]) {
    assert.ok(Object.is(new Reader(written((w) => w.f64(value))).f64(), value));
    assert.ok(Object.is(new Reader(written((w) => w.f32(value))).f32(), Math.fround(value)));
  }
});

test('varints of every length read as they were written, in their shortest form', () => {
  const random = new Random(1);
  const edges = Array.from({ length: 53 }, (_, bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]).flat();
  for (const value of [...edges, Number.MAX_SAFE_INTEGER, ...Array.from({ length: 2000 }, () => Number(random.integer(53)))]) {
    const bytes = written((w) => w.varint(value));
    assert.equal(bytes.length, Math.max(1, Math.ceil(value.toString(2).length / 7)));
    const reader = new Reader(bytes);
    assert.equal(reader.varint64(), value);
    reader.finish();
    if (value <= 0xffffffff) assert.equal(new Reader(bytes).varint(), value);
    else refuses(bytes, (r) => r.varint());
  }
});

test('varints that are longer than they need be, too long, too large or cut short are malformed', () => {
  refuses([0x80, 0x00], (r) => r.varint64());
  refuses([0xff, 0x80, 0x00], (r) => r.varint64());
  refuses(new Array(11).fill(0x80), (r) => r.varint64());
  refuses([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], (r) => r.varint64());
  refuses([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], (r) => r.varint64()); // 2^53
  refuses([0x80], (r) => r.varint64());
  refuses([], (r) => r.varint64());
});

test('what no field holds is not written', () => {
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) assert.throws(() => new Writer().varint(value), RangeError);
  assert.throws(() => new Writer().bytes8(new Uint8Array(256)), RangeError);
  assert.throws(() => new Writer().bytes16(new Uint8Array(65_536)), RangeError);
  assert.throws(() => new Writer().string8('é'.repeat(128)), { name: 'RangeError', message: /takes 256/ });
  assert.throws(() => {
    const writer = new Writer();
    const start = writer.take(4);
    writer.zeros(2 ** 24);
    writer.endFrame(start, 0);
  }, RangeError);
});

test('bytes and text read as they were written, and are copies', () => {
  const random = new Random(2);
  for (const [kind, longest] of [['bytes8', 255], ['bytes16', 65_535], ['bytesVar', 70_000]]) {
    for (const length of [0, 1, 127, 128, 255, longest]) {
      const value = random.bytes(length);
      const bytes = written((w) => w[kind](value));
      const read = new Reader(bytes)[kind]();
      assert.deepEqual(read, value);
      bytes.fill(0);
      assert.deepEqual(read, value);
      refuses(written((w) => w[kind](value)).subarray(0, -1), (r) => r[kind]());
    }
  }
  for (const text of ['', 'a', 'é字😀', '\u0000', '\uFEFFa', 'x'.repeat(255)]) {
    assert.equal(new Reader(written((w) => w.string8(text))).string8(), text);
  }
  refuses([1, 0xff], (r) => r.string8());
  refuses([3, 0xed, 0xa0, 0x80], (r) => r.string8());
});

test('bits at every place and of every width read as they were written, and touch no others', () => {
  const random = new Random(3);
  for (let at = 0; at < 16; at++) {
    for (let width = 0; width <= 32; width++) {
      const value = random.u32() % 2 ** width;
      const writer = new Writer();
      writer.zeros(8);
      writer.bits(at, width, value);
      const bytes = writer.copy();
      const whole = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      assert.equal(whole, BigInt(value) << BigInt(at));
      // Among ones it is found as well.
      const ones = ~((2n ** BigInt(width) - 1n) << BigInt(at));
      const among = Uint8Array.from({ length: 8 }, (_, i) => Number(((ones | whole) >> BigInt(8 * i)) & 0xffn));
      assert.equal(new Reader(among).bits(at, width), value);
    }
  }
});

test('a reader that is opened again reads the other bytes, within its bounds', () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4));
  assert.equal(reader.u8(), 1);
  reader.open(Uint8Array.of(5, 6, 7, 8), 1, 3);
  assert.equal(reader.left, 2);
  assert.equal(reader.u16(), 0x0706);
  assert.throws(() => reader.u8(), Malformed);
  reader.finish();
  assert.throws(() => reader.open(Uint8Array.of(1)).finish(), Malformed);
});

test('a writer grows and is used again', () => {
  const writer = new Writer(1);
  const view = () => [...writer.written()];
  for (let i = 0; i < 100; i++) writer.u8(i);
  assert.deepEqual(view(), Array.from({ length: 100 }, (_, i) => i));
  writer.clear();
  assert.deepEqual([...writer.copy()], []);
  writer.zeros(3);
  assert.deepEqual(view(), [0, 0, 0]);
});
