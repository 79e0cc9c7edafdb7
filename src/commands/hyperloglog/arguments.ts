/** What all commands on HyperLogLogs check, and their errors. */
import { isHyperLogLogValue, isTooLong } from "../../engine/hyperloglogs.ts";
import { type RecordRef, TYPE_STRING } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE } from "../errors.ts";

const NOT_A_HYPERLOGLOG = "WRONGTYPE Key is not a valid HyperLogLog string value.";
export const CORRUPT_OBJECT = "INVALIDOBJ Corrupted HLL object detected";

/** @param ref not 0 @returns whether it holds a HyperLogLog; replies the error where it does not */
export function isHyperLogLogOrReply(call: Call, ref: RecordRef, reply: ReplyWriter): boolean {
  const { keyspace } = call.engine;
  if (keyspace.typeOf(ref) !== TYPE_STRING) reply.error(WRONG_TYPE);
  else if (!isHyperLogLogValue(keyspace, ref)) reply.error(NOT_A_HYPERLOGLOG);
  else if (isTooLong(keyspace, ref)) reply.error(CORRUPT_OBJECT);
  else return true;
  return false;
}
