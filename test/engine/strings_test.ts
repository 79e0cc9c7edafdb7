import assert from "node:assert/strict";
import { test } from "node:test";
import { KEEP_TTL } from "../../src/engine/record_kinds.ts";
import {
  INLINE_LIMIT,
  integerOf,
  readRange,
  replyRange,
  replyString,
  stringLength,
} from "../../src/engine/strings.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { MAX_KEY_BYTES } from "../../src/memory/record.ts";
import { fromLatin1, latin1, MIB, START_MS, Store, valueOf } from "./store.ts";

const LENGTHS = [
  0,
  1,
  2,
  3,
  19,
  20,
  21,
  43,
  44,
  45,
  96,
  97,
  192,
  193,
  INLINE_LIMIT - 1,
  INLINE_LIMIT,
  INLINE_LIMIT + 1,
  65_535,
  65_536,
  65_537,
  131_072,
  200_000,
  3 * MIB,
];
const KEY_LENGTHS = [0, 1, 3, 4, 5, 254, 255, 256, MAX_KEY_BYTES];

const INTEGERS: readonly (number | bigint)[] = [
  0,
  1,
  -1,
  9,
  10,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 32,
  -(2 ** 32),
  -(2 ** 32) - 1,
  2 ** 53 - 1,
  -(2 ** 53) + 1,
  2n ** 53n,
  -(2n ** 53n),
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

/** What a reply writer makes of the value. */
function replied(write: (reply: RespWriter) => void): string {
  const reply = new RespWriter();
  write(reply);
  const text = latin1(reply.output.bytes.subarray(0, reply.output.length));
  const match = /^\$(\d+)\r\n/.exec(text)!;
  assert.equal(text.length, match[0].length + Number(match[1]) + 2);
  return text.slice(match[0].length, -2);
}

function encodingFor(length: number): string {
  return length <= 44 ? "embstr" : "raw";
}

test("strings of every length come back, under keys of every length", () => {
  for (const keyLength of KEY_LENGTHS) {
    const store = new Store();
    const { keyspace } = store;
    const key = latin1(valueOf(keyLength, 5));
    for (const length of LENGTHS) {
      if (length > 200_000 && keyLength > 0) continue;
      const value = valueOf(length, 1);
      const ref = store.set(0, key, value);
      const label = `key ${keyLength}, value ${length}`;
      assert.deepEqual(store.get(0, key), value, label);
      assert.equal(keyspace.encodingName(ref), encodingFor(length), label);
      assert.equal(keyspace.typeName(ref), "string");
      assert.equal(stringLength(keyspace, ref), length, label);
      assert.equal(replied((reply) => replyString(keyspace, ref, reply)), latin1(value), label);
      assert.equal(store.keyOf(ref), key, label);
      assert.ok(keyspace.recordBytes(ref) >= keyLength + length);
      keyspace.checkInvariants();
    }
    assert.equal(store.db(0).size, 1);
    assert.ok(store.remove(0, key));
    keyspace.checkInvariants();
  }
});

test("every length replaces every other, with and without an expiry", () => {
  const store = new Store({ capacityBytes: 32 * MIB });
  const expiries = [0, START_MS + 1000, KEEP_TTL];
  let mark = 0, expected = 0;
  for (const from of LENGTHS) {
    for (const to of LENGTHS) {
      for (const length of [from, to]) {
        const value = valueOf(length, mark);
        const expiry = expiries[mark++ % 3];
        if (expiry !== KEEP_TTL) expected = expiry;
        const ref = store.set(1, "key", value, expiry);
        assert.deepEqual(store.get(1, "key"), value, `${from} to ${to}`);
        assert.equal(store.keyspace.expiresAt(ref), expected);
        assert.equal(store.db(1).volatileCount, expected === 0 ? 0 : 1);
      }
      store.keyspace.checkInvariants();
    }
  }
  assert.equal(store.stats.dirty, mark);
});

test("integers are kept as numbers, in all 64 bits", () => {
  const store = new Store();
  for (const integer of INTEGERS) {
    const text = String(integer);
    for (const ref of [store.set(0, "k", fromLatin1(text)), store.setInteger(0, "k", integer)]) {
      assert.equal(store.keyspace.encodingName(ref), "int", text);
      const value = integerOf(store.keyspace, ref);
      assert.equal(value, integer);
      assert.equal(stringLength(store.keyspace, ref), text.length);
      assert.equal(latin1(store.get(0, "k")!), text);
      assert.equal(replied((reply) => replyString(store.keyspace, ref, reply)), text);
      for (let start = 0; start < text.length; start++) {
        const part = readRange(store.keyspace, ref, start, text.length - start);
        assert.equal(latin1(part), text.slice(start));
        const told = replied((reply) => replyRange(store.keyspace, ref, start, 1, reply));
        assert.equal(told, text[start]);
      }
    }
  }
});

test("what only looks like an integer stays text", () => {
  const store = new Store();
  for (const text of ["", "-", "+1", "01", "-0", " 1", "1 ", "1.0", "9223372036854775808", "1e3"]) {
    const ref = store.set(0, "k", fromLatin1(text));
    assert.equal(store.keyspace.encodingName(ref), "embstr", text);
    assert.equal(integerOf(store.keyspace, ref), undefined, text);
    assert.equal(latin1(store.get(0, "k")!), text);
  }
});

test("text that is an integer is read as one, whatever its encoding", () => {
  const store = new Store();
  store.set(0, "k", fromLatin1("1"));
  const ref = store.append(0, "k", fromLatin1("23"));
  assert.equal(store.keyspace.encodingName(ref), "raw");
  assert.equal(integerOf(store.keyspace, ref), 123);
  store.set(0, "long", new Uint8Array(40_000).fill(0x31));
  assert.equal(store.integer(0, "long"), undefined);
});

test("parts of values of every length are read and replied", () => {
  const store = new Store();
  for (const length of LENGTHS.slice(0, -1)) {
    const value = valueOf(length, 3);
    const ref = store.set(0, "k", value);
    const edges = [0, 1, 65_535, 65_536, 65_537, 131_072, length - 1, length];
    for (const start of edges) {
      for (const end of edges) {
        if (start > end || start < 0 || end > length || end - start > 200_000) continue;
        const part = value.slice(start, end);
        assert.deepEqual(readRange(store.keyspace, ref, start, end - start), part);
        const told = replied((reply) => replyRange(store.keyspace, ref, start, end - start, reply));
        assert.equal(told, latin1(part), `${start} to ${end} of ${length}`);
      }
    }
  }
});

/** What a value becomes when part of it is overwritten. */
function overwritten(old: Uint8Array, start: number, part: Uint8Array): Uint8Array {
  const value = new Uint8Array(Math.max(old.length, start + part.length));
  value.set(old);
  value.set(part, start);
  return value;
}

test("writeRange() overwrites, pads with zero bytes and grows, over every boundary", () => {
  const lengths = [0, 1, 44, 45, INLINE_LIMIT - 1, INLINE_LIMIT, 65_535, 65_536, 65_537, 200_000];
  const parts = [0, 1, 100, INLINE_LIMIT, 65_536, 70_000];
  const store = new Store();
  let mark = 0;
  for (const length of lengths) {
    for (const partLength of parts) {
      for (const start of [0, length >> 1, length, length + 1, length + 66_000]) {
        const value = valueOf(length, ++mark);
        const part = valueOf(partLength, mark + 7);
        store.set(0, "k", value, mark % 2 === 0 ? START_MS + 5 : 0);
        const ref = store.write(0, "k", start, part);
        const label = `${partLength} bytes at ${start} of ${length}`;
        assert.deepEqual(store.get(0, "k"), overwritten(value, start, part), label);
        assert.equal(store.keyspace.encodingName(ref), "raw", label);
        assert.equal(store.keyspace.expiresAt(ref), mark % 2 === 0 ? START_MS + 5 : 0);
      }
      store.keyspace.checkInvariants();
    }
  }
});

test("writeRange() makes text of an integer", () => {
  const store = new Store();
  for (const integer of INTEGERS) {
    const text = String(integer);
    for (let start = 0; start <= text.length + 1; start++) {
      store.setInteger(0, "k", integer);
      store.write(0, "k", start, fromLatin1("x"));
      const expected = overwritten(fromLatin1(text), start, fromLatin1("x"));
      assert.deepEqual(store.get(0, "k"), expected, `${text} at ${start}`);
    }
  }
  store.keyspace.checkInvariants();
});

test("a value that grows a little at a time holds every byte", () => {
  const store = new Store();
  for (const step of [1, 7, 1000, 65_536]) {
    let expected: Uint8Array = new Uint8Array(0);
    store.set(0, "k", expected);
    for (let i = 0; i < (step === 1 ? 400 : 150); i++) {
      const part = valueOf(step, i);
      store.append(0, "k", part);
      expected = overwritten(expected, expected.length, part);
      if (i % 25 === 0) assert.deepEqual(store.get(0, "k"), expected);
    }
    assert.deepEqual(store.get(0, "k"), expected);
    store.keyspace.checkInvariants();
  }
});
