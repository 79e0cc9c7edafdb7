/**
 * The conditions under which SET, MSETEX and DELEX act: on the key's presence, its value or the value's
 * digest. They are bits beside those of the expiry options, and exclude each other.
 */
import { equals } from "@std/bytes";
import { xxh3Hex } from "../../bytes/xxh3.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { readAll, stringLength } from "../../engine/strings.ts";
import type { Call } from "../call.ts";
import { FIRST_OWN_OPTION } from "../options.ts";

export const NX = FIRST_OWN_OPTION;
export const XX: number = FIRST_OWN_OPTION << 1;
export const IFEQ: number = FIRST_OWN_OPTION << 2;
export const IFNE: number = FIRST_OWN_OPTION << 3;
export const IFDEQ: number = FIRST_OWN_OPTION << 4;
export const IFDNE: number = FIRST_OWN_OPTION << 5;

/** Those that compare with the value or its digest, and so need a string. */
export const COMPARISONS: number = IFEQ | IFNE | IFDEQ | IFDNE;
/** Those that compare with the digest. */
export const DIGEST_COMPARISONS: number = IFDEQ | IFDNE;
/** All of the group: at most one of them in a command. */
export const CONDITIONS: number = NX | XX | COMPARISONS;
/** Bits above these are free for the options of one command. */
export const NEXT_OWN_OPTION: number = FIRST_OWN_OPTION << 6;

export const INVALID_DIGEST = "ERR must be exactly 16 hexadecimal characters";

const DIGEST_DIGITS = 16;

/** @returns the condition that argument `i` names, 0 if it is none */
export function conditionOption(call: Call, i: number): number {
  switch (call.length(i)) {
    case 2:
      return call.is(i, "NX") ? NX : call.is(i, "XX") ? XX : 0;
    case 4:
      return call.is(i, "IFEQ") ? IFEQ : call.is(i, "IFNE") ? IFNE : 0;
    case 5:
      return call.is(i, "IFDEQ") ? IFDEQ : call.is(i, "IFDNE") ? IFDNE : 0;
    default:
      return 0;
  }
}

/** Whether argument `i` is as long as a digest; Redis looks no closer, other characters just never match. */
export function isDigest(call: Call, i: number): boolean {
  return call.length(i) === DIGEST_DIGITS;
}

/**
 * Whether the condition is met by the record, 0 being an absent key. A key that is absent equals nothing.
 * @param ref a string, or 0
 * @param condition one of the group
 * @param i the argument with the value or digest to compare with; of no meaning for NX and XX
 */
export function conditionHolds(call: Call, ref: RecordRef, condition: number, i: number): boolean {
  switch (condition) {
    case NX:
      return ref === 0;
    case XX:
      return ref !== 0;
    case IFEQ:
      return ref !== 0 && hasValue(call, ref, i);
    case IFNE:
      return ref === 0 || !hasValue(call, ref, i);
    case IFDEQ:
      return ref !== 0 && hasDigest(call, ref, i);
    default:
      return ref === 0 || !hasDigest(call, ref, i);
  }
}

function hasValue(call: Call, ref: RecordRef, i: number): boolean {
  const keyspace = call.engine.keyspace;
  return stringLength(keyspace, ref) === call.length(i) &&
    equals(readAll(keyspace, ref), call.bytes(i));
}

function hasDigest(call: Call, ref: RecordRef, i: number): boolean {
  return call.keyword(i) === xxh3Hex(readAll(call.engine.keyspace, ref));
}
