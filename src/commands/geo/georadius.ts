/** GEORADIUS, GEORADIUSBYMEMBER and their read-only forms: what GEOSEARCH replaced. */
import { equalsIgnoreCase } from "../../bytes/ascii.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { CommandSpec, KeySpec } from "../spec.ts";
import { search } from "./search.ts";

const COST = "O(N+log(M)) where N is the number of elements inside the bounding box of the " +
  "circular area delimited by center and radius and M is the number of items inside the index.";
const UPPERCASE = ["7.0.0", "Added support for uppercase unit names."] as const;
const ANY = ["6.2.0", "Added the `ANY` option for `COUNT`."] as const;
const OPTIONS = "<M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] " +
  "[ASC | DESC]";
const STORE_OPTIONS = `${OPTIONS} [STORE key | STOREDIST key]`;
const TYPES = { longitude: "double", latitude: "double", radius: "double" } as const;
const READ = {
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "3.2.10",
  group: "geo",
  complexity: COST,
  argumentTypes: TYPES,
} as const;
const STORING = {
  flags: ["write", "denyoom", "movablekeys"],
  keys: [1, 1, 1],
  firstKeyFlags: ["RO", "access"],
  keyFlags: ["OW", "update"],
  since: "3.2.0",
  group: "geo",
  complexity: COST,
  argumentTypes: TYPES,
} as const;

/** @param from position of the first option */
function keySpecs(from: number): readonly KeySpec[] {
  return [
    { flags: ["RO", "access"], search: 1, range: [0, 1, 0] },
    { flags: ["OW", "update"], search: ["STORE", from], range: [0, 1, 0] },
    { flags: ["OW", "update"], search: ["STOREDIST", from], range: [0, 1, 0] },
  ];
}

/** Calls `found` with the key and with those behind STORE and STOREDIST. */
function findStoreKeys(
  batch: CommandBatch,
  first: number,
  argc: number,
  firstOption: number,
  found: (position: number) => void,
): void {
  const { bytes } = batch.input;
  const is = (position: number, word: string): boolean =>
    batch.argLengths[first + position] === word.length &&
    equalsIgnoreCase(bytes, batch.argOffsets[first + position], word);
  found(1);
  for (let i = firstOption; i + 1 < argc; i++) {
    if (is(i, "STORE") || is(i, "STOREDIST")) found(++i);
  }
}

export const GEORADIUS = {
  name: "georadius",
  arity: -6,
  ...STORING,
  findKeys: (batch, first, argc, found) => findStoreKeys(batch, first, argc, 6, found),
  keySpecs: keySpecs(6),
  summary: "Queries a geospatial index for members within a distance from a coordinate, " +
    "optionally stores the result.",
  syntax: `key longitude latitude radius ${STORE_OPTIONS}`,
  history: [ANY, UPPERCASE],
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
  },
  run: (call, reply) => search(call, reply, 1, { centre: "place", storing: "option" }),
} as const satisfies CommandSpec;

export const GEORADIUSBYMEMBER = {
  name: "georadiusbymember",
  arity: -5,
  ...STORING,
  findKeys: (batch, first, argc, found) => findStoreKeys(batch, first, argc, 5, found),
  keySpecs: keySpecs(5),
  summary: "Queries a geospatial index for members within a distance from a member, " +
    "optionally stores the result.",
  syntax: `key member radius ${STORE_OPTIONS}`,
  history: [ANY, UPPERCASE],
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
  },
  run: (call, reply) => search(call, reply, 1, { centre: "member", storing: "option" }),
} as const satisfies CommandSpec;

export const GEORADIUS_RO = {
  name: "georadius_ro",
  arity: -6,
  ...READ,
  summary: "Returns members from a geospatial index that are within a distance from a coordinate.",
  syntax: `key longitude latitude radius ${OPTIONS}`,
  history: [ANY, UPPERCASE],
  deprecated: { since: "6.2.0", replacedBy: "`GEOSEARCH` with the `BYRADIUS` argument" },
  run: (call, reply) => search(call, reply, 1, { centre: "place", storing: "never" }),
} as const satisfies CommandSpec;

export const GEORADIUSBYMEMBER_RO = {
  name: "georadiusbymember_ro",
  arity: -5,
  ...READ,
  summary: "Returns members from a geospatial index that are within a distance from a member.",
  syntax: `key member radius ${OPTIONS}`,
  history: [ANY, UPPERCASE],
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
  },
  run: (call, reply) => search(call, reply, 1, { centre: "member", storing: "never" }),
} as const satisfies CommandSpec;
