/** An index over keys that are numbers, for tests of the index and of cursors over it. */
import assert from "node:assert/strict";
import { makeRegion } from "../../src/bytes/region.ts";
import { halfSipHash } from "../../src/bytes/siphash.ts";
import { Arena } from "../../src/memory/arena.ts";
import { HashIndex } from "../../src/memory/hash_index.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { keyOffsetOf, recordSize, writeHeader } from "../../src/memory/record.ts";
import { PAGE_BYTES, sizeClassOf } from "../../src/memory/size_classes.ts";

const KEY_BYTES = 8;
const RECORD_CLASS = sizeClassOf(recordSize(KEY_BYTES, 0, false));
export type HashOf = (id: number) => number;

export const HASHES: Readonly<Record<string, HashOf>> = {
  good: (id) => {
    input.view.setInt32(0, id, true);
    return halfSipHash(input.view, 0, 4, 1, 2);
  },
  // Few home buckets, so that entries go far from home, and round the end of the segment.
  crowded: (id) => (Math.imul(id, 0x9e3779b1) & ~1023) | (1020 + (id & 7)) & 1023,
  // Many keys share each hash.
  colliding: (id) => Math.imul(id >>> 6, 0x9e3779b1),
};

const input = makeRegion(64);

/** An index, beside a map of what it should hold. */
export class Harness {
  readonly arena: Arena;
  readonly index: HashIndex;
  readonly refs = new Map<number, number>();
  readonly hashOf: HashOf;

  constructor(pages: number, hashOf: HashOf = HASHES.good, shardBits = 0, shard = 0) {
    this.arena = new Arena((pages + 1) * PAGE_BYTES, new MemoryAccount());
    this.index = new HashIndex(this.arena, shardBits);
    this.hashOf = shardBits === 0
      ? hashOf
      : (id) => (hashOf(id) >>> shardBits) | (shard << (32 - shardBits));
  }

  find(id: number): number {
    input.view.setInt32(8, id, true);
    input.view.setInt32(12, ~id, true);
    return this.index.find(input.view, 8, KEY_BYTES, this.hashOf(id));
  }

  /** @returns whether there was memory */
  insert(id: number): boolean {
    const ref = this.arena.allocate(RECORD_CLASS);
    if (ref === 0) return false;
    const { words } = this.arena;
    writeHeader(words, ref, KEY_BYTES, 0, 0, false);
    const at = keyOffsetOf(words, ref);
    this.arena.view.setInt32(at, id, true);
    this.arena.view.setInt32(at + 4, ~id, true);
    const slot = this.index.insert(this.hashOf(id), ref);
    if (slot === 0) {
      this.arena.free(ref);
      return false;
    }
    assert.equal(this.index.refAt(slot), ref);
    assert.equal(this.index.hashAt(slot), this.hashOf(id));
    this.refs.set(id, ref);
    return true;
  }

  remove(id: number): void {
    const slot = this.find(id);
    assert.equal(this.index.refAt(slot), this.refs.get(id), `key ${id}`);
    this.index.remove(slot);
    this.arena.free(this.refs.get(id)!);
    this.refs.delete(id);
  }

  idAt(slot: number): number {
    return this.arena.view.getInt32(keyOffsetOf(this.arena.words, this.index.refAt(slot)), true);
  }

  check(): void {
    this.index.checkInvariants();
    this.arena.checkInvariants();
    assert.equal(this.index.count, this.refs.size);
    for (const [id, ref] of this.refs) {
      const slot = this.find(id);
      assert.equal(this.index.refAt(slot), ref, `key ${id}`);
      assert.equal(this.index.findRef(this.hashOf(id), ref), slot);
    }
  }
}
