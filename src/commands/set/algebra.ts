/** SINTER, SINTERCARD, SUNION, SDIFF and their STORE forms. */
import { parseInteger } from "../../bytes/ascii.ts";
import { EVENT_SET } from "../../engine/key_changes.ts";
import { type RecordRef, TYPE_SET } from "../../engine/keyspace.ts";
import { MemberList } from "../../engine/member_list.ts";
import { ENCODING_INTSET, ENCODING_LISTPACK, NO_EXPIRY } from "../../engine/record_kinds.ts";
import { forEachCommonMember, subtract, unite } from "../../engine/set_algebra.ts";
import { SetShape } from "../../engine/set_shape.ts";
import { storeMembers } from "../../engine/set_store.ts";
import { setLength } from "../../engine/sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";
import { removeDestination } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";

const INTERSECTION_COST =
  "O(N*M) worst case where N is the cardinality of the smallest set and M " +
  "is the number of sets.";
const TOTAL_COST = "O(N) where N is the total number of elements in all given sets.";
const READ = { flags: ["readonly"], keys: [1, -1, 1], keyFlags: ["RO", "access"] } as const;
const STORE = {
  flags: ["write", "denyoom"],
  keys: [1, -1, 1],
  firstKeyFlags: ["OW", "update"],
  keyFlags: ["RO", "access"],
} as const;
const FIRST_SOURCE_ARG = 2;

/** The members of the result: a handler fills it, replies or stores them, and clears it. */
const found = new MemberList();

export const SINTER = {
  name: "sinter",
  arity: -2,
  ...READ,
  since: "1.0.0",
  group: "set",
  complexity: INTERSECTION_COST,
  summary: "Returns the intersect of multiple sets.",
  syntax: "key [key ...]",
  run(call, reply) {
    const sets = lookupSets(call, 1, call.argc, reply);
    if (sets === undefined) return;
    listCommonMembers(call, sets);
    replyFound(reply);
  },
} as const satisfies CommandSpec;

export const SINTERSTORE = {
  name: "sinterstore",
  arity: -3,
  ...STORE,
  firstKeyFlags: ["RW", "update"],
  since: "1.0.0",
  group: "set",
  complexity: INTERSECTION_COST,
  summary: "Stores the intersect of multiple sets in a key.",
  syntax: "destination key [key ...]",
  run(call, reply) {
    const sets = lookupSets(call, FIRST_SOURCE_ARG, call.argc, reply);
    if (sets === undefined) return;
    listCommonMembers(call, sets);
    const { keyspace, settings } = call.engine;
    const smallest = sets.reduce(
      (a, b) => a === 0 || (b !== 0 && setLength(keyspace, b) >= setLength(keyspace, a)) ? a : b,
    );
    const beginsAsIntset = smallest !== 0 && keyspace.encodingOf(smallest) === ENCODING_INTSET;
    const shape = new SetShape(settings, beginsAsIntset ? ENCODING_INTSET : ENCODING_LISTPACK);
    shape.addList(found);
    const fitsIntset = !beginsAsIntset && found.count <= settings.setMaxIntsetEntries;
    if (fitsIntset && hasOnlyIntegers(found)) shape.encoding = ENCODING_INTSET;
    storeFound(call, reply, shape.encoding, "sinterstore");
  },
} as const satisfies CommandSpec;

export const SINTERCARD = {
  name: "sintercard",
  arity: -3,
  flags: ["readonly", "movablekeys"],
  keyFlags: ["RO", "access"],
  keyCount: 1,
  findKeys: (batch, first, argc, found) => {
    const arg = first + 1;
    const { bytes } = batch.input;
    const count = parseInteger(bytes, batch.argOffsets[arg], batch.argLengths[arg]);
    if (typeof count !== "number" || count < 1 || count > argc - FIRST_SOURCE_ARG) return;
    for (let i = 0; i < count; i++) found(FIRST_SOURCE_ARG + i);
  },
  since: "7.0.0",
  group: "set",
  complexity: INTERSECTION_COST,
  summary: "Returns the number of members of the intersect of multiple sets.",
  syntax: "numkeys key [key ...] [LIMIT limit]",
  argumentTypes: { limit: "integer" },
  run(call, reply) {
    const keyCount = call.integer(1);
    if (keyCount === undefined || keyCount < 1) {
      return reply.error("ERR numkeys should be greater than 0");
    }
    const end = FIRST_SOURCE_ARG + keyCount;
    if (end > call.argc) {
      return reply.error("ERR Number of keys can't be greater than number of args");
    }
    let limit = 0;
    for (let i = end; i < call.argc; i += 2) {
      if (!call.is(i, "LIMIT") || i + 1 === call.argc) return reply.error(SYNTAX_ERROR);
      const value = call.integer(i + 1);
      if (value === undefined || value < 0) return reply.error("ERR LIMIT can't be negative");
      limit = value;
    }
    const sets = lookupSets(call, FIRST_SOURCE_ARG, end, reply);
    if (sets === undefined) return;
    let count = 0;
    if (!sets.includes(0)) {
      forEachCommonMember(call.engine.keyspace, sets, () => ++count !== limit);
    }
    reply.integer(count);
  },
} as const satisfies CommandSpec;

