/**
 * The core workloads of YCSB on keys and strings.
 *
 *   A  50 % read, 50 % update            D  95 % read of what is new, 5 % insert
 *   B  95 % read,  5 % update            E  95 % scan, 5 % insert
 *   C  read only                         F  50 % read, 50 % read and then write
 *
 * Read is GET, update and insert are SET, read and then write is a GET and a SET of the same key in a row and
 * counts as two requests. A scan of n records is an MGET of n keys that follow each other, as the keys of all
 * records are numbered without gaps; n is drawn evenly from 1 to 100. Popular keys are spread over the
 * keyspace; in D the newest are the most popular.
 */
import { randomOf, scramble, unit, Zipf } from "./distributions.ts";
import type { BatchPlan, CommandShape } from "./plan.ts";
import type { YcsbName } from "./result.ts";
import {
  FOR_CHOICE,
  FOR_KEYS,
  type SetShapes,
  type Workload,
  type WorkloadOptions,
} from "./workload.ts";

export const SCAN_MOST = 100;
const FOR_SCANS = 5;
const KEY = "key:__rand_int__";

interface Mix {
  /** Shares of reads or scans; the rest writes. */
  readonly reads: number;
  readonly write: "update" | "insert" | "read and write";
  readonly isScan?: boolean;
  readonly isLatest?: boolean;
}

const MIXES: Readonly<Record<YcsbName, Mix>> = {
  a: { reads: 0.5, write: "update" },
  b: { reads: 0.95, write: "update" },
  c: { reads: 1, write: "update" },
  d: { reads: 0.95, write: "insert", isLatest: true },
  e: { reads: 0.95, write: "insert", isScan: true },
  f: { reads: 0.5, write: "read and write" },
};

export const YCSB_NAMES: readonly YcsbName[] = ["a", "b", "c", "d", "e", "f"];

/** @param options with the number of records that are there as keyspace */
export function ycsb(name: YcsbName, sets: SetShapes, options: WorkloadOptions): Workload {
  return new Ycsb(name, sets, options);
}

class Ycsb implements Workload {
  readonly name: string;
  readonly shapes: readonly CommandShape[];
  readonly isUniform = false;
  readonly #mix: Mix;
  readonly #sets: SetShapes;
  readonly #options: WorkloadOptions;
  readonly #zipf: Zipf;
  readonly #choice;
  readonly #scans;
  /** Number of the shape of GET; those of MGET follow it. */
  readonly #get: number;
  #records: number;
  /** By connection: the key whose SET did not fit behind its GET, or -1. */
  readonly #owed: number[] = [];

  constructor(name: YcsbName, sets: SetShapes, options: WorkloadOptions) {
    this.name = `ycsb ${name}`;
    this.#mix = MIXES[name];
    this.#sets = sets;
    this.#options = options;
    this.#records = options.keyspace;
    this.#zipf = new Zipf(randomOf(options.seed, FOR_KEYS), options.keyspace);
    this.#choice = randomOf(options.seed, FOR_CHOICE);
    this.#scans = randomOf(options.seed, FOR_SCANS);
    this.#get = sets.shapes.length;
    const scans = this.#mix.isScan === true ? SCAN_MOST : 0;
    this.shapes = [
      ...sets.shapes,
      { words: ["GET", KEY] },
      ...Array.from({ length: scans }, (_, i) => ({ words: ["MGET", ...Array(i + 1).fill(KEY)] })),
    ];
  }

  fill(plan: BatchPlan, connection: number): void {
    const { write, isScan } = this.#mix;
    const owed = this.#owed[connection] ?? -1;
    if (owed >= 0) this.#write(plan, owed);
    this.#owed[connection] = -1;
    while (plan.count < plan.capacity) {
      if (unit(this.#choice) < this.#mix.reads) {
        if (isScan === true) this.#scan(plan);
        else this.#read(plan, this.#pick());
      } else if (write === "insert") {
        this.#write(plan, this.#records++);
      } else {
        const key = this.#pick();
        if (write === "read and write") this.#read(plan, key);
        if (plan.count < plan.capacity) this.#write(plan, key);
        else this.#owed[connection] = key;
      }
    }
  }

  #pick(): number {
    if (this.#mix.isLatest !== true) {
      return scramble(this.#zipf.next(), this.#options.keyspace);
    }
    this.#zipf.grow(this.#records);
    return this.#records - 1 - this.#zipf.next();
  }

  #read(plan: BatchPlan, key: number): void {
    plan.add(this.#get, 0);
    plan.addNumber(key);
  }

  #write(plan: BatchPlan, key: number): void {
    plan.add(this.#sets.next(), this.#options.sizes.next());
    plan.addNumber(key);
  }

  #scan(plan: BatchPlan): void {
    const count = Math.min(1 + this.#scans.below(SCAN_MOST), this.#records);
    const first = Math.min(this.#pick(), this.#records - count);
    plan.add(this.#get + count, 0);
    for (let i = 0; i < count; i++) plan.addNumber(first + i);
  }
}
