/** Sessions whose command waits for a key: who is served when, and what the others see meanwhile. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeCommand } from "../support/frames.ts";
import { Server } from "./blocking_harness.ts";

test("a blocked client gets what another one pushes, and its pipeline goes on behind it", () => {
  const server = new Server();
  const [waits, pushes] = [server.connect(), server.connect()];
  assert.equal(waits.call("PING", "BLPOP k 0", "ECHO behind"), "+PONG~");
  assert.equal(server.blockedCount, 1);
  assert.equal(pushes.call("RPUSH k a b", "LRANGE k 0 -1"), ":2~*1~$1~b~");
  assert.equal(waits.take(), "*2~$1~k~$1~a~$6~behind~");
  assert.equal(server.blockedCount, 0);
  assert.equal(waits.call("BLPOP k 0"), "*2~$1~k~$1~b~");
});

test("in one turn of many connections replies keep their order", () => {
  const server = new Server();
  const [waits, pushes, reads] = [server.connect(), server.connect(), server.connect()];
  waits.send("ECHO before", "BRPOP k 0", "ECHO after");
  pushes.send("ECHO one", "RPUSH k x", "ECHO two");
  reads.send("EXISTS k");
  server.turn();
  assert.equal(waits.take(), "$6~before~*2~$1~k~$1~x~$5~after~");
  assert.equal(pushes.take(), "$3~one~:1~$3~two~");
  assert.equal(reads.take(), ":0~");
});

test("nobody's command runs between the push and those that it serves", () => {
  const server = new Server();
  const [first, second, other] = [server.connect(), server.connect(), server.connect()];
  first.call("BLMOVE a b LEFT RIGHT 0");
  second.call("BLPOP b 0");
  assert.equal(other.call("RPUSH a v", "EXISTS a b"), ":1~:0~");
  assert.equal(first.take(), "$1~v~");
  assert.equal(second.take(), "*2~$1~b~$1~v~");
});

test("the first that came is served first, whatever its command is", () => {
  const server = new Server();
  const lines = ["BRPOP k 0", "BLPOP other k 0", "BLMPOP 0 2 k other LEFT COUNT 2", "BLPOP k 0"];
  const clients = lines.map((line) => {
    const client = server.connect();
    assert.equal(client.call(line), "");
    return client;
  });
  const pushes = server.connect();
  assert.equal(pushes.call("RPUSH k 1 2 3 4 5 6", "LLEN k"), ":6~:1~");
  assert.deepEqual(clients.map((client) => client.take()), [
    "*2~$1~k~$1~6~",
    "*2~$1~k~$1~1~",
    "*2~$1~k~*2~$1~2~$1~3~",
    "*2~$1~k~$1~4~",
  ]);
});

test("a key of another type wakes nobody; a wrong type is an error where it is found", () => {
  const server = new Server();
  const [list, zset, other] = [server.connect(), server.connect(), server.connect()];
  list.call("BLPOP k 0");
  zset.call("BZPOPMIN k 0");
  assert.equal(other.call("SET k text"), "+OK~");
  assert.equal(list.take() + zset.take(), "");
  other.call("DEL k", "ZADD k 1.5 m");
  assert.equal(zset.take(), "*3~$1~k~$1~m~$3~1.5~");
  assert.equal(list.take(), "");
  other.call("RPUSH k e");
  assert.equal(list.take(), "*2~$1~k~$1~e~");
  other.call("SET text x");
  const wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value~";
  assert.equal(list.call("BLPOP text 0"), wrong);
  list.call("BLMOVE from text LEFT LEFT 0");
  assert.equal(other.call("RPUSH from e", "LLEN from"), ":1~:1~");
  assert.equal(list.take(), wrong);
});

test("a timeout is answered by nothing, in either protocol, at its millisecond", () => {
  const server = new Server();
  const [two, three] = [server.connect(), server.connect()];
  three.call("HELLO 3");
  three.take();
  two.call("BLPOP k 0.1");
  three.call("BLMOVE k l LEFT LEFT 0.25", "PING");
  server.pass(99);
  assert.equal(two.take(), "");
  server.pass(1);
  assert.equal(two.take(), "*-1~");
  server.pass(149);
  assert.equal(three.take(), "");
  server.pass(1);
  assert.equal(three.take(), "_~+PONG~");
  for (const line of ["BRPOPLPUSH k l 0.001", "BLMPOP 0.001 1 k LEFT", "BZMPOP 0.001 1 k MIN"]) {
    two.call(line);
    server.pass(1);
    assert.equal(two.take(), "*-1~", line);
  }
});

test("any number of blocked clients cost one timer, and those without a timeout none", () => {
  const server = new Server();
  const idle = server.clock.timerCount;
  const clients = Array.from({ length: 20 }, () => server.connect());
  for (const client of clients) client.call("BLPOP k 0");
  assert.equal(server.clock.timerCount, idle);
  for (let i = 0; i < 20; i++) server.connect().call(`BLPOP k ${100 + i}`);
  assert.equal(server.clock.timerCount, idle + 1);
});

test("a client that goes away is not served", () => {
  const server = new Server();
  const [halfClosed, dropped, stays, pushes] = [
    server.connect(),
    server.connect(),
    server.connect(),
    server.connect(),
  ];
  halfClosed.call("BLPOP k 0");
  dropped.call("BLPOP k 1000");
  stays.call("BLPOP k 0");
  halfClosed.endSending();
  assert.equal(halfClosed.isOver, true);
  dropped.drop();
  assert.equal(server.blockedCount, 1);
  assert.equal(pushes.call("RPUSH k v"), ":1~");
  assert.equal(halfClosed.take() + dropped.take(), "");
  assert.equal(stays.take(), "*2~$1~k~$1~v~");
});

test("CLIENT KILL ends a blocked client, CLIENT LIST and INFO know it", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  waits.call("BLPOP k l 0");
  assert.match(other.call("CLIENT LIST ID 1"), / flags=b .* cmd=blpop /);
  const info = other.call("INFO clients");
  assert.match(info, /~blocked_clients:1~/);
  assert.match(info, /~total_blocking_keys:2~total_blocking_keys_on_nokey:0~/);
  assert.equal(other.call("CLIENT KILL ID 1"), ":1~");
  assert.equal(waits.isOver, true);
  assert.equal(server.blockedCount, 0);
  assert.match(other.call("INFO clients"), /~blocked_clients:0~.*~total_blocking_keys:0~/);
});

test("CLIENT UNBLOCK ends a wait as its timeout would, or by an error", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  assert.equal(other.call("CLIENT UNBLOCK 1"), ":0~");
  waits.call("BLPOP k 0", "PING");
  assert.equal(other.call("CLIENT UNBLOCK 1"), ":1~");
  assert.equal(waits.take(), "*-1~+PONG~");
  waits.call("BZPOPMAX k 1000");
  assert.equal(other.call("CLIENT UNBLOCK 1 timeout"), ":1~");
  assert.equal(waits.take(), "*-1~");
  waits.call("BLPOP k 0");
  assert.equal(other.call("CLIENT UNBLOCK 1 ERROR"), ":1~");
  assert.equal(waits.take(), "-UNBLOCKED client unblocked via CLIENT UNBLOCK~");
  assert.match(other.call("INFO errorstats"), /errorstat_UNBLOCKED:count=1~/);
  assert.equal(
    other.call("CLIENT UNBLOCK 1 now", "CLIENT UNBLOCK x", "CLIENT UNBLOCK 99"),
    "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR~" +
      "-ERR value is not an integer or out of range~:0~",
  );
  assert.equal(
    other.call("CLIENT unblock 1 ERROR x"),
    "-ERR unknown subcommand or wrong number of arguments for 'unblock'. Try CLIENT HELP.~",
  );
  assert.equal(other.call("RPUSH k v", "LLEN k"), ":1~:1~");
});

test("a client in the same batch can unblock the one before", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  waits.send("PING", "BLPOP k 0", "ECHO x");
  other.send("CLIENT UNBLOCK 1 ERROR");
  server.turn();
  assert.equal(waits.take(), "+PONG~-UNBLOCKED client unblocked via CLIENT UNBLOCK~$1~x~");
});

test("with CLIENT REPLY OFF a blocked command is served in silence", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  waits.call("CLIENT REPLY OFF", "BLPOP k 0", "CLIENT REPLY ON");
  assert.equal(other.call("RPUSH k v", "EXISTS k"), ":1~:0~");
  assert.equal(waits.take(), "+OK~");
  waits.call("CLIENT REPLY SKIP", "BLPOP k 0", "PING");
  other.call("RPUSH k v");
  assert.equal(waits.take(), "+PONG~");
});

test("timeouts end waits while clients are paused, and what is behind waits for the pause", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  waits.call("BLPOP k 0.05", "SET a b");
  assert.equal(other.call("CLIENT PAUSE 1000 WRITE"), "+OK~");
  server.pass(50);
  assert.equal(waits.take(), "*-1~");
  server.pass(950);
  server.turn();
  assert.equal(waits.take(), "+OK~");
});

test("keys that come by other ways serve as well", () => {
  const ways: Record<string, string[]> = {
    "RENAME": ["RPUSH {x}from v", "RENAME {x}from k"],
    "COPY": ["RPUSH from v", "COPY from k"],
    "MOVE": ["SELECT 1", "RPUSH k v", "MOVE k 0", "SELECT 0"],
    "SWAPDB": ["SELECT 1", "RPUSH k v", "SWAPDB 0 1", "SELECT 0"],
    "LMOVE": ["RPUSH from v", "LMOVE from k LEFT LEFT"],
    "LINSERT of nothing, then a push": ["LINSERT k BEFORE x y", "RPUSHX k v", "LPUSH k v"],
    "SORT": ["SADD from v", "SORT from ALPHA STORE k"],
  };
  for (const [name, lines] of Object.entries(ways)) {
    const server = new Server();
    const [waits, other] = [server.connect(), server.connect()];
    waits.call("BLPOP k 0");
    other.call(...lines);
    assert.equal(waits.take(), "*2~$1~k~$1~v~", name);
    assert.equal(other.call("EXISTS k"), ":0~", name);
  }
});

test("sorted sets that commands store serve as well", () => {
  const ways: Record<string, string[]> = {
    "ZUNIONSTORE": ["ZADD from 1 m", "ZUNIONSTORE k 1 from"],
    "ZRANGESTORE": ["ZADD from 1 m", "ZRANGESTORE k from 0 -1"],
    "ZINCRBY": ["ZINCRBY k 1 m"],
  };
  for (const [name, lines] of Object.entries(ways)) {
    const server = new Server();
    const [waits, other] = [server.connect(), server.connect()];
    waits.call("BZPOPMAX k 0");
    other.call(...lines);
    assert.equal(waits.take(), "*3~$1~k~$1~m~$1~1~", name);
  }
});

test("RESTORE serves as well", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  for (const size of [3, 3000]) {
    const values = Array.from({ length: size }, (_, i) => `value:${i}`);
    const dumped = other.call(`RPUSH from ${values.join(" ")}`, "DUMP from").slice(
      `:${size}~`.length,
    );
    const payload = dumped.slice(dumped.indexOf("~") + 1, -1).replaceAll("~", "\r\n");
    waits.call("BRPOP k 0");
    const restore = ["RESTORE", "k", "0", Buffer.from(payload, "latin1")];
    other.sendBytes(encodeCommand(restore));
    server.turn();
    assert.equal(other.take(), "+OK~");
    assert.match(waits.take(), new RegExp(`~value:${size - 1}~$`));
    assert.equal(other.call("LLEN k", "DEL k from"), `:${size - 1}~:2~`);
  }
});

test("a pipeline larger than the common buffer is kept behind a blocked command", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  const large = "x".repeat(600_000);
  waits.send("BLPOP k 0", `ECHO ${large}`, "PING");
  server.turn();
  assert.equal(waits.take(), "");
  other.call("RPUSH k v");
  assert.equal(waits.take(), `*2~$1~k~$1~v~$600000~${large}~+PONG~`);
});

test("the wait of a client ends with the connection when the server shuts down", () => {
  const server = new Server();
  const waits = server.connect();
  waits.call("BLPOP k 0");
  let isOver = false;
  server.core.clients.endAll(() => isOver = true);
  assert.deepEqual([waits.isOver, isOver, waits.take()], [true, true, ""]);
});

test("memory of blocked commands is counted and given back", () => {
  const server = new Server();
  const waits = server.connect();
  const before = server.core.engine.bufferBytes;
  waits.call(`BLPOP ${"k".repeat(10_000)} 0.01`);
  assert.ok(server.core.engine.bufferBytes > before + 10_000);
  server.pass(10);
  assert.equal(waits.take(), "*-1~");
  assert.equal(server.core.engine.bufferBytes, before);
});

test("calls count once, failed ones too", () => {
  const server = new Server();
  const [waits, other] = [server.connect(), server.connect()];
  waits.call("BLMOVE a b LEFT LEFT 0");
  other.call("SET b text", "RPUSH a v");
  assert.match(waits.take(), /^-WRONGTYPE/);
  const stats = other.call("INFO commandstats");
  assert.match(stats, /cmdstat_blmove:calls=1,.*,rejected_calls=0,failed_calls=1~/);
});

test("readers of a stream are all served by one entry, each with what is new to it", () => {
  const server = new Server();
  const [all, newest, other] = [server.connect(), server.connect(), server.connect()];
  other.call("XADD s 1-1 a 1");
  newest.call("XREAD BLOCK 0 STREAMS s $", "PING");
  all.call("XREAD BLOCK 50 STREAMS nosuch s 0-0 1-1");
  assert.equal(server.blockedCount, 2);
  other.call("XADD s 1-2 b 2");
  const entry = "*1~*2~$1~s~*1~*2~$3~1-2~*2~$1~b~$1~2~";
  assert.equal(newest.take(), `${entry}+PONG~`);
  assert.equal(all.take(), entry);
  all.call("XREAD BLOCK 50 STREAMS s $");
  server.pass(50);
  assert.equal(all.take(), "*-1~");
});

test("a reader of a group learns that its stream, its group or the stream's type is gone", () => {
  const ends: Record<string, [lines: string[], error: RegExp]> = {
    "DEL": [["DEL s"], /^-NOGROUP No such key 's' or consumer group 'g'/],
    "FLUSHALL": [["FLUSHALL"], /^-NOGROUP/],
    "RENAME": [["RENAME s t"], /^-NOGROUP/],
    "another type": [["SET s text"], /^-WRONGTYPE/],
    "XGROUP DESTROY": [["XGROUP DESTROY s g"], /^-NOGROUP/],
    "SWAPDB": [["SWAPDB 0 1"], /^-NOGROUP/],
  };
  for (const [name, [lines, error]] of Object.entries(ends)) {
    const server = new Server();
    const [waits, reads, other] = [server.connect(), server.connect(), server.connect()];
    other.call("XGROUP CREATE s g $ MKSTREAM");
    waits.call("XREADGROUP GROUP g me BLOCK 0 STREAMS s >");
    reads.call("XREAD BLOCK 10 STREAMS s 0");
    assert.match(other.call("INFO clients"), /~total_blocking_keys_on_nokey:1~/);
    other.call(...lines);
    assert.match(waits.take(), error, name);
    // Who reads without a group waits on for whatever comes under that name.
    assert.equal(server.blockedCount, 1, name);
    server.pass(10);
    assert.equal(reads.take(), "*-1~", name);
  }
});

test("a stream that expires while nobody asks for it ends the wait of its group's readers", () => {
  const server = new Server();
  const stop = server.core.startBackground();
  const [waits, other] = [server.connect(), server.connect()];
  other.call("XGROUP CREATE s g $ MKSTREAM", "PEXPIRE s 20");
  waits.call("XREADGROUP GROUP g me BLOCK 0 STREAMS s >");
  server.pass(500);
  assert.match(waits.take(), /^-NOGROUP/);
  stop();
});
