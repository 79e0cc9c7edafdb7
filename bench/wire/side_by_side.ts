/**
 * Compares this server on each runtime with redis-server over the wire, all in one run.
 *
 * Every server is started once and, for cases that read strings, loaded with the same keys. Then, round
 * by round and case by case, each gets the same load while the others idle; who comes first changes from
 * round to round. Throughput is that of the best round; CPU time is what a server used in all counted
 * rounds, over the requests of all of them. The first rounds are not counted: they warm the servers up.
 */
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import {
  describeMachine,
  type MachineDescription,
  machineLine,
  readCpuTicks,
  stolenShare,
} from "../support/machine.ts";
import { findPinnings, type Pinnings } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { turned } from "../support/turned.ts";
import { type KeyMemory, keyMemoryTable, measureKeyMemory } from "../memory/bytes_per_key.ts";
import { KEY_COUNT, VALUE_BYTES, WIRE_CASES, type WireCase } from "./cases.ts";
import { loadKeys, PipelineClient } from "./client.ts";
import { type LoadFigures, runRedisBenchmark } from "./redis_benchmark.ts";
import { cpuTable, hitLine, throughputTable, verdict } from "./report.ts";
import {
  findPeers,
  PEER_NAMES,
  type PeerName,
  type RunningPeer,
  startPeers,
  stopPeers,
} from "./servers.ts";

const ROUNDS = 3;
/** Rounds before those that count: the runtimes compile a command's code for about a million runs. */
const WARM_ROUNDS = 2;
/** How often a server is asked whether it has freed what a preparation removed, and how often at most. */
const FREED_POLL_MS = 50;
const FREED_POLLS = 400;
const QUICK_KEYS = 2000;
const QUICK_REQUESTS = 2000;

export interface WireOptions {
  readonly peers: readonly PeerName[];
  readonly cases: readonly WireCase[];
  readonly rounds: number;
  readonly warmRounds: number;
  /** Keys of strings, and the range of random numbers. */
  readonly keys: number;
  /** Whether the keys are to be there before the first round. */
  readonly loadsKeys: boolean;
  /** Requests of a round, instead of what each case says. */
  readonly requests: number | undefined;
  readonly pinnings: Pinnings;
  /** Takes a line about how far it is. */
  readonly log: (line: string) => void;
}

/** One case on one server. */
export interface CaseFigures {
  readonly peer: PeerName;
  readonly case: string;
  readonly rounds: readonly LoadFigures[];
  /** The best round. */
  readonly requestsPerSecond: number;
  /** Of the server, over all counted rounds. */
  readonly cpuMicrosPerRequest: number;
  /** Share of its rounds' time that the server's CPU time takes; more than 1 with several cores. */
  readonly busyShare: number;
}

export interface WireFigures {
  readonly date: string;
  readonly machine: MachineDescription;
  readonly note: string;
  /** Share of the machine's CPU time that its hypervisor gave to others in the counted rounds. */
  readonly stolenShare: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly keys: number;
  readonly cases: readonly CaseFigures[];
  readonly memory: readonly KeyMemory[];
  readonly hits: readonly HitFigures[];
}

/** How many lookups of a server found their key, and how many did not. */
export interface HitFigures {
  readonly peer: PeerName;
  readonly hits: number;
  readonly misses: number;
}

/** What one case used on one server so far. */
interface Tally {
  readonly rounds: LoadFigures[];
  cpuSeconds: number;
}

/** Runs all cases on all servers that can be started. */
export async function compareOverTheWire(options: WireOptions): Promise<WireFigures> {
  const { cases, rounds, warmRounds, keys, pinnings, log } = options;
  const servers = await startPeers(findPeers(options.peers), { pinning: pinnings.server });
  try {
    const memory: KeyMemory[] = [];
    for (const server of options.loadsKeys ? servers : []) {
      log(`loading ${keys} keys into ${server.peer.name}`);
      memory.push(await measureKeyMemory(server, keys));
      // What INCR counts, so that every round finds it there.
      await loadKeys({ port: server.port, count: keys, value: "0", prefix: "counter:" });
    }
    const tallies = new Map<string, Tally>();
    let ticks = readCpuTicks();
    for (let round = 1 - warmRounds; round <= rounds; round++) {
      const isWarmUp = round <= 0;
      if (round === 1) ticks = readCpuTicks();
      log(isWarmUp ? "warming up" : `round ${round} of ${rounds}`);
      const order = turned(servers, round + warmRounds);
      for (const each of cases) {
        for (const server of order) await runCase(each, server, options, isWarmUp, tallies);
      }
    }
    return {
      date: new Date().toISOString(),
      machine: describeMachine(),
      note: pinnings.note,
      stolenShare: stolenShare(ticks, readCpuTicks()),
      versions: Object.fromEntries(servers.map(({ peer }) => [peer.name, peer.version])),
      rounds,
      keys,
      cases: summed(cases, servers, options, tallies),
      memory,
      hits: await Promise.all(servers.map(readHits)),
    };
  } finally {
    await stopPeers(servers);
  }
}

function requestsOf(each: WireCase, options: WireOptions): number {
  return options.requests ?? each.requests;
}

function tallyKey(each: WireCase, server: RunningPeer): string {
  return `${each.name} ${server.peer.name}`;
}

