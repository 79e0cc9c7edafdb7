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
    ...[["OBJECT", "ENCODING", key], ["ECHO", key], ["RESET"]],
    ...[["AUTH", "limited", "x"], ["AUTH", "limited", "x"], ["AUTH", "default", "x"]],
  ]);
  const other = (word: string): string => (word === key ? pick(["a", "b", "l", "s"]) : word);
  const length = pick([1, 1, 2, 3, 10]);
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
