/**
 * Clients that wait, at a real redis-server and at this one: the same ones are served, with the same, and
 * the same events are told of.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";
import { MARKER, subscribeToEvents } from "./events.ts";
import { Chooser } from "./pools.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const CLIENTS = 6;
const STEPS = 1000;
/**
 * Elements are moved to the right only, and waited for from left to right: since 7.2 who waits for a list
 * that elements were just moved to, and for the one that they came from, gets those of the first that it
 * names, before it got those of the list that was pushed to.
 */
const LISTS = ["l1", "l2", "l3"];
const SETS = ["z1", "z2"];
/**
 * A list or a sorted set. Nobody waits for it and for others: since 7.2 a command that is served
 * finds out about the types of all its keys, before it only looked at the one that was ready.
 */
const EITHER = "either";

const missing = missingProgram("redis-server");
let ours: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await ours?.close();
});

/** One server with its clients; the last one never waits. */
class Side {
  readonly clients: WireClient[] = [];
  readonly ids: string[] = [];

  async connect(address: ListenAddress): Promise<void> {
    for (let i = 0; i <= CLIENTS; i++) {
      const client = await connect(address);
      this.clients.push(client);
      this.ids.push((await client.call("CLIENT", "ID")).slice(1, -2));
    }
  }

  call(...args: string[]): Promise<string> {
    return this.clients[CLIENTS].call(...args);
  }

  /** Numbers of the clients that are blocked now. */
  async blocked(): Promise<number[]> {
    const lines = (await this.call("CLIENT", "LIST")).split("\n");
    const isBlocked = (id: string): boolean =>
      lines.some((line) => line.includes(`id=${id} `) && / flags=b /.test(line));
    return this.ids.flatMap((id, i) => isBlocked(id) ? [i] : []);
  }

  /** Sends a command of a client's and waits until it is answered, or the client blocked. */
  async start(client: number, args: string[]): Promise<void> {
    this.clients[client].sendCommands([args]);
    await until(`${args.join(" ")} to begin`, async () => {
      return this.clients[client].frameCount > 0 || (await this.blocked()).includes(client);
    });
  }
}

function blockingCommand(c: Chooser): string[] {
  const some = (from: string[]): string[] =>
    Array.from({ length: c.between(1, 3) }, () => c.pick(from)).sort();
  const lists = some(LISTS), sets = some(SETS);
  switch (c.below(7)) {
    case 0:
      return ["BLPOP", ...lists, "0"];
    case 5:
      return [c.pick(["BLPOP", "BZPOPMIN"]), EITHER, "0"];
    case 1:
      return ["BRPOP", ...lists, "0"];
    case 2:
      return ["BLMOVE", ...[c.pick(LISTS), c.pick(LISTS)].sort(), "LEFT", "RIGHT", "0"];
    case 3:
      return ["BLMPOP", "0", String(lists.length), ...lists, "RIGHT", "COUNT", "2"];
    case 4:
      return [c.pick(["BZPOPMIN", "BZPOPMAX"]), ...sets, "0"];
    default:
      return ["BZMPOP", "0", String(sets.length), ...sets, "MAX", "COUNT", "2"];
  }
}

function otherCommand(c: Chooser, step: number): string[] {
  const values = Array.from({ length: c.between(1, 3) }, (_, i) => `v${step}.${i}`);
  switch (c.below(8)) {
    case 0:
      return ["ZADD", c.pick(SETS), ...values.flatMap((each) => [String(c.below(9)), each])];
    case 1:
      return c.pick([["ZADD", EITHER, "1", "m"], ["RPUSH", EITHER, "e"], ["DEL", EITHER]]);
    case 2:
      return ["DEL", c.pick([...LISTS, ...SETS])];
    case 3:
      return c.chance(50)
        ? ["RENAME", c.pick(LISTS), c.pick(LISTS)]
        : ["RENAME", c.pick(SETS), c.pick(SETS)];
    case 4:
      return ["COPY", c.pick(LISTS), c.pick(LISTS), "REPLACE"];
    default:
      return [c.pick(["LPUSH", "RPUSH"]), c.pick(LISTS), ...values];
  }
}

test("the same waiting clients are served by the same commands", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  ours = await startTestServer();
  const [real, own] = [new Side(), new Side()];
  await real.connect(redis.address);
  await own.connect(ours.address);
  const realEvents = await subscribeToEvents(redis.address);
  const ownEvents = await subscribeToEvents(ours.address);
  const c = new Chooser(SEED);
  const waiting = new Set<number>();
  let served = 0;
  for (let step = 0; step < STEPS; step++) {
    const about = `seed ${SEED}, step ${step}`;
    const free = Array.from({ length: CLIENTS }, (_, i) => i).filter((i) => !waiting.has(i));
    if (free.length > 0 && c.chance(50)) {
      const client = c.pick(free), command = blockingCommand(c);
      waiting.add(client);
      await Promise.all([real.start(client, command), own.start(client, command)]);
    } else {
      const command = otherCommand(c, step);
      const [expected, actual] = await Promise.all([real.call(...command), own.call(...command)]);
      assert.equal(actual, expected, `${about}: ${command.join(" ")}`);
    }
    const blocked = await real.blocked();
    assert.deepEqual(await own.blocked(), blocked, about);
    for (const client of [...waiting].filter((each) => !blocked.includes(each))) {
      waiting.delete(client);
      served++;
      const expected = await real.clients[client].readText();
      assert.equal(await own.clients[client].readText(), expected, `${about}, client ${client}`);
    }
    for (const side of [real, own]) await side.call("SET", MARKER, "1");
    assert.deepEqual(await ownEvents.take(1), await realEvents.take(1), about);
  }
  assert.ok(served > STEPS / 8, `${served} were served`);
});
