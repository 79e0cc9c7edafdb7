import { test } from "node:test";
import assert from "node:assert/strict";
import { REGION_PADDING } from "../../src/bytes/region.ts";
import type { CommandBatch } from "../../src/ports/command_batch.ts";
import { type CommandArgument, CommandEncoder } from "../../src/protocol/command_encoder.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The commands of a batch as text. */
function textOf(batch: CommandBatch): string[][] {
  return Array.from({ length: batch.commandCount }, (_, c) => {
    const words: string[] = [];
    for (let a = batch.firstArgs[c]; a < batch.firstArgs[c + 1]; a++) {
      const start = batch.argOffsets[a];
      const end = start + batch.argLengths[a];
      assert.ok(end + REGION_PADDING <= batch.input.bytes.length, "no padding behind an argument");
      assert.ok(end <= batch.frameEnds[c]);
      words.push(decoder.decode(batch.input.bytes.subarray(start, end)));
    }
    return words;
  });
}

test("encode() takes text, numbers, booleans and bytes", () => {
  const encoder = new CommandEncoder();
  const batch = encoder.encode([
    ["SET", "k", new Uint8Array([0xc3, 0xa9])],
    ["X", 1, -1.5, 1e21, 2n ** 64n, true, false, NaN],
    ["PING"],
  ]);
  assert.deepEqual(textOf(batch), [
    ["SET", "k", "é"],
    ["X", "1", "-1.5", "1e+21", "18446744073709551616", "true", "false", "NaN"],
    ["PING"],
  ]);
  assert.equal(batch.argCount, 12);
});

test("text of any length and of any letters is UTF-8", () => {
  const encoder = new CommandEncoder();
  for (const letter of ["a", "\x7f", "\x80", "é", "€", "😀", "\ufeff", "\0"]) {
    for (const length of [0, 1, 47, 48, 49, 1000, 50_000]) {
      const texts = [
        letter.repeat(length),
        "a".repeat(length) + letter,
        letter + "a".repeat(length),
      ];
      assert.deepEqual(textOf(encoder.encode([texts])), [texts]);
      assert.deepEqual(textOf(encoder.encodeOne("N", texts)), [["N", ...texts]]);
    }
  }
  assert.deepEqual(textOf(encoder.encode([["\ud800a"]])), [["\ufffda"]]);
});

test("an encoder is used again and again, after large batches and after errors", () => {
  const encoder = new CommandEncoder();
  const large = Array.from({ length: 20_000 }, (_, i) => ["SET", `key:${i}`, i, "x", "y"]);
  assert.equal(textOf(encoder.encode(large))[19_999][1], "key:19999");
  const huge = new Uint8Array(3_000_000).fill(0x61);
  assert.equal(textOf(encoder.encodeOne("SET", ["k", huge]))[0][2].length, 3_000_000);
  assert.throws(() => encoder.encode([["SET", "k", null as unknown as string]]), TypeError);
  assert.deepEqual(textOf(encoder.encode([["GET", "k"]])), [["GET", "k"]]);
  assert.deepEqual(textOf(encoder.encodeOne("PING", [])), [["PING"]]);
  assert.deepEqual(textOf(encoder.encode([])), []);
});

test("what is no command, or no argument, is a TypeError that says so", () => {
  const encoder = new CommandEncoder();
  const encode = (given: unknown) => () => encoder.encode(given as CommandArgument[][]);
  assert.throws(encode("PING"), /must be an array of arrays/);
  assert.throws(encode([[]]), /begins with its name/);
  assert.throws(encode(["PING"]), /begins with its name/);
  for (const [wrong, name] of [[undefined, "undefined"], [null, "null"], [{}, "object"]]) {
    assert.throws(encode([["GET", wrong]]), {
      name: "TypeError",
      message: `an argument must be a string, a number, a boolean or a Uint8Array, got ${name}`,
    });
  }
});
