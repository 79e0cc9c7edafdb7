/**
 * Texts as UTF-8: written into bytes, and read from them.
 *
 * Short ones take a shortcut, since a call of the runtime's encoder or decoder costs more than a few
 * letters do.
 */
import type { Region } from "../ports/region.ts";

/** UTF-8 takes at most so many bytes for each UTF-16 unit. */
export const UTF8_EXPANSION = 3;

/**
 * Texts of at most so many letters are copied one by one as long as they are ASCII; from here on a
 * call of the encoder is cheaper (bench/micro/library_bench.ts).
 */
const SHORT_LETTERS = 48;

/**
 * Texts of at most so many bytes are put together from their letters where all are ASCII, others of at
 * most COPIED_BYTES are decoded from a copy, since a view of its own costs more than copying. Both
 * limits were found with bench/micro/library_bench.ts: up to them the shortcut takes about half as long,
 * on at least one of the runtimes, and no longer on the other.
 */
const SHORT_BYTES = 12;
const COPIED_BYTES = 128;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Writes a text.
 * @param bytes with room for UTF8_EXPANSION times its length from `offset` on
 * @returns the offset one past it
 */
export function writeText(text: string, bytes: Uint8Array, offset: number): number {
  const { length } = text;
  if (length <= SHORT_LETTERS) {
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) break;
      bytes[offset + i] = code;
    }
    if (i === length) return offset + length;
  }
  return offset + encoder.encodeInto(text, bytes.subarray(offset)).written;
}

/** One array for each length of a short text, filled anew for each of them. */
const LETTERS: readonly number[][] = Array.from(
  { length: SHORT_BYTES + 1 },
  (_, length) => new Array<number>(length).fill(0),
);
const COPY = new DataView(new ArrayBuffer(COPIED_BYTES));
/** The copy by its length. */
const COPIES: readonly Uint8Array[] = Array.from(
  { length: COPIED_BYTES + 1 },
  (_, length) => new Uint8Array(COPY.buffer, 0, length),
);

/** Reads a text; what is not UTF-8 becomes U+FFFD. */
export function readText({ bytes, view }: Region, offset: number, length: number): string {
  if (length <= SHORT_BYTES) {
    const letters = LETTERS[length];
    let all = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[offset + i];
      letters[i] = byte;
      all |= byte;
    }
    if (all < 0x80) return String.fromCharCode.apply(null, letters);
  }
  if (length > COPIED_BYTES) return decoder.decode(bytes.subarray(offset, offset + length));
  let i = 0;
  for (; i + 4 <= length; i += 4) COPY.setInt32(i, view.getInt32(offset + i, true), true);
  for (; i < length; i++) COPY.setUint8(i, bytes[offset + i]);
  return decoder.decode(COPIES[length]);
}

/** Reads all of some bytes as text. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
