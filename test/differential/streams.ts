/** Random commands on streams. */
import type { Buffer } from "node:buffer";
import { elementsOf, valueOf } from "../support/frames.ts";
import { fixed, type Kind, kind, thenDeleted, unchanged } from "./kinds.ts";
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";

const GROUPS = ["g", "group", "1", "\0g", "a group"];
const CONSUMERS = ["c", "alice", "bob", "12", "\xff"];
const FIELDS = ["a", "b", "field", "7", ""];
const MAX = "18446744073709551615";
const ODD_IDS = [
  ...["0-0", "0-1", "-", "+", "$", ">", "5", "x", "", "1-", "-1", "1-x", "1.5", "1-1-1"],
  ...[`${MAX}-${MAX}`, `${MAX}-0`, `0-${MAX}`, `5-${MAX}`, "18446744073709551616", " 5", "+7-+1"],
  ...["007-01", "5--1", "9223372036854775808-9223372036854775807", "(5", "(-", "(+", "(", "5-*"],
];

/** Time part of the next id; grows with every command that is made. */
let clock = 1;

function key(c: Chooser): Text {
  return c.keyOf("stream");
}

/** Mostly the id of an entry that may be there. */
function id(c: Chooser): string {
  if (c.chance(4)) return c.pick(ODD_IDS);
  const ms = Math.max(0, clock - c.below(c.chance(80) ? 60 : 2000));
  return c.chance(30) ? String(ms) : `${ms}-${c.below(3)}`;
}

function ids(c: Chooser, most: number): string[] {
  return Array.from({ length: c.between(1, most) }, () => id(c));
}

function bound(c: Chooser): string {
  if (c.chance(40)) return c.pick(["-", "+"]);
  return c.chance(20) ? `(${id(c)}` : id(c);
}

function newId(c: Chooser): string {
  if (c.chance(6)) return id(c);
  if (c.chance(40)) clock += c.below(4);
  if (c.chance(1)) clock += c.pick([1, 200, 2 ** 31, 2 ** 40]);
  return c.chance(30) ? `${clock}-*` : `${clock}-${c.below(4)}`;
}

function pairs(c: Chooser): Text[] {
  const shape = c.chance(60) ? ["name", "age"] : c.chance(50) ? ["name"] : undefined;
  if (shape !== undefined) return shape.flatMap((each) => [each, c.element()]);
  return Array.from(
    { length: c.between(1, 4) },
    () => [c.chance(70) ? c.pick(FIELDS) : c.element(), c.element()],
  ).flat();
}

function trimming(c: Chooser): string[] {
  const how = c.chance(50) ? [] : [c.pick(["=", "~"])];
  const limit = c.chance(how[0] === "~" ? 30 : 3)
    ? [c.word("LIMIT"), c.pick(["0", "1", "5", "100", "-1", "x"])]
    : [];
  return c.chance(50)
    ? [c.word("MAXLEN"), ...how, c.chance(95) ? String(c.below(120)) : c.integer(), ...limit]
    : [c.word("MINID"), ...how, id(c), ...limit];
}

function group(c: Chooser): string {
  return c.pick(c.chance(90) ? GROUPS.slice(0, 2) : GROUPS);
}

function consumer(c: Chooser): string {
  return c.pick(CONSUMERS);
}

function count(c: Chooser): string[] {
  if (!c.chance(50)) return [];
  return [c.word("COUNT"), c.chance(95) ? String(c.between(0, 12)) : c.pick(["-1", "x", "0"])];
}

function reading(c: Chooser, special: string): Text[] {
  const keys = Array.from({ length: c.chance(70) ? 1 : c.between(2, 3) }, () => key(c));
  // Since 7.4 "+" is something that can be read behind, too.
  return [...keys, ...keys.map(() => c.chance(70) ? special : id(c).replace(/^\+$/, "-"))];
}

function minIdle(c: Chooser): string {
  return c.chance(95) ? c.pick(["0", "0", "-5", "100000000"]) : c.pick(["x", "1.5", ""]);
}

// What differs between the versions: since 7.2 a consumer comes into being with its first try, and
// when it tried and when it succeeded are told apart.

type Value = string | undefined | Value[];

function parse(frame: Buffer): Value {
  if (!"*~%>".includes(String.fromCharCode(frame[0]))) return valueOf(frame)?.toString("latin1");
  if (valueOf(frame) === undefined) return undefined;
  return elementsOf(frame).map(parse);
}

/** A flat map without some of its pairs. */
function without(map: Value, ...names: string[]): Value[] {
  return (map as Value[]).filter((_, i, all) => !names.includes(all[i - (i % 2)] as string));
}

function entry(map: Value, name: string): Value {
  const flat = map as Value[];
  return flat[flat.indexOf(name) + 1];
}

