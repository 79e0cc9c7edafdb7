import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { JsonWriter } from "../../../src/protocol/json/writer.ts";
import type { ReplyWriter } from "../../../src/ports/reply_writer.ts";

const decoder = new TextDecoder();
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** A reply as it is said to a writer, and what it becomes in JSON. */
type Reply =
  | { kind: "bulk" | "bytes" | "parts"; value: Uint8Array }
  | { kind: "text" | "simple" | "error"; value: string }
  | { kind: "integer"; value: number }
  | { kind: "boolean"; value: boolean }
  | { kind: "nil" }
  | { kind: "array" | "set"; items: Reply[] }
  | { kind: "map"; pairs: [string, Reply][] };

function say(writer: ReplyWriter, reply: Reply): void {
  switch (reply.kind) {
    case "bulk": {
      const padded = new Uint8Array(reply.value.length + 8);
      padded.set(reply.value);
      const region = { bytes: padded, view: new DataView(padded.buffer) };
      return writer.bulk(region, 0, reply.value.length);
    }
    case "parts": {
      const region = { bytes: reply.value, view: new DataView(reply.value.slice().buffer) };
      const half = reply.value.length >> 1;
      writer.beginBulk(reply.value.length);
      writer.part(region, 0, half);
      writer.part(region, half, reply.value.length - half);
      return writer.endBulk();
    }
    case "bytes":
      return writer.bytes(reply.value);
    case "text":
      return writer.text(reply.value);
    case "simple":
      return writer.simple(reply.value);
    case "error":
      return writer.error(reply.value);
    case "integer":
      return writer.integer(reply.value);
    case "boolean":
      return writer.boolean(reply.value);
    case "nil":
      return writer.nil();
    case "array":
      writer.array(reply.items.length);
      return reply.items.forEach((item) => say(writer, item));
    case "set":
      writer.set(reply.items.length);
      return reply.items.forEach((item) => say(writer, item));
    case "map":
      writer.map(reply.pairs.length);
      for (const [key, value] of reply.pairs) {
        writer.text(key);
        say(writer, value);
      }
  }
}

function inJson(reply: Reply, version: 2 | 3): unknown {
  switch (reply.kind) {
    case "bulk":
    case "parts":
    case "bytes":
      return lossy.decode(reply.value);
    case "error":
      return { error: reply.value };
    case "boolean":
      return version === 3 ? reply.value : Number(reply.value);
    case "nil":
      return null;
    case "array":
    case "set":
      return reply.items.map((item) => inJson(item, version));
    case "map": {
      const pairs = reply.pairs.map(([key, value]) => [key, inJson(value, version)] as const);
      return version === 3 ? Object.fromEntries(pairs) : pairs.flat();
    }
    default:
      return reply.value;
  }
}

const text = fc.string({ unit: "grapheme" });
const { tree } = fc.letrec<{ tree: Reply }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.record({ kind: fc.constantFrom("bulk", "bytes", "parts"), value: fc.uint8Array() }),
    fc.record({ kind: fc.constantFrom("text", "simple", "error"), value: text }),
    fc.record({ kind: fc.constant("integer"), value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant("boolean"), value: fc.boolean() }),
    fc.record({ kind: fc.constant("nil") }),
    fc.record({ kind: fc.constantFrom("array", "set"), items: fc.array(tie("tree")) }),
    fc.record({
      kind: fc.constant("map"),
      pairs: fc.uniqueArray(fc.tuple(text, tie("tree")), { selector: ([key]) => key }),
    }),
  ) as fc.Arbitrary<Reply>,
}));

function written(writer: JsonWriter): string {
  return decoder.decode(writer.output.bytes.subarray(0, writer.output.length));
}

