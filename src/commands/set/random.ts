/** SPOP and SRANDMEMBER: members picked at random. */
import { EVENT_SET } from "../../engine/key_changes.ts";
import type { RecordRef } from "../../engine/keyspace.ts";
import { KEEP_TTL, TYPE_SET } from "../../engine/keyspace.ts";
import { MemberList } from "../../engine/member_list.ts";
import { ENCODING_HASHTABLE, ENCODING_LISTPACK, OutOfMemory } from "../../engine/record_kinds.ts";
import { addAll } from "../../engine/set_algebra.ts";
import { forEachMember, type Member, pickMember, replyMembers } from "../../engine/set_members.ts";
import { SetShape } from "../../engine/set_shape.ts";
import { storeMembers } from "../../engine/set_store.ts";
import { removeAt, setLength } from "../../engine/sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";
import { popped } from "../key_events.ts";
import type { CommandSpec } from "../spec.ts";

const NOT_POSITIVE = "ERR value is out of range, must be positive";
const NOT_AN_INT64 = "ERR value is out of range, value must between -9223372036854775807 " +
  "and 9223372036854775807";
const INT64_MIN = -(1n << 63n);
/** More members, or bytes of them, would not make a reply that anybody can hold. */
const MAX_REPLY_MEMBERS = 2 ** 24;
const MAX_REPLY_BYTES = 2 ** 29;
const REPLY_TOO_LARGE = "ERR value is out of range, the reply would be too large";
/** When so many times more are popped than stay, those that stay are made a new set (Redis). */
const FEW_STAY = 5;
/** When more than a third is asked for, all members are gone through instead of drawing some. */
const MANY_PART = 3;

/** Spreads the numbers of entries; odd. */
const HASH_FACTOR = 0x9e3779b1;

/** A handler fills it and clears it. */
const drawn = new MemberList();

export const SPOP = {
  name: "spop",
  arity: -2,
  flags: ["write", "fast"],
  keys: [1, 1, 1],
  keyFlags: ["RW", "access", "delete"],
  since: "1.0.0",
  group: "set",
  complexity:
    "Without the count argument O(1), otherwise O(N) where N is the value of the passed " +
    "count.",
  summary:
    "Returns one or more random members from a set after removing them. Deletes the set if " +
    "the last member was popped.",
  syntax: "key [count]",
  history: [["3.2.0", "Added the `count` argument."]],
  run(call, reply) {
    if (call.argc > 2) return popSeveral(call, reply);
    const { keyspace, random } = call.engine;
    const ref = call.lookupWrite(1);
    if (ref === 0) return reply.nil();
    if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    const member = pickMember(keyspace, ref, random);
    reply.bulk(member.region, member.offset, member.length);
    const isLast = setLength(keyspace, ref) === 1;
    if (isLast) call.remove(1);
    else removeAt(keyspace, call.db, call.batch, call.first + 1, ref, member.place);
    popped(call, 1, EVENT_SET, "spop", isLast);
  },
} as const satisfies CommandSpec;

export const SRANDMEMBER = {
  name: "srandmember",
  arity: -2,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "1.0.0",
  group: "set",
  complexity:
    "Without the count argument O(1), otherwise O(N) where N is the absolute value of the " +
    "passed count.",
  summary: "Get one or multiple random members from a set",
  syntax: "key [count]",
  history: [["2.6.0", "Added the optional `count` argument."]],
  run(call, reply) {
    if (call.argc > 2) return drawSeveral(call, reply);
    const { keyspace, random } = call.engine;
    const ref = call.lookupRead(1);
    if (ref === 0) return reply.nil();
    if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    const { region, offset, length } = pickMember(keyspace, ref, random);
    reply.bulk(region, offset, length);
  },
} as const satisfies CommandSpec;

function popSeveral(call: Call, reply: ReplyWriter): void {
  if (call.argc > 3) return reply.error(SYNTAX_ERROR);
  const count = call.integer(2);
  if (count === undefined || count < 0) return reply.error(NOT_POSITIVE);
  const { keyspace } = call.engine;
  const ref = call.lookupWrite(1);
  if (ref === 0) return reply.set(0);
  if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
  const size = setLength(keyspace, ref);
  if (count >= size) {
    reply.set(size);
    replyMembers(keyspace, ref, reply);
    call.remove(1);
  } else if (count > 0 && (size - count) * FEW_STAY <= count) {
    popMost(call, ref, count, reply);
  } else {
    reply.set(count);
    popOneByOne(call, ref, count, reply);
  }
  if (count > 0) popped(call, 1, EVENT_SET, "spop", count >= size);
}

