/**
 * Purges: jobs that remove all keys of a database that begin with some bytes, in slices.
 *
 *   with a key index:  it is walked, which costs what is removed
 *   without:           the hash index is walked, which costs what the database holds
 *
 * A job removes what was there when it began and still is when it gets there. It may remove keys that
 * were written meanwhile, too: nothing tells them from the others. It follows its keys when databases
 * are swapped and ends when they are flushed.
 */
import { EVENT_GENERIC } from "./key_changes.ts";
import type { Clock } from "../ports/clock.ts";
import type { HashIndex } from "../memory/hash_index.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import { PREFIX_START, type PrefixPosition, scanPrefix } from "./prefix_scan.ts";
import { LOCAL_MASK, type RecordRef, SHARD_SHIFT } from "./record_kinds.ts";
import { scanIndexes } from "./scan.ts";

/** How long a slice may take, a look at the clock being due after each step. */
const SLICE_US = 300;
/** Keys that are visited in one step: some 30 µs if all of them go. */
const STEP = 64;

export class PurgeJob {
  readonly prefix: Uint8Array;
  /** Those of the database; they tell it from what takes its place. */
  readonly indexes: readonly HashIndex[];
  removed = 0;
  isDone = false;
  /** Called when it ends. */
  onDone: (removed: number) => void = () => {};
  position: PrefixPosition | undefined = PREFIX_START;
  /** Cursor of the hash index. */
  cursor = 0;

  constructor(db: Database, prefix: Uint8Array) {
    this.indexes = db.indexes;
    this.prefix = prefix;
  }
}

export class Purges {
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  #jobs: PurgeJob[] = [];
  /** Records that a step found. */
  readonly #found: RecordRef[] = [];

  constructor(keyspace: Keyspace, clock: Clock) {
    this.#keyspace = keyspace;
    this.#clock = clock;
  }

  /** Jobs that are not done. */
  get count(): number {
    return this.#jobs.length;
  }

  /** Starts a job with a slice, which may be all; else `slice` goes on with it. */
  start(db: Database, prefix: Uint8Array): PurgeJob {
    const job = new PurgeJob(db, prefix);
    this.#jobs.push(job);
    this.#run(job, SLICE_US);
    return job;
  }

  /** Works on one job for about SLICE_US. */
  slice(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#jobs.push(job);
    this.#run(job, SLICE_US);
  }

  /** Ends a job at once. */
  finish(job: PurgeJob): void {
    this.#run(job, Infinity);
  }

  #run(job: PurgeJob, budgetUs: number): void {
    const startUs = this.#clock.monotonicUs();
    while (!job.isDone) {
      const db = this.#keyspace.databases.find(({ indexes }) => indexes === job.indexes);
      if (db === undefined || !this.#step(job, db)) return this.#end(job);
      if (this.#clock.monotonicUs() - startUs >= budgetUs) return;
    }
  }

  #end(job: PurgeJob): void {
    job.isDone = true;
    this.#jobs = this.#jobs.filter((each) => each !== job);
    job.onDone(job.removed);
  }

  /** @returns whether there is more to do */
  #step(job: PurgeJob, db: Database): boolean {
    const keyspace = this.#keyspace;
    const found = this.#found;
    found.length = 0;
    const hasMore = db.keyIndex === undefined
      ? this.#walkHashIndex(job, db)
      : this.#walkKeyIndex(job, db);
    for (const ref of found) {
      const isExpired = keyspace.isExpired(ref);
      const shard = ref >>> SHARD_SHIFT;
      const slot = db.indexes[shard].findRef(keyspace.hashOfRecord(ref), ref & LOCAL_MASK);
      if (isExpired) {
        keyspace.expireSlot(db, shard, slot);
      } else {
        const { arena } = db.indexes[shard];
        const { changes } = keyspace;
        if (changes.isHeard) {
          changes.recordChanged(db, arena, ref & LOCAL_MASK, EVENT_GENERIC, "del");
        }
        keyspace.removeSlot(db, shard, slot);
        keyspace.stats.dirty++;
        job.removed++;
      }
    }
    return hasMore;
  }

  #walkKeyIndex(job: PurgeJob, db: Database): boolean {
    const keyspace = this.#keyspace;
    const { prefix } = job;
    job.position = scanPrefix(keyspace, db, db.keyIndex!, prefix, job.position!, STEP, (ref) => {
      this.#found.push(ref);
    });
    return job.position !== undefined;
  }

  #walkHashIndex(job: PurgeJob, db: Database): boolean {
    const keyspace = this.#keyspace;
    const { prefix } = job;
    const { indexes } = db;
    job.cursor = scanIndexes(indexes, keyspace.shardBits, job.cursor, STEP, (shard, slot) => {
      const ref = keyspace.refOf(shard, indexes[shard].refAt(slot));
      if (keyspace.hasPrefix(ref, prefix)) this.#found.push(ref);
    });
    return job.cursor !== 0;
  }
}
