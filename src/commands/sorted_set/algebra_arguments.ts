/** The arguments that ZUNION, ZINTER, ZDIFF, their STORE forms and ZINTERCARD share. */
import { TYPE_SET, TYPE_ZSET } from "../../engine/keyspace.ts";
import type { Aggregate, Input } from "../../engine/sorted_set_algebra.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";
import { readScore } from "./arguments.ts";

/** Which of the options a command takes. */
export interface AlgebraForm {
  /** Argument with the number of keys. */
  readonly countArg: number;
  readonly hasWeights: boolean;
  readonly hasScores: boolean;
  readonly hasLimit: boolean;
}

export interface AlgebraQuery {
  readonly inputs: readonly Input[];
  aggregate: Aggregate;
  withScores: boolean;
  /** 0 = none. */
  limit: number;
}

/** @returns undefined after an error was replied */
export function readAlgebra(
  call: Call,
  form: AlgebraForm,
  reply: ReplyWriter,
): AlgebraQuery | undefined {
  const inputs = lookupInputs(call, form.countArg, reply);
  if (inputs === undefined) return undefined;
  const query: AlgebraQuery = { inputs, aggregate: "sum", withScores: false, limit: 0 };
  let i = form.countArg + 1 + inputs.length;
  while (i < call.argc) {
    const next = readOption(call, form, query, i, reply);
    if (next === 0) return undefined;
    i = next;
  }
  return query;
}

function lookupInputs(call: Call, countArg: number, reply: ReplyWriter): Input[] | undefined {
  const count = call.integer(countArg);
  if (count === undefined) {
    reply.error(NOT_AN_INTEGER);
    return undefined;
  }
  if (count < 1) {
    reply.error(`ERR at least 1 input key is needed for '${call.name}' command`);
    return undefined;
  }
  if (count > call.argc - countArg - 1) {
    reply.error(SYNTAX_ERROR);
    return undefined;
  }
  const { keyspace } = call.engine;
  const inputs: Input[] = [];
  for (let i = 1; i <= count; i++) {
    const ref = call.lookupRead(countArg + i);
    const type = ref === 0 ? TYPE_ZSET : keyspace.typeOf(ref);
    if (type !== TYPE_ZSET && type !== TYPE_SET) {
      reply.error(WRONG_TYPE);
      return undefined;
    }
    inputs.push({ ref, weight: 1 });
  }
  return inputs;
}

/** @returns the argument behind the option at `i`; 0 after an error was replied */
function readOption(
  call: Call,
  form: AlgebraForm,
  query: AlgebraQuery,
  i: number,
  reply: ReplyWriter,
): number {
  const { inputs } = query;
  const behind = call.argc - i - 1;
  if (form.hasWeights && behind >= inputs.length && call.is(i, "WEIGHTS")) {
    for (let each = 0; each < inputs.length; each++) {
      const weight = readScore(call, i + 1 + each);
      if (weight !== weight) {
        reply.error("ERR weight value is not a float");
        return 0;
      }
      inputs[each].weight = weight;
    }
    return i + 1 + inputs.length;
  }
  if (form.hasWeights && behind >= 1 && call.is(i, "AGGREGATE")) {
    const word = call.keyword(i + 1);
    if (word === "sum" || word === "min" || word === "max") {
      query.aggregate = word;
      return i + 2;
    }
  } else if (form.hasScores && call.is(i, "WITHSCORES")) {
    query.withScores = true;
    return i + 1;
  } else if (form.hasLimit && behind >= 1 && call.is(i, "LIMIT")) {
    const limit = call.integer(i + 1);
    if (limit === undefined || limit < 0) {
      reply.error("ERR LIMIT can't be negative");
      return 0;
    }
    query.limit = limit;
    return i + 2;
  }
  reply.error(SYNTAX_ERROR);
  return 0;
}
