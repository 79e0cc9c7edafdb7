/**
 * HOTKEYS: which keys are used most, how often, and how sure that is. It is always on: a sample of all
 * uses of keys goes into a sketch of constant size (engine/hot_keys.ts).
 */
import { HOT_KEYS_MAX } from "../../engine/hot_keys.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../errors.ts";
import type { CommandSpec } from "../spec.ts";

const DEFAULT_COUNT = 10;
const WRONG_COUNT = `ERR COUNT must be between 1 and ${HOT_KEYS_MAX}`;

export const HOTKEYS = {
  name: "hotkeys",
  arity: -1,
  flags: ["admin", "loading", "stale"],
  since: "0.1.0",
  group: "server",
  complexity: "O(1)",
  summary: "Lists the keys that are used most, with estimated rates.",
  syntax: "[COUNT count] [RESET]",
  argumentTypes: { count: "integer" },
  /** RESET forgets all uses once they are listed. */
  run(call, reply) {
    const wanted = readOptions(call);
    if (typeof wanted === "string") return reply.error(wanted);
    const { hotKeys, clock } = call.engine;
    const found = hotKeys.top(wanted.count, clock.nowMs());
    reply.array(found.length);
    for (const { key, dbIndex, perSecond, share, error } of found) {
      reply.map(5);
      reply.text("key");
      reply.bytes(key);
      reply.text("db");
      reply.integer(dbIndex);
      reply.text("accesses-per-second");
      reply.double(rounded(perSecond));
      reply.text("share");
      reply.double(rounded(share));
      reply.text("error");
      reply.double(rounded(error));
    }
    if (wanted.resets) hotKeys.reset();
  },
} as const satisfies CommandSpec;

/** @returns the text of an error reply when the arguments are wrong */
function readOptions(call: Call): { readonly count: number; readonly resets: boolean } | string {
  let count = DEFAULT_COUNT, resets = false;
  for (let i = 1; i < call.argc; i++) {
    if (call.is(i, "RESET")) {
      resets = true;
    } else if (call.is(i, "COUNT") && i + 1 < call.argc) {
      const value = call.integer(++i);
      if (value === undefined) return NOT_AN_INTEGER;
      if (value < 1 || value > HOT_KEYS_MAX) return WRONG_COUNT;
      count = value;
    } else {
      return SYNTAX_ERROR;
    }
  }
  return { count, resets };
}

/** More digits than four behind the point would be noise. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
