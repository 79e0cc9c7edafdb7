/** Keys that are there are tracked by their hash: what two keys of one hash mean, and databases. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { type Core, createCore } from "../../src/server/core.ts";
import { defaultOptions } from "../../src/server/options.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { runtimeUnderTest } from "../support/test_server.ts";
import { until } from "../support/wait.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** So many keys have some ten pairs of one hash. */
const CANDIDATES = 300_000;
const CAPACITY_BYTES = 64 * 1024 * 1024;

class Client implements Transport {
  readonly remoteAddress = "127.0.0.1:1";
  readonly localAddress = "127.0.0.1:2";
  readonly isLoopback = true;
  readonly isUnix = false;
  text = "";
  readonly #core: Core;
  readonly #session: ReturnType<Core["clients"]["connected"]>;

  constructor(core: Core) {
    this.#core = core;
    this.#session = core.clients.connected(this);
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    this.text += decoder.decode(bytes.subarray(start, end));
    return end - start;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}

  /** Sends inline commands in one chunk. @returns all that came since the last call */
  send(...lines: string[]): string {
    this.#session.received(encoder.encode(lines.map((line) => `${line}\r\n`).join("")));
    this.#core.executor.flush();
    return this.taken();
  }

  taken(): string {
    this.#core.services.tracking.settleReads();
    this.#core.executor.deliverPushes();
    const { text } = this;
    this.text = "";
    return text.replaceAll("\r\n", "~");
  }

  /** The keys of the messages that came since. */
  told(): string[] {
    const parts = this.taken().split(">2~$10~invalidate~").slice(1);
    return parts.flatMap((part) => part.split("~").filter((_, i) => i % 2 === 0 && i > 0)).filter(
      (key) => key !== "",
    ).sort();
  }
}

function makeCore(maxKeys = 0): Core {
  const runtime = runtimeUnderTest();
  const options = defaultOptions(runtime.system);
  options.settings.maxmemory = options.storeCapacityBytes = CAPACITY_BYTES;
  options.settings.trackingTableMaxKeys = maxKeys;
  const host = { ...runtime, random: createRandom([5, 6, 7, 8]) };
  return createCore({ host, options, configFile: "", log: () => {}, shutdown: () => {} });
}

function tracker(core: Core, ...options: string[]): Client {
  const client = new Client(core);
  client.send("HELLO 3", ["CLIENT TRACKING ON", ...options].join(" "));
  return client;
}

function tracked(core: Core): [keys: number, items: number] {
  const { tracking } = core.services;
  return [tracking.keyCount, tracking.itemCount];
}

/** Two keys of one hash, the same for all cores, whose random numbers are. */
let a = "", b = "";

before(() => {
  const { keyspace } = makeCore().engine;
  const region = makeRegion(16);
  const byHash = new Map<number, number>();
  for (let i = 0; i < CANDIDATES; i++) {
    const key = `key:${i}`;
    for (let at = 0; at < key.length; at++) region.bytes[at] = key.charCodeAt(at);
    const hash = keyspace.hash(region.view, 0, key.length);
    const other = byHash.get(hash);
    if (other !== undefined) {
      a = `key:${other}`;
      b = key;
      return;
    }
    byHash.set(hash, i);
  }
  assert.fail("no two keys have one hash");
});

