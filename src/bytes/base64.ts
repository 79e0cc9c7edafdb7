/** Base64 with padding, from bytes to ASCII bytes. Source: RFC 4648 §4 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING = 0x3d;

/** Two letters for each twelve bits, the first one low. */
const PAIRS = Uint16Array.from(
  { length: 4096 },
  (_, bits) => ALPHABET.charCodeAt(bits >> 6) | (ALPHABET.charCodeAt(bits & 63) << 8),
);

/** @returns letters that so many bytes become */
export function base64Length(length: number): number {
  return Math.ceil(length / 3) * 4;
}

/** Writes `length` bytes of `source` as letters to `target`, which has room for them. */
export function writeBase64(
  source: Uint8Array,
  offset: number,
  length: number,
  target: DataView,
  at: number,
): void {
  const whole = offset + length - length % 3;
  let i = offset;
  for (; i < whole; i += 3) {
    const bits = (source[i] << 16) | (source[i + 1] << 8) | source[i + 2];
    target.setInt32(at, PAIRS[bits >> 12] | (PAIRS[bits & 4095] << 16), true);
    at += 4;
  }
  const left = offset + length - i;
  if (left === 0) return;
  const bits = (source[i] << 16) | (left === 2 ? source[i + 1] << 8 : 0);
  const last = left === 2 ? PAIRS[bits & 4095] & 0xff : PADDING;
  target.setInt32(at, PAIRS[bits >> 12] | (last << 16) | (PADDING << 24), true);
}
