/** INCRBYFLOAT: adds to a number that is kept as text. */
import { writeAscii } from "../../bytes/ascii.ts";
import {
  addLongDoubles,
  formatHumanLongDouble,
  type LongDouble,
  longDoubleOf,
  MAX_HUMAN_LENGTH,
  readLongDouble,
} from "../../bytes/long_double.ts";
import { makeRegion } from "../../bytes/region.ts";
import { EVENT_STRING } from "../../engine/key_changes.ts";
import { type RecordRef, TYPE_STRING } from "../../engine/keyspace.ts";
import { KEEP_TTL, readAll, setText } from "../../engine/strings.ts";
import type { Call } from "../call.ts";
import { NOT_A_FLOAT, WRONG_TYPE } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const scratch = makeRegion(MAX_HUMAN_LENGTH);

export const INCRBYFLOAT = {
  name: "incrbyfloat",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  since: "2.6.0",
  group: "string",
  complexity: "O(1)",
  summary: "Increment the floating point value of a key by a number. " +
    "Uses 0 as initial value if the key doesn't exist.",
  syntax: "key increment",
  run(call, reply) {
    const keyspace = call.engine.keyspace;
    const ref = call.lookupWrite(1);
    if (ref !== 0 && keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    const value = ref === 0 ? longDoubleOf(0) : valueOf(call, ref);
    const input = call.batch.input;
    const increment = readLongDouble(input.bytes, call.offset(2), call.length(2));
    if (value === undefined || increment === undefined) {
      reply.error(NOT_A_FLOAT);
      return;
    }
    const sum = addLongDoubles(value, increment);
    if (sum === undefined) {
      reply.error("ERR increment would produce NaN or Infinity");
      return;
    }
    const text = formatHumanLongDouble(sum);
    writeAscii(text, scratch.bytes, 0);
    setText(
      keyspace,
      call.db,
      call.batch,
      call.first + 1,
      scratch,
      0,
      text.length,
      KEEP_TTL,
    );
    call.changed(1, EVENT_STRING, "incrbyfloat");
    reply.bulk(scratch, 0, text.length);
  },
} as const satisfies CommandSpec;

function valueOf(call: Call, ref: RecordRef): LongDouble | undefined {
  const text = readAll(call.engine.keyspace, ref);
  return readLongDouble(text, 0, text.length);
}
