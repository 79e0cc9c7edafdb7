/**
 * Bytes as a quoted text: what is printable ASCII as it is, backslash and quote behind a backslash,
 * line breaks and the like as \n \r \t \a \b, everything else as \xHH.
 *
 * Source: sdscatrepr of Redis's src/sds.c, whose quoting MONITOR's readers know.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DIGITS = "0123456789abcdef";

/** The letter behind the backslash, by byte; 0 = none. */
const LETTERS: Uint8Array = new Uint8Array(256);
for (const [byte, letter] of ["\x07a", "\bb", "\tt", "\nn", "\rr"]) {
  LETTERS[byte.charCodeAt(0)] = letter.charCodeAt(0);
}
LETTERS[QUOTE] = QUOTE;
LETTERS[BACKSLASH] = BACKSLASH;

/** @returns bytes that the quoted text takes, the quotes included */
export function quotedLength(bytes: Uint8Array, start: number, end: number): number {
  let length = end - start + 2;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (LETTERS[byte] !== 0) length += 1;
    else if (byte < 0x20 || byte > 0x7e) length += 3;
  }
  return length;
}

/** Writes the quoted text of `bytes[start..end)` to `target` at `at`. @returns where it ends */
export function writeQuoted(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  target[at++] = QUOTE;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (LETTERS[byte] !== 0) {
      target[at++] = BACKSLASH;
      target[at++] = LETTERS[byte];
    } else if (byte < 0x20 || byte > 0x7e) {
      target[at++] = BACKSLASH;
      target[at++] = 0x78;
      target[at++] = DIGITS.charCodeAt(byte >> 4);
      target[at++] = DIGITS.charCodeAt(byte & 15);
    } else {
      target[at++] = byte;
    }
  }
  target[at++] = QUOTE;
  return at;
}
