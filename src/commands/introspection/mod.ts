/** The commands that describe the commands. */
import { COMMAND } from "./command.ts";
import type { CommandSpec } from "../spec.ts";

export const INTROSPECTION_COMMANDS = [COMMAND] as const satisfies readonly CommandSpec[];
