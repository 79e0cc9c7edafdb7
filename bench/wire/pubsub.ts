/**
 * Compares the fan-out of PUBLISH with redis-server's: one publisher, many subscribers of its channel.
 *
 * All servers run at once, each with its own subscribers, and take turns round by round; who comes first
 * changes. Throughput is that of the best round; CPU time is what a server used in all counted rounds,
 * over all messages that it delivered. Every subscriber must get every byte.
 */
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, type MachineDescription, machineLine } from "../support/machine.ts";
import { findPinnings, type Pinnings, pinThisProcess } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable, times } from "../support/table.ts";
import { FanOut } from "./fan_out.ts";
import {
  findPeers,
  PEER_NAMES,
  type PeerName,
  type RunningPeer,
  startPeers,
  stopPeers,
} from "./servers.ts";

const SUBSCRIBERS = 1000;
const QUICK_SUBSCRIBERS = 50;
const PAYLOAD_BYTES = 64;
const ROUNDS = 5;
const WARM_ROUNDS = 2;
const QUICK_MESSAGES = 64;
/** Files that a server needs beside its connections. */
const SPARE_FILES = 100;
/** Least throughput, as a multiple of redis-server's. */
const TARGET = 1;

interface PubSubCase {
  readonly name: string;
  /** Commands under way at once. */
  readonly depth: number;
  /** Messages of one round at full size. */
  readonly messages: number;
}

export const PUBSUB_CASES: readonly PubSubCase[] = [
  { name: "PUBLISH -P 1", depth: 1, messages: 200 },
  { name: "PUBLISH -P 16", depth: 16, messages: 1600 },
];

export interface PubSubOptions {
  readonly peers: readonly PeerName[];
  readonly cases: readonly PubSubCase[];
  readonly subscribers: number;
  readonly rounds: number;
  readonly warmRounds: number;
  /** Messages of a round, instead of what each case says. */
  readonly messages: number | undefined;
  readonly pinnings: Pinnings;
  /** Takes a line about how far it is. */
  readonly log: (line: string) => void;
}

/** One case on one server. */
export interface PubSubFigures {
  readonly peer: PeerName;
  readonly case: string;
  /** Of the best round. */
  readonly deliveriesPerSecond: number;
  /** Of the server, over all counted rounds. */
  readonly cpuMicrosPerDelivery: number;
  /** Share of its rounds' time that the server's CPU time takes. */
  readonly busyShare: number;
}

export interface PubSubReport {
  readonly date: string;
  readonly machine: MachineDescription;
  readonly note: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly subscribers: number;
  readonly rounds: number;
  readonly cases: readonly PubSubFigures[];
}

interface Contender {
  readonly server: RunningPeer;
  readonly fanOut: FanOut;
}

interface Tally {
  best: number;
  deliveries: number;
  seconds: number;
  cpuSeconds: number;
}

/** Runs all cases on all servers that can be started. */
export async function compareFanOut(options: PubSubOptions): Promise<PubSubReport> {
  const { cases, rounds, warmRounds, subscribers, pinnings, log } = options;
  const servers = await startPeers(findPeers(options.peers), {
    pinning: pinnings.server,
    fileLimit: subscribers + SPARE_FILES,
    flags: ["--maxclients", String(subscribers + SPARE_FILES / 2)],
  });
  const contenders: Contender[] = [];
  try {
    for (const server of servers) {
      const fanOut = await FanOut.open(server.port, subscribers, PAYLOAD_BYTES);
      contenders.push({ server, fanOut });
    }
    const tallies = new Map<string, Tally>();
    for (let round = 1 - warmRounds; round <= rounds; round++) {
      log(round <= 0 ? "warming up" : `round ${round} of ${rounds}`);
      const order = contenders.map((_, i) => contenders[(i + round + warmRounds) % servers.length]);
      for (const each of cases) {
        for (const contender of order) await runCase(each, contender, options, round > 0, tallies);
      }
    }
    return {
      date: new Date().toISOString(),
      machine: describeMachine(),
      note: pinnings.note,
      versions: Object.fromEntries(servers.map(({ peer }) => [peer.name, peer.version])),
      subscribers,
      rounds,
      cases: cases.flatMap(({ name }) =>
        servers.map(({ peer }) => figuresOf(peer.name, name, tallies.get(`${name} ${peer.name}`)!))
      ),
    };
  } finally {
    for (const { fanOut } of contenders) fanOut.close();
    await stopPeers(servers);
  }
}

