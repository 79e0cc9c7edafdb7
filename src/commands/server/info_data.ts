/** The sections of INFO about the data: persistence, replication, modules, cluster, keyspace. */
import type { Database } from "../../engine/keyspace.ts";
import type { Figures, Observed } from "./figures.ts";

/** Expiring keys, picked at random, that the mean time to live of a database is estimated from. */
const TTL_SAMPLES = 32;

/** Nothing is written to disk; `rdb_changes_since_last_save` counts all changes since the start. */
export function persistenceFigures({ engine }: Observed): Figures {
  return {
    loading: 0,
    async_loading: 0,
    rdb_changes_since_last_save: engine.stats.dirty,
    rdb_bgsave_in_progress: 0,
    aof_enabled: 0,
    aof_rewrite_in_progress: 0,
    aof_rewrite_scheduled: 0,
  };
}

/** There is no replication: always a master without replicas. */
export function replicationFigures(): Figures {
  return {
    role: "master",
    connected_slaves: 0,
    master_failover_state: "no-failover",
    master_repl_offset: 0,
    repl_backlog_active: 0,
  };
}

/** There are no modules. */
export function modulesFigures(): Figures {
  return {};
}

export function clusterFigures(): Figures {
  return { cluster_enabled: 0 };
}

/** One figure per database that is not empty. */
export function keyspaceFigures({ engine }: Observed): Figures {
  const figures: Record<string, Figures[string]> = {};
  for (const db of engine.keyspace.databases) {
    if (db.size === 0) continue;
    figures[`db${db.index}`] = {
      keys: db.size,
      expires: db.volatileCount,
      avg_ttl: averageTtl(engine, db),
    };
  }
  return figures;
}

/** Estimates the mean time to live, in ms, of the keys that have an expiry; 0 if there are none. */
function averageTtl(engine: Observed["engine"], db: Database): number {
  const total = db.volatileCount;
  if (total === 0) return 0;
  const { keyspace, random } = engine;
  const count = Math.min(total, TTL_SAMPLES);
  let sumMs = 0;
  for (let i = 0; i < count; i++) {
    let nth = total <= TTL_SAMPLES ? i : random.below(total);
    let shard = 0;
    while (nth >= db.volatile[shard].length) nth -= db.volatile[shard++].length;
    const ref = keyspace.refOf(shard, db.volatile[shard].at(nth));
    sumMs += Math.max(0, keyspace.expiresAt(ref) - engine.nowMs);
  }
  return Math.round(sumMs / count);
}
