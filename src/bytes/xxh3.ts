/**
 * XXH3, 64 bits, seed 0: a fast hash of good spread, not for secrets.
 *
 * Up to 240 bytes a few multiplications of 64 × 64 bits give the hash. Longer inputs pass in stripes of 64
 * bytes through eight accumulators of 64 bits, kept here as halves of 32 so that no bigint is made per
 * stripe:
 *
 *   input  | stripe 0 | stripe 1 | ... | stripe 15 | stripe 16 | ...     a block is 16 stripes, after
 *   secret  at byte 0   at byte 8       at byte 120   at byte 0          which the accumulators are stirred
 *
 * Cost: about 1 µs and a few bigints for short inputs, linear beyond.
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */

const PRIME32_1 = 0x9e3779b1;
const PRIME32_2 = 0x85ebca77;
const PRIME32_3 = 0xc2b2ae3d;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const PRIME_MX1 = 0x165667919e3779f9n;
const PRIME_MX2 = 0x9fb21c651e98df25n;

const MASK_64 = (1n << 64n) - 1n;

const STRIPE_BYTES = 64;
const LANE_COUNT = 8;
const SECRET_STEP_BYTES = 8;
const SECRET_BYTES = 192;
const STRIPES_PER_BLOCK = (SECRET_BYTES - STRIPE_BYTES) / SECRET_STEP_BYTES;
const BLOCK_BYTES = STRIPES_PER_BLOCK * STRIPE_BYTES;
const SHORT_BYTES = 240;

const SECRET_HEX = "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f" +
  "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c" +
  "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8" +
  "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364" +
  "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e" +
  "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e";

const secret = new DataView(new ArrayBuffer(SECRET_BYTES));
for (let i = 0; i < SECRET_BYTES; i++) {
  secret.setUint8(i, parseInt(SECRET_HEX.slice(2 * i, 2 * i + 2), 16));
}

/** @returns the hash as an unsigned 64-bit integer; O(n) */
export function xxh3(bytes: Uint8Array): bigint {
  const length = bytes.length;
  const input = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length > SHORT_BYTES) return hashLong(input, length);
  if (length > 128) return hash129To240(input, length);
  if (length > 16) return hash17To128(input, length);
  if (length > 8) return hash9To16(input, length);
  if (length >= 4) return hash4To8(input, length);
  if (length > 0) return hash1To3(input, length);
  return avalanche64(read64(secret, 56) ^ read64(secret, 64));
}

/** @returns the hash as 16 hexadecimal digits in lower case; O(n) */
export function xxh3Hex(bytes: Uint8Array): string {
  return xxh3(bytes).toString(16).padStart(16, "0");
}

function read64(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true);
}

/** The upper 64 bits of the product, mixed into the lower ones. */
function multiplyAndFold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK_64) ^ (product >> 64n);
}

function avalanche64(hash: bigint): bigint {
  hash ^= hash >> 33n;
  hash = (hash * PRIME64_2) & MASK_64;
  hash ^= hash >> 29n;
  hash = (hash * PRIME64_3) & MASK_64;
  return hash ^ (hash >> 32n);
}

function avalanche(hash: bigint): bigint {
  hash ^= hash >> 37n;
  hash = (hash * PRIME_MX1) & MASK_64;
  return hash ^ (hash >> 32n);
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return ((value << bits) & MASK_64) | (value >> (64n - bits));
}

function swapBytes(value: bigint): bigint {
  let swapped = 0n;
  for (let i = 0; i < 8; i++) {
    swapped = (swapped << 8n) | (value & 0xffn);
    value >>= 8n;
  }
  return swapped;
}

function hash1To3(input: DataView, length: number): bigint {
  const first = input.getUint8(0);
  const middle = input.getUint8(length >> 1);
  const last = input.getUint8(length - 1);
  const combined = ((first << 16) | (middle << 24) | last | (length << 8)) >>> 0;
  const flip = (secret.getUint32(0, true) ^ secret.getUint32(4, true)) >>> 0;
  return avalanche64(BigInt((combined ^ flip) >>> 0));
}

function hash4To8(input: DataView, length: number): bigint {
  const head = BigInt(input.getUint32(0, true));
  const tail = BigInt(input.getUint32(length - 4, true));
  const flip = read64(secret, 8) ^ read64(secret, 16);
  let hash = (tail | (head << 32n)) ^ flip;
  hash ^= rotateLeft(hash, 49n) ^ rotateLeft(hash, 24n);
  hash = (hash * PRIME_MX2) & MASK_64;
  hash ^= (hash >> 35n) + BigInt(length);
  hash = (hash * PRIME_MX2) & MASK_64;
  return hash ^ (hash >> 28n);
}

function hash9To16(input: DataView, length: number): bigint {
  const low = read64(input, 0) ^ read64(secret, 24) ^ read64(secret, 32);
  const high = read64(input, length - 8) ^ read64(secret, 40) ^ read64(secret, 48);
  const sum = BigInt(length) + swapBytes(low) + high + multiplyAndFold(low, high);
  return avalanche(sum & MASK_64);
}

/** 16 bytes of the input with 16 of the secret. */
function mix16(input: DataView, offset: number, secretOffset: number): bigint {
  return multiplyAndFold(
    read64(input, offset) ^ read64(secret, secretOffset),
    read64(input, offset + 8) ^ read64(secret, secretOffset + 8),
  );
}

