/** The commands of transactions. */
import { DISCARD, EXEC, MULTI, UNWATCH, WATCH } from "./transactions.ts";
import type { CommandSpec } from "../spec.ts";

export const TRANSACTION_COMMANDS = [
  DISCARD,
  EXEC,
  MULTI,
  UNWATCH,
  WATCH,
] as const satisfies readonly CommandSpec[];
