import assert from "node:assert/strict";
import { test } from "node:test";
import { chance, forSeeds, pick } from "../support/model.ts";
import { ask, hashFixture } from "../commands/hash/support.ts";

const LARGE_FIELDS = 20_000;

test("deleting a large hash frees it in slices", () => {
  for (const command of ["DEL h", "UNLINK h", "SET h x", "RENAME other h", "FLUSHDB"]) {
    const f = hashFixture();
    const { keyspace } = f.engine;
    f.line("SET other 1");
    f.line("SET elsewhere 1");
    f.line("MOVE elsewhere 1");
    for (let i = 0; i < LARGE_FIELDS; i += 100) {
      const pairs = Array.from({ length: 100 }, (_, n) => [`field:${i + n}`, "value"]).flat();
      f.run("HSET", "h", ...pairs);
    }
    const before = keyspace.account.liveBytes;
    f.line(command);
    keyspace.checkInvariants();
    assert.ok(keyspace.account.liveBytes > before / 2, command);
    let slices = 0;
    while (f.engine.runSlice()) slices++;
    assert.ok(slices >= 10, `${command}: ${slices} slices`);
    assert.ok(keyspace.account.liveBytes < before / 4, command);
    keyspace.checkInvariants();
  }
});

test("MEMORY USAGE of a hash counts all that belongs to it", () => {
  const f = hashFixture();
  const { account } = f.engine.keyspace;
  const before = account.liveBytes;
  for (let i = 0; i < 2000; i++) f.line(`HSET h field:${i} value:${i}`);
  f.run("HSET", "h", "blob", "x".repeat(100_000));
  f.line("HEXPIRE h 100 FIELDS 3 field:1 field:2 field:3");
  const used = Number(ask(f, "MEMORY USAGE h SAMPLES 0"));
  // Besides: a segment of the index, and the heap of hashes whose fields expire.
  const rest = account.liveBytes - before - used;
  assert.ok(rest > 0 && rest < 70_000, `${used} of ${account.liveBytes - before}`);
});

test("large hashes that are evicted, copied and renamed leave nothing behind", () => {
  forSeeds(3, (random) => {
    const f = hashFixture({
      hashMaxListpackEntries: 8,
      maxmemory: 3 * 1024 * 1024,
      maxmemoryPolicy: "allkeys-lru",
    });
    const { keyspace } = f.engine;
    const keys = Array.from({ length: 60 }, (_, i) => `h${i}`);
    for (let step = 0; step < 4000; step++) {
      const key = pick(random, keys);
      const field = `f${random.below(40)}`;
      const kind = random.below(20);
      if (kind < 14) f.run("HSET", key, field, "v".repeat(random.below(3000)));
      else if (kind < 15) f.run("HSET", key, field, "v".repeat(random.below(100_000)));
      else if (kind < 16) f.line(`HPEXPIRE ${key} ${1 + random.below(50)} FIELDS 1 ${field}`);
      else if (kind < 17) f.line(`RENAME ${key} ${pick(random, keys)}`);
      else if (kind < 18) f.line(`COPY ${key} ${pick(random, keys)} REPLACE`);
      else if (kind < 19) f.line(`HDEL ${key} ${field}`);
      else f.clock.advance(random.below(10));
      if (chance(random, 0.05)) f.engine.runSlice();
      if (step % 1000 === 999) keyspace.checkInvariants();
    }
    assert.ok(f.engine.stats.evictedKeys > 0);
    while (keyspace.hasDiscarded) f.engine.runSlice();
    keyspace.checkInvariants();
  });
});

test("hashes live in any shard's arena", () => {
  const f = hashFixture({ hashMaxListpackEntries: 2 }, 3 * 1024 * 1024 * 1024);
  const { keyspace } = f.engine;
  assert.ok(keyspace.arenas.length > 1);
  for (let i = 0; i < 200; i++) f.line(`HSETEX h${i} EX ${1 + i % 3} FIELDS 3 a 1 b 2 c ${i}`);
  for (let i = 0; i < 200; i += 2) f.line(`RENAME h${i} g${i}`);
  assert.equal(ask(f, "HGET g10 c"), "10");
  keyspace.checkInvariants();
  f.clock.advance(1500);
  while (f.engine.runSlice()) { /* Until nothing is due. */ }
  assert.equal(ask(f, "DBSIZE"), "133");
  f.clock.advance(5000);
  while (f.engine.runSlice()) { /* Until nothing is due. */ }
  assert.equal(ask(f, "DBSIZE"), "0");
  keyspace.checkInvariants();
});
