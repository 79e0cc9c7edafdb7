/** Replays traces through the engine: GET each key in order, SET it on a miss, count the hits. */
import { recordSize } from "../../src/memory/record.ts";
import { CLASS_SIZES, PAGE_BYTES, sizeClassOf } from "../../src/memory/size_classes.ts";
import type { MaxmemoryPolicy } from "../../src/ports/settings.ts";
import { StringStore } from "../support/string_store.ts";
import type { Trace } from "./trace.ts";

const KEY_BYTES = 16;
/** Longest value that is kept in one block. */
const INLINE_BYTES = 31 * 1024;
/** Share of maxmemory that records and indexes may take (src/engine/engine.ts). */
const LIVE_SHARE = 15 / 16;
/** Keys that one segment of an index holds on average. */
const KEYS_PER_SEGMENT = 4500;
/** So long that nothing expires meanwhile: what was set first would expire first. */
const TTL_MS = 24 * 60 * 60 * 1000;

/** Memory of a key with a value of this length, in bytes. */
export function footprint(valueBytes: number, expires = false): number {
  const inline = valueBytes <= INLINE_BYTES;
  const record = recordSize(KEY_BYTES, inline ? valueBytes : 8, expires);
  const block = CLASS_SIZES[sizeClassOf(record)];
  if (inline) return block;
  const tail = valueBytes % PAGE_BYTES;
  const tailBlock = tail === 0 ? 0 : CLASS_SIZES[sizeClassOf(tail)];
  return block + valueBytes - tail + tailBlock;
}

/** By key: its memory in bytes. */
export function footprints(trace: Trace): Float64Array {
  return Float64Array.from(trace.valueBytes, (bytes) => footprint(bytes));
}

/**
 * @param capacity what the records may take together, in bytes
 * @param seed of the engine's random numbers
 * @returns the hits
 */
export function replay(trace: Trace, policy: MaxmemoryPolicy, capacity: number, seed = 1): number {
  const { keys, valueBytes } = trace;
  const share = capacity / footprints(trace).reduce((sum, bytes) => sum + bytes, 0);
  const segments = Math.ceil(share * valueBytes.length / KEYS_PER_SEGMENT);
  const expires = policy.startsWith("volatile-");
  const listPages = expires ? 1 + Math.ceil(share * valueBytes.length / 16384) : 0;
  const overhead = (segments + listPages) * PAGE_BYTES;
  const store = new StringStore({
    maxmemory: Math.ceil((capacity + overhead) / LIVE_SHARE),
    policy,
    maxValueBytes: valueBytes.reduce((most, bytes) => Math.max(most, bytes), 0),
    seed,
  });
  let hits = 0;
  for (const key of keys) {
    store.clock.advance(1);
    store.beginBatch();
    if (store.get(key)) hits++;
    else store.set(key, valueBytes[key], expires ? store.clock.nowMs() + TTL_MS : 0);
  }
  return hits;
}
