import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES, pinnedClassOf } from "../../src/memory/size_classes.ts";
import {
  checkSegments,
  initSegments,
  itemWord,
  releaseItem,
  reserveItem,
  SEGMENTS_WORDS,
} from "../../src/structs/segments.ts";
import { chance, forSeeds } from "../support/model.ts";
import { OwnedBlocks } from "./owned_blocks.ts";

function create(pages: number): { arena: Arena; at: number; header: number } {
  const arena = new Arena((pages + 1) * PAGE_BYTES, new MemoryAccount());
  const header = arena.allocate(pinnedClassOf(SEGMENTS_WORDS * 4));
  initSegments(arena.words, header << 1);
  return { arena, at: header << 1, header };
}

test("segments keep what is written to their items, while they grow and shrink", () => {
  for (const shift of [0, 2, 4]) {
    forSeeds(4, (random) => {
      const { arena, at, header } = create(200);
      const items: number[] = [];
      for (let phase = 0; phase < 6; phase++) {
        const growing = phase % 2 === 0 ? 0.9 : 0.08;
        const steps = phase === 0 ? 20_000 >> shift : random.below(9000);
        for (let i = 0; i < steps; i++) {
          if (chance(random, growing)) {
            assert.ok(reserveItem(arena, at, items.length, shift));
            items.push(random.int32());
            arena.words[itemWord(arena.words, at, items.length - 1, shift)] = items.at(-1) ?? 0;
          } else if (items.length > 0) {
            items.pop();
            releaseItem(arena, at, items.length, shift);
          }
        }
        items.forEach((item, i) => {
          if (arena.words[itemWord(arena.words, at, i, shift)] !== item) assert.fail(`item ${i}`);
        });
        const owned = new OwnedBlocks(arena);
        owned.ownsBlock(header);
        checkSegments(arena, at, items.length, shift, owned);
        owned.assertComplete();
      }
      while (items.pop() !== undefined) releaseItem(arena, at, items.length, shift);
      arena.free(header);
      assert.equal(arena.usedPages, 0);
    });
  }
});

test("segments that find no memory stay as they are", () => {
  for (const pages of [2, 3, 4, 8]) {
    const { arena, at, header } = create(pages);
    let count = 0;
    while (reserveItem(arena, at, count, 4)) {
      arena.words[itemWord(arena.words, at, count, 4)] = count;
      count++;
    }
    assert.ok(count > 0);
    for (let i = 0; i < count; i++) assert.equal(arena.words[itemWord(arena.words, at, i, 4)], i);
    const owned = new OwnedBlocks(arena);
    owned.ownsBlock(header);
    checkSegments(arena, at, count, 4, owned);
    owned.assertComplete();
  }
});
