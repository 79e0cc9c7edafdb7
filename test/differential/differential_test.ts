/** Random commands to a real redis-server and to this one: the replies are equal, byte for byte. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, test } from "node:test";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients } from "../support/wire_client.ts";
import { randomCommands } from "./commands.ts";
import { Duel, type Exception } from "./duel.ts";
import type { Chooser, Text } from "./pools.ts";

const COMMANDS = Number(process.env.CRABCACHE_DIFF_COMMANDS ?? 100_000);
const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Pipelines between two comparisons of everything that is stored. */
const STATE_EVERY = 100;
const SCANS_EVERY = 40;

/** Where the replies differ from those of redis-server 7.0.15, and why. */
const EXCEPTIONS: readonly Exception[] = [
  {
    reason: "small integers are one shared object there; here every key owns its value",
    covers: (args, real, ours) =>
      is(args, "object", "refcount") && real.equals(Buffer.from(":2147483647\r\n")) &&
      ours.equals(Buffer.from(":1\r\n")),
  },
  {
    reason: "there is one policy more here, which the error names",
    covers: (args, real, ours) =>
      is(args, "config", "set") &&
      ours.toString("latin1").replace(/, allkeys-lrfu/, "") === real.toString("latin1"),
  },
  {
    reason: "upper bounds of parameters are lower here: whole numbers end at 2^53, samples at 64",
    covers: (args, real, ours) => {
      const lower = (reply: Buffer): string =>
        reply.toString("latin1").replace(/(between \S+ and) \d+/, "$1");
      return is(args, "config", "set") && lower(real) === lower(ours);
    },
  },
  {
    reason: "a cursor that was never given out leads anywhere",
    covers: (args, real, ours) => is(args, "scan") && args[1] !== "0" && real[0] === ours[0],
  },
];

/** Whether the command begins with these words, in any case. */
function is(args: readonly Text[], ...words: string[]): boolean {
  return words.every((word, i) => String(args[i]).toLowerCase() === word);
}

const missing = missingProgram("redis-server");

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

/** Mostly short, so that state is compared in between; some longer than any buffer. */
function depth(choose: Chooser): number {
  if (choose.chance(20)) return 1;
  if (choose.chance(90)) return choose.between(2, 40);
  return choose.between(41, choose.chance(20) ? 1000 : 200);
}

test(`replies to random commands are those of redis-server`, async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  server = await startTestServer(
    ...["--maxmemory", "0", "--maxmemory-policy", "noeviction", "--enable-debug-command", "yes"],
  );
  const duel = new Duel({
    seed: SEED,
    real: redis.address,
    ours: server.address,
    exceptions: EXCEPTIONS,
  });
  const { choose } = duel;
  await duel.begin();
  for (let i = 1; duel.count < COMMANDS; i++) {
    const commands = Array.from({ length: depth(choose) }, () => randomCommands(choose)).flat();
    await duel.exchange(duel.pair(), commands);
    if (i % STATE_EVERY === 0) await duel.compareState();
    if (i % SCANS_EVERY === 0) {
      await duel.compareScans([
        ...["COUNT", choose.pick(["1", "2", "10", "1000"])],
        ...choose.some(30, () => ["MATCH", choose.pattern()], () => ["TYPE", "string"]),
      ]);
    }
  }
  await duel.compareState();
  const share = duel.errorCount / duel.count;
  assert.ok(share > 0.05 && share < 0.4, `${duel.errorCount} errors in ${duel.count} replies`);
});
