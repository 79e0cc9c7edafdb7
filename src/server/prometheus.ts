/**
 * The figures of a server in the text format of Prometheus.
 *
 * Values come from what INFO shows; each is named crabcache_*, in base units (seconds, bytes), with
 * _total behind counters.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { LatencyHistogram } from "../engine/latency_histogram.ts";
import { collectMetrics } from "../commands/server/metrics.ts";
import type { Observed, PlainFigures } from "../commands/server/figures.ts";

const PREFIX = "crabcache_";
const NS_PER_SECOND = 1e9;
const US_PER_SECOND = 1e6;
const FIRST_BUCKET_NS = 1024;
const LAST_BUCKET_NS = 2 ** 30;

type MetricType = "counter" | "gauge" | "histogram";
type Labels = Readonly<Record<string, string>>;

/** A figure of INFO by section and name, with what it is called here. */
type Source = readonly [section: string, figure: string, name: string, help: string];

const GAUGES: readonly Source[] = [
  ["server", "uptime_in_seconds", "uptime_seconds", "Seconds since the start."],
  ["clients", "connected_clients", "connected_clients", "Connections."],
  ["clients", "maxclients", "max_clients", "Most connections."],
  ["clients", "blocked_clients", "blocked_clients", "Connections that wait for keys."],
  ["clients", "pubsub_clients", "pubsub_clients", "Connections that subscribe to channels."],
  ["clients", "tracking_clients", "tracking_clients", "Connections that cache on their side."],
  ["memory", "used_memory", "memory_used_bytes", "Pages and buffers in use."],
  ["memory", "used_memory_peak", "memory_used_peak_bytes", "The most of them so far."],
  ["memory", "used_memory_dataset", "memory_dataset_bytes", "Blocks that hold keys and values."],
  ["memory", "used_memory_rss", "memory_resident_bytes", "Resident memory of the process."],
  ["memory", "maxmemory", "memory_max_bytes", "Budget of the memory in use, 0 = none."],
  ["memory", "mem_clients_normal", "memory_clients_bytes", "Buffers of connections."],
  ["stats", "instantaneous_ops_per_sec", "commands_per_second", "Commands per second lately."],
  ["stats", "pubsub_channels", "pubsub_channels", "Channels with subscribers."],
  ["stats", "pubsub_patterns", "pubsub_patterns", "Patterns with subscribers."],
];

const COUNTERS: readonly Source[] = [
  ["stats", "total_commands_processed", "commands_processed_total", "Commands executed."],
  ["stats", "total_connections_received", "connections_received_total", "Connections accepted."],
  ["stats", "rejected_connections", "connections_rejected_total", "Connections turned away."],
  ["stats", "total_net_input_bytes", "net_input_bytes_total", "Bytes received."],
  ["stats", "total_net_output_bytes", "net_output_bytes_total", "Bytes sent."],
  ["stats", "keyspace_hits", "keyspace_hits_total", "Lookups that found their key."],
  ["stats", "keyspace_misses", "keyspace_misses_total", "Lookups that did not."],
  ["stats", "expired_keys", "expired_keys_total", "Keys whose time was over."],
  ["stats", "evicted_keys", "evicted_keys_total", "Keys evicted to make room."],
  ["stats", "evicted_clients", "evicted_clients_total", "Clients closed to make room."],
  ["stats", "total_error_replies", "error_replies_total", "Error replies."],
  ["stats", "unexpected_error_replies", "unexpected_errors_total", "Mistakes of the server."],
  ["cpu", "used_cpu_user", "cpu_user_seconds_total", "CPU time in user mode."],
  ["cpu", "used_cpu_sys", "cpu_system_seconds_total", "CPU time in the kernel."],
];

/** Upper bounds in ns, each four times the one before: 1 µs to 1 s. */
const BUCKETS: readonly number[] = (() => {
  const bounds: number[] = [];
  for (let ns = FIRST_BUCKET_NS; ns < LAST_BUCKET_NS; ns *= 4) bounds.push(ns);
  return bounds;
})();

class Exposition {
  #text = "";

  family(name: string, type: MetricType, help: string): void {
    this.#text += `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} ${type}\n`;
  }

  sample(name: string, value: number, labels: Labels = {}): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
    this.#text += PREFIX + name + (pairs.length > 0 ? `{${pairs.join(",")}}` : "") + ` ${value}\n`;
  }

  toString(): string {
    return this.#text;
  }
}

