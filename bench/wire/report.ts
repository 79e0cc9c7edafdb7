/** Tables of what was compared over the wire: ratios, targets, and whether they were reached. */
import type { KeyMemory } from "../memory/bytes_per_key.ts";
import { grouped, markdownTable, times } from "../support/table.ts";
import { findCase, MOST_BYTES_PER_KEY, type OwnPeer } from "./cases.ts";
import type { PeerName } from "./servers.ts";
import type { CaseFigures, HitFigures } from "./side_by_side.ts";

const OWN_PEERS: readonly OwnPeer[] = ["bun", "deno"];

/** One comparison with a target. */
interface Comparison {
  readonly ratio: number;
  readonly target: number | undefined;
  readonly isReached: boolean;
}

interface Row {
  readonly name: string;
  readonly peers: ReadonlyMap<PeerName, CaseFigures>;
}

function rowsOf(figures: readonly CaseFigures[]): Row[] {
  const names = [...new Set(figures.map((each) => each.case))];
  return names.map((name) => ({
    name,
    peers: new Map(figures.filter((each) => each.case === name).map((each) => [each.peer, each])),
  }));
}

function presentPeers(figures: readonly CaseFigures[]): OwnPeer[] {
  return OWN_PEERS.filter((name) => figures.some(({ peer }) => peer === name));
}

function compareThroughput(row: Row, peer: OwnPeer): Comparison {
  const target = findCase(row.name).throughput?.[peer];
  const ratio = (row.peers.get(peer)?.requestsPerSecond ?? NaN) /
    (row.peers.get("redis-server")?.requestsPerSecond ?? NaN);
  return { ratio, target, isReached: target === undefined || ratio >= target };
}

function compareCpuTime(row: Row, peer: OwnPeer): Comparison {
  const target = findCase(row.name).cpuTime?.[peer];
  const ratio = (row.peers.get(peer)?.cpuMicrosPerRequest ?? NaN) /
    (row.peers.get("redis-server")?.cpuMicrosPerRequest ?? NaN);
  return { ratio, target, isReached: target === undefined || ratio <= target };
}

function targetCells({ ratio, target, isReached }: Comparison, sign: string): string[] {
  if (target === undefined) return [times(ratio), "", ""];
  return [times(ratio), `${sign} ${target} ×`, isReached ? "yes" : "NO"];
}

/** Requests a second, with ratios against redis-server. */
export function throughputTable(figures: readonly CaseFigures[]): string {
  const peers = presentPeers(figures);
  const rate = (row: Row, peer: PeerName): string =>
    grouped(row.peers.get(peer)?.requestsPerSecond ?? NaN);
  return markdownTable(
    [
      "requests a second",
      "redis-server",
      ...peers.flatMap((peer) => [peer, "ratio", "target", "reached"]),
    ],
    rowsOf(figures).map((row) => [
      row.name,
      rate(row, "redis-server"),
      ...peers.flatMap((peer) => [
        rate(row, peer),
        ...targetCells(compareThroughput(row, peer), "≥"),
      ]),
    ]),
  );
}

/** CPU time per request, and how busy it kept the server: less than 100 % says that the load was the limit. */
export function cpuTable(figures: readonly CaseFigures[]): string {
  const peers = presentPeers(figures);
  const cells = (row: Row, peer: PeerName): string[] => {
    const each = row.peers.get(peer);
    return [
      (each?.cpuMicrosPerRequest ?? NaN).toFixed(3),
      `${((each?.busyShare ?? NaN) * 100).toFixed(0)} %`,
    ];
  };
  return markdownTable(
    [
      "CPU µs per request",
      "redis-server",
      "busy",
      ...peers.flatMap((peer) => [peer, "busy", "ratio", "target", "reached"]),
    ],
    rowsOf(figures).map((row) => [
      row.name,
      ...cells(row, "redis-server"),
      ...peers.flatMap((peer) => [
        ...cells(row, peer),
        ...targetCells(compareCpuTime(row, peer), "≤"),
      ]),
    ]),
  );
}

/** Says how many lookups found their key, which tells whether the servers did the same work. */
export function hitLine(figures: readonly HitFigures[]): string {
  const parts = figures.map(({ peer, hits, misses }) =>
    `${peer} ${grouped(hits)} of ${grouped(hits + misses)}`
  );
  return `lookups that hit: ${parts.join(", ")}`;
}

/** One line that sums up which targets were missed. */
export function verdict(figures: readonly CaseFigures[], memory: readonly KeyMemory[]): string {
  const missed: string[] = [];
  let count = 0;
  const note = (name: string, { target, isReached }: Comparison): void => {
    if (target === undefined) return;
    count++;
    if (!isReached) missed.push(name);
  };
  for (const row of rowsOf(figures)) {
    for (const peer of presentPeers(figures)) {
      note(`${row.name} on ${peer}`, compareThroughput(row, peer));
      note(`CPU time of ${row.name} on ${peer}`, compareCpuTime(row, peer));
    }
  }
  for (const { peer, bytesPerKey } of memory) {
    if (peer === "redis-server") continue;
    const isReached = bytesPerKey <= MOST_BYTES_PER_KEY;
    note(`bytes per key on ${peer}`, { ratio: NaN, target: MOST_BYTES_PER_KEY, isReached });
  }
  if (missed.length === 0) return `all ${count} targets reached`;
  return `${count - missed.length} of ${count} targets reached; missed: ${missed.join(", ")}`;
}