/** Compares what is left when a function has put both into a form of their own. */
function comparing(form: (value: Value) => Value): same.Comparator {
  return (real, ours) => {
    if (real[0] !== ours[0] || real[0] === 45) return real.equals(ours);
    return JSON.stringify(form(parse(real))) === JSON.stringify(form(parse(ours)));
  };
}

const isBusy = (name: string) => (each: Value): boolean => entry(each, name) !== "0";

const isSameGroups = comparing((reply) => (reply as Value[]).map((g) => without(g, "consumers")));

const isSameConsumers = comparing((reply) =>
  (reply as Value[]).filter(isBusy("pending")).map((each) => without(each, "idle", "inactive"))
);

/** Delivery times are as near as the clocks. */
const withoutTimes = (row: Value): Value =>
  (row as Value[]).filter((_, i, all) => i !== all.length - 2);

const isSameDetails = comparing((reply) => {
  const flat = reply as Value[];
  const at = flat.lastIndexOf("groups") + 1;
  if (!Array.isArray(flat[at])) return flat;
  const groups = flat[at].map((each) => {
    const rows = (entry(each, "pending") as Value[]).map(withoutTimes);
    const consumers = (entry(each, "consumers") as Value[]).filter(isBusy("pel-count")).map((
      one,
    ) => [
      ...without(one, "seen-time", "active-time", "pending"),
      (entry(one, "pending") as Value[]).map(withoutTimes),
    ]);
    return [...without(each, "pending", "consumers"), rows, consumers];
  });
  return [...flat.slice(0, at), groups];
});

const isSamePending = comparing((reply) =>
  (reply as Value[]).map((row) => Array.isArray(row) && row.length === 4 ? withoutTimes(row) : row)
);

/** Since 7.2 no id is set that is less than the greatest that was deleted. */
function isSameSetId(real: Buffer, ours: Buffer): boolean {
  return real.equals(ours) ||
    ours.includes("The ID specified in XSETID is smaller than current max_deleted_entry_id");
}

