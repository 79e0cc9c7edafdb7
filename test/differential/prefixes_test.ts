/** KEYS and SCAN by prefix, with an ordered index: a real redis-server finds the same keys. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, test } from "node:test";
import { elementsOf, encodeCommand, valueOf } from "../support/frames.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";
import { Chooser, type Text } from "./pools.ts";

const ROUNDS = Math.ceil(Number(process.env.CRABCACHE_DIFF_COMMANDS ?? 100_000) / 1000);
const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const CHANGES = 20;

const missing = missingProgram("redis-server");

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

/** Parts that patterns give a meaning to, and ones that names begin alike with. */
const PARTS = ["a", "b", "ab", ":", "user:", "*", "?", "[a]", "\\", "\0", "\xff", "1", "12", "x"];
const WILD = ["*", "?", "[ab]", "[^a]", "\\*", "\\", "["];

function name(choose: Chooser): string {
  if (choose.chance(2)) return "x".repeat(choose.pick([300, 30_000])) + choose.pick(PARTS);
  return Array.from({ length: choose.below(5) }, () => choose.pick(PARTS)).join("");
}

function pattern(choose: Chooser): string {
  const start = name(choose);
  const end = choose.chance(40) ? choose.pick(WILD) + choose.pick(PARTS) : "";
  return start + (choose.chance(80) ? choose.pick(WILD) : "") + end +
    (choose.chance(50) ? "*" : "");
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

async function ask(client: WireClient, args: readonly Text[]): Promise<Buffer> {
  client.send(encodeCommand(args));
  return await client.read();
}

function sortedNames(reply: Buffer): string[] {
  return elementsOf(reply).map((each) => valueOf(each)!.toString("latin1")).sort();
}

/** All that a scan finds, each once. */
async function scanAll(client: WireClient, options: readonly Text[]): Promise<string[]> {
  const found = new Set<string>();
  let cursor = "0";
  do {
    const [next, keys] = elementsOf(await ask(client, ["SCAN", cursor, ...options]));
    cursor = valueOf(next)!.toString("latin1");
    for (const key of sortedNames(keys)) found.add(key);
  } while (cursor !== "0");
  return [...found].sort();
}

test("keys are found by prefix as redis-server finds them", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  server = await startTestServer("--key-index", "radix", "--maxmemory-policy", "noeviction");
  const clients = [await connect(redis.address), await connect(server.address)];
  const choose = new Chooser(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < CHANGES; i++) {
      const key = latin1(name(choose)), other = latin1(name(choose));
      const isThere = valueOf(await ask(clients[0], ["EXISTS", key]))!.toString() === "1";
      const command = choose.pick<Text[]>([
        ...[["SET", key, "v"], ["SET", key, "v"], ["DEL", key], ["GETDEL", key]],
        ...isThere ? [["RENAME", key, other], ["COPY", key, other]] : [["SET", key, "v"]],
        ["PEXPIREAT", key, "1"],
      ]);
      const [real, ours] = await Promise.all(clients.map((each) => ask(each, command)));
      assert.equal(ours.toString("latin1"), real.toString("latin1"), `seed ${SEED}: ${command}`);
    }
    const glob = latin1(pattern(choose));
    const message = `seed ${SEED}: ${JSON.stringify(glob.toString("latin1"))}`;
    const [real, ours] = await Promise.all(clients.map((each) => ask(each, ["KEYS", glob])));
    assert.deepEqual(sortedNames(ours), sortedNames(real), message);
    const options = ["MATCH", glob, "COUNT", choose.pick(["1", "3", "10", "1000"])];
    const scans = await Promise.all(clients.map((each) => scanAll(each, options)));
    assert.deepEqual(scans[1], scans[0], message);
  }
});
