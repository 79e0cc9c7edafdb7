/** Messages as the two protocol versions write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SharedPush } from "../../../src/ports/session_port.ts";
import { encodedPush } from "../../../src/protocol/resp/push.ts";
import { RespWriter } from "../../../src/protocol/resp/writer.ts";

const latin1 = new TextDecoder("latin1");

function write(message: SharedPush, version: 2 | 3): string {
  return latin1.decode(encodedPush(message, version).bytes);
}

/** The same by the writer of replies. */
function byWriter({ words }: SharedPush, version: 2 | 3): string {
  const writer = new RespWriter();
  writer.version = version;
  writer.push(words.length);
  for (const word of words) {
    if (word === null) writer.nil();
    else if (typeof word === "number") writer.integer(word);
    else writer.bytes(word);
  }
  return latin1.decode(writer.output.bytes.subarray(0, writer.output.length));
}

test("bulk strings of every length, integers and null are written as replies are", () => {
  const lengths = [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 100_000];
  const messages: SharedPush[] = [
    { words: [] },
    { words: [new Uint8Array(0), null, 0] },
    { words: lengths.map((length) => new Uint8Array(length).fill(length)) },
    { words: [-1, 7, 123_456_789, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER] },
    { words: Array.from({ length: 1000 }, (_, i) => i % 3 === 0 ? null : i) },
  ];
  for (const message of messages) {
    for (const version of [2, 3] as const) {
      assert.equal(write(message, version), byWriter(message, version));
    }
  }
});

test("a message is made once for each version", () => {
  const message: SharedPush = { words: [Uint8Array.of(1)] };
  const [old, modern] = [encodedPush(message, 2), encodedPush(message, 3)];
  assert.notEqual(old, modern);
  assert.deepEqual([encodedPush(message, 2), encodedPush(message, 3)], [old, modern]);
  assert.equal(encodedPush(message, 2), old);
  assert.deepEqual([old.waiting, modern.waiting], [0, 0]);
  assert.equal(old.bytes.buffer.byteLength, old.bytes.length, "no room is kept");
});
