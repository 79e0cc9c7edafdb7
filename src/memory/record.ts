/**
 * Record: one key with its value, in one block of an arena.
 *
 *   OFFSET  SIZE  FIELD
 *        0     1  keyLength   0 to 254; 255: the length stands in longKeyLength
 *        1     1  kind        bits 0-3: type   bits 4-7: encoding
 *        2     2  valueLength bytes of the value part
 *        4     4  access      bits 0-3: flags   bits 4-31: clock or counter of the eviction policy
 *   only with HAS_EXPIRY:
 *        8     8  expiresAt   milliseconds since 1970, low word first
 *       16     4  volatileAt  position in the list of records that expire
 *   then, only with keyLength 255:
 *              4  longKeyLength
 *   then:         key         padded to a multiple of 4
 *                 value       starts on a multiple of 4
 *   at the end of the block, only with HAS_NOTE (record_note.ts):
 *                 note        what is kept beside the value
 *              1  noteLength  the last byte of the block
 *
 * Example: SET name crab EX 60 takes 8 + 12 + 4 + 4 = 28 bytes, so a block of 32:
 *   04 80 04 00 | access.. | expiresAt........ | volatileAt | 6e 61 6d 65 | 63 72 61 62
 *
 * Invariants: exactly one index slot refers to a record; with HAS_EXPIRY, entry `volatileAt` of the
 * list does, too. The block is the smallest class that fits, unless the value was shortened in
 * place.
 */

/** Offset of a record in its arena in 8-byte units; 0 = none. */
export type LocalRef = number;

export const HEADER_BYTES = 8;
export const EXPIRY_BYTES = 12;
const LONG_KEY = 255;
const LONG_KEY_BYTES = 4;

/** Flags, the low four bits of the access word. */
export const HAS_EXPIRY = 1;
export const HAS_NOTE = 2;
const FLAG_MASK = 15;
export const ACCESS_SHIFT = 4;
/** Largest value of the 28-bit access field. */
export const ACCESS_MAX = 0x0fff_ffff;

/**
 * Longest key in bytes: with the page table of a value of 512 MiB beside it a record still fits a
 * page.
 */
export const MAX_KEY_BYTES = 30_720;
/** Longest value part in bytes. */
export const MAX_INLINE_BYTES = 32_800;
/** Longest compact encoding of a collection in bytes; longer ones are kept outside of the record. */
export const MAX_COMPACT_BYTES = 32_000;

/** Words (32 bit) from a record's start. */
const ACCESS_WORD = 1;
const EXPIRES_LOW_WORD = 2;
const EXPIRES_HIGH_WORD = 3;
const VOLATILE_WORD = 4;
const TWO_POW_32 = 4_294_967_296;

/** Bytes of a record before its key. */
function bytesBeforeKey(keyLength: number, hasExpiry: boolean): number {
  return HEADER_BYTES + (hasExpiry ? EXPIRY_BYTES : 0) +
    (keyLength >= LONG_KEY ? LONG_KEY_BYTES : 0);
}

/** Bytes that a record needs. */
export function recordSize(keyLength: number, valueLength: number, hasExpiry: boolean): number {
  return bytesBeforeKey(keyLength, hasExpiry) + ((keyLength + 3) & ~3) + valueLength;
}

/** Writes the fixed fields; the key, the value and the access clock are the caller's. */
export function writeHeader(
  words: Int32Array,
  ref: LocalRef,
  keyLength: number,
  kind: number,
  valueLength: number,
  hasExpiry: boolean,
): void {
  const word = ref << 1;
  const shortLength = keyLength >= LONG_KEY ? LONG_KEY : keyLength;
  words[word] = shortLength | (kind << 8) | (valueLength << 16);
  words[word + ACCESS_WORD] = hasExpiry ? HAS_EXPIRY : 0;
  if (shortLength === LONG_KEY) {
    words[word + (hasExpiry ? (HEADER_BYTES + EXPIRY_BYTES) >> 2 : HEADER_BYTES >> 2)] = keyLength;
  }
}

export function keyLengthOf(words: Int32Array, ref: LocalRef): number {
  const word = ref << 1;
  const length = words[word] & 255;
  if (length !== LONG_KEY) return length;
  return words[word + (HEADER_BYTES + (words[word + 1] & HAS_EXPIRY ? EXPIRY_BYTES : 0) >> 2)];
}

/** Offset of the key in the arena, in bytes; a multiple of 4. */
export function keyOffsetOf(words: Int32Array, ref: LocalRef): number {
  const word = ref << 1;
  let offset = (ref << 3) + HEADER_BYTES;
  if ((words[word + ACCESS_WORD] & HAS_EXPIRY) !== 0) offset += EXPIRY_BYTES;
  if ((words[word] & 255) === LONG_KEY) offset += LONG_KEY_BYTES;
  return offset;
}

