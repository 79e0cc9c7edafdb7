/**
 * A dense list of record references in pages of an arena, for picking one at random.
 *
 * Position i lies in page `pages[i / 16384]`. Taking one out moves the last one into its place.
 * Cost: 4 bytes an entry; add and remove are O(1), and nothing is ever copied as a whole.
 */
import type { Arena } from "./arena.ts";
import type { LocalRef } from "./record.ts";

const PAGE_SHIFT = 14;
const PAGE_ENTRIES = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_ENTRIES - 1;

export class RefList {
  readonly #arena: Arena;
  readonly #pages: number[] = [];
  length = 0;

  /** Its pages of the arena. */
  get pages(): readonly number[] {
    return this.#pages;
  }

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  at(position: number): LocalRef {
    return this.#arena.words[this.#wordOf(position)];
  }

  set(position: number, ref: LocalRef): void {
    this.#arena.words[this.#wordOf(position)] = ref;
  }

  /** Makes sure that one more entry fits. @returns whether there was memory for it */
  reserve(): boolean {
    if (this.length < this.#pages.length * PAGE_ENTRIES) return true;
    const page = this.#arena.allocatePage();
    if (page === 0) return false;
    this.#pages.push(page);
    return true;
  }

  /** Room must have been reserved. The entry's position is the former length. */
  add(ref: LocalRef): void {
    this.set(this.length++, ref);
  }

  /**
   * Takes the last entry off. A page more than needed is kept, so that one entry does not thrash
   * it.
   */
  removeLast(): LocalRef {
    const last = this.at(--this.length);
    if (this.length <= (this.#pages.length - 2) * PAGE_ENTRIES) {
      this.#arena.freePageWhole(this.#pages.pop() as number);
    }
    return last;
  }

  clear(): void {
    for (const page of this.#pages) this.#arena.freePageWhole(page);
    this.#pages.length = 0;
    this.length = 0;
  }

  get sizeBytes(): number {
    return this.#pages.length * PAGE_ENTRIES * 4;
  }

  #wordOf(position: number): number {
    return (this.#pages[position >>> PAGE_SHIFT] << PAGE_SHIFT) + (position & PAGE_MASK);
  }
}
