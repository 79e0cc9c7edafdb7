/**
 * Makes room by evicting the record that the policy can spare most, among a few picked at random.
 *
 *   bucket at random ─▶ its records ─▶ scores ─▶ pool of the 16 best ─▶ the best is evicted
 *
 * All records of a bucket are candidates, until there are at least `maxmemory-samples`: so every record has
 * the same chance, and the processor overlaps the loads. The best ones that were not evicted stay in the
 * pool for the next time, which brings sampling close to the exact policy.
 *
 * Cost: two index buckets, some ten record headers; nothing is allocated.  Source: Redis src/evict.c.
 */
import { BUCKET_SLOTS } from "../memory/hash_index.ts";
import { hasExpiry, type LocalRef } from "../memory/record.ts";
import type { Random } from "../ports/random.ts";
import type { Settings } from "../ports/settings.ts";
import { CandidatePool } from "./candidate_pool.ts";
import type { Database } from "./database.ts";
import { EVENT_EVICTED } from "./key_changes.ts";
import { createPolicy, type EvictionPolicy } from "./eviction_policy.ts";
import type { Keyspace } from "./keyspace.ts";
import { PopulatedLists } from "./populated_lists.ts";

/** As many as maxmemory-samples may be; more would not be better. */
const MAX_SAMPLES = 64;
/** Buckets looked at when most of them are empty. */
const MAX_BUCKETS = 128;

export class Evictor {
  /** What the loads summed up to; kept so that they can't be optimised away. */
  sink = 0;
  readonly #keyspace: Keyspace;
  readonly #settings: Settings;
  readonly #random: Random;
  #policy!: EvictionPolicy;
  #lists!: PopulatedLists;
  readonly #pool = new CandidatePool();
  /** The records of a sample: database, shard, reference, and slot where it is known. */
  readonly #sampleDatabases = new Int32Array(MAX_SAMPLES + BUCKET_SLOTS);
  readonly #sampleShards = new Int32Array(MAX_SAMPLES + BUCKET_SLOTS);
  readonly #sampleLocals = new Int32Array(MAX_SAMPLES + BUCKET_SLOTS);
  readonly #sampleSlots = new Int32Array(MAX_SAMPLES + BUCKET_SLOTS);

  constructor(keyspace: Keyspace, settings: Settings, random: Random) {
    this.#keyspace = keyspace;
    this.#settings = settings;
    this.#random = random;
    this.#usePolicy();
  }

  /** To be called when the policy or what it depends on has changed. */
  settingsChanged(): void {
    if (this.#policy.name !== this.#settings.maxmemoryPolicy) this.#usePolicy();
  }

  #usePolicy(): void {
    const { databases, outside } = this.#keyspace;
    this.#policy = createPolicy(this.#settings, this.#random, databases, outside);
    this.#policy.tick(this.#keyspace.nowMs);
    this.#lists = new PopulatedLists(databases, this.#policy.volatileOnly, this.#random);
    this.#keyspace.access = this.#policy;
    this.#pool.clear();
  }

  /** Memory of what is known about keys that were evicted, in bytes. */
  get sizeBytes(): number {
    return this.#policy.sizeBytes;
  }

  /** Evicts one record. @returns false when the policy allows none */
  evictOne(): boolean {
    const policy = this.#policy;
    if (policy.name === "noeviction") return false;
    if (policy.isRandom) return this.#evictAny();
    this.#touchBest();
    const count = policy.volatileOnly ? this.#sampleVolatile() : this.#sampleAll();
    if (count === 0) return this.#evictAny();
    this.#offer(count);
    const pool = this.#pool;
    while (pool.count > 0) if (this.#evictCandidate(--pool.count)) return true;
    return this.#evictAny();
  }

  /** Reads what evicting the pool's best candidate will need, so that it is in cache by then. */
  #touchBest(): void {
    const pool = this.#pool;
    if (pool.count === 0) return;
    const best = pool.count - 1;
    const shard = pool.shards[best];
    const { indexes, volatile } = this.#keyspace.databases[pool.databases[best]];
    const { words } = indexes[shard];
    const hash = pool.hashes[best];
    let sum = words[indexes[shard].bucketWord(hash)] ^ words[pool.locals[best] << 1];
    sum ^= this.#policy.touch(hash);
    if (this.#policy.volatileOnly && volatile[shard].length > 0) {
      // The last of the list takes the place of the one that goes.
      sum ^= words[volatile[shard].at(volatile[shard].length - 1) << 1];
    }
    this.sink ^= sum;
  }