function escape(text: string): string {
  return text.replace(/[\\"\n]/g, (each) => each === "\n" ? "\\n" : `\\${each}`);
}

/** Writes all of them. */
export function prometheusText(observed: Observed): string {
  const figures = collectMetrics(observed);
  const out = new Exposition();
  const { version } = observed.services.server;
  const { runtimeName, runtimeVersion } = observed.services.system;
  out.family("info", "gauge", "What runs.");
  out.sample("info", 1, { version, runtime: `${runtimeName} ${runtimeVersion}` });
  write(out, figures, GAUGES, "gauge");
  write(out, figures, COUNTERS, "counter");
  out.family("event_loop_lag_seconds", "gauge", "How late timers were lately, at most.");
  out.sample("event_loop_lag_seconds", observed.engine.stats.loopLag.seconds);
  writeKeyspace(out, figures.keyspace);
  writeErrors(out, figures.errorstats);
  writeCommands(out, observed);
  return out.toString();
}

function write(
  out: Exposition,
  figures: Readonly<Record<string, PlainFigures>>,
  sources: readonly Source[],
  type: MetricType,
): void {
  for (const [section, figure, name, help] of sources) {
    const value = figures[section]?.[figure];
    if (value === undefined) continue;
    out.family(name, type, help);
    out.sample(name, Number(value));
  }
}

function part(figure: PlainFigures[string], name: string): number {
  return typeof figure === "object" ? Number(figure[name]) : NaN;
}

function writeKeyspace(out: Exposition, keyspace: PlainFigures): void {
  out.family("keys", "gauge", "Keys by database.");
  for (const [db, figure] of Object.entries(keyspace)) {
    out.sample("keys", part(figure, "keys"), { db });
  }
  out.family("keys_expiring", "gauge", "Keys with an expiry by database.");
  for (const [db, figure] of Object.entries(keyspace)) {
    out.sample("keys_expiring", part(figure, "expires"), { db });
  }
}

function writeErrors(out: Exposition, errors: PlainFigures): void {
  out.family("errors_total", "counter", "Error replies by code.");
  for (const [name, figure] of Object.entries(errors)) {
    out.sample("errors_total", part(figure, "count"), { code: name.replace(/^errorstat_/, "") });
  }
}

/** Calls and latencies of each family of commands. */
function writeCommands(out: Exposition, { engine, services }: Observed): void {
  const { stats } = engine;
  const calls = new Map<
    string,
    { calls: number; seconds: number; histograms: LatencyHistogram[] }
  >();
  for (const { id, spec } of services.commands.entries) {
    if (stats.commandCalls[id] === 0) continue;
    let family = calls.get(spec.group);
    if (family === undefined) {
      calls.set(spec.group, family = { calls: 0, seconds: 0, histograms: [] });
    }
    family.calls += stats.commandCalls[id];
    family.seconds += stats.commandUsec[id] / US_PER_SECOND;
    const histogram = stats.latencyOf(id);
    if (histogram !== undefined) family.histograms.push(histogram);
  }
  const name = "command_duration_seconds";
  out.family(name, "histogram", "Time that commands took, by family.");
  for (const [family, { calls: count, seconds, histograms }] of calls) {
    const steps = histograms.map((histogram) => histogram.cumulative());
    for (const bound of BUCKETS) {
      const upTo = steps.reduce((sum, each) => sum + countUpTo(each, bound), 0);
      out.sample(`${name}_bucket`, upTo, { family, le: String(bound / NS_PER_SECOND) });
    }
    const recorded = histograms.reduce((sum, histogram) => sum + histogram.count, 0);
    out.sample(`${name}_bucket`, Math.max(recorded, count), { family, le: "+Inf" });
    out.sample(`${name}_sum`, seconds, { family });
    out.sample(`${name}_count`, Math.max(recorded, count), { family });
  }
}

function countUpTo(
  steps: readonly { readonly upToNs: number; readonly count: number }[],
  boundNs: number,
): number {
  let count = 0;
  for (const step of steps) {
    // The steps' ends are those of cells, a little beyond the powers of two.
    if (step.upToNs > boundNs * 1.01) break;
    count = step.count;
  }
  return count;
}
