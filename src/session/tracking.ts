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
 * Reads are entered into the table many at a time, so that the processor overlaps the loads, but before
 * anything changes. A key that the command found is entered by its hash alone, and may wait for later
 * batches; one that was not there by its name, within its batch.
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
import { equalBytes } from "../bytes/compare.ts";
import type { Engine } from "../engine/engine.ts";
import type { KeyChangeListener } from "../engine/key_changes.ts";
import type { Database, Keyspace } from "../engine/keyspace.ts";
import { forEachKeyOfHash } from "../engine/keys_of_hash.ts";
import { HashReads, MAX_HASH_READS } from "../engine/tracked_hashes.ts";
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
/** How many of them a segment of hashes stands for. */
const BUCKETS_PER_SEGMENT = 32;
/** Keys that are given up to make room for another one before that one is given up. */
const MAX_ROOM_KEYS = 64;
/** Stands for a command that reads several keys or finds them, in the place of the position of its only one. */
const SOME_KEYS = 255;
const NO_PREFIX = new Uint8Array(0);
const NOTHING: Region = { bytes: NO_PREFIX, view: new DataView(new ArrayBuffer(0)) };

/** Numbers that are being forgotten. */
interface Sweep {
  readonly numbers: readonly number[];
  /** The same as masks, by group of 32. */
  readonly gone: ReadonlyMap<number, number>;
  cursor: number;
}

export class ClientTracking implements TrackingPort, KeyChangeListener {
  readonly #engine: Engine;
  readonly #keyspace: Keyspace;
  readonly #registry: CommandRegistry;
  readonly #clients: ClientDirectory;
  readonly #waiting: WaitingKeys;
  readonly #prefixes: TrackingPrefixes;
  readonly #bySession = new Map<number, TrackingClient>();
  readonly #byNumber: (TrackingClient | undefined)[] = [];
  /** Numbers that are nobody's and in no key, the lowest at the end. */
  #freeNumbers: number[] = [];
  /** Numbers that are nobody's any more, but may be in keys. */
  #goneNumbers: number[] = [];
  #numbersInUse = 0;
  #sweep: Sweep | undefined;
  #table: TrackingTable | undefined;
  /** Memory of the table as it was counted last. */
  #countedBytes = 0;
  /** Those that are put off: of keys that are there, and of keys that may be. */
  readonly #hashReads = new HashReads();
  readonly #reads = new KeyReads();
  /** Whether a change is being told, of which the keyspace may know already. */
  #isChanging = false;
  /** By command: 0 = it reads no keys, SOME_KEYS, or the position of the only one. */
  readonly #readsKeys: Uint8Array;

  constructor(engine: Engine, registry: CommandRegistry, clients: ClientDirectory) {
    this.#engine = engine;
    this.#keyspace = engine.keyspace;
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
    this.#keyspace.changes.add(this);
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
    if (this.#bySession.size === 0) this.#keyspace.changes.remove(this);
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

  /** Numbers that are in no key any more; the lowest is given out first. */
  #free(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    this.#freeNumbers = this.#freeNumbers.concat(numbers).sort((a, b) => b - a);
  }

  /** Forgets all keys, so that no number is in any. */
  #forgetAll(): void {
    this.#table?.clear();
    this.#free(this.#goneNumbers);
    this.#free(this.#sweep?.numbers ?? []);
    this.#goneNumbers = [];
    this.#sweep = undefined;
    this.#countMemory();
  }

  // What is read

