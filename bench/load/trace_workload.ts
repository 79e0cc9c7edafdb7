/** Replays a trace over the wire: GET each key in order, SET it when it was not there. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseTrace, type Trace } from "../traces/trace.ts";
import type { BatchPlan, CommandShape } from "./plan.ts";
import type { SetShapes, Workload } from "./workload.ts";

const GZIP_MAGIC = 0x1f;
const SUFFIX = /\.trace(\.gz)?$/;

/** @param path of a trace, gzipped or not. @throws TypeError when it can't be read or is empty */
export function readTrace(path: string): Trace {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new TypeError(`--trace: ${error instanceof Error ? error.message : String(error)}`);
  }
  const text = bytes[0] === GZIP_MAGIC ? gunzipSync(bytes) : bytes;
  const name = basename(path).replace(SUFFIX, "");
  const trace = parseTrace(name, new TextDecoder("latin1").decode(text));
  if (trace.keys.length === 0) throw new TypeError(`--trace: there is no request in ${path}`);
  return trace;
}

/** Each GET counts as a request, and each SET. */
export class TraceWorkload implements Workload {
  readonly name: string;
  readonly shapes: readonly CommandShape[];
  readonly isUniform = false;
  readonly #trace: Trace;
  readonly #sets: SetShapes;
  readonly #get: number;
  #next = 0;
  /** By connection: keys that were not there. */
  readonly #missing: number[][] = [];

  constructor(trace: Trace, sets: SetShapes) {
    this.name = `trace ${trace.name}`;
    this.#trace = trace;
    this.#sets = sets;
    this.#get = sets.shapes.length;
    this.shapes = [...sets.shapes, { words: ["GET", "key:__rand_int__"] }];
  }

  fill(plan: BatchPlan, connection: number): void {
    const missing = this.#missing[connection] ??= [];
    const { keys, valueBytes } = this.#trace;
    while (plan.count < plan.capacity && missing.length > 0) {
      const key = missing.pop() ?? 0;
      plan.add(this.#sets.next(), valueBytes[key]);
      plan.addNumber(key);
    }
    while (plan.count < plan.capacity && this.#next < keys.length) {
      plan.add(this.#get, 0);
      plan.addNumber(keys[this.#next++]);
    }
  }

  missed(plan: BatchPlan, places: Int32Array, count: number, connection: number): void {
    for (let i = 0; i < count; i++) this.#missing[connection].push(plan.numbers[places[i]]);
  }
}
