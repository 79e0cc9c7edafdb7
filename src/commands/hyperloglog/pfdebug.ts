/** PFDEBUG: what is inside of a HyperLogLog. */
import {
  isDense,
  loadSketch,
  makeValueSketch,
  storeSketch,
  unshare,
} from "../../engine/hyperloglogs.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { denseRegister, REGISTER_COUNT } from "../../structs/hyperloglog.ts";
import { describeRuns, makeDense } from "../../structs/hyperloglog_sparse.ts";
import type { Call } from "../call.ts";
import { readPrintable } from "../generic/arguments.ts";
import type { CommandSpec } from "../spec.ts";
import { CORRUPT_OBJECT, isHyperLogLogOrReply } from "./arguments.ts";

const KEY_ARG = 2;

const sketch = makeValueSketch();

export const PFDEBUG = {
  name: "pfdebug",
  arity: 3,
  flags: ["write", "denyoom", "admin"],
  keys: [2, 2, 1],
  keyFlags: ["RW", "access"],
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "N/A",
  summary: "Internal commands for debugging HyperLogLog values.",
  syntax: "subcommand key",
  run(call, reply) {
    const found = call.lookupWrite(KEY_ARG);
    if (found === 0) {
      reply.error("ERR The specified key does not exist");
      return;
    }
    if (!isHyperLogLogOrReply(call, found, reply)) return;
    const { keyspace } = call.engine;
    const ref = unshare(keyspace, call.db, call.batch, call.first + KEY_ARG, found);
    if (call.is(1, "GETREG")) {
      replyRegisters(call, reply, ref);
    } else if (call.is(1, "DECODE")) {
      if (isDense(keyspace, ref)) reply.error("ERR HLL encoding is not sparse");
      else reply.text(runsOf(call, ref));
    } else if (call.is(1, "ENCODING")) {
      reply.simple(isDense(keyspace, ref) ? "dense" : "sparse");
    } else if (call.is(1, "TODENSE")) {
      const wasDense = isDense(keyspace, ref);
      if (wasDense || toDense(call, reply, ref) !== 0) reply.integer(wasDense ? 0 : 1);
    } else {
      reply.error(`ERR Unknown PFDEBUG subcommand '${readPrintable(call, 1)}'`);
    }
  },
} as const satisfies CommandSpec;

/** @returns the record of the dense value; 0 after an error was replied */
function toDense(call: Call, reply: ReplyWriter, ref: RecordRef): RecordRef {
  const { keyspace } = call.engine;
  const arg = call.first + KEY_ARG;
  if (isDense(keyspace, ref)) return ref;
  loadSketch(keyspace, ref, sketch);
  if (makeDense(sketch)) {
    const dense = storeSketch(keyspace, call.db, call.batch, arg, ref, sketch);
    call.touched(KEY_ARG);
    return dense;
  }
  reply.error(CORRUPT_OBJECT);
  return 0;
}

function runsOf(call: Call, ref: RecordRef): string {
  const { keyspace } = call.engine;
  const { bytes } = keyspace.regionOf(ref);
  return describeRuns(bytes, keyspace.valueOffset(ref), keyspace.valueLength(ref));
}

function replyRegisters(call: Call, reply: ReplyWriter, ref: RecordRef): void {
  const dense = toDense(call, reply, ref);
  if (dense === 0) return;
  const { keyspace } = call.engine;
  const { bytes } = keyspace.regionOf(dense);
  const at = keyspace.valueOffset(dense);
  reply.array(REGISTER_COUNT);
  for (let i = 0; i < REGISTER_COUNT; i++) reply.integer(denseRegister(bytes, at, i));
}
