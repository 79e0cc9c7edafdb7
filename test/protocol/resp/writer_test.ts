import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { readAscii } from "../../../src/bytes/ascii.ts";
import { OutputBuffer } from "../../../src/protocol/resp/output_buffer.ts";
import { RespWriter } from "../../../src/protocol/resp/writer.ts";
import { bytesOf } from "./decoder_support.ts";

/** What is written in RESP2 and in RESP3, into a buffer that must grow. */
function both(write: (reply: RespWriter) => void): [resp2: string, resp3: string] {
  const replies = ([2, 3] as const).map((version) => {
    const writer = new RespWriter(new OutputBuffer(1));
    writer.version = version;
    write(writer);
    return readAscii(writer.output.bytes, 0, writer.output.length);
  });
  return [replies[0], replies[1]];
}

function same(write: (reply: RespWriter) => void, wanted: string): void {
  assert.deepEqual(both(write), [wanted, wanted]);
}

/** A region that ends with the text. */
function regionOf(text: string) {
  const bytes = bytesOf(`xyz${text}`);
  return { bytes, view: new DataView(bytes.buffer) };
}

test("status, error and integer replies", () => {
  same((reply) => reply.ok(), "+OK\r\n");
  same((reply) => reply.simple("PONG"), "+PONG\r\n");
  same((reply) => reply.simple("QUEUED"), "+QUEUED\r\n");
  same((reply) => reply.error("ERR syntax error"), "-ERR syntax error\r\n");
  same((reply) => reply.error("ERR got '\r\n\xe9\0'"), "-ERR got '  \xe9\0'\r\n");
  const integers = [0, 1, 9, 10, -1, -9, 100, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER];
  for (const value of integers) same((reply) => reply.integer(value), `:${value}\r\n`);
  same((reply) => reply.integer(9223372036854775807n), ":9223372036854775807\r\n");
  same((reply) => reply.integer(-9223372036854775808n), ":-9223372036854775808\r\n");
});

test("errors are counted", () => {
  const writer = new RespWriter();
  assert.deepEqual([writer.errorCount, writer.lastError], [0, ""]);
  writer.error("ERR one");
  writer.ok();
  writer.error("WRONGTYPE two");
  assert.deepEqual([writer.errorCount, writer.lastError], [2, "WRONGTYPE two"]);
});

test("bulk() copies exactly the value, at every length", () => {
  const lengths = [...Array(300).keys(), 511, 512, 999, 1000, 1001, 9999, 10000, 100000];
  for (const length of lengths) {
    const value = Array.from({ length }, (_, i) => String.fromCharCode((i * 7 + length) & 255));
    const source = regionOf(value.join(""));
    same((reply) => reply.bulk(source, 3, length), `$${length}\r\n${value.join("")}\r\n`);
  }
});

test("bulk() leaves the replies before it and the bytes behind it alone", () => {
  const writer = new RespWriter();
  writer.output.bytes.fill(0x23);
  writer.ok();
  writer.bulk(regionOf("abcdefg"), 3, 7);
  const { bytes, length } = writer.output;
  assert.equal(readAscii(bytes, 0, length + 4), "+OK\r\n$7\r\nabcdefg\r\n####");
});

test("bytes() and text()", () => {
  same((reply) => reply.bytes(bytesOf("a\r\n\xff")), "$4\r\na\r\n\xff\r\n");
  same((reply) => reply.bytes(new Uint8Array(0)), "$0\r\n\r\n");
  same((reply) => reply.text(""), "$0\r\n\r\n");
  same((reply) => reply.text("x".repeat(1000)), `$1000\r\n${"x".repeat(1000)}\r\n`);
  same((reply) => reply.text("\xe9€"), "$5\r\n\xc3\xa9\xe2\x82\xac\r\n");
});

test("a bulk string from parts", () => {
  same((reply) => {
    reply.beginBulk(10);
    reply.part(regionOf("abc"), 3, 3);
    reply.part(regionOf(""), 3, 0);
    reply.part(regionOf("0123456789"), 4, 7);
    reply.endBulk();
  }, "$10\r\nabc1234567\r\n");
  const writer = new RespWriter();
  writer.beginBulk(4);
  assert.throws(() => writer.part(regionOf("abcde"), 3, 5), RangeError);
  writer.part(regionOf("abc"), 3, 3);
  assert.throws(() => writer.endBulk(), RangeError);
});

