/** GEOPOS, GEODIST and GEOHASH: facts about single places. */
import {
  decodePlace,
  distanceBetween,
  encodePlace,
  MAX_STEPS,
  type Place,
} from "../../bytes/geohash.ts";
import { scoreOf } from "../../engine/sorted_sets.ts";
import type { Call } from "../call.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { lookupSortedSet } from "../sorted_set/arguments.ts";
import type { CommandSpec } from "../spec.ts";
import { readUnit, replyDistance, replyPlace } from "./arguments.ts";

const READ = {
  flags: ["readonly"],
  keys: [1, 1, 1],
  members: [2, -1, 1],
  keyFlags: ["RO", "access"],
  since: "3.2.0",
  group: "geo",
} as const;
/** As geohash.org has it; this store's own hashes end at a lower latitude. */
const STANDARD_LATITUDE_LIMIT = 90;
const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
const BITS_PER_LETTER = 5;
/** Of the 52 bits, 50 make letters; the last letter stands for those that are not there. */
const LETTERS = 10;

/** @param ref 0 = absent @returns the place of the member that an argument names */
function placeOf(call: Call, ref: number, i: number): Place | undefined {
  if (ref === 0) return undefined;
  const { input } = call.batch;
  const score = scoreOf(call.engine.keyspace, ref, input, call.offset(i), call.length(i));
  return score === score ? decodePlace(score) : undefined;
}

export const GEOPOS = {
  name: "geopos",
  ...READ,
  arity: -2,
  complexity: "O(1) for each member requested.",
  summary: "Returns the longitude and latitude of members from a geospatial index.",
  syntax: "key [member [member ...]]",
  run(call, reply) {
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    reply.array(call.argc - 2);
    for (let i = 2; i < call.argc; i++) {
      const place = placeOf(call, ref, i);
      if (place === undefined) reply.nilArray();
      else replyPlace(place, reply);
    }
  },
} as const satisfies CommandSpec;

export const GEODIST = {
  name: "geodist",
  ...READ,
  arity: -4,
  complexity: "O(1)",
  summary: "Returns the distance between two members of a geospatial index.",
  syntax: "key member1 member2 [M | KM | FT | MI]",
  run(call, reply) {
    if (call.argc > 5) return reply.error(SYNTAX_ERROR);
    const metres = call.argc === 5 ? readUnit(call, 4, reply) : 1;
    if (metres === 0) return;
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    const from = placeOf(call, ref, 2), to = placeOf(call, ref, 3);
    if (from === undefined || to === undefined) return reply.nil();
    replyDistance(distanceBetween(from, to) / metres, reply);
  },
} as const satisfies CommandSpec;

export const GEOHASH = {
  name: "geohash",
  ...READ,
  arity: -2,
  complexity: "O(1) for each member requested.",
  summary: "Returns members from a geospatial index as geohash strings.",
  syntax: "key [member [member ...]]",
  run(call, reply) {
    const ref = lookupSortedSet(call, 1, reply, false);
    if (ref === undefined) return;
    reply.array(call.argc - 2);
    for (let i = 2; i < call.argc; i++) {
      const place = placeOf(call, ref, i);
      if (place === undefined) reply.nil();
      else reply.text(lettersOf(encodePlace(place, STANDARD_LATITUDE_LIMIT)));
    }
  },
} as const satisfies CommandSpec;

/** A hash in the notation of geohash.org. */
function lettersOf(hash: number): string {
  let text = "";
  for (let i = 1; i <= LETTERS; i++) {
    const letter = Math.floor(hash / 2 ** (2 * MAX_STEPS - i * BITS_PER_LETTER));
    text += ALPHABET[letter % ALPHABET.length];
  }
  return text + ALPHABET[0];
}
