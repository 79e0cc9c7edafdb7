/** The commands on places. */
import type { CommandSpec } from "../spec.ts";
import { GEOADD } from "./geoadd.ts";
import { GEORADIUS, GEORADIUS_RO, GEORADIUSBYMEMBER, GEORADIUSBYMEMBER_RO } from "./georadius.ts";
import { GEOSEARCH, GEOSEARCHSTORE } from "./geosearch.ts";
import { GEODIST, GEOHASH, GEOPOS } from "./read.ts";

export const GEO_COMMANDS = [
  GEOADD,
  GEODIST,
  GEOHASH,
  GEOPOS,
  GEORADIUS,
  GEORADIUS_RO,
  GEORADIUSBYMEMBER,
  GEORADIUSBYMEMBER_RO,
  GEOSEARCH,
  GEOSEARCHSTORE,
] as const satisfies readonly CommandSpec[];
