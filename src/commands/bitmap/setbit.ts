/** SETBIT and GETBIT: one bit of a string. */
import { EVENT_STRING } from "../../engine/key_changes.ts";
import { extendString, makeStretch, stretchAt } from "../../engine/string_stretches.ts";
import { stringLength } from "../../engine/strings.ts";
import type { CommandSpec } from "../spec.ts";
import { BITS_PER_BYTE, byteAt, isStringOrReply, readBitOffset } from "./arguments.ts";

const BAD_BIT = "ERR bit is not an integer or out of range";
const HIGHEST_BIT = BITS_PER_BYTE - 1;

const stretch = makeStretch();

export const SETBIT = {
  name: "setbit",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "2.2.0",
  group: "bitmap",
  complexity: "O(1)",
  summary: "Sets or clears the bit at offset of the string value. " +
    "Creates the key if it doesn't exist.",
  syntax: "key offset value",
  argumentTypes: { value: "integer" },
  run(call, reply) {
    const offset = readBitOffset(call, 2, 0, reply);
    if (offset < 0) return;
    const bit = call.int64(3);
    if (bit !== 0 && bit !== 1) {
      reply.error(BAD_BIT);
      return;
    }
    const { keyspace } = call.engine;
    const ref = call.lookupWrite(1);
    if (!isStringOrReply(call, ref, reply)) return;
    const index = Math.floor(offset / BITS_PER_BYTE);
    const dirty = keyspace.stats.dirty;
    const oldLength = ref === 0 ? 0 : stringLength(keyspace, ref);
    const { db, batch } = call;
    const extended = extendString(keyspace, db, batch, call.first + 1, ref, index + 1);
    stretchAt(keyspace, extended, index, stretch);
    const { bytes } = stretch.region;
    const mask = 1 << (HIGHEST_BIT - offset % BITS_PER_BYTE);
    const old = (bytes[stretch.offset] & mask) === 0 ? 0 : 1;
    if (old !== bit) bytes[stretch.offset] ^= mask;
    const isChanged = old !== bit || index >= oldLength;
    keyspace.stats.dirty = dirty + (isChanged ? 1 : 0);
    if (isChanged) call.changed(1, EVENT_STRING, "setbit");
    reply.integer(old);
  },
} as const satisfies CommandSpec;

export const GETBIT = {
  name: "getbit",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.2.0",
  group: "bitmap",
  complexity: "O(1)",
  summary: "Returns a bit value by offset.",
  syntax: "key offset",
  run(call, reply) {
    const offset = readBitOffset(call, 2, 0, reply);
    if (offset < 0) return;
    const ref = call.lookupRead(1);
    if (!isStringOrReply(call, ref, reply)) return;
    const byte = byteAt(call, ref, Math.floor(offset / BITS_PER_BYTE));
    reply.integer((byte >> (HIGHEST_BIT - offset % BITS_PER_BYTE)) & 1);
  },
} as const satisfies CommandSpec;
