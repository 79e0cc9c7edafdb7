/**
 * Values that lie outside of their records: strings in pages, and structures.
 *
 *   record's value part of a structure:  | shard: 5 bits | 8-byte unit of its header: 27 bits |
 *
 * A large structure is freed in slices, so that no deletion stops the world: what is left of it waits
 * here, and its memory counts until it is free.
 */
import type { Arena } from "../memory/arena.ts";
import { kindOf, type LocalRef, valueOffsetOf } from "../memory/record.ts";
import type { Structure } from "../structs/structure.ts";
import { ExpiringHashes } from "./expiring_hashes.ts";
import { freePages, pagedBytes } from "./paged_value.ts";
import {
  ENCODING_PAGED,
  encodingOfKind,
  isOutside,
  LOCAL_MASK,
  SHARD_SHIFT,
} from "./record_kinds.ts";
import { STRUCTURES } from "./structures.ts";

/** Names a structure: shard and unit of its header, as a RecordRef names a record. 0 = none. */
export type StructureRef = number;

/** Bytes of the value part that names a structure. */
export const STRUCTURE_REF_BYTES = 4;
/** Blocks that are freed with the record; more wait. */
const FREED_AT_ONCE = 64;
/** Structures that a slice of `freeWaiting` shares its budget among. */
const FREED_TOGETHER = 16;

interface Waiting {
  readonly kind: number;
  readonly ref: StructureRef;
}

export class OutsideValues {
  readonly #arenas: readonly Arena[];
  /** Hashes with fields that expire. */
  readonly expiringHashes: ExpiringHashes;
  #waiting: Waiting[] = [];
  /** Structures that were freed in slices, since the start. */
  freedLater = 0;

  /** @param arenas by shard */
  constructor(arenas: readonly Arena[]) {
    this.#arenas = arenas;
    this.expiringHashes = new ExpiringHashes(arenas);
  }

  /** Structures that are still to be freed. */
  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** What a record of such a kind refers to. */
  refOf(arena: Arena, local: LocalRef): StructureRef {
    return arena.words[valueOffsetOf(arena.words, local) >> 2];
  }

  setRef(arena: Arena, local: LocalRef, ref: StructureRef): void {
    arena.words[valueOffsetOf(arena.words, local) >> 2] = ref;
  }

  arenaOf(ref: StructureRef): Arena {
    return this.#arenas[ref >>> SHARD_SHIFT];
  }

  /** Frees what belongs to a record whose kind `isOutside`; the record itself stays. */
  free(arena: Arena, local: LocalRef): void {
    const kind = kindOf(arena.words, local);
    if (encodingOfKind(kind) === ENCODING_PAGED) freePages(arena, local);
    else this.release(kind, this.refOf(arena, local));
  }

  /** As `free`, but structures wait, however small: for who frees many records at once. */
  freeLater(arena: Arena, local: LocalRef): void {
    const kind = kindOf(arena.words, local);
    if (encodingOfKind(kind) === ENCODING_PAGED) freePages(arena, local);
    else this.#waiting.push({ kind, ref: this.refOf(arena, local) });
  }

  /** Frees a structure that nobody refers to any more. */
  release(kind: number, ref: StructureRef): void {
    if (!this.#freeSome(kind, ref, FREED_AT_ONCE)) this.#waiting.push({ kind, ref });
  }

  /** Frees about `budget` blocks of what waits. */
  freeWaiting(budget: number): void {
    const waiting = this.#waiting;
    for (let i = 0; i < FREED_TOGETHER && waiting.length > 0; i++) {
      const { kind, ref } = waiting[waiting.length - 1];
      if (this.#freeSome(kind, ref, budget / FREED_TOGETHER)) {
        waiting.pop();
        this.freedLater++;
      }
    }
  }

  #freeSome(kind: number, ref: StructureRef, budget: number): boolean {
    return structureOf(kind).free(this.arenaOf(ref), ref & LOCAL_MASK, budget);
  }

  /** Drops everything, because the arenas were emptied as a whole. */
  forget(): void {
    this.#waiting = [];
    this.expiringHashes.forget();
  }

  /** Memory of what belongs to a record, whatever its kind, in bytes. */
  bytesOf(arena: Arena, local: LocalRef): number {
    const kind = kindOf(arena.words, local);
    if (!isOutside(kind)) return 0;
    if (encodingOfKind(kind) === ENCODING_PAGED) return pagedBytes(arena, local);
    const ref = this.refOf(arena, local);
    return structureOf(kind).sizeBytes(this.arenaOf(ref), ref & LOCAL_MASK);
  }

  /** Copies a structure to a shard's arena. @returns 0 when there is no memory */
  copy(kind: number, ref: StructureRef, shard: number): StructureRef {
    const target = this.#arenas[shard];
    const unit = structureOf(kind).copy(this.arenaOf(ref), ref & LOCAL_MASK, target);
    return unit === 0 ? 0 : (shard << SHARD_SHIFT) | unit;
  }

  /** The shard for a new structure: the preferred one, unless it is nearly full. */
  shardWithRoom(preferred: number): number {
    const arenas = this.#arenas;
    if (arenas[preferred].freePages >= arenas[preferred].pageCount >>> 4) return preferred;
    let best = preferred;
    for (let i = 0; i < arenas.length; i++) {
      if (arenas[i].freePages > arenas[best].freePages) best = i;
    }
    return best;
  }
}

/** The structure that holds the values of a kind. */
export function structureOf(kind: number): Structure {
  return STRUCTURES[kind];
}
