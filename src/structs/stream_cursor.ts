/**
 * A place in a stream, from which its entries are read in either direction, between two ids.
 *
 *     for (cursor.open(arena, stream, from, 0, to, 0, false); cursor.next();) {
 *       for (let i = 0; i < cursor.fieldCount; i++) {
 *         cursor.nextField();
 *         use(cursor.region, cursor.fieldAt, cursor.valueAt);     // listpack elements
 *       }
 *     }
 *
 * The entry's fields may be read or not, also with `rewind` once more. A change of the stream makes
 * the place void. A cursor that is kept is to be released after its use.
 *
 * Cost: open seeks in the tree of nodes and walks one node; a step walks over one entry.
 */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { before, endOf, integerAt, type Position, sizeAt } from "./listpack.ts";
import {
  firstValue,
  lastValue,
  nodesOf,
  valueAfter,
  valueBefore,
  valueUpTo,
} from "./stream_header.ts";
import { compareIds, copyId, ID_WORDS, isZeroId } from "./stream_id.ts";
import {
  DELETED,
  entriesPosition,
  fieldCountPosition,
  type NodeListpack,
  openNode,
  SAME_FIELDS,
} from "./stream_node.ts";
import type { Unit } from "./structure.ts";

const TWO_POW_32 = 4_294_967_296;

/** Adds a signed 64-bit number to the 64-bit number in two words, high one first. */
function addDifference(id: Int32Array, at: number, value: number | bigint): void {
  let low: number, high: number;
  if (typeof value === "number") {
    low = value >>> 0;
    high = Math.floor(value / TWO_POW_32);
  } else {
    low = Number(BigInt.asUintN(32, value));
    high = Number(BigInt.asUintN(32, value >> 32n));
  }
  const sum = (id[at + 1] >>> 0) + low;
  id[at + 1] = sum;
  id[at] = id[at] + high + (sum >= TWO_POW_32 ? 1 : 0);
}

export class StreamCursor implements NodeListpack {
  /** Id of the current entry. */
  readonly id: Int32Array = new Int32Array(ID_WORDS);
  fieldCount = 0;
  isDeleted = false;
  /** The node that the entry is in. */
  node: Unit = 0;
  region!: Memory;
  lp = 0;
  /** Element of the entry's flags. */
  flagsAt: Position = 0;
  /** Elements that `nextField` went to. */
  fieldAt: Position = 0;
  valueAt: Position = 0;
  /** Whether deleted entries are shown, too. */
  showsDeleted = false;
  #arena!: Arena;
  #stream: Unit = 0;
  readonly #from: Int32Array = new Int32Array(ID_WORDS);
  readonly #to: Int32Array = new Int32Array(ID_WORDS);
  #isReverse = false;
  #masterFields: Position = 0;
  #masterCount = 0;
  #hasSameFields = false;
  /** First element behind the entry's ids and field count. */
  #dataAt: Position = 0;
  #nextMasterField: Position = 0;
  /** The next element, and how many of the entry's fields are from there on. */
  #at: Position = 0;
  #left = 0;

