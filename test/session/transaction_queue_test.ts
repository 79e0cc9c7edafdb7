import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { TransactionQueue } from "../../src/session/transaction_queue.ts";

/** The commands that a queue holds, as text. */
function commandsOf(queue: TransactionQueue): string[][] {
  const decoder = new TextDecoder("latin1");
  return Array.from({ length: queue.commandCount }, (_, c) => {
    const [first, end] = [queue.firstArgs[c], queue.firstArgs[c + 1]];
    return Array.from({ length: end - first }, (_, i) => {
      const offset = queue.argOffsets[first + i];
      const bytes = queue.input.bytes.subarray(offset, offset + queue.argLengths[first + i]);
      return decoder.decode(bytes);
    });
  });
}

test("commands of every length are copied, and outlive their batch", () => {
  const encoder = new CommandEncoder();
  const queue = new TransactionQueue();
  const expected: string[][] = [];
  for (let i = 0; i < 400; i++) {
    const command = ["SET", `key:${i}`, String.fromCharCode(65 + i % 26).repeat(i * i % 3001), ""];
    const other = ["ECHO", "x".repeat(i)];
    const batch = encoder.encode([other, command]);
    queue.add(batch, batch.firstArgs[1], command.length, 1 << (i % 3));
    expected.push(command);
  }
  encoder.encode([["nothing"]]);
  assert.deepEqual(commandsOf(queue), expected);
  assert.equal(queue.flags, 0b111);
  const bytes = expected.flat().reduce((sum, each) => sum + each.length, 0);
  assert.equal(queue.queuedBytes, bytes + 12 * expected.flat().length);
  assert.ok(queue.sizeBytes >= queue.queuedBytes && queue.sizeBytes < 3 * queue.queuedBytes);
  assert.ok(queue.input.bytes.length - queue.argOffsets[queue.argCount - 1] >= 8, "padding");
});

test("a cleared queue begins anew", () => {
  const encoder = new CommandEncoder();
  const queue = new TransactionQueue();
  const add = (...command: string[]): void => {
    queue.add(encoder.encode([command]), 0, command.length, 4);
  };
  add("SET", "k", "v".repeat(5000));
  const { sizeBytes } = queue;
  queue.clear();
  assert.deepEqual([queue.commandCount, queue.argCount, queue.flags, queue.queuedBytes], [
    0,
    0,
    0,
    0,
  ]);
  add("GET", "k");
  add("PING");
  assert.deepEqual(commandsOf(queue), [["GET", "k"], ["PING"]]);
  assert.equal(queue.sizeBytes, sizeBytes);
});
