import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import fc from "fast-check";
import {
  KIND_PUSH,
  KIND_REFUSED,
  KIND_REPLIES,
  KIND_WELCOME,
} from "../../../src/protocol/binary/frame.ts";
import { BinaryReplyDecoder } from "../../../src/protocol/binary/reply_decoder.ts";
import { BinaryWriter } from "../../../src/protocol/binary/writer.ts";
import { MalformedReply } from "../../../src/protocol/malformed_reply.ts";
import { ReplyError, type ReplyValue } from "../../../src/protocol/value_writer.ts";
import { replyValues, shown, wellFormed, writeValue } from "../reply_values.ts";

const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 200);
const LIMITS = { maxBulkBytes: 1000, maxDepth: 4 };

interface Seen {
  readonly kind: number;
  readonly id: number;
  readonly hasMore: boolean;
  readonly results: unknown[];
}

function readAll(decoder: BinaryReplyDecoder, asBytes = false): Seen[] {
  const frames: Seen[] = [];
  while (decoder.begin()) {
    const results: unknown[] = [];
    const count = decoder.kind === KIND_WELCOME ? 1 : decoder.count;
    for (let i = 0; i < count; i++) {
      const value = shown(decoder.result(asBytes));
      results.push(decoder.isPush ? { push: value } : value);
    }
    decoder.finish();
    frames.push({ kind: decoder.kind, id: decoder.id, hasMore: decoder.hasMore, results });
  }
  return frames;
}

function decodeAll(pieces: readonly Uint8Array[], asBytes = false): Seen[] {
  const decoder = new BinaryReplyDecoder();
  const frames = pieces.flatMap((piece) => {
    decoder.add(piece);
    return readAll(decoder, asBytes);
  });
  assert.equal(decoder.isWaiting, false);
  return frames;
}

/** A frame of replies with a body in hexadecimal. */
function framed(hex: string, count = 1, kind = KIND_REPLIES, flags = 0, id = 5): Buffer {
  const body = Buffer.from(hex.replace(/ /g, ""), "hex");
  const head = Buffer.alloc(16);
  head[0] = 0xcb;
  head[1] = kind;
  head.writeUInt16LE(flags, 2);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(id, 8);
  head.writeUInt32LE(count, 12);
  return Buffer.concat([head, body]);
}

const GOLDEN: readonly [string, unknown][] = [
  ["00", null],
  ["01", false],
  ["02", true],
  ["03", "OK"],
  ["04 ffffffff", -1],
  ["05 ffffffffffffff7f", "9223372036854775807n"],
  ["05 0000000001000000", 2 ** 32],
  ["06 000000000000f83f", 1.5],
  ["06 000000000000f07f", Infinity],
  ["07 04000000 504f4e47", "PONG"],
  ["08 05000000 4552522078", shown(new ReplyError("ERR x"))],
  ["09 03000000 c3a961", "éa"],
  ["0a 06000000 7478743a6869", "hi"],
  ["0b 03000000 2d3132", "-12n"],
  ["0c 02000000 00 0c00000000", [null, []]],
  ["0d 01000000 100161 03", { map: [["a", "OK"]] }],
  ["0e 02000000 100161 100162", { set: ["a", "b"] }],
  ["10 00", ""],
  ["10 02 6869", "hi"],
];

test("every kind of result becomes its value, in whatever two pieces it comes", () => {
  for (const [hex, expected] of GOLDEN) {
    const bytes = framed(hex);
    const frame = { kind: KIND_REPLIES, id: 5, hasMore: false, results: [expected] };
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(decodeAll([bytes.subarray(0, at), bytes.subarray(at)]), [frame], hex);
    }
  }
});

test("frames say what they are", () => {
  const bytes = Buffer.concat([
    framed("03", 1, KIND_WELCOME),
    framed("03 00", 2, KIND_REPLIES, 1),
    framed("", 0),
    framed("0f 01000000 100161", 1, KIND_PUSH, 0, 0),
    framed("08 01000000 78", 1, KIND_REFUSED, 0, 9),
  ]);
  assert.deepEqual(decodeAll([bytes]), [
    { kind: KIND_WELCOME, id: 5, hasMore: false, results: ["OK"] },
    { kind: KIND_REPLIES, id: 5, hasMore: true, results: ["OK", null] },
    { kind: KIND_REPLIES, id: 5, hasMore: false, results: [] },
    { kind: KIND_PUSH, id: 0, hasMore: false, results: [{ push: ["a"] }] },
    { kind: KIND_REFUSED, id: 9, hasMore: false, results: [shown(new ReplyError("x"))] },
  ]);
});

