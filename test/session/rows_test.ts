/** Commands that come in a row run in another way than those that come alone, and to the same effect. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { LocalSession } from "../../src/session/local_session.ts";
import { encodeCommand, FrameSplitter } from "../support/frames.ts";
import { type Client, Server } from "./blocking_harness.ts";

const SEEDS = 20;
const STEPS = 60;

function randomRow(number: (below: number) => number): string[][] {
  const pick = <T>(from: readonly T[]): T => from[number(from.length)];
  const key = pick(["a", "b", "c", "key:0001"]);
  const command = pick([
    ...[["GET", key], ["get", key], ["GET", key, key], ["GET"], ["SET", key, `v${number(9)}`]],
    ...[["SET", key, "1", "PX", String(1 + number(30))], ["SET", key, "1", "NX"], ["INCR", key]],
    ...[["DEL", key], ["EXISTS", key], ["MGET", key, "a"], ["APPEND", key, "0"], ["TTL", key]],
    ...[["LPUSH", "l", key], ["LPOP", "l"], ["LPOP", "l", "2"], ["SADD", "s", key]],
    ["HGET", "h", key],
    ...[["HSET", "h", key, "1"], ["ZADD", "z", "1", key], ["ZINCRBY", "z", "1", key], ["NOSUCH"]],
    ...[["CLIENT", "REPLY", pick(["SKIP", "ON", "OFF"])], ["CLIENT", "GETNAME"], ["PING"]],
    ...[["HELLO", pick(["2", "3"])], ["SELECT", pick(["0", "1"])], ["MULTI"], ["EXEC"]],
    ...[["WATCH", key], ["CLIENT", "TRACKING", "ON"], ["CLIENT", "TRACKING", "OFF"]],
    ...[["OBJECT", "ENCODING", key], ["ECHO", key], ["RESET"], ["GET", "long"], ["GET", "l"]],
    ...[["AUTH", "limited", "x"], ["AUTH", "limited", "x"], ["AUTH", "default", "x"]],
  ]);
  const other = (word: string): string => (word === key ? pick(["a", "b", "l", "s"]) : word);
  const length = pick([1, 1, 2, 3, 10, 80]);
  return Array.from({ length }, (_, i) => (i === 0 ? command : command.map(other)));
}

/** What came back: the replies, and what messages named, of which a batch gives one for many keys. */
function read(client: Client): { replies: string[]; told: string[] } {
  const frames = new FrameSplitter().push(Buffer.from(client.takeRaw(), "latin1"));
  const texts = frames.map((frame) => Buffer.from(frame).toString("latin1"));
  const told = texts.filter((text) => text[0] === ">").flatMap((text) => text.split("\r\n"));
  return {
    replies: texts.filter((text) => text[0] !== ">"),
    told: [...new Set(told.filter((line) => /^[a-z]/.test(line)))].sort(),
  };
}

/** Two servers alike with a user of few rights, whoever looks into them, and random numbers. */
function makeTwins(
  seed: number,
): { number: (below: number) => number; servers: Server[]; observers: Client[] } {
  const random = createRandom([seed, 9, 8, 7]);
  const servers = [new Server(1), new Server(1)];
  const observers = servers.map((server): Client => server.connect());
  for (const each of observers) {
    each.call(
      "ACL SETUSER limited on nopass ~a ~b %R~key* resetchannels +@all -incr",
      `CONFIG SET slowlog-log-slower-than ${seed % 3 === 0 ? 0 : 10000}`,
      `SET long ${"x".repeat(20_000)}`,
      "CONFIG RESETSTAT",
    );
  }
  return { number: (below) => random.below(below), servers, observers };
}

test("a pipeline is answered as its commands are one by one", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { number, servers, observers: [observer, otherObserver] } = makeTwins(seed);
    const [together, alone] = servers.map((server): Client => server.connect());
    for (let step = 0; step < STEPS; step++) {
      const rows = Array.from({ length: 1 + number(4) }, () => randomRow(number)).flat();
      together.sendBytes(Buffer.concat(rows.map((command) => encodeCommand([...command]))));
      servers[0].turn();
      for (const command of rows) {
        alone.sendBytes(encodeCommand([...command]));
        servers[1].turn();
      }
      for (const each of [observer, otherObserver]) each.call("SET key:0001 1", "DEL b");
      assert.deepEqual(
        read(together),
        read(alone),
        `seed ${seed}: ${rows.map((command) => command.join(" ")).join(", ")}`,
      );
      assert.equal(observer.call("INFO commandstats"), otherObserver.call("INFO commandstats"));
      assert.equal(observer.call("ACL LOG"), otherObserver.call("ACL LOG"));
      assert.equal(observer.call("INFO errorstats"), otherObserver.call("INFO errorstats"));
      for (const server of servers) server.pass(10);
    }
  }
});

