/** Random commands on sorted sets against a map, with little memory, and all that happens to keys. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { type Conversation, converse } from "../commands/sorted_set/conversation.ts";
import { chance, forSeeds, pick } from "../support/model.ts";

const MIB = 1024 * 1024;
const KEYS = ["a", "b", "c"];

class Model {
  readonly talk: Conversation;
  readonly random: Xoshiro128;
  readonly keys = new Map<string, Map<string, number>>();
  outOfMemory = 0;

  constructor(random: Xoshiro128, capacityBytes: number) {
    this.random = random;
    this.talk = converse({ capacityBytes, seed: random.int32() });
    this.talk.settings.zsetMaxListpackEntries = pick(random, [0, 4, 20, 128]);
    this.talk.settings.zsetMaxListpackValue = pick(random, [4, 64]);
  }

  member(): string {
    const { random } = this;
    if (chance(random, 0.02)) return "L".repeat(pick(random, [5000, 40_000, 70_000]));
    return chance(random, 0.2) ? String(random.below(40)) : `member:${random.below(300)}`;
  }

  /** Runs a command, and does the same to the model unless there was no memory. */
  attempt(command: readonly string[], update: () => string): void {
    const reply = this.talk.run2(...command);
    if (reply.startsWith("-OOM")) {
      this.outOfMemory++;
      return;
    }
    assert.equal(reply, update(), command.join(" ").slice(0, 100));
  }

  add(key: string): void {
    const member = this.member(), score = this.random.below(9) - this.random.below(2) / 2;
    this.attempt(["ZADD", key, String(score), member], () => {
      const set = this.keys.get(key) ?? new Map<string, number>();
      const isNew = !set.has(member);
      this.keys.set(key, set.set(member, score));
      return `:${Number(isNew)}\r\n`;
    });
  }

  remove(key: string): void {
    const member = this.member();
    this.attempt(["ZREM", key, member], () => {
      const wasThere = this.keys.get(key)?.delete(member) === true;
      if (this.keys.get(key)?.size === 0) this.keys.delete(key);
      return `:${Number(wasThere)}\r\n`;
    });
  }

  removeRanks(key: string): void {
    const first = this.random.below(20), last = first + this.random.below(6);
    this.attempt(["ZREMRANGEBYRANK", key, String(first), String(last)], () => {
      const gone = this.sorted(key).slice(first, last + 1);
      for (const [member] of gone) this.keys.get(key)!.delete(member);
      if (this.keys.get(key)?.size === 0) this.keys.delete(key);
      return `:${gone.length}\r\n`;
    });
  }

  whole(key: string, other: string): void {
    const kind = this.random.below(6);
    const set = this.keys.get(key);
    if (kind === 0 && key !== other) {
      this.attempt(["COPY", key, other, "REPLACE"], () => {
        if (set !== undefined) this.keys.set(other, new Map(set));
        return set === undefined ? ":0\r\n" : ":1\r\n";
      });
    } else if (kind === 1 && set !== undefined) {
      this.attempt(["RENAME", key, other], () => {
        this.keys.delete(key);
        this.keys.set(other, set);
        return "+OK\r\n";
      });
    } else if (kind === 2) {
      this.attempt([pick(this.random, ["DEL", "UNLINK"]), key], () => {
        return `:${Number(this.keys.delete(key))}\r\n`;
      });
    } else if (kind === 3 && chance(this.random, 0.2)) {
      this.attempt(["FLUSHALL"], () => {
        this.keys.clear();
        return "+OK\r\n";
      });
    } else if (kind === 4) {
      this.attempt(["ZUNIONSTORE", other, "1", key], () => {
        if (set === undefined) this.keys.delete(other);
        else this.keys.set(other, new Map(set));
        return `:${set?.size ?? 0}\r\n`;
      });
    } else if (kind === 5) {
      this.attempt(["PEXPIRE", key, "1000"], () => `:${Number(set !== undefined)}\r\n`);
      if (chance(this.random, 0.3)) {
        this.talk.clock.advance(2000);
        this.forgetExpired();
      } else {
        this.talk.run("PERSIST", key);
      }
    }
  }

  /** What is over, goes from the model when the store says so. */
  forgetExpired(): void {
    for (const key of KEYS) if (this.talk.run("EXISTS", key) === ":0\r\n") this.keys.delete(key);
  }

  sorted(key: string): [member: string, score: number][] {
    return [...this.keys.get(key) ?? []].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
  }

  check(): void {
    const { talk, keys } = this;
    talk.engine.keyspace.checkInvariants();
    for (const key of KEYS) {
      const sorted = this.sorted(key);
      assert.equal(
        talk.words(`ZRANGE ${key} 0 -1 WITHSCORES`),
        sorted.map(([member, score]) => `${member} ${score}`).join(" "),
      );
      assert.equal(talk.run2("ZCARD", key), `:${keys.get(key)?.size ?? 0}\r\n`);
      for (let rank = 0; rank < sorted.length; rank += 7) {
        assert.equal(talk.run2("ZRANK", key, sorted[rank][0]), `:${rank}\r\n`);
      }
    }
  }

  /** Frees all that waits to be freed. */
  settle(): void {
    const { keyspace } = this.talk.engine;
    while (keyspace.hasDiscarded) keyspace.freeDiscarded(50);
  }
}

test("sorted sets do what a map does, whatever happens to their keys and to memory", () => {
  let outOfMemory = 0;
  forSeeds(10, (random, seed) => {
    const model = new Model(random, seed % 3 === 0 ? MIB : 16 * MIB);
    for (let i = 0; i < 700; i++) {
      const key = pick(random, KEYS);
      const kind = random.below(100);
      if (kind < 68) model.add(key);
      else if (kind < 90) model.remove(key);
      else if (kind < 95) model.removeRanks(key);
      else model.whole(key, pick(random, KEYS));
      if (i % 50 === 0) model.check();
    }
    model.check();
    model.talk.run("FLUSHDB");
    model.settle();
    model.talk.engine.keyspace.checkInvariants();
    outOfMemory += model.outOfMemory;
  });
  assert.ok(outOfMemory > 0 || process.env.MODEL_SEED !== undefined, "memory never ran out");
});

test("a large sorted set is counted, and freed in slices", () => {
  const { line, engine, says } = converse();
  for (let first = 0; first < 20_000; first += 500) {
    const pairs = Array.from({ length: 500 }, (_, i) => `${first + i} member${first + i}`);
    line(`ZADD z ${pairs.join(" ")}`);
  }
  says("ZCARD z", ":20000\r\n");
  const { keyspace } = engine;
  const ref = keyspace.randomKey(keyspace.databases[0]);
  const bytes = keyspace.recordBytes(ref);
  assert.ok(bytes > 20_000 * 40 && bytes < 20_000 * 60, `${bytes} bytes`);
  const before = keyspace.account.liveBytes;
  says("UNLINK z", ":1\r\n");
  assert.ok(keyspace.hasDiscarded);
  let slices = 0;
  while (keyspace.hasDiscarded) {
    keyspace.freeDiscarded(1000);
    if (++slices % 5 === 0) keyspace.checkInvariants();
  }
  assert.ok(slices >= 20, `${slices} slices`);
  assert.ok(before - keyspace.account.liveBytes >= bytes - 64);
  keyspace.checkInvariants();
});
