/**
 * Compares client libraries: CPU time of the client's process for GET and SET that are given one by one, some in
 * each tick, on one connection to the same server.
 *
 * Every client runs in processes of its own, taking turns; of its rounds the one with the least CPU time counts.
 */
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings, findProgram, type Pinnings, ROOT } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable, times } from "../support/table.ts";
import { findPeers, startPeer } from "../wire/servers.ts";
import { LIBRARIES, type LibraryName } from "./libraries.ts";
import type { ProbeResult } from "./probe.ts";

type RuntimeName = "bun" | "deno";

const RUNTIMES: readonly RuntimeName[] = ["bun", "deno"];
const RUN_ARGS: Readonly<Record<RuntimeName, readonly string[]>> = {
  bun: [],
  deno: ["run", "-A", "--no-check"],
};
const TICKS: readonly number[] = [16, 100];
const ROUNDS = 3;
const OPERATIONS = 200_000;
const QUICK_OPERATIONS = 200;
const LONGEST_MS = 120_000;
/** What the others are compared with. */
const OURS: LibraryName = "crabcache-binary";

const run = promisify(execFile);

export interface ClientComparison {
  readonly runtimes: readonly RuntimeName[];
  readonly ticks: readonly number[];
  readonly operations: number;
  readonly rounds: number;
  readonly pinnings: Pinnings;
  readonly log: (line: string) => void;
  /** Takes note of a client that failed, which is left out then; without it all of it fails. */
  readonly failed?: (library: LibraryName, runtime: RuntimeName, error: unknown) => void;
}

export interface ClientFigures {
  readonly runtime: RuntimeName;
  readonly library: LibraryName;
  /** Commands a tick. */
  readonly tick: number;
  readonly get: ProbeResult["get"];
  readonly set: ProbeResult["set"];
}

/** Measures every client that there is. @throws Error when neither runtime can start the server */
export async function compareClients(options: ClientComparison): Promise<readonly ClientFigures[]> {
  const { runtimes, ticks, rounds, operations, pinnings, log } = options;
  const [peer] = findPeers(["bun", "deno"]);
  if (peer === undefined) throw new Error("there is neither bun nor deno to start the server with");
  const server = await startPeer(peer, { pinning: pinnings.server });
  const best = new Map<string, ClientFigures>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const runtime of runtimes) {
        for (const { name: library, isOnlyOnBun } of LIBRARIES) {
          if (isOnlyOnBun && runtime !== "bun") continue;
          for (const tick of ticks) {
            const probed = await probeOnce(runtime, library, server.port, tick, options)
              .catch((error) => {
                if (options.failed === undefined) throw error;
                options.failed(library, runtime, error);
              });
            if (probed === undefined) continue;
            const key = `${runtime} ${library} ${tick}`;
            const figures = { runtime, library, tick, ...probed };
            best.set(key, better(best.get(key), figures));
          }
        }
      }
      log(`round ${round + 1} of ${rounds}, ${grouped(operations)} commands each`);
    }
  } finally {
    await server.stop();
  }
  return [...best.values()];
}

async function probeOnce(
  runtime: RuntimeName,
  library: LibraryName,
  port: number,
  tick: number,
  { pinnings, operations }: ClientComparison,
): Promise<ProbeResult> {
  const [program, ...args] = [
    ...pinnings.load,
    findProgram(runtime),
    ...RUN_ARGS[runtime],
    "bench/client/probe.ts",
    ...["--library", library, "--port", String(port)],
    ...["--tick", String(tick), "--n", String(operations)],
  ];
  const { stdout } = await run(program, args, { cwd: ROOT, timeout: LONGEST_MS });
  return JSON.parse(stdout) as ProbeResult;
}

function better(before: ClientFigures | undefined, now: ClientFigures): ClientFigures {
  if (before === undefined) return now;
  return {
    ...now,
    get: now.get.cpuUs < before.get.cpuUs ? now.get : before.get,
    set: now.set.cpuUs < before.set.cpuUs ? now.set : before.set,
  };
}

/** The figures as markdown. */
export function clientTable(figures: readonly ClientFigures[]): string {
  const rows = figures.map((each) => {
    const { runtime, library, tick, get, set } = each;
    const ours = figures.find((other) =>
      other.library === OURS && other.runtime === runtime && other.tick === tick
    );
    return [
      `${library} on ${runtime}`,
      String(tick),
      get.cpuUs.toFixed(2),
      set.cpuUs.toFixed(2),
      ours === undefined ? "-" : times(ours.get.cpuUs / get.cpuUs),
      ours === undefined ? "-" : times(ours.set.cpuUs / set.cpuUs),
      grouped(get.operationsPerSecond),
      grouped(set.operationsPerSecond),
    ];
  });
  const head = ["client", "a tick", "GET CPU µs", "SET CPU µs", "ours / it", "ours / it"];
  return markdownTable([...head, "GET/s", "SET/s"], rows);
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["rounds", "n", "runtimes"]);
  const machine = describeMachine();
  const runtimes = choiceOf(options, "runtimes", RUNTIMES).filter((name) =>
    findProgram(name) !== ""
  );
  const figures = await compareClients({
    runtimes,
    ticks: TICKS,
    rounds: countOf(options, "rounds", options.isQuick ? 1 : ROUNDS),
    operations: countOf(options, "n", options.isQuick ? QUICK_OPERATIONS : OPERATIONS),
    pinnings: findPinnings(machine.cores),
    log: console.error,
  });
  console.log(`${machineLine(machine)}\n\n${clientTable(figures)}\n`);
  console.log(`figures: ${saveResults("client", { machine, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
