import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRegion } from "../../src/bytes/region.ts";
import {
  ACCESS_MAX,
  accessOf,
  expiryOf,
  hasExpiry,
  keyEquals,
  keyLengthOf,
  keyOffsetOf,
  kindOf,
  MAX_INLINE_BYTES,
  MAX_KEY_BYTES,
  recordSize,
  setKindAndLength,
  valueLengthOf,
  valueOffsetOf,
  volatileAtOf,
  writeAccess,
  writeExpiry,
  writeHeader,
  writeVolatileAt,
} from "../../src/memory/record.ts";
import { PAGE_BYTES } from "../../src/memory/size_classes.ts";

const KEY_LENGTHS = [0, 1, 2, 3, 4, 5, 8, 253, 254, 255, 256, 257, 511, 512, MAX_KEY_BYTES];
const VALUE_LENGTHS = [0, 1, 8, 44, 45, 255, 256, 31_744, MAX_INLINE_BYTES];
const REF = 5;
const START = REF * 8;

function createMemory() {
  const region = makeRegion(2 * PAGE_BYTES);
  return { ...region, words: new Int32Array(region.bytes.buffer) };
}

test("every record fits a page", () => {
  for (const hasExpiry of [false, true]) {
    assert.ok(recordSize(MAX_KEY_BYTES, MAX_INLINE_BYTES, hasExpiry) <= PAGE_BYTES);
  }
  assert.ok(MAX_INLINE_BYTES < 2 ** 16, "the length of the value part has 16 bits");
});

test("a record holds what was written, whatever the lengths", () => {
  const { words } = createMemory();
  for (const keyLength of KEY_LENGTHS) {
    for (const valueLength of VALUE_LENGTHS) {
      for (const expires of [false, true]) {
        words.fill(-1);
        const label = `key ${keyLength}, value ${valueLength}, expires ${expires}`;
        writeHeader(words, REF, keyLength, 0xab, valueLength, expires);
        writeAccess(words, REF, ACCESS_MAX);
        if (expires) {
          writeExpiry(words, REF, 1_700_000_000_123);
          writeVolatileAt(words, REF, 77);
          assert.equal(expiryOf(words, REF), 1_700_000_000_123, label);
          assert.equal(volatileAtOf(words, REF), 77, label);
        }
        assert.equal(keyLengthOf(words, REF), keyLength, label);
        assert.equal(valueLengthOf(words, REF), valueLength, label);
        assert.equal(kindOf(words, REF), 0xab, label);
        assert.equal(hasExpiry(words, REF), expires, label);
        assert.equal(accessOf(words, REF), ACCESS_MAX, label);
        const before = 8 + (expires ? 12 : 0) + (keyLength >= 255 ? 4 : 0);
        assert.equal(keyOffsetOf(words, REF), START + before, label);
        const padded = Math.ceil(keyLength / 4) * 4;
        assert.equal(valueOffsetOf(words, REF), START + before + padded, label);
        assert.equal(recordSize(keyLength, valueLength, expires), before + padded + valueLength);
      }
    }
  }
});

test("fields don't disturb each other", () => {
  const { words } = createMemory();
  writeHeader(words, REF, 300, 0x12, 1000, true);
  writeExpiry(words, REF, 2 ** 40 + 3);
  writeVolatileAt(words, REF, 2 ** 27);
  for (const access of [0, 1, ACCESS_MAX]) {
    writeAccess(words, REF, access);
    assert.equal(accessOf(words, REF), access);
    assert.equal(hasExpiry(words, REF), true);
  }
  for (const [kind, length] of [[0xff, 65_535], [0, 0], [0xf0, MAX_INLINE_BYTES]]) {
    setKindAndLength(words, REF, kind, length);
    assert.deepEqual([kindOf(words, REF), valueLengthOf(words, REF)], [kind, length]);
    assert.equal(keyLengthOf(words, REF), 300);
  }
  assert.equal(expiryOf(words, REF), 2 ** 40 + 3);
  assert.equal(volatileAtOf(words, REF), 2 ** 27);
});

test("expiries are exact up to the largest safe integer", () => {
  const { words } = createMemory();
  writeHeader(words, REF, 1, 0, 0, true);
  const moments = [1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 1_700_000_000_000];
  for (const ms of [...moments, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]) {
    writeExpiry(words, REF, ms);
    assert.equal(expiryOf(words, REF), ms);
  }
});

test("keyEquals() tells keys apart at every length and at every byte", () => {
  const { words, bytes } = createMemory();
  const input = makeRegion(MAX_KEY_BYTES + 64);
  for (const length of KEY_LENGTHS) {
    writeHeader(words, REF, length, 0, 0, false);
    const at = keyOffsetOf(words, REF);
    for (const offset of [0, 1, 2, 3]) {
      // What stands around the key differs on both sides.
      bytes.fill(0xee, at, at + length + 4);
      input.bytes.fill(0x11);
      for (let i = 0; i < length; i++) {
        bytes[at + i] = input.bytes[offset + i] = (i * 7 + length) & 255;
      }
      assert.equal(keyEquals(words, REF, input.view, offset, length), true, `length ${length}`);
      const step = length > 300 ? 997 : 1;
      for (let i = length - 1; i >= 0; i -= step) {
        input.bytes[offset + i] ^= 0x80;
        assert.equal(keyEquals(words, REF, input.view, offset, length), false, `byte ${i}`);
        input.bytes[offset + i] ^= 0x80;
      }
      for (const other of [length - 1, length + 1, length + 256, 255]) {
        if (other < 0 || other === length || other > MAX_KEY_BYTES) continue;
        assert.equal(keyEquals(words, REF, input.view, offset, other), false, `${other}`);
      }
    }
  }
});

test("keyEquals() takes no long key for its first 255 bytes", () => {
  const { words, bytes } = createMemory();
  const input = makeRegion(300);
  writeHeader(words, REF, 300, 0, 0, true);
  bytes.fill(97, keyOffsetOf(words, REF), keyOffsetOf(words, REF) + 300);
  input.bytes.fill(97);
  assert.equal(keyEquals(words, REF, input.view, 0, 300), true);
  assert.equal(keyEquals(words, REF, input.view, 0, 255), false);
  assert.equal(keyEquals(words, REF, input.view, 0, 254), false);
});

test("the example in the drawing is what is written", () => {
  const { words, bytes, view } = createMemory();
  writeHeader(words, REF, 4, 0x80, 4, true);
  writeExpiry(words, REF, 0x18b_cfe5_6860);
  writeVolatileAt(words, REF, 3);
  assert.equal(recordSize(4, 4, true), 28);
  assert.deepEqual([...bytes.subarray(START, START + 4)], [4, 0x80, 4, 0]);
  assert.equal(view.getInt32(START + 4, true), 1);
  assert.equal(view.getBigInt64(START + 8, true), 0x18b_cfe5_6860n);
  assert.equal(view.getInt32(START + 16, true), 3);
  assert.equal(keyOffsetOf(words, REF), START + 20);
  assert.equal(valueOffsetOf(words, REF), START + 24);
});
