/** The messages that wait for one session. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PushAccount, PushQueue } from "../../src/session/push_queue.ts";
import type { SharedMessage } from "../../src/ports/session_port.ts";

class Account implements PushAccount {
  places = 0;

  added(message: SharedMessage): void {
    this.places++;
    message.waiting++;
  }

  removed(message: SharedMessage): void {
    this.places--;
    message.waiting--;
  }
}

const messageOf = (text: string): SharedMessage => ({
  bytes: new TextEncoder().encode(text),
  waiting: 0,
});

const textsOf = (queue: PushQueue): string[] =>
  queue.messages.map(({ bytes }) => new TextDecoder().decode(bytes));

test("messages are counted for each queue that they wait in", () => {
  const account = new Account();
  const queues = [new PushQueue(account), new PushQueue(account)];
  const message = messageOf("abc");
  assert.deepEqual(queues.map((queue) => queue.add(message)), [true, true]);
  assert.equal(queues[0].add(messageOf("d")), false);
  assert.deepEqual([account.places, message.waiting], [3, 2]);
  assert.deepEqual(queues.map(({ length, sizeBytes }) => [length, sizeBytes]), [[2, 4], [1, 3]]);
  queues[0].clear();
  assert.deepEqual([account.places, message.waiting, queues[0].length], [1, 1, 0]);
  assert.equal(queues[0].add(message), true);
  queues[0].clear();
  queues[1].clear();
  assert.deepEqual([account.places, message.waiting], [0, 0]);
});

test("what is written late is written when it is looked at, once, in its place", () => {
  const account = new Account();
  const queue = new PushQueue(account);
  let written = "early";
  let count = 0;
  queue.add(messageOf("a"));
  queue.addLate({
    take() {
      count++;
      return new TextEncoder().encode(written);
    },
  });
  queue.add(messageOf("b"));
  written = "late";
  assert.deepEqual([queue.length, queue.sizeBytes], [3, 2]);
  assert.deepEqual(textsOf(queue), ["a", "late", "b"]);
  assert.deepEqual(textsOf(queue), ["a", "late", "b"]);
  assert.deepEqual([count, queue.sizeBytes, account.places], [1, 6, 3]);
  queue.clear();
  assert.equal(account.places, 0);
});

test("whoever writes late is told by that that it is dropped", () => {
  const account = new Account();
  const queue = new PushQueue(account);
  let count = 0;
  queue.addLate({
    take() {
      count++;
      return new Uint8Array(7);
    },
  });
  queue.clear();
  queue.clear();
  assert.deepEqual([count, account.places, queue.sizeBytes], [1, 0, 0]);
  queue.add(messageOf("a"));
  assert.deepEqual(textsOf(queue), ["a"]);
});
