/** GET in a row: where it ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Call, type Services } from "../../../src/commands/call.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import { LONG_REPLY_BYTES } from "../../../src/commands/spec.ts";
import { GET } from "../../../src/commands/string/get.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { LIST_COMMANDS } from "../../../src/commands/list/mod.ts";
import { HotKeys } from "../../../src/engine/hot_keys.ts";
import { CommandEncoder } from "../../../src/protocol/command_encoder.ts";
import { RespWriter } from "../../../src/protocol/resp/writer.ts";
import { Stages } from "../../../src/session/stages.ts";
import { createFixture } from "../../support/engine_fixture.ts";

const NO_LIMIT = 2 ** 31 - 1;

/** Runs a row of GETs. @returns how many ran, which one the call is left at, and where its reply begins */
function getRow(keys: string[], count = keys.length, limit = NO_LIMIT): [number, number, number] {
  const { engine, run } = createFixture({ families: [STRING_COMMANDS, LIST_COMMANDS] });
  // "$" and a length, two line ends: five digits make ten bytes.
  run("SET", "long", "x".repeat(LONG_REPLY_BYTES - 10));
  run("SET", "shorter", "x".repeat(LONG_REPLY_BYTES - 11));
  run("SET", "one", "1");
  run("RPUSH", "list", "1");
  const { keyspace } = engine;
  const batch = new CommandEncoder().encode(keys.map((key) => ["GET", key]));
  const stages = new Stages(createCommandTable([STRING_COMMANDS]), keyspace, new HotKeys());
  const call = new Call(engine, {} as Services);
  call.db = keyspace.databases[0];
  call.batch = batch;
  call.argc = 2;
  stages.begin(batch);
  stages.prepare(batch, 0, keys.length, call.db);
  const ran = GET.runRow(call, new RespWriter(), count, limit);
  return [ran, call.first / 2, call.replyStart];
}

test("a row of GETs runs as many as it may, found or not", () => {
  assert.deepEqual(getRow(["one", "none", "one"]), [3, 2, 7 + 5]);
  assert.deepEqual(getRow(["one", "none", "one"], 2), [2, 1, 7]);
  assert.deepEqual(getRow(["one"]), [1, 0, 0]);
});

test("a row of GETs ends behind an error, a long reply, and one that goes beyond the limit", () => {
  assert.deepEqual(getRow(["one", "list", "one"]), [2, 1, 7]);
  assert.deepEqual(getRow(["long", "one"]), [1, 0, 0]);
  assert.deepEqual(getRow(["shorter", "one"]), [2, 1, LONG_REPLY_BYTES - 1]);
  assert.deepEqual(getRow(["one", "one", "one"], 3, 13), [2, 1, 7]);
  assert.deepEqual(getRow(["one", "one", "one"], 3, 14), [3, 2, 14]);
});
