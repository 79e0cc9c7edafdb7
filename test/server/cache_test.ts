import { test } from "node:test";
import assert from "node:assert/strict";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import type { Command } from "../../src/methods/replies.ts";
import { startCache, utf8 } from "./cache_support.ts";

/** The result of one command, of an error its message. */
function answer(cache: ReturnType<typeof startCache>["cache"], ...command: Command): unknown {
  const [result] = cache.batch([command]) as unknown[];
  return result instanceof ReplyError ? result.message : result;
}

test("batch() gives one result for each command, in order", () => {
  const { cache } = startCache();
  const [stored, value, count, none] = cache.batch([
    ["SET", "k", "v"],
    ["get", "k"],
    ["INCR", "n"],
    ["Get", "none"],
  ]);
  assert.deepEqual([stored, value, count, none], ["OK", "v", 1, null]);
  const typed: readonly [string | ReplyError | null, number | bigint | ReplyError] = [value, count];
  assert.equal(typed.length, 2);
  assert.deepEqual(cache.batch([]), []);
  const many = Array.from({ length: 5000 }, (_, i): Command => ["SET", `k${i}`, i]);
  assert.ok(cache.batch(many).every((result) => result === "OK"));
  assert.equal(cache.get("k4999"), "4999");
});

test("an error is the result of its command and stops nothing", () => {
  const { cache } = startCache();
  const results = cache.batch([["SET", "k", "v"], ["INCR", "k"], ["NOPE"], ["SET"], ["GET", "k"]]);
  const [stored, notInteger, unknown, arity, value] = results;
  assert.deepEqual([stored, value], ["OK", "v"]);
  for (const error of [notInteger, unknown, arity]) {
    assert.ok(error instanceof ReplyError && error instanceof Error);
    assert.equal(error.code, "ERR");
  }
  assert.equal((arity as Error).message, "ERR wrong number of arguments for 'set' command");
});

test("batch() as bytes gives keys and values as bytes of their own", () => {
  const { cache } = startCache();
  const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
  const large = new Uint8Array(100_000).fill(0xc3);
  const results = cache.batch([
    ["SET", binary, binary],
    ["GET", binary],
    ["SET", "large", large],
    ["MGET", "large", "none"],
    ["SET", "n", 12],
    ["GET", "n"],
    ["GETRANGE", "n", 5, 9],
    ["STRLEN", "n"],
    ["KEYS", binary.subarray(0, 3)],
  ], { as: "bytes" });
  const [stored, value, , found, , digits, nothing, length] = results;
  assert.deepEqual([stored, found, length], ["OK", [large, null], 2]);
  assert.deepEqual([value, digits, nothing], [binary, utf8("12"), utf8("")]);
  (value as Uint8Array).fill(0);
  assert.deepEqual(cache.getBytes(binary), binary);
  assert.deepEqual(cache.bytes.command("GET", binary), binary);
  assert.equal(cache.batch([["GET", "n"]], { as: "text" })[0], "12");
});

test("text is UTF-8, whatever its length", () => {
  const { cache } = startCache();
  for (const unit of ["a", "é", "€", "😀", "\ufeff", "\0"]) {
    for (const length of [0, 1, 3, 11, 12, 13, 47, 48, 49, 127, 128, 129, 300, 30_000]) {
      for (const text of [unit.repeat(length), `${"x".repeat(length)}${unit}`]) {
        const key = text.slice(0, 1000);
        cache.set(key, text);
        assert.equal(cache.get(key), text);
        assert.deepEqual(cache.getBytes(key), utf8(text));
        assert.equal(cache.del(utf8(key)), 1);
      }
    }
  }
});

test("command() runs any command by its name", () => {
  const { cache } = startCache();
  const value: string | null = cache.command("GETEX", "k", "EX", 10);
  const count: number | bigint = cache.command("incr", "n");
  assert.deepEqual([value, count], [null, 1]);
  assert.deepEqual(cache.command("KEYS", "*"), ["n"]);
  assert.deepEqual(cache.bytes.command("KEYS", "*"), [utf8("n")]);
  const name: string = "E" + "CHO";
  assert.equal(cache.command(name, "x"), "x");
  assert.throws(() => cache.command("INCR", "n", 2), ReplyError);
  assert.throws(() => cache.command("no such thing"), /^ReplyError: ERR unknown command/);
});

test("keys() goes through all keys of the database", () => {
  const { cache } = startCache();
  const names = Array.from({ length: 1000 }, (_, i) => `${i % 2 === 0 ? "even" : "odd"}:${i}`);
  cache.mset(names.map((name) => [name, 1] as const));
  assert.deepEqual([...cache.keys()].sort(), [...names].sort());
  const even = new Set(cache.keys({ match: "even:*", count: 100 }));
  assert.equal(even.size, 500);
  assert.deepEqual([...cache.keys({ type: "list" })], []);
  for (const key of cache.bytes.keys({ match: utf8("odd:7") })) {
    assert.deepEqual(key, utf8("odd:7"));
  }
  for (const key of cache.keys({ match: "odd:*" })) cache.del(key);
  assert.equal(cache.dbsize(), 500);
  assert.throws(() => [...cache.keys({ count: 0 })], { message: "ERR syntax error" });
});

