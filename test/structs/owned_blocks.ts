/** Compares what structures say they own with what is in use in their arena. */
import assert from "node:assert/strict";
import { type Arena, PAGE_WHOLE } from "../../src/memory/arena.ts";
import { CLASS_COUNT, MOVABLE_CLASSES, PAGE_BYTES } from "../../src/memory/size_classes.ts";
import type { BlockOwner } from "../../src/structs/structure.ts";

export class OwnedBlocks implements BlockOwner {
  readonly #arena: Arena;
  readonly #blocks = new Set<number>();
  readonly #pages = new Set<number>();
  /** Memory of all that was named. */
  bytes = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  ownsBlock(unit: number): void {
    assert.ok(!this.#blocks.has(unit), `block ${unit} has two owners`);
    assert.ok(this.#arena.sizeClassAt(unit) >= MOVABLE_CLASSES, `block ${unit} is not pinned`);
    this.#blocks.add(unit);
    this.bytes += this.#arena.blockSize(unit);
  }

  ownsPage(page: number): void {
    assert.ok(!this.#pages.has(page), `page ${page} has two owners`);
    this.#pages.add(page);
    this.bytes += PAGE_BYTES;
  }

  /** Asserts that everything in use in the arena was named. */
  assertComplete(): void {
    const arena = this.#arena;
    arena.checkInvariants();
    let blocks = 0, pages = 0;
    for (let page = 1; page < arena.pagesEnd; page++) {
      const sizeClass = arena.pageClass[page];
      if (sizeClass === PAGE_WHOLE) {
        pages++;
        assert.ok(this.#pages.has(page), `page ${page} has no owner`);
      } else if (sizeClass < CLASS_COUNT) {
        arena.forEachUsedBlock(page, (unit) => {
          blocks++;
          assert.ok(this.#blocks.has(unit), `block ${unit} has no owner`);
        });
      }
    }
    assert.equal(blocks, this.#blocks.size);
    assert.equal(pages, this.#pages.size);
  }
}
