/** Random commands to a real redis-server and to this one: the replies are equal, byte for byte. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { sized } from "../support/sizes.ts";
import { closeClients } from "../support/wire_client.ts";
import { randomCommands } from "./commands.ts";
import { Duel } from "./duel.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import type { Chooser } from "./pools.ts";

const COMMANDS = Number(process.env.CRABCACHE_DIFF_COMMANDS ?? sized(60_000, 150_000));
const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Pipelines between two comparisons of everything that is stored. */
const STATE_EVERY = 100;
const SCANS_EVERY = 40;
/** Pipelines between two changes of the limits that only this server has. */
const LIMITS_EVERY = 25;
const LIMITS = ["0", "8", "64", "128"];

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
    ...["--key-index", SEED % 2 === 0 ? "hash" : "radix"],
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
    if (i % LIMITS_EVERY === 0) {
      await duel.tellOurs("CONFIG", "SET", "set-max-listpack-entries", choose.pick(LIMITS));
      await duel.tellOurs("CONFIG", "SET", "set-max-listpack-value", choose.pick(LIMITS));
    }
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