export const SUNION = {
  name: "sunion",
  arity: -2,
  ...READ,
  since: "1.0.0",
  group: "set",
  complexity: TOTAL_COST,
  summary: "Returns the union of multiple sets.",
  syntax: "key [key ...]",
  run(call, reply) {
    const sets = lookupSets(call, 1, call.argc, reply);
    if (sets === undefined) return;
    unite(call.engine.keyspace, sets, found);
    replyFound(reply);
  },
} as const satisfies CommandSpec;

export const SUNIONSTORE = {
  name: "sunionstore",
  arity: -3,
  ...STORE,
  since: "1.0.0",
  group: "set",
  complexity: TOTAL_COST,
  summary: "Stores the union of multiple sets in a key.",
  syntax: "destination key [key ...]",
  run(call, reply) {
    const sets = lookupSets(call, FIRST_SOURCE_ARG, call.argc, reply);
    if (sets === undefined) return;
    unite(call.engine.keyspace, sets, found);
    const shape = new SetShape(call.engine.settings, ENCODING_INTSET);
    shape.addList(found);
    storeFound(call, reply, shape.encoding, "sunionstore");
  },
} as const satisfies CommandSpec;

export const SDIFF = {
  name: "sdiff",
  arity: -2,
  ...READ,
  since: "1.0.0",
  group: "set",
  complexity: TOTAL_COST,
  summary: "Returns the difference of multiple sets.",
  syntax: "key [key ...]",
  run(call, reply) {
    const sets = lookupSets(call, 1, call.argc, reply);
    if (sets === undefined) return;
    subtract(call.engine.keyspace, sets, found);
    replyFound(reply);
  },
} as const satisfies CommandSpec;

export const SDIFFSTORE = {
  name: "sdiffstore",
  arity: -3,
  ...STORE,
  since: "1.0.0",
  group: "set",
  complexity: TOTAL_COST,
  summary: "Stores the difference of multiple sets in a key.",
  syntax: "destination key [key ...]",
  run(call, reply) {
    const sets = lookupSets(call, FIRST_SOURCE_ARG, call.argc, reply);
    if (sets === undefined) return;
    const shape = new SetShape(call.engine.settings, ENCODING_INTSET);
    subtract(call.engine.keyspace, sets, found, shape);
    storeFound(call, reply, shape.encoding, "sdiffstore");
  },
} as const satisfies CommandSpec;

/**
 * The sets that the arguments from `first` up to `end` name, 0 = absent.
 * @returns undefined after an error was replied
 */
function lookupSets(
  call: Call,
  first: number,
  end: number,
  reply: ReplyWriter,
): RecordRef[] | undefined {
  const sets: RecordRef[] = [];
  for (let i = first; i < end; i++) {
    const ref = call.lookupRead(i);
    if (ref !== 0 && call.engine.keyspace.typeOf(ref) !== TYPE_SET) {
      reply.error(WRONG_TYPE);
      return undefined;
    }
    sets.push(ref);
  }
  return sets;
}

/** Nothing is in all sets when one of them is absent. */
function listCommonMembers(call: Call, sets: readonly RecordRef[]): void {
  if (sets.includes(0)) return;
  forEachCommonMember(call.engine.keyspace, sets, ({ region, offset, length, isLasting }) => {
    found.add(region, offset, length, isLasting);
    return true;
  });
}

function hasOnlyIntegers(list: MemberList): boolean {
  for (let at = 0; at < list.length; at++) {
    const { bytes } = list.regionAt(at);
    if (parseInteger(bytes, list.offsetAt(at), list.lengthAt(at)) === undefined) return false;
  }
  return true;
}

function replyFound(reply: ReplyWriter): void {
  reply.set(found.count);
  found.reply(reply);
  found.clear();
}

/** Makes argument 1 name a set of what was found, or nothing. */
function storeFound(call: Call, reply: ReplyWriter, encoding: number, event: string): void {
  const { batch, db, first } = call;
  const { count } = found;
  try {
    if (count === 0) removeDestination(call, 1);
    else storeMembers(call.engine.keyspace, db, batch, first + 1, found, encoding, NO_EXPIRY);
  } finally {
    found.clear();
  }
  if (count > 0) call.changed(1, EVENT_SET, event);
  reply.integer(count);
}
