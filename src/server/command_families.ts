/** All command families of the server. */
import { ACL_COMMANDS } from "../commands/acl/mod.ts";
import { BITMAP_COMMANDS } from "../commands/bitmap/mod.ts";
import { CLUSTER_COMMANDS } from "../commands/cluster/mod.ts";
import { CONNECTION_COMMANDS } from "../commands/connection/mod.ts";
import { GENERIC_COMMANDS } from "../commands/generic/mod.ts";
import { HASH_COMMANDS } from "../commands/hash/mod.ts";
import { GEO_COMMANDS } from "../commands/geo/mod.ts";
import { HYPERLOGLOG_COMMANDS } from "../commands/hyperloglog/mod.ts";
import { INTROSPECTION_COMMANDS } from "../commands/introspection/mod.ts";
import { LIST_COMMANDS } from "../commands/list/mod.ts";
import { OBSERVABILITY_COMMANDS } from "../commands/observability/mod.ts";
import { PUBSUB_COMMANDS } from "../commands/pubsub/mod.ts";
import { SERVER_COMMANDS } from "../commands/server/mod.ts";
import { SET_COMMANDS } from "../commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../commands/sorted_set/mod.ts";
import type { CommandSpec } from "../commands/spec.ts";
import { STREAM_COMMANDS } from "../commands/stream/mod.ts";
import { STRING_COMMANDS } from "../commands/string/mod.ts";
import { TRANSACTION_COMMANDS } from "../commands/transactions/mod.ts";

/** Those that work on keys and values. */
export const DATA_FAMILIES = [
  STRING_COMMANDS,
  BITMAP_COMMANDS,
  HYPERLOGLOG_COMMANDS,
  LIST_COMMANDS,
  HASH_COMMANDS,
  SET_COMMANDS,
  SORTED_SET_COMMANDS,
  GEO_COMMANDS,
  STREAM_COMMANDS,
  GENERIC_COMMANDS,
] as const satisfies readonly (readonly CommandSpec[])[];

export const COMMAND_FAMILIES = [
  ...DATA_FAMILIES,
  TRANSACTION_COMMANDS,
  CONNECTION_COMMANDS,
  INTROSPECTION_COMMANDS,
  SERVER_COMMANDS,
  OBSERVABILITY_COMMANDS,
  ACL_COMMANDS,
  CLUSTER_COMMANDS,
  PUBSUB_COMMANDS,
] as const satisfies readonly (readonly CommandSpec[])[];
