/** Connections that speak the binary protocol: frames, waits in their middle, messages, transactions. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encodeHello, encodeRequest } from "../protocol/binary/frames_support.ts";
import { BinaryClient, told } from "./binary_harness.ts";
import { Server } from "./blocking_harness.ts";

function words(...lines: string[]): string[][] {
  return lines.map((line) => line.split(" "));
}

test("the first byte tells the protocol, and each frame is answered by its id", () => {
  const server = new Server();
  const binary = new BinaryClient(server), resp = server.connect();
  binary.send(words("SET a 1", "SET b 2", "GET a", "GET b", "INCR a", "GET none"), { id: 7 });
  binary.send(words("PING", "NOSUCH x"), { id: 0xfffffffe });
  resp.send("PING");
  server.turn();
  assert.deepEqual(told(binary.take()), [
    ["7", "OK", "OK", "1", "2", 2, null],
    [
      "4294967294",
      "PONG",
      "-ERR unknown command 'NOSUCH', with args beginning with: 'x' ",
    ],
  ]);
  assert.equal(resp.take(), "+PONG~");
});

test("a command that waits splits the replies, and the rest follows it", () => {
  const server = new Server();
  const [waits, pushes] = [new BinaryClient(server), server.connect()];
  waits.send(words("SET a 1", "BLPOP l 0", "GET a", "GET a"), { id: 3 });
  waits.send(words("PING"), { id: 4 });
  server.turn();
  assert.deepEqual(told(waits.take()), [["3+", "OK"]]);
  pushes.call("RPUSH l x");
  assert.deepEqual(told(waits.take()), [["3+", ["l", "x"]], ["3", "1", "1"], ["4", "PONG"]]);
  waits.send(words("GET a", "BLPOP l 1"), { id: 5 });
  server.turn();
  assert.deepEqual(told(waits.take()), [["5+", "1"]]);
  server.pass(1001);
  assert.deepEqual(told(waits.take()), [["5", null]]);
});

test("every command may wait in a row, and each goes on with the next", () => {
  const server = new Server();
  const [waits, pushes] = [new BinaryClient(server), server.connect()];
  waits.send(words("BLPOP l 0", "BLPOP l 0", "BLPOP l 0", "SET a b", "SET c d"), { id: 9 });
  for (const value of ["x", "y"]) {
    server.turn();
    pushes.call(`RPUSH l ${value}`);
  }
  assert.deepEqual(told(waits.take()), [["9+", ["l", "x"]], ["9+", ["l", "y"]]]);
  pushes.call("RPUSH l z");
  assert.deepEqual(told(waits.take()), [["9+", ["l", "z"]], ["9", "OK", "OK"]]);
});

test("who serves itself behind a wait is not asked to wait for it", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  assert.deepEqual(client.call("RPUSH l x", "BLPOP l 0", "BLPOP l 0.5"), [1n, {
    array: ["l", "x"],
  }]);
  server.pass(501);
  assert.deepEqual(told(client.take()), [["1", null]]);
});

test("CLIENT PAUSE holds the rest of a frame", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  client.send(words("SET a 1", "CLIENT PAUSE 100", "GET a", "SET a 2", "SET b 3"), { id: 1 });
  server.turn();
  assert.deepEqual(told(client.take()), [["1+", "OK", "OK"]]);
  server.pass(101);
  assert.deepEqual(told(client.take()), [["1", "1", "OK", "OK"]]);
});

test("messages are frames between the replies", () => {
  const server = new Server();
  const [client, other] = [new BinaryClient(server), server.connect()];
  client.send(words("SUBSCRIBE c d", "PUBLISH c one", "GET x", "PUBLISH d two", "GET y"), {
    id: 1,
  });
  server.turn();
  assert.deepEqual(told(client.take()), [
    ["1+", "OK"],
    ["push", ["subscribe", "c", 1]],
    ["push", ["subscribe", "d", 2]],
    ["1+", 1],
    ["push", ["message", "c", "one"]],
    ["1+", null, 1],
    ["push", ["message", "d", "two"]],
    ["1", null],
  ]);
  other.call("PUBLISH c three");
  server.turn();
  assert.deepEqual(told(client.take()), [["push", ["message", "c", "three"]]]);
  assert.deepEqual(client.call("GET x", "UNSUBSCRIBE"), [
    null,
    { simple: "OK" },
    { push: ["unsubscribe", "c", 1n] },
    { push: ["unsubscribe", "d", 0n] },
  ]);
  assert.deepEqual(client.call("UNSUBSCRIBE"), [
    { simple: "OK" },
    { push: ["unsubscribe", null, 0n] },
  ]);
});

test("monitors see lines, and tracking clients what was invalidated", () => {
  const server = new Server();
  const [monitor, tracks, broadcast] = [0, 1, 2].map(() => new BinaryClient(server));
  const other = server.connect();
  assert.deepEqual(monitor.call("MONITOR", "MONITOR"), [{ simple: "OK" }, { simple: "OK" }]);
  assert.deepEqual(tracks.call("CLIENT TRACKING ON", "GET k", "GET l"), [
    { simple: "OK" },
    null,
    null,
  ]);
  broadcast.call("CLIENT TRACKING ON BCAST PREFIX k");
  monitor.take();
  other.call("SET k v");
  server.turn();
  assert.deepEqual(told(tracks.take()), [["push", ["invalidate", ["k"]]]]);
  assert.deepEqual(told(broadcast.take()), [["push", ["invalidate", ["k"]]]]);
  const [line] = told(monitor.take()) as [string, [string, string]][];
  assert.equal(line[1][0], "monitor");
  assert.match(line[1][1], /^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "v"$/);
  other.call("FLUSHALL");
  server.turn();
  assert.deepEqual(told(tracks.take()), [["push", ["invalidate", null]]]);
});

test("an atomic frame runs as a whole, or not at all", () => {
  const server = new Server();
  const [client, other] = [new BinaryClient(server), server.connect()];
  const atomic = (id: number, ...lines: string[]): unknown[] => {
    client.send(words(...lines), { id, isAtomic: true });
    server.turn();
    return told(client.take());
  };
  assert.deepEqual(atomic(1, "SET a 1", "INCR a", "LPUSH a x", "GET a"), [
    ["1", "OK", 2, "-WRONGTYPE Operation against a key holding the wrong kind of value", "2"],
  ]);
  assert.deepEqual(atomic(2, "SET a 5", "NOSUCH"), [[
    "refused 2",
    "-EXECABORT Transaction discarded because of: unknown command 'NOSUCH', with args beginning with: ",
  ]]);
  assert.deepEqual(atomic(3, "SET a 5", "EXEC"), [[
    "refused 3",
    "-ERR 'exec' is not allowed in an atomic batch",
  ]]);
  assert.deepEqual(client.call("WATCH a"), [{ simple: "OK" }]);
  other.call("SET a changed");
  assert.deepEqual(atomic(4, "SET a 6", "GET a"), [["4"]]);
  assert.deepEqual(atomic(5, "GET a"), [["5", "changed"]]);
  assert.deepEqual(client.call("MULTI", "SET a 7"), [{ simple: "OK" }, { simple: "QUEUED" }]);
  assert.deepEqual(atomic(6, "GET a"), [["refused 6", "-ERR MULTI calls can not be nested"]]);
  assert.deepEqual(client.call("EXEC", "GET a"), [{ array: [{ simple: "OK" }] }, "7"]);
  assert.deepEqual(atomic(7, "BLPOP none 0", "SELECT 1", "SET in one"), [["7", null, "OK", "OK"]]);
  assert.deepEqual(client.call("GET in", "SELECT 0", "GET in"), ["one", { simple: "OK" }, null]);
  assert.deepEqual(atomic(8, "SUBSCRIBE c", "PUBLISH c m"), [
    ["8", "OK", 1],
    ["push", ["subscribe", "c", 1]],
    ["push", ["message", "c", "m"]],
  ]);
});

test("an atomic frame is held back as a whole", () => {
  const server = new Server();
  const [client, other] = [new BinaryClient(server), server.connect()];
  other.call("CLIENT PAUSE 100 WRITE");
  client.send(words("GET a"), { id: 1 });
  client.send(words("GET a", "SET a 1"), { id: 2, isAtomic: true });
  server.turn();
  assert.deepEqual(told(client.take()), [["1", null]]);
  server.pass(101);
  assert.deepEqual(told(client.take()), [["2", null, "OK"]]);
});

test("hello says who is there, and signs in", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  const [empty] = client.hello([], 11);
  assert.equal(empty.kind, "welcome");
  assert.deepEqual(told([empty])[0] as unknown, [
    "welcome 11",
    ["server", "redis", "version", "7.2.4", "proto", 3, "id", 1, "mode", "standalone"].concat(
      ["role", "master", "modules", []] as never,
    ),
  ]);
  assert.deepEqual(told(client.hello(["HELLO", "4"], 12)), [
    ["welcome 12", "-NOPROTO unsupported protocol version"],
  ]);
  assert.equal(
    (told(client.hello(["hello", "2", "SETNAME", "me"], 13))[0] as never[])[0],
    "welcome 13",
  );
  assert.deepEqual(client.call("CLIENT GETNAME", "RESET", "CONFIG GET maxmemory-samples"), [
    "me",
    { simple: "RESET" },
    { map: ["maxmemory-samples", "5"] },
  ]);
});

test("CLIENT REPLY hides nothing", () => {
  const client = new BinaryClient(new Server());
  const refused = {
    error: "ERR CLIENT REPLY OFF and SKIP are not allowed where every command is answered",
  };
  assert.deepEqual(
    client.call("CLIENT REPLY OFF", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "PING"),
    [
      refused,
      refused,
      { simple: "OK" },
      { simple: "PONG" },
    ],
  );
});

test("a reader that is too slow holds the rest of its frame", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  const value = "v".repeat(10_000);
  client.call(`SET a ${value}`, `SET n 0`);
  client.room = 100;
  const commands = Array.from({ length: 100 }, () => ["GET", "a"]);
  commands[99] = ["INCR", "n"];
  client.send(commands, { id: 5 });
  client.send(words("INCR n"), { id: 6 });
  server.turn();
  assert.deepEqual(client.take(), []);
  let rounds = 0;
  const frames = [];
  while (frames.at(-1)?.id !== 6) {
    client.takeMore(50_000);
    server.turn();
    frames.push(...client.take());
    assert.ok(++rounds < 100, "it came to an end");
  }
  assert.ok(frames.length > 3, `${frames.length} frames`);
  assert.deepEqual(frames.map((f) => f.hasMore), frames.map((_, i) => i < frames.length - 2));
  const results = frames.flatMap((f) => f.results);
  assert.equal(results.length, 101);
  assert.ok(results.slice(0, 99).every((result) => result === value));
  assert.deepEqual(results.slice(99), [1n, 2n]);
});

test("much output is sent in parts of at most some hundred kilobytes", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  const value = "v".repeat(30_000);
  client.call(`SET a ${value}`);
  client.send(Array.from({ length: 30 }, () => ["GET", "a"]), { id: 5 });
  server.turn();
  const frames = client.take();
  assert.ok(frames.length >= 3, `${frames.length} frames`);
  assert.equal(frames.flatMap(({ results }) => results).length, 30);
  assert.deepEqual(frames.map(({ hasMore }) => hasMore), [
    ...frames.slice(1).map(() => true),
    false,
  ]);
});

test("a frame that is larger than the staging buffer runs once it is whole", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  const value = "w".repeat(300_000);
  const frame = encodeRequest([["SET", "a", value], ["SET", "b", value], ["SET", "c", value]], {
    id: 2,
  });
  const both = Buffer.concat([frame, encodeRequest(words("STRLEN b", "PING"), { id: 3 })]);
  for (let at = 0; at < both.length; at += 100_000) {
    client.sendBytes(both.subarray(at, at + 100_000));
    server.turn();
  }
  assert.deepEqual(told(client.take()), [["2", "OK", "OK", "OK"], ["3", 300_000, "PONG"]]);
  client.send([["BLPOP", "l", "0"], ["SET", "a", value], ["SET", "b", value], ["GET", "none"]], {
    id: 4,
  });
  server.turn();
  assert.deepEqual(client.take(), []);
  server.connect().call("RPUSH l x");
  server.turn();
  assert.deepEqual(told(client.take()), [["4+", ["l", "x"]], ["4", "OK", "OK", null]]);
});

test("of several QUITs in a row, one is answered", () => {
  const client = new BinaryClient(new Server());
  assert.deepEqual(client.call("QUIT", "QUIT", "QUIT"), [{ simple: "OK" }]);
});

test("QUIT in the middle ends the connection behind its reply", () => {
  const client = new BinaryClient(new Server());
  assert.deepEqual(client.call("PING", "QUIT", "PING"), [{ simple: "PONG" }, { simple: "OK" }]);
  assert.ok(client.isOver);
});

test("an empty request has an answer without results", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  client.send([], { id: 8 });
  client.sendBytes(encodeHello(["HELLO", "3"], 9));
  server.turn();
  assert.deepEqual(client.take().map(({ kind, id }) => [kind, id]), [["replies", 8], [
    "welcome",
    9,
  ]]);
});

test("a row of commands stops for whoever it serves, and where it fails", () => {
  const server = new Server();
  const [client, ...waiting] = [0, 1, 2].map(() => new BinaryClient(server));
  for (const each of waiting) each.call("BLPOP l 0");
  assert.deepEqual(client.call("RPUSH l a", "RPUSH l b", "RPUSH l c", "LLEN l", "LLEN l"), [
    1n,
    1n,
    1n,
    1n,
    1n,
  ]);
  assert.deepEqual(waiting.map((each) => told(each.take())), [
    [["1", ["l", "a"]]],
    [["1", ["l", "b"]]],
  ]);
  const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
  assert.deepEqual(
    told([client].flatMap((each) => {
      each.send(
        words("INCR n", "INCR l", "INCR n", "GET", "GET n", "BZPOPMIN z 0", "BZPOPMIN z 0"),
      );
      server.turn();
      return each.take();
    })),
    [[
      "1+",
      1,
      `-${wrongType}`,
      2,
      "-ERR wrong number of arguments for 'get' command",
      "2",
    ]],
  );
  server.connect().call("ZADD z 1 a 2 b");
  assert.deepEqual(told(client.take()), [["1+", ["z", "a", 1]], ["1", ["z", "b", 2]]]);
  assert.match(
    server.connect().call("INFO commandstats"),
    /cmdstat_incr:calls=3,.*failed_calls=1~/,
  );
});

test("a row of writes beyond the memory limit is refused command by command", () => {
  const server = new Server(1, {
    prepare: (options) => {
      options.settings.maxmemoryPolicy = "noeviction";
      options.settings.maxmemory = 4 * 1024 * 1024;
    },
  });
  const client = new BinaryClient(server);
  client.send(Array.from({ length: 400 }, (_, i) => ["SET", `k${i}`, "v".repeat(30_000)]), {
    id: 2,
  });
  server.turn();
  const results = client.take().flatMap((frame) =>
    frame.results.map((result) => JSON.stringify(result))
  );
  assert.equal(results.length, 400);
  const refused = results.filter((result) => result.includes("OOM command not allowed"));
  const stored = results.filter((result) => result === '{"simple":"OK"}');
  assert.ok(refused.length > 100 && stored.length > 10);
  assert.equal(refused.length + stored.length, 400);
});
