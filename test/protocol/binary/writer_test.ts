/** Results and frames, read by a reader that shares nothing with their writer. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { makeRegion } from "../../../src/bytes/region.ts";
import type { ReplyWriter } from "../../../src/ports/reply_writer.ts";
import { framedPush, framesOfResp } from "../../../src/protocol/binary/push.ts";
import { BinaryWriter } from "../../../src/protocol/binary/writer.ts";
import { OutputBuffer } from "../../../src/protocol/resp/output_buffer.ts";
import { RespWriter } from "../../../src/protocol/resp/writer.ts";
import { FrameReader, type Result, resultOfResp3 } from "./frames_support.ts";

const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 200);

/** What `write` writes, as one frame of so many results. */
function written(count: number, write: (reply: BinaryWriter) => void): Result[] {
  const writer = new BinaryWriter(new OutputBuffer(16));
  const at = writer.beginFrame();
  write(writer);
  writer.endFrame(at, 0x82, 0, 1, count);
  const reader = new FrameReader();
  const [frame] = reader.push(writer.output.bytes.slice(0, writer.output.length));
  assert.equal(reader.restLength, 0);
  return frame.results;
}

function hexOf(write: (reply: BinaryWriter) => void): string {
  const writer = new BinaryWriter();
  write(writer);
  return Buffer.from(writer.output.bytes.subarray(0, writer.output.length)).toString("hex");
}

test("each type has its bytes", () => {
  assert.equal(hexOf((reply) => reply.nil()), "00");
  assert.equal(hexOf((reply) => reply.nilArray()), "00");
  assert.equal(hexOf((reply) => reply.boolean(false)), "01");
  assert.equal(hexOf((reply) => reply.boolean(true)), "02");
  assert.equal(hexOf((reply) => reply.ok()), "03");
  assert.equal(hexOf((reply) => reply.simple("OK")), "03");
  assert.equal(hexOf((reply) => reply.simple("A\r\nB")), "0704000000" + "41202042");
  assert.equal(hexOf((reply) => reply.integer(-2)), "04feffffff");
  assert.equal(hexOf((reply) => reply.integer(2 ** 31 - 1)), "04ffffff7f");
  assert.equal(hexOf((reply) => reply.integer(2 ** 31)), "050000008000000000");
  assert.equal(hexOf((reply) => reply.integer(-(2 ** 31) - 1)), "05ffffff7fffffffff");
  assert.equal(hexOf((reply) => reply.integer(-(2n ** 63n))), "050000000000000080");
  assert.equal(hexOf((reply) => reply.double(0.5)), "06000000000000e03f");
  assert.equal(hexOf((reply) => reply.decimal("-0.5")), "06000000000000e0bf");
  assert.equal(hexOf((reply) => reply.error("\r\nE x\r\n")), "0803000000" + "452078");
  assert.equal(hexOf((reply) => reply.bytes(new Uint8Array([1, 2]))), "10020102");
  assert.equal(hexOf((reply) => reply.text("")), "1000");
  assert.equal(hexOf((reply) => reply.text("\u00e9")), "1002c3a9");
  assert.equal(hexOf((reply) => reply.verbatim("txt", "a")), "0a05000000" + "7478743a61");
  assert.equal(hexOf((reply) => reply.array(3)), "0c03000000");
  assert.equal(hexOf((reply) => reply.map(2)), "0d02000000");
  assert.equal(hexOf((reply) => reply.set(1)), "0e01000000");
  assert.equal(hexOf((reply) => reply.push(300)), "0f2c010000");
});

test("bulk strings of all lengths come out as they went in, by every way", () => {
  const source = makeRegion(100_000);
  for (let i = 0; i < 100_000; i++) source.bytes[i] = i * 7;
  const expected = (from: number, length: number): string =>
    Buffer.from(source.bytes.subarray(from, from + length)).toString("latin1");
  for (const length of [0, 1, 3, 4, 63, 64, 99, 100, 192, 193, 255, 256, 257, 70_000]) {
    const text = expected(5, length);
    const results = written(5, (reply) => {
      reply.bulk(source, 5, length);
      reply.bytes(source.bytes.subarray(5, 5 + length));
      reply.beginBulk(length);
      reply.part(source, 5, length >> 1);
      reply.part(source, 5 + (length >> 1), length - (length >> 1));
      reply.endBulk();
      const lengths = Int32Array.of(length, 2);
      reply.bulks(source, Int32Array.of(5, 900), lengths, 2);
    });
    assert.deepEqual(results, [text, text, text, text, expected(900, 2)], `${length} bytes`);
  }
  assert.throws(() => written(1, (reply) => (reply.beginBulk(1), reply.endBulk())), RangeError);
  assert.throws(
    () => written(1, (reply) => (reply.beginBulk(1), reply.part(source, 0, 2))),
    RangeError,
  );
});