async function runCase(
  { name, depth, messages }: PubSubCase,
  { server, fanOut }: Contender,
  options: PubSubOptions,
  isCounted: boolean,
  tallies: Map<string, Tally>,
): Promise<void> {
  const before = server.cpuSeconds();
  const { deliveries, seconds } = await fanOut.publish(options.messages ?? messages, depth);
  if (!isCounted) return;
  const key = `${name} ${server.peer.name}`;
  const tally = tallies.get(key) ?? { best: 0, deliveries: 0, seconds: 0, cpuSeconds: 0 };
  tallies.set(key, tally);
  tally.best = Math.max(tally.best, deliveries / seconds);
  tally.deliveries += deliveries;
  tally.seconds += seconds;
  tally.cpuSeconds += server.cpuSeconds() - before;
}

function figuresOf(peer: PeerName, name: string, tally: Tally): PubSubFigures {
  return {
    peer,
    case: name,
    deliveriesPerSecond: tally.best,
    cpuMicrosPerDelivery: tally.cpuSeconds * 1e6 / tally.deliveries,
    busyShare: tally.cpuSeconds / tally.seconds,
  };
}

/** The figures as markdown. */
export function pubSubReport(report: PubSubReport): string {
  const { machine, note, versions, subscribers, rounds, date, cases } = report;
  const servers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rows = cases.map((each) => {
    const real = cases.find((other) => other.case === each.case && other.peer === "redis-server");
    const ratio = each.deliveriesPerSecond / (real?.deliveriesPerSecond ?? NaN);
    const isOwn = each.peer !== "redis-server";
    return [
      each.case,
      each.peer,
      grouped(each.deliveriesPerSecond),
      isOwn ? times(ratio) : "",
      isOwn ? `≥ ${TARGET} ×` : "",
      isOwn && Number.isFinite(ratio) ? ratio >= TARGET ? "yes" : "NO" : "",
      each.cpuMicrosPerDelivery.toFixed(3),
      `${(each.busyShare * 100).toFixed(0)} %`,
    ];
  });
  return [
    `${date.slice(0, 10)}: ${machineLine(machine)}`,
    `${servers.join(", ")}; ${note}`,
    `one publisher, ${
      grouped(subscribers)
    } subscribers, ${PAYLOAD_BYTES} bytes a message, best of ` +
    `${rounds} rounds`,
    "",
    markdownTable(
      ["", "server", "deliveries a second", "ratio", "target", "reached", "CPU µs each", "busy"],
      rows,
    ),
  ].join("\n");
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["rounds", "n", "subscribers", "peers", "cases"]);
  const names = choiceOf(options, "cases", PUBSUB_CASES.map(({ name }) => name));
  const isSized = options.isQuick || options.values.has("n");
  const pinnings = findPinnings(describeMachine().cores);
  pinThisProcess(pinnings);
  const report = await compareFanOut({
    peers: choiceOf(options, "peers", PEER_NAMES),
    cases: PUBSUB_CASES.filter(({ name }) => names.includes(name)),
    subscribers: countOf(
      options,
      "subscribers",
      options.isQuick ? QUICK_SUBSCRIBERS : SUBSCRIBERS,
    ),
    rounds: countOf(options, "rounds", options.isQuick ? 1 : ROUNDS),
    warmRounds: options.isQuick ? 1 : WARM_ROUNDS,
    messages: isSized ? countOf(options, "n", QUICK_MESSAGES) : undefined,
    pinnings,
    log: (line) => console.error(line),
  });
  console.log(`\n${pubSubReport(report)}`);
  if (!options.isQuick) console.log(`\n${saveResults("pubsub", report)}`);
}

if (import.meta.main) await main(process.argv.slice(2));
