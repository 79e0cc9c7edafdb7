/**
 * What GET and SET cost more by clients that track what they read, and by a user who may not do everything.
 *
 * Round by round each server gets the same load three times in a row: plainly, by clients with CLIENT
 * TRACKING on, and by such a user; which of them comes first changes from round to round. What is reported
 * is the median over the rounds of the ratio to the plain run of the same round, so that a machine whose
 * speed drifts says little about it. Clients are new for every run, so that tracking begins with an empty
 * table.
 */
import process from "node:process";
import { median } from "../compare/figures.ts";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, type MachineDescription, machineLine } from "../support/machine.ts";
import { findPinnings, type Pinnings } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { markdownTable, times } from "../support/table.ts";
import { turned } from "../support/turned.ts";
import { KEY_COUNT, VALUE_BYTES } from "./cases.ts";
import { loadKeys, PipelineClient } from "./client.ts";
import { runRedisBenchmark } from "./redis_benchmark.ts";
import {
  findPeers,
  PEER_NAMES,
  type PeerName,
  type RunningPeer,
  startPeers,
  stopPeers,
} from "./servers.ts";

const ROUNDS = 12;
const WARM_ROUNDS = 2;
const REQUESTS = 1_000_000;
const QUICK_KEYS = 2000;
const QUICK_REQUESTS = 2000;
const CLIENTS = 100;
const PIPELINE = 16;
/** Least throughput, as a multiple of the plain run's. */
const TARGET = 0.9;
const USER = "bench";
const PASSWORD = "secret";
const RULES = ["reset", "on", `>${PASSWORD}`, "~key:*", "+@string"];

export const GUARD_TESTS = ["get", "set"] as const;

const GUARDS = [
  { name: "tracking", flags: ["--enable-tracking"] },
  { name: "ACL user", flags: ["--user", USER, "-a", PASSWORD] },
] as const;
const NO_GUARD = { name: "", flags: [] } as const;

export interface GuardOptions {
  readonly peers: readonly PeerName[];
  readonly tests: readonly string[];
  readonly rounds: number;
  readonly warmRounds: number;
  readonly keys: number;
  readonly requests: number;
  readonly pinnings: Pinnings;
  /** Takes a line about how far it is. */
  readonly log: (line: string) => void;
}

/** One run of the load generator. */
interface Run {
  readonly requestsPerSecond: number;
  /** Of the server. */
  readonly cpuMicros: number;
}

/** One guard on one server: medians over the rounds. */
export interface GuardFigures {
  readonly peer: PeerName;
  readonly test: string;
  readonly guard: string;
  /** As a multiple of the plain run's. */
  readonly throughput: number;
  readonly cpuTime: number;
  /** CPU time of a request of the plain run, in microseconds. */
  readonly plainCpuMicros: number;
}

export interface GuardReport {
  readonly date: string;
  readonly machine: MachineDescription;
  readonly note: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly requests: number;
  readonly figures: readonly GuardFigures[];
}

/** Runs all tests on all servers that can be started. */
export async function compareGuards(options: GuardOptions): Promise<GuardReport> {
  const { peers, tests, rounds, warmRounds, keys, requests, pinnings, log } = options;
  const servers = await startPeers(findPeers(peers), { pinning: pinnings.server });
  try {
    for (const { port, peer } of servers) {
      log(`loading ${keys} keys into ${peer.name}`);
      await loadKeys({ port, count: keys, value: "x".repeat(VALUE_BYTES) });
      const client = await PipelineClient.connect(port);
      const reply = await client.request("ACL", "SETUSER", USER, ...RULES);
      client.close();
      if (reply !== "+OK\r\n") throw new Error(`${peer.name} refused the user: ${reply}`);
    }
    /** Runs of the counted rounds, by server, test and guard. */
    const runs = new Map<string, Run[]>();
    for (let round = 1 - warmRounds; round <= rounds; round++) {
      log(round <= 0 ? "warming up" : `round ${round} of ${rounds}`);
      for (const test of tests) {
        for (const server of servers) {
          for (const { name, flags } of turned([NO_GUARD, ...GUARDS], round + warmRounds)) {
            const run = await runOnce(server, test, flags, options);
            if (round <= 0) continue;
            const key = runKey(server.peer.name, test, name);
            runs.set(key, [...runs.get(key) ?? [], run]);
          }
        }
      }
    }
    return {
      date: new Date().toISOString(),
      machine: describeMachine(),
      note: pinnings.note,
      versions: Object.fromEntries(servers.map(({ peer }) => [peer.name, peer.version])),
      rounds,
      requests,
      figures: tests.flatMap((test) =>
        GUARDS.flatMap(({ name }) =>
          servers.map(({ peer }) => figuresOf(peer.name, test, name, runs))
        )
      ),
    };
  } finally {
    await stopPeers(servers);
  }
}

