/**
 * Cursors of scans by prefix: numbers that stand for places in a key index.
 *
 * A place is a key, which fits no number, so the last places are kept here; the oldest are dropped when
 * they become too many. Whoever comes with a number that is not here has to begin anew.
 */
import type { PrefixPosition } from "./prefix_scan.ts";

/** Numbers from here on stand for places; cursors of the hash index are smaller. */
const FIRST_CURSOR = 2 ** 52;
const MAX_PLACES = 1024;
const MAX_BYTES = 1024 * 1024;
/** Memory of a place beside its bytes. */
const PLACE_BYTES = 200;

interface Place {
  readonly prefix: Uint8Array;
  readonly position: PrefixPosition;
  readonly bytes: number;
}

export class ScanCursors {
  /** Memory in bytes. */
  sizeBytes = 0;
  /** In the order of their last use. */
  readonly #places = new Map<number, Place>();
  #next = FIRST_CURSOR;

  /** Whether a cursor is a number of a place that is, or was, here. */
  static isPlace(cursor: number): boolean {
    return cursor >= FIRST_CURSOR;
  }

  /** @returns the number of a place */
  add(prefix: Uint8Array, position: PrefixPosition): number {
    const bytes = PLACE_BYTES + prefix.length + (position.key?.length ?? 0);
    const cursor = this.#next++;
    this.#places.set(cursor, { prefix: prefix.slice(), position, bytes });
    this.sizeBytes += bytes;
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= MAX_PLACES && this.sizeBytes <= MAX_BYTES) break;
      this.sizeBytes -= this.#places.get(oldest)!.bytes;
      this.#places.delete(oldest);
    }
    return cursor;
  }

  /** @returns the place, if it is here and of this prefix */
  find(cursor: number, prefix: Uint8Array): PrefixPosition | undefined {
    const place = this.#places.get(cursor);
    if (place === undefined || !areEqual(place.prefix, prefix)) return undefined;
    this.#places.delete(cursor);
    this.#places.set(cursor, place);
    return place.position;
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
