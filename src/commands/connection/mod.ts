/** The commands about the connection that sends them. */
import { AUTH } from "./auth.ts";
import { CLIENT } from "./client.ts";
import { HELLO } from "./hello.ts";
import { ECHO, PING } from "./ping.ts";
import { QUIT, RESET, SELECT } from "./session.ts";
import type { CommandSpec } from "../spec.ts";

export const CONNECTION_COMMANDS = [
  AUTH,
  CLIENT,
  ECHO,
  HELLO,
  PING,
  QUIT,
  RESET,
  SELECT,
] as const satisfies readonly CommandSpec[];