  ran(session: SessionPort, batch: CommandBatch, first: number, argc: number, id: number): void {
    const client = session.tracking as TrackingClient | undefined;
    if (client === undefined) return;
    const position = this.#readsKeys[id];
    if (client.isPlain && position !== 0 && position !== SOME_KEYS) {
      // The usual case: what the command looked up last is what it read.
      const hash = batch.argHashes[first + position];
      if (this.#keyspace.foundHash === hash) return this.#rememberHash(client, hash);
    }
    if (position !== 0 && client.remembers) {
      if (position === SOME_KEYS) this.#rememberKeys(client, batch, first, argc, id);
      else this.#remember(client, batch, first + position);
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
    const db = this.#keyspace.databases[client.session.dbIndex];
    reads.add(db, arg, batch.argHashes[arg], number);
  }

  /** The same for a key that is there. */
  #rememberHash(client: TrackingClient, hash: number): void {
    const reads = this.#hashReads;
    if (reads.count === MAX_HASH_READS) this.settleReads();
    const at = reads.count++;
    reads.hashes[at] = hash;
    reads.clients[at] = client.number === NO_NUMBER ? this.#giveNumber(client) : client.number;
  }

  settleReads(): void {
    if (this.#hashReads.count === 0 && this.#reads.count === 0) return;
    const table = this.#table ?? this.#makeTable();
    const keys = table.keyCount;
    if (this.#reads.count > 0) this.#settleNames(table);
    if (this.#hashReads.count > 0) this.#settleHashes(table);
    if (table.sizeBytes !== this.#countedBytes) this.#countMemory();
    // Whoever is told of keys by their hash finds them in the keyspace, so none may be gone unheard of.
    const added = Math.max(0, table.keyCount - keys);
    if (!this.#isChanging) this.#limitKeys(table, (added + 1) * KEYS_PER_EXCESS);
  }

  #settleHashes(table: TrackingTable): void {
    const reads = this.#hashReads;
    table.markHashes(reads);
    const { count, hashes, clients } = reads;
    reads.count = 0;
    for (let i = 0; i < count; i++) {
      if (!table.rememberHash(hashes[i], clients[i])) this.#enterHash(table, hashes[i], clients[i]);
    }
  }

  /** Enters a hash that there was no room for. One that can't be entered is told at once. */
  #enterHash(table: TrackingTable, hash: number, number: number): void {
    for (let given = 0; hash !== 0 && given < MAX_ROOM_KEYS && this.#giveRoom(table); given++) {
      if (table.rememberHash(hash, number)) return;
    }
    this.#tellHash(hash, [number], NOTHING, 0, -1);
  }

  #settleNames(table: TrackingTable): void {
    const reads = this.#reads;
    const { count, args, hashes, clients, databases, left } = reads;
    const batch = reads.batch!;
    const { input, argOffsets, argLengths } = batch;
    const keyspace = this.#keyspace;
    reads.batch = undefined;
    reads.count = 0;
    let absent = 0;
    for (let i = 0; i < count; i++) {
      const arg = args[i], hash = hashes[i], number = clients[i];
      const index = databases[i].indexes[keyspace.shardOf(hash)];
      if (index.find(input.view, argOffsets[arg], argLengths[arg], hash) === 0) left[absent++] = i;
      else if (!table.rememberHash(hash, number)) this.#enterHash(table, hash, number);
    }
    const found = absent === 0 ? 0 : table.findNew(reads, batch, absent);
    for (let i = 0; i < found; i++) {
      const arg = args[left[i]], hash = hashes[left[i]], number = clients[left[i]];
      this.#enterName(table, input, argOffsets[arg], argLengths[arg], hash, number);
    }
  }

  #enterName(
    table: TrackingTable,
    region: Region,
    offset: number,
    length: number,
    hash: number,
    number: number,
  ): void {
    for (let given = 0; !table.remember(region, offset, length, hash, number); given++) {
      if (given < MAX_ROOM_KEYS && this.#giveRoom(table)) continue;
      this.#byNumber[number]?.invalidate(region, offset, length);
      return;
    }
  }

  #makeTable(): TrackingTable {
    const keyspace = this.#keyspace;
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
    const numbers = table.taken.subarray(0, count);
    if (table.isOfHash) this.#tellHash(table.hash, numbers, NOTHING, 0, -1);
    else for (const n of numbers) this.#byNumber[n]?.invalidate(table.key, 0, table.keyLength);
    return count > 0;
  }

  /** Gives a key up to make room for another one, if that may be. */
  #giveRoom(table: TrackingTable): boolean {
    return !this.#isChanging && this.#invalidateAny(table);
  }

  /**
   * Tells clients of all keys of a hash, but for one.
   * @param length of the one, which is in `region`; -1 = none
   */
  #tellHash(
    hash: number,
    numbers: Iterable<number>,
    region: Region,
    offset: number,
    length: number,
  ): void {
    forEachKeyOfHash(this.#keyspace, hash, (arena, keyOffset, keyLength) => {
      if (keyLength === length && equalBytes(arena, keyOffset, region, offset, length)) return;
      for (const n of numbers) this.#byNumber[n]?.invalidate(arena, keyOffset, keyLength);
    });
  }

  // What changes

  changed(
    _db: Database,
    region: Region,
    offset: number,
    length: number,
    hash: number | undefined,
  ): void {
    const keyspace = this.#keyspace;
    const { clientId } = keyspace.changes;
    if (this.#prefixes.count > 0) this.#prefixes.keyChanged(region, offset, length, clientId);
    this.#isChanging = true;
    this.settleReads();
    this.#isChanging = false;
    const table = this.#table;
    if (table === undefined || table.keyCount === 0) return;
    const keyHash = hash ?? keyspace.hash(region.view, offset, length);
    const count = table.take(region, offset, length, keyHash);
    for (let i = 0; i < count; i++) {
      const client = this.#byNumber[table.taken[i]];
      if (client === undefined || (client.isNoLoop && client.session.id === clientId)) continue;
      client.invalidate(region, offset, length);
    }
    if (count > 0 && table.isOfHash) {
      this.#tellHash(keyHash, table.taken.subarray(0, count), region, offset, length);
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

  /**
   * To be called at the end of a batch, before messages are delivered, while its input is there. Hashes
   * need no input, so they are put off until there are enough of them.
   */
  settle(): void {
    if (this.#reads.count > 0) this.settleReads();
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
    for (let buckets = 0; buckets < BUCKETS_PER_SLICE;) {
      buckets += table.isForHashes(sweep.cursor) ? BUCKETS_PER_SEGMENT : 1;
      sweep.cursor = table.forget(sweep.cursor, sweep.gone);
      if (sweep.cursor !== 0) continue;
      this.#free(sweep.numbers);
      this.#sweep = undefined;
      return;
    }
  }

  /** Walks the table. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    this.#table?.checkInvariants();
  }
}

/** @returns 0, SOME_KEYS or the position of the only key */
function readsKeys(registry: CommandRegistry, id: number): number {
  const flags = registry.flags[id];
  if ((flags & FLAG_READONLY) === 0 || (flags & FLAG_PUBSUB) !== 0) return 0;
  const firstKey = registry.firstKey[id];
  if (firstKey > 0 && firstKey === registry.lastKey[id]) return firstKey;
  return firstKey > 0 || (flags & FLAG_FINDS_KEYS) !== 0 ? SOME_KEYS : 0;
}
