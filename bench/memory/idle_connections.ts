/** Memory of an idle connection: each server before and after thousands connected and sent one PING. */
import { createConnection, type Socket } from "node:net";
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, machineLine, readIfThere } from "../support/machine.ts";
import { findPinnings } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable, times } from "../support/table.ts";
import { MOST_IDLE_CONNECTION } from "../wire/cases.ts";
import {
  findPeers,
  PEER_NAMES,
  type PeerName,
  type RunningPeer,
  startPeer,
} from "../wire/servers.ts";
import { settledBytes } from "./bytes_per_key.ts";

const CONNECTIONS = 10_000;
const QUICK_CONNECTIONS = 100;
/** Connections of the warm-up, which are closed again. */
const WARM_CONNECTIONS = 200;
/** How many connect at the same time. */
const CONNECTING = 100;
const SERVER_FILES = 30_000;
/** Files that a process has open besides its connections, generously. */
const OTHER_FILES = 200;

const PING = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");

export interface ConnectionMemory {
  readonly peer: PeerName;
  readonly version: string;
  readonly connections: number;
  readonly bytesPerConnection: number;
}

/** Connects, sends PING and waits for the answer. */
function connectAndPing(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const failed = (): void => reject(new Error("a connection was closed before its reply came"));
    socket.once("error", reject);
    socket.once("close", failed);
    socket.once("connect", () => socket.write(PING));
    socket.once("data", (chunk: Uint8Array) => {
      socket.off("error", reject);
      socket.off("close", failed);
      socket.on("error", () => {});
      const text = new TextDecoder().decode(chunk);
      if (text.startsWith("+PONG")) return resolve(socket);
      reject(new Error(`unexpected reply: ${text}`));
    });
  });
}

async function connectMany(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const next = Math.min(CONNECTING, count - sockets.length);
    sockets.push(...await Promise.all(Array.from({ length: next }, () => connectAndPing(port))));
  }
  return sockets;
}

/** Says what `connections` connections take that sent one PING each. */
export async function measureConnectionMemory(
  server: RunningPeer,
  connections: number,
  pollMs?: number,
): Promise<ConnectionMemory> {
  const warm = await connectMany(server.port, Math.min(WARM_CONNECTIONS, connections));
  for (const socket of warm) socket.destroy();
  const before = await settledBytes(server, pollMs);
  const sockets = await connectMany(server.port, connections);
  try {
    const after = await settledBytes(server, pollMs);
    return {
      peer: server.peer.name,
      version: server.peer.version,
      connections,
      bytesPerConnection: (after - before) / connections,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** How many files this process may open; Infinity where the system does not say. */
function openFileLimit(): number {
  const found = /^Max open files\s+(\d+)/m.exec(readIfThere("/proc/self/limits"));
  return found === null ? Infinity : Number(found[1]);
}

function connectionTable(figures: readonly ConnectionMemory[]): string {
  const reference = figures.find(({ peer }) => peer === "redis-server")?.bytesPerConnection ?? NaN;
  return markdownTable(
    ["idle connections", "bytes each", "against redis-server", "target", "reached"],
    figures.map(({ peer, version, bytesPerConnection }) => {
      const isOwn = peer !== "redis-server";
      const ratio = bytesPerConnection / reference;
      return [
        `${peer} ${version}`,
        grouped(bytesPerConnection),
        times(ratio),
        isOwn ? `≤ ${MOST_IDLE_CONNECTION} ×` : "",
        isOwn ? (ratio <= MOST_IDLE_CONNECTION ? "yes" : "NO") : "",
      ];
    }),
  );
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["connections", "peers"]);
  const wanted = countOf(
    options,
    "connections",
    options.isQuick ? QUICK_CONNECTIONS : CONNECTIONS,
  );
  const connections = Math.min(wanted, openFileLimit() - OTHER_FILES);
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  console.log(`Memory of ${connections} idle connections that sent one PING each`);
  if (connections < wanted) console.log(`(not ${wanted}: this process may not open more files)`);
  console.log(`${machineLine(machine)}; ${pinnings.note}\n`);
  const flags = ["--maxclients", String(connections + OTHER_FILES)];
  const figures: ConnectionMemory[] = [];
  for (const peer of findPeers(choiceOf(options, "peers", PEER_NAMES))) {
    const server = await startPeer(peer, {
      pinning: pinnings.server,
      fileLimit: SERVER_FILES,
      flags,
    });
    try {
      figures.push(await measureConnectionMemory(server, connections));
    } finally {
      await server.stop();
    }
  }
  console.log(connectionTable(figures));
  if (!options.isQuick) console.log(`\n${saveResults("idle-connections", { machine, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
