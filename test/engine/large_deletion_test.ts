// A value of many elements is freed a little at a time, whatever its type: what a slice frees does
// not depend on their number.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandSpec } from "../../src/commands/spec.ts";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { HASH_COMMANDS } from "../../src/commands/hash/mod.ts";
import { LIST_COMMANDS } from "../../src/commands/list/mod.ts";
import { SET_COMMANDS } from "../../src/commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../../src/commands/sorted_set/mod.ts";
import { STREAM_COMMANDS } from "../../src/commands/stream/mod.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";

const ELEMENTS = 250_000;
const PER_COMMAND = 2000;
/** Blocks that a command, and a slice of background work, may free. */
const MOST_BY_COMMAND = 200;
const MOST_BY_SLICE = 3000;

interface Filling {
  readonly family: readonly CommandSpec[];
  readonly command: readonly string[];
  readonly arguments: (i: number) => readonly string[];
  readonly perCommand: number;
  readonly count: number;
}

const FILLINGS: Readonly<Record<string, Filling>> = {
  list: {
    family: LIST_COMMANDS,
    command: ["rpush", "key"],
    // Long ones, so that there are many nodes.
    arguments: (i) => [`${i}`.padEnd(200, "x")],
    perCommand: PER_COMMAND,
    count: ELEMENTS / 2,
  },
  set: {
    family: SET_COMMANDS,
    command: ["sadd", "key"],
    arguments: (i) => [`member:${i}`],
    perCommand: PER_COMMAND,
    count: ELEMENTS,
  },
  "sorted set": {
    family: SORTED_SET_COMMANDS,
    command: ["zadd", "key"],
    arguments: (i) => [`${i}`, `member:${i}`],
    perCommand: PER_COMMAND,
    count: ELEMENTS,
  },
  hash: {
    family: HASH_COMMANDS,
    command: ["hset", "key"],
    arguments: (i) => [`field:${i}`, `value:${i}`],
    perCommand: PER_COMMAND,
    count: ELEMENTS,
  },
  stream: {
    family: STREAM_COMMANDS,
    command: ["xadd", "key"],
    arguments: (i) => [`${i + 1}-1`, "field", "x".repeat(400)],
    perCommand: 1,
    count: 30_000,
  },
};

/** Counts the blocks and pages that are freed. @returns how many since it was last asked */
function countFreed({ engine }: Fixture): () => number {
  let freed = 0;
  for (const arena of engine.keyspace.arenas) {
    const { free, freePageWhole } = arena;
    arena.free = (unit) => {
      freed++;
      free.call(arena, unit);
    };
    arena.freePageWhole = (page) => {
      freed++;
      freePageWhole.call(arena, page);
    };
  }
  return () => {
    const last = freed;
    freed = 0;
    return last;
  };
}

for (const [name, filling] of Object.entries(FILLINGS)) {
  test(`a ${name} of many elements is deleted in short slices`, () => {
    const fixture = createFixture({
      families: [filling.family, GENERIC_COMMANDS],
      capacityBytes: 512 * 1024 * 1024,
    });
    const { run, engine } = fixture;
    for (let i = 0; i < filling.count; i += filling.perCommand) {
      const command = [...filling.command];
      for (let j = i; j < i + filling.perCommand; j++) command.push(...filling.arguments(j));
      assert.notEqual(run(...command)[0], "-");
    }
    const freed = countFreed(fixture);
    assert.equal(run("del", "key"), ":1\r\n");
    let total = freed();
    assert.ok(total <= MOST_BY_COMMAND, `DEL freed ${total} blocks at once`);
    assert.equal(run("exists", "key"), ":0\r\n");
    let slices = 0;
    while (engine.keyspace.hasDiscarded) {
      assert.ok(engine.runSlice());
      const count = freed();
      assert.ok(count <= MOST_BY_SLICE, `a slice freed ${count} blocks`);
      total += count;
      slices++;
    }
    assert.ok(slices >= 3 && total > 5000, `${total} blocks in ${slices} slices`);
    engine.keyspace.checkInvariants();
  });
}