  /**
   * Goes before the entries between two ids.
   * @param isReverse whether to go from `to` to `from`
   */
  open(
    arena: Arena,
    stream: Unit,
    from: Int32Array,
    fromAt: number,
    to: Int32Array,
    toAt: number,
    isReverse: boolean,
  ): void {
    this.#arena = arena;
    this.#stream = stream;
    this.#isReverse = isReverse;
    this.showsDeleted = false;
    copyId(from, fromAt, this.#from, 0);
    copyId(to, toAt, this.#to, 0);
    const nodes = nodesOf(stream);
    if (isReverse) {
      this.node = valueUpTo(arena, nodes, to, toAt);
    } else {
      this.node = isZeroId(from, fromAt) ? 0 : valueUpTo(arena, nodes, from, fromAt);
      if (this.node === 0) this.node = firstValue(arena, nodes);
    }
    if (this.node !== 0) this.#enter();
  }

  /** Goes before all entries, or behind them to walk back. */
  openAll(arena: Arena, stream: Unit, isReverse: boolean): void {
    const nodes = nodesOf(stream);
    const node = isReverse ? lastValue(arena, nodes) : firstValue(arena, nodes);
    this.openAt(arena, stream, node, isReverse);
  }

  /** Goes before the first entry of a node, or behind its last to walk back. */
  openAt(arena: Arena, stream: Unit, node: Unit, isReverse: boolean): void {
    this.#arena = arena;
    this.#stream = stream;
    this.#isReverse = isReverse;
    this.showsDeleted = false;
    this.#from.fill(0);
    this.#to.fill(-1);
    this.node = node;
    if (node !== 0) this.#enter();
  }

  /** Lets go of a copy of a long listpack. The current entry's fields can't be read any more. */
  release(): void {
    this.region = this.#arena;
  }

  /** Goes to the next entry in the range. @returns whether there is one */
  next(): boolean {
    return this.#isReverse ? this.#previousEntry() : this.#nextEntry();
  }

  #nextEntry(): boolean {
    while (this.node !== 0) {
      const { bytes } = this.region;
      if (this.flagsAt !== 0) this.#at = this.#behind();
      while (bytes[this.#at] !== 0xff) {
        this.#read(this.#at);
        if (
          (!this.isDeleted || this.showsDeleted) && compareIds(this.id, 0, this.#from, 0) >= 0
        ) {
          if (compareIds(this.id, 0, this.#to, 0) <= 0) return true;
          this.node = 0;
          return false;
        }
        this.#at = this.#behind();
      }
      this.node = valueAfter(this.#arena, nodesOf(this.#stream), this.#arena.words, this.node << 1);
      if (this.node !== 0) this.#enter();
    }
    return false;
  }

  #previousEntry(): boolean {
    while (this.node !== 0) {
      const { bytes } = this.region;
      // `flagsAt` is where the entry behind begins, or the end of the listpack.
      for (;;) {
        let p = before(bytes, this.lp, this.flagsAt);
        let count = Number(integerAt(bytes, p));
        if (count === 0) break;
        while (count-- > 0) p = before(bytes, this.lp, p);
        this.#read(p);
        if ((!this.isDeleted || this.showsDeleted) && compareIds(this.id, 0, this.#to, 0) <= 0) {
          if (compareIds(this.id, 0, this.#from, 0) >= 0) return true;
          this.node = 0;
          return false;
        }
      }
      this.node = valueBefore(
        this.#arena,
        nodesOf(this.#stream),
        this.#arena.words,
        this.node << 1,
      );
      if (this.node !== 0) this.#enter();
    }
    return false;
  }

  /** Goes before the node's first entry, or behind its last. */
  #enter(): void {
    openNode(this.#arena, this.node, this);
    const { bytes } = this.region;
    const fieldCount = fieldCountPosition(bytes, this.lp);
    this.#masterCount = Number(integerAt(bytes, fieldCount));
    this.#masterFields = fieldCount + sizeAt(bytes, fieldCount);
    if (this.#isReverse) {
      this.flagsAt = endOf(bytes, this.lp);
    } else {
      this.#at = entriesPosition(bytes, this.lp);
      this.flagsAt = 0;
    }
  }

  /** Reads the head of the entry at `p`. */
  #read(p: Position): void {
    const { bytes } = this.region;
    const { words } = this.#arena;
    this.flagsAt = p;
    const flags = Number(integerAt(bytes, p));
    p += sizeAt(bytes, p);
    copyId(words, this.node << 1, this.id, 0);
    addDifference(this.id, 0, integerAt(bytes, p));
    p += sizeAt(bytes, p);
    addDifference(this.id, 2, integerAt(bytes, p));
    p += sizeAt(bytes, p);
    this.isDeleted = (flags & DELETED) !== 0;
    this.#hasSameFields = (flags & SAME_FIELDS) !== 0;
    if (this.#hasSameFields) {
      this.fieldCount = this.#masterCount;
    } else {
      this.fieldCount = Number(integerAt(bytes, p));
      p += sizeAt(bytes, p);
    }
    this.#dataAt = p;
    this.rewind();
  }

  /** Where the element behind the current entry is, the next one's flags. */
  #behind(): Position {
    const { bytes } = this.region;
    let p = this.#at;
    // With the element count at the entry's end.
    const elements = (this.#hasSameFields ? this.#left : this.#left * 2) + 1;
    for (let i = 0; i < elements; i++) p += sizeAt(bytes, p);
    return p;
  }

  /** Goes before the entry's first field. */
  rewind(): void {
    this.#at = this.#dataAt;
    this.#left = this.fieldCount;
    this.#nextMasterField = this.#masterFields;
  }

  /** Goes to the entry's next field; to be called at most `fieldCount` times. */
  nextField(): void {
    const { bytes } = this.region;
    let p = this.#at;
    if (this.#hasSameFields) {
      this.fieldAt = this.#nextMasterField;
      this.#nextMasterField += sizeAt(bytes, this.fieldAt);
    } else {
      this.fieldAt = p;
      p += sizeAt(bytes, p);
    }
    this.valueAt = p;
    this.#at = p + sizeAt(bytes, p);
    this.#left--;
  }
}
