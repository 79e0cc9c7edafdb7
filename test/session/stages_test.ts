// The stages that a batch goes through before it runs: every key has its hash.

import { test } from "node:test";
import assert from "node:assert/strict";
import { HotKeys } from "../../src/engine/hot_keys.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import { CONNECTION_COMMANDS } from "../../src/commands/connection/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { Stages } from "../../src/session/stages.ts";
import { createFixture } from "../support/engine_fixture.ts";

const KEYS = ["", "a", "b", "ab", "cb", "cab", "dab", "abcd", "xbcd", "key:0001", "key:1001"];

test("keys are hashed alike wherever they stand, also several times in a row", () => {
  const { engine } = createFixture({ families: [STRING_COMMANDS] });
  const { keyspace } = engine;
  const stages = new Stages(createCommandTable([STRING_COMMANDS]), keyspace, new HotKeys());
  const random = createRandom([5, 6, 7, 8]);
  const pick = (): string => KEYS[random.below(KEYS.length)];
  for (let round = 0; round < 50; round++) {
    const commands = Array.from(
      { length: 40 },
      () => random.below(2) === 0 ? ["GET", pick()] : ["MGET", pick(), pick(), pick()],
    );
    const batch = new CommandEncoder().encode(commands);
    stages.begin(batch);
    stages.prepare(batch, 0, batch.commandCount, keyspace.databases[0]);
    for (let c = 0; c < batch.commandCount; c++) {
      for (let arg = batch.firstArgs[c] + 1; arg < batch.firstArgs[c + 1]; arg++) {
        const { view } = batch.input;
        const hash = keyspace.hash(view, batch.argOffsets[arg], batch.argLengths[arg]);
        assert.equal(batch.argHashes[arg], hash);
      }
    }
  }
});

test("a row ends before another command, before keys to be fetched, and behind a command without keys", () => {
  const { engine: { keyspace } } = createFixture({ families: [STRING_COMMANDS] });
  const table = createCommandTable([STRING_COMMANDS, CONNECTION_COMMANDS]);
  const stages = new Stages(table, keyspace, new HotKeys());
  const commands = [
    ...Array.from({ length: 3 }, () => ["GET", "a"]),
    ...[["STRLEN", "a"], ["PING"], ["PING"]],
    ...Array.from({ length: 500 }, () => ["GET", "a"]),
  ];
  const batch = new CommandEncoder().encode(commands);
  const to = batch.commandCount;
  stages.begin(batch);
  stages.prepare(batch, 0, to, keyspace.databases[0]);
  stages.approach(0);
  assert.equal(stages.countRow(0, to), 3);
  assert.equal(stages.countRow(0, 2), 2);
  assert.equal(stages.countRow(3, to), 1);
  assert.equal(stages.countRow(4, to), 1);
  const fetched = stages.countRow(6, to);
  assert.ok(fetched > 64 && fetched < 500, `${fetched} at once`);
  stages.approach(6 + fetched);
  assert.ok(stages.countRow(6, to) > fetched);
});
