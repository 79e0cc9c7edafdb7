/** PFCOUNT: how many different elements were added to one HyperLogLog, or to any of several. */
import { histogramOf, mergeValue, unshare } from "../../engine/hyperloglogs.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import {
  cacheCardinality,
  cachedCardinality,
  estimate,
  makeHistogram,
  rawHistogram,
  REGISTER_COUNT,
} from "../../structs/hyperloglog.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";
import { CORRUPT_OBJECT, isHyperLogLogOrReply } from "./arguments.ts";

const histogram = makeHistogram();
const registers = new Uint8Array(REGISTER_COUNT);

export const PFCOUNT = {
  name: "pfcount",
  arity: -2,
  flags: ["readonly"],
  mayReplicate: true,
  keys: [1, -1, 1],
  keyFlags: ["RW", "access"],
  keyNotes: "RW because it may change the internal representation of the key, and propagate to " +
    "replicas",
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "O(1) with a very small average constant time when called with a single key. " +
    "O(N) with N being the number of keys, and much bigger constant times, when called with " +
    "multiple keys.",
  summary: "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).",
  syntax: "key [key ...]",
  run(call, reply) {
    histogram.fill(0);
    if (call.argc === 2) countOne(call, reply);
    else countUnion(call, reply);
  },
} as const satisfies CommandSpec;

function countOne(call: Call, reply: ReplyWriter): void {
  const { keyspace } = call.engine;
  const ref = call.lookupRead(1);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  if (!isHyperLogLogOrReply(call, ref, reply)) return;
  const own = unshare(keyspace, call.db, call.batch, call.first + 1, ref);
  const { bytes } = keyspace.regionOf(own);
  const at = keyspace.valueOffset(own);
  const cached = cachedCardinality(bytes, at);
  if (cached !== -1) {
    reply.integer(cached);
    return;
  }
  if (!histogramOf(keyspace, own, histogram)) {
    reply.error(CORRUPT_OBJECT);
    return;
  }
  const cardinality = estimate(histogram);
  cacheCardinality(bytes, at, cardinality);
  keyspace.stats.dirty++;
  call.touched(1);
  reply.integer(cardinality);
}

function countUnion(call: Call, reply: ReplyWriter): void {
  registers.fill(0);
  for (let i = 1; i < call.argc; i++) {
    const ref = call.lookupRead(i);
    if (ref === 0) continue;
    if (!isHyperLogLogOrReply(call, ref, reply)) return;
    if (!mergeValue(call.engine.keyspace, ref, registers)) {
      reply.error(CORRUPT_OBJECT);
      return;
    }
  }
  rawHistogram(registers, histogram);
  reply.integer(estimate(histogram));
}
