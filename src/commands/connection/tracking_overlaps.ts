/**
 * Prefixes of one client that overlap: one begins with the other, so that a key would be told twice.
 *
 * Cost: O(n log n) where none do: sorted, a prefix stands before all that begin with it.
 */
import { readAscii } from "../../bytes/ascii.ts";

/**
 * @param existing those that the client has, in the order of their bytes @param added those to come
 * @returns the text of an error reply about the first pair that overlaps; undefined where none does
 */
export function overlappingPrefixes(
  existing: readonly Uint8Array[],
  added: readonly Uint8Array[],
): string | undefined {
  const before = existing.map(textOf);
  const prefixes = added.map(textOf);
  const overlapping = overlapsAmong(prefixes);
  for (let i = 0; i < prefixes.length; i++) {
    const prefix = prefixes[i];
    const old = before.length === 0 ? undefined : firstOverlap(before, prefix);
    if (old !== undefined) return message(prefix, `an existing prefix '${shown(old)}'`);
    if (overlapping[i] === 0) continue;
    // The first one that overlaps with any does so with one behind it.
    const other = prefixes.slice(i + 1).find((each) => overlap(prefix, each))!;
    return message(prefix, `another provided prefix '${shown(other)}'`);
  }
  return undefined;
}

function message(prefix: string, other: string): string {
  return `ERR Prefix '${shown(prefix)}' overlaps with ${other}. ` +
    "Prefixes for a single client must not overlap.";
}

/** As C prints it: a NUL byte ends it. */
function shown(prefix: string): string {
  return prefix.split("\0", 1)[0];
}

function textOf(bytes: Uint8Array): string {
  return readAscii(bytes, 0, bytes.length);
}

function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** @returns 1 for each prefix that overlaps with another one */
function overlapsAmong(prefixes: readonly string[]): Uint8Array {
  const found = new Uint8Array(prefixes.length);
  const order = prefixes.map((_, i) => i);
  order.sort((a, b) => compare(prefixes[a], prefixes[b]));
  let root = -1;
  for (const i of order) {
    if (root >= 0 && prefixes[i].startsWith(prefixes[root])) found[root] = found[i] = 1;
    else root = i;
  }
  return found;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The first of sorted prefixes that overlaps with this one. */
function firstOverlap(sorted: readonly string[], prefix: string): string | undefined {
  // The empty one may be there beside others.
  if (sorted[0] === "") return "";
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < prefix) low = middle + 1;
    else high = middle;
  }
  // Those that are there overlap with none of each other: at most one is the beginning of it.
  if (low > 0 && prefix.startsWith(sorted[low - 1])) return sorted[low - 1];
  return low < sorted.length && sorted[low].startsWith(prefix) ? sorted[low] : undefined;
}
