/**
 * Client-side caching at a real redis-server and at this one: connections that take turns, by a seed.
 *
 * What is compared between two fences is the set of keys that a connection was told of: redis-server sends
 * a message for each key, this server one for all keys of a batch. Where everything was told to be
 * forgotten, keys before that are not told here.
 *
 * Left out is what is different on purpose: SWAPDB, after which everything is forgotten; what a client that
 * switches tracking off and on again read before; keys that expire by the access of a NOLOOP client.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, test } from "node:test";
import { elementsOf, valueOf } from "../support/frames.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { Interleaved, type InterleavedKind, turn, type TurnComparator } from "./interleaved.ts";
import { isSame, isSameGreeting, isSameKind } from "./replies.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.CRABCACHE_DIFF_STEPS ?? 800) / 40;
const STEPS = 40;
const KEYS = ["a", "b", "c", "ab", "list", "set", "user:1", "user:2"];
const CHANNEL = "__redis__:invalidate";
const ALL = "everything";

/** Each key that messages name, once, in order; ids of broken redirections and other messages as they are. */
function told(messages: Buffer[]): Buffer[] {
  const names = new Set<string>();
  for (const message of messages) {
    const parts = elementsOf(message);
    const kind = valueOf(parts[0])?.toString("latin1");
    const isInvalidation = kind === "invalidate" ||
      (kind === "message" && valueOf(parts[1])?.toString("latin1") === CHANNEL);
    const last = parts[parts.length - 1];
    if (!isInvalidation) names.add(message.toString("latin1"));
    else if (last[0] !== 42) names.add(ALL);
    else for (const key of elementsOf(last)) names.add(`key ${valueOf(key)?.toString("latin1")}`);
  }
  const isKept = (name: string): boolean => !names.has(ALL) || !name.startsWith("key ");
  return [...names].filter(isKept).sort().map((name) => Buffer.from(name, "latin1"));
}

/** The same bytes but for the ids of the connections. */
const isSameButForIds: TurnComparator = (real, ours, _skewMs, actors) => {
  const plain = (reply: Buffer, server: "real" | "ours"): Buffer => {
    const text = reply.toString("latin1").replace(/:(\d+)\r\n/g, (whole, id) => {
      const actor = actors.find((each) => String(each.id[server]) === id);
      return actor === undefined ? whole : `:connection ${actor.index}\r\n`;
    });
    return Buffer.from(text, "latin1");
  };
  return isSame(plain(real, "real"), plain(ours, "ours"));
};

/** A kind whose messages are compared as sets. */
function kind(
  weight: number,
  make: InterleavedKind["make"],
  compare?: TurnComparator,
): InterleavedKind {
  return { ...turn(weight, make, compare), arrange: told };
}

/**
 * A kind in whose place MULTI has a plain GET: redis-server 7.0 writes a client's messages about its own
 * changes into the midst of the reply to EXEC, and replies that may differ are not excused within it.
 */
function outside(
  weight: number,
  make: InterleavedKind["make"],
  compare?: TurnComparator,
): InterleavedKind {
  return kind(weight, (choose, actor, actors) => {
    return actor.isInMulti ? ["GET", choose.pick(KEYS)] : make(choose, actor, actors);
  }, compare);
}

const READS: InterleavedKind[] = [
  kind(20, (c) => ["GET", c.pick(KEYS)]),
  kind(5, (c) => ["MGET", c.pick(KEYS), c.pick(KEYS), c.pick(KEYS)]),
  kind(2, (c) => ["EXISTS", c.pick(KEYS), c.pick(KEYS)]),
  kind(2, (c) => ["TYPE", c.pick(KEYS)]),
  kind(2, (c) => ["LRANGE", c.pick(KEYS), "0", "-1"]),
  kind(2, (c) => ["SINTERCARD", "2", c.pick(KEYS), c.pick(KEYS)]),
  outside(2, (c) => ["OBJECT", "ENCODING", c.pick(KEYS)], isSameKind),
  kind(1, (c) => ["SORT_RO", c.pick(KEYS), "ALPHA"]),
  kind(1, (c) => ["XREAD", "STREAMS", c.pick(KEYS), c.pick(KEYS), "0", "0"]),
  kind(1, (c) => ["TTL", c.pick(KEYS)]),
  kind(1, (c) => ["GET", c.pick(KEYS), "too many"]),
];

