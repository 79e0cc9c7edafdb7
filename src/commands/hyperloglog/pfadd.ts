/** PFADD: adds elements to a HyperLogLog. */
import {
  isDense,
  loadSketch,
  makeValueSketch,
  MAX_SPARSE_BYTES,
  storeSketch,
  unshare,
} from "../../engine/hyperloglogs.ts";
import { EVENT_STRING } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  countOfPattern,
  forgetCardinality,
  indexOfPattern,
  patternOf,
  raiseDense,
} from "../../structs/hyperloglog.ts";
import {
  clearSketch,
  CORRUPT,
  raise,
  RAISED,
  rewindSketch,
} from "../../structs/hyperloglog_sparse.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { CORRUPT_OBJECT, isHyperLogLogOrReply } from "./arguments.ts";

const FIRST_ELEMENT_ARG = 2;

const sketch = makeValueSketch();

export const PFADD = {
  name: "pfadd",
  arity: -2,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "insert"],
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "O(1) to add every element.",
  summary: "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
  syntax: "key [element [element ...]]",
  run(call, reply) {
    const ref = call.lookupWrite(1);
    if (ref !== 0 && !isHyperLogLogOrReply(call, ref, reply)) return;
    if (ref !== 0 && isDense(call.engine.keyspace, ref)) addToDense(call, reply, ref);
    else addToSparse(call, reply, ref);
  },
} as const satisfies CommandSpec;

function addToDense(call: Call, reply: ReplyWriter, ref: RecordRef): void {
  const { keyspace } = call.engine;
  const dense = unshare(keyspace, call.db, call.batch, call.first + 1, ref);
  const { bytes } = keyspace.regionOf(dense);
  const at = keyspace.valueOffset(dense);
  let raisedCount = 0;
  for (let i = FIRST_ELEMENT_ARG; i < call.argc; i++) {
    const pattern = patternOf(call.batch.input.view, call.offset(i), call.length(i));
    if (raiseDense(bytes, at, indexOfPattern(pattern), countOfPattern(pattern))) raisedCount++;
  }
  if (raisedCount > 0) forgetCardinality(bytes, at);
  keyspace.stats.dirty += raisedCount;
  if (raisedCount > 0) call.changed(1, EVENT_STRING, "pfadd");
  reply.integer(raisedCount > 0 ? 1 : 0);
}

/** @param ref 0 = absent */
function addToSparse(call: Call, reply: ReplyWriter, ref: RecordRef): void {
  const { keyspace, settings } = call.engine;
  const maxBytes = Math.min(settings.hllSparseMaxBytes, MAX_SPARSE_BYTES);
  let changeCount = 0;
  if (ref === 0) {
    clearSketch(sketch);
    changeCount++;
  } else {
    loadSketch(keyspace, ref, sketch);
  }
  let isCorrupt = false;
  for (let i = FIRST_ELEMENT_ARG; i < call.argc && !isCorrupt; i++) {
    const pattern = patternOf(call.batch.input.view, call.offset(i), call.length(i));
    rewindSketch(sketch);
    const outcome = raise(sketch, indexOfPattern(pattern), countOfPattern(pattern), maxBytes);
    if (outcome === RAISED) changeCount++;
    isCorrupt = outcome === CORRUPT;
  }
  // What was raised before a corrupt run was met, stays so.
  const dirty = keyspace.stats.dirty;
  if (changeCount > 0) {
    forgetCardinality(sketch.bytes, 0);
    storeSketch(keyspace, call.db, call.batch, call.first + 1, ref, sketch);
  } else {
    unshare(keyspace, call.db, call.batch, call.first + 1, ref);
  }
  keyspace.stats.dirty = dirty + changeCount;
  if (changeCount > 0) call.touched(1);
  if (isCorrupt) {
    reply.error(CORRUPT_OBJECT);
    return;
  }
  if (changeCount > 0) call.notify(1, EVENT_STRING, "pfadd");
  reply.integer(changeCount > 0 ? 1 : 0);
}