  /** Picks records from the indexes. @returns how many */
  #sampleAll(): number {
    const { databases } = this.#keyspace;
    const lists = this.#lists, random = this.#random, slots = this.#sampleSlots;
    const wanted = Math.min(this.#settings.maxmemorySamples, MAX_SAMPLES);
    let count = 0, touched = 0;
    // The next bucket is on its way while this one is read.
    let next = lists.pick();
    if (next < 0) return 0;
    let nextRandom = random.int32();
    for (let bucket = 0; count < wanted && bucket < MAX_BUCKETS; bucket++) {
      const database = lists.databaseOf(next), shard = lists.shardOf(next);
      const index = databases[database].indexes[shard];
      const word = index.bucketWord(nextRandom);
      touched ^= index.words[word];
      next = lists.pick();
      nextRandom = random.int32();
      const following = databases[lists.databaseOf(next)].indexes[lists.shardOf(next)];
      touched ^= following.words[following.bucketWord(nextRandom)];
      const end = index.slotsOfBucket(word, slots, count);
      for (; count < end; count++) {
        this.#sampleDatabases[count] = database;
        this.#sampleShards[count] = shard;
        this.#sampleLocals[count] = index.words[slots[count]];
      }
    }
    this.sink ^= touched;
    return count;
  }

  /** Picks records from the lists of those that expire. @returns how many */
  #sampleVolatile(): number {
    const { databases } = this.#keyspace;
    const lists = this.#lists;
    const wanted = Math.min(this.#settings.maxmemorySamples, MAX_SAMPLES);
    for (let i = 0; i < wanted; i++) {
      const list = lists.pick();
      if (list < 0) return 0;
      const database = lists.databaseOf(list), shard = lists.shardOf(list);
      const records = databases[database].volatile[shard];
      this.#sampleDatabases[i] = database;
      this.#sampleShards[i] = shard;
      this.#sampleLocals[i] = records.at(this.#random.below(records.length));
      this.#sampleSlots[i] = 0;
    }
    return wanted;
  }

  /** Takes the best records of a sample into the pool. */
  #offer(count: number): void {
    const { arenas, databases } = this.#keyspace;
    const pool = this.#pool, policy = this.#policy;
    const shards = this.#sampleShards, locals = this.#sampleLocals;
    let sum = 0;
    for (let i = 0; i < count; i++) sum ^= arenas[shards[i]].words[locals[i] << 1];
    this.sink ^= sum;
    for (let i = 0; i < count; i++) {
      const shard = shards[i], local = locals[i];
      const score = policy.score(arenas[shard], local);
      if (!pool.accepts(score) || pool.has(shard, local)) continue;
      const database = this.#sampleDatabases[i], slot = this.#sampleSlots[i];
      const hash = slot === 0
        ? this.#hashOf(shard, local)
        : databases[database].indexes[shard].hashAt(slot);
      pool.add(score, database, shard, local, hash);
    }
  }

  /** Evicts what is at a place of the pool, if it is still there and still as dispensable. */
  #evictCandidate(at: number): boolean {
    const pool = this.#pool;
    const shard = pool.shards[at], local = pool.locals[at], hash = pool.hashes[at];
    const db = this.#keyspace.databases[pool.databases[at]];
    const index = db.indexes[shard];
    const slot = index.findRef(hash, local);
    if (slot === 0 || index.hashAt(slot) !== hash) return false;
    if (this.#policy.volatileOnly && !hasExpiry(index.words, local)) return false;
    if (this.#policy.score(index.arena, local) < pool.scores[at]) return false;
    this.#evict(db, shard, slot, local, hash);
    return true;
  }

  /** Evicts a record picked at random of those that the policy may evict. */
  #evictAny(): boolean {
    const list = this.#lists.pick();
    if (list < 0) return false;
    const shard = this.#lists.shardOf(list);
    const db = this.#keyspace.databases[this.#lists.databaseOf(list)];
    const index = db.indexes[shard];
    if (!this.#policy.volatileOnly) {
      const slot = index.sample(this.#random.int32());
      this.#evict(db, shard, slot, index.refAt(slot), index.hashAt(slot));
      return true;
    }
    const records = db.volatile[shard];
    const local = records.at(this.#random.below(records.length));
    const hash = this.#hashOf(shard, local);
    this.#evict(db, shard, index.findRef(hash, local), local, hash);
    return true;
  }

  #hashOf(shard: number, local: LocalRef): number {
    return this.#keyspace.hashOfRecord(this.#keyspace.refOf(shard, local));
  }

  #evict(db: Database, shard: number, slot: number, local: LocalRef, hash: number): void {
    this.#policy.evicted(db.indexes[shard].words, local, hash);
    const { changes } = this.#keyspace;
    if (changes.isHeard) {
      changes.recordChanged(db, db.indexes[shard].arena, local, EVENT_EVICTED, "evicted");
    }
    const { latency } = this.#keyspace;
    const startUs = latency?.begin() ?? -1;
    this.#keyspace.removeSlot(db, shard, slot);
    latency?.end("eviction-del", startUs);
    this.#keyspace.stats.evictedKeys++;
  }
}
