/**
 * What the report measures, and in which order: every case, its rounds, and how long it may take.
 *
 * Rounds go over all cases of a section, and within a case over all servers, so that whatever else the machine
 * does meanwhile hits all of them alike; who comes first changes from round to round. Round 0 is not counted:
 * it warms server and generator up, and tells how many operations fill the time that the case has.
 */
import type { PeerName, Protocol, SectionName, ToolName } from "./figures.ts";
import type { BodyFormat, Tool, Workload } from "./tools.ts";

export interface Case {
  readonly section: SectionName;
  readonly name: string;
  readonly title: string;
  readonly workload: Workload;
  /** All servers that speak the first one that they have of these are measured with it. */
  readonly protocols: readonly Protocol[];
  /** Of HTTP. */
  readonly body: BodyFormat;
  readonly connections: number;
  readonly pipeline: number;
  /** Operations a second, 0 = as fast as they are answered. */
  readonly rate: number;
  /** How long one round takes at full size. */
  readonly seconds: number;
  /** Operations of a round instead of as many as fill its time; 0 = those. */
  readonly operations: number;
  /** Most keys; 0 = all commands hit one key, as redis-benchmark's do without -r. */
  readonly mostKeys: number;
  readonly tools: readonly ToolName[];
  /** Of this server alone. */
  readonly isOwn: boolean;
  /** Operations of the round that is not counted, where they cost far more than a GET; 0 = as many as of GETs. */
  readonly warmOperations: number;
}

/** What is measured in one go. */
export interface Step {
  readonly case: Case;
  readonly protocol: Protocol;
  readonly tool: Tool;
  readonly peer: PeerName;
  /** 0 = not counted. */
  readonly round: number;
  /** How long it is likely to take. */
  readonly seconds: number;
}

const OWN: readonly ToolName[] = ["bench:wire"];
const ALL_TOOLS: readonly ToolName[] = ["bench:wire", "redis-benchmark", "memtier_benchmark"];
const OVER_TCP: readonly Protocol[] = ["resp", "memcache"];

/** Operations of the round that is not counted, for a pipeline of one command; deeper ones do more. */
const WARM_OPERATIONS = 60_000;
const MOST_WARM_OPERATIONS = 1_000_000;
/** Keys whose values have many sizes: 4 KiB each on the whole. */
const LARGE_KEYS = 20_000;
const WARM_LATENCY_SECONDS = 1.5;
/** What a measurement costs besides the load: connecting, and for other tools starting a program. */
const OWN_OVERHEAD_SECONDS = 0.1;
const FOREIGN_OVERHEAD_SECONDS = 0.4;
/** What an operation costs where nothing is known yet: in pipelines, and as a multiple without them. */
const SECONDS_PER_OPERATION = 1.3e-6;
const WITHOUT_PIPELINE = 7;

const DEFAULTS = {
  protocols: OVER_TCP,
  body: "json",
  connections: 100,
  pipeline: 1,
  rate: 0,
  seconds: 1.5,
  operations: 0,
  mostKeys: Infinity,
  tools: OWN,
  isOwn: false,
  warmOperations: 0,
} as const;

function latencyCases(): Case[] {
  return [2, 10].flatMap((connections) =>
    [10_000, 20_000].map((rate): Case => ({
      ...DEFAULTS,
      section: "latency",
      name: `latency-c${connections}-r${rate}`,
      title: `${connections} connections, ${rate.toLocaleString("en-US")} GETs a second`,
      workload: "get",
      connections,
      rate,
      seconds: 10,
    }))
  );
}

function equivalentCases(): Case[] {
  return (["ping", "set", "get"] as const).map((workload): Case => ({
    ...DEFAULTS,
    section: "equivalent",
    name: workload,
    title: workload.toUpperCase(),
    workload,
    pipeline: 16,
    operations: 1_000_000,
    mostKeys: 0,
    tools: ALL_TOOLS,
  }));
}

function throughputCases(): Case[] {
  return [1, 16, 64].flatMap((pipeline) =>
    (["get", "set"] as const).map((workload): Case => ({
      ...DEFAULTS,
      section: "throughput",
      name: `${workload}-p${pipeline}`,
      title: `${workload.toUpperCase()} -P ${pipeline}`,
      workload,
      pipeline,
      tools: ALL_TOOLS,
    }))
  );
}

