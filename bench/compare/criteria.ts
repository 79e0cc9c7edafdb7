/** What the report has to show: every criterion, what was measured for it on each runtime, and whether it is met. */
import { grouped, times } from "../support/table.ts";
import {
  bestRate,
  cpuMicros,
  fastestOf,
  findMeasurements,
  type Measurement,
  medianPercentile,
  OWN_PEERS,
  type OwnPeer,
  type PeerName,
  type PercentileName,
  REFERENCE,
  type Report,
} from "./figures.ts";

/** How a figure has to stand to its limit. */
export type Sign = "<" | "≤" | ">" | "≥";

export interface Criterion {
  /** Names it in `causes` of report.json. */
  readonly id: string;
  /** Head of its table. */
  readonly group: string;
  /** The same in few words. */
  readonly topic: string;
  readonly title: string;
  readonly sign: Sign;
  readonly limit: number;
  /** The runtimes that it is about. */
  readonly peers: readonly OwnPeer[];
  /** The figure and its limit as text. */
  show(value: number): string;
  /** The figure; NaN or infinite where it was not measured. */
  measure(report: Report, peer: OwnPeer): number;
}

/** A criterion on one runtime. */
export interface Verdict {
  readonly criterion: Criterion;
  readonly peer: OwnPeer;
  readonly value: number;
  /** "" where it was not measured. */
  readonly text: string;
  /** null where it was not measured. */
  readonly isMet: boolean | null;
}

/** Whether a figure stands to its limit as it has to; null for what is no number. */
export function isMet(value: number, sign: Sign, limit: number): boolean | null {
  if (!Number.isFinite(value)) return null;
  switch (sign) {
    case "<":
      return value < limit;
    case "≤":
      return value <= limit;
    case ">":
      return value > limit;
    case "≥":
      return value >= limit;
  }
}

/** The target as text, e.g. "< 1 ms". */
export function targetOf({ sign, limit, show }: Criterion): string {
  return `${sign} ${show(limit)}`;
}

/** Every criterion on every runtime that it is about and that was measured. */
export function judge(report: Report, criteria: readonly Criterion[] = CRITERIA): Verdict[] {
  const present = OWN_PEERS.filter((peer) => report.peers.some(({ name }) => name === peer));
  return criteria.flatMap((criterion) =>
    present.filter((peer) => criterion.peers.includes(peer)).map((peer): Verdict => {
      const value = criterion.measure(report, peer);
      return {
        criterion,
        peer,
        value,
        text: Number.isFinite(value) ? criterion.show(value) : "",
        isMet: isMet(value, criterion.sign, criterion.limit),
      };
    })
  );
}

/** The ids of the criteria that some runtime does not meet. */
export function missedIds(report: Report): string[] {
  const missed = judge(report).filter((each) => each.isMet === false);
  return [...new Set(missed.map(({ criterion }) => criterion.id))];
}

export function milliseconds(value: number): string {
  return `${Number(value >= 10 ? value.toFixed(1) : value.toPrecision(3))} ms`;
}

const bytes = (value: number): string => `${Number(value.toFixed(1))} B`;

/** The measurements of a case on a peer by the tool that drove it fastest. */
function fastest(report: Report, section: string, name: string, peer: PeerName): Measurement[] {
  const found = findMeasurements(report, { case: name, peer })
    .filter((each) => each.section === section && each.protocol === "resp");
  const best = fastestOf(found);
  return best === undefined ? [] : [best];
}

function bestOf(report: Report, section: string, name: string, peer: PeerName): number {
  const [best] = fastest(report, section, name, peer);
  return best === undefined ? NaN : bestRate(best);
}

/** Server CPU time of a command in frames, over that of the same command in pipelines. */
function binaryCriterion(workload: "get" | "set", pipeline: number, limit: number): Criterion {
  return {
    id: `binary-${workload}-${pipeline}`,
    group: "Binary protocol: the server's CPU time for a command, as a multiple of RESP's",
    topic: "CPU time of frames against RESP",
    title: `${workload.toUpperCase()}, ${pipeline} at once`,
    ...{ sign: "≤", limit, peers: OWN_PEERS, show: times },
    measure(report, peer) {
      const wanted = { section: "binary", case: `${workload}-${pipeline}`, peer } as const;
      const [binary] = findMeasurements(report, { ...wanted, protocol: "binary" });
      const [resp] = findMeasurements(report, { ...wanted, protocol: "resp" });
      return binary === undefined || resp === undefined ? NaN : cpuMicros(binary) / cpuMicros(resp);
    },
  };
}

/** How the clients of other projects are called in the figures of clients. */
export const OTHER_CLIENTS = { ioredis: "ioredis", bun: "Bun.RedisClient" } as const;

function clientCriterion(
  other: keyof typeof OTHER_CLIENTS,
  limit: number,
  peers: readonly OwnPeer[],
): Criterion {
  const name = OTHER_CLIENTS[other];
  return {
    id: `client-${other}`,
    group: "Client library: its CPU time for a command",
    topic: "CPU time of the client library",
    title: `as a multiple of ${name}${other === "ioredis" ? " with autopipelining" : ""}`,
    ...{ sign: "≤", limit, peers, show: times },
    measure({ clients }, peer) {
      const here = clients.filter(({ runtime }) => runtime === peer);
      const own = here.filter(({ client }) => client.startsWith("CrabCache"));
      const theirs = here.find(({ client }) => client.startsWith(name));
      if (own.length === 0 || theirs === undefined) return NaN;
      const best = Math.min(...own.map((each) => each.cpuMicrosPerOperation));
      return best / theirs.cpuMicrosPerOperation;
    },
  };
}

