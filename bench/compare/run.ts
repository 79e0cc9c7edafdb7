/** Runs the plan: starts the peers, takes every measurement, and gathers the report. */
import process from "node:process";
import { measureKeyMemory } from "../memory/bytes_per_key.ts";
import { describeMachine } from "../support/machine.ts";
import { type Pinnings, pinThisProcess } from "../support/programs.ts";
import { loadKeys } from "../wire/client.ts";
import type {
  ClientFigures,
  Failure,
  Measurement,
  MemoryFigures,
  PeerName,
  Report,
  Round,
  SectionName,
} from "./figures.ts";
import { loadMemcacheKeys } from "./memcache.ts";
import {
  type ReportPeer,
  type RunningReportPeer,
  startReportPeers,
  stopReportPeers,
} from "./peers.ts";
import {
  type Case,
  planSteps,
  type Sizes,
  type Step,
  totalSeconds,
  warmOperations,
} from "./plan.ts";
import { Progress } from "./progress.ts";
import { describeTools, type LoadOrder, type Tool } from "./tools.ts";

/** Length of the values of every case but "values". */
export const VALUE_BYTES = 64;

/** What starting a peer, loading its keys and watching its memory settle takes. */
const START_SECONDS = 1.5;
const LOAD_SECONDS_PER_KEY = 7e-6;
const CLIENT_SECONDS = 50;
const MESSAGE_LENGTH = 200;
/** A measurement that takes so much longer than planned will never end. */
const HUNG_SECONDS = 20;
const HUNG_TIMES = 10;

/** Sections that read keys which were there before. */
const NEED_KEYS: ReadonlySet<SectionName> = new Set([
  ...["memory", "latency", "throughput", "binary", "connections", "http"] as const,
]);

export interface RunOptions {
  readonly sections: readonly SectionName[];
  readonly peers: readonly ReportPeer[];
  readonly tools: readonly Tool[];
  readonly sizes: Sizes;
  readonly isQuick: boolean;
  /** For the head of the report: what stands behind the command. */
  readonly options: string;
  readonly pinnings: Pinnings;
  /** Seconds that it may fall behind the plan before further rounds are left out. */
  readonly slackSeconds: number;
  /** Measures the client libraries; not called where its section is not wanted. */
  readonly measureClients: (
    failed: (client: string, error: unknown) => void,
  ) => Promise<readonly ClientFigures[]>;
  /** Takes a line about how far it is. */
  readonly log: (line: string) => void;
}

/** Seconds that are needed besides the steps. */
export function secondsBesides(
  sections: readonly SectionName[],
  peerCount: number,
  sizes: Sizes,
): number {
  const needsKeys = sections.some((each) => NEED_KEYS.has(each));
  const load = needsKeys ? START_SECONDS + LOAD_SECONDS_PER_KEY * sizes.keys : 0;
  const clients = sections.includes("client") && sizes.mostOperations === 0 ? CLIENT_SECONDS : 0;
  return peerCount * (START_SECONDS + load) + clients;
}

/** Measures everything. */
export async function makeReport(options: RunOptions): Promise<Report> {
  const { sections, peers, tools, sizes } = options;
  const planned = peers.map(({ name, protocols }) => ({ name, protocols }));
  const steps = planSteps(sections, planned, tools, sizes);
  const besides = secondsBesides(sections, peers.length, sizes);
  const progress = new Progress(totalSeconds(steps) + besides);
  const date = new Date().toISOString();
  const machine = describeMachine();
  pinThisProcess(options.pinnings);
  const run = new Run(options, progress);
  const running = await startReportPeers(peers, options.pinnings.server);
  try {
    await run.everything(running, steps);
  } finally {
    await stopReportPeers(running);
  }
  const runtime = process.versions.bun === undefined ? "deno" : "bun";
  return {
    format: 1,
    date,
    isQuick: options.isQuick,
    rounds: sizes.rounds,
    seconds: Math.round(progress.elapsedSeconds),
    skippedRounds: run.skippedRounds,
    options: options.options,
    keys: sizes.keys,
    valueBytes: VALUE_BYTES,
    machine,
    pinning: options.pinnings.note,
    generator: { name: runtime, version: process.versions[runtime] ?? "" },
    peers: peers.map(({ name, version }) => ({ name, version })),
    tools: describeTools(tools),
    sections: run.sections,
    measurements: [...run.measurements.values()],
    memory: run.memory,
    clients: run.clients,
    failures: run.failures,
    causes: {},
  };
}

