/** The sections of INFO about the work done: stats, commandstats, errorstats, latencystats. */
import type { Call } from "../call.ts";
import { safeName, shortNumber } from "./info_text.ts";

const BYTES_PER_KB = 1024;

export function statsSection(call: Call): string[] {
  const { stats } = call.engine;
  return [
    `total_connections_received:${stats.totalConnections}`,
    `total_commands_processed:${stats.totalCommands}`,
    `instantaneous_ops_per_sec:${Math.trunc(stats.instantaneousOpsPerSec)}`,
    `total_net_input_bytes:${stats.totalNetInput}`,
    `total_net_output_bytes:${stats.totalNetOutput}`,
    `instantaneous_input_kbps:${(stats.instantaneousNetInput / BYTES_PER_KB).toFixed(2)}`,
    `instantaneous_output_kbps:${(stats.instantaneousNetOutput / BYTES_PER_KB).toFixed(2)}`,
    `rejected_connections:${stats.rejectedConnections}`,
    `expired_keys:${stats.expiredKeys}`,
    `expired_stale_perc:${stats.expiredStalePercent.toFixed(2)}`,
    `expired_time_cap_reached_count:${stats.expiredTimeCapReached}`,
    `evicted_keys:${stats.evictedKeys}`,
    `evicted_clients:${stats.evictedClients}`,
    `keyspace_hits:${stats.keyspaceHits}`,
    `keyspace_misses:${stats.keyspaceMisses}`,
    `unexpected_error_replies:${stats.unexpectedErrors}`,
    `total_error_replies:${stats.totalErrorReplies}`,
  ];
}

/** One line per command, subcommands included, that was ever called or refused. */
export function commandStatsSection(call: Call): string[] {
  const { stats } = call.engine;
  const lines: string[] = [];
  for (const { id, fullName } of call.services.commands.entries) {
    const calls = stats.commandCalls[id];
    const rejected = stats.commandRejected[id];
    const failed = stats.commandFailed[id];
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    const usec = stats.commandUsec[id];
    const perCall = calls === 0 ? 0 : usec / calls;
    lines.push(
      `cmdstat_${safeName(fullName)}:calls=${calls},usec=${Math.round(usec)}` +
        `,usec_per_call=${perCall.toFixed(2)},rejected_calls=${rejected},failed_calls=${failed}`,
    );
  }
  return lines;
}

/** One line per error code, in the order of their bytes. */
export function errorStatsSection(call: Call): string[] {
  const counts = [...call.engine.stats.errorCounts];
  counts.sort(([a], [b]) => (a < b ? -1 : 1));
  return counts.map(([code, count]) => `errorstat_${safeName(code)}:count=${count}`);
}

/** One line per command with recorded latencies; none at all while latencies are not tracked. */
export function latencyStatsSection(call: Call): string[] {
  const { settings, stats } = call.engine;
  if (!settings.latencyTracking) return [];
  const lines: string[] = [];
  for (const { id, fullName } of call.services.commands.entries) {
    const latencies = stats.latencyOf(id);
    if (latencies === undefined) continue;
    const values = settings.latencyTrackingInfoPercentiles.map((percent) =>
      `p${shortNumber(percent)}=${latencies.percentile(percent).toFixed(3)}`
    );
    lines.push(`latency_percentiles_usec_${safeName(fullName)}:${values.join(",")}`);
  }
  return lines;
}
