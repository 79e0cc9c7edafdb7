/**
 * The expiry options that SET, GETEX and MSETEX share, as bits, and the moment that they name.
 *
 * An option may be repeated, but two different ones of this group exclude each other; which of them a
 * command takes is the command's own business.
 */
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { Call } from "./call.ts";
import { invalidExpire, NOT_AN_INTEGER } from "./errors.ts";

export const EX = 1 << 0;
export const PX = 1 << 1;
export const EXAT = 1 << 2;
export const PXAT = 1 << 3;
export const KEEPTTL = 1 << 4;
export const PERSIST = 1 << 5;

/** The options that a number follows. */
export const EXPIRY_WITH_ARGUMENT: number = EX | PX | EXAT | PXAT;
/** All of the group: at most one of them in a command. */
export const EXPIRY: number = EXPIRY_WITH_ARGUMENT | KEEPTTL | PERSIST;
/** Bits above these are free for the options of one command. */
export const FIRST_OWN_OPTION: number = 1 << 6;

const MS_PER_SECOND = 1000;
const INT64_MAX = (1n << 63n) - 1n;

/** @returns the option that argument `i` names, 0 if it is none of this group */
export function expiryOption(call: Call, i: number): number {
  switch (call.length(i)) {
    case 2:
      return call.is(i, "EX") ? EX : call.is(i, "PX") ? PX : 0;
    case 4:
      return call.is(i, "PXAT") ? PXAT : call.is(i, "EXAT") ? EXAT : 0;
    case 7:
      return call.is(i, "KEEPTTL") ? KEEPTTL : call.is(i, "PERSIST") ? PERSIST : 0;
    default:
      return 0;
  }
}

/**
 * The moment that argument `i` names, being the number behind `option`. Replies the error where it names
 * none.
 * @param option one of EX, PX, EXAT, PXAT
 * @returns milliseconds since the epoch, > 0; 0 after an error was replied
 */
export function readExpiry(call: Call, i: number, option: number, reply: ReplyWriter): number {
  const value = call.int64(i);
  if (value === undefined) {
    reply.error(NOT_AN_INTEGER);
    return 0;
  }
  const moment = expiryMoment(value, option, call.nowMs);
  if (moment === 0) reply.error(invalidExpire(call.name));
  return moment;
}

/**
 * Moments beyond 2⁵³-1 (in the year 287396) are held there; those beyond 64 bits are invalid.
 * @param value a 64-bit integer, a bigint only beyond ±(2⁵³-1)
 * @param option one of EX, PX, EXAT, PXAT
 * @returns milliseconds since the epoch, 0 if invalid
 */
export function expiryMoment(value: number | bigint, option: number, nowMs: number): number {
  const unitMs = (option & (EX | EXAT)) !== 0 ? MS_PER_SECOND : 1;
  const baseMs = (option & (EX | PX)) !== 0 ? nowMs : 0;
  if (typeof value === "number") {
    // 2⁵³ seconds from now are still less than 2⁶³ milliseconds: nothing overflows here.
    return value <= 0 ? 0 : Math.min(value * unitMs + baseMs, Number.MAX_SAFE_INTEGER);
  }
  if (value <= 0n || value * BigInt(unitMs) + BigInt(baseMs) > INT64_MAX) return 0;
  return Number.MAX_SAFE_INTEGER;
}
