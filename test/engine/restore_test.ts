// Payloads changed at random: refused, or values that can be read; never anything lost or leaked.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { COMMAND_FAMILIES } from "../../src/server/command_families.ts";
import { FOOTER_BYTES } from "../../src/structs/rdb_format.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";
import { OLD_PAYLOADS, resealed } from "../support/rdb_payloads.ts";

const ROUNDS = Number(process.env.CRABCACHE_FUZZ_ROUNDS ?? 4000);
const SEED = Number(process.env.CRABCACHE_FUZZ_SEED ?? 1);
const CHECK_EVERY = 50;

const encoder = new CommandEncoder();

function ask(fixture: Fixture, ...args: (string | Uint8Array)[]): Buffer {
  const writer = new RespWriter();
  fixture.executor.executeLocal(encoder.encode([args]), fixture.session, writer);
  return Buffer.from(writer.output.bytes.slice(0, writer.output.length));
}

function valueOf(reply: Buffer): Buffer {
  return reply.subarray(reply.indexOf("\r\n") + 2, reply.length - 2);
}

const MANY = Array.from({ length: 140 }, (_, i) => `element:${i}`);
const PAIRS = MANY.flatMap((each, i) => [String(i / 4), each]);

/** Commands that make the key "k", all kinds of values. */
const VALUES: readonly (readonly string[][])[] = [
  [["SET", "k", "12345"]],
  [["SET", "k", "abc".repeat(50)]],
  [["RPUSH", "k", "a", "1", "x".repeat(70), "-5000", "9223372036854775807"]],
  [["RPUSH", "k", ...MANY, "y".repeat(9000)]],
  [["SADD", "k", "1", "-2", "70000"]],
  [["SADD", "k", "a", "1", "b"]],
  [["SADD", "k", ...MANY]],
  [["HSET", "k", "f", "v", "g", "12", "h", "x".repeat(30)]],
  [["HSET", "k", ...PAIRS]],
  [["HSET", "k", "f", "v", "g", "w"], ["HPEXPIRE", "k", "100000", "FIELDS", "1", "f"]],
  [["ZADD", "k", "1", "a", "2.5", "b", "inf", "c"]],
  [["ZADD", "k", ...PAIRS]],
  [["PFADD", "k", "a", "b", "c"]],
  [["XADD", "k", "1-1", "f", "v"]],
  [
    ...MANY.slice(0, 30).map((each, i) => ["XADD", "k", `${i + 1}-0`, "f", each, "g", "1"]),
    ["XDEL", "k", "3-0", "1-0"],
    ["XGROUP", "CREATE", "k", "group", "0"],
    ["XREADGROUP", "GROUP", "group", "one", "COUNT", "5", "STREAMS", "k", ">"],
    ["XREADGROUP", "GROUP", "group", "two", "COUNT", "4", "STREAMS", "k", ">"],
  ],
];

/** What reads all of a value, by its type. */
const READERS: Readonly<Record<string, readonly string[][]>> = {
  "+string": [["GET", "k"], ["STRLEN", "k"]],
  "+list": [["LRANGE", "k", "0", "-1"], ["LLEN", "k"], ["LPOP", "k"], ["RPOP", "k"]],
  "+set": [["SMEMBERS", "k"], ["SCARD", "k"], ["SADD", "k", "1", "new"], ["SPOP", "k"]],
  "+hash": [["HGETALL", "k"], ["HLEN", "k"], ["HSET", "k", "new", "1"], ["HDEL", "k", "f"]],
  "+zset": [["ZRANGE", "k", "0", "-1", "WITHSCORES"], ["ZADD", "k", "2", "a"], ["ZPOPMIN", "k"]],
  "+stream": [
    ["XRANGE", "k", "-", "+"],
    ["XREVRANGE", "k", "+", "-"],
    ["XINFO", "STREAM", "k", "FULL"],
    ["XTRIM", "k", "MAXLEN", "3"],
    ["XDEL", "k", "5-0"],
    ["XGROUP", "DESTROY", "k", "group"],
  ],
};

/** Some bytes changed, taken out, repeated or put in. */
function mutated(bytes: Buffer, random: Xoshiro128): Buffer {
  let body = Buffer.from(bytes.subarray(0, bytes.length - FOOTER_BYTES));
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(body.length);
    switch (random.below(6)) {
      case 0:
        body[at] ^= 1 << random.below(8);
        break;
      case 1:
        body[at] = random.int32();
        break;
      case 2:
        body[at] += random.below(3) - 1;
        break;
      case 3:
        body = body.subarray(0, Math.max(1, at));
        break;
      case 4: {
        const part = body.subarray(at, at + random.below(20));
        body = Buffer.concat([body.subarray(0, at), part, body.subarray(at)]);
        break;
      }
      default:
        body = Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + random.below(8))]);
        if (body.length === 0) body = Buffer.from([0]);
    }
  }
  return resealed(Buffer.concat([body, Buffer.alloc(FOOTER_BYTES)]), 12);
}

/** Reads and changes the value of "k" in every way. */
function use(fixture: Fixture): void {
  const type = String(ask(fixture, "TYPE", "k")).trim();
  for (const command of READERS[type]) ask(fixture, ...command);
  if (String(ask(fixture, "EXISTS", "k")) !== ":1\r\n") return;
  const again = valueOf(ask(fixture, "DUMP", "k"));
  assert.equal(String(ask(fixture, "RESTORE", "copy", "0", again, "REPLACE")), "+OK\r\n");
  assert.equal(String(ask(fixture, "COPY", "k", "copy", "REPLACE")), ":1\r\n");
}

test("changed payloads are refused, or make values that can be used", () => {
  const random = createRandom([SEED, 7, 7, 7]);
  const fixture = createFixture({ families: COMMAND_FAMILIES, seed: SEED });
  const { keyspace } = fixture.engine;
  const payloads = VALUES.map((commands) => {
    ask(fixture, "DEL", "k");
    for (const command of commands) {
      assert.notEqual(String(ask(fixture, ...command))[0], "-", command.join(" "));
    }
    return valueOf(ask(fixture, "DUMP", "k"));
  });
  for (const [, bytes] of OLD_PAYLOADS) payloads.push(bytes);
  ask(fixture, "FLUSHALL");
  let acceptedCount = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutated(payloads[random.below(payloads.length)], random);
    const what = (): string => `seed ${SEED}, round ${round}: ${bytes.toString("hex")}`;
    try {
      const reply = String(ask(fixture, "RESTORE", "k", "0", bytes, "REPLACE"));
      if (reply === "+OK\r\n") {
        acceptedCount++;
        if (String(ask(fixture, "EXISTS", "k")) === ":1\r\n") use(fixture);
      } else {
        assert.equal(reply, "-ERR Bad data format\r\n");
      }
      if (round % CHECK_EVERY === 0) keyspace.checkInvariants();
    } catch (error) {
      throw new Error(what(), { cause: error });
    }
  }
  keyspace.checkInvariants();
  assert.ok(acceptedCount > ROUNDS / 50 && acceptedCount < ROUNDS, `${acceptedCount} accepted`);
  ask(fixture, "FLUSHALL");
  keyspace.checkInvariants();
});
