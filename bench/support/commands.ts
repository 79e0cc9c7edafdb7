/**
 * Pipelines of one kind of command as bytes, whose keys can be changed in place.
 *
 * Keys are those of redis-benchmark: `key:` or `counter:` and twelve digits.
 */

export type CommandKind = "PING" | "GET" | "SET" | "INCR" | "MSET";

/** Keys of one MSET, as in redis-benchmark. */
export const MSET_KEYS = 10;
const DIGITS = 12;
const ZERO = 48;
const PLACEHOLDER = "#".repeat(DIGITS);

const encoder = new TextEncoder();

export interface Pipeline {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Offsets of the digits of every key, in order. */
  readonly keyAt: Int32Array;
  /** Number of commands. */
  readonly depth: number;
}

/** A command as an array of bulk strings. */
export function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${
    words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`).join("")
  }`;
}

function wordsOf(kind: CommandKind, value: string, prefix: string): string[] {
  const key = prefix + PLACEHOLDER;
  switch (kind) {
    case "PING":
      return ["PING"];
    case "GET":
    case "INCR":
      return [kind, key];
    case "SET":
      return [kind, key, value];
    case "MSET":
      return [kind, ...Array.from({ length: MSET_KEYS }, () => [key, value]).flat()];
  }
}

/**
 * @param depth number of commands, all alike
 * @param value of SET and MSET
 */
export function makePipeline(
  kind: CommandKind,
  depth: number,
  value: string,
  prefix = kind === "INCR" ? "counter:" : "key:",
): Pipeline {
  const text = encodeCommand(wordsOf(kind, value, prefix)).repeat(depth);
  const keyAt: number[] = [];
  for (let at = text.indexOf(PLACEHOLDER); at >= 0; at = text.indexOf(PLACEHOLDER, at + DIGITS)) {
    keyAt.push(at);
  }
  const pipeline = { bytes: encoder.encode(text), keyAt: Int32Array.from(keyAt), depth };
  for (const at of pipeline.keyAt) writeDigits(pipeline.bytes, at, 0);
  return pipeline;
}

/** Writes a key's number over its twelve digits. */
export function writeDigits(bytes: Uint8Array, at: number, number: number): void {
  let rest = number;
  for (let i = at + DIGITS - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    bytes[i] = ZERO + rest - next * 10;
    rest = next;
  }
}

/** Numbers the keys of a pipeline one after the other. @param distinct the number at which it begins anew */
export function numberKeys(pipeline: Pipeline, first: number, distinct = Infinity): void {
  const { bytes, keyAt } = pipeline;
  for (let i = 0; i < keyAt.length; i++) writeDigits(bytes, keyAt[i], (first + i) % distinct);
}

/** Gives every key of a pipeline a number from 0 to `count - 1`. @param below random number below its argument */
export function scatterKeys(
  pipeline: Pipeline,
  count: number,
  below: (limit: number) => number,
): void {
  const { bytes, keyAt } = pipeline;
  for (let i = 0; i < keyAt.length; i++) writeDigits(bytes, keyAt[i], below(count));
}
