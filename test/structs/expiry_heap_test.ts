import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES, pinnedClassOf } from "../../src/memory/size_classes.ts";
import {
  expiryOf,
  HEAP_WORDS,
  heapAdd,
  heapChange,
  heapCheck,
  heapCount,
  heapCountDue,
  heapFirst,
  heapRemove,
  heapReplace,
  initHeap,
  writeExpiry,
} from "../../src/structs/expiry_heap.ts";
import { forSeeds } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

const START_MS = 1_700_000_000_000;
const ITEM_BYTES = 24;

/** Few moments, so that many items share one; some of them beyond 32 bits of each other. */
function moment(random: Xoshiro128): number {
  return START_MS + random.below(50) * (random.below(4) === 0 ? 2 ** 33 : 1);
}

test("an expiry heap does what a sorted list does", () => {
  forSeeds(10, (random) => {
    const arena = new Arena(200 * PAGE_BYTES, new MemoryAccount());
    const header = arena.allocate(pinnedClassOf(HEAP_WORDS * 4));
    const at = header << 1;
    const { words } = arena;
    initHeap(words, at);
    const items = new Map<number, number>();
    const create = (): number => arena.allocate(pinnedClassOf(ITEM_BYTES));
    for (let step = 0; step < 6000; step++) {
      const item = items.keys().next().value ?? 0;
      const kind = random.below(step < 4000 ? 8 : 14);
      if (kind < 5 || item === 0) {
        const added = create();
        writeExpiry(words, added, moment(random));
        items.set(added, expiryOf(words, added));
        assert.ok(heapAdd(arena, at, added));
      } else if (kind === 5) {
        const expiresAt = moment(random);
        heapChange(words, at, item, expiresAt);
        items.delete(item);
        items.set(item, expiresAt);
      } else if (kind === 6) {
        const other = create();
        writeExpiry(words, other, expiryOf(words, item));
        heapReplace(words, at, item, other);
        items.set(other, expiryOf(words, item));
        items.delete(item);
        arena.free(item);
      } else {
        heapRemove(arena, at, item);
        items.delete(item);
        arena.free(item);
      }
      if (step % 500 !== 0) continue;
      const owned = new OwnedBlocks(arena);
      owned.ownsBlock(header);
      for (const each of items.keys()) owned.ownsBlock(each);
      heapCheck(arena, at, owned);
      owned.assertComplete();
      assert.equal(heapCount(words, at), items.size);
      const moments = [...items.values()];
      const first = heapFirst(words, at);
      assert.equal(first === 0 ? Infinity : expiryOf(words, first), Math.min(...moments));
      const now = moment(random);
      assert.equal(heapCountDue(words, at, now), moments.filter((ms) => ms <= now).length);
    }
  });
});

test("heapAdd() changes nothing without memory", () => {
  const arena = new Arena(5 * PAGE_BYTES, new MemoryAccount());
  const at = arena.allocate(pinnedClassOf(HEAP_WORDS * 4)) << 1;
  initHeap(arena.words, at);
  let added = 0;
  for (; added < 100_000; added++) {
    const item = arena.allocate(pinnedClassOf(ITEM_BYTES));
    if (item === 0) break;
    writeExpiry(arena.words, item, START_MS - added);
    if (!heapAdd(arena, at, item)) break;
  }
  assert.ok(added > 10 && added < 100_000);
  assert.equal(heapCount(arena.words, at), added);
  assert.equal(expiryOf(arena.words, heapFirst(arena.words, at)), START_MS - added + 1);
});
