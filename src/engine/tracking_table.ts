/**
 * Tracking table: which clients may have which keys in a cache of their own.
 *
 *   key ─▶ byte table ─▶ entry [ clients 0-31 | more ─▶ [ clients 64-95 | … ] ]
 *
 *   entry:
 *     OFFSET  SIZE  FIELD
 *          0     4  header   key at word 4 (structs/table_entry.ts)
 *          4     4  group    the clients of the mask are 32 × group + the number of a bit
 *          8     4  clients  a bit for each
 *         12     4  more     unit of the cell of another group, 0 = none
 *         16        key      its bytes; or the unit of a blob
 *   cell:
 *          0     4  group
 *          4     4  clients
 *          8     4  more
 *
 * A client is a small number, which its owner gives out, lowest first, and takes back only once `forget`
 * has been through all keys. Keys are stored whole, each in one piece, and belong to no database.
 *
 * Everything is in an arena of its own, reserved whole and committed by the system as it is used; its
 * size is the limit beyond which `remember` says no.
 *
 * Invariants: an entry is never without a client; groups of an entry are there once; `itemCount` is the
 * number of bits set.
 * Cost: O(1) for a key and each group of 32 clients that may have it. A key of 16 bytes takes 40 bytes,
 * for up to 32 clients.
 */
import { copyExact } from "../bytes/copy.ts";
import { makeRegion, REGION_PADDING } from "../bytes/region.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Random } from "../ports/random.ts";
import type { Region } from "../ports/region.ts";
import { Arena } from "../memory/arena.ts";
import { MemoryAccount } from "../memory/memory_account.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import {
  addOwnedBytes,
  entryHash,
  initTable,
  TABLE_BYTES,
  tableBucket,
  tableCount,
  tableFind,
  tableGuess,
  tableInsert,
  tableRemove,
} from "../structs/byte_table.ts";
import { tableCheck, tableForEach, tableRandom, tableScan } from "../structs/byte_table_walk.ts";
import {
  createEntry,
  entryHeader,
  freeEntry,
  isKeyOf,
  keyLengthOf,
  keyOffsetOf,
  keyRoom,
} from "../structs/table_entry.ts";

const GROUP_WORD = 1;
const CLIENTS_WORD = 2;
const MORE_WORD = 3;
const KEY_WORD = 4;
/** Words of a cell, which are those of an entry less its header. */
const CELL_BYTES = 16;
const CELL_CLASS = pinnedClassOf(CELL_BYTES);
const HEADER_CLASS = pinnedClassOf(TABLE_BYTES);
const GROUP_SHIFT = 5;
const GROUP_MASK = 31;
const INITIAL_TAKEN = 64;
const INITIAL_KEY_BYTES = 256;
/** Most reads that are entered together. */
export const MAX_READS = 64;

/** Keys that were read, named by arguments of one batch. */
export class KeyReads {
  batch: CommandBatch | undefined;
  count = 0;
  readonly args: Int32Array = new Int32Array(MAX_READS);
  readonly hashes: Int32Array = new Int32Array(MAX_READS);
  readonly clients: Int32Array = new Int32Array(MAX_READS);
  /** Those that `findNew` found. */
  readonly left: Int32Array = new Int32Array(MAX_READS);

  /** There must be room, and `batch` set. */
  add(arg: number, hash: number, client: number): void {
    const i = this.count++;
    this.args[i] = arg;
    this.hashes[i] = hash;
    this.clients[i] = client;
  }
}

export class TrackingTable {
  /** The clients that `take` found. */
  taken: Int32Array = new Int32Array(INITIAL_TAKEN);
  /** Pairs of a key and a client. */
  itemCount = 0;
  /** The key that `takeRandom` found, from its start on. */
  key: Region = makeRegion(INITIAL_KEY_BYTES);
  keyLength = 0;
  /** What loads ahead of time summed up to; kept so that they are not optimised away. */
  sink = 0;
  readonly #arena: Arena;
  readonly #account = new MemoryAccount();
  readonly #hashKey: readonly [number, number];
  #table = 0;
  /** Entries that lost their last client in a step of `forget`. */
  readonly #emptied: number[] = [];
  /** Of the reads of a `findNew`: words of their buckets, then of their entries. */
  readonly #places = new Int32Array(MAX_READS);

  /**
   * @param limitBytes memory that it may ever take
   * @param hashKey of the hashes that it is given
   */
  constructor(limitBytes: number, hashKey: readonly [number, number]) {
    this.#arena = new Arena(limitBytes, this.#account);
    this.#hashKey = hashKey;
    this.#makeTable();
  }

