/** The commands of streams. */
import type { CommandSpec } from "../spec.ts";
import { XADD } from "./xadd.ts";
import { XAUTOCLAIM, XCLAIM } from "./xclaim.ts";
import { XACK, XACKDEL, XDEL, XDELEX } from "./xdel.ts";
import { XGROUP } from "./xgroup.ts";
import { XINFO } from "./xinfo.ts";
import { XPENDING } from "./xpending.ts";
import { XLEN, XRANGE, XREVRANGE } from "./xrange.ts";
import { XREAD } from "./xread.ts";
import { XREADGROUP } from "./xreadgroup.ts";
import { XSETID, XTRIM } from "./xtrim.ts";

export const STREAM_COMMANDS = [
  XACK,
  XACKDEL,
  XADD,
  XAUTOCLAIM,
  XCLAIM,
  XDEL,
  XDELEX,
  XGROUP,
  XINFO,
  XLEN,
  XPENDING,
  XRANGE,
  XREAD,
  XREADGROUP,
  XREVRANGE,
  XSETID,
  XTRIM,
] as const satisfies readonly CommandSpec[];
