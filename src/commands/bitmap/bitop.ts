/** BITOP: a string of what several strings have in common, together, or only one of them. */
import { makeRegion } from "../../bytes/region.ts";
import { EVENT_STRING } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import {
  makeStretch,
  setComputed,
  type Stretch,
  stretchAt,
} from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import type { Region } from "../../ports/region.ts";
import type { Keyspace } from "../../engine/keyspace.ts";
import {
  combine,
  combineOnce,
  NOT_S,
  S_AND_NOT_T,
  T_AND_NOT_S,
  T_AND_S,
  T_OR_S,
  T_XOR_S,
} from "../../structs/bitmap.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { removeDestination } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";
import { isStringOrReply } from "./arguments.ts";

const OPERATIONS = ["AND", "OR", "XOR", "NOT", "DIFF", "DIFF1", "ANDOR", "ONE"] as const;
type Operation = typeof OPERATIONS[number];

const DESTINATION_ARG = 2;
const FIRST_SOURCE_ARG = 3;
/** Longest stretch that is computed at once: that of a page. */
const STRETCH_BYTES = 65_536;

/** What becomes of those sources but the first, and then of that and the first one. */
const AGAINST_FIRST: Readonly<Partial<Record<Operation, number>>> = {
  DIFF: S_AND_NOT_T,
  DIFF1: T_AND_NOT_S,
  ANDOR: T_AND_S,
};

const stretch = makeStretch();
/** Bits that more than one source has, while ONE is computed; made when it is first used. */
let repeated: Region | undefined;

export const BITOP = {
  name: "bitop",
  arity: -4,
  flags: ["write", "denyoom"],
  keys: [2, -1, 1],
  keyFlags: ["RO", "access"],
  firstKeyFlags: ["OW", "update"],
  since: "2.6.0",
  group: "bitmap",
  complexity: "O(N)",
  summary: "Performs bitwise operations on multiple strings, and stores the result.",
  syntax: "<AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> destkey key [key ...]",
  history: [["8.2.0", "Added `DIFF`, `DIFF1`, `ANDOR`, and `ONE` operations."]],
  run(call, reply) {
    const operation = OPERATIONS.find((name) => call.is(1, name));
    if (operation === undefined) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    const sourceCount = call.argc - FIRST_SOURCE_ARG;
    if (operation === "NOT" && sourceCount !== 1) {
      reply.error("ERR BITOP NOT must be called with a single source key.");
      return;
    }
    if (AGAINST_FIRST[operation] !== undefined && sourceCount < 2) {
      reply.error(`ERR BITOP ${operation} must be called with at least two source keys.`);
      return;
    }
    const sources = new Int32Array(sourceCount);
    let length = 0;
    for (let i = 0; i < sourceCount; i++) {
      const ref = call.lookupRead(FIRST_SOURCE_ARG + i);
      if (!isStringOrReply(call, ref, reply)) return;
      sources[i] = ref;
      if (ref !== 0) length = Math.max(length, stringLength(call.engine.keyspace, ref));
    }
    if (length > 0) {
      store(call, operation, sources, length);
      call.changed(DESTINATION_ARG, EVENT_STRING, "set");
    } else {
      removeDestination(call, DESTINATION_ARG);
    }
    reply.integer(length);
  },
} as const satisfies CommandSpec;

function store(call: Call, operation: Operation, sources: Int32Array, length: number): void {
  const { keyspace } = call.engine;
  const destination = call.first + DESTINATION_ARG;
  const compute = (region: Region, offset: number, bytes: number, start: number): void =>
    computeStretch(keyspace, operation, sources, region, offset, bytes, start);
  setComputed(keyspace, call.db, call.batch, destination, length, compute);
}

/** Fills a stretch of the result, which is that of the strings from `start` on. */
function computeStretch(
  ks: Keyspace,
  operation: Operation,
  sources: Int32Array,
  target: Region,
  offset: number,
  length: number,
  start: number,
): void {
  const { view } = target;
  const put = (ref: RecordRef, how: number): number =>
    eachStretch(ks, ref, start, length, (at, source, bytes) => {
      combine(how, view, offset + at, source.region.view, source.offset, bytes);
    });
  target.bytes.fill(0, offset, offset + length);
  const against = AGAINST_FIRST[operation];
  if (against !== undefined) {
    for (let i = 1; i < sources.length; i++) put(sources[i], T_OR_S);
    putPadded(ks, sources[0], against, target, offset, length, start);
  } else if (operation === "ONE") {
    computeOne(ks, sources, target, offset, length, start);
  } else if (operation === "NOT") {
    put(sources[0], NOT_S);
  } else {
    put(sources[0], T_OR_S);
    for (let i = 1; i < sources.length; i++) {
      if (operation === "AND") putPadded(ks, sources[i], T_AND_S, target, offset, length, start);
      else put(sources[i], operation === "OR" ? T_OR_S : T_XOR_S);
    }
  }
}

/** As `combine` with a string that zero bytes follow. */
function putPadded(
  ks: Keyspace,
  ref: RecordRef,
  how: number,
  target: Region,
  offset: number,
  length: number,
  start: number,
): void {
  const done = eachStretch(ks, ref, start, length, (at, source, bytes) => {
    combine(how, target.view, offset + at, source.region.view, source.offset, bytes);
  });
  // A source of zero bytes clears the target, but for what nothing is taken away from.
  if (how !== T_AND_NOT_S) target.bytes.fill(0, offset + done, offset + length);
}

function computeOne(
  ks: Keyspace,
  sources: Int32Array,
  target: Region,
  offset: number,
  length: number,
  start: number,
): void {
  repeated ??= makeRegion(STRETCH_BYTES);
  const several = repeated;
  several.bytes.fill(0, 0, length);
  for (const ref of sources) {
    eachStretch(ks, ref, start, length, (at, { region, offset: from }, bytes) => {
      combineOnce(several.view, at, target.view, offset + at, region.view, from, bytes);
    });
  }
  combine(T_AND_NOT_S, target.view, offset, several.view, 0, length);
}

/**
 * Visits what a string has of the `length` bytes from `start` on, with the distance from there.
 * @returns how many bytes it has of them
 */
function eachStretch(
  ks: Keyspace,
  ref: RecordRef,
  start: number,
  length: number,
  visit: (at: number, source: Stretch, bytes: number) => void,
): number {
  if (ref === 0) return 0;
  const available = Math.min(stringLength(ks, ref) - start, length);
  let at = 0;
  while (at < available) {
    stretchAt(ks, ref, start + at, stretch);
    const bytes = Math.min(stretch.length, available - at);
    visit(at, stretch, bytes);
    at += bytes;
  }
  return at;
}
