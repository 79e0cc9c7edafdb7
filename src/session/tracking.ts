/**
 * Client-side caching: remembers which session read which key, and tells it when that key changes.
 *
 *   command that reads ──ran──▶ tracking table: key ─▶ clients
 *                                     │
 *   KeyChanges ──changed──▶ take the key's clients ──▶ a message for each, of all keys of this batch
 *                    └────▶ prefixes that are broadcast ──broadcast──▶ a message for each
 *
 * Messages wait in their session until its replies so far are out, so none comes before the reply that
 * it makes void. A key that is told is forgotten: whoever reads it again is remembered again.
 *
 * Reads of one batch are entered into the table some 64 at a time, so that the processor overlaps the loads,
 * but before anything changes.
 *
 * A client has a number in the table. When it goes, the number is forgotten key by key in slices, and is
 * nobody else's until that is done.
 *
 * Source: https://redis.io/docs/latest/develop/reference/client-side-caching/
 */
import { GUARD_QUEUE, GUARD_TRACKING } from "../commands/guards.ts";
import {
  type CommandRegistry,
  FLAG_FINDS_KEYS,
  FLAG_PUBSUB,
  FLAG_READONLY,
} from "../commands/registry.ts";
import type { Engine } from "../engine/engine.ts";
import type { KeyChangeListener } from "../engine/key_changes.ts";
import type { Database } from "../engine/keyspace.ts";
import { KeyReads, MAX_READS, TrackingTable } from "../engine/tracking_table.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { ClientDirectory, SessionPort } from "../ports/session_port.ts";
import type { TrackingOptions, TrackingPort } from "../ports/tracking_port.ts";
import { WaitingKeys } from "./invalidations.ts";
import { NO_NUMBER, TrackingClient } from "./tracking_client.ts";
import { TrackingPrefixes } from "./tracking_prefixes.ts";

/** Share of the store's capacity that the table may take, and the most and the least that it may. */
const TABLE_SHARE = 1 / 4;
const MAX_TABLE_BYTES = 512 * 1024 * 1024;
const MIN_TABLE_BYTES = 1024 * 1024;
/** A table that took more is given back when nobody needs it. */
const KEPT_TABLE_BYTES = 1024 * 1024;
/** Keys that are invalidated for one that is remembered beyond the limit. */
const KEYS_PER_EXCESS = 2;
/** Keys that are invalidated in one slice to get below the limit: some 200 µs. */
const KEYS_PER_SLICE = 200;
/** Buckets of some nine keys that are searched in one slice for clients that are gone: some 200 µs. */
const BUCKETS_PER_SLICE = 128;
/** Keys that are given up to make room for another one before that one is given up. */
const MAX_ROOM_KEYS = 64;
/** What a command does that reads one key, and one that reads several or finds them. */
const ONE_KEY = 1;
const SOME_KEYS = 2;
const NO_PREFIX = new Uint8Array(0);

/** Numbers that are being forgotten. */
interface Sweep {
  readonly numbers: readonly number[];
  /** The same as masks, by group of 32. */
  readonly gone: ReadonlyMap<number, number>;
  cursor: number;
}

export class ClientTracking implements TrackingPort, KeyChangeListener {
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #clients: ClientDirectory;
  readonly #waiting: WaitingKeys;
  readonly #prefixes: TrackingPrefixes;
  readonly #bySession = new Map<number, TrackingClient>();
  readonly #byNumber: (TrackingClient | undefined)[] = [];
  /** Numbers that are nobody's and in no key. */
  #freeNumbers: number[] = [];
  /** Numbers that are nobody's any more, but may be in keys. */
  #goneNumbers: number[] = [];
  #numbersInUse = 0;
  #sweep: Sweep | undefined;
  #table: TrackingTable | undefined;
  /** Memory of the table as it was counted last. */
  #countedBytes = 0;
  /** Those that are put off. */
  readonly #reads = new KeyReads();
  /** By command: whether it reads keys, and whether that is ONE_KEY. */
  readonly #readsKeys: Uint8Array;

  constructor(engine: Engine, registry: CommandRegistry, clients: ClientDirectory) {
    this.#engine = engine;
    this.#registry = registry;
    this.#clients = clients;
    this.#waiting = new WaitingKeys(engine);
    this.#prefixes = new TrackingPrefixes(this.#waiting);
    this.#readsKeys = Uint8Array.from(registry.entries, ({ id }) => readsKeys(registry, id));
  }

  get clientCount(): number {
    return this.#bySession.size;
  }

  get keyCount(): number {
    this.settleReads();
    return this.#table?.keyCount ?? 0;
  }

  get itemCount(): number {
    this.settleReads();
    return this.#table?.itemCount ?? 0;
  }

  get prefixCount(): number {
    return this.#prefixes.count;
  }

  // Who tracks

