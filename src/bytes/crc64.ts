/**
 * CRC64 as Redis ends its dumps with: Jones's polynomial, reflected, starting with 0.
 *
 * Eight bytes at a time, by tables whose entries are halves of 32 bits: no bigint.
 * Source: Redis src/crc64.c; Kounavis and Berry, A Systematic Approach to Building High Performance
 * Software-based CRC Generators (2005).
 */

/** The polynomial 0xad93d23594c935a9 with its bits reversed. */
const POLYNOMIAL_LOW = 0xac4b_c9b5 | 0;
const POLYNOMIAL_HIGH = 0x95ac_9329 | 0;
const ENTRIES = 256;
const STEP = 8;

/** Table n, at n * 256, is for a byte that n others follow. */
const LOW = new Int32Array(STEP * ENTRIES);
const HIGH = new Int32Array(STEP * ENTRIES);

function fillTables(): void {
  for (let byte = 0; byte < ENTRIES; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const isSet = (low & 1) !== 0;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isSet) {
        low ^= POLYNOMIAL_LOW;
        high ^= POLYNOMIAL_HIGH;
      }
    }
    LOW[byte] = low;
    HIGH[byte] = high;
  }
  for (let at = ENTRIES; at < STEP * ENTRIES; at++) {
    const low = LOW[at - ENTRIES], high = HIGH[at - ENTRIES];
    const next = low & 255;
    LOW[at] = ((low >>> 8) | (high << 24)) ^ LOW[next];
    HIGH[at] = (high >>> 8) ^ HIGH[next];
  }
}

fillTables();

/**
 * @param bytes the start and the length are in bytes
 * @param into gets the checksum: the low half, then the high one
 */
export function crc64(bytes: Uint8Array, offset: number, length: number, into: Int32Array): void {
  let low = 0;
  let high = 0;
  let at = offset;
  const end = offset + length;
  for (; at + STEP <= end; at += STEP) {
    low ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    high ^= bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
    const a = 1792 + (low & 255), b = 1536 + ((low >>> 8) & 255);
    const c = 1280 + ((low >>> 16) & 255), d = 1024 + (low >>> 24);
    const e = 768 + (high & 255), f = 512 + ((high >>> 8) & 255);
    const g = 256 + ((high >>> 16) & 255), h = high >>> 24;
    low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^ LOW[e] ^ LOW[f] ^ LOW[g] ^ LOW[h];
    high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^ HIGH[e] ^ HIGH[f] ^ HIGH[g] ^ HIGH[h];
  }
  for (; at < end; at++) {
    const entry = (low ^ bytes[at]) & 255;
    low = ((low >>> 8) | (high << 24)) ^ LOW[entry];
    high = (high >>> 8) ^ HIGH[entry];
  }
  into[0] = low;
  into[1] = high;
}