function popOneByOne(call: Call, ref: RecordRef, count: number, reply: ReplyWriter): void {
  const { keyspace, random } = call.engine;
  for (let i = 0; i < count; i++) {
    const member = pickMember(keyspace, ref, random);
    reply.bulk(member.region, member.offset, member.length);
    ref = removeAt(keyspace, call.db, call.batch, call.first + 1, ref, member.place);
  }
}

/** Goes through all members; what was a table may be compact again then. */
function popMost(call: Call, ref: RecordRef, count: number, reply: ReplyWriter): void {
  const { batch, db, first } = call;
  const { keyspace } = call.engine;
  const places = new Int32Array(count);
  let found = 0;
  reply.set(count);
  sample(call, ref, count, (member) => {
    reply.bulk(member.region, member.offset, member.length);
    places[found++] = member.place;
  });
  // From the last one on: so the places before stay what they are.
  while (found > 0) ref = removeAt(keyspace, db, batch, first + 1, ref, places[--found]);
  if (keyspace.encodingOf(ref) === ENCODING_HASHTABLE) compact(call, ref);
}

/** Makes a table compact if its members allow that. Without memory, it stays a table. */
function compact(call: Call, ref: RecordRef): void {
  const { batch, db, first } = call;
  const { keyspace, settings } = call.engine;
  const shape = new SetShape(settings, ENCODING_LISTPACK);
  forEachMember(keyspace, ref, ({ region, offset, length }) => {
    shape.add(region, offset, length);
    return shape.encoding === ENCODING_LISTPACK;
  });
  if (shape.encoding !== ENCODING_LISTPACK) return;
  addAll(keyspace, ref, drawn);
  try {
    storeMembers(keyspace, db, batch, first + 1, drawn, ENCODING_LISTPACK, KEEP_TTL);
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
  } finally {
    drawn.clear();
  }
}

/** Visits `count` different members, each with the same probability, in the set's own order. */
function sample(
  call: Call,
  ref: RecordRef,
  count: number,
  visit: (member: Member) => void,
): void {
  const { keyspace, random } = call.engine;
  let left = setLength(keyspace, ref);
  let wanted = count;
  forEachMember(keyspace, ref, (member) => {
    if (random.below(left--) < wanted) {
      visit(member);
      wanted--;
    }
    return wanted > 0;
  });
}

function drawSeveral(call: Call, reply: ReplyWriter): void {
  if (call.argc > 3) return reply.error(SYNTAX_ERROR);
  const value = call.int64(2);
  if (value === undefined) return reply.error(NOT_AN_INTEGER);
  if (value === INT64_MIN) return reply.error(NOT_AN_INT64);
  const count = Number(value);
  const { keyspace } = call.engine;
  const ref = call.lookupRead(1);
  if (ref === 0) return reply.array(0);
  if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
  const size = setLength(keyspace, ref);
  if (count < 0) {
    drawWithRepeats(call, ref, -count, reply);
  } else if (count >= size) {
    reply.array(size);
    replyMembers(keyspace, ref, reply);
  } else if (
    keyspace.encodingOf(ref) !== ENCODING_HASHTABLE || count * MANY_PART > size
  ) {
    reply.array(count);
    sample(call, ref, count, ({ region, offset, length }) => reply.bulk(region, offset, length));
  } else {
    drawDistinct(call, ref, count, reply);
  }
}

function drawWithRepeats(call: Call, ref: RecordRef, count: number, reply: ReplyWriter): void {
  const { keyspace, random } = call.engine;
  const bytesEach = keyspace.recordBytes(ref) / setLength(keyspace, ref);
  if (count > MAX_REPLY_MEMBERS || count * bytesEach > MAX_REPLY_BYTES) {
    return reply.error(REPLY_TOO_LARGE);
  }
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const { region, offset, length } = pickMember(keyspace, ref, random);
    reply.bulk(region, offset, length);
  }
}

/** Draws until there are enough different ones, at most a third of the set. */
function drawDistinct(call: Call, ref: RecordRef, count: number, reply: ReplyWriter): void {
  const { keyspace, random } = call.engine;
  while (drawn.count < count) {
    const { region, offset, length, isLasting, place } = pickMember(keyspace, ref, random);
    drawn.addDistinct(region, offset, length, isLasting, Math.imul(place, HASH_FACTOR));
  }
  reply.array(count);
  drawn.reply(reply);
  drawn.clear();
}
