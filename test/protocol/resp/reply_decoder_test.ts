import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { MalformedReply } from "../../../src/protocol/malformed_reply.ts";
import { RespReplyDecoder } from "../../../src/protocol/resp/reply_decoder.ts";
import { RespWriter } from "../../../src/protocol/resp/writer.ts";
import { ReplyError, type ReplyValue } from "../../../src/protocol/value_writer.ts";
import { replyValues, shown, wellFormed, writeValue } from "../reply_values.ts";
import { bytesOf } from "./decoder_support.ts";

const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 200);
const LIMITS = { maxBulkBytes: 1000, maxDepth: 4 };

const utf8 = new TextEncoder();

/** All replies in some pieces of input. */
function decodeAll(pieces: readonly Uint8Array[], asBytes = false): unknown[] {
  const decoder = new RespReplyDecoder(asBytes);
  const values: unknown[] = [];
  for (const piece of pieces) {
    const scratch = piece.slice();
    decoder.add(scratch);
    // What was given may be used again at once.
    scratch.fill(0xff);
    for (let value = decoder.next(asBytes); value !== undefined; value = decoder.next(asBytes)) {
      values.push(decoder.isPush ? { push: shown(value) } : shown(value));
    }
  }
  assert.equal(decoder.isWaiting, false);
  return values;
}

const GOLDEN: readonly [string, unknown][] = [
  ["+OK\r\n", "OK"],
  ["+PONG\r\n", "PONG"],
  ["+\r\n", ""],
  ["-ERR no such thing\r\n", shown(new ReplyError("ERR no such thing"))],
  ["!21\r\nSYNTAX invalid syntax\r\n", shown(new ReplyError("SYNTAX invalid syntax"))],
  [":0\r\n", 0],
  [":-42\r\n", -42],
  [":9007199254740991\r\n", 9007199254740991],
  [":9223372036854775807\r\n", "9223372036854775807n"],
  [":-9223372036854775808\r\n", "-9223372036854775808n"],
  ["$0\r\n\r\n", ""],
  ["$5\r\na\r\nbc\r\n", "a\r\nbc"],
  ["$-1\r\n", null],
  ["*-1\r\n", null],
  ["_\r\n", null],
  ["#t\r\n", true],
  ["#f\r\n", false],
  [",1.5\r\n", 1.5],
  [",10\r\n", 10],
  [",-1.5e-7\r\n", -1.5e-7],
  [",inf\r\n", Infinity],
  [",-inf\r\n", -Infinity],
  [",nan\r\n", NaN],
  [
    "(3492890328409238509324850943850943825024385\r\n",
    "3492890328409238509324850943850943825024385n",
  ],
  ["(-7\r\n", "-7n"],
  ["=15\r\ntxt:Some string\r\n", "Some string"],
  ["*0\r\n", []],
  ["*3\r\n:1\r\n*2\r\n$1\r\na\r\n_\r\n*0\r\n", [1, ["a", null], []]],
  ["%2\r\n+first\r\n:1\r\n$6\r\nsecond\r\n%0\r\n", {
    map: [["first", 1], ["second", { map: [] }]],
  }],
  ["~3\r\n+a\r\n:1\r\n+a\r\n", { set: ["a", 1] }],
  [">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n", { push: ["message", "c", "m"] }],
  ["|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n", "v"],
  ["|0\r\n:1\r\n", 1],
  ["*2\r\n|1\r\n+a\r\n*1\r\n:9\r\n:1\r\n:2\r\n", [1, 2]],
];

test("every kind of reply becomes its value, in whatever two pieces it comes", () => {
  for (const [input, expected] of GOLDEN) {
    const bytes = bytesOf(input);
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(decodeAll([bytes.subarray(0, at), bytes.subarray(at)]), [expected], input);
    }
    assert.deepEqual(decodeAll([...bytes].map((byte) => Uint8Array.of(byte))), [expected], input);
  }
  const all = bytesOf(GOLDEN.map(([input]) => input).join(""));
  assert.deepEqual(decodeAll([all]), GOLDEN.map(([, expected]) => expected));
});