  #makeTable(): void {
    this.#table = this.#arena.allocate(HEADER_CLASS);
    const [k0, k1] = this.#hashKey;
    if (this.#table === 0 || !initTable(this.#arena, this.#table, k0, k1)) {
      throw new RangeError("a tracking table needs at least two pages");
    }
  }

  get keyCount(): number {
    return tableCount(this.#arena.words, this.#table);
  }

  /** Memory of the pages in use. */
  get sizeBytes(): number {
    return this.#account.pageBytes;
  }

  /**
   * Finds the reads that `remember` has something to do for: mostly a client is known to have a key that it
   * reads again. Nothing is changed. Loads of different reads don't depend on each other, so they overlap.
   * @returns how many they are; their numbers are in `left`
   */
  findNew(reads: KeyReads): number {
    const arena = this.#arena;
    const { words } = arena;
    const table = this.#table;
    const { count, hashes, clients, args, left } = reads;
    const { input, argOffsets, argLengths } = reads.batch!;
    const places = this.#places;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const bucket = tableBucket(words, table, hashes[i]);
      places[i] = bucket;
      sum ^= words[bucket];
    }
    for (let i = 0; i < count; i++) {
      const word = tableGuess(words, places[i], hashes[i]) << 1;
      places[i] = word;
      sum ^= words[word];
    }
    this.sink ^= sum;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const word = places[i];
      const client = clients[i], arg = args[i];
      if (
        word === 0 || words[word + GROUP_WORD] !== client >>> GROUP_SHIFT ||
        (words[word + CLIENTS_WORD] & (1 << (client & GROUP_MASK))) === 0 ||
        !isKeyOf(arena, word >>> 1, hashes[i], input, argOffsets[arg], argLengths[arg])
      ) left[found++] = i;
    }
    return found;
  }

  /**
   * Notes that a client may have a key. @param hash of the key @param client 0 or more
   * @returns false when there is no memory; nothing was changed
   */
  remember(region: Region, offset: number, length: number, hash: number, client: number): boolean {
    const arena = this.#arena;
    const { words } = arena;
    const group = client >>> GROUP_SHIFT;
    const bit = 1 << (client & GROUP_MASK);
    const entry = tableFind(arena, this.#table, hash, region, offset, length);
    if (entry === 0) return this.#add(region, offset, length, hash, group, bit);
    let word = entry << 1;
    while (words[word + GROUP_WORD] !== group) {
      const more = words[word + MORE_WORD];
      if (more === 0) return this.#addCell(word, group, bit);
      word = cellWord(more);
    }
    if ((words[word + CLIENTS_WORD] & bit) === 0) {
      words[word + CLIENTS_WORD] |= bit;
      this.itemCount++;
    }
    return true;
  }

  #add(
    region: Region,
    offset: number,
    length: number,
    hash: number,
    group: number,
    bit: number,
  ): boolean {
    const arena = this.#arena;
    const header = entryHeader(length, KEY_WORD);
    const size = KEY_WORD * 4 + keyRoom(length);
    const entry = createEntry(arena, size, header, hash, region, offset, length);
    if (entry === 0) return false;
    const word = entry << 1;
    const { words } = arena;
    words[word + GROUP_WORD] = group;
    words[word + CLIENTS_WORD] = bit;
    words[word + MORE_WORD] = 0;
    if (!tableInsert(arena, this.#table, hash, entry)) {
      freeEntry(arena, entry);
      return false;
    }
    this.itemCount++;
    return true;
  }

  /** @param last word of the entry's last cell */
  #addCell(last: number, group: number, bit: number): boolean {
    const cell = this.#arena.allocate(CELL_CLASS);
    if (cell === 0) return false;
    const { words } = this.#arena;
    const word = cellWord(cell);
    words[word + GROUP_WORD] = group;
    words[word + CLIENTS_WORD] = bit;
    words[word + MORE_WORD] = 0;
    words[last + MORE_WORD] = cell;
    addOwnedBytes(words, this.#table, CELL_BYTES);
    this.itemCount++;
    return true;
  }

  /**
   * Forgets a key, and puts the clients that may have it into `taken`.
   * @param hash of the key @returns how many they are
   */
  take(region: Region, offset: number, length: number, hash: number): number {
    const entry = tableFind(this.#arena, this.#table, hash, region, offset, length);
    return entry === 0 ? 0 : this.#takeEntry(entry, hash);
  }

  /** As `take`, for a key picked at random, which is in `key` then. @returns 0 when there is none */
  takeRandom(random: Random): number {
    const arena = this.#arena;
    const entry = tableRandom(arena, this.#table, random);
    if (entry === 0) return 0;
    this.keyLength = keyLengthOf(arena, entry);
    if (this.keyLength > this.key.bytes.length - REGION_PADDING) {
      this.key = makeRegion(this.keyLength);
    }
    copyExact(arena, keyOffsetOf(arena, entry), this.key, 0, this.keyLength);
    return this.#takeEntry(entry, entryHash(arena, this.#table, entry));
  }

  #takeEntry(entry: number, hash: number): number {
    const { words } = this.#arena;
    let count = 0;
    for (let word = entry << 1;;) {
      const first = words[word + GROUP_WORD] << GROUP_SHIFT;
      let mask = words[word + CLIENTS_WORD];
      if (count + 32 > this.taken.length) this.#growTaken();
      while (mask !== 0) {
        const lowest = mask & -mask;
        this.taken[count++] = first + (31 - Math.clz32(lowest));
        mask ^= lowest;
      }
      const more = words[word + MORE_WORD];
      if (more === 0) break;
      word = cellWord(more);
    }
    this.itemCount -= count;
    this.#removeEntry(entry, hash);
    return count;
  }

  #growTaken(): void {
    const taken = new Int32Array(this.taken.length * 2);
    taken.set(this.taken);
    this.taken = taken;
  }

  #removeEntry(entry: number, hash: number): void {
    const arena = this.#arena;
    let more = arena.words[(entry << 1) + MORE_WORD];
    while (more !== 0) {
      const next = arena.words[cellWord(more) + MORE_WORD];
      arena.free(more);
      addOwnedBytes(arena.words, this.#table, -CELL_BYTES);
      more = next;
    }
    tableRemove(arena, this.#table, hash, entry);
    freeEntry(arena, entry);
  }

  /**
   * Forgets clients in the keys of the next bucket.
   * @param cursor 0 to begin, else what the former call returned
   * @param gone by group, the clients to forget
   * @returns the next cursor, 0 at the end: then none of the keys that were there from the first call to
   * the last is known for one of these clients
   */
  forget(cursor: number, gone: ReadonlyMap<number, number>): number {
    const arena = this.#arena;
    const emptied = this.#emptied;
    const next = tableScan(arena, this.#table, cursor, (entry) => {
      if (this.#forgetIn(entry, gone)) emptied.push(entry);
    });
    for (const entry of emptied) this.#removeEntry(entry, entryHash(arena, this.#table, entry));
    emptied.length = 0;
    return next;
  }

  /** @returns whether no client is left */
  #forgetIn(entry: number, gone: ReadonlyMap<number, number>): boolean {
    const { words } = this.#arena;
    let left = 0;
    for (let word = entry << 1;;) {
      const mask = gone.get(words[word + GROUP_WORD]);
      const clients = words[word + CLIENTS_WORD];
      if (mask !== undefined && (clients & mask) !== 0) {
        words[word + CLIENTS_WORD] = clients & ~mask;
        this.itemCount -= bitCount(clients & mask);
      }
      left |= words[word + CLIENTS_WORD];
      const more = words[word + MORE_WORD];
      if (more === 0) return left === 0;
      word = cellWord(more);
    }
  }

  /** Forgets everything at once. */
  clear(): void {
    this.#arena.reset();
    this.itemCount = 0;
    this.#makeTable();
  }

  /** Walks everything. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    const arena = this.#arena;
    const { words } = arena;
    arena.checkInvariants();
    const owner = { ownsBlock: () => {}, ownsPage: () => {} };
    tableCheck(arena, this.#table, owner, (_arena, entry) => {
      let bytes = 0;
      const more = words[(entry << 1) + MORE_WORD];
      for (let cell = more; cell !== 0; cell = words[cellWord(cell) + MORE_WORD]) {
        bytes += CELL_BYTES;
      }
      return bytes;
    });
    let items = 0;
    tableForEach(arena, this.#table, (entry) => {
      let clients = 0;
      const groups = new Set<number>();
      for (let word = entry << 1;;) {
        const group = words[word + GROUP_WORD];
        if (groups.has(group)) throw new Error(`group ${group} of entry ${entry} is there twice`);
        groups.add(group);
        clients += bitCount(words[word + CLIENTS_WORD]);
        const more = words[word + MORE_WORD];
        if (more === 0) break;
        word = cellWord(more);
      }
      if (clients === 0) throw new Error(`entry ${entry} is of no client`);
      items += clients;
    });
    if (items !== this.itemCount) throw new Error(`${items} items, counted ${this.itemCount}`);
  }
}

/** Where an entry with these fields would begin, so that both are read alike. */
function cellWord(cell: number): number {
  return (cell << 1) - GROUP_WORD;
}

function bitCount(value: number): number {
  let v = value - ((value >>> 1) & 0x5555_5555);
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
