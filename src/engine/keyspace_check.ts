/**
 * Walks a whole keyspace and checks that everything in its arenas has exactly one owner.
 *
 *   blocks of movable classes   one index slot each
 *   blocks of pinned classes    the tail of one value each, one structure, or one key index
 *   whole pages                 a segment of an index, a page of a list, of a value or a structure
 *
 * Cost: O(everything); for tests and diagnosis.
 */
import { type Arena, PAGE_WHOLE } from "../memory/arena.ts";
import type { HashIndex } from "../memory/hash_index.ts";
import {
  expiryOf,
  hasExpiry,
  keyLengthOf,
  kindOf,
  type LocalRef,
  recordSize,
  valueLengthOf,
  volatileAtOf,
} from "../memory/record.ts";
import { noteSize } from "../memory/record_note.ts";
import type { RefList } from "../memory/ref_list.ts";
import { CLASS_COUNT, CLASS_SIZES, MOVABLE_CLASSES, PAGE_BYTES } from "../memory/size_classes.ts";
import { checkChunks } from "../structs/chunks.ts";
import type { BlockOwner } from "../structs/structure.ts";
import { Database, type RecordHolder } from "./database.ts";
import { readTable } from "./paged_value.ts";
import { isOutside, LOCAL_MASK, SHARD_SHIFT } from "./record_kinds.ts";
import { structureOf, type StructureRef } from "./outside_values.ts";
import { isPaged } from "./record_writer.ts";
import type { Records } from "./records.ts";

const UNITS_PER_PAGE = PAGE_BYTES / 8;

/** @throws Error that names the first broken invariant */
export function checkKeyspace(records: Records, holders: readonly RecordHolder[]): void {
  const ownersOf = records.arenas.map((arena) => new Owners(arena));
  records.arenas.forEach((arena, shard) => {
    arena.checkInvariants();
    const owners = ownersOf[shard];
    for (const holder of holders) {
      const index = holder.indexes[shard];
      const list = holder.volatile[shard];
      index.checkInvariants();
      for (const page of index.pages()) owners.addPage(page);
      for (const page of list.pages) owners.addPage(page);
      holder.keyIndex?.check(shard, owners);
      if (holder instanceof Database) checkKeyIndex(records, shard, holder);
      // A list that was flushed may name records that were freed already.
      checkRecords(records, shard, index, list, ownersOf, holder instanceof Database);
    }
  });
  for (const { kind, ref } of records.outside.waiting) checkStructure(kind, ref, ownersOf);
  records.outside.expiringHashes.check((shard) => ownersOf[shard]);
  for (const owners of ownersOf) owners.check();
}

/** Checks that a shard's ordered index, if there is one, holds the keys that its hash index has. */
function checkKeyIndex(records: Records, shard: number, { indexes, keyIndex }: Database): void {
  if (keyIndex === undefined) return;
  const index = indexes[shard];
  if (keyIndex.countOf(shard) !== index.count) {
    throw new Error(`${index.count} keys, ${keyIndex.countOf(shard)} in order`);
  }
  index.forEach((slot) => {
    const ref = records.refOf(shard, index.refAt(slot));
    const offset = records.keyOffset(ref);
    if (!keyIndex.has(shard, index.arena, offset, records.keyLength(ref))) {
      throw new Error(`the key of record ${index.refAt(slot)} is not in order`);
    }
  });
}

function checkStructure(kind: number, ref: StructureRef, ownersOf: readonly Owners[]): void {
  const owners = ownersOf[ref >>> SHARD_SHIFT];
  structureOf(kind).check(owners.arena, ref & LOCAL_MASK, owners);
}