describe("two keys of one hash", () => {
  test("both are told when one changes, and neither is left as if it were tracked", () => {
    const core = makeCore();
    const writer = new Client(core);
    writer.send(`SET ${a} 1`, `SET ${b} 2`);
    const client = tracker(core);
    assert.equal(client.send(`GET ${a}`, `GET ${b}`), "$1~1~$1~2~");
    assert.deepEqual(tracked(core), [1, 1]);
    writer.send(`SET ${a} 3`);
    assert.deepEqual(client.told(), [a, b].sort());
    writer.send(`SET ${b} 4`);
    assert.deepEqual(client.told(), []);
    assert.equal(client.send(`GET ${b}`), "$1~4~");
    writer.send(`DEL ${a}`);
    assert.deepEqual(client.told(), [a, b].sort());
  });

  test("one that is not there is kept by its name beside the other", () => {
    const core = makeCore();
    const writer = new Client(core);
    writer.send(`SET ${a} 1`);
    const client = tracker(core);
    const other = tracker(core);
    assert.equal(client.send(`GET ${a}`, `GET ${b}`), "$1~1~_~");
    assert.equal(other.send(`GET ${b}`), "_~");
    assert.deepEqual(tracked(core), [2, 3]);
    writer.send(`SET ${b} 4`);
    assert.deepEqual(client.told(), [a, b].sort());
    assert.ok(other.told().includes(b));
    assert.deepEqual(tracked(core), [0, 0]);
  });

  test("the client of NOLOOP that changes one is told of the other", () => {
    const core = makeCore();
    const client = tracker(core, "NOLOOP");
    client.send(`SET ${a} 1`, `SET ${b} 2`, `GET ${a}`, `GET ${b}`);
    client.send(`SET ${a} 3`);
    assert.deepEqual(tracked(core), [0, 0]);
    client.send(`GET ${b}`);
    const text = client.send(`SET ${a} 4`) + client.taken();
    assert.ok(text.includes(b) && !text.includes(a), text);
  });

  test("both are told when they are given up to stay within the limit", () => {
    const core = makeCore(1);
    const writer = new Client(core);
    writer.send(`SET ${a} 1`, `SET ${b} 2`, "SET c 3", "SET d 3");
    const client = tracker(core);
    client.send(`GET ${a}`, `GET ${b}`);
    assert.deepEqual(tracked(core), [1, 1]);
    const told = new Set<string>();
    for (let i = 0; i < 100 && told.size < 2; i++) {
      const text = client.send("GET c", "GET d") + client.taken();
      for (const key of [a, b]) if (text.includes(`~${key}~`)) told.add(key);
    }
    assert.deepEqual([...told].sort(), [a, b].sort());
  });
});

describe("databases", () => {
  test("a key counts in all of them, whether it was there or not, and is told once", () => {
    const core = makeCore();
    const writer = new Client(core);
    writer.send("SET k 1");
    const client = tracker(core);
    assert.equal(client.send("GET k", "SELECT 1", "GET k"), "$1~1~+OK~_~");
    const other = tracker(core);
    other.send("SELECT 1", "GET k");
    writer.send("SELECT 2", "SET k 2");
    assert.deepEqual(client.told(), ["k"]);
    assert.deepEqual(other.told(), ["k"]);
    assert.deepEqual(tracked(core), [0, 0]);
  });
});

test("a command that fails before it looks its key up is no proof that the key is there", () => {
  const core = makeCore();
  const writer = new Client(core);
  const client = tracker(core);
  writer.send("RPUSH k 1", "DEL k");
  assert.match(client.send("LRANGE k a b"), /^-ERR value is not an integer/);
  writer.send("RPUSH k 1");
  assert.deepEqual(client.told(), ["k"]);
});

test("what is read in one command and removed by the next, of two keys, is told", () => {
  const core = makeCore();
  const writer = new Client(core);
  writer.send("MSET x 1 y 2");
  const client = tracker(core);
  client.send("GET x", "GET y", "EXISTS x", "MGET x y none");
  assert.deepEqual(tracked(core), [3, 3]);
  writer.send("DEL x y");
  assert.deepEqual(client.told(), ["x", "y"]);
  assert.deepEqual(tracked(core), [1, 1]);
});

test("a hundred clients of one key, some of whom go", async () => {
  const core = makeCore();
  const writer = new Client(core);
  writer.send("SET k 1");
  const clients = Array.from({ length: 100 }, () => tracker(core));
  for (const client of clients) client.send("GET k");
  assert.deepEqual(tracked(core), [1, 100]);
  for (const client of clients.slice(40, 90)) client.send("CLIENT TRACKING OFF");
  for (const client of clients.slice(40, 60)) client.send("CLIENT TRACKING ON", "GET k");
  writer.send("SET k 2");
  // A turn delivers for some milliseconds at most.
  await until("all are told", () => !core.executor.delivery.hasWork);
  clients.forEach((client, i) => {
    assert.deepEqual(client.told(), i < 60 || i >= 90 ? ["k"] : [], `client ${i}`);
  });
});
