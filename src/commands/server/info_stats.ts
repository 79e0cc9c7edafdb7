/** The sections of INFO about the work done: stats, commandstats, errorstats, latencystats. */
import { type Figures, fraction, type Observed } from "./figures.ts";
import { safeName, shortNumber } from "./info_text.ts";

const BYTES_PER_KB = 1024;
const US_PER_MS = 1000;

/** Those of what can't happen (replication, forks, threads) are 0, as monitoring expects them to be there. */
export function statsFigures({ engine, services }: Observed): Figures {
  const { clock, stats } = engine;
  const exceededUs = stats.currentEvictionExceededUs(clock.monotonicUs());
  return {
    total_connections_received: stats.totalConnections,
    total_commands_processed: stats.totalCommands,
    instantaneous_ops_per_sec: Math.trunc(stats.instantaneousOpsPerSec),
    total_net_input_bytes: stats.totalNetInput,
    total_net_output_bytes: stats.totalNetOutput,
    total_net_repl_input_bytes: 0,
    total_net_repl_output_bytes: 0,
    instantaneous_input_kbps: fraction(stats.instantaneousNetInput / BYTES_PER_KB, 2),
    instantaneous_output_kbps: fraction(stats.instantaneousNetOutput / BYTES_PER_KB, 2),
    instantaneous_input_repl_kbps: fraction(0, 2),
    instantaneous_output_repl_kbps: fraction(0, 2),
    rejected_connections: stats.rejectedConnections,
    sync_full: 0,
    sync_partial_ok: 0,
    sync_partial_err: 0,
    expired_keys: stats.expiredKeys,
    expired_stale_perc: fraction(stats.expiredStalePercent, 2),
    expired_time_cap_reached_count: stats.expiredTimeCapReached,
    expire_cycle_cpu_milliseconds: Math.trunc(stats.expireCycleUs / US_PER_MS),
    evicted_keys: stats.evictedKeys,
    evicted_clients: stats.evictedClients,
    evicted_scripts: 0,
    total_eviction_exceeded_time: Math.trunc(
      (stats.totalEvictionExceededUs + exceededUs) / US_PER_MS,
    ),
    current_eviction_exceeded_time: Math.trunc(exceededUs / US_PER_MS),
    keyspace_hits: stats.keyspaceHits,
    keyspace_misses: stats.keyspaceMisses,
    ...pubsubAndTracking({ engine, services }),
    latest_fork_usec: 0,
    total_forks: 0,
    migrate_cached_sockets: 0,
    slave_expires_tracked_keys: 0,
    unexpected_error_replies: stats.unexpectedErrors,
    total_error_replies: stats.totalErrorReplies,
    total_reads_processed: stats.totalReads,
    total_writes_processed: stats.totalWrites,
    io_threaded_reads_processed: 0,
    io_threaded_writes_processed: 0,
    client_query_buffer_limit_disconnections: stats.queryLimitDisconnections,
    client_output_buffer_limit_disconnections: stats.outputLimitDisconnections,
    acl_access_denied_auth: stats.deniedAuth,
    acl_access_denied_cmd: stats.deniedCommands,
    acl_access_denied_key: stats.deniedKeys,
    acl_access_denied_channel: stats.deniedChannels,
    client_command_rate_limited: stats.rateLimitedCommands,
    tls_handshake_failures: stats.tlsHandshakeFailures,
  };
}

function pubsubAndTracking({ engine: { pubsub }, services: { tracking } }: Observed): Figures {
  return {
    pubsub_channels: pubsub.count("channels"),
    pubsub_patterns: pubsub.count("patterns"),
    pubsubshard_channels: pubsub.count("shards"),
    tracking_total_keys: tracking.keyCount,
    tracking_total_items: tracking.itemCount,
    tracking_total_prefixes: tracking.prefixCount,
  };
}

/** One figure per command, subcommands included, that was ever called or refused. */
export function commandStatsFigures({ engine: { stats }, services }: Observed): Figures {
  const figures: Record<string, Figures[string]> = {};
  for (const { id, fullName } of services.commands.entries) {
    const calls = stats.commandCalls[id];
    const rejected = stats.commandRejected[id];
    const failed = stats.commandFailed[id];
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    const usec = stats.commandUsec[id];
    figures[`cmdstat_${safeName(fullName)}`] = {
      calls,
      usec: Math.round(usec),
      usec_per_call: fraction(calls === 0 ? 0 : usec / calls, 2),
      rejected_calls: rejected,
      failed_calls: failed,
    };
  }
  return figures;
}

/** One figure per error code, in the order of their bytes. */
export function errorStatsFigures({ engine: { stats } }: Observed): Figures {
  const counts = [...stats.errorCounts];
  counts.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    counts.map(([code, count]) => [`errorstat_${safeName(code)}`, { count }]),
  );
}

/** One figure per command with recorded latencies; none at all while latencies are not tracked. */
export function latencyStatsFigures({ engine, services }: Observed): Figures {
  const { settings, stats } = engine;
  if (!settings.latencyTracking) return {};
  const figures: Record<string, Figures[string]> = {};
  for (const { id, fullName } of services.commands.entries) {
    const latencies = stats.latencyOf(id);
    if (latencies === undefined) continue;
    const values = settings.latencyTrackingInfoPercentiles.map((percent) =>
      [`p${shortNumber(percent)}`, fraction(latencies.percentile(percent), 3)] as const
    );
    figures[`latency_percentiles_usec_${safeName(fullName)}`] = Object.fromEntries(values);
  }
  return figures;
}
