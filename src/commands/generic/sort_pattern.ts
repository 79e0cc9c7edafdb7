/**
 * The patterns of SORT's BY and GET: how the name of a key is made of an element.
 *
 *   weight_*        the string at the key "weight_" + element
 *   object_*->name  the field "name" of the hash at the key "object_" + element
 *   #               the element itself (GET only)
 *
 * Source: Redis src/sort.c, lookupKeyByPattern.
 */
import { copyExact } from "../../bytes/copy.ts";
import { makeRegion, REGION_PADDING } from "../../bytes/region.ts";
import { findCompact, findEntry, isCompactHash } from "../../engine/hashes.ts";
import { type Keyspace, type RecordRef, TYPE_HASH, TYPE_STRING } from "../../engine/keyspace.ts";
import type { ShownBytes } from "../../engine/shown_bytes.ts";
import { stretchAt } from "../../engine/string_stretches.ts";
import { readAll, stringLength } from "../../engine/strings.ts";
import type { Region } from "../../ports/region.ts";
import { valueBlobOf, valueLengthOf, valueOffsetOf } from "../../structs/hash_table.ts";
import { next as nextElement } from "../../structs/listpack.ts";
import type { Call } from "../call.ts";

const STAR = 42;
const HASH_SIGN = 35;
const MINUS = 45;
const GREATER = 62;
const INITIAL_KEY_BYTES = 1024;

/** Where the parts of a pattern are in argument `arg`, as offsets from its start. */
export interface SortPattern {
  readonly arg: number;
  /** The element itself. */
  readonly isElement: boolean;
  /** Of the star; -1 = none, so that no key is named. */
  readonly star: number;
  /** End of what follows the star in the key's name. */
  readonly nameEnd: number;
  /** Of the hash field's name; 0 = the key is a string. */
  readonly field: number;
}

/** @param arg index of the command's argument that holds the pattern */
export function parseSortPattern(call: Call, arg: number): SortPattern {
  const pattern = call.bytes(arg);
  const zero = pattern.indexOf(0);
  const text = zero < 0 ? pattern : pattern.subarray(0, zero);
  const star = text.indexOf(STAR);
  let arrow = star < 0 ? -1 : text.indexOf(MINUS, star + 1);
  while (arrow >= 0 && text[arrow + 1] !== GREATER) arrow = text.indexOf(MINUS, arrow + 1);
  const hasField = arrow >= 0 && arrow + 2 < text.length;
  return {
    arg,
    isElement: text.length === 1 && text[0] === HASH_SIGN,
    star,
    nameEnd: hasField ? arrow : pattern.length,
    field: hasField ? arrow + 2 : 0,
  };
}

let key = makeRegion(INITIAL_KEY_BYTES);

/**
 * Looks up what a pattern stands for with an element.
 * @returns whether there is such a value
 */
export function lookupPattern(
  call: Call,
  pattern: SortPattern,
  element: Region,
  offset: number,
  length: number,
  value: ShownBytes,
): boolean {
  if (pattern.isElement) {
    value.show(element, offset, length);
    return true;
  }
  if (pattern.star < 0) return false;
  const { keyspace } = call.engine;
  const keyLength = writeKey(call, pattern, element, offset, length);
  const ref = keyspace.lookupKey(call.db, key, 0, keyLength);
  if (ref === 0) return false;
  const type = keyspace.typeOf(ref);
  if (pattern.field === 0) return type === TYPE_STRING && showString(keyspace, ref, value);
  if (type !== TYPE_HASH) return false;
  return showField(call, pattern, ref, value);
}

/** Shows the field of a hash that the pattern names. @returns whether there is one */
function showField(call: Call, pattern: SortPattern, ref: RecordRef, value: ShownBytes): boolean {
  const { keyspace } = call.engine;
  const { input } = call.batch;
  const field = call.offset(pattern.arg) + pattern.field;
  const length = call.length(pattern.arg) - pattern.field;
  if (isCompactHash(keyspace, ref)) {
    const p = findCompact(keyspace, ref, input, field, length);
    const region = keyspace.regionOf(ref);
    if (p !== 0) value.showElement(region, nextElement(region.bytes, p));
    return p !== 0;
  }
  const entry = findEntry(keyspace, ref, input, field, length);
  if (entry === 0) return false;
  const arena = keyspace.outside.arenaOf(keyspace.structureRef(ref));
  const blob = valueBlobOf(arena.words, entry);
  if (blob !== 0) value.showBlob(arena, blob);
  else value.show(arena, valueOffsetOf(arena.words, entry), valueLengthOf(arena, entry));
  return true;
}

function showString(keyspace: Keyspace, ref: RecordRef, value: ShownBytes): boolean {
  stretchAt(keyspace, ref, 0, value);
  if (value.length < stringLength(keyspace, ref)) {
    const bytes = readAll(keyspace, ref);
    value.show({ bytes, view: new DataView(bytes.buffer) }, 0, bytes.length);
  }
  return true;
}

/** Writes the key's name. @returns its length */
function writeKey(
  call: Call,
  pattern: SortPattern,
  element: Region,
  offset: number,
  length: number,
): number {
  const { input } = call.batch;
  const start = call.offset(pattern.arg);
  const tail = pattern.nameEnd - pattern.star - 1;
  const total = pattern.star + length + tail;
  if (total > key.bytes.length - REGION_PADDING) key = makeRegion(total);
  copyExact(input, start, key, 0, pattern.star);
  copyExact(element, offset, key, pattern.star, length);
  copyExact(input, start + pattern.star + 1, key, pattern.star + length, tail);
  return total;
}