/** Offset of the value in the arena, in bytes; a multiple of 4. */
export function valueOffsetOf(words: Int32Array, ref: LocalRef): number {
  const word = ref << 1;
  let offset = (ref << 3) + HEADER_BYTES;
  if ((words[word + ACCESS_WORD] & HAS_EXPIRY) !== 0) offset += EXPIRY_BYTES;
  let keyLength = words[word] & 255;
  if (keyLength === LONG_KEY) {
    keyLength = words[offset >> 2];
    offset += LONG_KEY_BYTES;
  }
  return offset + ((keyLength + 3) & ~3);
}

export function kindOf(words: Int32Array, ref: LocalRef): number {
  return (words[ref << 1] >>> 8) & 255;
}

export function valueLengthOf(words: Int32Array, ref: LocalRef): number {
  return words[ref << 1] >>> 16;
}

/** Changes kind and length of the value part, which must still fit its block. */
export function setKindAndLength(
  words: Int32Array,
  ref: LocalRef,
  kind: number,
  valueLength: number,
): void {
  const word = ref << 1;
  words[word] = (words[word] & 255) | (kind << 8) | (valueLength << 16);
}

/** As `setKindAndLength`, for a value that takes the place of another: what was noted of that is gone. */
export function beginValue(
  words: Int32Array,
  ref: LocalRef,
  kind: number,
  valueLength: number,
): void {
  setKindAndLength(words, ref, kind, valueLength);
  words[(ref << 1) + ACCESS_WORD] &= ~HAS_NOTE;
}

export function hasNote(words: Int32Array, ref: LocalRef): boolean {
  return (words[(ref << 1) + ACCESS_WORD] & HAS_NOTE) !== 0;
}

export function markNoted(words: Int32Array, ref: LocalRef): void {
  words[(ref << 1) + ACCESS_WORD] |= HAS_NOTE;
}

export function hasExpiry(words: Int32Array, ref: LocalRef): boolean {
  return (words[(ref << 1) + ACCESS_WORD] & HAS_EXPIRY) !== 0;
}

/** The record must have an expiry. @returns milliseconds since 1970 */
export function expiryOf(words: Int32Array, ref: LocalRef): number {
  const word = ref << 1;
  return words[word + EXPIRES_HIGH_WORD] * TWO_POW_32 + (words[word + EXPIRES_LOW_WORD] >>> 0);
}

export function writeExpiry(words: Int32Array, ref: LocalRef, expiresAtMs: number): void {
  const word = ref << 1;
  words[word + EXPIRES_LOW_WORD] = expiresAtMs | 0;
  words[word + EXPIRES_HIGH_WORD] = Math.floor(expiresAtMs / TWO_POW_32);
}

export function volatileAtOf(words: Int32Array, ref: LocalRef): number {
  return words[(ref << 1) + VOLATILE_WORD];
}

export function writeVolatileAt(words: Int32Array, ref: LocalRef, position: number): void {
  words[(ref << 1) + VOLATILE_WORD] = position;
}

/** The 28-bit field of the eviction policy. */
export function accessOf(words: Int32Array, ref: LocalRef): number {
  return words[(ref << 1) + ACCESS_WORD] >>> ACCESS_SHIFT;
}

export function writeAccess(words: Int32Array, ref: LocalRef, access: number): void {
  const word = (ref << 1) + ACCESS_WORD;
  words[word] = (words[word] & FLAG_MASK) | (access << ACCESS_SHIFT);
}

/** Whether the record's key is these bytes. */
export function keyEquals(
  words: Int32Array,
  ref: LocalRef,
  input: DataView,
  offset: number,
  length: number,
): boolean {
  const word = ref << 1;
  const short = words[word] & 255;
  if (short !== length) {
    if (short !== LONG_KEY || keyLengthOf(words, ref) !== length) return false;
  } else if (short === LONG_KEY && keyLengthOf(words, ref) !== LONG_KEY) {
    return false;
  }
  let at = keyOffsetOf(words, ref) >> 2;
  let o = offset;
  const wordsEnd = offset + (length & ~3);
  for (; o < wordsEnd; o += 4, at++) if (words[at] !== input.getInt32(o, true)) return false;
  const rest = length & 3;
  if (rest === 0) return true;
  // Input has readable bytes behind every argument; the ones beyond the key are shifted out.
  return ((words[at] ^ input.getInt32(o, true)) << (32 - rest * 8)) === 0;
}