  enable(session: SessionPort, options: TrackingOptions): void {
    const client = this.#bySession.get(session.id) ?? this.#addClient(session);
    client.configure(options);
    if (!options.isBroadcast) session.guards |= GUARD_TRACKING;
    else if (options.prefixes.length === 0) this.#prefixes.add(client, NO_PREFIX);
    for (const prefix of options.prefixes) this.#prefixes.add(client, prefix);
    this.#engine.bufferBytes += client.sizeBytes - client.countedBytes;
    client.countedBytes = client.sizeBytes;
  }

  #addClient(session: SessionPort): TrackingClient {
    const ended = (): void => this.disable(session);
    const client = new TrackingClient(session, this.#clients, this.#waiting, ended);
    this.#bySession.set(session.id, client);
    session.tracking = client;
    session.attach(client);
    this.#engine.keyspace.changes.add(this);
    return client;
  }

  disable(session: SessionPort): void {
    const client = this.#bySession.get(session.id);
    if (client === undefined) return;
    this.settleReads();
    this.#bySession.delete(session.id);
    session.guards &= ~GUARD_TRACKING;
    session.tracking = undefined;
    session.detach(client);
    this.#engine.bufferBytes -= client.countedBytes;
    this.#prefixes.remove(client);
    if (client.number !== NO_NUMBER) this.#giveBack(client.number);
    if (this.#bySession.size === 0) this.#engine.keyspace.changes.remove(this);
  }

  #giveNumber(client: TrackingClient): number {
    const number = this.#freeNumbers.pop() ?? this.#byNumber.length;
    client.number = number;
    this.#byNumber[number] = client;
    this.#numbersInUse++;
    return number;
  }

  #giveBack(number: number): void {
    this.#byNumber[number] = undefined;
    this.#goneNumbers.push(number);
    if (--this.#numbersInUse > 0) return this.#engine.hasWork();
    this.#forgetAll();
    if (this.#countedBytes <= KEPT_TABLE_BYTES) return;
    this.#table = undefined;
    this.#countMemory();
  }

  /** Forgets all keys, so that no number is in any. */
  #forgetAll(): void {
    this.#table?.clear();
    this.#freeNumbers = this.#freeNumbers.concat(this.#goneNumbers, this.#sweep?.numbers ?? []);
    this.#goneNumbers = [];
    this.#sweep = undefined;
    this.#countMemory();
  }

  // What is read

  ran(session: SessionPort, batch: CommandBatch, first: number, argc: number, id: number): void {
    const client = session.tracking as TrackingClient | undefined;
    if (client === undefined) return;
    if (this.#readsKeys[id] !== 0 && client.remembers) {
      if (this.#readsKeys[id] === ONE_KEY) {
        this.#remember(client, batch, first + this.#registry.firstKey[id]);
      } else {
        this.#rememberKeys(client, batch, first, argc, id);
      }
      // What a transaction queued is gone when it is over.
      if ((session.guards & GUARD_QUEUE) !== 0) this.settleReads();
    }
    if (client.isCaching) this.over(session, id);
  }

