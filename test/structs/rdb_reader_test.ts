// What RdbWriter writes, RdbReader reads; what is no value is refused.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import assert from "node:assert/strict";
import { FOOTER_BYTES, MAX_VERSION } from "../../src/structs/rdb_format.ts";
import { BadPayload, isSoundPayload, RdbReader, RdbString } from "../../src/structs/rdb_reader.ts";
import { RdbWriter } from "../../src/structs/rdb_writer.ts";
import { memoryOf } from "../support/rdb_payloads.ts";

function written(write: (out: RdbWriter) => void): Buffer {
  const writer = new RdbWriter();
  writer.begin();
  write(writer);
  return Buffer.from(writer.memory.bytes.slice(0, writer.length));
}

function readerOf(bytes: Uint8Array): RdbReader {
  return new RdbReader(memoryOf(bytes), 0, bytes.length);
}

function textOf({ region, offset, length }: RdbString): string {
  return Buffer.from(region.bytes.slice(offset, offset + length)).toString("latin1");
}

function writeText(out: RdbWriter, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  out.string(memoryOf(bytes), 0, bytes.length);
}

const LENGTHS: readonly (readonly [number, number])[] = [
  [0, 1],
  [63, 1],
  [64, 2],
  [16_383, 2],
  [16_384, 5],
  [2 ** 31, 5],
  [2 ** 32 - 1, 5],
  [2 ** 32, 9],
  [Number.MAX_SAFE_INTEGER, 9],
];

test("lengths take as many bytes as they need and are read back", () => {
  for (const [value, size] of LENGTHS) {
    const bytes = written((out) => out.lengthOf(value));
    assert.equal(bytes.length, size);
    assert.equal(readerOf(bytes).lengthOf(), value);
  }
  const halves = new Int32Array(2);
  readerOf(written((out) => out.length64(-1, -1))).length64(halves, 0);
  assert.deepEqual([...halves], [-1, -1]);
});

test("strings are integers, packed, or plain, and are read back", () => {
  const shapes: [string, number][] = [
    ["", 1],
    ["12", 2],
    ["-129", 3],
    ["-2147483648", 5],
    ["2147483648", 11],
    ["012", 4],
    ["x".repeat(20), 21],
    ["x".repeat(21), 11],
    ["x".repeat(5000), 75],
  ];
  const text = new RdbString();
  for (const [value, size] of shapes) {
    const bytes = written((out) => writeText(out, value));
    assert.ok(bytes.length <= size, `${value.slice(0, 20)} takes ${bytes.length} bytes`);
    readerOf(bytes).string(text);
    assert.equal(textOf(text), value);
  }
});

test("numbers and times are read back", () => {
  const bytes = written((out) => {
    out.double(-1.5);
    out.time(1_700_000_000_123);
    out.time(-1);
    out.byte(7);
    out.byte(3);
    for (const char of "2.5") out.byte(char.charCodeAt(0));
    for (const length of [253, 254, 255]) out.byte(length);
  });
  const reader = readerOf(bytes);
  assert.equal(reader.double(), -1.5);
  assert.equal(reader.time(), 1_700_000_000_123);
  assert.equal(reader.time(), -1);
  assert.equal(reader.byte(), 7);
  assert.equal(reader.textDouble(), 2.5);
  assert.ok(Number.isNaN(reader.textDouble()));
  assert.equal(reader.textDouble(), Infinity);
  assert.equal(reader.textDouble(), -Infinity);
  assert.equal(reader.rest, 0);
});

test("nothing is read beyond the end", () => {
  const bytes = written((out) => {
    writeText(out, "x".repeat(300));
    writeText(out, "text");
    writeText(out, "70000");
    out.lengthOf(2 ** 40);
    out.double(1);
  });
  const text = new RdbString();
  for (let end = 0; end < bytes.length; end++) {
    const reader = readerOf(bytes.subarray(0, end));
    assert.throws(() => {
      for (let i = 0; i < 3; i++) reader.string(text);
      reader.lengthOf();
      reader.double();
    }, BadPayload);
  }
  assert.throws(() => readerOf(Buffer.of(0x80, 0xff, 0xff, 0xff, 0xff)).string(text), BadPayload);
  assert.throws(() => readerOf(Buffer.of(40, 0, 0)).count(1), BadPayload);
  assert.throws(() => readerOf(Buffer.of(0xc0, 0)).lengthOf(), BadPayload);
  assert.throws(() => readerOf(Buffer.of(1, 120)).textDouble(), BadPayload);
});

test("a payload is sound with its version and checksum only", () => {
  const bytes = written((out) => {
    writeText(out, "value");
    out.end(MAX_VERSION);
  });
  assert.ok(isSoundPayload(memoryOf(bytes), 0, bytes.length));
  const shifted = Buffer.concat([Buffer.of(9, 9, 9), bytes, Buffer.of(9)]);
  assert.ok(isSoundPayload(memoryOf(shifted), 3, bytes.length));
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]++;
    assert.equal(isSoundPayload(memoryOf(changed), 0, changed.length), false);
    assert.equal(isSoundPayload(memoryOf(bytes), 0, i), false);
  }
  const later = written((out) => out.end(MAX_VERSION + 1));
  assert.equal(later.length, FOOTER_BYTES);
  assert.equal(isSoundPayload(memoryOf(later), 0, later.length), false);
});
