/** COMMAND INFO of every command that redis-server knows, too: arity, flags, keys and where they are. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { COMMAND_FAMILIES } from "../../src/server/command_families.ts";
import { createFixture } from "../support/engine_fixture.ts";
import { elementsOf, encodeCommand, valueOf } from "../support/frames.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses } from "../support/test_server.ts";
import { closeClients, connect } from "../support/wire_client.ts";

const ARRAYS = "*%~";
const FLAGS = 2;
const KEY_SPECS = 8;
const SUBCOMMANDS = 9;
/** What the fields are that are compared, by their position. */
const COMPARED = [
  [1, "arity"],
  [FLAGS, "flags"],
  [3, "first key"],
  [4, "last key"],
  [5, "step"],
  [KEY_SPECS, "key specs"],
] as const;

/** Differences that are meant. */
const MEANT: Readonly<Record<string, string>> = {
  "zrank arity": "since 7.2 there is WITHSCORE",
  "zrevrank arity": "since 7.2 there is WITHSCORE",
  "wait flags": "there are no scripts that it could be called from",
};

type Tree = string | readonly Tree[];

const missing = missingProgram("redis-server");
after(async () => {
  closeClients();
  await killProcesses();
});

function treeOf(reply: Uint8Array): Tree {
  const isArray = ARRAYS.includes(String.fromCharCode(reply[0]));
  if (isArray) return elementsOf(Buffer.from(reply)).map(treeOf);
  return valueOf(Buffer.from(reply))?.toString("latin1") ?? Buffer.from(reply).toString("latin1");
}

/** The descriptions by full name, those of subcommands included. */
function describe(commands: Tree, into = new Map<string, readonly Tree[]>()) {
  for (const command of commands as readonly (readonly Tree[])[]) {
    into.set(String(command[0]), command);
    describe(command[SUBCOMMANDS], into);
  }
  return into;
}

/** A field as text; flags in any order. */
function show(command: readonly Tree[], field: number): string {
  const value = command[field];
  return JSON.stringify(field === FLAGS ? [...value].sort() : value);
}

test("commands are described as redis-server describes them", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const redis = await startRedis();
  const client = await connect(redis.address);
  client.send(encodeCommand(["COMMAND"]));
  const real = describe(treeOf(await client.read()));
  const fixture = createFixture({ families: COMMAND_FAMILIES });
  const ours = describe(treeOf(Buffer.from(fixture.run2("COMMAND"), "latin1")));
  const differences: string[] = [];
  let compared = 0;
  for (const [name, command] of ours) {
    const other = real.get(name);
    if (other === undefined) continue;
    compared++;
    for (const [field, about] of COMPARED) {
      const [expected, actual] = [show(other, field), show(command, field)];
      if (expected === actual || MEANT[`${name} ${about}`] !== undefined) continue;
      differences.push(`${name}, ${about}: ${actual} instead of ${expected}`);
    }
  }
  assert.deepEqual(differences, []);
  assert.ok(compared > 200, `${compared} were compared`);
});
