/** PFMERGE: adds to a HyperLogLog what was added to others. */
import {
  isDense,
  loadSketch,
  makeValueSketch,
  MAX_SPARSE_BYTES,
  mergeValue,
  storeSketch,
} from "../../engine/hyperloglogs.ts";
import { EVENT_STRING } from "../../engine/key_changes.ts";
import { forgetCardinality, REGISTER_COUNT } from "../../structs/hyperloglog.ts";
import {
  clearSketch,
  CORRUPT,
  makeDense,
  raise,
  type Sketch,
} from "../../structs/hyperloglog_sparse.ts";
import type { CommandSpec } from "../spec.ts";
import { CORRUPT_OBJECT, isHyperLogLogOrReply } from "./arguments.ts";

const registers = new Uint8Array(REGISTER_COUNT);
const sketch = makeValueSketch();

export const PFMERGE = {
  name: "pfmerge",
  arity: -2,
  flags: ["write", "denyoom"],
  keys: [1, -1, 1],
  keyFlags: ["RO", "access"],
  firstKeyFlags: ["RW", "access", "insert"],
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "O(N) to merge N HyperLogLogs, but with high constant times.",
  summary: "Merges one or more HyperLogLog values into a single key.",
  syntax: "destkey [sourcekey [sourcekey ...]]",
  run(call, reply) {
    const { keyspace, settings } = call.engine;
    registers.fill(0);
    let wantsDense = false;
    for (let i = 1; i < call.argc; i++) {
      const ref = call.lookupRead(i);
      if (ref === 0) continue;
      if (!isHyperLogLogOrReply(call, ref, reply)) return;
      wantsDense ||= isDense(keyspace, ref);
      if (!mergeValue(keyspace, ref, registers)) {
        reply.error(CORRUPT_OBJECT);
        return;
      }
    }
    const ref = call.lookupWrite(1);
    if (ref === 0) clearSketch(sketch);
    else loadSketch(keyspace, ref, sketch);
    const maxBytes = Math.min(settings.hllSparseMaxBytes, MAX_SPARSE_BYTES);
    if ((wantsDense && !makeDense(sketch)) || !raiseAll(sketch, maxBytes)) {
      reply.error(CORRUPT_OBJECT);
      return;
    }
    forgetCardinality(sketch.bytes, 0);
    storeSketch(keyspace, call.db, call.batch, call.first + 1, ref, sketch);
    call.changed(1, EVENT_STRING, "pfadd");
    reply.ok();
  },
} as const satisfies CommandSpec;

/** Raises every register to that of `registers`. @returns whether the sketch is sound */
function raiseAll(target: Sketch, maxBytes: number): boolean {
  for (let i = 0; i < REGISTER_COUNT; i++) {
    if (registers[i] > 0 && raise(target, i, registers[i], maxBytes) === CORRUPT) return false;
  }
  return true;
}