async function runCase(
  each: WireCase,
  server: RunningPeer,
  options: WireOptions,
  isWarmUp: boolean,
  tallies: Map<string, Tally>,
): Promise<void> {
  const requests = requestsOf(each, options);
  const load = {
    port: server.port,
    clients: each.clients,
    pipeline: each.pipeline,
    requests,
    keys: options.keys,
    valueBytes: VALUE_BYTES,
    pinning: options.pinnings.load,
  };
  for (const first of each.before ?? []) {
    await runRedisBenchmark({ ...load, sent: first, requests: first.requests ?? requests });
  }
  if (each.before !== undefined) await waitUntilFreed(server);
  const before = server.cpuSeconds();
  const figures = await runRedisBenchmark({ ...load, sent: each.sent });
  if (isWarmUp) return;
  const key = tallyKey(each, server);
  const tally = tallies.get(key) ?? { rounds: [], cpuSeconds: 0 };
  tally.rounds.push(figures);
  tally.cpuSeconds += server.cpuSeconds() - before;
  tallies.set(key, tally);
}

function summed(
  cases: readonly WireCase[],
  servers: readonly RunningPeer[],
  options: WireOptions,
  tallies: ReadonlyMap<string, Tally>,
): CaseFigures[] {
  return cases.flatMap((each) =>
    servers.flatMap((server) => {
      const tally = tallies.get(tallyKey(each, server));
      if (tally === undefined) return [];
      const requests = requestsOf(each, options) * tally.rounds.length;
      const seconds = tally.rounds.reduce(
        (sum, { requestsPerSecond }) => sum + requestsOf(each, options) / requestsPerSecond,
        0,
      );
      return [{
        peer: server.peer.name,
        case: each.name,
        rounds: tally.rounds,
        requestsPerSecond: Math.max(...tally.rounds.map((round) => round.requestsPerSecond)),
        cpuMicrosPerRequest: tally.cpuSeconds * 1e6 / requests,
        busyShare: tally.cpuSeconds / seconds,
      }];
    })
  );
}

/** Waits until a server has freed what was removed, which some do in the background. */
async function waitUntilFreed({ port, peer }: RunningPeer): Promise<void> {
  const client = await PipelineClient.connect(port);
  try {
    for (let poll = 0; poll < FREED_POLLS; poll++) {
      const memory = await client.info("memory");
      if (memory.get("lazyfree_pending_objects") === "0") return;
      await delay(FREED_POLL_MS);
    }
  } finally {
    client.close();
  }
  throw new Error(`${peer.name} does not come to an end of freeing what was removed`);
}

async function readHits(server: RunningPeer): Promise<HitFigures> {
  const client = await PipelineClient.connect(server.port);
  try {
    const stats = await client.info("stats");
    return {
      peer: server.peer.name,
      hits: Number(stats.get("keyspace_hits")),
      misses: Number(stats.get("keyspace_misses")),
    };
  } finally {
    client.close();
  }
}

/** The figures as markdown. */
export function wireReport(figures: WireFigures): string {
  const { machine, note, versions, rounds, keys, date } = figures;
  const stolen = (figures.stolenShare * 100).toFixed(1);
  const servers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date.slice(0, 10)}: ${machineLine(machine)}`,
    `${servers.join(", ")}; ${note}`,
    `redis-benchmark -d ${VALUE_BYTES} -r ${keys}, -c 100 unless said otherwise, best of ${rounds} rounds`,
    `CPU time that the hypervisor gave to others meanwhile: ${stolen} % of all`,
    "",
    throughputTable(figures.cases),
    "",
    cpuTable(figures.cases),
    "",
    ...figures.memory.length > 0 ? [keyMemoryTable(figures.memory), ""] : [],
    hitLine(figures.hits),
    verdict(figures.cases, figures.memory),
  ].join("\n");
}

/** What one bench of this kind compares. */
export interface Comparison {
  /** Name of its results. */
  readonly name: string;
  readonly cases: readonly WireCase[];
  readonly loadsKeys: boolean;
}

/** Runs the cases on strings with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  await runComparison(args, { name: "side-by-side", cases: WIRE_CASES, loadsKeys: true });
}

/** Runs a comparison with options of the command line. */
export async function runComparison(args: readonly string[], what: Comparison): Promise<void> {
  const options = readOptions(args, ["rounds", "n", "keys", "peers", "cases"]);
  const names = choiceOf(options, "cases", what.cases.map(({ name }) => name));
  const isSized = options.isQuick || options.values.has("n");
  const figures = await compareOverTheWire({
    peers: choiceOf(options, "peers", PEER_NAMES),
    cases: what.cases.filter(({ name }) => names.includes(name)),
    rounds: countOf(options, "rounds", options.isQuick ? 1 : ROUNDS),
    warmRounds: options.isQuick ? 1 : WARM_ROUNDS,
    keys: countOf(options, "keys", options.isQuick ? QUICK_KEYS : KEY_COUNT),
    loadsKeys: what.loadsKeys,
    requests: isSized ? countOf(options, "n", QUICK_REQUESTS) : undefined,
    pinnings: findPinnings(describeMachine().cores),
    log: (line) => console.error(line),
  });
  console.log(`\n${wireReport(figures)}`);
  if (!options.isQuick) console.log(`\n${saveResults(what.name, figures)}`);
}

if (import.meta.main) await main(process.argv.slice(2));
