/** Random commands on keys that another connection watches: EXEC does nothing here exactly if it does at redis-server. */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";
import { randomCommands } from "./commands.ts";
import { Chooser, type Text } from "./pools.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = Number(process.env.CRABCACHE_DIFF_STEPS ?? 3000);
/** Longer ones are no keys here. */
const LONGEST_KEY = 30_000;
/** They change what the server is, or who the connection is, and no key. */
const LEFT_OUT =
  /^(?:config|client|auth|hello|reset|debug|memory|latency|object|command|wait|select)$/i;
const HISTORY_SHOWN = 8;
const SHOWN = 200;

const missing = missingProgram("redis-server");

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await killProcesses();
  await server?.close();
});

/** The two connections to one server. */
interface Side {
  readonly watches: WireClient;
  readonly acts: WireClient;
}

/** Watches keys, runs commands, and says whether EXEC did something. */
async function watchWhile(
  { watches, acts }: Side,
  keys: readonly Text[],
  commands: readonly (readonly Text[])[],
): Promise<string> {
  watches.sendCommands([["WATCH", ...keys]]);
  await watches.read();
  acts.sendCommands(commands);
  const replies = await acts.readAll(commands.length);
  watches.sendCommands([["MULTI"], ["EXEC"]]);
  const [, result] = await watches.readAll(2);
  const shown = replies.map((each) => JSON.stringify(each.toString("latin1", 0, 100))).join(" ");
  return `${result.toString("latin1") === "*0\r\n" ? "unchanged" : "changed"}\n${shown}`;
}

/**
 * redis-server tells nobody that BITFIELD made a string longer when all of its operations failed, that PFDEBUG
 * changed how a HyperLogLog is stored, or that PFADD changed one that it then found to be corrupt; here
 * whoever watches or tracks the key hears of it.
 */
function isUntold(commands: readonly (readonly Text[])[], replies: string): boolean {
  return replies.includes("INVALIDOBJ") ||
    commands.some(([name]) => /^(?:bitfield|pfdebug)$/i.test(String(name)));
}

function show(command: readonly Text[]): string {
  const line = command.map((each) => JSON.stringify(each.toString("latin1"))).join(" ");
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line;
}

test("commands change the keys that they change at redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  server = await startTestServer("--maxmemory", "0", "--maxmemory-policy", "noeviction");
  const real = { watches: await connect(redis.address), acts: await connect(redis.address) };
  const ours = { watches: await connect(server.address), acts: await connect(server.address) };
  const c = new Chooser(SEED);
  const history: string[] = [];
  let changes = 0;
  for (let step = 0; step < STEPS;) {
    const commands = randomCommands(c).map(({ args }) => args);
    if (commands.some(([name]) => LEFT_OUT.test(String(name)))) continue;
    step++;
    const keys = commands.flat().filter((each) => each.length < LONGEST_KEY);
    history.push(commands.map(show).join("; "));
    const [expected, actual] = await Promise.all(
      [real, ours].map((side) => watchWhile(side, keys, commands)),
    );
    const [outcome] = expected.split("\n", 1);
    if (outcome === "changed") changes++;
    if (outcome === "unchanged" && isUntold(commands, expected)) continue;
    const shown = history.slice(-HISTORY_SHOWN).join("\n");
    assert.equal(
      actual.split("\n", 1)[0],
      outcome,
      `seed ${SEED}:\nredis-server: ${expected}\ncrabcache: ${actual}\n${shown}`,
    );
  }
  assert.ok(changes > STEPS / 10 && changes < STEPS, `${changes} changes`);
});
