/** Sessions that wait for entries of streams. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { Server } from "./blocking_harness.ts";

function entry(id: string, value: string): string {
  return `*2~$${id.length}~${id}~*2~$1~n~$1~${value}~`;
}

function reply(...entries: string[]): string {
  return `*1~*2~$1~s~*${entries.length}~${entries.join("")}`;
}

test("XREAD waits for what is added behind its id, $ being that of its call", () => {
  const server = new Server();
  const [first, second, adds] = [server.connect(), server.connect(), server.connect()];
  adds.call("XADD s 1-0 n 1");
  assert.equal(first.call("XREAD BLOCK 0 STREAMS s $"), "");
  assert.equal(second.call("XREAD COUNT 5 BLOCK 0 STREAMS other s 0 3-5"), "");
  assert.equal(adds.call("XADD s 2-0 n 2"), "$3~2-0~");
  assert.equal(first.take(), reply(entry("2-0", "2")));
  assert.equal(second.take(), "");
  adds.call("XADD s 3-5 n 3", "XADD s 3-6 n 4");
  assert.equal(second.take(), reply(entry("3-6", "4")));
  assert.equal(first.call("XREAD BLOCK 0 STREAMS s 3-5"), reply(entry("3-6", "4")));
});

test("XREAD wakes when its stream comes into being, in every way that it can", () => {
  const server = new Server();
  const [reads, other] = [server.connect(), server.connect()];
  reads.call("XREAD BLOCK 0 STREAMS s $");
  assert.equal(other.call("XADD s 1-0 n 1", "DEL s"), "$3~1-0~:1~");
  assert.equal(reads.take(), reply(entry("1-0", "1")));
  other.call("XADD t 5-0 n 5");
  reads.call("XREAD BLOCK 0 STREAMS s $");
  other.call("RENAME t s");
  assert.equal(reads.take(), reply(entry("5-0", "5")));
  reads.call("HELLO 3", "XREAD BLOCK 0 STREAMS u 0");
  other.call("COPY s u");
  assert.ok(reads.take().endsWith(`%1~$1~u~*1~${entry("5-0", "5")}`));
});

test("XREADGROUP serves in the order of arrival, each entry to one", () => {
  const server = new Server();
  const clients = [server.connect(), server.connect(), server.connect()];
  const adds = server.connect();
  adds.call("XGROUP CREATE s g $ MKSTREAM");
  clients.forEach((client, i) => {
    assert.equal(client.call(`XREADGROUP GROUP g c${i} BLOCK 0 STREAMS s >`), "");
  });
  adds.call("XADD s 1-0 n 1", "XADD s 2-0 n 2");
  assert.deepEqual(clients.map((client) => client.take()), [
    reply(entry("1-0", "1")),
    reply(entry("2-0", "2")),
    "",
  ]);
  assert.equal(
    adds.call("XPENDING s g"),
    "*4~:2~$3~1-0~$3~2-0~*2~*2~$2~c0~$1~1~*2~$2~c1~$1~1~",
  );
  adds.call("XADD s 3-0 n 3");
  assert.equal(clients[2].take(), reply(entry("3-0", "3")));
});

test("who waits for a group is told when it goes, with the stream or without", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  const gone = "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option~";
  for (const end of ["XGROUP DESTROY s g", "DEL s", "UNLINK s", "RENAME s t", "FLUSHALL"]) {
    other.call("DEL s", "XGROUP CREATE s g $ MKSTREAM");
    assert.equal(waits.call("XREADGROUP GROUP g c BLOCK 0 STREAMS s >"), "");
    other.call(end);
    assert.equal(waits.take(), gone, end);
  }
  other.call("DEL s", "XGROUP CREATE s g $ MKSTREAM");
  waits.call("XREADGROUP GROUP g c BLOCK 0 STREAMS s >");
  other.call("SET s text");
  assert.equal(
    waits.take(),
    "-WRONGTYPE Operation against a key holding the wrong kind of value~",
  );
  waits.call("XREAD BLOCK 0 STREAMS t 9-0");
  other.call("XADD t 1-0 n 1", "DEL t");
  assert.equal(waits.take(), "");
});

test("a timeout is answered by nothing, and a wait that would be for nothing is none", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  other.call("XADD s 1-0 n 1", "XGROUP CREATE s g 0");
  waits.call("XREAD BLOCK 20 STREAMS s $");
  server.pass(19);
  assert.equal(waits.take(), "");
  server.pass(1);
  assert.equal(waits.take(), "*-1~");
  assert.equal(waits.call("XREADGROUP GROUP g c BLOCK 0 STREAMS s 0"), "*1~*2~$1~s~*0~");
  assert.equal(waits.call("XREADGROUP GROUP g c BLOCK 0 STREAMS s >"), reply(entry("1-0", "1")));
  waits.call("XREADGROUP GROUP g c BLOCK 5 STREAMS s >");
  server.pass(5);
  assert.equal(waits.take(), "*-1~");
  assert.equal(server.blockedCount, 0);
});
