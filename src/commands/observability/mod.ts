/** The commands that show what the server does. */
import type { CommandSpec } from "../spec.ts";
import { HOTKEYS } from "./hotkeys.ts";
import { LATENCY } from "./latency.ts";
import { MONITOR } from "./monitor.ts";
import { SLOWLOG } from "./slowlog.ts";

export const OBSERVABILITY_COMMANDS = [
  MONITOR,
  SLOWLOG,
  LATENCY,
  HOTKEYS,
] as const satisfies readonly CommandSpec[];
