/** SSCAN: the members of a set, a few at a time. */
import { globMatch } from "../../bytes/glob.ts";
import { TYPE_SET } from "../../engine/keyspace.ts";
import { MemberList } from "../../engine/member_list.ts";
import { scanMembers } from "../../engine/set_members.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { WRONG_TYPE } from "../errors.ts";
import { INVALID_CURSOR, readCursor, readScanOptions } from "../scan_options.ts";
import type { CommandSpec } from "../spec.ts";

const FIRST_OPTION_ARG = 3;

/** A handler fills it, replies and clears it. */
const found = new MemberList();

export const SSCAN = {
  name: "sscan",
  arity: -3,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "2.8.0",
  group: "set",
  complexity:
    "O(1) for every call. O(N) for a complete iteration, including enough command calls " +
    "for the cursor to return back to 0. N is the number of elements inside the collection.",
  summary: "Iterates over members of a set.",
  syntax: "key cursor [MATCH pattern] [COUNT count]",
  run(call, reply) {
    const { keyspace } = call.engine;
    const cursor = readCursor(call, 2);
    if (cursor === undefined) return reply.error(INVALID_CURSOR);
    const ref = call.lookupRead(1);
    if (ref === 0) return replyPage(0, reply);
    if (keyspace.typeOf(ref) !== TYPE_SET) return reply.error(WRONG_TYPE);
    const options = readScanOptions(call, FIRST_OPTION_ARG, reply);
    if (options === undefined) return;
    const { pattern, count } = options;
    const next = scanMembers(keyspace, ref, cursor, count, (member) => {
      const { region, offset, length, isLasting } = member;
      if (pattern === undefined || globMatch(pattern, region.bytes, offset, length)) {
        found.add(region, offset, length, isLasting);
      }
      return true;
    });
    replyPage(next, reply);
    found.clear();
  },
} as const satisfies CommandSpec;

function replyPage(cursor: number, reply: ReplyWriter): void {
  reply.array(2);
  reply.text(String(cursor));
  reply.array(found.count);
  found.reply(reply);
}
