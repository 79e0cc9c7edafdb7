/** LATENCY LATEST, HISTORY, RESET, GRAPH, DOCTOR, HISTOGRAM and HELP. */
import type { LatencyHistogram } from "../../engine/latency_histogram.ts";
import type { LatencySeries } from "../../engine/latency_monitor.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { replyHelp } from "../help.ts";
import type { CommandEntry, CommandSpec } from "../spec.ts";
import { latencyReport } from "./latency_doctor.ts";
import { sparkline } from "./sparkline.ts";

const FLAGS = ["admin", "noscript", "loading", "stale"] as const;
const MS_PER_SECOND = 1000;
const GRAPH_WIDTH = 80;
const NS_PER_US = 1000;
/** Seconds of the units that a graph's labels count in, largest first. */
const UNITS = [[86_400, "d"], [3600, "h"], [60, "m"], [1, "s"]] as const;

function nowSeconds(call: Call): number {
  return Math.floor(call.engine.clock.nowMs() / MS_PER_SECOND);
}

const LATENCY_LATEST = {
  name: "latest",
  arity: 2,
  flags: FLAGS,
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Returns the latest latency samples for all events.",
  syntax: "",
  run(call, reply) {
    const { series } = call.engine.latency;
    reply.array(series.size);
    for (const [event, { samples, maxMs }] of series) {
      const { atSeconds, ms } = samples[samples.length - 1];
      reply.array(4);
      reply.text(event);
      reply.integer(atSeconds);
      reply.integer(ms);
      reply.integer(maxMs);
    }
  },
} as const satisfies CommandSpec;

const LATENCY_HISTORY = {
  name: "history",
  arity: 3,
  flags: FLAGS,
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Returns timestamp-latency samples for an event.",
  syntax: "event",
  run(call, reply) {
    const samples = call.engine.latency.series.get(call.text(2))?.samples ?? [];
    reply.array(samples.length);
    for (const { atSeconds, ms } of samples) {
      reply.array(2);
      reply.integer(atSeconds);
      reply.integer(ms);
    }
  },
} as const satisfies CommandSpec;

const LATENCY_RESET = {
  name: "reset",
  arity: -2,
  flags: FLAGS,
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Resets the latency data for one or more events.",
  syntax: "[event [event ...]]",
  run(call, reply) {
    const { latency } = call.engine;
    let count = call.argc === 2 ? latency.reset() : 0;
    for (let i = 2; i < call.argc; i++) count += latency.reset(call.text(i));
    reply.integer(count);
  },
} as const satisfies CommandSpec;

const LATENCY_GRAPH = {
  name: "graph",
  arity: 3,
  flags: FLAGS,
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Returns a latency graph for an event.",
  syntax: "event",
  run(call, reply) {
    const event = call.text(2);
    const series = call.engine.latency.series.get(event);
    if (series === undefined) reply.error(`ERR No samples available for event '${event}'`);
    else reply.verbatim("txt", graphOf(event, series, nowSeconds(call)));
  },
} as const satisfies CommandSpec;

function graphOf(event: string, { samples, maxMs }: LatencySeries, now: number): string {
  const values = samples.map(({ atSeconds, ms }) => ({ value: ms, label: ageOf(now - atSeconds) }));
  const numbers = samples.map(({ ms }) => ms);
  return `${event} - high ${Math.max(...numbers)} ms, low ${Math.min(...numbers)} ms ` +
    `(all time high ${maxMs} ms)\n${"-".repeat(GRAPH_WIDTH)}\n${sparkline(values)}`;
}

/** E.g. "5m". */
function ageOf(seconds: number): string {
  for (const [size, letter] of UNITS) {
    if (seconds >= size) return `${Math.floor(seconds / size)}${letter}`;
  }
  return `${seconds}s`;
}

const LATENCY_DOCTOR = {
  name: "doctor",
  arity: 2,
  flags: FLAGS,
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Returns a human-readable latency analysis report.",
  syntax: "",
  run(call, reply) {
    const { latency, settings } = call.engine;
    const report = latencyReport({
      series: latency.series,
      thresholdMs: settings.latencyMonitorThreshold,
      slowLogUs: settings.slowlogLogSlowerThan,
      hz: settings.hz,
      nowSeconds: nowSeconds(call),
    });
    reply.verbatim("txt", report);
  },
} as const satisfies CommandSpec;

const LATENCY_HISTOGRAM = {
  name: "histogram",
  arity: -2,
  flags: FLAGS,
  since: "7.0.0",
  group: "server",
  complexity: "O(N) where N is the number of commands with latency information being retrieved.",
  summary: "Returns the cumulative distribution of latencies of a subset or all commands.",
  syntax: "[command [command ...]]",
  run(call, reply) {
    const chosen = wantedEntries(call).flatMap(({ id, fullName }) => {
      const histogram = call.engine.stats.latencyOf(id);
      return histogram === undefined ? [] : [{ fullName, histogram }];
    });
    reply.map(chosen.length);
    for (const { fullName, histogram } of chosen) {
      reply.text(fullName);
      replyHistogram(reply, histogram);
    }
  },
} as const satisfies CommandSpec;

/** What the arguments name, a container's subcommands included; everything without arguments. */
function wantedEntries(call: Call): CommandEntry[] {
  const { commands } = call.services;
  if (call.argc === 2) return [...commands.entries];
  const wanted: CommandEntry[] = [];
  for (let i = 2; i < call.argc; i++) {
    const entry = commands.find(call.keyword(i));
    if (entry !== undefined) wanted.push(entry, ...entry.subcommands);
  }
  return wanted;
}

function replyHistogram(reply: ReplyWriter, histogram: LatencyHistogram): void {
  const steps = histogram.cumulative();
  reply.map(2);
  reply.text("calls");
  reply.integer(histogram.count);
  reply.text("histogram_usec");
  reply.map(steps.length);
  for (const { upToNs, count } of steps) {
    reply.integer(Math.trunc(upToNs / NS_PER_US));
    reply.integer(count);
  }
}

const LATENCY_HELP = {
  name: "help",
  arity: 2,
  flags: ["loading", "stale"],
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  summary: "Returns helpful text about the different subcommands.",
  syntax: "",
  run(_call, reply) {
    replyHelp(reply, "LATENCY", [
      "DOCTOR",
      "    Return a human readable latency analysis report.",
      "GRAPH <event>",
      "    Return an ASCII latency graph for the <event> class.",
      "HISTORY <event>",
      "    Return time-latency samples for the <event> class.",
      "LATEST",
      "    Return the latest latency samples for all events.",
      "RESET [<event> ...]",
      "    Reset latency data of one or more <event> classes.",
      "    (default: reset all data for all event classes)",
      "HISTOGRAM [COMMAND ...]",
      "    Return a cumulative distribution of latencies in the format of a histogram for the " +
      "specified command names.",
      "    If no commands are specified then all histograms are replied.",
    ]);
  },
} as const satisfies CommandSpec;

export const LATENCY = {
  name: "latency",
  arity: -2,
  flags: [],
  since: "2.8.13",
  group: "server",
  complexity: "Depends on subcommand.",
  summary: "A container for latency diagnostics commands.",
  syntax: "",
  subcommands: [
    LATENCY_LATEST,
    LATENCY_HISTORY,
    LATENCY_RESET,
    LATENCY_GRAPH,
    LATENCY_DOCTOR,
    LATENCY_HISTOGRAM,
    LATENCY_HELP,
  ],
} as const satisfies CommandSpec;
