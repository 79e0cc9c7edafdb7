/** What the side-by-side report holds: report.json is one `Report`, and the page is made from nothing else. */
import type { MachineDescription } from "../support/machine.ts";

/** The first two are this server on its two runtimes. */
export type PeerName =
  | "bun"
  | "deno"
  | "redis-server"
  | "valkey-server"
  | "memcached"
  | "pogocache";

export const OWN_PEERS = ["bun", "deno"] as const satisfies readonly PeerName[];

export type OwnPeer = (typeof OWN_PEERS)[number];

/** What everything is compared with. */
export const REFERENCE: PeerName = "redis-server";

/** How a peer is called on the page. */
export const PEER_LABELS: Readonly<Record<PeerName, string>> = {
  "bun": "CrabCache on Bun",
  "deno": "CrabCache on Deno",
  "redis-server": "Redis",
  "valkey-server": "Valkey",
  "memcached": "memcached",
  "pogocache": "Pogocache",
};

/** The generator of bench/load, and the two that others wrote. */
export type ToolName = "bench:wire" | "redis-benchmark" | "memtier_benchmark";

export type Protocol = "resp" | "binary" | "http" | "http2" | "memcache";

/** The parts of the report, in the order in which they are measured. */
export const SECTION_NAMES = [
  "memory",
  "latency",
  "equivalent",
  "throughput",
  "binary",
  "connections",
  "http",
  "ycsb",
  "values",
  "client",
] as const;

export type SectionName = (typeof SECTION_NAMES)[number];

/** Milliseconds below which a share of the requests was answered. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

export type PercentileName = keyof Percentiles;

/** One round of one case. What a tool does not say is null. */
export interface Round {
  /** Commands answered; those of all requests, where a request carries several. */
  readonly operations: number;
  readonly seconds: number;
  readonly errors: number;
  /** CPU time that the server used meanwhile. */
  readonly serverCpuSeconds: number | null;
  /** CPU time that the generator used meanwhile. */
  readonly loadCpuSeconds: number | null;
  readonly latencyMs: { readonly [name in PercentileName]: number | null } | null;
  /** At a fixed rate, 99.99 % of the requests left at most that long after their time by the generator's own fault. */
  readonly generatorLateMs: number | null;
}

/** One case on one peer by one tool. */
export interface Measurement {
  readonly section: SectionName;
  /** Name of the case, e.g. "get-p16". */
  readonly case: string;
  /** The same for readers, e.g. "GET -P 16". */
  readonly title: string;
  readonly peer: PeerName;
  readonly tool: ToolName;
  readonly protocol: Protocol;
  readonly connections: number;
  /** Commands of a pipeline, frame or body. */
  readonly pipeline: number;
  /** Requests sent a second; null where the next one waits for a reply. */
  readonly rate: number | null;
  /** The counted rounds. */
  readonly rounds: readonly Round[];
}

/** Resident memory of a peer before and after keys were loaded. */
export interface MemoryFigures {
  readonly peer: PeerName;
  readonly keys: number;
  readonly emptyBytes: number;
  readonly fullBytes: number;
  readonly bytesPerKey: number;
}

/** What a client library uses for a command. */
export interface ClientFigures {
  /** E.g. "ioredis, autopipelining". */
  readonly client: string;
  /** The runtime that it ran on. */
  readonly runtime: OwnPeer;
  readonly protocol: Protocol;
  readonly operationsPerSecond: number;
  readonly cpuMicrosPerOperation: number;
}

/** A measurement that came to nothing. */
export interface Failure {
  readonly section: SectionName;
  /** What was to be measured, e.g. "GET -P 16". */
  readonly title: string;
  readonly peer: PeerName;
  readonly tool: ToolName;
  readonly message: string;
}

export interface Versioned<Name extends string> {
  readonly name: Name;
  readonly version: string;
}

