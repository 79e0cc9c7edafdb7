/** GEOADD: adds places to a sorted set, or moves them. */
import { encodePlace } from "../../bytes/geohash.ts";
import { ONLY_KNOWN, ONLY_NEW } from "../../engine/sorted_sets.ts";
import { SYNTAX_ERROR } from "../errors.ts";
import { addScored, CHANGED, reserveScores } from "../sorted_set/zadd.ts";
import type { CommandSpec } from "../spec.ts";
import { readPlace } from "./arguments.ts";

const FIRST_OPTION_ARG = 2;
/** Longitude, latitude, member. */
const ARGS_PER_PLACE = 3;

export const GEOADD = {
  name: "geoadd",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  members: [4, -1, 3],
  keyFlags: ["RW", "update"],
  since: "3.2.0",
  group: "geo",
  complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
  summary:
    "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
  syntax: "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
  argumentTypes: { longitude: "double", latitude: "double" },
  history: [["6.2.0", "Added the `CH`, `NX` and `XX` options."]],
  run(call, reply) {
    let options = 0;
    let first = FIRST_OPTION_ARG;
    for (; first < call.argc; first++) {
      if (call.is(first, "NX")) options |= ONLY_NEW;
      else if (call.is(first, "XX")) options |= ONLY_KNOWN;
      else if (call.is(first, "CH")) options |= CHANGED;
      else break;
    }
    const count = (call.argc - first) / ARGS_PER_PLACE;
    const isContradiction = (options & ONLY_NEW) !== 0 && (options & ONLY_KNOWN) !== 0;
    if (count === 0 || !Number.isInteger(count) || isContradiction) {
      return reply.error(SYNTAX_ERROR);
    }
    const scores = reserveScores(count);
    for (let i = 0; i < count; i++) {
      const place = readPlace(call, first + ARGS_PER_PLACE * i, reply);
      if (place === undefined) return;
      scores[i] = encodePlace(place);
    }
    addScored(call, reply, options, first + 2, ARGS_PER_PLACE, count);
  },
} as const satisfies CommandSpec;
