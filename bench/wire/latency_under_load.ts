/**
 * How long a PING takes every millisecond while redis-benchmark loads ten million keys over other connections.
 *
 * What is seen is the server, the kernel and this process together: the latter's own longest delay is shown
 * beside it, and whatever else runs on the machine adds to both.
 */
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { DurationHistogram, type DurationSummary } from "../support/histogram.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings, type Pinnings, pinThisProcess } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable } from "../support/table.ts";
import { makePipeline } from "../support/commands.ts";
import { PipelineClient } from "./client.ts";
import { runRedisBenchmark } from "./redis_benchmark.ts";
import { findPeers, PEER_NAMES, type PeerName, type RunningPeer, startPeer } from "./servers.ts";

const KEYS = 10_000_000;
const QUICK_KEYS = 20_000;
/** Random keys out of so many are hardly ever the same. */
const KEY_RANGE = 2_000_000_000;
const PING_MS = 1;

export interface LatencyFigures {
  readonly peer: PeerName;
  readonly version: string;
  readonly keys: number;
  readonly requestsPerSecond: number;
  readonly pings: DurationSummary;
  /** How late this process's own timer was. */
  readonly ownDelays: DurationSummary;
}

/** Loads the keys and pings meanwhile. */
export async function measureLatency(
  server: RunningPeer,
  keys: number,
  pinnings: Pinnings,
): Promise<LatencyFigures> {
  const client = await PipelineClient.connect(server.port);
  const { bytes: ping } = makePipeline("PING", 1, "");
  const pings = new DurationHistogram(), ownDelays = new DurationHistogram();
  let lastTick = performance.now();
  let failure: unknown;
  const timer = setInterval(() => {
    const start = performance.now();
    ownDelays.record(Math.max(0, start - lastTick - PING_MS));
    lastTick = start;
    client.send(ping, 1).then(
      () => pings.record(performance.now() - start),
      (error: unknown) => failure ??= error,
    );
  }, PING_MS);
  try {
    const { requestsPerSecond } = await runRedisBenchmark({
      port: server.port,
      sent: { test: "set" },
      clients: 50,
      pipeline: 16,
      requests: keys,
      keys: KEY_RANGE,
      valueBytes: 8,
      pinning: pinnings.load,
    });
    if (failure !== undefined) throw failure;
    return {
      peer: server.peer.name,
      version: server.peer.version,
      keys,
      requestsPerSecond,
      pings: pings.summary(),
      ownDelays: ownDelays.summary(),
    };
  } finally {
    clearInterval(timer);
    client.close();
  }
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["keys", "peers"]);
  const keys = countOf(options, "keys", options.isQuick ? QUICK_KEYS : KEYS);
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  pinThisProcess(pinnings);
  console.log(
    `A PING every millisecond while ${grouped(keys)} keys are loaded over 50 connections`,
  );
  console.log(`${machineLine(machine)}; ${pinnings.note}\n`);
  const figures: LatencyFigures[] = [];
  for (const peer of findPeers(choiceOf(options, "peers", PEER_NAMES))) {
    const server = await startPeer(peer, { pinning: pinnings.server });
    try {
      figures.push(await measureLatency(server, keys, pinnings));
    } finally {
      await server.stop();
    }
  }
  console.log(markdownTable(
    ["PING, ms", "SETs a second", "pings", "P50", "P99.99", "longest", "own longest delay"],
    figures.map(({ peer, version, requestsPerSecond, pings, ownDelays }) => [
      `${peer} ${version}`,
      grouped(requestsPerSecond),
      grouped(pings.count),
      pings.p50Ms.toFixed(2),
      pings.p9999Ms.toFixed(2),
      pings.maxMs.toFixed(2),
      ownDelays.maxMs.toFixed(2),
    ]),
  ));
  if (!options.isQuick) console.log(`\n${saveResults("latency-under-load", { machine, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
