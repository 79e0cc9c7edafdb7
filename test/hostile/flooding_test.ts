/** Keys made to collide: the index and the tables treat them as any others, because the hash has a secret. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { SET_COMMANDS } from "../../src/commands/set/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { Arena } from "../../src/memory/arena.ts";
import { HashIndex } from "../../src/memory/hash_index.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES } from "../../src/memory/size_classes.ts";
import { createFixture } from "../support/engine_fixture.ts";
import {
  BUCKET_BITS,
  type Family,
  floodKeys,
  fnv1a,
  murmur3,
  murmur64a,
  unseededHash,
} from "./flooding.ts";
import { seedOf } from "./seed.ts";

const FAMILIES: readonly Family[] = ["halfsiphash", "fnv-1a", "murmur3", "murmur64a"];
const COUNT = 2048;
const BUCKETS = 1 << BUCKET_BITS;
/** log2 of the words of a bucket (memory/hash_index.ts). */
const BUCKET_SHIFT = 4;
const seed = seedOf();

interface Probes {
  readonly entries: number;
  readonly segments: number;
  /** Buckets beyond the first that finding an entry reads: the most, and the sum. */
  readonly most: number;
  readonly sum: number;
}

function probesOf(index: HashIndex): Probes {
  let entries = 0, most = 0, sum = 0;
  index.forEach((slot) => {
    entries++;
    const bucket = (slot >>> BUCKET_SHIFT) & (BUCKETS - 1);
    const away = (bucket - (index.hashAt(slot) & (BUCKETS - 1)) + BUCKETS) & (BUCKETS - 1);
    most = Math.max(most, away);
    sum += away;
  });
  return { entries, segments: index.segmentCount, most, sum };
}

/** The index of an engine that was given the keys. */
function stored(family: Family): Probes {
  const fixture = createFixture({ families: [STRING_COMMANDS], seed });
  for (const key of floodKeys(family, COUNT, seed)) fixture.run("SET", key, "v");
  for (const key of floodKeys(family, COUNT, seed)) {
    assert.equal(fixture.run("GET", key), "$1\r\nv\r\n");
  }
  return probesOf(fixture.engine.keyspace.databases[0].indexes[0]);
}

test("the keys are different, and collide for whoever hashes without a secret", () => {
  for (const family of FAMILIES) {
    const keys = floodKeys(family, COUNT, seed);
    assert.equal(new Set(keys.map((key) => key.toString("latin1"))).size, COUNT, family);
    const hashes = (hash: (key: Uint8Array) => number | bigint): number =>
      new Set(keys.map(hash)).size;
    const low = (hash: (key: Uint8Array) => number) => (key: Uint8Array) =>
      hash(key) & (BUCKETS - 1);
    if (family === "halfsiphash") assert.equal(hashes(low(unseededHash)), 1);
    if (family === "fnv-1a") assert.equal(hashes(low(fnv1a)), 1);
    // Not even a seed helps these.
    for (const secret of [0, 1, 0x12345678]) {
      if (family === "murmur3") assert.equal(hashes((key) => murmur3(key, secret)), 1);
      if (family === "murmur64a") assert.equal(hashes((key) => murmur64a(key, BigInt(secret))), 1);
    }
  }
});

test("without a secret, the same keys would be found after hundreds of probes", () => {
  const index = new HashIndex(new Arena(64 * PAGE_BYTES, new MemoryAccount()), 0);
  for (const [i, key] of floodKeys("halfsiphash", COUNT, seed).entries()) {
    assert.notEqual(index.insert(unseededHash(key), i + 1), 0);
  }
  const { entries, most, sum } = probesOf(index);
  assert.ok(most > 100 && sum / entries > 50, `${most} probes at most, ${sum} together`);
});

for (const family of FAMILIES) {
  test(`${family}: finding such a key reads no more buckets than finding any other`, () => {
    const usual = stored("random"), flooded = stored(family);
    assert.equal(flooded.entries, COUNT);
    assert.equal(flooded.segments, usual.segments, "segments were split as usual");
    // Both are draws of the same distribution.
    assert.ok(flooded.most <= usual.most + 3, `${flooded.most} probes at most, not ${usual.most}`);
    const slack = COUNT / 50;
    assert.ok(flooded.sum <= 1.5 * usual.sum + slack, `${flooded.sum}, not ${usual.sum} probes`);
  });

  test(`${family}: a set takes such members, finds them and gives them back`, () => {
    const fixture = createFixture({ families: [SET_COMMANDS, GENERIC_COMMANDS], seed });
    const keys = floodKeys(family, COUNT, seed);
    for (const key of keys) assert.equal(fixture.run("SADD", "s", key), ":1\r\n");
    for (const key of keys) assert.equal(fixture.run("SISMEMBER", "s", key), ":1\r\n");
    fixture.engine.keyspace.checkInvariants();
    for (const key of keys) assert.equal(fixture.run("SREM", "s", key), ":1\r\n");
    assert.equal(fixture.run("EXISTS", "s"), ":0\r\n");
  });
}