function binaryCases(): Case[] {
  return [16, 64].flatMap((pipeline) =>
    (["get", "set"] as const).flatMap((workload) =>
      (["resp", "binary"] as const).map((protocol): Case => ({
        ...DEFAULTS,
        section: "binary",
        name: `${workload}-${pipeline}`,
        title: `${workload.toUpperCase()}, ${pipeline} at once`,
        workload,
        protocols: [protocol],
        pipeline,
        isOwn: true,
      }))
    )
  );
}

function connectionCases(): Case[] {
  return [100, 500, 1000].map((connections): Case => ({
    ...DEFAULTS,
    section: "connections",
    name: `connections-${connections}`,
    title: `${connections.toLocaleString("en-US")} connections`,
    workload: "get",
    connections,
    seconds: 1,
  }));
}

const BODIES: readonly (readonly [BodyFormat, number])[] = [
  ["json", 16],
  ["json", 64],
  ["binary", 64],
];

function httpCases(): Case[] {
  return (["http", "http2"] as const).flatMap((protocol) =>
    BODIES.map(([body, pipeline]): Case => ({
      ...DEFAULTS,
      section: "http",
      name: `${protocol}-${body}-${pipeline}`,
      title: `${pipeline} GETs a body, ${body === "json" ? "JSON" : "binary"}, ` +
        `HTTP/${protocol === "http" ? "1.1" : "2"}`,
      workload: "get",
      protocols: [protocol],
      body,
      connections: 20,
      pipeline,
      seconds: 1,
      warmOperations: 300_000,
    }))
  );
}

const YCSB: readonly (readonly [string, string])[] = [
  ["a", "half updates"],
  ["b", "5 % updates"],
  ["c", "reads only"],
  ["d", "reads of the newest"],
  ["e", "short scans"],
  ["f", "read-modify-write"],
];

function ycsbCases(): Case[] {
  return YCSB.map(([letter, what]): Case => ({
    ...DEFAULTS,
    section: "ycsb",
    name: `ycsb-${letter}`,
    title: `${letter.toUpperCase()}: ${what}`,
    workload: `ycsb-${letter}` as Workload,
    pipeline: 16,
    seconds: 1,
    // A scan reads fifty keys.
    warmOperations: letter === "e" ? 20_000 : 0,
  }));
}

function valueCases(): Case[] {
  return [1, 16].map((pipeline): Case => ({
    ...DEFAULTS,
    section: "values",
    name: `values-p${pipeline}`,
    title: `mixed sizes, -P ${pipeline}`,
    workload: "value-sizes",
    connections: 50,
    pipeline,
    seconds: 1,
    mostKeys: LARGE_KEYS,
    warmOperations: 60_000,
  }));
}

/** Every case of the report, in the order in which they are measured. */
export const CASES: readonly Case[] = [
  ...latencyCases(),
  ...equivalentCases(),
  ...throughputCases(),
  ...binaryCases(),
  ...connectionCases(),
  ...httpCases(),
  ...ycsbCases(),
  ...valueCases(),
];

/** How much is done. */
export interface Sizes {
  /** Counted rounds. */
  readonly rounds: number;
  /** Rounds before them. */
  readonly warmRounds: number;
  readonly keys: number;
  /** Most operations of a round, 0 = no limit: tiny runs say it. */
  readonly mostOperations: number;
  /** Most operations a second where they are sent at a fixed rate, 0 = no limit. */
  readonly mostRate: number;
  /** Most connections of a case. */
  readonly mostConnections: number;
  /** What the time of every round is multiplied with. */
  readonly scale: number;
}

export const FULL_SIZES: Sizes = {
  rounds: 3,
  warmRounds: 1,
  keys: 1_000_000,
  mostOperations: 0,
  mostRate: 0,
  mostConnections: Infinity,
  scale: 1,
};

export const QUICK_SIZES: Sizes = {
  rounds: 1,
  warmRounds: 0,
  keys: 2000,
  mostOperations: 1000,
  mostRate: 2000,
  mostConnections: 20,
  scale: 1,
};

