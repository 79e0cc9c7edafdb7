/** The commands on HyperLogLogs. */
import type { CommandSpec } from "../spec.ts";
import { PFADD } from "./pfadd.ts";
import { PFCOUNT } from "./pfcount.ts";
import { PFDEBUG } from "./pfdebug.ts";
import { PFMERGE } from "./pfmerge.ts";
import { PFSELFTEST } from "./pfselftest.ts";

export const HYPERLOGLOG_COMMANDS = [
  PFADD,
  PFCOUNT,
  PFDEBUG,
  PFMERGE,
  PFSELFTEST,
] as const satisfies readonly CommandSpec[];
