/**
 * How records are named, and what types and encodings their values have.
 *
 *   RecordRef:  | shard: 5 bits | 8-byte unit in the shard's arena: 27 bits |     0 = no record
 *   kind:       | encoding: 4 bits | type: 4 bits |
 *
 * A RecordRef may be negative, for it is a signed 32-bit integer: take it apart by `>>>` and `&`
 * only.
 */

/** Names a record; valid until something is written to its key. 0 = none. */
export type RecordRef = number;

export const SHARD_SHIFT = 27;
export const LOCAL_MASK: number = (1 << SHARD_SHIFT) - 1;
export const MAX_SHARDS = 32;

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 5;
const TYPE_MASK = 15;
const TYPE_NAMES = ["string", "list", "set", "zset", "hash", "stream"] as const;

export const ENCODING_RAW = 0;
export const ENCODING_INT = 1;
export const ENCODING_INTSET = 2;
export const ENCODING_LISTPACK = 3;
export const ENCODING_EMBSTR = 4;
/** From here on the value part only says where the value is. */
const ENCODING_OUTSIDE = 8;
/** Structures (engine/structures.ts): the value part is a reference to the structure's header. */
export const ENCODING_QUICKLIST = 8;
export const ENCODING_HASHTABLE = 9;
export const ENCODING_SKIPLIST = 10;
export const ENCODING_STREAM = 11;
/** A small hash with fields that expire: kept as a large one, as a listpack has no room for times. */
export const ENCODING_LISTPACK_EX = 12;
/** A string in pages of its own; answers "raw" to those who ask. */
export const ENCODING_PAGED = 15;
const ENCODING_SHIFT = 4;
const ENCODING_NAMES: Readonly<Record<number, string>> = {
  [ENCODING_RAW]: "raw",
  [ENCODING_INT]: "int",
  [ENCODING_INTSET]: "intset",
  [ENCODING_LISTPACK]: "listpack",
  [ENCODING_EMBSTR]: "embstr",
  [ENCODING_QUICKLIST]: "quicklist",
  [ENCODING_HASHTABLE]: "hashtable",
  [ENCODING_SKIPLIST]: "skiplist",
  [ENCODING_STREAM]: "stream",
  [ENCODING_LISTPACK_EX]: "listpackex",
  [ENCODING_PAGED]: "raw",
};

/** Expiry argument of the writing functions: none, and what the key has now. */
export const NO_EXPIRY = 0;
export const KEEP_TTL = -1;

/** Thrown when an arena has no room left; the executor answers it with OOM. Nothing was changed. */
export class OutOfMemory extends Error {
  override name = "OutOfMemory";
}

export function makeKind(type: number, encoding: number): number {
  return type | (encoding << ENCODING_SHIFT);
}

export function typeOfKind(kind: number): number {
  return kind & TYPE_MASK;
}

export function encodingOfKind(kind: number): number {
  return kind >>> ENCODING_SHIFT;
}

/** Name of a type, as TYPE replies it. */
export function typeNameOf(type: number): string {
  return TYPE_NAMES[type];
}

/** Name of an encoding, as OBJECT ENCODING replies it. */
export function encodingNameOf(encoding: number): string {
  return ENCODING_NAMES[encoding];
}

/** Whether a value of this kind lies outside of its record. */
export function isOutside(kind: number): boolean {
  return encodingOfKind(kind) >= ENCODING_OUTSIDE;
}
