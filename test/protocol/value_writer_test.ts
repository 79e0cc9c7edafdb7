import { test } from "node:test";
import assert from "node:assert/strict";
import { ReplyError, type ReplyValue, ValueWriter } from "../../src/protocol/value_writer.ts";

const encoder = new TextEncoder();

function regionOf(text: string) {
  const bytes = encoder.encode(`x${text}`);
  return { bytes, view: new DataView(bytes.buffer) };
}

function valueOf(write: (reply: ValueWriter) => void, asBytes = false): ReplyValue {
  const writer = new ValueWriter(asBytes);
  write(writer);
  const values = writer.take();
  assert.equal(values.length, 1);
  return values[0];
}

test("scalars become plain values", () => {
  assert.equal(valueOf((reply) => reply.ok()), "OK");
  assert.equal(valueOf((reply) => reply.simple("PONG")), "PONG");
  assert.equal(valueOf((reply) => reply.text("é")), "é");
  assert.equal(valueOf((reply) => reply.verbatim("txt", "a\nb")), "a\nb");
  assert.equal(valueOf((reply) => reply.integer(-3)), -3);
  assert.equal(valueOf((reply) => reply.integer(5n)), 5);
  assert.equal(valueOf((reply) => reply.integer(2n ** 62n)), 2n ** 62n);
  assert.equal(valueOf((reply) => reply.double(1.5)), 1.5);
  assert.equal(valueOf((reply) => reply.boolean(false)), false);
  assert.equal(valueOf((reply) => reply.nil()), null);
  assert.equal(valueOf((reply) => reply.nilArray()), null);
});

test("bulk strings become text or bytes", () => {
  assert.equal(valueOf((reply) => reply.bulk(regionOf("é!"), 1, 3)), "é!");
  assert.equal(valueOf((reply) => reply.bytes(encoder.encode("\ufeffa"))), "\ufeffa");
  const source = regionOf("abc");
  const copy = valueOf((reply) => reply.bulk(source, 2, 2), true) as Uint8Array;
  source.bytes.fill(0);
  assert.deepEqual(copy, encoder.encode("bc"));
  const parts = (reply: ValueWriter): void => {
    reply.beginBulk(4);
    reply.part(regionOf("ab"), 1, 2);
    reply.part(regionOf("cd"), 1, 2);
    reply.endBulk();
  };
  assert.equal(valueOf(parts), "abcd");
  assert.deepEqual(valueOf(parts, true), encoder.encode("abcd"));
  const writer = new ValueWriter();
  writer.beginBulk(4);
  writer.part(regionOf("ab"), 1, 2);
  assert.throws(() => writer.endBulk(), RangeError);
});

test("bulk strings of every length are decoded, wherever they lie", () => {
  for (const letter of ["a", "é", "€", "\ufeff"]) {
    for (let length = 0; length <= 140; length++) {
      const text = `${"a".repeat(length)}${letter}`;
      const source = regionOf(text);
      const size = source.bytes.length - 1;
      assert.equal(valueOf((reply) => reply.bulk(source, 1, size)), text);
      assert.equal(valueOf((reply) => reply.bytes(source.bytes.subarray(1))), text);
      assert.deepEqual(valueOf((reply) => reply.bulk(source, 1, size), true), encoder.encode(text));
    }
  }
  const bytes = new Uint8Array([0x61, 0xc3]);
  const broken = { bytes, view: new DataView(bytes.buffer) };
  assert.equal(valueOf((reply) => reply.bulk(broken, 0, 2)), "a\ufffd");
});

test("discard() forgets what is whole and what is not", () => {
  const writer = new ValueWriter();
  writer.ok();
  writer.array(2);
  writer.integer(1);
  writer.discard();
  writer.integer(2);
  assert.deepEqual(writer.take(), [2]);
});

test("errors become values and are counted", () => {
  const writer = new ValueWriter();
  writer.error("WRONGTYPE Operation against");
  writer.error("LOADING");
  const [first, second] = writer.take() as ReplyError[];
  assert.ok(first instanceof ReplyError && first instanceof Error);
  assert.deepEqual([first.code, first.message], ["WRONGTYPE", "WRONGTYPE Operation against"]);
  assert.equal(second.code, "LOADING");
  assert.deepEqual([writer.errorCount, writer.lastError], [2, "LOADING"]);
});

test("aggregates nest", () => {
  const value = valueOf((reply) => {
    reply.array(4);
    reply.array(0);
    reply.map(2);
    reply.text("a");
    reply.set(2);
    reply.integer(1);
    reply.integer(2);
    reply.text("b");
    reply.push(1);
    reply.nil();
    reply.error("ERR x");
    reply.map(0);
  });
  const map = new Map<string, unknown>([["a", new Set([1, 2])], ["b", [null]]]);
  const [empty, pairs, error, none] = value as ReplyValue[];
  assert.deepEqual(empty, []);
  assert.deepEqual(pairs, map);
  assert.ok(error instanceof ReplyError);
  assert.deepEqual(none, new Map());
});

test("a map's key may be null, and twice the same element still counts", () => {
  const value = valueOf((reply) => {
    reply.map(2);
    reply.nil();
    reply.integer(1);
    reply.set(2);
    reply.integer(7);
    reply.integer(7);
    reply.ok();
  }) as Map<ReplyValue, ReplyValue>;
  assert.equal(value.get(null), 1);
  assert.deepEqual([...value.keys()][1], new Set([7]));
});

test("take() gives whole replies only, each once", () => {
  const writer = new ValueWriter();
  writer.ok();
  writer.array(2);
  writer.integer(1);
  assert.deepEqual(writer.take(), ["OK"]);
  assert.deepEqual(writer.take(), []);
  writer.integer(2);
  assert.deepEqual(writer.take(), [[1, 2]]);
});

test("bulks are as many strings", () => {
  const bytes = new TextEncoder().encode("onetwothree___");
  const source = { bytes, view: new DataView(bytes.buffer) };
  const writer = new ValueWriter();
  writer.array(3);
  writer.bulks(source, Int32Array.of(0, 3, 6, 0), Int32Array.of(3, 3, 5, 1), 3);
  assert.deepEqual(writer.take(), [["one", "two", "three"]]);
});

test("a reply within an array is taken back alone, whole or not, the last one included", () => {
  const writer = new ValueWriter();
  writer.ok();
  writer.array(3);
  writer.text("first");
  for (const write of [() => writer.array(2), () => writer.integer(7)]) {
    const { position } = writer;
    writer.array(2);
    writer.integer(1);
    write();
    writer.rewind(position);
    assert.equal(writer.position, position);
  }
  writer.error("ERR second");
  const { position } = writer;
  writer.integer(3);
  writer.rewind(position);
  writer.text("third");
  writer.ok();
  const [before, [first, second, third], after] = writer.take() as [string, unknown[], string];
  assert.deepEqual([before, first, third, after], ["OK", "first", "third", "OK"]);
  assert.equal((second as ReplyError).message, "ERR second");
});
