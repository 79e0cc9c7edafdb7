/** GEOSEARCH and GEOSEARCHSTORE: the places in a circle or a box. */
import type { CommandSpec } from "../spec.ts";
import { search } from "./search.ts";

const COST =
  "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area " +
  "around the shape provided as the filter and M is the number of items inside the shape";
const HISTORY = [["7.0.0", "Added support for uppercase unit names."]] as const;
const AREA = "<FROMMEMBER member | FROMLONLAT longitude latitude> " +
  "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] " +
  "[COUNT count [ANY]]";
const TYPES = {
  longitude: "double",
  latitude: "double",
  radius: "double",
  width: "double",
  height: "double",
} as const;

export const GEOSEARCH = {
  name: "geosearch",
  arity: -7,
  flags: ["readonly"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "geo",
  complexity: COST,
  summary: "Queries a geospatial index for members inside an area of a box or a circle.",
  syntax: `key ${AREA} [WITHCOORD] [WITHDIST] [WITHHASH]`,
  argumentTypes: TYPES,
  history: HISTORY,
  run: (call, reply) => search(call, reply, 1, { centre: "option", storing: "never" }),
} as const satisfies CommandSpec;

export const GEOSEARCHSTORE = {
  name: "geosearchstore",
  arity: -8,
  flags: ["write", "denyoom"],
  keys: [1, 2, 1],
  keyFlags: ["OW", "update"],
  lastKeyFlags: ["RO", "access"],
  since: "6.2.0",
  group: "geo",
  complexity: COST,
  summary: "Queries a geospatial index for members inside an area of a box or a circle, " +
    "optionally stores the result.",
  syntax: `destination source ${AREA} [STOREDIST]`,
  argumentTypes: TYPES,
  history: HISTORY,
  run: (call, reply) => search(call, reply, 2, { centre: "option", storing: "always" }),
} as const satisfies CommandSpec;
