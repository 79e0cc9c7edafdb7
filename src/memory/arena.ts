/**
 * Arena: one ArrayBuffer of fixed size, handed out as pages of 64 KiB and as blocks cut from pages.
 *
 *   page 0        page 1               page 2              page 3
 *   +-----------+--------------------+-------------------+-----------------+- - -
 *   | never used| blocks of class 10 | index segment     | blocks of ...   |
 *   +-----------+--------------------+-------------------+-----------------+- - -
 *
 * A block is named by its offset in 8-byte units, so that 27 bits reach through 1 GiB; 0 is no
 * block. Freed blocks of a page are chained through their first word; blocks beyond `pageCarved`
 * were never touched, nor is memory of pages never used: the runtimes commit it on first use.
 *
 * Invariants: a page of blocks is in its class's chain of partial pages exactly if it has a free
 * block; a page without used blocks is free. `checkInvariants` walks it all.
 * Cost: allocate and free are O(1).  Source: Bonwick, The Slab Allocator (1994); memcached slabs.c.
 */
import type { MemoryAccount } from "./memory_account.ts";
import { BLOCKS_PER_PAGE, CLASS_COUNT, CLASS_SIZES, PAGE_BYTES } from "./size_classes.ts";

/** Readable bytes behind the last page, so that whole words may be read beyond a value's end. */
const TAIL_PADDING = 64;
export const MAX_ARENA_BYTES = 1024 * 1024 * 1024;
const UNITS_PER_PAGE = PAGE_BYTES / 8;
/** log2 of units and of 32-bit words in a page. */
const PAGE_UNIT_SHIFT = 13;

/** Told of the steps in which what is in an arena grows. */
export interface GrowthWatch {
  /** @returns when the step began, or -1 where nobody wants to know */
  begin(): number;
  /** @param start what `begin` returned */
  end(start: number): void;
}

const UNWATCHED: GrowthWatch = { begin: () => -1, end() {} };

/** What a page is used for, beyond the size classes. */
export const PAGE_FREE = 255;
export const PAGE_WHOLE = 254;

export class Arena {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Int32Array;
  /** Indexed by unit. Not for copies: runtimes alter the payload of NaNs. */
  readonly doubles: Float64Array;
  readonly pageCount: number;
  /** Size class of a page's blocks, PAGE_WHOLE or PAGE_FREE. */
  readonly pageClass: Uint8Array;
  /** Blocks in use; owners of whole pages keep a number of their own here. */
  readonly pageUsed: Uint16Array;
  /** For owners of whole pages: another, smaller number. */
  readonly pageNote: Uint8Array;
  /** Of the index's segments, which split as it grows. */
  growth: GrowthWatch = UNWATCHED;
  readonly #account: MemoryAccount;
  readonly #pageCarved: Uint16Array;
  readonly #pageFreeBlock: Int32Array;
  readonly #pageNext: Int32Array;
  readonly #pagePrevious: Int32Array;
  readonly #partialPage: Int32Array;
  /** Free blocks in the pages of each class. */
  readonly #freeBlocks: Int32Array;
  #freePage = 0;
  #nextFreshPage = 1;
  #usedPages = 0;

  /** @param sizeBytes rounded up to whole pages, at most MAX_ARENA_BYTES */
  constructor(sizeBytes: number, account: MemoryAccount) {
    if (!(sizeBytes > 0 && sizeBytes <= MAX_ARENA_BYTES)) {
      throw new RangeError(`arena size must be 1 to ${MAX_ARENA_BYTES} bytes, got ${sizeBytes}`);
    }
    this.pageCount = Math.max(2, Math.ceil(sizeBytes / PAGE_BYTES));
    const buffer = new SharedArrayBuffer(this.pageCount * PAGE_BYTES + TAIL_PADDING);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.#account = account;
    this.pageClass = new Uint8Array(this.pageCount).fill(PAGE_FREE);
    this.pageUsed = new Uint16Array(this.pageCount);
    this.pageNote = new Uint8Array(this.pageCount);
    this.#pageCarved = new Uint16Array(this.pageCount);
    this.#pageFreeBlock = new Int32Array(this.pageCount);
    this.#pageNext = new Int32Array(this.pageCount);
    this.#pagePrevious = new Int32Array(this.pageCount);
    this.#partialPage = new Int32Array(CLASS_COUNT);
    this.#freeBlocks = new Int32Array(CLASS_COUNT);
  }

  get usedPages(): number {
    return this.#usedPages;
  }

  /** Pages that can still be handed out. */
  get freePages(): number {
    return this.pageCount - 1 - this.#usedPages;
  }

  /** One past the highest page in use. */
  get pagesEnd(): number {
    return this.#nextFreshPage;
  }

