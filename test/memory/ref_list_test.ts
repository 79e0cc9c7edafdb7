import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { RefList } from "../../src/memory/ref_list.ts";
import { PAGE_BYTES } from "../../src/memory/size_classes.ts";
import { forSeeds } from "../support/model.ts";

const ENTRIES_PER_PAGE = PAGE_BYTES / 4;

function createList(pages: number): { arena: Arena; list: RefList } {
  const arena = new Arena((pages + 1) * PAGE_BYTES, new MemoryAccount());
  return { arena, list: new RefList(arena) };
}

test("a list holds what was put at each position, over several pages", () => {
  const { arena, list } = createList(4);
  const count = 3 * ENTRIES_PER_PAGE;
  for (let i = 0; i < count; i++) {
    assert.equal(list.reserve(), true);
    list.add(i * 3 + 1);
  }
  assert.equal(list.length, count);
  assert.equal(list.pages.length, 3);
  assert.equal(list.sizeBytes, 3 * PAGE_BYTES);
  for (let i = 0; i < count; i++) assert.equal(list.at(i), i * 3 + 1);
  arena.checkInvariants();
});

test("pages are given back, one behind the need", () => {
  const { arena, list } = createList(4);
  for (let i = 0; i < 3 * ENTRIES_PER_PAGE; i++) {
    list.reserve();
    list.add(i + 1);
  }
  for (let left = 3 * ENTRIES_PER_PAGE - 1; left >= 0; left--) {
    assert.equal(list.removeLast(), left + 1);
    const needed = Math.ceil(left / ENTRIES_PER_PAGE);
    assert.equal(arena.usedPages, list.pages.length);
    assert.ok(list.pages.length <= Math.max(needed + 1, 1), `${list.pages.length} for ${left}`);
    assert.ok(list.pages.length >= needed);
  }
  list.clear();
  assert.equal(arena.usedPages, 0);
  assert.equal(list.length, 0);
  arena.checkInvariants();
});

test("one entry around the end of a page does not allocate and free each time", () => {
  const { arena, list } = createList(4);
  for (let i = 0; i < ENTRIES_PER_PAGE; i++) {
    list.reserve();
    list.add(1);
  }
  list.reserve();
  list.add(2);
  const pages = [...list.pages];
  for (let i = 0; i < 10; i++) {
    list.removeLast();
    assert.equal(arena.usedPages, 2);
    list.reserve();
    list.add(3);
  }
  assert.deepEqual([...list.pages], pages);
  assert.equal(arena.usedPages, 2);
});

test("reserve() says when there is no page left, and nothing is lost", () => {
  const { arena, list } = createList(2);
  let count = 0;
  while (list.reserve()) list.add(++count);
  assert.equal(count, 2 * ENTRIES_PER_PAGE);
  assert.equal(list.reserve(), false);
  for (let i = 0; i < count; i++) assert.equal(list.at(i), i + 1);
  assert.equal(list.removeLast(), count);
  assert.equal(list.reserve(), true);
  arena.checkInvariants();
});

test("a list does what an array does", () => {
  forSeeds(3, (random) => {
    const { arena, list } = createList(4);
    const model: number[] = [];
    for (let step = 0; step < 60_000; step++) {
      const grows = random.below(20_000) < (step < 40_000 ? 15_000 : 5_000);
      if (grows || model.length === 0) {
        if (!list.reserve()) continue;
        const ref = random.below(2 ** 27);
        list.add(ref);
        model.push(ref);
      } else if (random.below(2) === 0) {
        assert.equal(list.removeLast(), model.pop());
      } else {
        const at = random.below(model.length);
        list.set(at, step);
        model[at] = step;
      }
      assert.equal(list.length, model.length);
    }
    model.forEach((ref, i) => assert.equal(list.at(i), ref));
    arena.checkInvariants();
  });
});
