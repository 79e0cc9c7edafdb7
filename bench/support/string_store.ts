/** A store of strings with numbered keys: the engine alone, without commands, for benches and tests. */
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { RecordRef } from "../../src/engine/keyspace.ts";
import { Stats } from "../../src/engine/stats.ts";
import { setString } from "../../src/engine/strings.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Region } from "../../src/ports/region.ts";
import type { MaxmemoryPolicy, Settings } from "../../src/ports/settings.ts";
import { GrowableBatch } from "../../src/protocol/resp/batch.ts";
import { testSettings } from "../../test/support/test_settings.ts";

const KEY_BYTES = 16;
const START_MS = 1_700_000_000_000;
const NO_EXPIRY = 0;

export interface StringStoreOptions {
  readonly maxmemory: number;
  readonly policy: MaxmemoryPolicy;
  /** Longest value in bytes. */
  readonly maxValueBytes: number;
  readonly settings?: Partial<Settings>;
  readonly seed?: number;
  /** Bytes that maxmemory may be raised to. Default: maxmemory. */
  readonly capacityBytes?: number;
  /** What durations are measured with. Default: the manual clock, so that nothing takes any time. */
  readonly monotonicUs?: () => number;
}

export class StringStore {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly clock: ManualClock;
  readonly #batch = new GrowableBatch();
  readonly #value: Region;

  constructor(options: StringStoreOptions) {
    this.settings = testSettings({
      maxmemory: options.maxmemory,
      maxmemoryPolicy: options.policy,
      latencyTracking: false,
      ...options.settings,
    });
    this.clock = createManualClock(START_MS);
    const clock: Clock = {
      ...this.clock,
      monotonicUs: options.monotonicUs ?? (() => this.clock.monotonicUs()),
    };
    this.engine = new Engine({
      settings: this.settings,
      clock,
      random: createRandom([options.seed ?? 1, 2, 3, 4]),
      stats: new Stats(1),
      capacityBytes: options.capacityBytes ?? options.maxmemory,
    });
    this.#value = makeRegion(options.maxValueBytes);
    this.#value.bytes.fill(120);
    this.#batch.input = makeRegion(KEY_BYTES);
    this.#batch.argCount = 1;
    this.#batch.argLengths[0] = KEY_BYTES;
  }

  /** Number of keys in all databases. */
  get size(): number {
    return this.engine.keyspace.databases.reduce((sum, db) => sum + db.size, 0);
  }

  /** What follows happens at the clock's time. */
  beginBatch(): void {
    this.engine.beginBatch();
  }

  #name(key: number): void {
    const { input, argHashes } = this.#batch;
    input.view.setInt32(0, key, true);
    input.view.setInt32(KEY_BYTES - 4, key, true);
    argHashes[0] = this.engine.keyspace.hash(input.view, 0, KEY_BYTES);
  }

  /** As GET. @returns whether the key is there */
  get(key: number, database = 0): boolean {
    this.#name(key);
    const { keyspace } = this.engine;
    return keyspace.lookupRead(keyspace.databases[database], this.#batch, 0) !== 0;
  }

  /** The key's record, 0 when there is none; no access. */
  find(key: number, database = 0): RecordRef {
    this.#name(key);
    const { keyspace } = this.engine;
    return keyspace.find(keyspace.databases[database], this.#batch, 0);
  }

  /** As SET. @returns the record; 0 when there is no memory for it */
  set(
    key: number,
    valueBytes: number,
    expiresAtMs: number = NO_EXPIRY,
    database = 0,
  ): RecordRef {
    this.#name(key);
    const { engine } = this;
    if (engine.isOverLimit && !engine.makeRoom()) return 0;
    const { keyspace } = engine;
    const db = keyspace.databases[database];
    return setString(keyspace, db, this.#batch, 0, this.#value, 0, valueBytes, expiresAtMs);
  }

  /** As DEL. @returns whether the key was there */
  remove(key: number, database = 0): boolean {
    this.#name(key);
    const { keyspace } = this.engine;
    return keyspace.remove(keyspace.databases[database], this.#batch, 0);
  }

  /** As PERSIST. @returns whether the key had an expiry */
  persist(key: number, database = 0): boolean {
    const ref = this.find(key, database);
    if (ref === 0) return false;
    const { keyspace } = this.engine;
    return keyspace.persist(keyspace.databases[database], this.#batch, 0, ref);
  }
}