test("bulk strings become bytes where they are asked for, other texts do not", () => {
  const bytes = framed("10 01 ff 09 01000000 fe 07 01000000 61 0a 05000000 7478743a62", 4);
  assert.deepEqual(decodeAll([bytes], true)[0].results, [
    Uint8Array.of(0xff),
    Uint8Array.of(0xfe),
    "a",
    "b",
  ]);
});

test("what a server writes is read back, in pieces of any size", () => {
  fc.assert(
    fc.property(
      fc.array(replyValues, { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      (drawn, sizes) => {
        const values = drawn.map(wellFormed);
        const writer = new BinaryWriter();
        const at = writer.beginFrame();
        for (const value of values) writeValue(writer, value);
        writer.endFrame(at, KIND_REPLIES, 0, 3, values.length);
        const bytes = writer.output.bytes.slice(0, writer.output.length);
        const pieces: Uint8Array[] = [];
        for (let from = 0, i = 0; from < bytes.length; i++) {
          const size = sizes[i % sizes.length];
          pieces.push(bytes.subarray(from, from + size));
          from += size;
        }
        const results = values.map((value: ReplyValue) => shown(value));
        assert.deepEqual(decodeAll(pieces), [{
          kind: KIND_REPLIES,
          id: 3,
          hasMore: false,
          results,
        }]);
      },
    ),
    { numRuns: RUNS },
  );
});

test("whatever comes is a frame or malformed, never a failure of the decoder", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: 0, max: 4 }),
      fc.constantFrom(KIND_REPLIES, KIND_PUSH, KIND_REFUSED, KIND_WELCOME, 0x02),
      (body, count, kind) => {
        // Tags come more often than chance has it.
        const tags = body.map((byte, i) => i % 3 === 0 ? byte % 0x12 : byte % 5);
        const decoder = new BinaryReplyDecoder(LIMITS);
        try {
          decoder.add(framed(Buffer.from(tags).toString("hex"), count, kind));
          readAll(decoder);
        } catch (error) {
          assert.ok(error instanceof MalformedReply, String(error));
        }
      },
    ),
    { numRuns: RUNS * 10 },
  );
});

const MALFORMED: readonly [Buffer, RegExp][] = [
  [Buffer.from("+OK\r\n"), /begins with byte 0x2b/],
  [
    Buffer.from("-ERR max number of clients reached\r\n"),
    /RESP: ERR max number of clients reached$/,
  ],
  [framed("00", 1, 0x02), /unknown kind 0x2/],
  [framed("00", 1, KIND_REPLIES, 2), /unknown flags 2/],
  [framed("00", 1, KIND_PUSH, 1), /unknown flags 1/],
  [framed("00 00", 2, KIND_PUSH), /2 results in place of one/],
  [framed("00", 2), /2 results in 1 bytes/],
  [framed("00 00", 1), /1 bytes behind/],
  [framed("11"), /unknown kind 17/],
  [framed("04 0000"), /beyond its frame/],
  [framed("05 00000000"), /beyond its frame/],
  [framed("10"), /beyond its frame/],
  [framed("10 05 61"), /beyond its frame/],
  [framed("09 ffffffff 61"), /beyond its frame/],
  [framed("0c ffffffff 00"), /beyond its frame/],
  [framed("0c 0000"), /beyond its frame/],
  [framed("0c 01000000 0f 01000000 00"), /push within/],
  [framed("0a 03000000 747874"), /without its format/],
  [framed("0b 01000000 61"), /big number/],
  [framed("0c01000000".repeat(5) + "00"), /more than 4 levels/],
];

test("malformed frames are named", () => {
  for (const [bytes, message] of MALFORMED) {
    const decoder = new BinaryReplyDecoder(LIMITS);
    decoder.add(bytes);
    assert.throws(
      () => readAll(decoder),
      (error) => error instanceof MalformedReply && message.test(error.message),
      String(message),
    );
  }
  const decoder = new BinaryReplyDecoder(LIMITS);
  decoder.add(Buffer.from("cb820000ffffffff0100000001000000", "hex"));
  assert.throws(() => decoder.begin(), /a frame of 4294967295 bytes/);
  assert.deepEqual(readAll(new BinaryReplyDecoder(LIMITS)), []);
});