/** The rate at which percentiles are judged; the others are shown. */
const JUDGED_RATE = 10_000;

export const PERCENTILE_TITLES: Readonly<Record<PercentileName, string>> = {
  p50: "P50",
  p90: "P90",
  p99: "P99",
  p999: "P99.9",
  p9999: "P99.99",
  max: "longest",
};

function percentileAt(
  report: Report,
  connections: number,
  peer: PeerName,
  name: PercentileName,
): number {
  const wanted = `latency-c${connections}-r${JUDGED_RATE}`;
  const [found] = findMeasurements(report, { section: "latency", case: wanted, peer });
  return found === undefined ? NaN : medianPercentile(found, name);
}

function latencyCriterion(connections: number, name: PercentileName, limit: number): Criterion {
  return {
    id: `latency-c${connections}-${name}-${limit}ms`,
    group: "Latency at 10,000 GETs a second (median of the rounds)",
    topic: "Latency",
    title: `${PERCENTILE_TITLES[name]} with ${connections} connections`,
    ...{ sign: "<", limit, peers: OWN_PEERS, show: milliseconds },
    measure: (report, peer) => percentileAt(report, connections, peer, name),
  };
}

function relativeLatencyCriterion(connections: number, name: PercentileName): Criterion {
  return {
    id: `latency-c${connections}-${name}-redis`,
    group: "Latency as a multiple of Redis's at the same rate in the same run",
    topic: "Latency against Redis",
    title: `${PERCENTILE_TITLES[name]} with ${connections} connections`,
    ...{ sign: "≤", limit: 1, peers: OWN_PEERS, show: times },
    measure: (report, peer) =>
      percentileAt(report, connections, peer, name) /
      percentileAt(report, connections, REFERENCE, name),
  };
}

const THROUGHPUT_GROUP = "Throughput on one core (best round, by the generator that is fastest)";

function throughputCriterion(
  section: string,
  name: string,
  title: string,
  limit: number,
): Criterion {
  return {
    id: `${section}-${name}-${limit}`,
    group: THROUGHPUT_GROUP,
    topic: "Throughput",
    title,
    ...{ sign: ">", limit, peers: OWN_PEERS, show: grouped },
    measure: (report, peer) => bestOf(report, section, name, peer),
  };
}

function relativeThroughputCriterion(name: string, title: string): Criterion {
  return {
    id: `throughput-${name}-redis`,
    group: "Throughput as a multiple of Redis's in the same run, each by its fastest generator",
    topic: "Throughput against Redis",
    title,
    ...{ sign: "≥", limit: 1, peers: OWN_PEERS, show: times },
    measure: (report, peer) =>
      bestOf(report, "throughput", name, peer) / bestOf(report, "throughput", name, REFERENCE),
  };
}

const CONNECTIONS: Criterion = {
  id: "connections",
  group: THROUGHPUT_GROUP,
  topic: "Throughput",
  title: "connections at once, every request answered",
  ...{ sign: "≥", limit: 100, peers: OWN_PEERS, show: grouped },
  measure(report, peer) {
    const found = findMeasurements(report, { section: "connections", peer });
    const clean = found.filter(({ rounds }) => rounds.every(({ errors }) => errors === 0));
    return found.length === 0 ? NaN : Math.max(0, ...clean.map((each) => each.connections));
  },
};

const MEMORY: Criterion = {
  id: "memory",
  group: "Memory",
  topic: "Memory",
  title: "of a key of 16 bytes with a value of 64",
  ...{ sign: "≤", limit: 115, peers: OWN_PEERS, show: bytes },
  measure: ({ memory }, peer) => memory.find((each) => each.peer === peer)?.bytesPerKey ?? NaN,
};

const PERCENTILES: readonly PercentileName[] = ["p50", "p90", "p99", "p999", "p9999"];
const LATENCY_LIMITS: readonly (readonly [PercentileName, number])[] = [
  ["p99", 1],
  ["p999", 2],
  ["p9999", 5],
  ["p9999", 1],
];
const FEW_CONNECTIONS: readonly number[] = [2, 10];
const PIPELINED: readonly string[] = ["get", "set"];

/** All criteria, in the order of the page. */
export const CRITERIA: readonly Criterion[] = [
  ...FEW_CONNECTIONS.flatMap((connections) =>
    LATENCY_LIMITS.map(([name, limit]) => latencyCriterion(connections, name, limit))
  ),
  ...FEW_CONNECTIONS.flatMap((connections) =>
    PERCENTILES.map((name) => relativeLatencyCriterion(connections, name))
  ),
  throughputCriterion("throughput", "get-p1", "GET -c 100 -P 1", 100_000),
  ...[370_000, 1_000_000].flatMap((limit) =>
    PIPELINED.map((name) =>
      throughputCriterion("equivalent", name, `${name.toUpperCase()} -c 100 -P 16`, limit)
    )
  ),
  CONNECTIONS,
  ...[1, 16, 64].flatMap((pipeline) =>
    PIPELINED.map((name) =>
      relativeThroughputCriterion(
        `${name}-p${pipeline}`,
        `${name.toUpperCase()} -c 100 -P ${pipeline}`,
      )
    )
  ),
  binaryCriterion("get", 16, 0.8),
  binaryCriterion("set", 16, 0.8),
  binaryCriterion("get", 64, 0.7),
  binaryCriterion("set", 64, 0.7),
  clientCriterion("ioredis", 0.7, OWN_PEERS),
  clientCriterion("bun", 1, ["bun"]),
  MEMORY,
];
