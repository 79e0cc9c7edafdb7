/** Values of every type and encoding, as the commands that make them. */
import { Buffer } from "node:buffer";
import { createRandom } from "../../src/bytes/prng.ts";
import type { Argument } from "../support/frames.ts";

export interface DumpedValue {
  readonly name: string;
  /** Make the key "k". */
  readonly commands: readonly (readonly Argument[])[];
}

const random = createRandom([20, 26, 11, 22]);

function noise(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.int32() & 255));
}

function list<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** One command of that many arguments would be too long. */
function inParts(command: readonly Argument[], args: readonly Argument[]): Argument[][] {
  const parts: Argument[][] = [];
  for (let at = 0; at < args.length; at += 1000) {
    parts.push([...command, ...args.slice(at, at + 1000)]);
  }
  return parts;
}

const INTEGERS = [
  ...["0", "-1", "12", "13", "127", "128", "-128", "-129", "255", "256", "-4096", "4095", "4096"],
  ...["32767", "-32768", "32768", "8388607", "-8388608", "8388608", "2147483647", "-2147483648"],
  ...["2147483648", "9007199254740993", "9223372036854775807", "-9223372036854775808"],
];
const TEXTS: readonly Argument[] = [
  ...["", "a", "012", "-0", "9223372036854775808", "caf\u00e9", "x".repeat(63), "y".repeat(64)],
  ...["z".repeat(4095), "ab".repeat(2048), noise(300)],
];
const SHORT_TEXTS = TEXTS.filter((each) => String(each).length <= 64 && typeof each === "string");
const SCORES = [
  "0",
  "-0.0",
  "1.5",
  "-2.25",
  "inf",
  "-inf",
  "1e300",
  "-1e-300",
  "3",
  "1234567890123",
];

const STRINGS: DumpedValue[] = [
  ...INTEGERS.map((value) => ({ name: `string ${value}`, commands: [["SET", "k", value]] })),
  ...TEXTS.map((value, i) => ({ name: `string ${i}`, commands: [["SET", "k", value]] })),
  { name: "string 20", commands: [["SET", "k", "x".repeat(20)]] },
  { name: "string of noise", commands: [["SET", "k", noise(40_000)]] },
  { name: "string in pages", commands: [["SET", "k", "abcdefghij".repeat(30_000)]] },
  { name: "HyperLogLog", commands: [["PFADD", "k", ...INTEGERS]] },
  {
    name: "dense HyperLogLog",
    commands: inParts(["PFADD", "k"], list(5000, (i) => `element ${i}`)),
  },
];

const LISTS: DumpedValue[] = [
  { name: "list of one", commands: [["RPUSH", "k", "a"]] },
  { name: "small list", commands: [["RPUSH", "k", ...INTEGERS, ...SHORT_TEXTS]] },
  { name: "list of texts", commands: [["RPUSH", "k", ...TEXTS]] },
  { name: "list of many", commands: inParts(["RPUSH", "k"], list(5000, (i) => `element ${i}`)) },
  {
    name: "list with long elements",
    commands: [["RPUSH", "k", "a", "x".repeat(10_000), "b", noise(70_000), noise(200_000), "c"]],
  },
];

const SETS: DumpedValue[] = [
  { name: "intset of 2", commands: [["SADD", "k", "1", "-5", "300"]] },
  { name: "intset of 4", commands: [["SADD", "k", "1", "-70000"]] },
  { name: "intset of 8", commands: [["SADD", "k", ...INTEGERS]] },
  { name: "intset of 512", commands: [["SADD", "k", ...list(512, (i) => i * 3)]] },
  { name: "integers", commands: inParts(["SADD", "k"], list(3000, (i) => i * 70_000)) },
  { name: "small set", commands: [["SADD", "k", ...INTEGERS, ...SHORT_TEXTS]] },
  { name: "set of texts", commands: [["SADD", "k", ...TEXTS]] },
  { name: "set of many", commands: inParts(["SADD", "k"], list(5000, (i) => `member ${i}`)) },
  { name: "set with long members", commands: [["SADD", "k", "a", noise(5000), noise(100_000)]] },
];

function hash(count: number): Argument[] {
  return list(count, (i) => [`field ${i}`, i % 3 === 0 ? i : `value ${i}`]).flat();
}

