/**
 * Access traces: recorded ones from files, and a generated one for where there are none.
 *
 * A file is gzipped text, one request a line: `key`, or `time key size`. Lines that are not whole numbers
 * are skipped. Keys become numbers from 0 on, in the order in which they come up.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createRandom } from "../../src/bytes/prng.ts";

const SUFFIX = ".trace.gz";
/** Values of traces that do not tell: their records fill blocks of 16 KiB, with an expiry and without. */
export const DEFAULT_VALUE_BYTES = 16_384 - 36;

export interface Trace {
  readonly name: string;
  /** Key of each request. */
  readonly keys: Int32Array;
  /** By key: length of its value in bytes. */
  readonly valueBytes: Int32Array;
}

/** @param limit requests to read at the most */
export function readTraces(folder: string, limit = Infinity): Trace[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(SUFFIX)).sort();
  return files.map((file) => {
    const text = gunzipSync(readFileSync(join(folder, file))).toString("latin1");
    return parseTrace(file.slice(0, -SUFFIX.length), text, limit);
  });
}

export function parseTrace(name: string, text: string, limit = Infinity): Trace {
  const numbers = new Map<string, number>();
  const keys: number[] = [], valueBytes: number[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (keys.length >= limit || !words.every((word) => /^\d+$/.test(word))) continue;
    const isSized = words.length >= 3;
    const word = words[isSized ? 1 : 0];
    let key = numbers.get(word);
    if (key === undefined) {
      key = numbers.size;
      numbers.set(word, key);
      valueBytes.push(isSized ? Number(words[2]) : DEFAULT_VALUE_BYTES);
    }
    keys.push(key);
  }
  return { name, keys: Int32Array.from(keys), valueBytes: Int32Array.from(valueBytes) };
}

/**
 * Requests whose keys are distributed as Zipf's law says, with scans between them: every tenth part of the
 * trace begins with a run of keys that are asked for once, every other request.
 */
export function generateTrace(requests: number, popularKeys: number, seed = 1): Trace {
  const random = createRandom([seed, 2, 3, 4]);
  const sums = new Float64Array(popularKeys);
  let sum = 0;
  for (let i = 0; i < popularKeys; i++) sums[i] = sum += 1 / (i + 1);
  const keys = new Int32Array(requests);
  const scanEvery = Math.ceil(requests / 10), scanLength = Math.ceil(popularKeys / 5);
  let nextScanned = popularKeys, scansLeft = 0;
  for (let i = 0; i < requests; i++) {
    if (i % scanEvery === 0) scansLeft = scanLength;
    if (scansLeft > 0 && random.below(2) === 0) {
      scansLeft--;
      keys[i] = nextScanned++;
    } else {
      keys[i] = indexIn(sums, (random.int32() >>> 0) / 2 ** 32 * sum);
    }
  }
  const valueBytes = new Int32Array(nextScanned).fill(DEFAULT_VALUE_BYTES);
  return { name: "zipf + scans", keys, valueBytes };
}

/** Index of the first sum above a value. */
function indexIn(sums: Float64Array, value: number): number {
  let low = 0, high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
