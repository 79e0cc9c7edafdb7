/** GETEX: reads a value and changes when it expires. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import { type RecordRef, TYPE_STRING } from "../../engine/keyspace.ts";
import { replyString } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";
import {
  EXAT,
  EXPIRY,
  EXPIRY_WITH_ARGUMENT,
  expiryOption,
  PERSIST,
  PXAT,
  readExpiry,
} from "../options.ts";
import type { CommandSpec } from "../spec.ts";

const FIRST_OPTION_ARG = 2;

export const GETEX = {
  name: "getex",
  arity: -2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update"],
  keyNotes: "RW and UPDATE because it changes the TTL",
  since: "6.2.0",
  group: "string",
  complexity: "O(1)",
  summary: "Returns the string value of a key after setting its expiration time.",
  syntax: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | " +
    "PXAT unix-time-milliseconds | PERSIST]",
  run(call, reply) {
    let option = 0;
    let expiryArg = 0;
    for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
      const next = expiryOption(call, i) & (EXPIRY_WITH_ARGUMENT | PERSIST);
      const hasArgument = (next & EXPIRY_WITH_ARGUMENT) !== 0;
      if (
        next === 0 || (option & EXPIRY & ~next) !== 0 || (hasArgument && i + 1 === call.argc)
      ) {
        reply.error(SYNTAX_ERROR);
        return;
      }
      option = next;
      if (hasArgument) expiryArg = ++i;
    }
    const keyspace = call.engine.keyspace;
    const ref = call.lookupRead(1);
    if (ref === 0) reply.nil();
    else if (keyspace.typeOf(ref) !== TYPE_STRING) reply.error(WRONG_TYPE);
    else if (expiryArg !== 0) expireAndReply(call, reply, ref, option, expiryArg);
    else if (option === PERSIST && keyspace.persist(call.db, call.batch, call.first + 1, ref)) {
      call.changed(1, EVENT_GENERIC, "persist");
      // The record is another one now.
      replyString(keyspace, call.peek(1), reply);
    } else replyString(keyspace, ref, reply);
  },
} as const satisfies CommandSpec;

function expireAndReply(
  call: Call,
  reply: ReplyWriter,
  ref: RecordRef,
  option: number,
  expiryArg: number,
): void {
  const keyspace = call.engine.keyspace;
  const expiresAtMs = readExpiry(call, expiryArg, option, reply);
  if (expiresAtMs === 0) return;
  if ((option & (EXAT | PXAT)) !== 0 && expiresAtMs <= call.nowMs) {
    replyString(keyspace, ref, reply);
    call.remove(1);
    call.changed(1, EVENT_GENERIC, "del");
    return;
  }
  const moved = keyspace.setExpiresAt(call.db, call.batch, call.first + 1, ref, expiresAtMs);
  call.changed(1, EVENT_GENERIC, "expire");
  replyString(keyspace, moved, reply);
}
