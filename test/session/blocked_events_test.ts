/** What is told of keys when clients that waited for them are served, and whose doing it is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { recordEvents } from "../support/event_recorder.ts";
import { Server } from "./blocking_harness.ts";

/**
 * Lets one client wait, and another one send commands.
 * @returns what was told meanwhile
 */
function serve(waiting: string, ...sent: string[]): string {
  const server = new Server();
  const [waits, sends] = [server.connect(), server.connect()];
  const take = recordEvents(server.core.engine);
  waits.call(waiting);
  assert.equal(server.blockedCount, 1);
  assert.deepEqual(take().filter((told) => !told.startsWith("keymiss")), []);
  sends.call(...sent);
  assert.equal(server.blockedCount, 0);
  return take().join(", ");
}

test("a served pop is told behind the push, as if it had come then", () => {
  assert.equal(
    serve("BLPOP l 0", "RPUSH l a b"),
    "new l, ~l, rpush l, lpop l, ~l",
  );
  assert.equal(
    serve("BRPOP other l 0", "LPUSH l a"),
    "new l, ~l, lpush l, rpop l, del l, ~l",
  );
  assert.equal(
    serve("BLMPOP 0 1 l LEFT COUNT 9", "RPUSH l a b"),
    "new l, ~l, rpush l, lpop l, del l, ~l",
  );
  assert.equal(
    serve("BZPOPMIN z 0", "ZADD z 1 a 2 b"),
    "new z, ~z, zadd z, zpopmin z, ~z",
  );
  assert.equal(
    serve("BZMPOP 0 1 z MAX", "ZADD z 1 a"),
    "new z, ~z, zadd z, zpopmax z, del z, ~z",
  );
});

test("a served move tells of both keys", () => {
  assert.equal(
    serve("BLMOVE from to LEFT RIGHT 0", "RPUSH from a"),
    "new from, ~from, rpush from, new to, ~to, rpush to, lpop from, del from, ~from",
  );
});

test("a served reader of a group changes nothing that is told", () => {
  const server = new Server();
  const [waits, adds] = [server.connect(), server.connect()];
  adds.call("XGROUP CREATE s g $ MKSTREAM");
  const take = recordEvents(server.core.engine);
  waits.call("XREADGROUP GROUP g alice BLOCK 0 STREAMS s >");
  assert.equal(take().join(", "), "xgroup-createconsumer s");
  adds.call("XADD s 1-1 f v");
  assert.equal(take().join(", "), "~s, xadd s");
  assert.match(waits.take(), /1-1/);
});

test("a change belongs to the client whose command makes it", () => {
  const server = new Server();
  const [waits, pushes] = [server.connect(), server.connect()];
  const { changes } = server.core.engine.keyspace;
  const makers: string[] = [];
  changes.add({
    changed: () => makers.push(names.get(changes.clientId) ?? "nobody"),
    flushed() {},
    swapping() {},
  });
  const idOf = (client: typeof waits): number => Number(client.call("CLIENT ID").slice(1, -1));
  const names = new Map([[idOf(waits), "waits"], [idOf(pushes), "pushes"]]);
  waits.call("BLPOP l 0");
  pushes.call("RPUSH l a b", "RPUSH l c");
  assert.deepEqual(makers, ["pushes", "waits", "pushes"]);
});
