/** Connections of the binary protocol that are cut anywhere, malformed, not signed in, or too large. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Command,
  encodeFrame,
  encodeHello,
  encodeRequest,
} from "../protocol/binary/frames_support.ts";
import { BinaryClient, told } from "./binary_harness.ts";
import { Server } from "./blocking_harness.ts";

const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 60);

function words(...lines: string[]): string[][] {
  return lines.map((line) => line.split(" "));
}

/** A stream of frames that has something of everything. */
const STREAM = Buffer.concat([
  encodeHello(["HELLO", "4"], 1),
  encodeRequest([["SET", "k", "value"], ["GET", "k"], ["MGET", "k", "none"]], { id: 2 }),
  encodeRequest(words("INCR n", "INCR n", "NOSUCH"), { id: 3, isAtomic: true }),
  encodeRequest(words("INCR n", "INCR n", "SET n 7"), { id: 4, isAtomic: true, width: 4 }),
  encodeRequest([], { id: 5 }),
  encodeRequest(words("SUBSCRIBE c", "PUBLISH c hi", "PING", "GET n"), { id: 6, width: 2 }),
]);

test("a stream of frames may be cut anywhere", () => {
  const server = new Server();
  const admin = server.connect();
  const answers = (...cuts: number[]): string => {
    admin.call("FLUSHALL");
    const client = new BinaryClient(server);
    let at = 0;
    for (const cut of [...cuts, STREAM.length]) {
      client.sendBytes(STREAM.subarray(at, cut));
      server.turn();
      at = cut;
    }
    client.destroy();
    return client.received.toString("hex");
  };
  const whole = answers();
  assert.match(whole, /^cb81/);
  for (let cut = 1; cut < STREAM.length; cut++) assert.equal(answers(cut), whole, `cut at ${cut}`);
  assert.equal(answers(...Array.from(STREAM.keys()).slice(1)), whole, "byte by byte");
});

test("a malformed frame ends its connection behind what came before, and nobody else's", () => {
  const server = new Server();
  const [bad, good] = [new BinaryClient(server), new BinaryClient(server)];
  const malformed = encodeRequest(words("GET k"), { id: 8 });
  malformed[25] = 3;
  bad.sendBytes(Buffer.concat([encodeRequest(words("SET k v", "GET k"), { id: 7 }), malformed]));
  bad.send(words("SET k never"), { id: 9 });
  good.send(words("GET k"), { id: 1 });
  server.turn();
  assert.deepEqual(told(bad.take()), [
    ["7", "OK", "v"],
    ["refused 8", "-ERR Protocol error: invalid width of lengths"],
  ]);
  assert.ok(bad.isOver);
  assert.deepEqual(told(good.take()), [["1", "v"]]);
  assert.deepEqual(good.call("GET k"), ["v"]);
});

test("what is no frame behind a frame is refused without an id", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  client.sendBytes(
    Buffer.concat([encodeRequest(words("PING"), { id: 7 }), Buffer.from("PING\r\n")]),
  );
  server.turn();
  assert.deepEqual(told(client.take()), [
    ["7", "PONG"],
    ["refused 0", "-ERR Protocol error: expected a frame"],
  ]);
  assert.ok(client.isOver);
});

test("a malformed frame behind a wait is refused when the wait is over", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  const malformed = encodeFrame(new Uint8Array(3), { count: 1, id: 9 });
  client.sendBytes(Buffer.concat([encodeRequest(words("BLPOP l 0", "PING")), malformed]));
  server.turn();
  assert.ok(!client.isOver);
  server.connect().call("RPUSH l x");
  server.turn();
  assert.deepEqual(told(client.take()), [
    ["1+", ["l", "x"]],
    ["1", "PONG"],
    ["refused 9", "-ERR Protocol error: run beyond its frame"],
  ]);
});

function withPassword(): Server {
  const server = new Server(1, {
    prepare: (options) => void (options.settings.requirepass = "secret"),
  });
  server.logged = "";
  return server;
}

test("who has to sign in does so by a hello or by AUTH, also in front of larger frames", () => {
  const server = withPassword();
  const [first, second] = [new BinaryClient(server), new BinaryClient(server)];
  assert.deepEqual(first.call("GET k", "AUTH wrong"), [
    { error: "NOAUTH Authentication required." },
    { error: "WRONGPASS invalid username-password pair or user is disabled." },
  ]);
  assert.match(String(told(first.hello([], 2))), /^welcome 2,-NOAUTH HELLO must be called/);
  const large: Command[] = Array.from({ length: 50 }, () => ["PING"]);
  first.sendBytes(Buffer.concat([
    encodeHello(["HELLO", "3", "AUTH", "default", "secret"], 3),
    encodeRequest(large, { id: 4 }),
  ]));
  server.turn();
  const [welcome, replies] = first.take();
  assert.deepEqual([welcome.kind, welcome.id, replies.results.length], ["welcome", 3, 50]);
  second.send(words("AUTH secret"), { id: 1 });
  second.send(large, { id: 2 });
  server.turn();
  assert.deepEqual(second.take().map(({ results }) => results.length), [1, 50]);
});

