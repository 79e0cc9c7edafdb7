/** Clients that wait for counters, which stand for lists and sorted sets, without any command. */
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { type BlockedClient, Blocking } from "../../src/engine/blocking.ts";
import type { Database, Keyspace } from "../../src/engine/keyspace.ts";
import { KEEP_TTL, TYPE_LIST } from "../../src/engine/keyspace.ts";
import { ENCODING_LISTPACK, makeKind } from "../../src/engine/record_kinds.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import type { CommandBatch } from "../../src/ports/command_batch.ts";
import { START_MS, Store } from "./store.ts";

/** A batch of nothing but hashed keys. */
function keyBatch(keyspace: Keyspace, names: readonly string[]): CommandBatch {
  const size = names.reduce((sum, name) => sum + name.length, 0);
  const input = makeRegion(size);
  const count = names.length;
  const batch: CommandBatch = {
    input,
    commandCount: 1,
    argCount: count,
    firstArgs: Int32Array.of(0, count),
    frameEnds: Int32Array.of(size),
    argOffsets: new Int32Array(count),
    argLengths: Int32Array.from(names, (name) => name.length),
    argHashes: new Int32Array(count),
    rewrittenLines: [],
    reserveArgs() {},
    reserveCommands() {},
  };
  let offset = 0;
  for (const [i, name] of names.entries()) {
    batch.argOffsets[i] = offset;
    for (let at = 0; at < name.length; at++) input.bytes[offset + at] = name.charCodeAt(at);
    batch.argHashes[i] = keyspace.hash(input.view, offset, name.length);
    offset += name.length;
  }
  return batch;
}

export interface WaitOptions {
  readonly db?: number;
  readonly type?: number;
  /** From now on; 0 = for ever. */
  readonly timeoutMs?: number;
  /** Also served when a key is gone. */
  readonly wakesWithoutKey?: boolean;
  /** Key that it adds what it took to. */
  readonly moveTo?: string;
}

/** Takes one from the first of its keys that has anything. */
export class FakeClient implements BlockedClient {
  readonly name: string;
  readonly db: Database;
  readonly type: number;
  readonly wakesWithoutKey: boolean;
  readonly batch: CommandBatch;
  readonly keys: readonly number[];
  readonly keyNames: readonly string[];
  readonly deadlineMs: number;
  readonly #counters: Counters;
  readonly #moveTo: string | undefined;

  constructor(counters: Counters, name: string, keyNames: readonly string[], options: WaitOptions) {
    const { db = 0, type = TYPE_LIST, timeoutMs = 0, wakesWithoutKey = false, moveTo } = options;
    this.#counters = counters;
    this.#moveTo = moveTo;
    this.name = name;
    this.db = counters.store.db(db);
    this.type = type;
    this.wakesWithoutKey = wakesWithoutKey;
    this.keyNames = keyNames;
    this.batch = keyBatch(counters.store.keyspace, keyNames);
    this.keys = keyNames.map((_, i) => i);
    this.deadlineMs = timeoutMs === 0 ? 0 : counters.clock.nowMs() + timeoutMs;
  }

  serve(): boolean {
    for (const key of this.keyNames) {
      if (!this.#counters.take(this.db.index, key, this.type)) continue;
      this.#over(`${this.name}<${key}`);
      if (this.#moveTo !== undefined) this.#counters.add(this.db.index, this.#moveTo, 1);
      return true;
    }
    if (!this.wakesWithoutKey) return false;
    this.#over(`${this.name}<gone`);
    return true;
  }

  #over(line: string): void {
    this.#counters.blocking.leave(this);
    this.#counters.log.push(line);
  }

  timedOut(): void {
    this.#counters.log.push(`${this.name} timed out`);
  }
}

/** A keyspace whose keys hold a number of things to take. */
export class Counters {
  readonly store: Store;
  readonly clock: ManualClock = createManualClock(START_MS);
  readonly blocking: Blocking;
  /** What happened to the clients, e.g. "c1<key". */
  readonly log: string[] = [];

  constructor(seed = 1) {
    this.store = new Store({ seed });
    this.blocking = new Blocking(this.store.keyspace, this.clock);
  }

  wait(name: string, keys: readonly string[], options: WaitOptions = {}): FakeClient {
    const client = new FakeClient(this, name, keys, options);
    this.blocking.wait(client);
    return client;
  }

  /** Runs something as one command does, then serves. @returns what happened since the last time */
  command(run: () => void): string[] {
    run();
    this.blocking.serveReady();
    return this.log.splice(0);
  }

  count(db: number, key: string): number {
    const { keyspace } = this.store;
    const ref = this.store.find(db, key);
    return ref === 0 ? 0 : keyspace.regionOf(ref).view.getInt32(keyspace.valueOffset(ref), true);
  }

  /** Adds to a key, which comes into being if it is not there. */
  add(db: number, key: string, count: number, type = TYPE_LIST): void {
    const { keyspace, batch } = this.store;
    const before = this.count(db, key);
    let ref = this.store.find(db, key);
    if (ref === 0) {
      const kind = makeKind(type, ENCODING_LISTPACK);
      ref = keyspace.place(this.store.db(db), batch, 0, kind, 4, KEEP_TTL);
    }
    keyspace.regionOf(ref).view.setInt32(keyspace.valueOffset(ref), before + count, true);
  }

  /** Takes one of a key of this type. @returns whether there was one */
  take(db: number, key: string, type: number): boolean {
    const { keyspace } = this.store;
    const ref = this.store.find(db, key);
    if (ref === 0 || keyspace.typeOf(ref) !== type) return false;
    const left = this.count(db, key) - 1;
    if (left === 0) this.store.remove(db, key);
    else keyspace.regionOf(ref).view.setInt32(keyspace.valueOffset(ref), left, true);
    return true;
  }
}
