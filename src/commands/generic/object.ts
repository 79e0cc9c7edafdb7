/** OBJECT ENCODING, FREQ, IDLETIME, REFCOUNT and HELP: how a value is kept. */
import type { Call } from "../call.ts";
import { replyHelp } from "../help.ts";
import type { CommandSpec } from "../spec.ts";
import { inspectSilently } from "./arguments.ts";

const POLICY_NOTE =
  "Please note that when switching between policies at runtime LRU and LFU data " +
  "will take some time to adjust.";
const NO_FREQUENCY =
  `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${POLICY_NOTE}`;
const NO_IDLE_TIME =
  `ERR An LFU maxmemory policy is selected, idle time not tracked. ${POLICY_NOTE}`;

/** Every record has exactly one owner: its slot in the index. */
const OWNERS = 1;

const OBJECT_ENCODING = {
  name: "encoding",
  arity: 3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO"],
  since: "2.2.3",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the internal encoding of a Redis object.",
  syntax: "key",
  run(call, reply) {
    const ref = inspectSilently(call, 2);
    if (ref === 0) reply.nil();
    else reply.text(call.engine.keyspace.encodingName(ref));
  },
} as const satisfies CommandSpec;

const OBJECT_FREQ = {
  name: "freq",
  arity: 3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO"],
  since: "4.0.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the logarithmic access frequency counter of a Redis object.",
  syntax: "key",
  run(call, reply) {
    const ref = inspectSilently(call, 2);
    if (ref === 0) reply.nil();
    else if (!countsFrequency(call)) reply.error(NO_FREQUENCY);
    else reply.integer(call.engine.keyspace.frequency(ref));
  },
} as const satisfies CommandSpec;

const OBJECT_IDLETIME = {
  name: "idletime",
  arity: 3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO"],
  since: "2.2.3",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the time since the last access to a Redis object.",
  syntax: "key",
  run(call, reply) {
    const ref = inspectSilently(call, 2);
    if (ref === 0) reply.nil();
    else if (countsFrequency(call)) reply.error(NO_IDLE_TIME);
    else reply.integer(call.engine.keyspace.idleSeconds(ref));
  },
} as const satisfies CommandSpec;

const OBJECT_REFCOUNT = {
  name: "refcount",
  arity: 3,
  flags: ["readonly"],
  keys: [2, 2, 1],
  keyFlags: ["RO"],
  since: "2.2.3",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns the reference count of a value of a key.",
  syntax: "key",
  run(call, reply) {
    if (inspectSilently(call, 2) === 0) reply.nil();
    else reply.integer(OWNERS);
  },
} as const satisfies CommandSpec;

const OBJECT_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "6.2.0",
  group: "generic",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "OBJECT", [
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
    ]);
  },
} as const satisfies CommandSpec;

export const OBJECT = {
  name: "object",
  arity: -2,
  flags: [],
  since: "2.2.3",
  group: "generic",
  complexity: "Depends on subcommand.",
  summary: "A container for object introspection commands.",
  syntax: "",
  subcommands: [OBJECT_ENCODING, OBJECT_FREQ, OBJECT_HELP, OBJECT_IDLETIME, OBJECT_REFCOUNT],
} as const satisfies CommandSpec;

/**
 * Whether records keep how often they are used instead of when they were used last. The policy
 * allkeys-lrfu keeps both, and answers with the time: it is the default, and clients ask for that.
 */
function countsFrequency(call: Call): boolean {
  const { maxmemoryPolicy } = call.engine.settings;
  return maxmemoryPolicy === "allkeys-lfu" || maxmemoryPolicy === "volatile-lfu";
}
