// Strings read and extended where they lie.

import { test } from "node:test";
import assert from "node:assert/strict";
import { OutOfMemory } from "../../src/engine/keyspace.ts";
import {
  extendString,
  makeStretch,
  setComputed,
  stretchAt,
} from "../../src/engine/string_stretches.ts";
import { readAll, stringLength } from "../../src/engine/strings.ts";
import { Store } from "./store.ts";

const LENGTHS = [1, 20, 44, 45, 1000, 31 * 1024, 31 * 1024 + 1, 65_536, 200_000];

function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

test("stretchAt() leads through a string of any length", () => {
  const store = new Store();
  const stretch = makeStretch();
  for (const length of LENGTHS) {
    const value = patterned(length);
    store.set(0, "k", value);
    const ref = store.find(0, "k");
    const read = new Uint8Array(length);
    for (let at = 0; at < length; at += stretch.length) {
      stretchAt(store.keyspace, ref, at, stretch);
      assert.ok(stretch.length > 0);
      const { region, offset } = stretch;
      read.set(region.bytes.subarray(offset, offset + stretch.length), at);
    }
    assert.deepEqual(read, value);
  }
  store.set(0, "k", new TextEncoder().encode("12345"));
  stretchAt(store.keyspace, store.find(0, "k"), 3, stretch);
  assert.equal(stretch.length, 2);
  assert.equal(stretch.region.bytes[stretch.offset], "4".charCodeAt(0));
});

test("extendString() appends zero bytes and leaves a string that is long enough", () => {
  for (const from of [0, ...LENGTHS]) {
    for (const to of LENGTHS) {
      const store = new Store();
      if (from > 0) store.set(0, "k", patterned(from));
      const old = store.find(0, "k");
      const ref = extendString(store.keyspace, store.db(0), store.batch, 0, old, to);
      assert.equal(store.find(0, "k"), ref);
      const expected = new Uint8Array(Math.max(from, to));
      expected.set(patterned(from));
      assert.deepEqual(readAll(store.keyspace, ref), expected);
      assert.equal(store.keyspace.encodingName(ref), "raw");
      store.keyspace.checkInvariants();
    }
  }
});

test("setComputed() sets a key stretch by stretch, its old value being readable", () => {
  const store = new Store();
  for (const length of LENGTHS) {
    store.set(0, "k", patterned(length));
    const old = store.find(0, "k");
    const stretch = makeStretch();
    const ref = setComputed(
      store.keyspace,
      store.db(0),
      store.batch,
      0,
      length,
      (region, offset, bytes, start) => {
        for (let i = 0; i < bytes; i++) {
          stretchAt(store.keyspace, old, start + i, stretch);
          region.bytes[offset + i] = 255 - stretch.region.bytes[stretch.offset];
        }
      },
    );
    assert.deepEqual(readAll(store.keyspace, ref), patterned(length).map((byte) => 255 - byte));
    store.keyspace.checkInvariants();
  }
});

test("a string that finds no memory leaves the key as it was", () => {
  const store = new Store({ capacityBytes: 4 * 1024 * 1024 });
  store.set(0, "k", patterned(100));
  const extend = (): unknown =>
    extendString(
      store.keyspace,
      store.db(0),
      store.batch,
      0,
      store.find(0, "k"),
      100 * 1024 * 1024,
    );
  assert.throws(extend, OutOfMemory);
  assert.throws(
    () => setComputed(store.keyspace, store.db(0), store.batch, 0, 100 * 1024 * 1024, () => {}),
    OutOfMemory,
  );
  assert.equal(stringLength(store.keyspace, store.find(0, "k")), 100);
  store.keyspace.checkInvariants();
});
