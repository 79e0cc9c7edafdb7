/**
 * Sizes of the blocks that a page is cut into.
 *
 * Every 8 bytes up to 128, then eight steps to each doubling up to 4 KiB, so that at most an eighth
 * of a block is lost; above that, the sizes that divide a page of 64 KiB by 1 to 16.
 */
export const PAGE_BYTES = 65_536;
const FINE_LIMIT = 128;
const STEP_LIMIT = 4_096;

function blockSizes(): number[] {
  const sizes: number[] = [];
  for (let size = 16; size <= FINE_LIMIT; size += 8) sizes.push(size);
  for (let base = FINE_LIMIT; base < STEP_LIMIT; base *= 2) {
    for (let step = 1; step <= 8; step++) sizes.push(base + (base / 8) * step);
  }
  for (let parts = 15; parts >= 1; parts--) sizes.push(Math.floor(PAGE_BYTES / parts / 8) * 8);
  return sizes;
}

const SIZES = blockSizes();
/**
 * Classes of blocks whose owner can be found from their content, so that they may be moved:
 * records.
 */
export const MOVABLE_CLASSES: number = SIZES.length;
/**
 * Block size of each class in bytes, a multiple of 8: the movable classes, then the same sizes
 * pinned.
 */
export const CLASS_SIZES: Int32Array = Int32Array.from([...SIZES, ...SIZES]);
export const CLASS_COUNT: number = CLASS_SIZES.length;
/** How many blocks of each class a page holds. */
export const BLOCKS_PER_PAGE: Int32Array = CLASS_SIZES.map((size) => Math.floor(PAGE_BYTES / size));

/** Smallest class that holds so many 8-byte units. */
const CLASS_OF_UNITS = ((): Uint8Array => {
  const table = new Uint8Array(PAGE_BYTES / 8 + 1);
  let sizeClass = 0;
  for (let units = 0; units < table.length; units++) {
    while (CLASS_SIZES[sizeClass] < units * 8) sizeClass++;
    table[units] = sizeClass;
  }
  return table;
})();

/** Class for a record. @param size in bytes, 0 to PAGE_BYTES */
export function sizeClassOf(size: number): number {
  return CLASS_OF_UNITS[(size + 7) >>> 3];
}

/** Class for a block that is never moved. @param size in bytes, 0 to PAGE_BYTES */
export function pinnedClassOf(size: number): number {
  return MOVABLE_CLASSES + CLASS_OF_UNITS[(size + 7) >>> 3];
}
