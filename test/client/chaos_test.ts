// The sender against a server that splits, delays, cuts off and reorders at random: whatever happens, every
// command settles once, with its own reply or with an error, and none runs twice.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { createClientHost } from "../../src/adapters/client_host.ts";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import { ClientError } from "../../src/client/client_error.ts";
import type { ClientProtocol } from "../../src/client/connection_options.ts";
import { ConnectionSender } from "../../src/client/connection_sender.ts";
import type { CommandWords, SendOptions } from "../../src/client/sender.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { within } from "../support/wait.ts";
import { ChaosProxy } from "./chaos_proxy.ts";

const SEEDS = Number(process.env.CRABCACHE_CHAOS_SEEDS ?? 3);
const REQUESTS = Number(process.env.CRABCACHE_CHAOS_REQUESTS ?? 600);
const CHANCES = { split: 200, delay: 60, cut: 30, cutRequests: 20, reorder: 400 };

let server: TestServer;

before(async () => {
  server = await startTestServer("--maxmemory", "64mb");
});
after(async () => {
  await server.close();
  await killProcesses();
});

/** What came of all requests. */
interface Tally {
  answered: number;
  failed: number;
  /** INCRs that were answered, and such as may have run beyond these. */
  counted: number;
  maybeCounted: number;
}

/** One request and what must come of it. */
class Attempt {
  readonly #sender: ConnectionSender;
  readonly #random: Xoshiro128;
  readonly #tally: Tally;
  readonly #word: string;

  constructor(sender: ConnectionSender, random: Xoshiro128, tally: Tally, index: number) {
    this.#sender = sender;
    this.#random = random;
    this.#tally = tally;
    this.#word = `word ${index} ${"x".repeat(random.below(random.below(40) === 0 ? 30_000 : 60))}`;
  }

  async run(): Promise<void> {
    const random = this.#random;
    const kind = random.below(10);
    const options = this.#options();
    try {
      if (kind < 5) await this.#echo(options);
      else if (kind < 7) await this.#many(options);
      else if (kind < 8) await this.#transaction(options);
      else await this.#count(options);
      this.#tally.answered++;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#tally.failed++;
      if (kind >= 7 && error.mayHaveRun) this.#tally.maybeCounted++;
    }
  }

  /** Some give up early. */
  #options(): SendOptions {
    const random = this.#random;
    if (random.below(20) === 0) return { as: "text", timeoutMs: 1 + random.below(10) };
    if (random.below(20) > 0) return { as: "text" };
    const controller = new AbortController();
    if (random.below(2) === 0) queueMicrotask(() => controller.abort());
    else setTimeout(() => controller.abort(), random.below(5));
    return { as: "text", signal: controller.signal };
  }

  async #echo(options: SendOptions): Promise<void> {
    assert.equal(await this.#sender.one(["ECHO", this.#word], options), this.#word);
  }

  async #many(options: SendOptions): Promise<void> {
    const words = Array.from(
      { length: 1 + this.#random.below(20) },
      (_, i) => `${i} ${this.#word}`,
    );
    const commands = words.map((word): CommandWords => ["ECHO", word]);
    assert.deepEqual(
      await this.#sender.all([...commands, ["NOSUCH"]], options).then((replies) => {
        assert.ok(replies.pop() instanceof ReplyError);
        return replies;
      }),
      words,
    );
  }

  async #transaction(options: SendOptions): Promise<void> {
    const replies = await this.#sender.atomic([["ECHO", this.#word], ["INCR", "chaos"]], options);
    assert.equal(replies![0], this.#word);
    this.#tally.counted++;
  }

  async #count(options: SendOptions): Promise<void> {
    assert.equal(typeof await this.#sender.one(["INCR", "chaos"], options), "number");
    this.#tally.counted++;
  }
}

async function surviveAll(port: number, protocol: ClientProtocol): Promise<void> {
  let cuts = 0;
  for (let seed = 1; seed <= SEEDS; seed++) cuts += await survive(port, protocol, seed);
  assert.ok(cuts > 0);
}

/** @returns how often a connection was cut off */
async function survive(port: number, protocol: ClientProtocol, seed: number): Promise<number> {
  const random = createRandom([seed, 2, 3, 4]);
  const proxy = new ChaosProxy(port, random, CHANCES, protocol === "binary");
  const host = createClientHost();
  const sender = new ConnectionSender(host, {
    address: { kind: "tcp", host: "127.0.0.1", port: await proxy.listen() },
    protocol,
    reconnect: { minDelayMs: 1, maxDelayMs: 4, attempts: 1000 },
  });
  const direct = new ConnectionSender(host, { address: { kind: "tcp", host: "127.0.0.1", port } });
  const text = { as: "text" } as const;
  await direct.one(["DEL", "chaos"], text);
  const tally: Tally = { answered: 0, failed: 0, counted: 0, maybeCounted: 0 };
  const attempts: Promise<void>[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    attempts.push(new Attempt(sender, random, tally, i).run());
    if (random.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    if (random.below(12) === 0) await Promise.allSettled(attempts);
  }
  await within(`the ends of all requests, seed ${seed}`, Promise.all(attempts));
  assert.equal(tally.answered + tally.failed, REQUESTS);
  assert.ok(tally.answered > REQUESTS / 4, `only ${tally.answered} were answered, seed ${seed}`);
  proxy.isEvil = false;
  await within("the end of the sender", sender.close());
  const count = Number(await direct.one(["GET", "chaos"], text));
  const { counted, maybeCounted } = tally;
  assert.ok(
    count >= counted && count <= counted + maybeCounted,
    `${count} ran; ${counted} were answered, ${maybeCounted} may have run, seed ${seed}`,
  );
  await direct.close();
  proxy.close();
  return proxy.cuts;
}

for (const protocol of ["resp3", "resp2", "binary"] as const) {
  test(`nothing is lost, doubled or crossed in ${protocol}`, async () => {
    const { address } = server;
    assert.ok(address.kind === "tcp");
    await surviveAll(address.port, protocol);
  });
}

test("nothing is lost, doubled or crossed with redis-server", {
  skip: missingProgram("redis-server"),
}, async () => {
  const { address } = await startRedis();
  assert.ok(address.kind === "tcp");
  await surviveAll(address.port, "resp3");
});
