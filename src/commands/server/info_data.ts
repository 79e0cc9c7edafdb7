/** The sections of INFO about the data: persistence, replication, modules, cluster, keyspace. */
import type { Database } from "../../engine/keyspace.ts";
import type { Call } from "../call.ts";

/** Expiring keys, picked at random, that the mean time to live of a database is estimated from. */
const TTL_SAMPLES = 32;

/** Nothing is written to disk; `rdb_changes_since_last_save` counts all changes since the start. */
export function persistenceSection(call: Call): string[] {
  return [
    "loading:0",
    "async_loading:0",
    `rdb_changes_since_last_save:${call.engine.stats.dirty}`,
    "rdb_bgsave_in_progress:0",
    "aof_enabled:0",
    "aof_rewrite_in_progress:0",
  ];
}

/** There is no replication: always a master without replicas. */
export function replicationSection(): string[] {
  return [
    "role:master",
    "connected_slaves:0",
    "master_failover_state:no-failover",
    "master_repl_offset:0",
  ];
}

/** There are no modules. */
export function modulesSection(): string[] {
  return [];
}

export function clusterSection(): string[] {
  return ["cluster_enabled:0"];
}

/** One line per database that is not empty. */
export function keyspaceSection(call: Call): string[] {
  const lines: string[] = [];
  for (const db of call.engine.keyspace.databases) {
    if (db.size === 0) continue;
    lines.push(
      `db${db.index}:keys=${db.size},expires=${db.volatileCount},avg_ttl=${averageTtl(call, db)}`,
    );
  }
  return lines;
}

/** Estimates the mean time to live, in ms, of the keys that have an expiry; 0 if there are none. */
function averageTtl(call: Call, db: Database): number {
  const total = db.volatileCount;
  if (total === 0) return 0;
  const { keyspace, random } = call.engine;
  const count = Math.min(total, TTL_SAMPLES);
  let sumMs = 0;
  for (let i = 0; i < count; i++) {
    let nth = total <= TTL_SAMPLES ? i : random.below(total);
    let shard = 0;
    while (nth >= db.volatile[shard].length) nth -= db.volatile[shard++].length;
    const ref = keyspace.refOf(shard, db.volatile[shard].at(nth));
    sumMs += Math.max(0, keyspace.expiresAt(ref) - call.nowMs);
  }
  return Math.round(sumMs / count);
}
