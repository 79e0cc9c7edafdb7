// Elements of listpacks, ziplists and zipmaps that came from somewhere else.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRandom } from "../../src/bytes/prng.ts";
import {
  type Elements,
  ListpackElements,
  ZiplistElements,
  ZipmapElements,
} from "../../src/structs/packed_elements.ts";
import { BadPayload, RdbString } from "../../src/structs/rdb_reader.ts";
import { listpackOf, memoryOf, ziplist, zipmap } from "../support/rdb_payloads.ts";

function shown(bytes: Uint8Array): RdbString {
  const text = new RdbString();
  text.region = memoryOf(bytes);
  text.offset = 0;
  text.length = bytes.length;
  return text;
}

function all(elements: Elements): string[] {
  const found: string[] = [];
  const into = new RdbString();
  while (elements.next(into)) {
    const { region, offset, length } = into;
    found.push(Buffer.from(region.bytes.slice(offset, offset + length)).toString("latin1"));
  }
  assert.equal(found.length, elements.count);
  return found;
}

const INTEGERS = [
  ...[0n, 1n, 12n, 13n, -1n, 127n, -128n, 128n, 32_767n, -32_768n, 32_768n, 8_388_607n],
  ...[-8_388_608n, 8_388_608n, 2_147_483_647n, -2_147_483_648n, 2_147_483_648n],
  ...[9_007_199_254_740_993n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n],
];
const TEXTS = ["", "a", "x".repeat(63), "x".repeat(64), "y".repeat(253), "z".repeat(20_000), "b"];

test("listpacks give their strings and integers", () => {
  const elements = [...TEXTS, ...INTEGERS.map(String)];
  assert.deepEqual(all(new ListpackElements(shown(listpackOf(elements)))), elements);
  assert.deepEqual(all(new ListpackElements(shown(listpackOf([])))), []);
});

test("ziplists give their strings and integers", () => {
  const expected = [...TEXTS, ...INTEGERS.map(String), ...TEXTS];
  const bytes = ziplist([...TEXTS, ...INTEGERS, ...TEXTS]);
  assert.deepEqual(all(new ZiplistElements(shown(bytes))), expected);
  assert.deepEqual(all(new ZiplistElements(shown(ziplist([])))), []);
});

test("zipmaps give fields and values in turn, and pass over what is unused", () => {
  const texts = ["f", "v", "", "x".repeat(254), "y".repeat(300), ""];
  for (const unused of [0, 1, 7]) {
    assert.deepEqual(all(new ZipmapElements(shown(zipmap(texts, unused)))), texts);
  }
});

test("bytes changed or cut off are refused, or give elements within them", () => {
  const random = createRandom([11, 22, 33, 44]);
  const makers: [Buffer, (bytes: RdbString) => Elements][] = [
    [listpackOf(["abc", "1", "70000"]), (bytes) => new ListpackElements(bytes)],
    [ziplist(["abc", 1n, 70_000n, "x".repeat(70)]), (bytes) => new ZiplistElements(bytes)],
    [zipmap(["f", "value", "g", "x"], 2), (bytes) => new ZipmapElements(bytes)],
  ];
  let refusedCount = 0;
  for (const [sound, make] of makers) {
    for (let length = 0; length < sound.length; length++) {
      assert.throws(() => make(shown(sound.subarray(0, length))), BadPayload);
    }
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(sound);
      for (let i = random.below(3); i >= 0; i--) bytes[random.below(bytes.length)] = random.int32();
      const text = shown(bytes);
      const into = new RdbString();
      try {
        const elements = make(text);
        while (elements.next(into)) {
          if (into.region === text.region) assert.ok(into.offset + into.length < bytes.length);
        }
      } catch (error) {
        assert.ok(error instanceof BadPayload, String(error));
        refusedCount++;
      }
    }
  }
  assert.ok(refusedCount > 3000);
});