test("in a pipeline, a message that a command causes stands right behind its reply", () => {
  const sessions = [new Server(1), new Server(1)].map((server) => {
    const client = server.connect();
    client.call("CONFIG SET notify-keyspace-events KExm", "HELLO 3", "PSUBSCRIBE __key*__:*");
    client.call("SET a 1", "SET b 1 PX 5", "SET c 1 PX 5");
    server.pass(10);
    client.takeRaw();
    return { server, client };
  });
  const commands = ["a", "b", "a", "none", "c", "a"].map((key) => encodeCommand(["GET", key]));
  const [together, alone] = sessions;
  together.client.sendBytes(Buffer.concat(commands));
  together.server.turn();
  for (const command of commands) {
    alone.client.sendBytes(command);
    alone.server.turn();
  }
  const raw = together.client.takeRaw();
  assert.match(raw, /^\$1\r\n1\r\n_\r\n>4.*expired.*keymiss.*\$1\r\n1\r\n_\r\n>4/s);
  assert.equal(raw, alone.client.takeRaw());
});

test("whoever waits for a key is served between two commands of a row, and waits in one", () => {
  const server = new Server(1);
  const [waits, pushes] = [server.connect(), server.connect()];
  waits.call("BLPOP k 0");
  assert.equal(pushes.call("RPUSH k a", "RPUSH k b", "RPUSH k c"), ":1~:1~:2~");
  assert.equal(waits.take(), "*2~$1~k~$1~a~");
  assert.equal(waits.call("BZPOPMIN z 0", "BZPOPMIN z 0", "BZPOPMIN z 0"), "");
  assert.equal(pushes.call("ZADD z 1 a 2 b", "ZADD z 3 c"), ":2~:1~");
  const popped = ["a", "b", "c"].map((member, i) => `*3~$1~z~$1~${member}~$1~${i + 1}~`);
  assert.equal(waits.take(), popped.join(""));
});

test("long rows of replies are sent in parts", () => {
  const server = new Server(1);
  const client = server.connect();
  const value = "x".repeat(10_000);
  client.call(`SET k ${value}`, `HSET h f ${value}`);
  for (const line of ["GET k", "HGET h f"]) {
    const sizes: number[] = [];
    client.write = (_bytes, start, end) => {
      sizes.push(end - start);
      return end - start;
    };
    client.call(...Array<string>(60).fill(line));
    assert.equal(sizes.reduce((sum, size) => sum + size), 60 * 10_010);
    assert.ok(Math.max(...sizes) < 280_000, `${line}: ${sizes.join(" ")}`);
  }
});

test("keys are known by their database when connections of several run together", () => {
  const server = new Server(1);
  const clients = ["0", "1", "1", "0"].map((db) => {
    const client = server.connect();
    client.call(`SELECT ${db}`);
    return client;
  });
  for (let i = 0; i < 500; i++) {
    clients.forEach((client, n) => client.send(`GET of:${n}`));
    server.turn();
  }
  const { engine } = server.core;
  const known = engine.hotKeys.top(10, engine.nowMs).map(({ key, dbIndex }) => {
    return `${Buffer.from(key).toString()} ${dbIndex}`;
  });
  assert.deepEqual(known.sort(), ["of:0 0", "of:1 1", "of:2 1", "of:3 0"]);
});

/** Runs commands without a connection, each batch in one go. */
function runLocal({ core }: Server, session: LocalSession, batches: string[][][]): string {
  const writer = new RespWriter();
  const encoder = new CommandEncoder();
  for (const batch of batches) {
    writer.version = session.protocolVersion;
    core.executor.executeLocal(encoder.encode(batch), session, writer);
    if (session.isHeld) throw new Error("a command waits");
  }
  return Buffer.from(writer.output.bytes.subarray(0, writer.output.length)).toString("latin1");
}

test("a batch without a connection is answered as its commands are one by one", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { number, servers, observers: [observer, otherObserver] } = makeTwins(seed + SEEDS);
    const [together, alone] = servers.map(() => new LocalSession(1000, 0));
    for (let step = 0; step < STEPS; step++) {
      const rows = Array.from({ length: 1 + number(4) }, () => randomRow(number)).flat()
        // Replies of another version come with the next batch.
        .filter(([name]) => name !== "HELLO" && name !== "RESET");
      const texts = [
        runLocal(servers[0], together, [rows]),
        runLocal(servers[1], alone, rows.map((row) => [row])),
      ];
      assert.equal(
        texts[0],
        texts[1],
        `seed ${seed}: ${rows.map((row) => row.join(" ")).join(", ")}`,
      );
      for (const section of ["commandstats", "errorstats"]) {
        assert.equal(observer.call(`INFO ${section}`), otherObserver.call(`INFO ${section}`));
      }
      assert.equal(observer.call("ACL LOG"), otherObserver.call("ACL LOG"));
      for (const server of servers) server.pass(10);
    }
  }
});
