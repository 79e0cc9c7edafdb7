import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import fc from "fast-check";
import type { CommandArgument } from "../../../src/protocol/command_encoder.ts";
import { RespRequestEncoder } from "../../../src/protocol/resp/request_encoder.ts";

const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 200);

function encode(...commands: CommandArgument[][]): Buffer {
  const encoder = new RespRequestEncoder();
  for (const command of commands) encoder.command(command);
  return Buffer.from(encoder.region.bytes.slice(0, encoder.used));
}

/** The same, in the plainest way. */
function expected(...commands: CommandArgument[][]): Buffer {
  return Buffer.concat(commands.flatMap((words) => [
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => {
      const bytes = Buffer.from(word instanceof Uint8Array ? word : String(word));
      return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")];
    }),
  ]));
}

test("a command is an array of bulk strings", () => {
  assert.equal(String(encode(["GET", "k"])), "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
  assert.equal(
    String(encode(["SET", "", 1.5], ["X", -7n, true])),
    "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$3\r\n1.5\r\n*3\r\n$1\r\nX\r\n$2\r\n-7\r\n$4\r\ntrue\r\n",
  );
});

test("texts of all lengths have their length in bytes before them", () => {
  for (const letter of ["a", "é", "€", "😀"]) {
    for (const length of [0, 1, 3, 4, 5, 9, 10, 33, 34, 48, 49, 50, 99, 100, 333, 334, 999, 1000]) {
      const command = ["SET", `${"x".repeat(length)}${letter}`, letter.repeat(length)];
      assert.deepEqual(encode(command, command), expected(command, command));
    }
  }
});

test("any arguments arrive as they are", () => {
  const word: fc.Arbitrary<CommandArgument> = fc.oneof(
    fc.string({ unit: "binary", maxLength: 120 }).map((text) => text.toWellFormed()),
    fc.uint8Array({ maxLength: 300 }),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
  );
  const commands = fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { maxLength: 8 });
  fc.assert(
    fc.property(commands, (drawn) => assert.deepEqual(encode(...drawn), expected(...drawn))),
    { numRuns: RUNS },
  );
});

test("an unusually large command is encoded, and its memory given back", () => {
  const encoder = new RespRequestEncoder();
  const large = new Uint8Array(3_000_000).fill(7);
  encoder.command(["SET", "k", large]);
  assert.deepEqual(
    Buffer.from(encoder.region.bytes.subarray(0, encoder.used)),
    expected(["SET", "k", large]),
  );
  encoder.clear();
  assert.ok(encoder.region.bytes.length < 1_000_000);
});
