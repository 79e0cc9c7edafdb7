/** DEL and UNLINK: removing keys. */
import { EVENT_GENERIC } from "../../engine/key_changes.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../spec.ts";

export const DEL = {
  name: "del",
  arity: -2,
  flags: ["write"],
  keys: [1, -1, 1],
  keyFlags: ["RM", "delete"],
  since: "1.0.0",
  group: "generic",
  complexity:
    "O(N) where N is the number of keys that will be removed. When a key to remove holds " +
    "a value other than a string, the individual complexity for this key is O(M) where M is the " +
    "number of elements in the list, set, sorted set or hash. Removing a single key that holds a " +
    "string value is O(1).",
  summary: "Deletes one or more keys.",
  syntax: "key [key ...]",
  run: removeKeys,
} as const satisfies CommandSpec;

/** The same as DEL: what is large is freed in slices for both. */
export const UNLINK = {
  name: "unlink",
  arity: -2,
  flags: ["write", "fast"],
  keys: [1, -1, 1],
  keyFlags: ["RM", "delete"],
  since: "4.0.0",
  group: "generic",
  complexity: "O(1) for each key removed regardless of its size. Then the command does O(N) work " +
    "in a different thread in order to reclaim memory, where N is the number of allocations the " +
    "deleted objects where composed of.",
  summary: "Asynchronously deletes one or more keys.",
  syntax: "key [key ...]",
  run: removeKeys,
} as const satisfies CommandSpec;

function removeKeys(call: Call, reply: ReplyWriter): void {
  const argc = call.argc;
  let removed = 0;
  for (let i = 1; i < argc; i++) {
    if (!call.remove(i)) continue;
    call.changed(i, EVENT_GENERIC, "del");
    removed++;
  }
  reply.integer(removed);
}
