/** Measures one client: CPU time and wall time of GET and SET in ticks. Printed as JSON. */
import process from "node:process";
import { countOf, readOptions } from "../support/cli.ts";
import { type BenchClient, LIBRARIES } from "./libraries.ts";

const VALUE_BYTES = 64;
const KEYS = 10_000;
const US_PER_SECOND = 1e6;
const PARTS = 5;

export interface ProbeFigures {
  readonly operations: number;
  /** CPU time of this process an operation, in microseconds: the lowest of some equal parts. */
  readonly cpuUs: number;
  readonly operationsPerSecond: number;
  /** Mixes what was answered, so that nothing is left out. */
  readonly hash: number;
}

export interface ProbeResult {
  readonly get: ProbeFigures;
  readonly set: ProbeFigures;
}

/** Gives `size` commands, one by one, waits for all of them, and begins again. */
async function runTicks(
  size: number,
  ticks: number,
  send: (index: number) => Promise<unknown>,
): Promise<number> {
  let hash = 0;
  let index = 0;
  const promises: Promise<unknown>[] = new Array(size);
  for (let tick = 0; tick < ticks; tick++) {
    for (let i = 0; i < size; i++) promises[i] = send(index++);
    const replies = await Promise.all(promises);
    hash = (hash + String(replies[0]).length) | 0;
  }
  return hash;
}

async function measure(
  size: number,
  operations: number,
  send: (index: number) => Promise<unknown>,
): Promise<ProbeFigures> {
  const ticks = Math.max(1, Math.ceil(operations / size / PARTS));
  let hash = await runTicks(size, ticks, send);
  let cpuUs = Infinity;
  let best = 0;
  for (let part = 0; part < PARTS; part++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    hash = (hash + await runTicks(size, ticks, send)) | 0;
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    cpuUs = Math.min(cpuUs, (user + system) / (ticks * size));
    best = Math.max(best, ticks * size / seconds);
  }
  return { operations: ticks * size * PARTS, cpuUs, operationsPerSecond: best, hash };
}

/** Measures a client that is connected. @param size commands a tick */
export async function probe(
  client: BenchClient,
  size: number,
  operations: number,
): Promise<ProbeResult> {
  const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(12, "0")}`);
  const value = "v".repeat(VALUE_BYTES);
  const set = await measure(size, operations, (i) => client.set(keys[i % KEYS], value));
  const get = await measure(size, operations, (i) => client.get(keys[i % KEYS]));
  return { get, set };
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["library", "port", "tick", "n"]);
  const library = LIBRARIES.find(({ name }) => name === options.values.get("library"));
  if (library === undefined) throw new TypeError("--library names none of the clients");
  const client = await library.connect(countOf(options, "port", 6379));
  const n = countOf(options, "n", Math.round(US_PER_SECOND / 5));
  console.log(JSON.stringify(await probe(client, countOf(options, "tick", 16), n)));
  await client.close();
  process.exit(0);
}

if (import.meta.main) await main(process.argv.slice(2));
