/** What client libraries cost, as the report shows it: the bench of clients, GET and SET together. */
import { type ClientFigures as Compared, compareClients } from "../client/main.ts";
import type { LibraryName } from "../client/libraries.ts";
import { findProgram, type Pinnings } from "../support/programs.ts";
import { OTHER_CLIENTS } from "./criteria.ts";
import { type ClientFigures, OWN_PEERS, type OwnPeer } from "./figures.ts";

/** Commands that are given in one tick. */
const TICK = 64;
const OPERATIONS = 100_000;
const QUICK_OPERATIONS = 256;
const ROUNDS = 3;

/** What the page calls them. */
const TITLES: Readonly<Record<LibraryName, string>> = {
  "crabcache-binary": "CrabCache client, binary",
  "crabcache-resp": "CrabCache client, RESP",
  "ioredis": `${OTHER_CLIENTS.ioredis}, autopipelining`,
  "node-redis": "node-redis",
  "Bun.RedisClient": OTHER_CLIENTS.bun,
};

export interface ClientBenchOptions {
  readonly isQuick: boolean;
  readonly pinnings: Pinnings;
  /** Takes note of a client that failed; it is left out then. */
  readonly failed: (client: string, error: unknown) => void;
  /** The runtimes that clients run on; those found here if it is not said. */
  readonly runtimes?: readonly OwnPeer[];
}

/** Measures every client on every runtime that it knows. */
export async function measureClients(
  { isQuick, pinnings, failed, runtimes = OWN_PEERS }: ClientBenchOptions,
): Promise<readonly ClientFigures[]> {
  const figures = await compareClients({
    runtimes: runtimes.filter((name) => findProgram(name) !== ""),
    ticks: [TICK],
    operations: isQuick ? QUICK_OPERATIONS : OPERATIONS,
    rounds: isQuick ? 1 : ROUNDS,
    pinnings,
    log: () => {},
    failed: (library, runtime, error) => failed(`${TITLES[library]} on ${runtime}`, error),
  });
  return figures.map(figuresOf);
}

/** As many GETs as SETs. */
function figuresOf({ library, runtime, get, set }: Compared): ClientFigures {
  const seconds = 1 / get.operationsPerSecond + 1 / set.operationsPerSecond;
  return {
    client: TITLES[library],
    runtime,
    protocol: library === "crabcache-binary" ? "binary" : "resp",
    operationsPerSecond: Math.round(2 / seconds),
    cpuMicrosPerOperation: Number(((get.cpuUs + set.cpuUs) / 2).toFixed(4)),
  };
}