test("replies become what they mean, in both versions and all shapes", () => {
  const writer = new JsonWriter();
  const shapes = fc.constantFrom("array" as const, "lines" as const);
  fc.assert(
    fc.property(fc.array(tree), fc.constantFrom(2, 3), shapes, (replies, version, shape) => {
      writer.version = version as 2 | 3;
      writer.begin(shape);
      for (const reply of replies) say(writer, reply);
      writer.end();
      const expected = replies.map((reply) => {
        const value = inJson(reply, writer.version);
        return reply.kind === "error" ? value : { result: value };
      });
      const output = written(writer);
      const found = shape === "array"
        ? JSON.parse(output)
        : output.split("\n").slice(0, -1).map((line) => JSON.parse(line));
      assert.deepEqual(found, JSON.parse(JSON.stringify(expected)));
    }),
  );
});

test("in base64 every string is, but for an OK that is the whole reply", () => {
  const writer = new JsonWriter();
  writer.version = 2;
  writer.isBase64 = true;
  writer.begin("array");
  writer.ok();
  writer.simple("PONG");
  writer.array(2);
  writer.ok();
  writer.text("\u00e9");
  writer.bytes(Uint8Array.of(255, 0));
  writer.integer(12);
  writer.nil();
  writer.error("ERR no");
  writer.end();
  const encoded = (value: string | Uint8Array): string =>
    Buffer.from(value as string).toString("base64");
  assert.deepEqual(JSON.parse(written(writer)), [
    { result: "OK" },
    { result: encoded("PONG") },
    { result: [encoded("OK"), encoded("\u00e9")] },
    { result: encoded(Uint8Array.of(255, 0)) },
    { result: 12 },
    { result: null },
    { error: "ERR no" },
  ]);
});

test("numbers keep their digits", () => {
  const writer = new JsonWriter();
  writer.begin("array");
  writer.integer(9_223_372_036_854_775_807n);
  writer.double(1.5);
  writer.double(Infinity);
  writer.decimal("3.0e+300");
  writer.map(1);
  writer.integer(7);
  writer.double(-0.25);
  writer.version = 2;
  writer.double(1.5);
  writer.end();
  assert.equal(
    written(writer),
    '[{"result":9223372036854775807},{"result":1.5},{"result":"inf"},{"result":3.0e+300},' +
      '{"result":{"7":-0.25}},{"result":"1.5"}]',
  );
});

test("rewind() takes back a reply that is not whole", () => {
  const writer = new JsonWriter();
  writer.begin("array");
  writer.integer(1);
  const { position } = writer;
  writer.array(3);
  writer.integer(2);
  writer.rewind(position);
  writer.error("OOM");
  writer.end();
  assert.equal(written(writer), '[{"result":1},{"error":"OOM"}]');
});

test("rewind() takes back an element of an array that is open", () => {
  const writer = new JsonWriter();
  writer.begin("array");
  writer.array(3);
  writer.integer(1);
  for (const isWhole of [true, false]) {
    const { position } = writer;
    if (isWhole) writer.integer(2);
    else writer.array(2);
    writer.rewind(position);
  }
  writer.error("OOM");
  writer.integer(3);
  writer.end();
  assert.equal(written(writer), '[{"result":[1,{"error":"OOM"},3]}]');
});

test("one reply stands alone", () => {
  const writer = new JsonWriter();
  writer.begin("one");
  writer.text('a"b\\c\n');
  writer.end();
  assert.equal(written(writer), '{"result":"a\\"b\\\\c\\n"}');
});

test("every byte at every place of a bulk string is written as JSON.stringify would", () => {
  const writer = new JsonWriter();
  for (let length = 1; length <= 9; length++) {
    for (let place = 0; place < length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        const value = new Uint8Array(length + 3).fill(0x61);
        value[3 + place] = byte;
        writer.begin("one");
        writer.bulk({ bytes: value, view: new DataView(value.buffer) }, 3, length);
        writer.end();
        const { bytes, length: end } = writer.output;
        const expected = JSON.stringify({ result: lossy.decode(value.subarray(3)) });
        assert.equal(decoder.decode(bytes.subarray(0, end)), expected, `${byte} at ${place}`);
      }
    }
  }
});