function checkRecords(
  records: Records,
  shard: number,
  index: HashIndex,
  list: RefList,
  ownersOf: readonly Owners[],
  isListExact: boolean,
): void {
  const { arena, words } = index;
  const owners = ownersOf[shard];
  let expiring = 0;
  index.forEach((slot) => {
    const local = index.refAt(slot);
    owners.addBlock(local, false);
    checkNote(arena, local);
    const kind = kindOf(words, local);
    if (isPaged(words, local)) owners.addChunks(local);
    else if (isOutside(kind)) checkStructure(kind, records.outside.refOf(arena, local), ownersOf);
    const hash = records.hashOfRecord(records.refOf(shard, local));
    if (hash !== index.hashAt(slot)) {
      throw new Error(`record ${local} has another hash in its slot`);
    }
    if (!hasExpiry(arena.words, local)) return;
    expiring++;
    const position = volatileAtOf(words, local);
    if (position >= list.length || list.at(position) !== local) {
      throw new Error(`record ${local} is not at its position of the list`);
    }
    const expiresAtMs = expiryOf(words, local);
    if (!Number.isSafeInteger(expiresAtMs)) throw new Error(`expiry ${expiresAtMs} is not whole`);
  });
  if (isListExact && expiring !== list.length) {
    throw new Error(`${expiring} records expire, the list has ${list.length}`);
  }
}

function checkNote(arena: Arena, local: LocalRef): void {
  const { words } = arena;
  const keyLength = keyLengthOf(words, local);
  const size = recordSize(keyLength, valueLengthOf(words, local), hasExpiry(words, local));
  if (size + noteSize(arena, local) > arena.blockSize(local)) {
    throw new Error(`record ${local} has more than its block holds`);
  }
}

/** What somebody owns of an arena, to be compared with what is in use there. */
class Owners implements BlockOwner {
  readonly arena: Arena;
  readonly #isOwnedPage: Uint8Array;
  /** A bit for each unit. */
  readonly #isOwnedUnit: Int32Array;
  #pages = 0;
  #blocks = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.#isOwnedPage = new Uint8Array(arena.pagesEnd);
    this.#isOwnedUnit = new Int32Array(arena.pagesEnd * UNITS_PER_PAGE / 32);
  }

  ownsBlock(unit: number): void {
    this.addBlock(unit, true);
  }

  ownsPage(page: number): void {
    this.addPage(page);
  }

  addPage(page: number): void {
    if (this.#isOwnedPage[page] !== 0) throw new Error(`page ${page} has two owners`);
    this.#isOwnedPage[page] = 1;
    this.#pages++;
  }

  addBlock(unit: LocalRef, isPinned: boolean): void {
    if (this.#owns(unit)) throw new Error(`block ${unit} has two owners`);
    if (this.arena.sizeClassAt(unit) >= MOVABLE_CLASSES !== isPinned) {
      throw new Error(`block ${unit} is of the wrong kind`);
    }
    this.#isOwnedUnit[unit >>> 5] |= 1 << (unit & 31);
    this.#blocks++;
  }

  /** Adds what belongs to a value in pages. */
  addChunks(local: LocalRef): void {
    checkChunks(this.arena, readTable(this.arena, local), this);
  }

  #owns(unit: LocalRef): boolean {
    return (this.#isOwnedUnit[unit >>> 5] & (1 << (unit & 31))) !== 0;
  }

  check(): void {
    const arena = this.arena;
    let pages = 0, blocks = 0;
    for (let page = 1; page < arena.pagesEnd; page++) {
      const sizeClass = arena.pageClass[page];
      if (sizeClass === PAGE_WHOLE) {
        pages++;
        if (this.#isOwnedPage[page] === 0) throw new Error(`page ${page} has no owner`);
      } else if (sizeClass < CLASS_COUNT) {
        arena.forEachUsedBlock(page, (unit) => {
          blocks++;
          if (this.#owns(unit)) return;
          throw new Error(`block ${unit} of ${CLASS_SIZES[sizeClass]} bytes has no owner`);
        });
      }
    }
    if (pages !== this.#pages) throw new Error(`${this.#pages - pages} pages are owned and free`);
    if (blocks !== this.#blocks) {
      throw new Error(`${this.#blocks - blocks} blocks are owned and free`);
    }
  }
}