export const STREAM_KINDS: readonly Kind[] = [
  kind(120, (c) => ["XADD", key(c), newId(c), ...pairs(c)]),
  kind(30, (c) => [
    ...["XADD", key(c)],
    ...c.some(20, "NOMKSTREAM"),
    ...c.chance(80) ? trimming(c) : [],
    ...c.some(5, "NOMKSTREAM"),
    ...[newId(c), ...pairs(c)],
  ]),
  thenDeleted(kind(2, (c) => ["XADD", key(c), "*", ...pairs(c)], same.isSameKind)),
  kind(12, (c) => ["XLEN", key(c)]),
  kind(36, (c) => [c.pick(["XRANGE", "XREVRANGE"]), key(c), bound(c), bound(c), ...count(c)]),
  kind(24, (c) => ["XDEL", key(c), ...ids(c, 4)]),
  kind(12, (c) => ["XTRIM", key(c), ...trimming(c)]),
  kind(20, (c) => ["XREAD", ...count(c), c.word("STREAMS"), ...reading(c, c.pick(["0", "$"]))]),
  kind(24, (c) => [
    ...["XGROUP", c.word("CREATE"), key(c), group(c), c.chance(70) ? c.pick(["0", "$"]) : id(c)],
    ...c.some(30, "MKSTREAM", () => [c.word("ENTRIESREAD"), c.pick(["0", "5", "-1", "-2", "x"])]),
  ]),
  kind(6, (c) => [
    ...["XGROUP", c.word("SETID"), key(c), group(c), c.chance(30) ? "$" : id(c)],
    ...c.some(20, () => [c.word("ENTRIESREAD"), c.pick(["0", "5", "-1", "99"])]),
  ]),
  kind(2, (c) => ["XGROUP", c.word("DESTROY"), key(c), group(c)]),
  kind(8, (c) => [
    ...["XGROUP", c.word("CREATECONSUMER"), key(c), group(c), consumer(c)],
  ], same.isSameKind),
  kind(4, (c) => ["XGROUP", c.word("DELCONSUMER"), key(c), group(c), consumer(c)]),
  kind(60, (c) => [
    ...["XREADGROUP", c.word("GROUP"), group(c), consumer(c), ...count(c)],
    ...c.some(8, "NOACK"),
    ...[c.word("STREAMS"), ...reading(c, ">")],
  ]),
  kind(20, (c) => ["XACK", key(c), group(c), ...ids(c, 5)]),
  kind(16, (c) => ["XPENDING", key(c), group(c)]),
  kind(24, (c) => [
    ...["XPENDING", key(c), group(c), ...c.some(20, () => [c.word("IDLE"), minIdle(c)])],
    ...[bound(c), bound(c), c.chance(95) ? String(c.between(-1, 12)) : c.integer()],
    ...c.chance(30) ? [consumer(c)] : [],
  ], isSamePending),
  kind(16, (c) => [
    ...["XCLAIM", key(c), group(c), consumer(c), minIdle(c), ...ids(c, 5)],
    ...c.some(12, "FORCE", "JUSTID", () => [c.word("RETRYCOUNT"), c.pick(["0", "7", "-1", "x"])]),
    ...c.some(8, () => [c.word("IDLE"), "1000"], () => [c.word("TIME"), "1500000000000"]),
    ...c.some(6, () => [c.word("LASTID"), id(c)], () => ["NOSUCH"]),
  ]),
  kind(16, (c) => [
    ...["XAUTOCLAIM", key(c), group(c), consumer(c), minIdle(c), c.chance(50) ? "0" : bound(c)],
    ...c.some(25, "JUSTID", () => [c.word("COUNT"), c.pick(["1", "3", "0", "-1", "x", "100"])]),
  ]),
  unchanged({
    ...kind(6, (c) => [
      ...["XSETID", key(c), c.chance(80) ? `${clock}-${c.below(4)}` : id(c)],
      ...c.some(30, () => [c.word("ENTRIESADDED"), c.pick(["5", "1000", "-1", "x"])]),
      ...c.some(20, () => [c.word("MAXDELETEDID"), id(c)]),
    ], isSameSetId),
    follow: (args) => [
      { args: ["DEL", args[1]], compare: same.isSame },
    ],
  }),
  kind(24, (c) => ["XINFO", c.word("STREAM"), key(c)]),
  kind(20, (c) => [
    ...["XINFO", c.word("STREAM"), key(c), c.word("FULL"), ...c.chance(50) ? count(c) : []],
  ], isSameDetails),
  kind(24, (c) => ["XINFO", c.word("GROUPS"), key(c)], isSameGroups),
  kind(8, (c) => ["XINFO", c.word("CONSUMERS"), key(c), group(c)], isSameConsumers),
  fixed(4, [
    ...["CONFIG SET stream-node-max-entries 3", "CONFIG SET stream-node-max-entries 100"],
    ...["CONFIG SET stream-node-max-entries 0", "CONFIG SET stream-node-max-bytes 4096"],
    ...["CONFIG SET stream-node-max-bytes 1000", "CONFIG SET stream-node-max-bytes 0"],
  ]),
  unchanged(kind(1, (c) => ["XREAD", "BLOCK", "1", "STREAMS", key(c), "$"])),
  unchanged(kind(1, (c) => ["XREAD", "BLOCK", c.pick(["-1", "x"]), "STREAMS", key(c), "$"])),
  unchanged(kind(1, (c) => [
    ...["XREADGROUP", "GROUP", group(c), "c", "BLOCK", "1", "STREAMS", key(c), ">"],
  ])),
  fixed(2, [
    ...[
      "XADD stream:0 1-1 a",
      "XADD stream:0 1-1",
      "XADD stream:0 MAXLEN 5 1-1 a",
      "XTRIM stream:0 x",
    ],
    ...["XADD stream:0 MAXLEN 5 MINID 5 1-1 a b", "XADD stream:0 LIMIT 5 1-1 a b", "XADD stream:0"],
    ...["XTRIM stream:0 MAXLEN", "XTRIM stream:0 MAXLEN ~", "XTRIM stream:0 MAXLEN = 5 LIMIT 3"],
    ...["XTRIM stream:0 LIMIT 3", "XTRIM nosuchkey MAXLEN -5", "XREAD STREAMS stream:0 >"],
    ...["XREAD GROUP a b STREAMS stream:0 0", "XREAD NOACK STREAMS stream:0 0", "XREAD COUNT 5 5"],
    ...["XREADGROUP GROUP g c STREAMS stream:0 $", "XREADGROUP COUNT 5 NOACK STREAMS stream:0 >"],
    ...["XGROUP HELP", "XINFO HELP", "XGROUP", "XINFO", "XGROUP NOSUCH stream:0", "XINFO GROUPS"],
    ...[
      "XINFO STREAM stream:0 FULL COUNT",
      "XINFO STREAM stream:0 NOSUCH",
      "XGROUP CREATE stream:0",
    ],
    ...["XPENDING stream:0 g - +", "XPENDING nosuchkey g", "XPENDING stream:0 g IDLE 5 - +"],
    ...["XCLAIM stream:0 nosuchgroup c 0 1-1", "XAUTOCLAIM stream:0 nosuchgroup c 0 0", "XACK a b"],
    ...["XCLAIM stream:0 g c x 1-1", "XAUTOCLAIM stream:0 g c x 0", "XSETID nosuchkey 1-1"],
    ...["COMMAND GETKEYS XREAD COUNT 5 STREAMS a b 0 0", "COMMAND GETKEYS XGROUP CREATE a b c"],
    ...["COMMAND GETKEYS XREADGROUP GROUP a b STREAMS c d > >", "COMMAND GETKEYS XADD a * b c"],
  ]),
];