test("bulk strings become bytes where they are asked for, whatever is in them", () => {
  const decoder = new RespReplyDecoder(false);
  decoder.add(
    bytesOf("$3\r\n\xff\r\n\r\n*2\r\n$1\r\na\r\n+s\r\n>2\r\n+message\r\n$1\r\nm\r\n$1\r\nb\r\n"),
  );
  const first = decoder.next(true);
  assert.deepEqual(first, Uint8Array.of(0xff, 13, 10));
  assert.deepEqual(decoder.next(true), [Uint8Array.of(97), "s"]);
  // Pushes go by what they are asked for as.
  assert.deepEqual(decoder.next(true), ["message", "m"]);
  assert.ok(decoder.isPush);
  assert.deepEqual(decoder.next(false), "b");
  assert.ok(!decoder.isPush);
  decoder.add(new Uint8Array(1000));
  assert.deepEqual(first, Uint8Array.of(0xff, 13, 10));
});

test("what a server writes is read back, in pieces of any size", () => {
  fc.assert(
    fc.property(
      fc.array(replyValues, { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      (drawn, sizes) => {
        const values = drawn.map(wellFormed);
        const writer = new RespWriter();
        writer.version = 3;
        for (const value of values) writeValue(writer, value);
        const bytes = writer.output.bytes.slice(0, writer.output.length);
        const pieces: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length];
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(decodeAll(pieces), values.map(shown));
      },
    ),
    { numRuns: RUNS },
  );
});

test("whatever comes is a reply or malformed, never a failure of the decoder", () => {
  const letters = fc.constantFrom(..."*$+-:_#,(%~>=!|\r\n\r\n0123459tfa\0\xff");
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 40 }), (drawn) => {
      const decoder = new RespReplyDecoder(false, LIMITS);
      try {
        decoder.add(bytesOf(drawn.join("")));
        while (decoder.next(false) !== undefined);
      } catch (error) {
        assert.ok(error instanceof MalformedReply, String(error));
      }
    }),
    { numRuns: RUNS * 10 },
  );
});

const MALFORMED = [
  ["hello\r\n", /no reply: "h/],
  ["$x\r\n", /no reply/],
  ["$-2\r\n", /no reply/],
  ["$1001\r\n", /a length of 1001: at most 1000/],
  ["$99999999999999999999999\r\n", /no reply|at most/],
  ["$1\r\nab\r\n", /no reply/],
  ["*99999999999\r\n", /at most/],
  ["*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", /more than 4 levels/],
  ["*1\r\n>1\r\n", /no reply/],
  [">0\r\n", /no reply/],
  [":1a\r\n", /no reply/],
  [":99999999999999999999\r\n", /no reply/],
  ["#x\r\n", /no reply/],
  ["_x\r\n", /no reply/],
  [",one\r\n", /no reply/],
  ["(1.5\r\n", /no reply/],
  ["=3\r\ntxt\r\n", /no reply/],
  ["+a\rb\r\n", /no reply/],
  ["$?\r\n", /no reply/],
] as const;

test("malformed input is named", () => {
  for (const [input, message] of MALFORMED) {
    const decoder = new RespReplyDecoder(false, LIMITS);
    assert.throws(
      () => {
        for (const byte of bytesOf(input)) {
          decoder.add(Uint8Array.of(byte));
          decoder.next(false);
        }
      },
      (error) => error instanceof MalformedReply && message.test(error.message),
      input,
    );
  }
});

test("limits are met exactly", () => {
  const decoder = new RespReplyDecoder(false, LIMITS);
  decoder.add(bytesOf(`$1000\r\n${"x".repeat(1000)}\r\n*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n`));
  assert.equal(decoder.next(false), "x".repeat(1000));
  assert.deepEqual(decoder.next(false), [[[[7]]]]);
  const line = `+${"x".repeat(64 * 1024 - 10)}`;
  decoder.add(bytesOf(line));
  assert.equal(decoder.next(false), undefined);
  decoder.add(bytesOf("x".repeat(100)));
  assert.throws(() => decoder.next(false), MalformedReply);
});

test("a long line and a large string are read in time that grows with their length", () => {
  const large = "é".repeat(4_000_000);
  const bytes = utf8.encode(`$${large.length * 2}\r\n${large}\r\n+${"y".repeat(60_000)}\r\n`);
  const decoder = new RespReplyDecoder();
  let found: ReplyValue | undefined;
  // Searched or copied anew with each piece, this would take minutes.
  for (let at = 0; at < bytes.length; at += 500) {
    decoder.add(bytes.subarray(at, at + 500));
    found = decoder.next(false) ?? found;
    if (found !== undefined) break;
  }
  assert.equal(found, large);
});

test("an aggregate that is announced larger than memory costs nothing until it comes", () => {
  const decoder = new RespReplyDecoder();
  decoder.add(bytesOf("*4294967296\r\n%4000000000\r\n:1\r\n"));
  assert.equal(decoder.next(false), undefined);
  assert.ok(decoder.isWaiting);
});
