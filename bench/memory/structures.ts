/**
 * Memory of collections: resident memory of each server before and after it was loaded with many small
 * hashes, lists and sorted sets, or with a single hash, set or sorted set of a million members.
 *
 * Each case has a server of its own. A twentieth of the load under other names, deleted again, warms
 * it up, so that what is measured is what the collections take.
 */
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { encodeCommand } from "../support/commands.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { markdownTable, times } from "../support/table.ts";
import { PipelineClient } from "../wire/client.ts";
import {
  findPeers,
  PEER_NAMES,
  type PeerName,
  type RunningPeer,
  startPeer,
} from "../wire/servers.ts";
import { settledBytes } from "./bytes_per_key.ts";

export interface StructureCase {
  readonly name: string;
  /** Collections, at full size. */
  readonly keys: number;
  /** Elements of each; of a single one at full size. */
  readonly elements: number;
  /** Name of the command that adds. */
  readonly command: string;
  /** Arguments that add the element of this number. */
  readonly element: (number: number) => string[];
}

const MILLION = 1_000_000;
const MANY = { keys: 100_000, elements: 10 };
const ONE = { keys: 1, elements: MILLION };

const digits = (number: number): string => String(number).padStart(7, "0");
const field = (i: number): string[] => [`field:${digits(i)}`, `value:${digits(i)}`];
const smallField = (i: number): string[] => [`field${i % MANY.elements}`, `value${digits(i)}`];
const member = (i: number): string[] => [`member:${digits(i)}`];
/** Scores in no order. */
const scored = (i: number): string[] => [String((i * 7919) % MILLION), ...member(i)];

export const STRUCTURE_CASES: readonly StructureCase[] = [
  { name: "100k hashes of 10 fields", ...MANY, command: "HSET", element: smallField },
  { name: "100k lists of 10", ...MANY, command: "RPUSH", element: member },
  { name: "100k sorted sets of 10", ...MANY, command: "ZADD", element: scored },
  { name: "one hash of 1M fields", ...ONE, command: "HSET", element: field },
  { name: "one set of 1M members", ...ONE, command: "SADD", element: member },
  { name: "one sorted set of 1M members", ...ONE, command: "ZADD", element: scored },
];

export interface StructureMemory {
  readonly peer: PeerName;
  readonly case: string;
  readonly commands: number;
  readonly elements: number;
  readonly emptyBytes: number;
  readonly fullBytes: number;
  readonly bytesPerElement: number;
}

/** Elements that one command adds. */
const ELEMENTS_PER_COMMAND = 10;
const LOAD_DEPTH = 200;
const WARM_SHARE = 0.05;
const QUICK_SCALE = 0.002;
const PERCENT = 100;

/** The commands that make a share of a case's load, under names with this prefix. */
function* commandsOf(each: StructureCase, scale: number, prefix: string): Generator<string[]> {
  const { keys, elements, command, element } = each;
  const isOne = keys === 1;
  const keyCount = isOne ? 1 : Math.ceil(keys * scale);
  const elementCount = isOne ? Math.ceil(elements * scale) : elements;
  for (let key = 0; key < keyCount; key++) {
    for (let first = 0; first < elementCount; first += ELEMENTS_PER_COMMAND) {
      const words = [command, `${prefix}${digits(key)}`];
      const end = Math.min(first + ELEMENTS_PER_COMMAND, elementCount);
      for (let i = first; i < end; i++) words.push(...element(key * elementCount + i));
      yield words;
    }
  }
}

/** Sends the commands in pipelines, each answered by one line. @returns how many there were */
async function sendAll(port: number, commands: Iterable<string[]>): Promise<number> {
  const client = await PipelineClient.connect(port);
  const encoder = new TextEncoder();
  let count = 0;
  let pipeline: string[] = [];
  const flush = async (): Promise<void> => {
    await client.send(encoder.encode(pipeline.join("")), pipeline.length);
    count += pipeline.length;
    pipeline = [];
  };
  try {
    for (const words of commands) {
      pipeline.push(encodeCommand(words));
      if (pipeline.length === LOAD_DEPTH) await flush();
    }
    if (pipeline.length > 0) await flush();
  } finally {
    client.close();
  }
  return count;
}

/** @param scale share of the case's full size @param pollMs between two looks at its memory */
export async function measureStructure(
  server: RunningPeer,
  each: StructureCase,
  scale: number,
  pollMs?: number,
): Promise<StructureMemory> {
  const { port } = server;
  const warm = [...commandsOf(each, scale * WARM_SHARE, "warm:")];
  await sendAll(port, warm);
  await sendAll(port, [...new Set(warm.map((words) => words[1]))].map((key) => ["DEL", key]));
  const emptyBytes = await settledBytes(server, pollMs);
  const commands = await sendAll(port, commandsOf(each, scale, "key:"));
  const fullBytes = await settledBytes(server, pollMs);
  const elements = each.keys === 1
    ? Math.ceil(each.elements * scale)
    : Math.ceil(each.keys * scale) * each.elements;
  return {
    peer: server.peer.name,
    case: each.name,
    commands,
    elements,
    emptyBytes,
    fullBytes,
    bytesPerElement: (fullBytes - emptyBytes) / elements,
  };
}

/** Bytes per element, with ratios against redis-server. */
export function structureTable(figures: readonly StructureMemory[]): string {
  const names = [...new Set(figures.map((each) => each.case))];
  const peers = PEER_NAMES.filter((name) => figures.some(({ peer }) => peer === name));
  const own = peers.filter((peer) => peer !== "redis-server");
  const bytes = (name: string, wanted: PeerName): number =>
    figures.find((each) => each.case === name && each.peer === wanted)?.bytesPerElement ?? NaN;
  return markdownTable(
    [
      "bytes per element",
      "redis-server",
      ...own.flatMap((peer) => [peer, "ratio", "target", "reached"]),
    ],
    names.map((name) => {
      const reference = bytes(name, "redis-server");
      return [
        name,
        reference.toFixed(1),
        ...own.flatMap((peer) => {
          const ratio = bytes(name, peer) / reference;
          return [
            bytes(name, peer).toFixed(1),
            times(ratio),
            "≤ 1 ×",
            ratio <= 1 ? "yes" : "NO",
          ];
        }),
      ];
    }),
  );
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["scale", "peers", "cases"]);
  const scale = options.isQuick && !options.values.has("scale")
    ? QUICK_SCALE
    : countOf(options, "scale", PERCENT) / PERCENT;
  const names = choiceOf(options, "cases", STRUCTURE_CASES.map(({ name }) => name));
  const peers = findPeers(choiceOf(options, "peers", PEER_NAMES));
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  console.log(`${machineLine(machine)}; ${pinnings.note}`);
  console.log(`growth of resident memory, at ${scale * PERCENT} % of the full size\n`);
  const figures: StructureMemory[] = [];
  for (const each of STRUCTURE_CASES.filter(({ name }) => names.includes(name))) {
    for (const peer of peers) {
      const server = await startPeer(peer, { pinning: pinnings.server });
      try {
        figures.push(await measureStructure(server, each, scale));
      } finally {
        await server.stop();
      }
    }
  }
  console.log(structureTable(figures));
  if (!options.isQuick) console.log(`\n${saveResults("structures", { machine, scale, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