export interface Report {
  /** Changes when the shape does. */
  readonly format: 1;
  readonly date: string;
  /** Made at tiny sizes, to see that everything works: its figures mean nothing. */
  readonly isQuick: boolean;
  readonly rounds: number;
  /** How long the run took. */
  readonly seconds: number;
  /** Rounds that were left out because the machine was slower than the plan. */
  readonly skippedRounds: number;
  /** What stands behind the command that repeats it, "" for nothing. */
  readonly options: string;
  readonly keys: number;
  readonly valueBytes: number;
  readonly machine: MachineDescription;
  /** How servers and generators were kept apart. */
  readonly pinning: string;
  /** The runtime that the own generator ran on. */
  readonly generator: Versioned<OwnPeer>;
  readonly peers: readonly Versioned<PeerName>[];
  readonly tools: readonly Versioned<ToolName>[];
  readonly sections: readonly { readonly name: SectionName; readonly seconds: number }[];
  readonly measurements: readonly Measurement[];
  readonly memory: readonly MemoryFigures[];
  readonly clients: readonly ClientFigures[];
  readonly failures: readonly Failure[];
  /** Why a criterion is not met, by its id: written by hand, shown by the page, kept by later runs. */
  readonly causes: Readonly<Record<string, string>>;
}

/** Operations a second of a round. */
export function rateOf(round: Round): number {
  return round.operations / round.seconds;
}

/** The best round's operations a second; NaN without rounds. */
export function bestRate({ rounds }: Pick<Measurement, "rounds">): number {
  return rounds.length === 0 ? NaN : Math.max(...rounds.map(rateOf));
}

export function medianRate({ rounds }: Pick<Measurement, "rounds">): number {
  return median(rounds.map(rateOf));
}

/** The server's CPU time of all rounds over the operations of all rounds, in µs; NaN where it is not known. */
export function cpuMicros({ rounds }: Pick<Measurement, "rounds">): number {
  let seconds = 0, operations = 0;
  for (const round of rounds) {
    seconds += round.serverCpuSeconds ?? NaN;
    operations += round.operations;
  }
  return seconds * 1e6 / operations;
}

/** Share of the rounds' time in which the server computed; well below 1, the generator was the limit. */
export function busyShare({ rounds }: Pick<Measurement, "rounds">): number {
  let busy = 0, seconds = 0;
  for (const round of rounds) {
    busy += round.serverCpuSeconds ?? NaN;
    seconds += round.seconds;
  }
  return busy / seconds;
}

/** The median of the rounds' percentiles, in ms; NaN where none says it. */
export function medianPercentile(
  { rounds }: Pick<Measurement, "rounds">,
  name: PercentileName,
): number {
  return median(percentilesOf(rounds, name));
}

/** The best round's percentile, in ms; NaN where none says it. */
export function bestPercentile(
  { rounds }: Pick<Measurement, "rounds">,
  name: PercentileName,
): number {
  const values = percentilesOf(rounds, name);
  return values.length === 0 ? NaN : Math.min(...values);
}

function percentilesOf(rounds: readonly Round[], name: PercentileName): number[] {
  return rounds.flatMap(({ latencyMs }) => latencyMs?.[name] ?? []);
}

/** NaN for no values; the mean of the two in the middle for an even number of them. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half];
  return (sorted[half - 1] + sorted[half]) / 2;
}

/** The measurements of a case on a peer, by whichever tools and protocols. */
export function findMeasurements(
  report: Pick<Report, "measurements">,
  wanted: Partial<Pick<Measurement, "section" | "case" | "peer" | "tool" | "protocol">>,
): Measurement[] {
  return report.measurements.filter((each) =>
    Object.entries(wanted).every(([name, value]) => each[name as keyof Measurement] === value)
  );
}

/** The measurement with the highest throughput: that of the tool which drove the server hardest. */
export function fastestOf(measurements: readonly Measurement[]): Measurement | undefined {
  return measurements.reduce<Measurement | undefined>(
    (best, each) => best === undefined || bestRate(each) > bestRate(best) ? each : best,
    undefined,
  );
}
