/**
 * Whether a listpack that came from somewhere else is a node of a stream (stream_node.ts) that all
 * functions on streams can be trusted with.
 */
import type { Memory } from "../bytes/copy.ts";
import * as listpack from "./listpack.ts";
import { compareIds, copyId, ID_WORDS } from "./stream_id.ts";
import { DELETED, SAME_FIELDS } from "./stream_node.ts";

const ALL_FLAGS = DELETED | SAME_FIELDS;

/** Walks the elements of a sound listpack. */
class Walker {
  readonly #bytes: Uint8Array;
  p: listpack.Position;
  /** Elements behind `start`. */
  passed = 0;

  constructor(bytes: Uint8Array, lp: number) {
    this.#bytes = bytes;
    this.p = listpack.first(bytes, lp);
  }

  get isAtEnd(): boolean {
    return this.p === 0;
  }

  /** The element as an integer, going over it; undefined where it is none. */
  integer(): number | bigint | undefined {
    const { p } = this;
    if (p === 0 || !listpack.isInteger(this.#bytes, p)) return undefined;
    this.skip();
    return listpack.integerAt(this.#bytes, p);
  }

  /** A number of things that follow, -1 where it is none. */
  count(): number {
    const value = this.integer();
    return typeof value === "number" && value >= 0 ? value : -1;
  }

  /** Goes over an element. @returns whether there was one */
  skip(): boolean {
    if (this.p === 0) return false;
    this.p = listpack.next(this.#bytes, this.p);
    this.passed++;
    return true;
  }

  /** Goes over so many elements. @returns whether there were as many */
  skipAll(count: number): boolean {
    for (let i = 0; i < count; i++) if (!this.skip()) return false;
    return true;
  }
}

/**
 * @param id the node's, four words from `idAt` on
 * @param lastId gets the id of the last entry, deleted or not
 */
export function isStreamListpack(
  { bytes }: Memory,
  offset: number,
  length: number,
  id: Int32Array,
  idAt: number,
  lastId: Int32Array,
): boolean {
  if (!listpack.validate(bytes, offset, length, true)) return false;
  const walker = new Walker(bytes, offset);
  const count = walker.count(), deleted = walker.count(), masterFields = walker.count();
  if (count < 0 || deleted < 0 || count + deleted < 1 || masterFields < 0) return false;
  if (!walker.skipAll(masterFields) || walker.integer() !== 0) return false;
  let found = 0, gone = 0;
  const current = new Int32Array(ID_WORDS);
  while (!walker.isAtEnd) {
    walker.passed = 0;
    const flags = walker.count();
    if (flags < 0 || flags > ALL_FLAGS) return false;
    copyId(id, idAt, current, 0);
    if (!addDifference(current, 0, walker.integer())) return false;
    if (!addDifference(current, 2, walker.integer())) return false;
    const isFirst = found + gone === 0;
    if (
      isFirst ? compareIds(current, 0, id, idAt) < 0 : compareIds(current, 0, lastId, 0) <= 0
    ) {
      return false;
    }
    copyId(current, 0, lastId, 0);
    const hasSameFields = (flags & SAME_FIELDS) !== 0;
    const fields = hasSameFields ? masterFields : walker.count();
    if (fields < 0 || !walker.skipAll(hasSameFields ? fields : 2 * fields)) return false;
    const { passed } = walker;
    if (walker.integer() !== passed) return false;
    if ((flags & DELETED) !== 0) gone++;
    else found++;
  }
  return found === count && gone === deleted;
}

/** Adds to a half of an id, coming round at 64 bits. @returns whether the difference is one */
function addDifference(id: Int32Array, at: number, by: number | bigint | undefined): boolean {
  if (by === undefined) return false;
  if (by === 0) return true;
  const half = (BigInt(id[at] >>> 0) << 32n) | BigInt(id[at + 1] >>> 0);
  const sum = half + BigInt(by);
  id[at] = Number(BigInt.asIntN(32, sum >> 32n));
  id[at + 1] = Number(BigInt.asIntN(32, sum));
  return true;
}