const WRITES: InterleavedKind[] = [
  outside(10, (c) => ["SET", c.pick(KEYS), String(c.below(100))]),
  outside(5, (c) => ["MSET", c.pick(KEYS), "1", c.pick(KEYS), "2"]),
  outside(5, (c) => ["DEL", c.pick(KEYS), c.pick(KEYS)]),
  outside(3, (c) => ["INCR", c.pick(KEYS)]),
  outside(3, (c) => ["RENAME", c.pick(KEYS), c.pick(KEYS)]),
  outside(3, (c) => ["COPY", c.pick(KEYS), c.pick(KEYS), "REPLACE"]),
  outside(3, (c) => ["GETDEL", c.pick(KEYS)]),
  outside(3, (c) => ["EXPIRE", c.pick(KEYS), "1000"]),
  outside(2, (c) => ["PERSIST", c.pick(KEYS)]),
  outside(3, (c) => ["RPUSH", "list", String(c.below(100))]),
  outside(2, () => ["LPOP", "list"]),
  outside(3, (c) => ["SADD", "set", String(c.below(5))]),
  outside(2, (c) => ["SREM", "set", String(c.below(5))]),
  outside(2, (c) => ["SORT", "set", "STORE", c.pick(KEYS)]),
  outside(2, (c) => ["MOVE", c.pick(KEYS), "1"]),
  outside(1, () => ["FLUSHALL"]),
  outside(1, () => ["FLUSHDB"]),
];

const TRANSACTIONS: InterleavedKind[] = [
  kind(4, () => ["MULTI"]),
  kind(8, () => ["EXEC"], isSameButForIds),
  kind(1, () => ["DISCARD"]),
];

const STATE: InterleavedKind[] = [
  kind(1, (c) => ["SELECT", c.pick(["0", "0", "1"])]),
  outside(1, (c) => ["HELLO", c.pick(["2", "3", "3"])], isSameGreeting),
  kind(2, (c) => ["CLIENT", "CACHING", c.pick(["YES", "NO", "maybe"])]),
  kind(2, () => ["CLIENT", "TRACKINGINFO"], isSameButForIds),
  kind(1, () => ["CLIENT", "GETREDIR"], isSameButForIds),
  kind(3, (c, _actor, actors) => {
    const options = ["BCAST", "OPTIN", "OPTOUT", "NOLOOP", "PREFIX", "REDIRECT", "what"];
    const words = [];
    for (let count = c.below(3); count > 0; count--) {
      const option = c.pick(options);
      words.push(option);
      if (option === "PREFIX") words.push(c.pick(["user:", "us", "a", "b", ""]));
      if (option === "REDIRECT") {
        words.push(c.chance(90) ? c.pick(actors).id : c.pick(["0", "99999999", "x"]));
      }
    }
    return ["CLIENT", "TRACKING", c.pick(["ON", "ON", "ON", "ON", "maybe"]), ...words];
  }),
];

const missing = missingProgram("redis-server");

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

test("clients that track keys are told what redis-server tells them", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  server = await startTestServer();
  const seen = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const hasPipelines = round % 4 < 2;
    const interleaved = new Interleaved({
      seed: SEED + round,
      real: redis.address,
      ours: server.address,
      versions: round % 2 === 0 ? ["3", "3"] : ["3", "2", "3"],
      kinds: [...READS, ...WRITES, ...STATE, ...hasPipelines ? [] : TRANSACTIONS],
      mostCommands: hasPipelines ? 6 : 1,
    });
    await interleaved.begin();
    const { choose, actors } = interleaved;
    await interleaved.sendAlone(0, ["FLUSHALL"]);
    const receiver = actors[actors.length - 1].id;
    const last = actors.length - 1;
    if (choose.chance(30)) await interleaved.sendAlone(last, ["SUBSCRIBE", CHANNEL]);
    for (let i = 0; i < actors.length; i++) {
      const options = choose.pick([
        ...[[], [], ["NOLOOP"], ["OPTIN"], ["OPTOUT", "NOLOOP"], ["BCAST"], ["REDIRECT", receiver]],
        ...[["BCAST", "PREFIX", "a"], ["BCAST", "NOLOOP", "PREFIX", "user:", "PREFIX", "l"]],
      ]);
      if (choose.chance(80)) {
        await interleaved.sendAlone(i, ["CLIENT", "TRACKING", "ON", ...options]);
      }
    }
    await interleaved.run(STEPS);
    for (const [name, count] of interleaved.seen) seen.set(name, (seen.get(name) ?? 0) + count);
    closeClients();
  }
  assert.ok((seen.get("message") ?? 0) > ROUNDS * 5, "keys were told");
  assert.ok((seen.get("-ERR") ?? 0) > ROUNDS, "some commands failed");
});