test("the version stays, errors are counted, and what was written can be taken back", () => {
  const writer = new BinaryWriter();
  writer.version = 2;
  assert.equal(writer.version, 3);
  writer.integer(1);
  const { position } = writer;
  writer.array(2);
  writer.error("ERR no");
  assert.deepEqual([writer.errorCount, writer.lastError], [1, "ERR no"]);
  writer.rewind(position);
  assert.equal(writer.output.length, 5);
});

test("an array is left out once where it was asked for", () => {
  const writer = new BinaryWriter();
  writer.unwrapNext();
  writer.array(1);
  writer.array(0);
  assert.ok(writer.endUnwrapping());
  writer.unwrapNext();
  writer.nil();
  assert.ok(!writer.endUnwrapping());
  writer.array(0);
  const bytes = writer.output.bytes.subarray(0, writer.output.length);
  assert.equal(Buffer.from(bytes).toString("hex"), "0c00000000" + "00" + "0c00000000");
});

type Call = (reply: ReplyWriter) => void;

const leaf: fc.Arbitrary<Call> = fc.oneof(
  fc.maxSafeInteger().map((value): Call => (reply) => reply.integer(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Call => (reply) =>
    reply.integer(value)
  ),
  fc.double({ noNaN: true }).map((value): Call => (reply) => reply.double(value + 0)),
  fc.string({ maxLength: 300 }).map((value): Call => (reply) => reply.text(value)),
  fc.uint8Array({ maxLength: 600 }).map((value): Call => (reply) => reply.bytes(value)),
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((value): Call => (reply) =>
    reply.error(`ERR ${value}`)
  ),
  fc.string({ maxLength: 30 }).map((value): Call => (reply) => reply.verbatim("txt", value)),
  fc.boolean().map((value): Call => (reply) => reply.boolean(value)),
  fc.constantFrom<Call[]>((reply) => reply.nil(), (reply) => reply.ok()),
);
const { tree } = fc.letrec<{ tree: Call }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.tuple(
      fc.constantFrom("array", "set", "push", "map"),
      fc.array(tie("tree"), { maxLength: 6 }),
    )
      .map(([kind, parts]): Call => (reply) => {
        const all = kind === "map" ? parts.slice(0, parts.length & ~1) : parts;
        if (kind === "map") reply.map(all.length / 2);
        else reply[kind as "array"](all.length);
        for (const part of all) part(reply);
      }),
  ),
}));

test("whatever is replied means the same as in RESP3", () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 5 }), (calls) => {
      const results = written(calls.length, (reply) => calls.forEach((call) => call(reply)));
      const expected = calls.map((call) => {
        const resp = new RespWriter();
        resp.version = 3;
        call(resp);
        return resultOfResp3(Buffer.from(resp.output.bytes.slice(0, resp.output.length)));
      });
      assert.deepEqual(results, expected);
    }),
    { numRuns: RUNS },
  );
});

test("messages are push frames, encoded once for all who get them", () => {
  const push = { words: [new Uint8Array([97]), 3, null] };
  const message = framedPush(push);
  assert.equal(framedPush(push), message);
  assert.equal(
    Buffer.from(message.bytes).toString("hex"),
    "cb830000" + "0e000000" + "00000000" + "01000000" + "0f03000000" + "100161" + "0403000000" +
      "00",
  );
});

test("messages in RESP3 become frames, each its own", () => {
  const resp = Buffer.from(
    '>2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$3\r\n\r\n\x01\r\n+1.5 [0 x] "GET"\r\n>1\r\n_\r\n',
  );
  const frames = new FrameReader().push(framesOfResp(resp));
  assert.deepEqual(frames.map(({ kind, id, results }) => [kind, id, ...results]), [
    ["push", 0, { push: ["invalidate", { array: ["a", "\r\n\x01"] }] }],
    ["push", 0, { push: ["monitor", '1.5 [0 x] "GET"'] }],
    ["push", 0, { push: [null] }],
  ]);
  assert.equal(framesOfResp(new Uint8Array(0)).length, 0);
  assert.throws(() => framesOfResp(Buffer.from("-ERR\r\n")), TypeError);
});
