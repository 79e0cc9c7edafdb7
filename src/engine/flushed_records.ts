/**
 * Records of flushed databases, which are freed a slice at a time so that no flush stops the world.
 *
 * Until then they are in the way of nobody, but their memory counts, and they may be moved as any
 * other.
 */
import { kindOf } from "../memory/record.ts";
import type { RecordHolder } from "./database.ts";
import type { OutsideValues } from "./outside_values.ts";
import { isOutside } from "./record_kinds.ts";
import { scanIndexes } from "./scan.ts";

export class FlushedRecords {
  readonly #shardBits: number;
  readonly #outside: OutsideValues;
  #holders: RecordHolder[] = [];
  /** How far the first holder's records are freed, as a cursor of `scanIndexes`. */
  #cursor = 0;
  /** Records that were freed, since the start. */
  freed = 0;

  constructor(shardBits: number, outside: OutsideValues) {
    this.#shardBits = shardBits;
    this.#outside = outside;
  }

  /** What is still to be freed. */
  get holders(): readonly RecordHolder[] {
    return this.#holders;
  }

  /** Records that are still to be freed. */
  get waiting(): number {
    let count = 0;
    for (const { indexes } of this.#holders) for (const index of indexes) count += index.count;
    return count;
  }

  add(holder: RecordHolder): void {
    this.#holders.push(holder);
  }

  /** Drops everything, because the arenas were emptied as a whole. */
  forget(): void {
    this.#holders = [];
    this.#cursor = 0;
  }

  /** Frees about `count` records, and indexes and lists once they are empty. */
  free(count: number): void {
    const holder = this.#holders[0];
    if (holder === undefined) return;
    const { indexes, volatile, keyIndex } = holder;
    if (keyIndex !== undefined && !keyIndex.free(count)) return;
    this.#cursor = scanIndexes(indexes, this.#shardBits, this.#cursor, count, (shard, slot) => {
      const index = indexes[shard];
      const local = index.refAt(slot);
      index.take(slot);
      if (isOutside(kindOf(index.words, local))) this.#outside.freeLater(index.arena, local);
      index.arena.free(local);
      this.freed++;
    });
    if (this.#cursor !== 0) return;
    for (const index of indexes) index.clear();
    for (const list of volatile) list.clear();
    this.#holders.shift();
  }
}
