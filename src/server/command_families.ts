/** All command families of the server. */
import { CLUSTER_COMMANDS } from "../commands/cluster/mod.ts";
import { CONNECTION_COMMANDS } from "../commands/connection/mod.ts";
import { GENERIC_COMMANDS } from "../commands/generic/mod.ts";
import { INTROSPECTION_COMMANDS } from "../commands/introspection/mod.ts";
import { SERVER_COMMANDS } from "../commands/server/mod.ts";
import type { CommandSpec } from "../commands/spec.ts";
import { STRING_COMMANDS } from "../commands/string/mod.ts";

export const COMMAND_FAMILIES = [
  STRING_COMMANDS,
  GENERIC_COMMANDS,
  CONNECTION_COMMANDS,
  INTROSPECTION_COMMANDS,
  SERVER_COMMANDS,
  CLUSTER_COMMANDS,
] as const satisfies readonly (readonly CommandSpec[])[];
