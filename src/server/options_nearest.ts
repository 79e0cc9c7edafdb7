/** Finds the name that was probably meant by one that nobody knows. */

/** Typing errors that are forgiven: one in every three letters, three at most. */
const LETTERS_PER_ERROR = 3;
const MAX_ERRORS = 3;

/** @returns the nearest of `names`, or undefined where none is close */
export function nearestName(given: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.min(MAX_ERRORS, Math.floor(given.length / LETTERS_PER_ERROR)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - given.length) >= fewest) continue;
    const errors = distance(given, name);
    if (errors < fewest) {
      fewest = errors;
      best = name;
    }
  }
  return best;
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to get from one word to the
 * other.
 */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    before = last;
    last = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, last[j] + 1, row[j - 1] + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.length];
}
