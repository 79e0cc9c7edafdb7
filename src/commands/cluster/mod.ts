/** The commands of clusters, as a cluster of one node answers them. */
import { CLUSTER } from "./cluster.ts";
import { ASKING, READONLY, READWRITE } from "./mode.ts";
import type { CommandSpec } from "../spec.ts";

export const CLUSTER_COMMANDS = [
  ASKING,
  CLUSTER,
  READONLY,
  READWRITE,
] as const satisfies readonly CommandSpec[];
