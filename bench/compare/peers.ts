/** The servers that the report compares, found on the machine and started with one thread and without persistence. */
import process from "node:process";
import { versionOf } from "../support/machine.ts";
import { findProgram, type Pinning } from "../support/programs.ts";
import {
  findPeers as findOwn,
  freePort,
  type Peer,
  type RunningPeer,
  startPeer,
} from "../wire/servers.ts";
import type { OwnPeer, PeerName, Protocol } from "./figures.ts";
import { answersMemcache } from "./memcache.ts";

/** The order in which peers stand on the page. */
export const PEER_NAMES: readonly PeerName[] = [
  "bun",
  "deno",
  "redis-server",
  "valkey-server",
  "memcached",
  "pogocache",
];

/** MiB that memcached may use: a million keys of 64 bytes and large values besides. */
const MEMCACHED_MIB = 4096;
const MOST_CONNECTIONS = 4096;

export interface ReportPeer extends Peer<PeerName> {
  readonly protocols: readonly Protocol[];
}

/** A started peer. */
export interface RunningReportPeer {
  readonly peer: ReportPeer;
  readonly server: RunningPeer<PeerName>;
  /** Where it answers HTTP, 0 = nowhere. */
  readonly httpPort: number;
}

/** What can be started here; programs that are not there are left out. @param wanted in the order of the result */
export function findReportPeers(
  wanted: readonly PeerName[] = PEER_NAMES,
  find: (name: string) => string = findProgram,
): readonly ReportPeer[] {
  return wanted.flatMap((name): ReportPeer[] => {
    const program = find(name);
    if (program === "") return [];
    if (name === "bun" || name === "deno") return ownPeer(name);
    const version = versionOf(program, "--version");
    return version === "" ? [] : [{ name, program, version, ...STARTED_WITH[name] }];
  });
}

function ownPeer(name: OwnPeer): ReportPeer[] {
  return findOwn([name]).map((peer) => ({
    ...peer,
    name,
    protocols: ["resp", "binary", "http", "http2"],
  }));
}

const STARTED_WITH: Readonly<
  Record<
    Exclude<PeerName, OwnPeer>,
    Pick<ReportPeer, "args" | "protocols" | "portFlag" | "answers">
  >
> = {
  "redis-server": { args: ["--save", "", "--appendonly", "no"], protocols: ["resp"] },
  "valkey-server": { args: ["--save", "", "--appendonly", "no"], protocols: ["resp"] },
  "memcached": {
    args: [
      ...["-l", "127.0.0.1", "-U", "0", "-t", "1"],
      ...["-m", String(MEMCACHED_MIB), "-c", String(MOST_CONNECTIONS)],
      // It does not run as root without being told whom to become.
      ...process.getuid?.() === 0 ? ["-u", "root"] : [],
    ],
    protocols: ["memcache"],
    portFlag: "-p",
    answers: answersMemcache,
  },
  "pogocache": {
    args: ["--threads", "1", "--maxconns", String(MOST_CONNECTIONS)],
    protocols: ["resp", "memcache"],
  },
};

/** Starts one of them; this server gets a port for HTTP as well. */
export async function startReportPeer(
  peer: ReportPeer,
  pinning: Pinning,
): Promise<RunningReportPeer> {
  const httpPort = peer.protocols.includes("http") ? await freePort() : 0;
  const flags = httpPort === 0 ? [] : ["--http-port", String(httpPort)];
  const server = await startPeer<PeerName>(peer, { pinning, flags, fileLimit: MOST_CONNECTIONS });
  return { peer, server, httpPort };
}

/** Starts all of them, or none. */
export async function startReportPeers(
  peers: readonly ReportPeer[],
  pinning: Pinning,
): Promise<readonly RunningReportPeer[]> {
  const running: RunningReportPeer[] = [];
  try {
    for (const peer of peers) running.push(await startReportPeer(peer, pinning));
  } catch (error) {
    await stopReportPeers(running);
    throw error;
  }
  return running;
}

export async function stopReportPeers(running: readonly RunningReportPeer[]): Promise<void> {
  await Promise.all(running.map(({ server }) => server.stop()));
}