test("keys expire by the clock, looked at or not", () => {
  const { cache, clock } = startCache();
  cache.set("seen", "v", { px: 100 });
  clock.sleepSync(101);
  assert.equal(cache.get("seen"), null);
  for (let i = 0; i < 500; i++) cache.set(`k${i}`, "v", { px: 100 });
  clock.sleepSync(101);
  assert.equal(cache.dbsize(), 500);
  clock.advance(5000);
  assert.equal(cache.dbsize(), 0);
});

test("close() stops all timers, and nothing can be asked any more", () => {
  const { cache, clock } = startCache();
  cache.set("k", "v");
  assert.equal(cache.command("CLIENT", "PAUSE", 100_000), "OK");
  assert.ok(clock.timerCount > 0);
  const keys = cache.keys();
  cache.close();
  cache.close();
  assert.equal(clock.timerCount, 0);
  const closed = { name: "TypeError", message: "the cache is closed" };
  assert.throws(() => cache.get("k"), closed);
  assert.throws(() => cache.bytes.get("k"), closed);
  assert.throws(() => cache.batch([]), closed);
  assert.throws(() => keys.next(), closed);
});

test("a cache is disposed of at the end of its block", () => {
  const { cache, clock } = startCache();
  {
    using disposed = cache;
    assert.equal(disposed.get("k"), null);
  }
  assert.equal(clock.timerCount, 0);
  assert.throws(() => cache.get("k"), TypeError);
});

test("a batch with a wrong argument runs nothing, and the next one is not harmed", () => {
  const { cache } = startCache();
  const wrong = [
    [["SET", "a", 1], ["SET", "b", undefined]],
    [["SET", "a", 1], []],
    [["SET", "a", 1], "GET a"],
    [["SET", "a", 1], ["SET", "b", [1]]],
    "PING",
    { 0: ["PING"] },
  ];
  for (const commands of wrong) {
    assert.throws(() => cache.batch(commands as unknown as Command[]), TypeError);
  }
  assert.deepEqual(cache.batch([["DBSIZE"]]), [0]);
});

test("a cache stays within maxmemory and keeps answering", () => {
  const { cache } = startCache({ maxmemory: "8mb", maxmemoryPolicy: "allkeys-lru" });
  const value = "x".repeat(1000);
  for (let i = 0; i < 20_000; i++) cache.set(`k${i}`, value);
  const used = Number(/used_memory:(\d+)/.exec(String(cache.command("INFO", "memory")))![1]);
  assert.ok(used <= 8 * 1024 ** 2, `${used}`);
  assert.ok(cache.dbsize() > 3000, `${cache.dbsize()}`);
  assert.equal(cache.get("k19999"), value);
});

test("noeviction refuses what does not fit", () => {
  const { cache } = startCache({ maxmemory: "4mb", maxmemoryPolicy: "noeviction" });
  const fill = (): void => {
    for (let i = 0; i < 5000; i++) cache.set(`k${i}`, "x".repeat(1000));
  };
  assert.throws(fill, { code: "OOM" });
  assert.equal(cache.get("k0")?.length, 1000);
});

test("what was flushed is free again although no timer ever fires", () => {
  const { cache } = startCache({ maxmemory: "8mb", maxmemoryPolicy: "noeviction" });
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 2000; i++) cache.set(`k${i}`, "x".repeat(1000));
    assert.equal(cache.dbsize(), 2000);
    cache.flushall("ASYNC");
  }
});

test("databases are apart", () => {
  const { cache } = startCache({ databases: 2 });
  const results = cache.batch([["SET", "k", 0], ["SELECT", 1], ["GET", "k"], ["SET", "k", 1]]);
  assert.deepEqual(results, ["OK", "OK", null, "OK"]);
  assert.equal(cache.get("k"), "1");
  assert.equal(answer(cache, "SELECT", 2), "ERR DB index is out of range");
  assert.equal(answer(cache, "RESET"), "RESET");
  assert.equal(cache.get("k"), "0");
});

