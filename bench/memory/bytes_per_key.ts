/** Memory of a key: resident memory of each server before and after a million keys were loaded. */
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { markdownTable, times } from "../support/table.ts";
import { KEY_COUNT, MOST_BYTES_PER_KEY, VALUE_BYTES } from "../wire/cases.ts";
import { loadKeys, type LoadKeysOptions } from "../wire/client.ts";
import {
  findPeers,
  PEER_NAMES,
  type PeerName,
  type RunningPeer,
  sleep,
  startPeer,
} from "../wire/servers.ts";

/** Keys of the warm-up; they are among those that are counted. */
const WARM_KEYS = 1000;
const QUICK_KEYS = 5000;
/** Share of the load that the warm-up sends, on few keys. */
const WARM_SHARE = 0.5;
const POLL_MS = 100;
/** Memory counts as settled when it moved by less than this within SETTLED_POLLS. */
const SETTLED_BYTES = 256 * 1024;
const SETTLED_POLLS = 5;
const MOST_POLLS = 50;

export interface KeyMemory<Name extends string = PeerName> {
  readonly peer: Name;
  readonly version: string;
  readonly keys: number;
  readonly emptyBytes: number;
  readonly fullBytes: number;
  readonly bytesPerKey: number;
}

/** Waits until a server's memory stands still. @returns it, in bytes */
export async function settledBytes(
  server: RunningPeer<string>,
  pollMs: number = POLL_MS,
): Promise<number> {
  const seen = [server.residentBytes()];
  for (let i = 0; i < MOST_POLLS; i++) {
    await sleep(pollMs);
    seen.push(server.residentBytes());
    const last = seen.slice(-SETTLED_POLLS);
    if (last.length < SETTLED_POLLS) continue;
    if (Math.max(...last) - Math.min(...last) < SETTLED_BYTES) break;
  }
  return seen.at(-1) ?? NaN;
}

/**
 * Loads `keys` keys of 16 bytes with values of 64 into an empty server and says what they took.
 * @param load sets keys, over RESP if it is not said
 */
export async function measureKeyMemory<Name extends string = PeerName>(
  server: RunningPeer<Name>,
  keys: number,
  load: (options: LoadKeysOptions) => Promise<void> = loadKeys,
): Promise<KeyMemory<Name>> {
  const value = "x".repeat(VALUE_BYTES);
  const warmKeys = Math.min(WARM_KEYS, keys);
  const { port } = server;
  await load({ port, count: Math.ceil(keys * WARM_SHARE), value, distinct: warmKeys });
  const emptyBytes = await settledBytes(server);
  await load({ port, count: keys, value });
  const fullBytes = await settledBytes(server);
  return {
    peer: server.peer.name,
    version: server.peer.version,
    keys,
    emptyBytes,
    fullBytes,
    bytesPerKey: (fullBytes - emptyBytes) / Math.max(1, keys - warmKeys),
  };
}

/** A table of bytes per key with ratios against redis-server. */
export function keyMemoryTable(figures: readonly KeyMemory[]): string {
  const reference = figures.find(({ peer }) => peer === "redis-server")?.bytesPerKey ?? NaN;
  return markdownTable(
    ["memory", "bytes per key", "against redis-server", "target", "reached"],
    figures.map(({ peer, version, bytesPerKey }) => {
      const isOwn = peer !== "redis-server";
      return [
        `${peer} ${version}`,
        bytesPerKey.toFixed(1),
        times(bytesPerKey / reference),
        isOwn ? `≤ ${MOST_BYTES_PER_KEY}` : "",
        isOwn ? (bytesPerKey <= MOST_BYTES_PER_KEY ? "yes" : "NO") : "",
      ];
    }),
  );
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["keys", "peers"]);
  const keys = countOf(options, "keys", options.isQuick ? QUICK_KEYS : KEY_COUNT);
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  console.log(`Memory of ${keys} keys of 16 bytes, values of ${VALUE_BYTES} bytes`);
  console.log(`${machineLine(machine)}; ${pinnings.note}\n`);
  const figures: KeyMemory[] = [];
  for (const peer of findPeers(choiceOf(options, "peers", PEER_NAMES))) {
    const server = await startPeer(peer, { pinning: pinnings.server });
    try {
      figures.push(await measureKeyMemory(server, keys));
    } finally {
      await server.stop();
    }
  }
  console.log(keyMemoryTable(figures));
  if (!options.isQuick) console.log(`\n${saveResults("bytes-per-key", { machine, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
