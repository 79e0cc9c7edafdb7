/**
 * Holds a number of collections of one kind, here or as JavaScript's own, and writes down what they take.
 *
 * Resident memory after collecting garbage, before and after; a twentieth of the load under other names,
 * deleted again, has touched what is touched only once.
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { createCache } from "../../mod.ts";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";

export const COLLECTION_KINDS = ["list", "integers", "set", "hash", "sorted-set"] as const;
export type CollectionKind = typeof COLLECTION_KINDS[number];
export const HOLDERS = ["cache", "javascript"] as const;
export type Holder = typeof HOLDERS[number];

export interface CollectionFigures {
  /** Of all collections together. */
  readonly elements: number;
  readonly bytes: number;
}

const COMMANDS: Readonly<Record<CollectionKind, string>> = {
  "list": "RPUSH",
  "integers": "SADD",
  "set": "SADD",
  "hash": "HSET",
  "sorted-set": "ZADD",
};
const CACHE_MEMORY = "1gb";
const COMMANDS_PER_BATCH = 1000;
const WARM_PARTS = 20;
/** log2 of the commands between two collections of garbage. */
const GARBAGE_SHIFT = 13;

/** Seven digits as a string of its own. */
function digits(i: number): string {
  return String(10_000_000 + i).slice(1);
}

function argumentsFor(kind: CollectionKind, i: number): string[] {
  switch (kind) {
    case "list":
    case "set":
      return [`member:${digits(i)}`];
    case "integers":
      return [String(i * 3)];
    case "hash":
      return [`field:${digits(i)}`, `value:${digits(i)}`];
    case "sorted-set":
      return [String((i * 7919) % 1_000_000), `member:${digits(i)}`];
  }
}

/** What a TypeScript author would write. */
function collectionOf(kind: CollectionKind, count: number): unknown {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const parts = (i: number): string[] => argumentsFor(kind, i);
  switch (kind) {
    case "list":
      return numbers.map((i) => parts(i)[0]);
    case "integers":
      return new Set(numbers.map((i) => i * 3));
    case "set":
      return new Set(numbers.map((i) => parts(i)[0]));
    case "hash":
      return new Map(numbers.map((i) => parts(i) as [string, string]));
    case "sorted-set": {
      const scores = new Map(numbers.map((i) => [parts(i)[1], Number(parts(i)[0])] as const));
      const sorted = [...scores].sort((a, b) => a[1] - b[1]).map(([member]) => member);
      return { scores, sorted };
    }
  }
}

interface Collector {
  readonly Bun?: { gc(isSynchronous: boolean): void };
  readonly gc?: () => void;
}

function collectGarbage(): void {
  const { Bun, gc } = globalThis as Collector;
  Bun?.gc(true);
  gc?.();
}

/** Resident memory when the garbage is gone, in bytes. */
async function residentBytes(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().rss;
}

/** What is made and dropped again before anything is measured. */
function warmingOf(count: number, copies: number): { count: number; copies: number } {
  const total = Math.ceil(count * copies / WARM_PARTS);
  const warmCount = Math.min(count, total);
  return { count: warmCount, copies: Math.ceil(total / warmCount) };
}

async function measureCache(
  kind: CollectionKind,
  count: number,
  copies: number,
): Promise<CollectionFigures> {
  using cache = createCache({ maxmemory: CACHE_MEMORY });
  let added = 0;
  const fill = (key: string, count: number): void => {
    for (let i = 0; i < count; i += COMMANDS_PER_BATCH) {
      const length = Math.min(COMMANDS_PER_BATCH, count - i);
      cache.batch(
        Array.from({ length }, (_, at) => [COMMANDS[kind], key, ...argumentsFor(kind, i + at)]),
      );
      // The garbage of the loading must not make the heap grow.
      const before = added;
      added += length;
      if (added >> GARBAGE_SHIFT !== before >> GARBAGE_SHIFT) collectGarbage();
    }
  };
  const warm = warmingOf(count, copies);
  for (let i = 0; i < warm.copies; i++) fill(`warm:${i}`, warm.count);
  for (let i = 0; i < warm.copies; i++) cache.batch([["DEL", `warm:${i}`]]);
  const before = await residentBytes();
  for (let i = 0; i < copies; i++) fill(`collection:${digits(i)}`, count);
  return { elements: count * copies, bytes: await residentBytes() - before };
}

async function measureJavaScript(
  kind: CollectionKind,
  count: number,
  copies: number,
): Promise<CollectionFigures> {
  const warm = warmingOf(count, copies);
  for (let i = 0; i < warm.copies; i++) collectionOf(kind, warm.count);
  const before = await residentBytes();
  const held = new Map<string, unknown>();
  for (let i = 0; i < copies; i++) held.set(`collection:${digits(i)}`, collectionOf(kind, count));
  const bytes = await residentBytes() - before;
  if (held.size !== copies) throw new Error("a collection is missing");
  return { elements: count * copies, bytes };
}

if (import.meta.main) {
  const options = readOptions(process.argv.slice(2), ["kind", "holder", "count", "copies", "out"]);
  const [kind] = choiceOf(options, "kind", COLLECTION_KINDS);
  const [holder] = choiceOf(options, "holder", HOLDERS);
  const count = countOf(options, "count", 10);
  const copies = countOf(options, "copies", 1000);
  const measure = holder === "cache" ? measureCache : measureJavaScript;
  writeFileSync(options.values.get("out")!, JSON.stringify(await measure(kind, count, copies)));
}