/** The case as it is measured at these sizes. */
export function resize(each: Case, sizes: Sizes): Case {
  const { mostOperations, mostRate, mostConnections, scale } = sizes;
  const rate = mostRate === 0 ? each.rate : Math.min(each.rate, mostRate);
  const seconds = each.seconds * scale;
  const limited = mostOperations === 0 ? each.operations : mostOperations;
  const connections = Math.min(each.connections, mostConnections);
  if (rate === 0) {
    return {
      ...each,
      seconds: mostOperations === 0 ? seconds : 0,
      connections,
      operations: limited,
    };
  }
  const wanted = Math.round(rate * seconds);
  const operations = mostOperations === 0 ? wanted : Math.min(wanted, mostOperations);
  return { ...each, seconds: operations / rate, rate, connections, operations };
}

/** Operations of the round that is not counted. */
export function warmOperations(each: Case): number {
  if (each.rate > 0) return Math.round(each.rate * Math.min(WARM_LATENCY_SECONDS, each.seconds));
  if (each.operations > 0) return each.operations;
  if (each.warmOperations > 0) return each.warmOperations;
  return Math.min(MOST_WARM_OPERATIONS, WARM_OPERATIONS * each.pipeline);
}

/** Who can be measured: names, and what they speak. */
export interface PlannedPeer {
  readonly name: PeerName;
  readonly protocols: readonly Protocol[];
}

/** All steps of the sections wanted, in order. */
export function planSteps(
  sections: readonly SectionName[],
  peers: readonly PlannedPeer[],
  tools: readonly Tool[],
  sizes: Sizes,
): Step[] {
  return sections.flatMap((section) => {
    const cases = CASES.filter((each) => each.section === section)
      .map((each) => resize(each, sizes));
    const steps: Step[] = [];
    for (let round = 1 - sizes.warmRounds; round <= sizes.rounds; round++) {
      for (const each of cases) steps.push(...stepsOf(each, peers, tools, round));
    }
    return steps;
  });
}

function stepsOf(
  each: Case,
  peers: readonly PlannedPeer[],
  tools: readonly Tool[],
  round: number,
): Step[] {
  const steps: Step[] = [];
  for (const tool of tools.filter(({ name }) => each.tools.includes(name))) {
    for (let i = 0; i < peers.length; i++) {
      const peer = peers[(i + Math.max(0, round)) % peers.length];
      if (each.isOwn && !peer.protocols.includes("binary")) continue;
      const protocol = each.protocols.find((one) =>
        peer.protocols.includes(one) && tool.sends(each.workload, one, each.rate)
      );
      if (protocol === undefined) continue;
      const seconds = secondsOf(each, tool.name, round < 1);
      steps.push({ case: each, protocol, tool, peer: peer.name, round, seconds });
    }
  }
  return steps;
}

function secondsOf(each: Case, tool: ToolName, isWarm: boolean): number {
  const overhead = tool === "bench:wire" ? OWN_OVERHEAD_SECONDS : FOREIGN_OVERHEAD_SECONDS;
  const isFixed = each.operations > 0 && each.rate === 0;
  if (isFixed) return overhead + each.operations * SECONDS_PER_OPERATION;
  if (!isWarm || each.warmOperations > 0) return overhead + each.seconds;
  const perOperation = each.rate > 0
    ? 1 / each.rate
    : SECONDS_PER_OPERATION * Math.max(1, WITHOUT_PIPELINE / each.pipeline);
  return overhead + warmOperations(each) * perOperation;
}

export function totalSeconds(steps: readonly Step[]): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Rounds no shorter than this part of their full time. */
const LEAST_SCALE = 0.4;
const SCALE_STEP = 0.05;

/**
 * The sizes at which everything fits into the time: rounds get shorter when there are many peers, then fewer.
 * @param besides seconds that are needed for what is no step
 */
export function fitSizes(
  sizes: Sizes,
  limitSeconds: number,
  besides: number,
  plan: (sizes: Sizes) => readonly Step[],
): Sizes {
  const left = limitSeconds - besides;
  for (let rounds = sizes.rounds; rounds > 0; rounds--) {
    for (let part = 1; part > LEAST_SCALE; part -= SCALE_STEP) {
      const tried = { ...sizes, rounds, scale: sizes.scale * part };
      if (totalSeconds(plan(tried)) <= left) return tried;
    }
  }
  return { ...sizes, rounds: 1, scale: sizes.scale * LEAST_SCALE };
}
