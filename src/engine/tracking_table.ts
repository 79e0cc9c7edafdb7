/**
 * Tracking table: which clients may have which keys in a cache of their own.
 *
 *   key that is there ─▶ its hash ─▶ cell [ clients 0-31 | 32-63 | 64-94 ]
 *                              or, ─▶ cell [ clients 0-31 | 32-63 | more ─▶ [ clients 64-95 | … ] ]
 *   any other key ─▶ byte table ─▶ entry [ clients 0-31 | more ─▶ [ clients 64-95 | … ] ]
 *
 *   entry:
 *     OFFSET  SIZE  FIELD
 *          0     4  header   key at word 4 (structs/table_entry.ts)
 *          4     4  group    the clients of the mask are 32 × group + the number of a bit
 *          8     4  clients  a bit for each
 *         12     4  more     unit of the cell of another group, 0 = none
 *         16        key      its bytes; or the unit of a blob
 *   cell of another group:
 *          0     4  group
 *          4     4  clients
 *          8     4  more
 *
 * A key that is there has its bytes in its record, so its hash is enough (tracked_hashes.ts): it is
 * forgotten when the record goes, at the latest. Where two keys have one hash, both are taken at once,
 * and whoever takes a hash tells its clients of both. What was read and is not there is kept by name.
 *
 * A client is a small number, which its owner gives out, lowest first, and takes back only once `forget`
 * has been through all keys. Names are stored whole, each in one piece, and belong to no database.
 *
 * Everything is in an arena of its own, reserved whole and committed by the system as it is used; its
 * size is the limit beyond which `remember` and `rememberHash` say no.
 *
 * Invariants: an entry is never without a client; groups of an entry are there once; `itemCount` is the
 * number of bits set.
 * Cost: O(1) for a key and each group of 32 clients that may have it. A key that is there takes some 35
 * bytes for up to 95 clients; a name of 16 bytes takes 48 for up to 32 clients.
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
  entryHash,
  initTable,
  TABLE_BYTES,
  tableBucket,
  tableCount,
  tableFind,
  tableGuess,
  tableInsert,
  tableRemove,
  wordOfSlot,
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
import type { Database } from "./database.ts";
import {
  CELL_CLIENTS,
  CHAINED_CLIENTS,
  type HashReads,
  HIGH_WORD,
  LOW_WORD,
  MORE_HASH_WORD,
  TrackedHashes,
} from "./tracked_hashes.ts";

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
/** Where the cursors of `forget` for hashes begin, behind those for names. */
const HASH_CURSORS = 2 ** 32;
/** Most reads that are entered together. */
export const MAX_READS = 64;

/** Keys that were read, named by arguments of one batch. */
export class KeyReads {
  batch: CommandBatch | undefined;
  count = 0;
  readonly args: Int32Array = new Int32Array(MAX_READS);
  readonly hashes: Int32Array = new Int32Array(MAX_READS);
  readonly clients: Int32Array = new Int32Array(MAX_READS);
  /** Where they were read. */
  readonly databases: Database[] = [];
  /** Those of keys that are not there, then those that `findNew` found. */
  readonly left: Int32Array = new Int32Array(MAX_READS);

  /** There must be room, and `batch` set. */
  add(db: Database, arg: number, hash: number, client: number): void {
    const i = this.count++;
    this.args[i] = arg;
    this.hashes[i] = hash;
    this.clients[i] = client;
    this.databases[i] = db;
  }
}

export class TrackingTable {
  /** The clients that `take` found. */
  taken: Int32Array = new Int32Array(INITIAL_TAKEN);
  /** Pairs of a key and a client. */
  itemCount = 0;
  /** Whether it found them by the hash, so that they may have any key of that hash. */
  isOfHash = false;
  /** What `takeRandom` found: that hash, or the key, from its start on. */
  hash = 0;
  key: Region = makeRegion(INITIAL_KEY_BYTES);
  keyLength = 0;
  /** What loads ahead of time summed up to; kept so that they are not optimised away. */
  sink = 0;
  readonly #arena: Arena;
  readonly #account = new MemoryAccount();
  readonly #hashes: TrackedHashes;
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
    this.#hashes = new TrackedHashes(this.#arena);
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
    return tableCount(this.#arena.words, this.#table) + this.#hashes.count;
  }

  /** Memory of the pages in use. */
  get sizeBytes(): number {
    return this.#account.pageBytes;
  }