test("commands about connections answer what is true of a program without any", () => {
  const { cache } = startCache();
  const ask = (line: string): unknown => answer(cache, ...line.split(" ") as [string]);
  assert.match(ask("AUTH secret") as string, /^ERR AUTH <password> called without any password/);
  assert.equal(ask("AUTH default anything"), "OK");
  assert.equal(ask("QUIT"), "OK");
  assert.equal(ask("CLIENT ID"), 1);
  assert.equal(ask("CLIENT GETNAME"), null);
  assert.equal(ask("CLIENT SETNAME app"), "OK");
  assert.equal(ask("CLIENT GETNAME"), "app");
  assert.equal(ask("CLIENT SETINFO LIB-NAME app"), "OK");
  assert.match(ask("CLIENT INFO") as string, /^id=1 addr=local:0 .* name=app .* lib-name=app /);
  assert.equal(ask("CLIENT LIST"), "");
  assert.equal(ask("CLIENT LIST ID 1"), "");
  assert.equal(ask("CLIENT KILL local:0"), "ERR No such client");
  assert.equal(ask("CLIENT KILL ID 1 SKIPME no"), 0);
  assert.equal(ask("CLIENT GETREDIR"), -1);
  assert.equal(ask("CLIENT NO-TOUCH on"), "OK");
  assert.equal(ask("CLIENT NO-EVICT on"), "OK");
  assert.equal(ask("CLIENT PAUSE 1000 ALL"), "OK");
  assert.equal(ask("SET k v"), "OK");
  assert.equal(ask("CLIENT UNPAUSE"), "OK");
  assert.equal(ask("WAIT 1 1000"), 0);
  assert.deepEqual(ask("ROLE"), ["master", 0, []]);
});

test("replies can't be switched off, so that every command has its result", () => {
  const { cache } = startCache();
  const results = cache.batch([
    ["CLIENT", "REPLY", "OFF"],
    ["CLIENT", "REPLY", "SKIP"],
    ["CLIENT", "REPLY", "ON"],
    ["CLIENT", "REPLY", "MAYBE"],
    ["GET", "k"],
  ]);
  const refused = "ERR CLIENT REPLY OFF and SKIP are not allowed for in-process use";
  const messages = results.map((result) => result instanceof ReplyError ? result.message : result);
  assert.deepEqual(messages, [refused, refused, "OK", "ERR syntax error", null]);
});

test("HELLO changes the version that it tells, not what values look like", () => {
  const { cache } = startCache();
  for (const version of [2, 3, 2] as const) {
    const hello = cache.command("HELLO", version, "SETNAME", "app") as Map<string, unknown>;
    assert.equal(hello.get("proto"), version);
    assert.equal(hello.get("id"), 1);
    assert.ok(cache.command("CONFIG", "GET", "hz") instanceof Map);
  }
  assert.equal(answer(cache, "HELLO", 4), "NOPROTO unsupported protocol version");
});

test("commands about the server and its configuration do what they can", () => {
  const { cache } = startCache({ maxmemory: "16mb" });
  const ask = (...command: Command): unknown => answer(cache, ...command);
  for (const words of [[], ["NOSAVE"], ["SAVE"], ["NOW", "FORCE"]]) {
    assert.equal(ask("SHUTDOWN", ...words), "ERR SHUTDOWN is not allowed for in-process use");
  }
  assert.equal(
    ask("CONFIG", "REWRITE"),
    "ERR CONFIG REWRITE is not allowed for in-process use",
  );
  const shown = ask("CONFIG", "GET", "port", "bind", "maxmemory", "databases") as Map<
    string,
    string
  >;
  assert.deepEqual([...shown], [
    ["port", "0"],
    ["bind", ""],
    ["maxmemory", "16777216"],
    ["databases", "16"],
  ]);
  assert.equal(ask("CONFIG", "SET", "maxmemory", "8mb", "hz", 20), "OK");
  assert.match(
    ask("CONFIG", "SET", "maxmemory", "17mb") as string,
    /^ERR CONFIG SET failed .*16mb/,
  );
  assert.equal(ask("CONFIG", "RESETSTAT"), "OK");
  const info = ask("INFO", "everything") as string;
  assert.match(info, /^tcp_port:0\r$/m);
  assert.match(info, /^connected_clients:0\r$/m);
  assert.match(info, /^maxmemory:8388608\r$/m);
  assert.match(ask("DEBUG", "OBJECT", "k") as string, /^ERR DEBUG command not allowed/);
  assert.equal(
    answer(startCache({ enableDebugCommand: "local" }).cache, "DEBUG", "SLEEP", 0),
    "OK",
  );
  assert.deepEqual(ask("COMMAND", "GETKEYS", "SET", "k", "v"), ["k"]);
  assert.match(ask("CLUSTER", "INFO") as string, /^cluster_enabled:0|cluster_state:ok/);
});

test("every command there is gives exactly one result without arguments", () => {
  const { cache } = startCache();
  const names = cache.command("COMMAND", "LIST") as string[];
  assert.ok(names.length > 60);
  const commands = names.map((name): Command => name.split("|") as [string]);
  const results = cache.batch(commands);
  assert.equal(results.length, commands.length);
  assert.equal(cache.set("k", "v"), "OK");
});
