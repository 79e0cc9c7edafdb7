import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import fc from "fast-check";
import { makeRegion } from "../../../src/bytes/region.ts";
import { BinaryDecoder } from "../../../src/protocol/binary/decoder.ts";
import { BinaryRequestEncoder } from "../../../src/protocol/binary/request_encoder.ts";
import type { CommandArgument } from "../../../src/protocol/command_encoder.ts";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";
import { type Command, encodeHello, encodeRequest } from "./frames_support.ts";

const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 200);

function encode(commands: readonly CommandArgument[][], isAtomic = false): Buffer {
  const encoder = new BinaryRequestEncoder();
  encoder.request(7, commands, isAtomic);
  return Buffer.from(encoder.region.bytes.slice(0, encoder.used));
}

/** What the server's decoder makes of a frame. */
function decoded(frame: Uint8Array): Buffer[][] {
  const batch = new GrowableBatch();
  batch.input = makeRegion(frame.length);
  batch.input.bytes.set(frame);
  const decoder = new BinaryDecoder({ protoMaxBulkLen: 512 * 1024 * 1024 });
  assert.equal(decoder.decode(batch, 0, frame.length, true), frame.length, decoder.error);
  return Array.from({ length: batch.commandCount }, (_, c) => {
    const words: Buffer[] = [];
    for (let a = batch.firstArgs[c]; a < batch.firstArgs[c + 1]; a++) {
      const start = batch.argOffsets[a];
      words.push(Buffer.from(batch.input.bytes.slice(start, start + batch.argLengths[a])));
    }
    return words;
  });
}

test("a frame has the bytes of the protocol's document", () => {
  const commands: Command[] = [["SET", "k", "v"], ["GET", "k"], ["GET", "none"], ["INCR", "n"]];
  const frame = encode(commands as CommandArgument[][]);
  assert.deepEqual(frame, encodeRequest(commands, { id: 7 }));
  const hex = "cb0200003b0000000700000004000000" + "010000000300000003010000534554" + "01016b76" +
    "020000000200000003010000474554" + "01046b6e6f6e65" + "0100000002000000040100" +
    "00494e4352016e";
  assert.equal(frame.toString("hex"), hex);
  const atomic = encode([["PING"]], true);
  assert.deepEqual(atomic, encodeRequest([["PING"]], { id: 7, isAtomic: true }));
});

test("a hello carries the highest version, and HELLO", () => {
  const encoder = new BinaryRequestEncoder();
  encoder.hello(3, ["HELLO", "3", "AUTH", "u", "p"]);
  const bytes = Buffer.from(encoder.region.bytes.slice(0, encoder.used));
  assert.deepEqual(bytes, encodeHello(["HELLO", "3", "AUTH", "u", "p"], 3));
  encoder.clear();
  encoder.hello(4);
  assert.equal(encoder.used, 16);
});

test("lengths are as wide as the longest argument needs", () => {
  for (const size of [0, 255, 256, 65535, 65536]) {
    const width = size < 256 ? 1 : size < 65536 ? 2 : 4;
    const frame = encode([["SET", "k", new Uint8Array(size)], ["SET", "k", "v"]]);
    assert.equal(frame[16 + 9], width);
    assert.deepEqual(decoded(frame).map((words) => words.map(({ length }) => length)), [
      [3, 1, size],
      [3, 1, 1],
    ]);
  }
  for (const letter of ["a", "é", "€", "😀"]) {
    for (const length of [0, 1, 47, 48, 49, 84, 85, 86, 128, 255, 256, 22000, 70000]) {
      const text = letter.repeat(length);
      assert.equal(String(decoded(encode([["SET", "k", text]]))[0][2]), text);
    }
  }
});

test("commands without arguments come in runs of 1024", () => {
  const frame = encode(Array.from({ length: 2500 }, () => ["PING"]));
  assert.equal(frame.readUInt32LE(16), 1024);
  assert.equal(decoded(frame).length, 2500);
});

test("any commands arrive as they are", () => {
  const word: fc.Arbitrary<CommandArgument> = fc.oneof(
    fc.string({ unit: "binary", maxLength: 120 }).map((text) => text.toWellFormed()),
    fc.uint8Array({ maxLength: 300 }),
    fc.integer(),
    fc.bigInt(),
    fc.double({ noNaN: true }),
    fc.boolean(),
  );
  const command = fc.tuple(fc.constantFrom("GET", "SET", "get"), fc.array(word, { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 12 }), (drawn) => {
      const commands = drawn.map(([name, args]) => [name, ...args]);
      const expected = commands.map((words) =>
        words.map((each) => Buffer.from(each instanceof Uint8Array ? each : String(each)))
      );
      assert.deepEqual(decoded(encode(commands)), expected);
    }),
    { numRuns: RUNS },
  );
});
