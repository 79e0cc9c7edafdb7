import assert from "node:assert/strict";
import { test } from "node:test";
import { Arena, MAX_ARENA_BYTES, PAGE_FREE, PAGE_WHOLE } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import {
  BLOCKS_PER_PAGE,
  CLASS_COUNT,
  CLASS_SIZES,
  PAGE_BYTES,
} from "../../src/memory/size_classes.ts";
import { forSeeds, pick } from "../support/model.ts";

function createArena(pages: number): { arena: Arena; account: MemoryAccount } {
  const account = new MemoryAccount();
  return { arena: new Arena((pages + 1) * PAGE_BYTES, account), account };
}

test("an arena refuses sizes that it can't have", () => {
  for (const size of [0, -1, NaN, MAX_ARENA_BYTES + 1]) {
    assert.throws(() => new Arena(size, new MemoryAccount()), RangeError);
  }
});

test("the last word of the last page may be read beyond", () => {
  const { arena } = createArena(1);
  assert.equal(arena.bytes.length, 2 * PAGE_BYTES + 64);
  assert.equal(arena.view.byteLength, arena.bytes.length);
  assert.equal(arena.words.length, arena.bytes.length / 4);
});

test("blocks of every class fill a page without overlap, and leave nothing when freed", () => {
  for (let sizeClass = 0; sizeClass < CLASS_COUNT; sizeClass++) {
    const { arena, account } = createArena(1);
    const units = new Set<number>();
    for (let i = 0; i < BLOCKS_PER_PAGE[sizeClass]; i++) {
      const unit = arena.allocate(sizeClass);
      assert.notEqual(unit, 0);
      assert.equal(arena.blockSize(unit), CLASS_SIZES[sizeClass]);
      assert.equal(arena.sizeClassAt(unit), sizeClass);
      assert.ok(unit * 8 + CLASS_SIZES[sizeClass] <= 2 * PAGE_BYTES);
      assert.equal((unit * 8 - PAGE_BYTES) % CLASS_SIZES[sizeClass], 0);
      units.add(unit);
    }
    assert.equal(units.size, BLOCKS_PER_PAGE[sizeClass]);
    assert.equal(arena.allocate(sizeClass), 0, "the page is full");
    assert.equal(account.liveBytes, units.size * CLASS_SIZES[sizeClass]);
    arena.checkInvariants();
    for (const unit of units) {
      arena.free(unit);
      if (units.size < 20) arena.checkInvariants();
    }
    assert.equal(arena.usedPages, 0);
    assert.deepEqual([account.liveBytes, account.pageBytes], [0, 0]);
    arena.checkInvariants();
  }
});

test("a block that was freed is used again before a new one is cut", () => {
  const { arena } = createArena(2);
  const [a, b, c] = [arena.allocate(0), arena.allocate(0), arena.allocate(0)];
  arena.free(b);
  assert.equal(arena.allocate(0), b);
  arena.free(a);
  arena.free(c);
  assert.equal(arena.allocate(0), c);
  assert.equal(arena.allocate(0), a);
});

test("whole pages are handed out and taken back", () => {
  const { arena, account } = createArena(3);
  const pages = [arena.allocatePage(), arena.allocatePage(), arena.allocatePage()];
  assert.equal(new Set(pages).size, 3);
  assert.ok(pages.every((page) => page > 0 && arena.pageClass[page] === PAGE_WHOLE));
  assert.equal(arena.allocatePage(), 0);
  assert.equal(arena.allocate(5), 0);
  assert.equal(arena.freePages, 0);
  assert.deepEqual([account.liveBytes, account.pageBytes], [3 * PAGE_BYTES, 3 * PAGE_BYTES]);
  arena.freePageWhole(pages[1]);
  assert.equal(arena.pageClass[pages[1]], PAGE_FREE);
  assert.equal(arena.freePages, 1);
  arena.checkInvariants();
  assert.equal(arena.allocatePage(), pages[1]);
});

test("reset() frees everything, and the account knows", () => {
  const { arena, account } = createArena(20);
  for (let i = 0; i < 3000; i++) arena.allocate(i % 7);
  arena.allocatePage();
  arena.reset();
  assert.deepEqual([account.liveBytes, account.pageBytes, arena.usedPages], [0, 0, 0]);
  assert.equal(arena.freePages, 20);
  assert.equal(arena.pagesEnd, 1);
  arena.checkInvariants();
  const first = arena.allocate(3);
  assert.equal(first * 8, PAGE_BYTES);
  arena.checkInvariants();
});

