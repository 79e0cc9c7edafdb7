/**
 * CRC16 in its XMODEM variant (polynomial 0x1021, start 0, not reflected), and the cluster slot
 * that it gives a key.
 *
 * Source: the Redis cluster specification, "Key distribution model" and "Hash tags".
 */

/** Number of slots of a cluster. */
export const SLOT_COUNT = 16384;

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const TABLE = makeTable();

function makeTable(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    table[byte] = crc;
  }
  return table;
}

/** @param offset start in `bytes` @param length in bytes @returns 0 to 65535 */
export function crc16(bytes: Uint8Array, offset: number, length: number): number {
  let crc = 0;
  const end = offset + length;
  for (let at = offset; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ bytes[at]];
  }
  return crc;
}

/**
 * The slot of a key. Where the key holds a "{", a "}" behind it and something between them, then
 * only what is between the first such two counts, so that related keys can share a slot.
 * @returns 0 to 16383
 */
export function keySlot(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let open = offset;
  while (open < end && bytes[open] !== OPENING_BRACE) open++;
  if (open < end) {
    let close = open + 1;
    while (close < end && bytes[close] !== CLOSING_BRACE) close++;
    if (close < end && close > open + 1) {
      return crc16(bytes, open + 1, close - open - 1) & (SLOT_COUNT - 1);
    }
  }
  return crc16(bytes, offset, length) & (SLOT_COUNT - 1);
}
