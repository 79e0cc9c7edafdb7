/** SET: stores a value, on conditions and for a time if asked to. */
import { EVENT_GENERIC, EVENT_STRING } from "../../engine/key_changes.ts";
import { TYPE_STRING } from "../../engine/keyspace.ts";
import { KEEP_TTL, readAll, setString } from "../../engine/strings.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";
import { EXPIRY, EXPIRY_WITH_ARGUMENT, expiryOption, KEEPTTL, readExpiry } from "../options.ts";
import { isWordAt } from "../key_use.ts";
import type { CommandSpec } from "../spec.ts";
import {
  COMPARISONS,
  conditionHolds,
  conditionOption,
  CONDITIONS,
  DIGEST_COMPARISONS,
  INVALID_DIGEST,
  isDigest,
  NEXT_OWN_OPTION,
} from "./conditions.ts";

const GET_OLD = NEXT_OWN_OPTION;
const WITH_ARGUMENT = EXPIRY_WITH_ARGUMENT | COMPARISONS;
const FIRST_OPTION_ARG = 3;
const WRITTEN = ["OW", "update"] as const;
const READ_AND_WRITTEN = ["RW", "access", "update"] as const;
/** Options with which the reply tells something of the old value. */
const TELLING: readonly string[] = ["GET", "IFEQ", "IFNE", "IFDEQ", "IFDNE"];

export const SET = {
  name: "set",
  arity: -3,
  flags: ["write", "denyoom"],
  isShort: true,
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "update", "variable_flags"],
  keyNotes: "RW and ACCESS due to the optional `GET` argument",
  useOfKey: (batch, first, argc) => {
    for (let i = FIRST_OPTION_ARG; i < argc; i++) {
      if (TELLING.some((word) => isWordAt(batch, first, i, word))) return READ_AND_WRITTEN;
    }
    return WRITTEN;
  },
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary:
    "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
  syntax: "key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | " +
    "IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | " +
    "PXAT unix-time-milliseconds | KEEPTTL]",
  history: [
    ["2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."],
    ["6.0.0", "Added the `KEEPTTL` option."],
    ["6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."],
    ["7.0.0", "Allowed the `NX` and `GET` options to be used together."],
    ["8.4.0", "Added 'IFEQ', 'IFNE', 'IFDEQ', 'IFDNE' options."],
  ],
  run(call, reply) {
    if (call.argc === FIRST_OPTION_ARG) {
      store(call, 0);
      reply.ok();
      return;
    }
    setWithOptions(call, reply);
  },
} as const satisfies CommandSpec;

/** @returns the option that argument `i` names, 0 if SET has none of that name */
function setOption(call: Call, i: number): number {
  const condition = conditionOption(call, i);
  if (condition !== 0) return condition;
  if (call.is(i, "GET")) return GET_OLD;
  return expiryOption(call, i) & (EXPIRY_WITH_ARGUMENT | KEEPTTL);
}

function setWithOptions(call: Call, reply: ReplyWriter): void {
  let options = 0;
  let expiryArg = 0;
  let comparedArg = 0;
  for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
    const option = setOption(call, i);
    const group = (option & EXPIRY) !== 0 ? EXPIRY : (option & CONDITIONS) !== 0 ? CONDITIONS : 0;
    const hasArgument = (option & WITH_ARGUMENT) !== 0;
    if (
      option === 0 || (options & group & ~option) !== 0 || (hasArgument && i + 1 === call.argc)
    ) {
      reply.error(SYNTAX_ERROR);
      return;
    }
    options |= option;
    if (hasArgument) {
      i++;
      if (group === EXPIRY) expiryArg = i;
      else comparedArg = i;
    }
  }
  let expiresAtMs = (options & KEEPTTL) !== 0 ? KEEP_TTL : 0;
  if (expiryArg !== 0) {
    expiresAtMs = readExpiry(call, expiryArg, options & EXPIRY, reply);
    if (expiresAtMs === 0) return;
  }
  if ((options & (CONDITIONS | GET_OLD)) === 0) {
    store(call, expiresAtMs);
    reply.ok();
    return;
  }
  setDependingOnOld(call, reply, options, comparedArg, expiresAtMs);
}

function setDependingOnOld(
  call: Call,
  reply: ReplyWriter,
  options: number,
  comparedArg: number,
  expiresAtMs: number,
): void {
  const keyspace = call.engine.keyspace;
  const wantsOld = (options & GET_OLD) !== 0;
  const ref = wantsOld ? call.lookupRead(1) : call.lookupWrite(1);
  if (ref !== 0) {
    const needsString = wantsOld || (options & COMPARISONS) !== 0;
    if (needsString && keyspace.typeOf(ref) !== TYPE_STRING) {
      reply.error(WRONG_TYPE);
      return;
    }
    if ((options & DIGEST_COMPARISONS) !== 0 && !isDigest(call, comparedArg)) {
      reply.error(INVALID_DIGEST);
      return;
    }
  }
  const condition = options & CONDITIONS;
  const holds = condition === 0 || conditionHolds(call, ref, condition, comparedArg);
  if (!wantsOld) {
    if (!holds) {
      reply.nil();
      return;
    }
    store(call, expiresAtMs);
    reply.ok();
    return;
  }
  // A copy, since the reply must not be begun before the store, which can run out of memory.
  const old = ref === 0 ? undefined : readAll(keyspace, ref);
  if (holds) store(call, expiresAtMs);
  if (old === undefined) reply.nil();
  else reply.bytes(old);
}

function store(call: Call, expiresAtMs: number): void {
  const { batch } = call;
  setString(
    call.engine.keyspace,
    call.db,
    batch,
    call.first + 1,
    batch.input,
    call.offset(2),
    call.length(2),
    expiresAtMs,
  );
  call.changed(1, EVENT_STRING, "set");
  if (expiresAtMs > 0) call.notify(1, EVENT_GENERIC, "expire");
}
