/**
 * Sorts as much of an array as is asked for.
 *
 * A quicksort that leaves alone what lies outside of the range wanted. Elements that compare as equal
 * come out in the order in which Redis, which sorts in these very steps, puts them.
 *
 * Cost: O(n + m log m) comparisons on average for m wanted of n elements.
 * Source: J. L. Bentley and M. D. McIlroy, "Engineering a sort function" (1993); Redis src/pqsort.c.
 */

/** Arrays shorter than this are sorted by insertion. */
const SHORT = 7;
/** From here on the pivot is the median of nine elements, not of three. */
const LONG = 40;

type Compare<T> = (a: T, b: T) => number;

/**
 * Puts those elements into their places that belong at `first` to `last`; all others end on the right
 * side of them, in any order.
 * @param last the last index wanted, not before `first`
 */
export function sortPart<T>(items: T[], compare: Compare<T>, first: number, last: number): void {
  sortStretch(items, compare, 0, items.length, first, last);
}

function sortStretch<T>(
  items: T[],
  compare: Compare<T>,
  start: number,
  length: number,
  first: number,
  last: number,
): void {
  while (length >= SHORT) {
    swap(items, start, pivotOf(items, compare, start, length));
    const end = start + length;
    // Those equal to the pivot are gathered at both ends: start to a, and d to the end.
    let a = start + 1, b = start + 1, c = end - 1, d = end - 1;
    for (;;) {
      for (let order: number; b <= c && (order = compare(items[b], items[start])) <= 0; b++) {
        if (order === 0) swap(items, a++, b);
      }
      for (let order: number; b <= c && (order = compare(items[c], items[start])) >= 0; c--) {
        if (order === 0) swap(items, c, d--);
      }
      if (b > c) break;
      swap(items, b++, c--);
    }
    swapStretches(items, start, b, Math.min(a - start, b - a));
    swapStretches(items, b, end, Math.min(d - c, end - d - 1));
    const lower = b - a, higher = d - c;
    if (lower > 1 && isWanted(start, lower, first, last)) {
      sortStretch(items, compare, start, lower, first, last);
    }
    if (higher <= 1 || !isWanted(end - higher, higher, first, last)) return;
    start = end - higher;
    length = higher;
  }
  for (let i = start + 1; i < start + length; i++) {
    for (let j = i; j > start && compare(items[j - 1], items[j]) > 0; j--) swap(items, j - 1, j);
  }
}

/** Whether a stretch and the range wanted have anything in common. */
function isWanted(start: number, length: number, first: number, last: number): boolean {
  return last >= start && first < start + length;
}

function pivotOf<T>(items: T[], compare: Compare<T>, start: number, length: number): number {
  let low = start, middle = start + Math.floor(length / 2), high = start + length - 1;
  if (length === SHORT) return middle;
  if (length > LONG) {
    const step = Math.floor(length / 8);
    low = medianOf(items, compare, low, low + step, low + 2 * step);
    middle = medianOf(items, compare, middle - step, middle, middle + step);
    high = medianOf(items, compare, high - 2 * step, high - step, high);
  }
  return medianOf(items, compare, low, middle, high);
}

function medianOf<T>(items: T[], compare: Compare<T>, a: number, b: number, c: number): number {
  if (compare(items[a], items[b]) < 0) {
    return compare(items[b], items[c]) < 0 ? b : compare(items[a], items[c]) < 0 ? c : a;
  }
  return compare(items[b], items[c]) > 0 ? b : compare(items[a], items[c]) < 0 ? a : c;
}

function swap<T>(items: T[], i: number, j: number): void {
  const item = items[i];
  items[i] = items[j];
  items[j] = item;
}

/** Exchanges the `count` elements from `start` on with those before `end`. */
function swapStretches<T>(items: T[], start: number, end: number, count: number): void {
  for (let i = 0; i < count; i++) swap(items, start + i, end - count + i);
}
