/** Commands of pub/sub, and the order of messages that Redis leaves open. */
import type { Buffer } from "node:buffer";
import { elementsOf } from "../support/frames.ts";
import { type Actor, type InterleavedKind, turn } from "./interleaved.ts";
import type { Chooser } from "./pools.ts";

const CHANNELS = ["a", "b", "ab", "news.1", "news.2", "\xff"];
const PATTERNS = ["a*", "*", "news.?", "[ab]", "b", "news.[^1]", "\\a"];

let payloads = 0;

/** No two messages are alike, so that those of one PUBLISH are known. */
function payload(choose: Chooser): string {
  return `${payloads++} ${"x".repeat(choose.below(40))}`;
}

/** Brings the messages that one PUBLISH sends for its patterns into one order. */
function sortPatterns(messages: Buffer[]): Buffer[] {
  const sorted: Buffer[] = [];
  let at = 0;
  while (at < messages.length) {
    const last = lastOf(messages[at]);
    let end = at + 1;
    if (isOfPattern(messages[at])) {
      while (
        end < messages.length && isOfPattern(messages[end]) && lastOf(messages[end]) === last
      ) {
        end++;
      }
    }
    sorted.push(...messages.slice(at, end).sort((a, b) => a.compare(b)));
    at = end;
  }
  return sorted;
}

function isOfPattern(message: Buffer): boolean {
  return message.includes("pmessage\r\n");
}

function lastOf(message: Buffer): string {
  return elementsOf(message).at(-1)!.toString("latin1");
}

function several(choose: Chooser, names: readonly string[]): string[] {
  return Array.from({ length: choose.between(1, 3) }, () => choose.pick(names));
}

function publishing(weight: number, make: InterleavedKind["make"]): InterleavedKind {
  return { ...turn(weight, make), arrange: sortPatterns };
}

/** What subscribers may be refused, and what they may not. */
const OTHERS: readonly InterleavedKind[] = [
  turn(4, () => ["PING"]),
  turn(4, (c) => ["PING", c.pick(["", "x"])]),
  turn(1, () => ["PING", "x", "y"]),
  turn(4, (c) => [c.pick(["GET", "get", "GeT"]), "k"]),
  turn(2, () => ["CLIENT", "GETNAME"]),
  turn(2, () => ["CLIENT", "NOSUCH"]),
  turn(1, () => ["NOSUCH", "x"]),
  turn(2, (c) => ["SET", "k", String(c.below(10))]),
  turn(1, (c) => ["SELECT", c.pick(["0", "1"])]),
  // Connection 0 goes on speaking RESP3, in which subscribers may publish.
  turn(3, (_, { index }) => [index === 0 ? "PING" : "RESET"]),
];

const COUNTS: readonly InterleavedKind[] = [
  turn(6, (c) => ["PUBSUB", c.pick(["NUMSUB", "numsub", "SHARDNUMSUB"]), ...several(c, CHANNELS)]),
  turn(1, (c) => ["PUBSUB", c.pick(["NUMSUB", "SHARDNUMSUB"])]),
  turn(4, () => ["PUBSUB", "NUMPAT"]),
  // One name at most: Redis has no order of them.
  turn(
    4,
    (c) => ["PUBSUB", c.pick(["CHANNELS", "SHARDCHANNELS"]), c.pick(["ab", "news.1", "[b]"])],
  ),
  turn(1, (c) => ["PUBSUB", c.pick(["NUMPAT", "CHANNELS", "NOSUCH", "HELP"]), "x", "y"]),
];

/** Everybody listens to everything. */
export const PUBSUB_KINDS: readonly InterleavedKind[] = [
  turn(14, (c) => ["SUBSCRIBE", ...several(c, CHANNELS)]),
  turn(8, (c) => ["PSUBSCRIBE", ...several(c, PATTERNS)]),
  turn(8, (c) => ["SSUBSCRIBE", ...several(c, CHANNELS)]),
  turn(8, (c) => ["UNSUBSCRIBE", ...several(c, CHANNELS)]),
  turn(6, (c) => ["PUNSUBSCRIBE", ...several(c, PATTERNS)]),
  turn(6, (c) => ["SUNSUBSCRIBE", ...several(c, CHANNELS)]),
  // Without names, it would be in an order of Redis's own.
  turn(3, () => ["UNSUBSCRIBE", ...CHANNELS]),
  turn(3, () => ["PUNSUBSCRIBE", ...PATTERNS]),
  turn(3, () => ["SUNSUBSCRIBE", ...CHANNELS]),
  turn(1, (c) => [c.pick(["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "PUBLISH"])]),
  publishing(40, (c) => ["PUBLISH", c.pick(CHANNELS), payload(c)]),
  publishing(12, (c) => ["SPUBLISH", c.pick(CHANNELS), payload(c)]),
  turn(1, (c) => ["PUBLISH", c.pick(CHANNELS), "x", "y"]),
  ...COUNTS,
  ...OTHERS,
];

/** The names that a connection listens to; nobody publishes to those of its own. */
function own({ index }: Actor): string[] {
  return [`own.${index}`, `own.${index}.x`];
}

function ofOthers(choose: Chooser, actor: Actor, actors: readonly Actor[]): string {
  return choose.pick(actors.filter((each) => each !== actor).flatMap(own));
}

/**
 * The same within transactions: with one name a command, so that an EXEC's reply is one array, and without
 * messages to oneself, which Redis 7.0 put into the middle of that array.
 */
export const QUEUED_PUBSUB_KINDS: readonly InterleavedKind[] = [
  turn(14, () => ["MULTI"]),
  turn(14, () => ["EXEC"]),
  turn(3, () => ["DISCARD"]),
  turn(10, (c, actor) => ["SUBSCRIBE", c.pick(own(actor))]),
  turn(6, (_, actor) => ["PSUBSCRIBE", `own.${actor.index}*`]),
  turn(6, (c, actor) => ["SSUBSCRIBE", c.pick(own(actor))]),
  turn(10, (c, actor) => ["UNSUBSCRIBE", c.pick(own(actor))]),
  turn(6, (_, actor) => ["PUNSUBSCRIBE", `own.${actor.index}*`]),
  turn(6, (c, actor) => ["SUNSUBSCRIBE", c.pick(own(actor))]),
  publishing(40, (c, actor, actors) => ["PUBLISH", ofOthers(c, actor, actors), payload(c)]),
  publishing(8, (c, actor, actors) => ["SPUBLISH", ofOthers(c, actor, actors), payload(c)]),
  turn(4, () => ["PUBSUB", "NUMPAT"]),
  ...OTHERS,
];