class Run {
  readonly sections: { name: SectionName; seconds: number }[] = [];
  readonly measurements = new Map<string, Measurement & { rounds: Round[] }>();
  readonly memory: MemoryFigures[] = [];
  readonly failures: Failure[] = [];
  clients: readonly ClientFigures[] = [];
  skippedRounds = 0;
  readonly #options: RunOptions;
  readonly #progress: Progress;
  /** Operations a second of the last round, by what was measured. */
  readonly #rates = new Map<string, number>();
  readonly #prepared = new Set<string>();
  /** What failed once is not tried again. */
  readonly #failed = new Set<string>();

  constructor(options: RunOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
  }

  async everything(running: readonly RunningReportPeer[], steps: readonly Step[]): Promise<void> {
    const { sections, sizes } = this.#options;
    const startSeconds = this.#progress.elapsedSeconds;
    for (const each of running) await this.#fill(each);
    this.#progress.done(
      secondsBesides(sections.filter((s) => s !== "client"), running.length, sizes),
    );
    for (const name of sections) {
      const first = name === "memory" ? startSeconds : this.#progress.elapsedSeconds;
      for (const step of steps.filter((each) => each.case.section === name)) {
        const peer = running.find((each) => each.peer.name === step.peer);
        if (this.#isLate && step.round > 1) this.skippedRounds++;
        else if (peer !== undefined) await this.#take(step, peer);
        this.#progress.done(step.seconds);
      }
      if (name === "client") await this.#measureClients();
      const seconds = Math.round(this.#progress.elapsedSeconds - first);
      this.sections.push({ name, seconds });
    }
  }

  get #isLate(): boolean {
    return this.#progress.behindSeconds > this.#options.slackSeconds;
  }

