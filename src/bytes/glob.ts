/**
 * Glob patterns over bytes, as KEYS, SCAN and PSUBSCRIBE understand them.
 *
 *   *        any bytes, none included
 *   ?        one byte
 *   [ab-d]   one byte of a class, [^...] one that is not of it; \] and \- are members themselves
 *   \x       the byte x itself
 *
 * It follows Redis's `stringmatchlen` in its corners too: a class that is not closed ends with the
 * pattern, a range with its ends swapped is turned round, the ends of a range are signed bytes, a
 * lone backslash at the end stands for itself, and the empty text matches the empty pattern only,
 * not "*" (callers take a pattern of one "*" for "everything" without asking here).
 *
 * Cost: at most pattern length × text length steps. Once the part behind a "*" is nowhere in the
 * rest of the text, no earlier "*" needs to be tried again, so that patterns of many stars cannot
 * explode.
 */

const STAR = 42;
const MINUS = 45;
const QUESTION = 63;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const CARET = 94;
/** Stars that may be tried inside one another; a pattern that asks for more does not match. */
const MAX_NESTING = 1000;

const NO_MATCH = 0;
const MATCH = 1;
/** No match, nor would there be one if an earlier star took more bytes. */
const GIVE_UP = -1;

/**
 * Whether `length` bytes from `offset` match the pattern as a whole.
 * @param ignoreCase whether ASCII letters match in any case (but not when escaped inside a class)
 */
export function globMatch(
  pattern: Uint8Array,
  bytes: Uint8Array,
  offset: number,
  length: number,
  ignoreCase = false,
): boolean {
  return matchFrom(pattern, 0, bytes, offset, offset + length, ignoreCase, 0) === MATCH;
}

/** How many bytes at the start of the pattern stand for themselves. */
export function globPrefixLength(pattern: Uint8Array): number {
  let at = 0;
  while (at < pattern.length && !isSpecial(pattern[at])) at++;
  return at;
}

function isSpecial(byte: number): boolean {
  return byte === STAR || byte === QUESTION || byte === OPEN || byte === BACKSLASH;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

function matchFrom(
  pattern: Uint8Array,
  patternStart: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  ignoreCase: boolean,
  nesting: number,
): number {
  if (nesting > MAX_NESTING) return NO_MATCH;
  const patternEnd = pattern.length;
  let p = patternStart;
  let at = start;
  while (p < patternEnd && at < end) {
    let special = pattern[p];
    if (special === STAR) {
      while (pattern[p + 1] === STAR) p++;
      if (p + 1 === patternEnd) return MATCH;
      for (; at < end; at++) {
        const result = matchFrom(pattern, p + 1, bytes, at, end, ignoreCase, nesting + 1);
        if (result !== NO_MATCH) return result;
      }
      return GIVE_UP;
    }
    if (special === OPEN) {
      const next = matchClass(pattern, p + 1, bytes[at], ignoreCase);
      if (next < 0) return NO_MATCH;
      p = next;
    } else if (special === QUESTION) {
      p++;
    } else {
      if (special === BACKSLASH && p + 1 < patternEnd) special = pattern[++p];
      const byte = bytes[at];
      if (byte !== special && !(ignoreCase && lower(byte) === lower(special))) return NO_MATCH;
      p++;
    }
    at++;
    if (at === end) { while (pattern[p] === STAR) p++; }
  }
  return p === patternEnd && at === end ? MATCH : NO_MATCH;
}

/**
 * Matches one byte against the class that begins behind the bracket at `p` - 1.
 * @returns where the pattern goes on, -1 if the byte does not match
 */
function matchClass(pattern: Uint8Array, start: number, byte: number, ignoreCase: boolean): number {
  const end = pattern.length;
  let p = start;
  const negated = pattern[p] === CARET;
  if (negated) p++;
  let matched = false;
  while (p < end && pattern[p] !== CLOSE) {
    const member = pattern[p];
    if (member === BACKSLASH && p + 1 < end) {
      if (pattern[++p] === byte) matched = true;
    } else if (p + 2 < end && pattern[p + 1] === MINUS) {
      if (inRange(member, pattern[p + 2], byte, ignoreCase)) matched = true;
      p += 2;
    } else if (member === byte || (ignoreCase && lower(member) === lower(byte))) {
      matched = true;
    }
    p++;
  }
  if (matched === negated) return -1;
  return p < end ? p + 1 : end;
}

/**
 * The bytes are compared as signed ones; the ends are put in order before their case is dropped.
 */
function inRange(first: number, last: number, byte: number, ignoreCase: boolean): boolean {
  let low = (first << 24) >> 24;
  let high = (last << 24) >> 24;
  let value = (byte << 24) >> 24;
  if (low > high) {
    const swapped = low;
    low = high;
    high = swapped;
  }
  if (ignoreCase) {
    low = lower(low);
    high = lower(high);
    value = lower(value);
  }
  return value >= low && value <= high;
}
