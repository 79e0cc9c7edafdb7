/**
 * What ZRANGE, its relatives and ZRANGESTORE have in common: the arguments behind the key, and the
 * ranks that they ask for.
 */
import type { RecordRef } from "../../engine/keyspace.ts";
import {
  findMembers,
  findScores,
  type LexRange,
  type RankRange,
  type ScoreRange,
} from "../../engine/sorted_set_ranges.ts";
import { lengthOf } from "../../engine/sorted_sets.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { readInteger, readLexRange, readScoreRange } from "./arguments.ts";

/** What the first two arguments behind the key are. */
export type RangeKind = "rank" | "score" | "lex";

/** What a command says by its name; undefined: its options say it. */
export interface RangeForm {
  readonly kind: RangeKind | undefined;
  readonly isReverse: boolean | undefined;
  /** Whether the result is stored, and so has its scores anyway. */
  readonly isStore: boolean;
}

/** A command's arguments, read. One object, used again and again. */
class RangeQuery {
  kind: RangeKind = "rank";
  isReverse = false;
  hasScores = false;
  skip = 0;
  /** Negative = all. */
  limit = -1;
  start = 0;
  stop = 0;
  scores: ScoreRange | undefined;
  members: LexRange | undefined;
}

const query = new RangeQuery();
const found: RankRange = { start: 0, count: 0 };

/**
 * @param key argument that names the sorted set; the range and the options follow
 * @returns undefined after an error was replied
 */
export function readRangeQuery(
  call: Call,
  key: number,
  form: RangeForm,
  reply: ReplyWriter,
): RangeQuery | undefined {
  if (!readOptions(call, key + 3, form, reply)) return undefined;
  const { kind } = query;
  if (query.limit !== -1 && kind === "rank") {
    reply.error(
      "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
    return undefined;
  }
  if (query.hasScores && kind === "lex") {
    reply.error("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    return undefined;
  }
  const isSwapped = query.isReverse && kind !== "rank";
  const minArg = isSwapped ? key + 2 : key + 1, maxArg = isSwapped ? key + 1 : key + 2;
  if (kind === "score") {
    query.scores = readScoreRange(call, minArg, maxArg, reply);
    return query.scores === undefined ? undefined : query;
  }
  if (kind === "lex") {
    query.members = readLexRange(call, minArg, maxArg, reply);
    return query.members === undefined ? undefined : query;
  }
  const start = readInteger(call, minArg, reply);
  if (start === undefined) return undefined;
  const stop = readInteger(call, maxArg, reply);
  if (stop === undefined) return undefined;
  query.start = start;
  query.stop = stop;
  return query;
}

/** @returns false after an error was replied */
function readOptions(call: Call, first: number, form: RangeForm, reply: ReplyWriter): boolean {
  let { kind, isReverse } = form;
  query.hasScores = false;
  query.skip = 0;
  query.limit = -1;
  for (let i = first; i < call.argc; i++) {
    if (!form.isStore && call.is(i, "WITHSCORES")) {
      query.hasScores = true;
    } else if (call.is(i, "LIMIT") && i + 2 < call.argc) {
      const skip = readInteger(call, i + 1, reply);
      if (skip === undefined) return false;
      const limit = readInteger(call, i + 2, reply);
      if (limit === undefined) return false;
      query.skip = skip;
      query.limit = limit;
      i += 2;
    } else if (isReverse === undefined && call.is(i, "REV")) {
      isReverse = true;
    } else if (kind === undefined && call.is(i, "BYLEX")) {
      kind = "lex";
    } else if (kind === undefined && call.is(i, "BYSCORE")) {
      kind = "score";
    } else {
      reply.error(SYNTAX_ERROR);
      return false;
    }
  }
  query.kind = kind ?? "rank";
  query.isReverse = isReverse ?? false;
  return true;
}

/**
 * The ranks that the query asks for, in a place that the next call takes again. `start` is that of
 * the first member to show: of a reverse one the last.
 */
export function findRange(call: Call, ref: RecordRef, asked: RangeQuery): RankRange {
  const { keyspace } = call.engine;
  const { kind, isReverse } = asked;
  const length = lengthOf(keyspace, ref);
  if (kind === "rank") {
    const start = Math.max(0, asked.start < 0 ? length + asked.start : asked.start);
    const stop = Math.min(length - 1, asked.stop < 0 ? length + asked.stop : asked.stop);
    found.count = Math.max(0, stop - start + 1);
    found.start = isReverse ? length - 1 - start : start;
    return found;
  }
  if (kind === "score") findScores(keyspace, ref, asked.scores!, found);
  else findMembers(keyspace, ref, asked.members!, isReverse, found);
  const { skip, limit } = asked;
  const count = skip < 0 ? 0 : Math.max(0, found.count - skip);
  found.start = isReverse ? found.start + found.count - 1 - skip : found.start + skip;
  found.count = limit < 0 ? count : Math.min(count, limit);
  return found;
}