  /** As `rememberHash` for each of the reads, but for those that are left in `reads`: there is more to do. */
  markHashes(reads: HashReads): void {
    this.itemCount += this.#hashes.mark(reads);
  }

  #setBit(at: number, client: number): void {
    const { words } = this.#arena;
    const bit = 1 << (client & GROUP_MASK);
    if ((words[at] & bit) !== 0) return;
    words[at] |= bit;
    this.itemCount++;
  }

  /**
   * Notes that a client may have a key that is there. @param hash of the key @param client 0 or more
   * @returns false when there is no memory, and for the hash 0; nothing was changed
   */
  rememberHash(hash: number, client: number): boolean {
    const hashes = this.#hashes;
    let word = hashes.find(hash);
    const isNew = word === 0;
    if (isNew) {
      word = hashes.add(hash);
      if (word === 0) return false;
    }
    if (client < CHAINED_CLIENTS) {
      this.#setBit(word + LOW_WORD + (client >>> GROUP_SHIFT), client);
      return true;
    }
    if (this.#rememberMore(word + MORE_HASH_WORD, client)) return true;
    if (isNew) hashes.remove(word);
    return false;
  }

  /** @param at where the word `more` of the cell of a hash is */
  #rememberMore(at: number, client: number): boolean {
    const { words } = this.#arena;
    const group = client >>> GROUP_SHIFT;
    if (words[at] >= 0) {
      if (client < CELL_CLIENTS) {
        this.#setBit(at, client);
        return true;
      }
      const bits = words[at];
      const first = bits === 0 ? 0 : this.#createCell(CHAINED_CLIENTS >>> GROUP_SHIFT, bits, 0);
      if (bits !== 0 && first === 0) return false;
      words[at] = ~first;
    }
    for (let cell = ~words[at]; cell !== 0; cell = words[cellWord(cell) + MORE_WORD]) {
      if (words[cellWord(cell) + GROUP_WORD] !== group) continue;
      this.#setBit(cellWord(cell) + CLIENTS_WORD, client);
      return true;
    }
    const cell = this.#createCell(group, 1 << (client & GROUP_MASK), ~words[at]);
    if (cell === 0) return false;
    words[at] = ~cell;
    this.itemCount++;
    return true;
  }

  /** @param more unit of the next cell @returns 0 when there is no memory */
  #createCell(group: number, clients: number, more: number): number {
    const cell = this.#arena.allocate(CELL_CLASS);
    if (cell === 0) return 0;
    const { words } = this.#arena;
    const word = cellWord(cell);
    words[word + GROUP_WORD] = group;
    words[word + CLIENTS_WORD] = clients;
    words[word + MORE_WORD] = more;
    return cell;
  }

  /**
   * Finds the reads in `left` that `remember` has something to do for: mostly a client is known to have
   * a key that it reads again. Nothing is changed. Loads of different reads don't depend on each other,
   * so they overlap.
   * @param count how many are in `left`
   * @returns how many stay there
   */
  findNew(reads: KeyReads, { input, argOffsets, argLengths }: CommandBatch, count: number): number {
    const arena = this.#arena;
    const { words } = arena;
    const table = this.#table;
    const { hashes, clients, args, left } = reads;
    const places = this.#places;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const bucket = tableBucket(words, table, hashes[left[i]]);
      places[i] = bucket;
      sum ^= words[bucket];
    }
    for (let i = 0; i < count; i++) {
      const slot = tableGuess(words, places[i], hashes[left[i]], 0);
      const word = slot === 0 ? 0 : wordOfSlot(words, slot);
      places[i] = word;
      sum ^= words[word];
    }
    this.sink ^= sum;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const word = places[i], read = left[i];
      const client = clients[read], arg = args[read];
      if (
        word === 0 || words[word + GROUP_WORD] !== client >>> GROUP_SHIFT ||
        (words[word + CLIENTS_WORD] & (1 << (client & GROUP_MASK))) === 0 ||
        !isKeyOf(arena, word >>> 1, hashes[read], input, argOffsets[arg], argLengths[arg])
      ) left[found++] = read;
    }
    return found;
  }

  /**
   * Notes that a client may have a key that is not there. @param hash of the key @param client 0 or more
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
    const cell = this.#createCell(group, bit, 0);
    if (cell === 0) return false;
    this.#arena.words[last + MORE_WORD] = cell;
    this.itemCount++;
    return true;
  }

  /**
   * Forgets a key, and puts the clients that may have it into `taken`.
   * @param hash of the key @returns how many they are
   */
  take(region: Region, offset: number, length: number, hash: number): number {
    const cell = this.#hashes.find(hash);
    this.isOfHash = cell !== 0;
    let count = cell === 0 ? 0 : this.#takeHash(cell);
    if (tableCount(this.#arena.words, this.#table) === 0) return count;
    const entry = tableFind(this.#arena, this.#table, hash, region, offset, length);
    if (entry === 0) return count;
    const ofHash = count;
    count = this.#takeEntry(entry, hash, count);
    return ofHash === 0 ? count : this.#withoutTwins(count);
  }

  /**
   * As `take`, for a key picked at random: `isOfHash` tells whether `hash` or `key` has it then.
   * @returns 0 when there is none
   */
  takeRandom(random: Random): number {
    const arena = this.#arena;
    const count = this.keyCount;
    this.isOfHash = count > 0 && random.below(count) < this.#hashes.count;
    if (this.isOfHash) {
      const cell = this.#hashes.sample(random);
      this.hash = arena.words[cell];
      return this.#takeHash(cell);
    }
    const entry = tableRandom(arena, this.#table, random);
    if (entry === 0) return 0;
    this.keyLength = keyLengthOf(arena, entry);
    if (this.keyLength > this.key.bytes.length - REGION_PADDING) {
      this.key = makeRegion(this.keyLength);
    }
    copyExact(arena, keyOffsetOf(arena, entry), this.key, 0, this.keyLength);
    return this.#takeEntry(entry, entryHash(arena, this.#table, entry), 0);
  }

  #takeHash(cell: number): number {
    const { words } = this.#arena;
    let count = this.#takeMask(0, words[cell + LOW_WORD], 0);
    count = this.#takeMask(1, words[cell + HIGH_WORD], count);
    const more = words[cell + MORE_HASH_WORD];
    if (more >= 0) count = this.#takeMask(CHAINED_CLIENTS >>> GROUP_SHIFT, more, count);
    else if (~more !== 0) count = this.#takeCells(cellWord(~more), count);
    this.itemCount -= count;
    this.#removeHash(cell);
    return count;
  }

  /** @param count of those that are taken already @returns the same with these */
  #takeEntry(entry: number, hash: number, count: number): number {
    const total = this.#takeCells(entry << 1, count);
    this.itemCount -= total - count;
    this.#removeEntry(entry, hash);
    return total;
  }

  #takeCells(first: number, count: number): number {
    const { words } = this.#arena;
    for (let word = first;;) {
      count = this.#takeMask(words[word + GROUP_WORD], words[word + CLIENTS_WORD], count);
      const more = words[word + MORE_WORD];
      if (more === 0) return count;
      word = cellWord(more);
    }
  }

  #takeMask(group: number, mask: number, count: number): number {
    const first = group << GROUP_SHIFT;
    if (count + 32 > this.taken.length) this.#growTaken();
    while (mask !== 0) {
      const lowest = mask & -mask;
      this.taken[count++] = first + (31 - Math.clz32(lowest));
      mask ^= lowest;
    }
    return count;
  }

  /** Takes out who is there twice: one read the key where it was, and in a database where it was not. */
  #withoutTwins(count: number): number {
    const clients = new Set(this.taken.subarray(0, count));
    this.taken.set([...clients]);
    return clients.size;
  }

  #growTaken(): void {
    const taken = new Int32Array(this.taken.length * 2);
    taken.set(this.taken);
    this.taken = taken;
  }

  #removeEntry(entry: number, hash: number): void {
    const arena = this.#arena;
    this.#freeCells(arena.words[(entry << 1) + MORE_WORD]);
    tableRemove(arena, this.#table, hash, entry);
    freeEntry(arena, entry);
  }

  #removeHash(cell: number): void {
    const more = this.#arena.words[cell + MORE_HASH_WORD];
    if (more < 0) this.#freeCells(~more);
    this.#hashes.remove(cell);
  }

  #freeCells(cell: number): void {
    const arena = this.#arena;
    while (cell !== 0) {
      const next = arena.words[cellWord(cell) + MORE_WORD];
      arena.free(cell);
      cell = next;
    }
  }

  /**
   * Forgets clients in the keys of the next bucket, or in those of the next segment of hashes.
   * @param cursor 0 to begin, else what the former call returned
   * @param gone by group, the clients to forget
   * @returns the next cursor, 0 at the end: then none of the keys that were there from the first call to
   * the last is known for one of these clients
   */
  forget(cursor: number, gone: ReadonlyMap<number, number>): number {
    const arena = this.#arena;
    const emptied = this.#emptied;
    let next: number;
    if (cursor < HASH_CURSORS) {
      next = tableScan(arena, this.#table, cursor, (entry) => {
        if (this.#forgetIn(entry << 1, gone) === 0) emptied.push(entry);
      });
      for (const entry of emptied) this.#removeEntry(entry, entryHash(arena, this.#table, entry));
      if (next === 0 && this.#hashes.count > 0) next = HASH_CURSORS;
    } else {
      next = this.#hashes.scan(cursor - HASH_CURSORS, (cell) => {
        if (this.#forgetInHash(cell, gone)) emptied.push(arena.words[cell]);
      });
      for (const hash of emptied) this.#removeHash(this.#hashes.find(hash));
      if (next !== 0) next += HASH_CURSORS;
    }
    emptied.length = 0;
    return next;
  }

  /** Whether a cursor of `forget` is one for hashes, of which a step takes a whole segment. */
  isForHashes(cursor: number): boolean {
    return cursor >= HASH_CURSORS;
  }

  /** @returns whether no client is left */
  #forgetInHash(cell: number, gone: ReadonlyMap<number, number>): boolean {
    const { words } = this.#arena;
    const more = words[cell + MORE_HASH_WORD];
    const masks = more < 0 ? 2 : 3;
    let left = more < 0 && ~more !== 0 ? this.#forgetIn(cellWord(~more), gone) : 0;
    for (let group = 0; group < masks; group++) {
      const at = cell + LOW_WORD + group;
      const kept = words[at] & ~(gone.get(group) ?? 0);
      this.itemCount -= bitCount(words[at] ^ kept);
      words[at] = kept;
      left |= kept;
    }
    return left === 0;
  }

  /** @param first word of an entry, or where one with a cell's fields would begin @returns 0 = nobody is left */
  #forgetIn(first: number, gone: ReadonlyMap<number, number>): number {
    const { words } = this.#arena;
    let left = 0;
    for (let word = first;;) {
      const mask = gone.get(words[word + GROUP_WORD]);
      const clients = words[word + CLIENTS_WORD];
      if (mask !== undefined && (clients & mask) !== 0) {
        words[word + CLIENTS_WORD] = clients & ~mask;
        this.itemCount -= bitCount(clients & mask);
      }
      left |= words[word + CLIENTS_WORD];
      const more = words[word + MORE_WORD];
      if (more === 0) return left;
      word = cellWord(more);
    }
  }

  /** Forgets everything at once. */
  clear(): void {
    this.#arena.reset();
    this.#hashes.clear();
    this.itemCount = 0;
    this.#makeTable();
  }

  /** Walks everything. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    const arena = this.#arena;
    const { words } = arena;
    arena.checkInvariants();
    const owner = { ownsBlock: () => {}, ownsPage: () => {} };
    tableCheck(arena, this.#table, owner, () => 0);
    this.#hashes.checkInvariants();
    let items = 0;
    tableForEach(arena, this.#table, (entry) => {
      items += clientsFrom(words, entry << 1, `entry ${entry}`);
    });
    let cursor = 0;
    do {
      cursor = this.#hashes.scan(cursor, (cell) => {
        const more = words[cell + MORE_HASH_WORD];
        items += bitCount(words[cell + LOW_WORD]) + bitCount(words[cell + HIGH_WORD]);
        if (more >= 0) items += bitCount(more);
        else if (~more !== 0) items += clientsFrom(words, cellWord(~more), `hash ${words[cell]}`);
      });
    } while (cursor !== 0);
    if (items !== this.itemCount) throw new Error(`${items} items, counted ${this.itemCount}`);
  }
}

/** How many clients cells have, the groups of which must be there once. @param of whose they are */
function clientsFrom(words: Int32Array, first: number, of: string): number {
  let clients = 0;
  const groups = new Set<number>();
  for (let word = first;;) {
    const group = words[word + GROUP_WORD];
    if (groups.has(group)) throw new Error(`group ${group} of ${of} is there twice`);
    groups.add(group);
    clients += bitCount(words[word + CLIENTS_WORD]);
    const more = words[word + MORE_WORD];
    if (more === 0) break;
    word = cellWord(more);
  }
  return clients;
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