function runKey(peer: PeerName, test: string, guard: string): string {
  return `${peer} ${test} ${guard}`;
}

async function runOnce(
  server: RunningPeer,
  test: string,
  flags: readonly string[],
  { requests, keys, pinnings }: GuardOptions,
): Promise<Run> {
  const before = server.cpuSeconds();
  const { requestsPerSecond } = await runRedisBenchmark({
    port: server.port,
    sent: { test },
    clients: CLIENTS,
    pipeline: PIPELINE,
    requests,
    keys,
    valueBytes: VALUE_BYTES,
    pinning: pinnings.load,
    flags,
  });
  return { requestsPerSecond, cpuMicros: (server.cpuSeconds() - before) * 1e6 / requests };
}

function figuresOf(
  peer: PeerName,
  test: string,
  guard: string,
  runs: ReadonlyMap<string, readonly Run[]>,
): GuardFigures {
  const plain = runs.get(runKey(peer, test, NO_GUARD.name)) ?? [];
  const guarded = runs.get(runKey(peer, test, guard)) ?? [];
  const ratio = (of: (run: Run) => number): number =>
    median(guarded.map((run, round) => of(run) / of(plain[round])));
  return {
    peer,
    test,
    guard,
    throughput: ratio((run) => run.requestsPerSecond),
    cpuTime: ratio((run) => run.cpuMicros),
    plainCpuMicros: median(plain.map((run) => run.cpuMicros)),
  };
}

/** The figures as markdown. */
export function guardReport(report: GuardReport): string {
  const { date, machine, note, versions, rounds, requests, figures } = report;
  const servers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = figures.map(({ peer, test, guard, throughput, cpuTime, plainCpuMicros }) => {
    const isOwn = peer !== "redis-server";
    return [
      `${test.toUpperCase()} -P ${PIPELINE}, ${guard}`,
      peer,
      times(throughput),
      isOwn ? `≥ ${TARGET} ×` : "",
      isOwn && Number.isFinite(throughput) ? throughput >= TARGET ? "yes" : "NO" : "",
      times(cpuTime),
      plainCpuMicros.toFixed(3),
    ];
  });
  return [
    `${date.slice(0, 10)}: ${machineLine(machine)}`,
    `${servers.join(", ")}; ${note}`,
    `redis-benchmark -c ${CLIENTS} -P ${PIPELINE} -n ${requests} -d ${VALUE_BYTES}, median of ${rounds} rounds, ` +
    "as multiples of the same load without",
    "",
    markdownTable(
      ["", "server", "throughput", "target", "reached", "CPU time", "CPU µs without"],
      rows,
    ),
  ].join("\n");
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["rounds", "n", "keys", "peers", "tests"]);
  const { isQuick } = options;
  const report = await compareGuards({
    peers: choiceOf(options, "peers", PEER_NAMES),
    tests: choiceOf(options, "tests", GUARD_TESTS),
    rounds: countOf(options, "rounds", isQuick ? 1 : ROUNDS),
    warmRounds: isQuick ? 1 : WARM_ROUNDS,
    keys: countOf(options, "keys", isQuick ? QUICK_KEYS : KEY_COUNT),
    requests: countOf(options, "n", isQuick ? QUICK_REQUESTS : REQUESTS),
    pinnings: findPinnings(describeMachine().cores),
    log: (line) => console.error(line),
  });
  console.log(`\n${guardReport(report)}`);
  if (!isQuick) console.log(`\n${saveResults("guards", report)}`);
}

if (import.meta.main) await main(process.argv.slice(2));