const HASHES: DumpedValue[] = [
  { name: "hash of one", commands: [["HSET", "k", "f", "v"]] },
  { name: "small hash", commands: [["HSET", "k", ...hash(60), ...INTEGERS, "last"]] },
  { name: "hash of texts", commands: TEXTS.map((each, i) => ["HSET", "k", `f${i}`, each]) },
  { name: "hash of many", commands: inParts(["HSET", "k"], hash(4000)) },
  {
    name: "hash with long fields",
    commands: [["HSET", "k", noise(5000), "v", "f", noise(100_000), noise(70_000), "x"]],
  },
];

const ZSETS: DumpedValue[] = [
  { name: "sorted set of one", commands: [["ZADD", "k", "1", "a"]] },
  {
    name: "sorted set of many scores",
    commands: [["ZADD", "k", ...SCORES.flatMap((each, i) => [each, `member ${i}`])]],
  },
  { name: "small sorted set", commands: [["ZADD", "k", "1", "b", "1.5", "a", "-2.25", "7"]] },
  { name: "sorted integers", commands: [["ZADD", "k", ...INTEGERS.flatMap((each) => [7, each])]] },
  { name: "sorted texts", commands: [["ZADD", "k", ...TEXTS.flatMap((each, i) => [i % 3, each])]] },
  {
    name: "sorted set of many",
    commands: inParts(["ZADD", "k"], list(4000, (i) => [(i * 37) % 501 / 8, `member ${i}`]).flat()),
  },
  { name: "sorted set with a long member", commands: [["ZADD", "k", "inf", noise(100_000)]] },
];

const STREAMS: DumpedValue[] = [
  { name: "stream of one", commands: [["XADD", "k", "1-1", "f", "v"]] },
  {
    name: "empty stream",
    commands: [["XADD", "k", "5-1", "f", "v"], ["XDEL", "k", "5-1"], [
      "XGROUP",
      "CREATE",
      "k",
      "g",
      "0",
    ]],
  },
  {
    name: "stream of several fields",
    commands: list(
      50,
      (i) => ["XADD", "k", `${i + 1}-${i % 7}`, "a", i, ...(i % 5 === 0 ? ["b", "x"] : [])],
    ),
  },
  {
    name: "stream of many",
    commands: [
      ...list(1000, (i) => ["XADD", "k", `1700000000000-${i}`, "field", `value ${i}`, "n", i]),
      ...list(300, (i) => ["XDEL", "k", `1700000000000-${i * 2}`]),
    ],
  },
  {
    name: "stream with long entries",
    commands: [["XADD", "k", "1-1", "f", noise(3000)], ["XADD", "k", "1-2", noise(70_000), "v"]],
  },
  {
    name: "stream with groups",
    commands: [
      ...list(150, (i) => ["XADD", "k", `${i + 1}-0`, "f", i]),
      ["XGROUP", "CREATE", "k", "g1", "0"],
      ["XGROUP", "CREATE", "k", "g2", "$"],
      ["XGROUP", "CREATE", "k", "", "77-0", "ENTRIESREAD", "50"],
      ["XREADGROUP", "GROUP", "g1", "alice", "COUNT", "40", "STREAMS", "k", ">"],
      ["XREADGROUP", "GROUP", "g1", "bob", "COUNT", "30", "STREAMS", "k", ">"],
      ["XREADGROUP", "GROUP", "", "alice", "COUNT", "3", "STREAMS", "k", ">"],
      ["XGROUP", "CREATECONSUMER", "k", "g2", "idle"],
      ["XACK", "k", "g1", ...list(10, (i) => `${i * 3 + 1}-0`)],
      ["XCLAIM", "k", "g1", "bob", "0", "2-0", "3-0"],
      ["XDEL", "k", "1-0", "2-0", "60-0"],
    ],
  },
  {
    name: "stream with great ids",
    commands: [
      ["XADD", "k", "9007199254740993-18446744073709551614", "f", "v"],
      ["XADD", "k", "18446744073709551615-18446744073709551614", "f", "v"],
      ["XSETID", "k", "18446744073709551615-18446744073709551615"],
    ],
  },
];

export const DUMPED_VALUES: readonly DumpedValue[] = [
  ...STRINGS,
  ...LISTS,
  ...SETS,
  ...HASHES,
  ...ZSETS,
  ...STREAMS,
];