  #say(what: string): void {
    this.#options.log(this.#progress.line(what));
  }

  /** Loads the keys that are read later, and measures what they take when that is wanted. */
  async #fill({ peer, server }: RunningReportPeer): Promise<void> {
    const { sections, sizes: { keys } } = this.#options;
    if (!sections.some((each) => NEED_KEYS.has(each))) return;
    this.#say(`loading ${keys} keys into ${peer.name}`);
    const load = peer.protocols.includes("resp") ? loadKeys : loadMemcacheKeys;
    if (sections.includes("memory")) {
      const { version: _, ...figures } = await measureKeyMemory<PeerName>(server, keys, load);
      this.memory.push(figures);
    } else {
      const value = "x".repeat(VALUE_BYTES);
      await load({ port: server.port, count: keys, value });
    }
  }

  async #take(step: Step, running: RunningReportPeer): Promise<void> {
    const { case: each, tool, protocol, round } = step;
    const key = [each.section, each.name, protocol, tool.name, step.peer].join(" ");
    if (this.#failed.has(key)) return;
    const rounds = `round ${round} of ${this.#options.sizes.rounds}`;
    this.#say(
      `${each.section}: ${each.title}, ${protocol}, ${step.peer}, ${tool.name}, ` +
        (round < 1 ? "warming up" : rounds),
    );
    try {
      const order = this.#order(step, running, key);
      await this.#prepare(tool, order, step.peer);
      const before = running.server.cpuSeconds();
      const answer = await within(HUNG_SECONDS + HUNG_TIMES * step.seconds, tool.run(order));
      const used = running.server.cpuSeconds() - before;
      this.#rates.set(key, answer.operations / answer.seconds);
      if (round < 1) return;
      const serverCpuSeconds = answer.serverCpuSeconds ?? used;
      this.#measurementOf(key, step).rounds.push(rounded({ ...answer, serverCpuSeconds }));
    } catch (error) {
      this.#failed.add(key);
      const { section, title } = each;
      const message = messageOf(error);
      this.failures.push({ section, title, peer: step.peer, tool: tool.name, message });
      this.#options.log(`failed: ${message}`);
    }
  }

  #order(step: Step, running: RunningReportPeer, key: string): LoadOrder {
    const { case: each, protocol, round } = step;
    const isHttp = protocol === "http" || protocol === "http2";
    return {
      workload: each.workload,
      protocol,
      body: each.body,
      port: isHttp ? running.httpPort : running.server.port,
      connections: each.connections,
      pipeline: each.pipeline,
      operations: round < 1 ? warmOperations(each) : operationsOf(each, this.#rates.get(key)),
      rate: each.rate,
      keys: Math.min(each.mostKeys, this.#options.sizes.keys),
      valueBytes: VALUE_BYTES,
      pinning: this.#options.pinnings.load,
      serverPid: running.server.pid,
    };
  }

  async #prepare(tool: Tool, order: LoadOrder, peer: PeerName): Promise<void> {
    const key = `${tool.name} ${peer} ${order.workload}`;
    if (tool.prepare === undefined || this.#prepared.has(key)) return;
    this.#prepared.add(key);
    await tool.prepare(order);
  }

  #measurementOf(key: string, step: Step): Measurement & { rounds: Round[] } {
    const known = this.measurements.get(key);
    if (known !== undefined) return known;
    const { section, name, title, connections, pipeline, rate } = step.case;
    const made = {
      ...{ section, case: name, title, peer: step.peer, tool: step.tool.name },
      ...{ protocol: step.protocol, connections, pipeline, rate: rate === 0 ? null : rate },
      rounds: [],
    };
    this.measurements.set(key, made);
    return made;
  }

  async #measureClients(): Promise<void> {
    this.#say("client: CPU time of client libraries");
    this.clients = await this.#options.measureClients((title, error) => {
      const message = messageOf(error);
      this.failures.push({ section: "client", title, peer: "bun", tool: "bench:wire", message });
      this.#options.log(`failed: ${title}: ${message}`);
    });
    this.#progress.done(CLIENT_SECONDS);
  }
}

/** @throws Error when it does not settle in time */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`not done after ${Math.round(seconds)} s`);
    timer = setTimeout(() => reject(error), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** As many operations as fill the time of a case, at the rate that was seen before. */
export function operationsOf(each: Case, knownRate: number | undefined): number {
  if (each.operations > 0) return each.operations;
  const rate = knownRate ?? warmOperations(each);
  return Math.max(each.connections * each.pipeline, Math.round(rate * each.seconds));
}

/** Microseconds and nanoseconds of CPU time are enough. */
function rounded(round: Round): Round {
  const { seconds, serverCpuSeconds, loadCpuSeconds, latencyMs, generatorLateMs } = round;
  const places = (value: number | null): number | null =>
    value === null || !Number.isFinite(value) ? null : Number(value.toFixed(6));
  return {
    operations: round.operations,
    seconds: places(seconds) ?? 0,
    errors: round.errors,
    serverCpuSeconds: places(serverCpuSeconds),
    loadCpuSeconds: places(loadCpuSeconds),
    latencyMs: latencyMs === null ? null : {
      p50: places(latencyMs.p50),
      p90: places(latencyMs.p90),
      p99: places(latencyMs.p99),
      p999: places(latencyMs.p999),
      p9999: places(latencyMs.p9999),
      max: places(latencyMs.max),
    },
    generatorLateMs: places(generatorLateMs),
  };
}

/** The first line of what went wrong, without paths of the machine. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0].replace(/(?<![\w.])(?:\/[\w.@+-]+)+/g, "…").slice(0, MESSAGE_LENGTH);
}
