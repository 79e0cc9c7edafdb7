/** What is sent, command by command: fixed tests, mixes, and values of drawn length and expiry. */
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { below, randomOf } from "./distributions.ts";
import { type BatchPlan, type CommandShape, countNumbers, DATA_WORD } from "./plan.ts";
import type { SizeMix, TtlRange } from "./result.ts";

const KEY = "key:__rand_int__";
/** Different expiries, spread over the range. */
const TTL_STEPS = 64;

/** Purposes of random numbers. */
export const FOR_KEYS = 1;
export const FOR_CHOICE = 2;
const FOR_SIZES = 3;
const FOR_TTL = 4;

export interface Workload {
  readonly name: string;
  /** All commands that may come up. */
  readonly shapes: readonly CommandShape[];
  /** Whether every pipeline is the same but for the numbers. */
  readonly isUniform: boolean;
  /** Commands in all; none where it goes on for ever. */
  readonly total?: number;
  /** Puts the next commands of a connection into the plan; none when it is over. */
  fill(plan: BatchPlan, connection: number): void;
  /** Takes the commands that were answered with null, as places in the plan that was sent. */
  missed?(plan: BatchPlan, places: Int32Array, count: number, connection: number): void;
}

/** Draws the lengths of values. */
export class ValueSizes {
  readonly #random: Xoshiro128;
  readonly #bytes: readonly number[];
  readonly #sums: readonly number[];
  readonly #total: number;

  constructor(valueBytes: number, mix: SizeMix | undefined, seed: number) {
    this.#random = randomOf(seed, FOR_SIZES);
    const used = mix ?? [{ bytes: valueBytes, weight: 1 }];
    this.#bytes = used.map(({ bytes }) => bytes);
    let total = 0;
    this.#sums = used.map(({ weight }) => total += weight);
    this.#total = total;
  }

  get isFixed(): boolean {
    return this.#bytes.length === 1;
  }

  next(): number {
    if (this.#bytes.length === 1) return this.#bytes[0];
    const drawn = (this.#random.int32() >>> 0) / 2 ** 32 * this.#total;
    let i = 0;
    while (i < this.#sums.length - 1 && this.#sums[i] <= drawn) i++;
    return this.#bytes[i];
  }
}

/** The shapes of SET: one, or one for each expiry. */
export class SetShapes {
  readonly shapes: readonly CommandShape[];
  readonly #random: Xoshiro128;

  constructor(ttl: TtlRange | undefined, seed: number) {
    this.#random = randomOf(seed, FOR_TTL);
    const words = ["SET", KEY, DATA_WORD];
    this.shapes = ttl === undefined
      ? [{ words }]
      : expiriesOf(ttl).map((ms) => ({ words: [...words, "PX", String(ms)] }));
  }

  /** Which of them comes next. */
  next(): number {
    return this.shapes.length === 1 ? 0 : this.#random.below(this.shapes.length);
  }
}

function expiriesOf({ leastMs, mostMs }: TtlRange): number[] {
  const span = mostMs - leastMs;
  const all = Array.from(
    { length: TTL_STEPS },
    (_, i) => Math.max(1, Math.round(leastMs + span * i / (TTL_STEPS - 1))),
  );
  return [...new Set(all)];
}

export interface WorkloadOptions {
  readonly seed: number;
  /** 0 = one key. */
  readonly keyspace: number;
  readonly sizes: ValueSizes;
}

/** One command over and over, with random numbers. */
export function repeated(
  name: string,
  shape: CommandShape,
  { seed, keyspace, sizes }: WorkloadOptions,
): Workload {
  const numbers = keyspace === 0 ? 0 : countNumbers(shape);
  const random = randomOf(seed, FOR_KEYS);
  return {
    name,
    shapes: [shape],
    isUniform: sizes.isFixed || !shape.words.includes(DATA_WORD),
    fill(plan) {
      for (let i = 0; i < plan.capacity; i++) {
        plan.add(0, sizes.next());
        for (let n = 0; n < numbers; n++) plan.addNumber(below(random, keyspace));
      }
    },
  };
}

/** SETs, each with the expiry that comes up. @param share of the commands that are SETs; the others are GETs */
export function setsAndGets(
  name: string,
  sets: SetShapes,
  share: number,
  { seed, keyspace, sizes }: WorkloadOptions,
): Workload {
  const random = randomOf(seed, FOR_KEYS), choice = randomOf(seed, FOR_CHOICE);
  const get = sets.shapes.length;
  const limit = share * 2 ** 32;
  return {
    name,
    shapes: [...sets.shapes, { words: ["GET", KEY] }],
    isUniform: false,
    fill(plan) {
      for (let i = 0; i < plan.capacity; i++) {
        const isSet = (choice.int32() >>> 0) < limit;
        plan.add(isSet ? sets.next() : get, isSet ? sizes.next() : 0);
        plan.addNumber(keyspace === 0 ? 0 : below(random, keyspace));
      }
    },
  };
}

/** SETs of every key, in order. */
export function loading(
  name: string,
  sets: SetShapes,
  { keyspace, sizes }: WorkloadOptions,
): Workload {
  let next = 0;
  return {
    name,
    shapes: sets.shapes,
    isUniform: false,
    total: keyspace,
    fill(plan) {
      for (let i = 0; i < plan.capacity && next < keyspace; i++) {
        plan.add(sets.next(), sizes.next());
        plan.addNumber(next++);
      }
    },
  };
}
