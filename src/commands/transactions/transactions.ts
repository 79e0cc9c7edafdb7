/** MULTI, EXEC, DISCARD, WATCH and UNWATCH. */
import type { CommandSpec } from "../spec.ts";

const NESTED = "ERR MULTI calls can not be nested";
const DISCARD_WITHOUT_MULTI = "ERR DISCARD without MULTI";
const WATCH_IN_MULTI = "ERR WATCH inside MULTI is not allowed";

export const MULTI = {
  name: "multi",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  categories: ["transaction"],
  since: "1.2.0",
  group: "transactions",
  complexity: "O(1)",
  summary: "Starts a transaction.",
  syntax: "",
  run({ session, services }, reply) {
    if (isInMulti(session.transaction)) return reply.error(NESTED);
    services.transactions.begin(session);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const EXEC = {
  name: "exec",
  arity: 1,
  flags: ["noscript", "loading", "stale", "skip_slowlog"],
  categories: ["transaction"],
  since: "1.2.0",
  group: "transactions",
  complexity: "Depends on commands in the transaction",
  summary: "Executes all commands in a transaction.",
  syntax: "",
  run({ session, services }, reply) {
    services.transactions.execute(session, reply);
  },
} as const satisfies CommandSpec;

export const DISCARD = {
  name: "discard",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  categories: ["transaction"],
  since: "2.0.0",
  group: "transactions",
  complexity: "O(N), when N is the number of queued commands",
  summary: "Discards a transaction.",
  syntax: "",
  run({ session, services }, reply) {
    if (!isInMulti(session.transaction)) return reply.error(DISCARD_WITHOUT_MULTI);
    services.transactions.discard(session);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const WATCH = {
  name: "watch",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  keys: [1, -1, 1],
  keyFlags: ["RO"],
  categories: ["transaction"],
  since: "2.2.0",
  group: "transactions",
  complexity: "O(1) for every key.",
  summary: "Monitors changes to keys to determine the execution of a transaction.",
  syntax: "key [key ...]",
  run({ session, services, batch, first, argc }, reply) {
    if (isInMulti(session.transaction)) return reply.error(WATCH_IN_MULTI);
    for (let i = 1; i < argc; i++) services.transactions.watch(session, batch, first + i);
    reply.ok();
  },
} as const satisfies CommandSpec;

export const UNWATCH = {
  name: "unwatch",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  categories: ["transaction"],
  since: "2.2.0",
  group: "transactions",
  complexity: "O(1)",
  summary: "Forgets about watched keys of a transaction.",
  syntax: "",
  run({ session, services }, reply) {
    services.transactions.unwatch(session);
    reply.ok();
  },
} as const satisfies CommandSpec;

function isInMulti(transaction: { readonly queuedCount: number } | undefined): boolean {
  return transaction !== undefined && transaction.queuedCount >= 0;
}
