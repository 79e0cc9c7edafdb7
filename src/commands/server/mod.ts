/** The commands about the server itself. */
import type { CommandSpec } from "../spec.ts";
import { CONFIG } from "./config.ts";
import { INFO } from "./info.ts";
import { LOLWUT } from "./lolwut.ts";
import { MEMORY } from "./memory.ts";
import { MODULE } from "./module.ts";
import { ROLE } from "./role.ts";
import { SHUTDOWN } from "./shutdown.ts";
import { TIME } from "./time.ts";

export const SERVER_COMMANDS = [
  INFO,
  CONFIG,
  TIME,
  MEMORY,
  ROLE,
  SHUTDOWN,
  LOLWUT,
  MODULE,
] as const satisfies readonly CommandSpec[];
