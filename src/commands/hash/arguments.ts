/** What the commands of hashes have in common: the key's hash, and "FIELDS numfields field …". */
import { dropExpiredFields } from "../../engine/hashes.ts";
import { type RecordRef, TYPE_HASH } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE } from "../errors.ts";

const FIELDS_MISSING = "ERR Mandatory argument FIELDS is missing or not at the right position";
const FIELDS_MISCOUNTED = "ERR The `numfields` parameter must match the number of arguments";
export const NOT_A_FIELD_COUNT = "ERR Number of fields must be a positive integer";

/**
 * The hash of the key in argument 1, without fields whose time has come.
 * @param ref what looking the key up gave
 * @returns its record, 0 if there is none; undefined after an error was replied
 */
export function hashOf(call: Call, ref: RecordRef, reply: ReplyWriter): RecordRef | undefined {
  if (ref === 0) return 0;
  const { keyspace } = call.engine;
  if (keyspace.typeOf(ref) !== TYPE_HASH) {
    reply.error(WRONG_TYPE);
    return undefined;
  }
  return dropExpiredFields(keyspace, call.db, call.batch, call.first + 1, ref);
}

/**
 * Reads "FIELDS numfields field …" from argument `i` on, up to the last argument.
 * @param notACount error of a number that is none, or not positive
 * @returns the position of the first field; 0 after an error was replied
 */
export function readFields(
  call: Call,
  i: number,
  reply: ReplyWriter,
  notACount = NOT_A_FIELD_COUNT,
): number {
  if (i >= call.argc || !call.is(i, "FIELDS")) {
    reply.error(FIELDS_MISSING);
    return 0;
  }
  const count = i + 1 < call.argc ? call.integer(i + 1) : undefined;
  if (count === undefined || count < 1) {
    reply.error(notACount);
    return 0;
  }
  if (count !== call.argc - i - 2) {
    reply.error(FIELDS_MISCOUNTED);
    return 0;
  }
  return i + 2;
}