test("who has not signed in may send little", () => {
  const server = withPassword();
  const client = new BinaryClient(server);
  client.send(Array.from({ length: 11 }, () => ["PING"]), { id: 6 });
  server.turn();
  assert.deepEqual(told(client.take()), [
    ["refused 6", "-ERR Protocol error: unauthenticated frame of commands"],
  ]);
  assert.ok(client.isOver);
});

test("rules of access hold, also for atomic frames", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  client.call("ACL SETUSER reader on >pw ~a* +get +multi +exec +ping");
  const [welcome] = client.hello(["HELLO", "3", "AUTH", "reader", "pw"]);
  assert.ok(welcome.results[0] !== null && typeof welcome.results[0] === "object");
  assert.deepEqual(client.call("GET a", "GET b", "SET a 1"), [
    null,
    { error: "NOPERM No permissions to access a key" },
    { error: "NOPERM User reader has no permissions to run the 'set' command" },
  ]);
  client.send(words("GET a", "GET b"), { id: 2, isAtomic: true });
  client.send(words("GET a", "PING"), { id: 3, isAtomic: true });
  server.turn();
  assert.deepEqual(told(client.take()), [
    [
      "refused 2",
      "-EXECABORT Transaction discarded because of: NOPERM No permissions to access a key",
    ],
    ["3", null, "PONG"],
  ]);
});

test("whoever may not use EXEC cannot do so by a frame", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  client.call("ACL SETUSER plain on >pw ~* +@all -multi", "AUTH plain pw");
  client.send(words("SET a 1"), { id: 2, isAtomic: true });
  server.turn();
  assert.deepEqual(told(client.take()), [[
    "refused 2",
    "-EXECABORT Transaction discarded because of: NOPERM User plain has no permissions to run the 'multi' command",
  ]]);
  assert.deepEqual(client.call("GET a"), [null]);
});

test("input without a whole frame is limited as in RESP", () => {
  const server = new Server(1, {
    prepare: (options) => void (options.settings.clientQueryBufferLimit = 1024 * 1024),
  });
  server.logged = "";
  const value = "x".repeat(1024 * 1024 - 16 - 16 - 10);
  const fits = new BinaryClient(server), exceeds = new BinaryClient(server);
  fits.sendBytes(encodeRequest([["ECHO", value]]).subarray(0, 1024 * 1024));
  const header = encodeRequest([["ECHO", value + value]]);
  for (let at = 0; at < header.length && !exceeds.isOver; at += 200_000) {
    exceeds.sendBytes(header.subarray(at, at + 200_000));
    server.turn();
  }
  server.turn();
  assert.ok(!fits.isOver);
  assert.ok(exceeds.isOver);
  assert.match(server.logged, /max query buffer length/);
});

test("an argument beyond proto-max-bulk-len ends the connection", () => {
  const server = new Server(1, {
    prepare: (options) => void (options.settings.protoMaxBulkLen = 20_000),
  });
  const client = new BinaryClient(server);
  client.send([["SET", "a", "x".repeat(20_000)]], { id: 1 });
  client.send([["SET", "a", "x".repeat(20_001)]], { id: 2 });
  server.turn();
  assert.deepEqual(told(client.take()), [
    ["1", "OK"],
    ["refused 2", "-ERR Protocol error: invalid bulk length"],
  ]);
});

test("many small commands are run a part at a time, and all of them are", () => {
  const server = new Server();
  const client = new BinaryClient(server);
  const frame = encodeRequest(Array.from({ length: 1024 }, () => ["PING"]), { id: 1 });
  client.sendBytes(Buffer.concat(Array.from({ length: 300 }, () => frame)));
  server.turn();
  let count = 0;
  for (const { results } of client.take()) count += results.length;
  assert.equal(count, 300 * 1024);
});

test("whatever comes, the server goes on", () => {
  const server = new Server();
  server.logged = "";
  const witness = new BinaryClient(server);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(STREAM.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(STREAM.length),
      fc.boolean(),
      (changes, cut, ends) => {
        const bytes = Buffer.from(STREAM);
        for (const [at, value] of changes) if (at > 0) bytes[at] = value;
        const client = new BinaryClient(server);
        client.sendBytes(bytes.subarray(0, cut));
        server.turn();
        if (!client.isOver) client.sendBytes(bytes.subarray(cut));
        server.turn();
        if (ends && !client.isOver) client.endSending();
        client.take();
        if (!client.isOver) client.destroy();
        server.turn();
        assert.deepEqual(witness.call("PING"), [{ simple: "PONG" }]);
      },
    ),
    { numRuns: RUNS * 5 },
  );
  assert.equal(server.core.engine.stats.unexpectedErrors, 0, server.logged);
  assert.equal(server.core.clients.count, 1);
});
