import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  compareIds,
  decodeId,
  decrementId,
  encodeId,
  formatId,
  ID_AUTO_SEQ,
  ID_INVALID,
  ID_TEXT_BYTES,
  ID_VALID,
  incrementId,
  MISSING_IS_GREATEST,
  MISSING_IS_LEAST,
  nextId,
  parseId,
  parseNewId,
  parseStrictId,
  setId,
} from "../../src/structs/stream_id.ts";

const MAX = "18446744073709551615";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function show(id: Int32Array, at = 0): string {
  const bytes = new Uint8Array(ID_TEXT_BYTES);
  return decoder.decode(bytes.subarray(0, formatId(id, at, bytes, 0)));
}

function parsed(text: string, missing = MISSING_IS_LEAST): string | undefined {
  const bytes = encoder.encode(`##${text}`);
  const id = new Int32Array(5);
  return parseId(bytes, 2, bytes.length - 2, missing, id, 1) ? show(id, 1) : undefined;
}

function idOf(text: string): Int32Array {
  const bytes = encoder.encode(text);
  const id = new Int32Array(4);
  assert.ok(parseId(bytes, 0, bytes.length, MISSING_IS_LEAST, id, 0), text);
  return id;
}

test("ids are read and written in decimal, up to 64 bits for each part", () => {
  for (
    const text of ["0-0", "1-1", "1700000000000-5", `${MAX}-${MAX}`, "4294967295-4294967296"]
      .concat(["9007199254740991-9007199254740992", "999999999999999-1000000000000000"])
  ) {
    assert.equal(parsed(text), text);
  }
  assert.equal(parsed("5"), "5-0");
  assert.equal(parsed("5", MISSING_IS_GREATEST), `5-${MAX}`);
  assert.equal(parsed("-"), "0-0");
  assert.equal(parsed("+"), `${MAX}-${MAX}`);
});

test("what strtoull() takes is taken, and nothing else", () => {
  assert.equal(parsed(" 5"), "5-0");
  assert.equal(parsed("+5-\t007"), "5-7");
  assert.equal(parsed("5--0"), "5-0");
  assert.equal(parsed("5- -1"), `5-${MAX}`);
  assert.equal(parsed(`5--${MAX}`), "5-1");
  assert.equal(parsed("5-3\0x"), "5-3");
  for (
    const text of ["", "x", "5-", "-5", "5-x", "5x", "5--3", "5-+", "5- ", "18446744073709551616"]
      .concat(["1-18446744073709551616", "99999999999999999999999", "5-3-1", "1.5", "5-*", "*"])
      .concat(["1".repeat(128), "5--9223372036854775808", "+ 5"])
  ) {
    assert.equal(parsed(text), undefined, text);
  }
  assert.equal(parsed(`${"0".repeat(126)}5`), "5-0");
});

test("strict ids are neither - nor +", () => {
  const id = new Int32Array(4);
  for (const text of ["-", "+"]) {
    assert.equal(parseStrictId(encoder.encode(text), 0, 1, MISSING_IS_LEAST, id, 0), false);
  }
});

test("the sequence number of a new id may be left to the stream", () => {
  const id = new Int32Array(4);
  const read = (text: string): number => {
    const bytes = encoder.encode(text);
    return parseNewId(bytes, 0, bytes.length, id, 0);
  };
  assert.equal(read("7-*"), ID_AUTO_SEQ);
  assert.equal(show(id), "7-0");
  assert.equal(read("7-2"), ID_VALID);
  assert.equal(show(id), "7-2");
  assert.equal(read("7"), ID_VALID);
  assert.equal(show(id), "7-0");
  for (const text of ["-", "+", "7-**", "*-1", "7-* "]) assert.equal(read(text), ID_INVALID);
});

test("ids are counted up and down across words, and wrap around", () => {
  const id = idOf("0-4294967295");
  assert.ok(incrementId(id, 0));
  assert.equal(show(id), "0-4294967296");
  assert.ok(decrementId(id, 0));
  assert.equal(show(id), "0-4294967295");
  const end = idOf(`5-${MAX}`);
  assert.ok(incrementId(end, 0));
  assert.equal(show(end), "6-0");
  assert.ok(decrementId(end, 0));
  assert.equal(show(end), `5-${MAX}`);
  const last = idOf("+");
  assert.equal(incrementId(last, 0), false);
  assert.equal(show(last), "0-0");
  assert.equal(decrementId(last, 0), false);
  assert.equal(show(last), `${MAX}-${MAX}`);
});

test("ids are ordered as unsigned numbers, and so are their keys", () => {
  const ids = ["0-0", "0-1", "0-4294967296", "1-0", "1-2147483648", "2147483648-0", "4294967296-0"]
    .concat([`${MAX}-0`, "+"]).map(idOf);
  const keys = ids.map((id) => {
    const view = new DataView(new ArrayBuffer(16));
    encodeId(id, 0, view, 0);
    const back = new Int32Array(4);
    decodeId(view, 0, back, 0);
    assert.deepEqual(back, id);
    return Buffer.from(view.buffer).toString("hex");
  });
  for (let i = 0; i < ids.length; i++) {
    for (let j = 0; j < ids.length; j++) {
      assert.equal(Math.sign(compareIds(ids[i], 0, ids[j], 0)), Math.sign(i - j));
      assert.equal(keys[i] < keys[j], i < j);
    }
  }
});

test("the next id is of the moment, or follows the last one", () => {
  const next = new Int32Array(4);
  assert.ok(nextId(idOf("5-3"), 0, 6, next, 0));
  assert.equal(show(next), "6-0");
  assert.ok(nextId(idOf("5-3"), 0, 5, next, 0));
  assert.equal(show(next), "5-4");
  assert.ok(nextId(idOf(`5-${MAX}`), 0, 4, next, 0));
  assert.equal(show(next), "6-0");
  assert.equal(nextId(idOf("+"), 0, 4, next, 0), false);
  setId(next, 0, 1_700_000_000_123, 2 ** 40);
  assert.equal(show(next), "1700000000123-1099511627776");
});