test("a retired page gets no new block, and is released with its last one", () => {
  const { arena } = createArena(3);
  const count = BLOCKS_PER_PAGE[20];
  const first = Array.from({ length: count }, () => arena.allocate(20));
  const second = Array.from({ length: 3 }, () => arena.allocate(20));
  const page = first[0] >>> 13;
  for (const unit of first.splice(2)) arena.free(unit);
  assert.equal(arena.freeBlocksElsewhere(page), count - 3);
  assert.equal(arena.freeBlocksElsewhere(second[0] >>> 13), count - 2);
  arena.retirePage(page);
  const visited: number[] = [];
  arena.forEachUsedBlock(page, (unit) => visited.push(unit));
  assert.deepEqual(visited, first);
  const moved = first.map(() => arena.allocate(20));
  assert.ok(moved.every((unit) => unit >>> 13 !== page));
  for (const unit of first) arena.free(unit);
  assert.equal(arena.pageClass[page], PAGE_FREE);
  arena.checkInvariants();
});

/** Random blocks and pages, each filled with a number of its own. */
class ArenaModel {
  readonly arena: Arena;
  readonly account: MemoryAccount;
  readonly blocks = new Map<number, { sizeClass: number; mark: number }>();
  readonly pages = new Map<number, number>();

  constructor(pages: number) {
    const { arena, account } = createArena(pages);
    this.arena = arena;
    this.account = account;
  }

  allocate(sizeClass: number, mark: number): void {
    const unit = this.arena.allocate(sizeClass);
    if (unit === 0) return;
    assert.ok(!this.blocks.has(unit), `block ${unit} was given out twice`);
    this.arena.words.fill(mark, unit << 1, (unit << 1) + CLASS_SIZES[sizeClass] / 4);
    this.blocks.set(unit, { sizeClass, mark });
  }

  free(unit: number): void {
    const { sizeClass, mark } = this.blocks.get(unit)!;
    const words = this.arena.words.subarray(unit << 1, (unit << 1) + CLASS_SIZES[sizeClass] / 4);
    assert.ok(words.every((word) => word === mark), `block ${unit} was written to`);
    this.arena.free(unit);
    this.blocks.delete(unit);
  }

  allocatePage(mark: number): void {
    const page = this.arena.allocatePage();
    if (page === 0) return;
    assert.ok(!this.pages.has(page), `page ${page} was given out twice`);
    this.arena.words.fill(mark, page << 14, (page + 1) << 14);
    this.pages.set(page, mark);
  }

  freePage(page: number): void {
    const mark = this.pages.get(page)!;
    const words = this.arena.words.subarray(page << 14, (page + 1) << 14);
    assert.ok(words.every((word) => word === mark), `page ${page} was written to`);
    this.arena.freePageWhole(page);
    this.pages.delete(page);
  }

  /** Moves the blocks of the sparsest page that has room for them elsewhere. */
  retire(): void {
    const { arena } = this;
    for (let page = 1; page < arena.pagesEnd; page++) {
      const sizeClass = arena.pageClass[page];
      if (sizeClass >= CLASS_COUNT || arena.pageUsed[page] === BLOCKS_PER_PAGE[sizeClass]) continue;
      if (arena.freeBlocksElsewhere(page) < arena.pageUsed[page]) continue;
      const units: number[] = [];
      arena.retirePage(page);
      arena.forEachUsedBlock(page, (unit) => units.push(unit));
      for (const unit of units) {
        const { mark } = this.blocks.get(unit)!;
        const before = this.blocks.size;
        this.allocate(sizeClass, mark);
        assert.equal(this.blocks.size, before + 1, "there was room as promised");
        this.free(unit);
      }
      assert.notEqual(arena.pageClass[page], sizeClass);
      return;
    }
  }

  check(): void {
    this.arena.checkInvariants();
    let live = this.pages.size * PAGE_BYTES;
    for (const { sizeClass } of this.blocks.values()) live += CLASS_SIZES[sizeClass];
    assert.equal(this.account.liveBytes, live);
    assert.equal(this.account.pageBytes, this.arena.usedPages * PAGE_BYTES);
    assert.ok(this.account.peakPageBytes >= this.account.pageBytes);
  }
}

test("blocks and pages of any kind never overlap, whatever the order", () => {
  forSeeds(20, (random) => {
    const model = new ArenaModel(1 + random.below(24));
    const classes = Array.from({ length: 1 + random.below(6) }, () => random.below(CLASS_COUNT));
    for (let step = 0; step < 400; step++) {
      const grows = random.below(100) < (step % 200 < 120 ? 70 : 25);
      const mark = random.int32();
      const kind = random.below(40);
      if (kind === 0) model.retire();
      else if (kind < 4) model.allocatePage(mark);
      else if (kind < 7 && model.pages.size > 0) {
        model.freePage(pick(random, [...model.pages.keys()]));
      } else if (grows || model.blocks.size === 0) {
        const sizeClass = pick(random, classes);
        for (let i = random.below(60); i >= 0; i--) model.allocate(sizeClass, mark);
      } else {
        const units = [...model.blocks.keys()];
        const first = random.below(units.length);
        for (const unit of units.slice(first, first + random.below(80) + 1)) model.free(unit);
      }
      model.check();
    }
    for (const unit of [...model.blocks.keys()]) model.free(unit);
    for (const page of [...model.pages.keys()]) model.freePage(page);
    model.check();
    assert.equal(model.arena.usedPages, 0);
  });
});