test("types that RESP2 does not have", () => {
  assert.deepEqual(both((reply) => reply.double(3.5)), ["$3\r\n3.5\r\n", ",3.5\r\n"]);
  assert.deepEqual(both((reply) => reply.double(-Infinity)), ["$4\r\n-inf\r\n", ",-inf\r\n"]);
  assert.deepEqual(both((reply) => reply.double(10)), ["$2\r\n10\r\n", ",10\r\n"]);
  assert.deepEqual(both((reply) => reply.boolean(true)), [":1\r\n", "#t\r\n"]);
  assert.deepEqual(both((reply) => reply.boolean(false)), [":0\r\n", "#f\r\n"]);
  assert.deepEqual(both((reply) => reply.nil()), ["$-1\r\n", "_\r\n"]);
  assert.deepEqual(both((reply) => reply.nilArray()), ["*-1\r\n", "_\r\n"]);
  assert.deepEqual(both((reply) => reply.verbatim("txt", "a\nb")), [
    "$3\r\na\nb\r\n",
    "=7\r\ntxt:a\nb\r\n",
  ]);
  assert.deepEqual(both((reply) => reply.verbatim("mkd", "é")), [
    "$2\r\n\xc3\xa9\r\n",
    "=6\r\nmkd:\xc3\xa9\r\n",
  ]);
});

test("aggregates announce their size", () => {
  for (const count of [0, 1, 9, 10, 1234567]) {
    same((reply) => reply.array(count), `*${count}\r\n`);
    assert.deepEqual(both((reply) => reply.map(count)), [`*${count * 2}\r\n`, `%${count}\r\n`]);
    assert.deepEqual(both((reply) => reply.set(count)), [`*${count}\r\n`, `~${count}\r\n`]);
    assert.deepEqual(both((reply) => reply.push(count)), [`*${count}\r\n`, `>${count}\r\n`]);
  }
});

/** A reader of RESP, to read back what was written. */
class Reader {
  at = 0;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  line(): string {
    const end = this.text.indexOf("\r\n", this.at);
    assert.ok(end >= 0, "a line without an end");
    const line = this.text.slice(this.at, end);
    this.at = end + 2;
    return line;
  }
  take(length: number): string {
    const value = this.text.slice(this.at, this.at + length);
    this.at += length;
    assert.equal(this.line(), "");
    return value;
  }
  value(): unknown {
    const line = this.line();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return { status: rest };
      case "-":
        return { error: rest };
      case ":":
        return BigInt(rest);
      case "$":
        return rest === "-1" ? null : this.take(Number(rest));
      case "*":
        return rest === "-1" ? null : Array.from({ length: Number(rest) }, () => this.value());
      default:
        return assert.fail(`unknown type ${line[0]}`);
    }
  }
}

type Tree = null | bigint | string | { status: string } | { error: string } | Tree[];

function write(reply: RespWriter, tree: Tree): void {
  if (tree === null) reply.nil();
  else if (typeof tree === "bigint") {
    reply.integer(Number.isSafeInteger(Number(tree)) ? Number(tree) : tree);
  } else if (typeof tree === "string") reply.bulk(regionOf(tree), 3, tree.length);
  else if (Array.isArray(tree)) {
    reply.array(tree.length);
    for (const element of tree) write(reply, element);
  } else if ("status" in tree) reply.simple(tree.status);
  else reply.error(tree.error);
}

test("what is written is read back the same", () => {
  const word = fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
  });
  const bytes = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  });
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      bytes,
      word.map((status) => ({ status })),
      word.map((error) => ({ error })),
      fc.array(tie("tree"), { maxLength: 12 }),
    ),
  }));
  const property = fc.property(fc.array(tree, { maxLength: 5 }), (trees) => {
    const writer = new RespWriter(new OutputBuffer(4));
    for (const each of trees) write(writer, each);
    const reader = new Reader(readAscii(writer.output.bytes, 0, writer.output.length));
    assert.deepEqual(trees.map(() => reader.value()), trees);
    assert.equal(reader.at, reader.text.length);
  });
  fc.assert(property, { seed: 11, numRuns: 500 });
});

test("bulks writes what as many calls of bulk do, whatever the lengths", () => {
  const lengths = Int32Array.from([...Array(130).keys(), 999, 1000, 70_000, 0, 5]);
  const offsets = Int32Array.from(lengths, (_, i) => i * 3);
  const source = regionOf("0123456789abcdef".repeat(5000));
  for (const count of [0, 1, 12, lengths.length]) {
    const one = new RespWriter(new OutputBuffer(4)), all = new RespWriter(new OutputBuffer(4));
    for (let i = 0; i < count; i++) one.bulk(source, offsets[i], lengths[i]);
    all.bulks(source, offsets, lengths, count);
    assert.deepEqual(
      all.output.bytes.subarray(0, all.output.length),
      one.output.bytes.subarray(0, one.output.length),
    );
  }
});