function hash17To128(input: DataView, length: number): bigint {
  let sum = BigInt(length) * PRIME64_1;
  // Pairs of pieces from both ends towards the middle.
  for (let pair = (length - 1) >> 5; pair >= 0; pair--) {
    sum += mix16(input, 16 * pair, 32 * pair);
    sum += mix16(input, length - 16 * (pair + 1), 32 * pair + 16);
  }
  return avalanche(sum & MASK_64);
}

function hash129To240(input: DataView, length: number): bigint {
  let sum = BigInt(length) * PRIME64_1;
  for (let piece = 0; piece < 8; piece++) sum += mix16(input, 16 * piece, 16 * piece);
  sum = avalanche(sum & MASK_64);
  const pieceCount = length >> 4;
  for (let piece = 8; piece < pieceCount; piece++) {
    sum += mix16(input, 16 * piece, 16 * (piece - 8) + 3);
  }
  sum += mix16(input, length - 16, 136 - 17);
  return avalanche(sum & MASK_64);
}

function hashLong(input: DataView, length: number): bigint {
  const low = new Uint32Array(LANE_COUNT);
  const high = new Uint32Array(LANE_COUNT);
  const start = [
    BigInt(PRIME32_3),
    PRIME64_1,
    PRIME64_2,
    PRIME64_3,
    PRIME64_4,
    BigInt(PRIME32_2),
    PRIME64_5,
    BigInt(PRIME32_1),
  ];
  for (let lane = 0; lane < LANE_COUNT; lane++) {
    low[lane] = Number(start[lane] & 0xffffffffn);
    high[lane] = Number(start[lane] >> 32n);
  }
  const blockCount = Math.floor((length - 1) / BLOCK_BYTES);
  for (let block = 0; block < blockCount; block++) {
    const blockOffset = block * BLOCK_BYTES;
    for (let stripe = 0; stripe < STRIPES_PER_BLOCK; stripe++) {
      const offset = blockOffset + stripe * STRIPE_BYTES;
      accumulate(low, high, input, offset, stripe * SECRET_STEP_BYTES);
    }
    scramble(low, high);
  }
  const restOffset = blockCount * BLOCK_BYTES;
  const stripeCount = Math.floor((length - 1 - restOffset) / STRIPE_BYTES);
  for (let stripe = 0; stripe < stripeCount; stripe++) {
    const offset = restOffset + stripe * STRIPE_BYTES;
    accumulate(low, high, input, offset, stripe * SECRET_STEP_BYTES);
  }
  accumulate(low, high, input, length - STRIPE_BYTES, SECRET_BYTES - STRIPE_BYTES - 7);
  let sum = BigInt(length) * PRIME64_1;
  for (let lane = 0; lane < LANE_COUNT; lane += 2) {
    sum += multiplyAndFold(
      join(low, high, lane) ^ read64(secret, 11 + 8 * lane),
      join(low, high, lane + 1) ^ read64(secret, 19 + 8 * lane),
    );
  }
  return avalanche(sum & MASK_64);
}

function join(low: Uint32Array, high: Uint32Array, lane: number): bigint {
  return (BigInt(high[lane]) << 32n) | BigInt(low[lane]);
}

/** The upper 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle = aLow * bHigh + (cross & 0xffff);
  return aHigh * bHigh + Math.floor(cross / 0x10000) + Math.floor(middle / 0x10000);
}

/** Adds one stripe: every lane its halves' product, its neighbour the lane's input. */
function accumulate(
  low: Uint32Array,
  high: Uint32Array,
  input: DataView,
  offset: number,
  secretOffset: number,
): void {
  for (let lane = 0; lane < LANE_COUNT; lane++) {
    const at = 8 * lane;
    const inputLow = input.getUint32(offset + at, true);
    const inputHigh = input.getUint32(offset + at + 4, true);
    const keyLow = (inputLow ^ secret.getUint32(secretOffset + at, true)) >>> 0;
    const keyHigh = (inputHigh ^ secret.getUint32(secretOffset + at + 4, true)) >>> 0;
    const neighbour = lane ^ 1;
    const inputSum = low[neighbour] + inputLow;
    low[neighbour] = inputSum;
    high[neighbour] = high[neighbour] + inputHigh + (inputSum > 0xffffffff ? 1 : 0);
    const productSum = low[lane] + (Math.imul(keyLow, keyHigh) >>> 0);
    low[lane] = productSum;
    high[lane] = high[lane] + multiplyHigh(keyLow, keyHigh) + (productSum > 0xffffffff ? 1 : 0);
  }
}

/** Stirs every lane: acc = (acc ^ acc >> 47 ^ secret) × PRIME32_1. */
function scramble(low: Uint32Array, high: Uint32Array): void {
  for (let lane = 0; lane < LANE_COUNT; lane++) {
    const at = SECRET_BYTES - STRIPE_BYTES + 8 * lane;
    const mixedLow = (low[lane] ^ (high[lane] >>> 15) ^ secret.getUint32(at, true)) >>> 0;
    const mixedHigh = (high[lane] ^ secret.getUint32(at + 4, true)) >>> 0;
    low[lane] = Math.imul(mixedLow, PRIME32_1);
    high[lane] = multiplyHigh(mixedLow, PRIME32_1) + (Math.imul(mixedHigh, PRIME32_1) >>> 0);
  }
}
