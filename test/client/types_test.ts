// The types of the client's methods: this file says what they are, and `deno check` whether it is true.

import { test } from "node:test";
import assert from "node:assert/strict";
import type {
  Client,
  ClientCommands,
  Integer,
  Pipeline,
  ReplyError,
  ReplyValue,
  SessionCommands,
  StreamEntry,
} from "crabcache";
import { createClientOn } from "../../src/client/client.ts";
import { startCache } from "../server/cache_support.ts";
import { fakeConnections } from "./fake_connections.ts";

/** True if two types are the same one, whatever may be assigned to what. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Takes a promise of this very type. */
function expectPromise<Wanted>() {
  return <Given>(
    _value: Promise<Given>,
    ..._same: Same<Given, Wanted> extends true ? [] : [wanted: Wanted, got: Given]
  ): void => {};
}

function takesCommands(_commands: ClientCommands): void {}
function takesSession(_session: SessionCommands): void {}

/** Is only checked, never run. */
export function checkTypes(client: Client): void {
  // The methods answer what those of a cache in process answer.
  expectPromise<string | null>()(client.get("k"));
  expectPromise<Uint8Array | null>()(client.bytes.get("k"));
  expectPromise<Integer>()(client.incr("k"));
  expectPromise<Map<string, string>>()(client.hgetall("k"));
  expectPromise<Map<Uint8Array, Uint8Array>>()(client.bytes.hgetall("k"));
  expectPromise<Set<string>>()(client.smembers("k"));
  expectPromise<number | null>()(client.zscore("k", "m"));

  // Every signature of a method counts.
  expectPromise<"OK" | null>()(client.set("k", 1));
  expectPromise<"OK" | null>()(client.set("k", 1, { ex: 10, nx: true }));
  expectPromise<string | null>()(client.set("k", 1, { get: true }));
  expectPromise<string | null>()(client.lpop("k"));
  expectPromise<string[] | null>()(client.lpop("k", 2));
  expectPromise<number>()(client.lcs("a", "b", { len: true }));
  expectPromise<string>()(client.lcs("a", "b"));
  expectPromise<[member: string, score: number][]>()(
    client.zrange("k", 0, -1, { withscores: true }),
  );
  expectPromise<"PONG">()(client.ping());
  expectPromise<string>()(client.ping("hello"));

  // Those that wait, and those that take words.
  expectPromise<[key: string, element: string] | null>()(client.blpop(["a", "b"], 0));
  expectPromise<Map<string, StreamEntry<string>[]> | null>()(
    client.xread({ block: 10, streams: { s: "$" } }),
  );
  expectPromise<ReplyValue>()(client.config("GET", "maxmemory"));

  // Commands by their names.
  expectPromise<number>()(client.command("TTL", "k"));
  expectPromise<[key: Uint8Array, element: Uint8Array] | null>()(
    client.bytes.command("blpop", "k", 0),
  );
  const name: string = "GET";
  expectPromise<ReplyValue>()(client.command(name, "k"));

  // Batches, pipelines and transactions are tuples.
  expectPromise<["OK" | string | null | ReplyError, number | ReplyError]>()(
    client.batch([["SET", "k", 1], ["ttl", "k"]]),
  );
  expectPromise<["OK" | null | ReplyError, Integer | ReplyError, string | null | ReplyError]>()(
    client.pipeline().set("k", 1).incr("k").lpop("l").exec(),
  );
  expectPromise<[number | ReplyError, Uint8Array | null | ReplyError] | null>()(
    client.bytes.multi().del("k").get("k").exec(),
  );
  let pipeline: Pipeline<[string | null]> = client.pipeline().get("k");
  pipeline = client.pipeline().hget("h", "f");
  // @ts-expect-error: it answers something else
  pipeline = client.pipeline().incr("k");
  void pipeline;

  // A client passes for its parts; who wants text does not get bytes.
  takesCommands(client);
  takesCommands(client.with({ timeoutMs: 5 }));
  takesSession(client);
  // @ts-expect-error: it answers bytes
  takesCommands(client.bytes);

  // What is wrong is seen.
  // @ts-expect-error: a key is missing
  void client.get();
  // @ts-expect-error: no such option
  void client.set("k", 1, { expires: 10 });
  // @ts-expect-error: these have connections of their own
  void client.unsubscribe("c");
  void client.subscribe("c", (message) => expectText(message));
  void client.bytes.subscribe("c", (message) => expectBytes(message));
  void client.watch("k", (session) => session.multi().set("k", 1).exec()).then((replies) =>
    expectReplies(replies)
  );
}

function expectText(_text: string): void {}
function expectBytes(_bytes: Uint8Array): void {}
function expectReplies(_replies: ["OK" | null | ReplyError] | null): void {}

test("at run time the methods are there that the types say", () => {
  const client = createClientOn(fakeConnections(startCache().cache));
  const names = ["get", "lcs", "blpop", "config", "ping", "batch", "pipeline", "multi", "watch"];
  for (const name of names) {
    assert.equal(typeof (client as unknown as Record<string, unknown>)[name], "function", name);
  }
});