  #rememberKeys(
    client: TrackingClient,
    batch: CommandBatch,
    first: number,
    argc: number,
    id: number,
  ): void {
    const registry = this.#registry;
    const firstKey = registry.firstKey[id];
    if (firstKey > 0) {
      const lastKey = registry.lastKey[id];
      const last = first + (lastKey < 0 ? argc + lastKey : Math.min(lastKey, argc - 1));
      const step = registry.keyStep[id];
      for (let arg = first + firstKey; arg <= last; arg += step) {
        this.#remember(client, batch, arg);
      }
    } else {
      registry.keyFinders[id]?.(batch, first, argc, (position) => {
        this.#remember(client, batch, first + position);
      });
    }
  }

  over(session: SessionPort, id: number): void {
    const { tracking } = session;
    if (tracking === undefined || !tracking.isCaching || (session.guards & GUARD_QUEUE) !== 0) {
      return;
    }
    const isAboutClient = id >= 0 && this.#registry.fullNames[id].startsWith("client|");
    if (!isAboutClient) tracking.isCaching = false;
  }

  /** Puts a read off until there are some, or something changes. */
  #remember(client: TrackingClient, batch: CommandBatch, arg: number): void {
    const reads = this.#reads;
    if (reads.batch !== batch || reads.count === MAX_READS) {
      this.settleReads();
      reads.batch = batch;
    }
    const number = client.number === NO_NUMBER ? this.#giveNumber(client) : client.number;
    reads.add(arg, batch.argHashes[arg], number);
  }

  settleReads(): void {
    const reads = this.#reads;
    if (reads.count === 0) return;
    const table = this.#table ?? this.#makeTable();
    const count = table.findNew(reads);
    const batch = reads.batch!;
    reads.batch = undefined;
    reads.count = 0;
    if (count === 0) return;
    for (let i = 0; i < count; i++) {
      const read = reads.left[i];
      const arg = reads.args[read];
      const offset = batch.argOffsets[arg], length = batch.argLengths[arg];
      const number = reads.clients[read];
      this.#enter(table, batch.input, offset, length, reads.hashes[read], number);
    }
    if (table.sizeBytes !== this.#countedBytes) this.#countMemory();
  }

  #enter(
    table: TrackingTable,
    region: Region,
    offset: number,
    length: number,
    hash: number,
    number: number,
  ): void {
    const keys = table.keyCount;
    for (let given = 0; !table.remember(region, offset, length, hash, number); given++) {
      if (given === MAX_ROOM_KEYS || !this.#invalidateAny(table)) {
        this.#byNumber[number]?.invalidate(region, offset, length);
        return;
      }
    }
    if (table.keyCount > keys) this.#limitKeys(table, KEYS_PER_EXCESS);
  }

  #makeTable(): TrackingTable {
    const { keyspace } = this.#engine;
    const share = keyspace.capacityBytes * TABLE_SHARE;
    const bytes = Math.max(MIN_TABLE_BYTES, Math.min(share, MAX_TABLE_BYTES));
    this.#table = new TrackingTable(bytes, keyspace.hashKey);
    return this.#table;
  }

  #countMemory(): void {
    const bytes = this.#table?.sizeBytes ?? 0;
    this.#engine.bufferBytes += bytes - this.#countedBytes;
    this.#countedBytes = bytes;
  }

  /** Whether more keys are tracked than may be. */
  get #isOverLimit(): boolean {
    const limit = this.#engine.settings.trackingTableMaxKeys;
    return limit > 0 && this.#table !== undefined && this.#table.keyCount > limit;
  }

  #limitKeys(table: TrackingTable, count: number): void {
    for (let i = 0; i < count && this.#isOverLimit; i++) this.#invalidateAny(table);
  }

  /** Forgets a key picked at random, which its clients are told as if it had changed. */
  #invalidateAny(table: TrackingTable): boolean {
    const count = table.takeRandom(this.#engine.random);
    for (let i = 0; i < count; i++) {
      this.#byNumber[table.taken[i]]?.invalidate(table.key, 0, table.keyLength);
    }
    return count > 0;
  }

  // What changes

  changed(
    _db: Database,
    region: Region,
    offset: number,
    length: number,
    hash: number | undefined,
  ): void {
    const { keyspace } = this.#engine;
    const { clientId } = keyspace.changes;
    if (this.#prefixes.count > 0) this.#prefixes.keyChanged(region, offset, length, clientId);
    if (this.#reads.count > 0) this.settleReads();
    const table = this.#table;
    if (table === undefined || table.keyCount === 0) return;
    const keyHash = hash ?? keyspace.hash(region.view, offset, length);
    const count = table.take(region, offset, length, keyHash);
    for (let i = 0; i < count; i++) {
      const client = this.#byNumber[table.taken[i]];
      if (client === undefined || (client.isNoLoop && client.session.id === clientId)) continue;
      client.invalidate(region, offset, length);
    }
  }

  flushed(): void {
    this.settleReads();
    for (const client of this.#bySession.values()) client.invalidateAll();
    this.#forgetAll();
  }

  /** Keys are tracked without their database, and any of the two may be the one they were read from. */
  swapping(): void {
    this.flushed();
  }

  /** To be called at the end of a batch, before messages are delivered, while its input is there. */
  settle(): void {
    this.settleReads();
    this.#prefixes.broadcast();
  }

  // What is done by and by

  /** One slice of what is left to do. @returns whether there is more */
  slice(): boolean {
    const table = this.#table;
    if (table === undefined) return false;
    this.#limitKeys(table, KEYS_PER_SLICE);
    if (this.#sweep === undefined && this.#goneNumbers.length > 0) this.#beginSweep();
    if (this.#sweep !== undefined) this.#continueSweep(table, this.#sweep);
    this.#countMemory();
    return this.#isOverLimit || this.#sweep !== undefined || this.#goneNumbers.length > 0;
  }

  #beginSweep(): void {
    const gone = new Map<number, number>();
    for (const number of this.#goneNumbers) {
      const group = number >>> 5;
      gone.set(group, (gone.get(group) ?? 0) | (1 << (number & 31)));
    }
    this.#sweep = { numbers: this.#goneNumbers, gone, cursor: 0 };
    this.#goneNumbers = [];
  }

  #continueSweep(table: TrackingTable, sweep: Sweep): void {
    for (let i = 0; i < BUCKETS_PER_SLICE; i++) {
      sweep.cursor = table.forget(sweep.cursor, sweep.gone);
      if (sweep.cursor !== 0) continue;
      this.#freeNumbers = this.#freeNumbers.concat(sweep.numbers);
      this.#sweep = undefined;
      return;
    }
  }

  /** Walks the table. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    this.#table?.checkInvariants();
  }
}

/** @returns 0, ONE_KEY or SOME_KEYS */
function readsKeys(registry: CommandRegistry, id: number): number {
  const flags = registry.flags[id];
  if ((flags & FLAG_READONLY) === 0 || (flags & FLAG_PUBSUB) !== 0) return 0;
  const firstKey = registry.firstKey[id];
  if (firstKey > 0 && firstKey === registry.lastKey[id]) return ONE_KEY;
  return firstKey > 0 || (flags & FLAG_FINDS_KEYS) !== 0 ? SOME_KEYS : 0;
}