  /** @returns a page's number, its memory undefined; 0 when all are in use */
  allocatePage(use: number = PAGE_WHOLE): number {
    let page = this.#freePage;
    if (page !== 0) {
      this.#freePage = this.#pageNext[page];
    } else if (this.#nextFreshPage < this.pageCount) {
      page = this.#nextFreshPage++;
    } else {
      return 0;
    }
    this.#usedPages++;
    this.#account.pageAllocated();
    if (use === PAGE_WHOLE) this.#account.blockAllocated(PAGE_BYTES);
    this.pageClass[page] = use;
    this.pageUsed[page] = 0;
    return page;
  }

  /** Gives back a page that `allocatePage` handed out whole. */
  freePageWhole(page: number): void {
    this.#account.blockFreed(PAGE_BYTES);
    this.#releasePage(page);
  }

  #releasePage(page: number): void {
    this.pageClass[page] = PAGE_FREE;
    this.#pageNext[page] = this.#freePage;
    this.#freePage = page;
    this.#usedPages--;
    this.#account.pageFreed();
  }

  /**
   * @returns a block's offset in 8-byte units, its memory undefined; 0 when there is no page left
   */
  allocate(sizeClass: number): number {
    let page = this.#partialPage[sizeClass];
    if (page === 0) {
      page = this.allocatePage(sizeClass);
      if (page === 0) return 0;
      this.#pageCarved[page] = 0;
      this.#pageFreeBlock[page] = 0;
      this.#freeBlocks[sizeClass] += BLOCKS_PER_PAGE[sizeClass];
      this.#linkPartial(page, sizeClass);
    }
    this.#freeBlocks[sizeClass]--;
    let unit = this.#pageFreeBlock[page];
    if (unit !== 0) {
      this.#pageFreeBlock[page] = this.words[unit << 1];
    } else {
      unit = (page << PAGE_UNIT_SHIFT) + this.#pageCarved[page]++ * (CLASS_SIZES[sizeClass] >>> 3);
    }
    if (++this.pageUsed[page] === BLOCKS_PER_PAGE[sizeClass]) this.#unlinkPartial(page, sizeClass);
    this.#account.blockAllocated(CLASS_SIZES[sizeClass]);
    return unit;
  }

  /** Gives back a block that `allocate` handed out. */
  free(unit: number): void {
    const page = unit >>> PAGE_UNIT_SHIFT;
    const sizeClass = this.pageClass[page];
    this.#account.blockFreed(CLASS_SIZES[sizeClass]);
    this.words[unit << 1] = this.#pageFreeBlock[page];
    this.#pageFreeBlock[page] = unit;
    this.#freeBlocks[sizeClass]++;
    const used = --this.pageUsed[page];
    if (used + 1 === BLOCKS_PER_PAGE[sizeClass]) {
      if (used > 0) this.#linkPartial(page, sizeClass);
    } else if (used === 0) {
      this.#unlinkPartial(page, sizeClass);
    }
    if (used === 0) {
      this.#freeBlocks[sizeClass] -= BLOCKS_PER_PAGE[sizeClass];
      this.#releasePage(page);
    }
  }

  /** Free blocks of the size of a page's blocks in other pages. */
  freeBlocksElsewhere(page: number): number {
    const sizeClass = this.pageClass[page];
    return this.#freeBlocks[sizeClass] - (BLOCKS_PER_PAGE[sizeClass] - this.pageUsed[page]);
  }

  /** Frees everything at once. */
  reset(): void {
    for (let page = 1; page < this.#nextFreshPage; page++) {
      const sizeClass = this.pageClass[page];
      if (sizeClass === PAGE_FREE) continue;
      this.#account.pageFreed();
      this.#account.blockFreed(
        sizeClass === PAGE_WHOLE ? PAGE_BYTES : this.pageUsed[page] * CLASS_SIZES[sizeClass],
      );
    }
    this.pageClass.fill(PAGE_FREE, 0, this.#nextFreshPage);
    this.#partialPage.fill(0);
    this.#freeBlocks.fill(0);
    this.#freePage = 0;
    this.#nextFreshPage = 1;
    this.#usedPages = 0;
  }

  /** Size in bytes of the block at `unit`. */
  blockSize(unit: number): number {
    return CLASS_SIZES[this.pageClass[unit >>> PAGE_UNIT_SHIFT]];
  }

  sizeClassAt(unit: number): number {
    return this.pageClass[unit >>> PAGE_UNIT_SHIFT];
  }

  /**
   * Takes a page with a free block out of its class's chain, so that nothing is allocated from it
   * while its blocks are moved elsewhere; freeing the last one releases it.
   */
  retirePage(page: number): void {
    this.#unlinkPartial(page, this.pageClass[page]);
    this.#pageNext[page] = page;
  }

  /** Calls `visit` with each block in use of a page of blocks. */
  forEachUsedBlock(page: number, visit: (unit: number) => void): void {
    const units = CLASS_SIZES[this.pageClass[page]] >>> 3;
    const first = page << PAGE_UNIT_SHIFT;
    const isFree = new Uint8Array(UNITS_PER_PAGE);
    for (let unit = this.#pageFreeBlock[page]; unit !== 0; unit = this.words[unit << 1]) {
      isFree[unit - first] = 1;
    }
    const end = this.#pageCarved[page] * units;
    for (let at = 0; at < end; at += units) if (isFree[at] === 0) visit(first + at);
  }

  #linkPartial(page: number, sizeClass: number): void {
    const head = this.#partialPage[sizeClass];
    this.#pageNext[page] = head;
    this.#pagePrevious[page] = 0;
    if (head !== 0) this.#pagePrevious[head] = page;
    this.#partialPage[sizeClass] = page;
  }

  #unlinkPartial(page: number, sizeClass: number): void {
    const next = this.#pageNext[page], previous = this.#pagePrevious[page];
    if (next === page) return; // retired: in no chain
    if (next !== 0) this.#pagePrevious[next] = previous;
    if (previous !== 0) this.#pageNext[previous] = next;
    else this.#partialPage[sizeClass] = next;
  }

  /** Walks every page and chain. @throws Error that names the first broken invariant */
  checkInvariants(): void {
    const isPartial = this.#checkPartialChains();
    const freeBlocks = new Int32Array(CLASS_COUNT);
    let used = 0;
    for (let page = 1; page < this.#nextFreshPage; page++) {
      const sizeClass = this.pageClass[page];
      if (sizeClass === PAGE_FREE) continue;
      used++;
      if (sizeClass >= CLASS_COUNT) continue;
      const blocks = this.#checkBlocks(page);
      if (blocks === 0) throw new Error(`page ${page} is empty and not free`);
      const isFull = blocks === BLOCKS_PER_PAGE[sizeClass];
      if (isFull === (isPartial[page] === 1)) throw new Error(`page ${page} is chained wrongly`);
      freeBlocks[sizeClass] += BLOCKS_PER_PAGE[sizeClass] - blocks;
    }
    if (used !== this.#usedPages) {
      throw new Error(`${used} pages in use, counted ${this.#usedPages}`);
    }
    for (let sizeClass = 0; sizeClass < CLASS_COUNT; sizeClass++) {
      if (freeBlocks[sizeClass] !== this.#freeBlocks[sizeClass]) {
        throw new Error(
          `class ${sizeClass} has ${freeBlocks[sizeClass]} free blocks, not as counted`,
        );
      }
    }
    let free = 0;
    for (let page = this.#freePage; page !== 0; page = this.#pageNext[page]) {
      if (this.pageClass[page] !== PAGE_FREE) throw new Error(`page ${page} is free and in use`);
      if (++free > this.#nextFreshPage) throw new Error("the chain of free pages has no end");
    }
    if (free !== this.#nextFreshPage - 1 - used) throw new Error("a free page is in no chain");
  }

  /** @returns 1 for each page in the chain of its class */
  #checkPartialChains(): Uint8Array {
    const isPartial = new Uint8Array(this.#nextFreshPage);
    for (let sizeClass = 0; sizeClass < CLASS_COUNT; sizeClass++) {
      let previous = 0;
      for (let page = this.#partialPage[sizeClass]; page !== 0; page = this.#pageNext[page]) {
        if (this.pageClass[page] !== sizeClass) throw new Error(`page ${page} in a wrong chain`);
        if (this.#pagePrevious[page] !== previous) throw new Error(`page ${page} points astray`);
        if (isPartial[page] === 1) throw new Error(`page ${page} is chained twice`);
        isPartial[page] = 1;
        previous = page;
      }
    }
    return isPartial;
  }

  /** @returns the number of blocks in use of a page of blocks */
  #checkBlocks(page: number): number {
    const units = CLASS_SIZES[this.pageClass[page]] >>> 3;
    const first = page << PAGE_UNIT_SHIFT;
    const carved = this.#pageCarved[page];
    let free = 0;
    for (let unit = this.#pageFreeBlock[page]; unit !== 0; unit = this.words[unit << 1]) {
      const at = unit - first;
      if (at % units !== 0 || at < 0 || at >= carved * units) {
        throw new Error(`page ${page} chains ${unit}, which is no block of it`);
      }
      if (++free > carved) throw new Error(`the chain of free blocks of page ${page} has no end`);
    }
    if (carved - free !== this.pageUsed[page]) {
      throw new Error(`page ${page} counts its blocks wrongly`);
    }
    return carved - free;
  }
}
