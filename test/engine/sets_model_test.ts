// Random set commands against plain sets, in every encoding, with little memory now and then.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { SET_COMMANDS } from "../../src/commands/set/mod.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";
import { chance, forSeeds, pick } from "../support/model.ts";

const KEYS = ["a", "b", "c", "d"];
const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
type Model = Map<string, Set<string>>;

function member(random: Xoshiro128): string {
  if (chance(random, 0.6)) return String(random.below(80));
  if (chance(random, 0.9)) return `m${random.below(80)}`;
  return "x".repeat(pick(random, [0, 1, 64, 65, 300, 4001]));
}

function integerIn(reply: string): number {
  assert.match(reply, /^:\d+\r\n$/);
  return Number(reply.slice(1));
}

function bulksIn(reply: string): string[] {
  const lines = reply.split("\r\n");
  return lines.filter((_, i) => i > 0 && lines[i - 1].startsWith("$"));
}

function setOf(model: Model, key: string): Set<string> {
  return model.get(key) ?? new Set();
}

function store(model: Model, key: string, members: Iterable<string>): void {
  const set = new Set(members);
  if (set.size === 0) model.delete(key);
  else model.set(key, set);
}

/** What an operation makes of some sets. */
const OPERATIONS: Readonly<Record<string, (sets: readonly Set<string>[]) => string[]>> = {
  sinter: ([first, ...rest]) => [...first].filter((each) => rest.every((set) => set.has(each))),
  sunion: (sets) => [...new Set(sets.flatMap((set) => [...set]))],
  sdiff: ([first, ...rest]) => [...first].filter((each) => !rest.some((set) => set.has(each))),
};

function step({ run }: Fixture, model: Model, random: Xoshiro128): void {
  const key = pick(random, KEYS), other = pick(random, KEYS);
  const members = Array.from({ length: 1 + random.below(12) }, () => member(random));
  const set = setOf(model, key);
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2: {
      const fresh = new Set(members.filter((each) => !set.has(each)));
      assert.equal(integerIn(run("sadd", key, ...members)), fresh.size);
      return store(model, key, [...set, ...members]);
    }
    case 3: {
      const gone = new Set(members.filter((each) => set.has(each)));
      assert.equal(integerIn(run("srem", key, ...members)), gone.size);
      return store(model, key, [...set].filter((each) => !gone.has(each)));
    }
    case 4: {
      const isThere = set.has(members[0]);
      assert.equal(integerIn(run("smove", key, other, members[0])), isThere ? 1 : 0);
      if (!isThere || key === other) return;
      store(model, key, [...set].filter((each) => each !== members[0]));
      return store(model, other, [...setOf(model, other), members[0]]);
    }
    case 5: {
      const count = random.below(set.size * 2 + 2);
      const popped = bulksIn(run("spop", key, String(count)));
      assert.equal(new Set(popped).size, Math.min(count, set.size));
      for (const each of popped) assert.ok(set.has(each));
      return store(model, key, [...set].filter((each) => !popped.includes(each)));
    }
    case 6: {
      const name = pick(random, Object.keys(OPERATIONS));
      const sources = [key, ...Array.from({ length: random.below(4) }, () => pick(random, KEYS))];
      const expected = OPERATIONS[name](sources.map((each) => setOf(model, each)));
      assert.deepEqual(bulksIn(run(name, ...sources)).sort(), expected.sort());
      assert.equal(integerIn(run(`${name}store`, other, ...sources)), expected.length);
      return store(model, other, expected);
    }
    default: {
      const flags = run("smismember", key, ...members).match(/:\d/g);
      assert.deepEqual(flags, members.map((each) => set.has(each) ? ":1" : ":0"));
    }
  }
}

function compare({ run, engine }: Fixture, model: Model): void {
  engine.keyspace.checkInvariants();
  assert.equal(engine.keyspace.databases[0].size, model.size);
  for (const key of KEYS) {
    assert.equal(integerIn(run("scard", key)), setOf(model, key).size);
    assert.deepEqual(bulksIn(run("smembers", key)).sort(), [...setOf(model, key)].sort());
  }
}

test("sets are what JavaScript's sets are", () => {
  forSeeds(6, (random, seed) => {
    const fixture = createFixture({
      families: [SET_COMMANDS, GENERIC_COMMANDS],
      seed,
      settings: {
        setMaxIntsetEntries: pick(random, [0, 8, 32, 512]),
        setMaxListpackEntries: pick(random, [0, 8, 32, 128]),
        setMaxListpackValue: pick(random, [1, 10, 64]),
      },
    });
    const model: Model = new Map();
    for (let i = 0; i < 1200; i++) {
      step(fixture, model, random);
      if (i % 50 === 0) compare(fixture, model);
    }
    compare(fixture, model);
  });
});

test("out of memory, every set is whole and holds what was said to be added", () => {
  forSeeds(3, (random, seed) => {
    const { run, engine } = createFixture({
      families: [SET_COMMANDS, GENERIC_COMMANDS],
      capacityBytes: 2 * 1024 * 1024,
      seed,
      settings: { maxmemory: 0, maxmemoryPolicy: "noeviction", setMaxListpackEntries: 16 },
    });
    let refusals = 0;
    const known = new Map<string, Set<string>>(KEYS.map((key) => [key, new Set()]));
    for (let i = 0; i < 4000; i++) {
      const key = pick(random, KEYS);
      const text = `${member(random)}:${i}:${"y".repeat(random.below(1500))}`;
      const reply = run("sadd", key, text);
      if (reply === OOM) refusals++;
      else known.get(key)?.add(text);
      const target = pick(random, KEYS);
      if (i % 100 === 0 && run("sunionstore", target, ...KEYS) !== OOM) {
        known.set(target, new Set([...known.values()].flatMap((each) => [...each])));
      }
    }
    assert.ok(refusals > 0);
    engine.keyspace.checkInvariants();
    for (const [key, set] of known) {
      assert.deepEqual(bulksIn(run("smembers", key)).sort(), [...set].sort());
    }
    for (const key of KEYS) run("del", key);
    while (engine.keyspace.hasDiscarded) engine.keyspace.freeDiscarded(1000);
    engine.keyspace.checkInvariants();
    assert.equal(run("sadd", "a", "x"), ":1\r\n");
  });
});
