/**
 * LZF: the fast compression that Redis uses for strings in its dumps and for nodes of long lists.
 *
 *   FIRST BYTE  WHAT FOLLOWS
 *   000lllll    l + 1 bytes as they are
 *   lllooooo    l + 2 bytes that were there o * 256 + (next byte) + 1 bytes before, l from 1 to 6
 *   111ooooo    as above, with l being 7 and the next byte, before that of the distance
 *
 * Example: "hello hello hello" is 06 68 65 6c 6c 6f 20 68 | c0 05 | 01 6c 6f: 8 bytes from 6 before.
 *
 * Cost: one pass over the input each.  Source: liblzf 3.6, lzf_c.c and lzf_d.c.
 */

const HASH_BITS = 16;
const HASH_MASK = (1 << HASH_BITS) - 1;
const MAX_LITERALS = 32;
const MAX_DISTANCE = 8192;
const MAX_REPEAT = 264;
/** Where the next input would get entries beyond this, the table is emptied. */
const MAX_BASE = 2 ** 30;
const UNROLLED_REPEAT = 19;

/** Where three bytes of this hash were last, counted from `base`. */
const table = new Int32Array(1 << HASH_BITS);
/** Entries below it are of former inputs. */
let base = 1;

function slotOf(value: number): number {
  return ((value >>> (24 - HASH_BITS)) - value * 5) & HASH_MASK;
}

/** Makes what the table holds stale. @returns what is added to a position to be put in the table */
function nextBase(length: number): number {
  if (base + length > MAX_BASE) {
    table.fill(0);
    base = 1;
  }
  const mine = base;
  base += length;
  return mine;
}

/**
 * Compresses `length` bytes to `target`, which is other memory.
 * @param capacity bytes that may be written
 * @returns bytes written, 0 if the capacity does not suffice
 */
export function lzfCompress(
  source: Uint8Array,
  offset: number,
  length: number,
  target: Uint8Array,
  targetOffset: number,
  capacity: number,
): number {
  if (length === 0 || capacity === 0) return 0;
  const toEntry = nextBase(length) - offset;
  const end = offset + length;
  const outEnd = targetOffset + capacity;
  let ip = offset;
  let op = targetOffset + 1;
  let literals = 0;
  let hash = length > 1 ? (source[ip] << 8) | source[ip + 1] : 0;
  while (ip < end - 2) {
    hash = ((hash << 8) | source[ip + 2]) & 0xffffff;
    const slot = slotOf(hash);
    const ref = table[slot] - toEntry;
    table[slot] = ip + toEntry;
    const distance = ip - ref - 1;
    if (
      ref > offset && distance < MAX_DISTANCE && source[ref + 2] === source[ip + 2] &&
      source[ref + 1] === source[ip + 1] && source[ref] === source[ip]
    ) {
      if (op - (literals === 0 ? 1 : 0) + 4 >= outEnd) return 0;
      target[op - literals - 1] = literals - 1;
      if (literals === 0) op--;
      const repeat = repeatLength(source, ref, ip, longestRepeat(end - ip - 2));
      op = writeRepeat(target, op, distance, repeat - 2) + 1;
      literals = 0;
      ip += repeat;
      if (ip >= end - 2) break;
      for (let at = ip - 2; at < ip; at++) {
        hash = ((source[at] << 16) | (source[at + 1] << 8) | source[at + 2]) & 0xffffff;
        table[slotOf(hash)] = at + toEntry;
      }
    } else {
      if (op >= outEnd) return 0;
      target[op++] = source[ip++];
      if (++literals === MAX_LITERALS) {
        target[op - MAX_LITERALS - 1] = MAX_LITERALS - 1;
        literals = 0;
        op++;
      }
    }
  }
  return finish(source, ip, end, target, targetOffset, op, outEnd, literals);
}

/** The original compares the first 19 bytes without looking at the end, if 17 are left there. */
function longestRepeat(left: number): number {
  if (left > 16 && left < UNROLLED_REPEAT) return UNROLLED_REPEAT;
  return Math.min(left, MAX_REPEAT);
}

/** @returns how many bytes from `ip` on repeat those from `ref` on, at least 3 */
function repeatLength(source: Uint8Array, ref: number, ip: number, longest: number): number {
  let length = 2;
  do length++; while (length < longest && source[ref + length] === source[ip + length]);
  return length;
}

/** @param length of the repeated bytes, less 2 @returns offset behind what was written */
function writeRepeat(target: Uint8Array, at: number, distance: number, length: number): number {
  if (length < 7) {
    target[at++] = (distance >> 8) + (length << 5);
  } else {
    target[at++] = (distance >> 8) + (7 << 5);
    target[at++] = length - 7;
  }
  target[at++] = distance;
  return at;
}

/** Writes the bytes that are left as they are. @returns as `lzfCompress` */
function finish(
  source: Uint8Array,
  ip: number,
  end: number,
  target: Uint8Array,
  start: number,
  op: number,
  outEnd: number,
  literals: number,
): number {
  if (op + 3 > outEnd) return 0;
  while (ip < end) {
    target[op++] = source[ip++];
    if (++literals === MAX_LITERALS) {
      target[op - MAX_LITERALS - 1] = MAX_LITERALS - 1;
      literals = 0;
      op++;
    }
  }
  target[op - literals - 1] = literals - 1;
  if (literals === 0) op--;
  return op - start;
}

/**
 * Decompresses to `target`, which is other memory; safe whatever the input is: nothing is read or
 * written beyond what is given.
 * @param capacity bytes that may be written
 * @returns bytes written, -1 if the input is corrupt or the capacity does not suffice
 */
export function lzfDecompress(
  source: Uint8Array,
  offset: number,
  length: number,
  target: Uint8Array,
  targetOffset: number,
  capacity: number,
): number {
  const end = offset + length;
  const outEnd = targetOffset + capacity;
  let ip = offset;
  let op = targetOffset;
  while (ip < end) {
    const control = source[ip++];
    if (control < MAX_LITERALS) {
      const count = control + 1;
      if (op + count > outEnd || ip + count > end) return -1;
      for (let i = 0; i < count; i++) target[op++] = source[ip++];
      continue;
    }
    let count = (control >> 5) + 2;
    if (ip >= end) return -1;
    if (count === 9) {
      count += source[ip++];
      if (ip >= end) return -1;
    }
    let ref = op - ((control & 31) << 8) - 1 - source[ip++];
    if (ref < targetOffset || op + count > outEnd) return -1;
    while (count-- > 0) target[op++] = target[ref++];
  }
  return op - targetOffset;
}
