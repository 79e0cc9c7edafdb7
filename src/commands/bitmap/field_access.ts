/** Reading and writing the integer of a bit field, which may lie across bytes and pages. */
import type { RecordRef } from "../../engine/keyspace.ts";
import { makeStretch, stretchAt } from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import type { Call } from "../call.ts";
import { BITS_PER_BYTE } from "./arguments.ts";

/** Bytes that a field of 64 bits may touch. */
const MAX_FIELD_BYTES = 9;
/** Widest field of at most six bytes, wherever it begins in the first: exact as a number. */
const MAX_NUMBER_WIDTH = 41;
const TWO_POW_32 = 4_294_967_296;

const stretch = makeStretch();
const field = new Uint8Array(MAX_FIELD_BYTES);

/**
 * The integer at bit `offset` of a string, which endless zero bits follow.
 * @param ref 0 = absent @param width 1 to 64
 * @returns a bigint only beyond ±(2⁵³-1)
 */
export function readField(
  call: Call,
  ref: RecordRef,
  offset: number,
  width: number,
  isSigned: boolean,
): number | bigint {
  const shift = offset % BITS_PER_BYTE;
  const byteCount = Math.ceil((shift + width) / BITS_PER_BYTE);
  load(call, ref, Math.floor(offset / BITS_PER_BYTE), byteCount);
  const behind = byteCount * BITS_PER_BYTE - shift - width;
  if (width <= MAX_NUMBER_WIDTH) {
    let value = 0;
    for (let i = 0; i < byteCount; i++) value = value * 256 + field[i];
    value = Math.floor(value / 2 ** behind) % 2 ** width;
    return isSigned && value >= 2 ** (width - 1) ? value - 2 ** width : value;
  }
  let value = 0n;
  for (let i = 0; i < byteCount; i++) value = (value << 8n) | BigInt(field[i]);
  value >>= BigInt(behind);
  value = isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Writes the low `width` bits of an integer; the string is long enough and may be changed. */
export function writeField(
  call: Call,
  ref: RecordRef,
  offset: number,
  width: number,
  value: number | bigint,
): void {
  const isNumber = typeof value === "number";
  const low = isNumber ? value | 0 : Number(BigInt.asIntN(32, value));
  const high = isNumber
    ? Math.floor(value / TWO_POW_32) | 0
    : Number(BigInt.asIntN(32, value >> 32n));
  const shift = offset % BITS_PER_BYTE;
  const first = Math.floor(offset / BITS_PER_BYTE);
  const byteCount = Math.ceil((shift + width) / BITS_PER_BYTE);
  load(call, ref, first, byteCount);
  for (let i = 0; i < width; i++) {
    const bit = (i < 32 ? low >>> i : high >>> (i - 32)) & 1;
    const at = shift + width - 1 - i;
    const mask = 0x80 >> at % BITS_PER_BYTE;
    if (bit === 1) field[at >> 3] |= mask;
    else field[at >> 3] &= ~mask;
  }
  store(call, ref, first, byteCount);
}

/** Copies bytes of a string to `field`, zero bytes where it has none. */
function load(call: Call, ref: RecordRef, first: number, count: number): void {
  const { keyspace } = call.engine;
  const length = ref === 0 ? 0 : stringLength(keyspace, ref);
  const available = Math.min(Math.max(length - first, 0), count);
  for (let i = 0; i < available;) {
    stretchAt(keyspace, ref, first + i, stretch);
    const { bytes } = stretch.region;
    const end = Math.min(available, i + stretch.length);
    for (let at = stretch.offset; i < end; i++, at++) field[i] = bytes[at];
  }
  for (let i = available; i < count; i++) field[i] = 0;
}

function store(call: Call, ref: RecordRef, first: number, count: number): void {
  for (let i = 0; i < count;) {
    stretchAt(call.engine.keyspace, ref, first + i, stretch);
    const { bytes } = stretch.region;
    const end = Math.min(count, i + stretch.length);
    for (let at = stretch.offset; i < end; i++, at++) bytes[at] = field[i];
  }
}
