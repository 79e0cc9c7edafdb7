/** The same commands over RESP3 and over the binary protocol, on two servers that are the same, mean the same. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { FrameSplitter } from "../support/frames.ts";
import { encodeCommand } from "../support/frames.ts";
import { type Command, type Result, resultOfResp3 } from "../protocol/binary/frames_support.ts";
import { BinaryClient } from "./binary_harness.ts";
import { type Client, Server } from "./blocking_harness.ts";

const SEEDS = Number(process.env.CRABCACHE_SEEDS ?? 12);
const STEPS = Number(process.env.CRABCACHE_STEPS ?? 40);

const KEYS = ["a", "b", "c", "list", "hash", "zset"];
const CONFIRMATIONS = new Set(["subscribe", "unsubscribe", "psubscribe", "punsubscribe"]);

function isMessage(result: Result): result is { push: Result[] } {
  return result !== null && typeof result === "object" && "push" in result;
}

/** Mostly one command. */
function randomCommands(
  pick: <T>(from: readonly T[]) => T,
  number: (below: number) => number,
): Command[] {
  const key = pick(KEYS), n = String(number(20) - 10);
  const long = "x".repeat(pick([0, 1, 70, 255, 256, 5000]));
  // In a transaction, confirmations are parts of its reply in RESP, and RESET goes back to RESP2.
  const wrapped = pick<() => Command[]>([
    () => [["DISCARD"], ["SUBSCRIBE", `c${number(3)}`, `c${number(3)}`]],
    () => [["DISCARD"], ["UNSUBSCRIBE", `c${number(3)}`]],
    () => [["DISCARD"], ["UNSUBSCRIBE"]],
    () => [["RESET"], ["HELLO", "3"]],
  ]);
  if (number(8) === 0) return wrapped();
  const single = pick<() => Command>([
    () => ["SET", key, long],
    () => ["set", key, n],
    () => ["GET", key],
    () => ["GET", key],
    () => ["INCRBY", key, pick([n, "9007199254740993", "-9223372036854775808"])],
    () => ["DEL", key],
    () => ["RPUSH", "list", n, long],
    () => ["LPUSH", "list", n],
    () => ["LRANGE", pick(["list", key]), "0", "5"],
    () => ["BLPOP", "list", key, "0"],
    () => ["BLPOP", "list", "0.05"],
    () => ["BLMOVE", "list", "list", "LEFT", "RIGHT", "0.02"],
    () => ["HSET", "hash", n, long],
    () => ["HGETALL", "hash"],
    () => ["ZADD", "zset", `${n}.25`, n],
    () => ["ZRANGE", "zset", "0", "-1", "WITHSCORES"],
    () => ["ZSCORE", "zset", n],
    () => ["SMISMEMBER", key, n],
    () => ["MULTI"],
    () => ["EXEC"],
    () => ["EXEC"],
    () => ["DISCARD"],
    () => ["WATCH", key],
    () => ["PUBLISH", `c${number(3)}`, long],
    () => ["PING"],
    () => ["PING"],
    () => ["NOSUCH", n, long],
    () => ["GET"],
    () => ["SELECT", String(number(3))],
    () => ["CLIENT", "NO-TOUCH", "ON"],
    () => ["CLIENT", "GETNAME"],
    () => ["CLIENT", "PAUSE", "10", pick(["WRITE", "ALL"])],
    () => ["OBJECT", "ENCODING", key],
    () => ["COMMAND", "INFO", "get"],
    () => ["MEMORY", "DOCTOR"],
  ]);
  // The same in a row is run in another way.
  const name = single();
  return number(4) > 0 ? [name] : Array.from({ length: 1 + number(5) }, () => [...name]);
}

function readResp(client: Client): Result[] {
  const bytes = Buffer.from(client.takeRaw(), "latin1");
  return new FrameSplitter().push(bytes).map(resultOfResp3);
}

/** What RESP has no reply for. */
function isSubscription([name]: Command): boolean {
  return CONFIRMATIONS.has(name.toString().toLowerCase());
}

test("random batches get equal replies and messages in both protocols", () => {
  for (let seed = 1; seed <= SEEDS; seed++) compare(seed);
});

function compare(seed: number): void {
  const random = createRandom([seed, 5, 6, 7]);
  const number = (below: number): number => random.below(below);
  const pick = <T>(from: readonly T[]): T => from[number(from.length)];
  const servers = [new Server(seed), new Server(seed)];
  const resp = [0, 1, 2].map(() => servers[0].connect());
  const binary = [0, 1, 2].map(() => new BinaryClient(servers[1]));
  for (const client of resp) client.call("HELLO 3");
  const owed = binary.map((): Command[] => []);
  const results = binary.map((): Result[] => []);
  const messages = binary.map((): Result[] => []);
  for (let step = 0; step < STEPS; step++) {
    const who = number(3);
    const commands: Command[] = [];
    while (commands.length === 0 || number(5) > 0) commands.push(...randomCommands(pick, number));
    resp[who].sendBytes(Buffer.concat(commands.map((command) => encodeCommand([...command]))));
    binary[who].send(commands, { id: step + 1 });
    owed[who].push(...commands);
    if (number(3) > 0) { for (const server of servers) server.turn(); }
    const pauseMs = number(4) === 0 ? number(60) : 0;
    for (const server of servers) if (pauseMs > 0) server.pass(pauseMs);
    if (step === STEPS - 1) {
      for (const server of servers) {
        server.turn();
        server.pass(200);
      }
    }
    for (let i = 0; i < 3; i++) {
      const told = readResp(resp[i]);
      for (const frame of binary[i].take()) {
        const into = frame.kind === "push" ? messages : results;
        into[i].push(...frame.results);
      }
      // Those of subscriptions are left out, as RESP has none.
      const answered = owed[i].splice(0, results[i].length);
      const replies = results[i].splice(0).filter((_, at) => !isSubscription(answered[at]));
      const context = `seed ${seed}, step ${step}, client ${i}`;
      assert.deepEqual(replies, told.filter((result) => !isMessage(result)), context);
      assert.deepEqual(messages[i].splice(0), told.filter(isMessage), context);
    }
  }
}
