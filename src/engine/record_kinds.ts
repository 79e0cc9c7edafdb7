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
const TYPE_MASK = 15;
const TYPE_NAMES = ["string"] as const;

export const ENCODING_RAW = 0;
export const ENCODING_INT = 1;
export const ENCODING_EMBSTR = 8;
/** A value in pages of its own; answers "raw" to those who ask. */
export const ENCODING_PAGED = 15;
const ENCODING_SHIFT = 4;

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
  return encoding === ENCODING_INT ? "int" : encoding === ENCODING_EMBSTR ? "embstr" : "raw";
}
