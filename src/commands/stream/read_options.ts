/** Options of XREAD and XREADGROUP. */
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { equalsIgnoreCase } from "../../bytes/ascii.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import { readDeadlineMs } from "../waiting.ts";

export class ReadOptions {
  /** Position of the first key; the ids follow behind the keys, as many. */
  firstKey = 0;
  keyCount = 0;
  /** Most entries of each stream. */
  limit = Infinity;
  /** Wall clock in ms until which to wait, 0 = for ever, undefined = not at all. */
  deadlineMs: number | undefined = undefined;
  /** Position of the group's name, behind which the consumer's is; 0 = none. */
  groupArg = 0;
  /** Whether what is delivered needs no acknowledgement. */
  isNoAck = false;

  /** @returns false = an error was replied */
  read(call: Call, reply: ReplyWriter, withGroup: boolean): boolean {
    this.firstKey = this.groupArg = 0;
    this.limit = Infinity;
    this.deadlineMs = undefined;
    this.isNoAck = false;
    for (let i = 1; i < call.argc && this.firstKey === 0; i++) {
      const more = call.argc - i - 1;
      if (more > 0 && call.is(i, "BLOCK")) {
        this.deadlineMs = readDeadlineMs(call, reply, ++i);
        if (this.deadlineMs === undefined) return false;
      } else if (more > 0 && call.is(i, "COUNT")) {
        const count = call.integer(++i);
        if (count === undefined) return refuse(reply, NOT_AN_INTEGER);
        this.limit = count <= 0 ? Infinity : count;
      } else if (more > 0 && call.is(i, "STREAMS")) {
        this.firstKey = i + 1;
      } else if (more > 1 && call.is(i, "GROUP")) {
        if (!withGroup) return refuse(reply, onlyForGroups("GROUP"));
        this.groupArg = i + 1;
        i += 2;
      } else if (call.is(i, "NOACK")) {
        if (!withGroup) return refuse(reply, onlyForGroups("NOACK"));
        this.isNoAck = true;
      } else {
        return refuse(reply, SYNTAX_ERROR);
      }
    }
    if (this.firstKey === 0) return refuse(reply, SYNTAX_ERROR);
    const count = call.argc - this.firstKey;
    if (count % 2 !== 0) {
      const symbol = withGroup ? ">" : "$";
      return refuse(
        reply,
        `ERR Unbalanced '${call.name}' list of streams: for each stream key an ID or ` +
          `'${symbol}' must be specified.`,
      );
    }
    this.keyCount = count / 2;
    if (!withGroup || this.groupArg !== 0) return true;
    return refuse(reply, "ERR Missing GROUP option for XREADGROUP");
  }

  /** Positions of the keys. */
  keys(): number[] {
    return Array.from({ length: this.keyCount }, (_, i) => this.firstKey + i);
  }
}

function refuse(reply: ReplyWriter, message: string): false {
  reply.error(message);
  return false;
}

function onlyForGroups(option: string): string {
  return `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`;
}

/** How many arguments behind them belong to the options before STREAMS. */
const OPTION_ARGUMENTS: Readonly<Record<string, number>> = {
  BLOCK: 1,
  COUNT: 1,
  GROUP: 2,
  NOACK: 0,
};
const OPTION_NAMES = Object.keys(OPTION_ARGUMENTS);

/** Finds the keys of XREAD and XREADGROUP: the first half of what is behind STREAMS. */
export function findStreamKeys(
  batch: CommandBatch,
  first: number,
  argc: number,
  found: (position: number) => void,
): void {
  const is = (i: number, word: string): boolean =>
    batch.argLengths[first + i] === word.length &&
    equalsIgnoreCase(batch.input.bytes, batch.argOffsets[first + i], word);
  for (let i = 1; i < argc; i++) {
    if (is(i, "STREAMS")) {
      const count = argc - i - 1;
      if (count % 2 !== 0) return;
      for (let k = 1; k <= count / 2; k++) found(i + k);
      return;
    }
    const option = OPTION_NAMES.find((name) => is(i, name));
    if (option === undefined) return;
    i += OPTION_ARGUMENTS[option];
  }
}
