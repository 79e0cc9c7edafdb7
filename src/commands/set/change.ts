/** SADD, SREM and SMOVE: single members come and go. */
import { EVENT_NEW, EVENT_SET } from "../../engine/key_changes.ts";
import {
  addMember,
  createSet,
  isMember,
  prepareSet,
  removeMember,
  setLength,
} from "../../engine/sets.ts";
import { TYPE_SET } from "../../engine/keyspace.ts";
import type { Call } from "../call.ts";
import { WRONG_TYPE } from "../errors.ts";
import { popped, reduced } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";

const FIRST_MEMBER_ARG = 2;

export const SADD = {
  name: "sadd",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RW", "insert"],
  since: "1.0.0",
  group: "set",
  complexity: "O(1) for each element added, so O(N) to add N elements when the command is called " +
    "with multiple arguments.",
  summary: "Adds one or more members to a set. Creates the key if it doesn't exist.",
  syntax: "key member [member ...]",
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  run(call, reply) {
    const { batch, db, first, argc } = call;
    const { keyspace, settings } = call.engine;
    const { input, argOffsets, argLengths } = batch;
    const key = first + 1;
    const end = first + argc;
    let ref = call.lookupWrite(1);
    let at = first + FIRST_MEMBER_ARG;
    let added = 0;
    if (ref === 0) {
      const hint = argc - FIRST_MEMBER_ARG;
      ref = createSet(
        keyspace,
        db,
        batch,
        key,
        settings,
        input,
        argOffsets[at],
        argLengths[at],
        hint,
      );
      at++;
      added++;
    } else if (keyspace.typeOf(ref) !== TYPE_SET) {
      reply.error(WRONG_TYPE);
      return;
    } else if (argc > FIRST_MEMBER_ARG + 1) {
      ref = prepareSet(keyspace, db, batch, key, ref, settings, argc - FIRST_MEMBER_ARG);
    }
    for (; at < end; at++) {
      const offset = argOffsets[at], length = argLengths[at];
      const moved = addMember(keyspace, db, batch, key, ref, settings, input, offset, length);
      if (moved === 0) continue;
      ref = moved;
      added++;
    }
    if (added > 0) call.changed(1, EVENT_SET, "sadd");
    reply.integer(added);
  },
} as const satisfies CommandSpec;

export const SREM = {
  name: "srem",
  arity: -3,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RW", "delete"],
  since: "1.0.0",
  group: "set",
  complexity: "O(N) where N is the number of members to be removed.",
  summary:
    "Removes one or more members from a set. Deletes the set if the last member was removed.",
  syntax: "key member [member ...]",
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  run(call, reply) {
    const { batch, db, first } = call;
    const { keyspace } = call.engine;
    let ref = call.lookupWrite(1);
    if (ref === 0) return reply.integer(0);
    if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    let left = setLength(keyspace, ref);
    let removed = 0;
    for (let i = FIRST_MEMBER_ARG; i < call.argc && left > 0; i++) {
      const { input } = batch;
      const offset = call.offset(i), length = call.length(i);
      const moved = removeMember(keyspace, db, batch, first + 1, ref, input, offset, length);
      if (moved === 0) continue;
      ref = moved;
      removed++;
      left--;
    }
    if (left === 0) call.remove(1);
    if (removed > 0) reduced(call, 1, EVENT_SET, "srem", left === 0);
    reply.integer(removed);
  },
} as const satisfies CommandSpec;

export const SMOVE = {
  name: "smove",
  arity: 4,
  flags: ["write", "fast"],
  keys: [1, 2, 1],
  keyFlags: ["RW", "access", "delete"],
  lastKeyFlags: ["RW", "insert"],
  since: "1.0.0",
  group: "set",
  complexity: "O(1)",
  summary: "Moves a member from one set to another.",
  syntax: "source destination member",
  run(call, reply) {
    const { batch, db, first } = call;
    const { keyspace, settings } = call.engine;
    const source = call.lookupWrite(1);
    const target = call.lookupWrite(2);
    if (source === 0) return reply.integer(0);
    if (
      keyspace.typeOf(source) !== TYPE_SET || (target !== 0 && keyspace.typeOf(target) !== TYPE_SET)
    ) {
      return reply.error(WRONG_TYPE);
    }
    const { input } = batch;
    const offset = call.offset(3), length = call.length(3);
    const isThere = isMember(keyspace, source, input, offset, length);
    if (!isThere || source === target) return reply.integer(isThere ? 1 : 0);
    // Added before it is removed: when memory runs out, nothing was lost. It is told the other way.
    if (target === 0) createTarget(call);
    const isAdded = target === 0 ||
      addMember(keyspace, db, batch, first + 2, target, settings, input, offset, length) !== 0;
    removeMember(keyspace, db, batch, first + 1, source, input, offset, length);
    const isGone = setLength(keyspace, call.peek(1)) === 0;
    if (isGone) call.remove(1);
    popped(call, 1, EVENT_SET, "srem", isGone);
    if (target === 0) call.notify(2, EVENT_NEW, "new");
    if (isAdded) call.changed(2, EVENT_SET, "sadd");
    reply.integer(1);
  },
} as const satisfies CommandSpec;

/** Makes a set of the member to be moved, without telling that the key is new. */
function createTarget(call: Call): void {
  const { batch, db, first } = call;
  const { keyspace, settings } = call.engine;
  const { changes } = keyspace;
  const { eventClasses } = changes;
  changes.eventClasses &= ~EVENT_NEW;
  try {
    const offset = call.offset(3), length = call.length(3);
    createSet(keyspace, db, batch, first + 2, settings, batch.input, offset, length, 1);
  } finally {
    changes.eventClasses = eventClasses;
  }
}
