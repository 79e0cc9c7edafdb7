/**
 * Streams against an array of entries, which is what one would write without them: appending, reading a
 * range of ten, finding an entry by its id, dropping the oldest ones.
 *
 * An entry has one field; the array holds objects of an id as text and of an array of strings, made from
 * bytes as a decoder would make them. Memory: `bytesOfStream` and `bytesOfArray` below.
 */
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { appendEntry, type EntrySource } from "../../src/structs/stream_append.ts";
import { StreamCursor } from "../../src/structs/stream_cursor.ts";
import { KEEP_REFERENCES, trimStream } from "../../src/structs/stream_delete.ts";
import { createStream } from "../../src/structs/stream_header.ts";
import { setId } from "../../src/structs/stream_id.ts";
import type { Bench } from "../support/bench.ts";

const ARENA_BYTES = 256 * 1024 * 1024;
/** The longest stream; more entries go to the next one. */
const ENTRIES = 1_000_000;
const FIRST_MS = 1_700_000_000_000;
const NODE_BYTES = 4096;
const NODE_ENTRIES = 100;
const RANGE = 10;
const CAP = 1000;
const TEXT = "myfielddata";
const FIELD_BYTES = 7;

const input = makeRegion(TEXT.length);
new TextEncoder().encodeInto(TEXT, input.bytes);
const source: EntrySource = {
  input,
  offsets: Int32Array.of(0, FIELD_BYTES),
  lengths: Int32Array.of(FIELD_BYTES, TEXT.length - FIELD_BYTES),
  first: 0,
  fieldCount: 1,
};
const decoder = new TextDecoder();

interface Entry {
  readonly id: string;
  readonly fields: readonly string[];
}

const id = new Int32Array(4);
const to = new Int32Array(4).fill(-1);
const cursor = new StreamCursor();

function append(arena: Arena, stream: number, i: number): boolean {
  setId(id, 0, FIRST_MS + i, 0);
  return appendEntry(arena, stream, id, 0, source, NODE_BYTES, NODE_ENTRIES);
}

function entryOf(i: number): Entry {
  const fields = [
    decoder.decode(input.bytes.subarray(0, FIELD_BYTES)),
    decoder.decode(input.bytes.subarray(FIELD_BYTES, TEXT.length)),
  ];
  return { id: `${FIRST_MS + i}-0`, fields };
}

const scratchArena = new Arena(ARENA_BYTES, new MemoryAccount());

function once<T>(make: (count: number) => T): (size: number) => T {
  const made = new Map<number, T>();
  return (size) => {
    const count = Math.min(size, ENTRIES);
    const known = made.get(count) ?? make(count);
    made.set(count, known);
    return known;
  };
}

const filledStream = once((count) => {
  const arena = new Arena(ARENA_BYTES, new MemoryAccount());
  const stream = createStream(arena);
  for (let i = 0; i < count; i++) append(arena, stream, i);
  return { arena, stream, count };
});
const filledArray = once((count) => Array.from({ length: count }, (_, i) => entryOf(i)));

/** Where an id is, or belongs; as ids of one length are ordered like their texts. */
function positionOf(entries: readonly Entry[], text: string): number {
  let low = 0, high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle].id < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const streamBenches: readonly Bench[] = [{
  name: "stream: append, growing from nothing",
  run(size) {
    let sum = 0;
    for (let done = 0; done < size; done += ENTRIES) {
      scratchArena.reset();
      const stream = createStream(scratchArena);
      const end = Math.min(ENTRIES, size - done);
      for (let i = 0; i < end; i++) append(scratchArena, stream, i);
      sum += stream;
    }
    return sum;
  },
}, {
  name: "array of objects: append, growing from nothing",
  run(size) {
    let sum = 0;
    for (let done = 0; done < size; done += ENTRIES) {
      const entries: Entry[] = [];
      const end = Math.min(ENTRIES, size - done);
      for (let i = 0; i < end; i++) entries.push(entryOf(i));
      sum += entries.length;
    }
    return sum;
  },
}, {
  name: `stream: append, cut to ${CAP} entries about as often as MAXLEN ~ does`,
  run(size) {
    scratchArena.reset();
    const stream = createStream(scratchArena);
    const trimming = {
      maxLength: CAP,
      minId: new Int32Array(4),
      isApproximate: true,
      limit: 0,
      references: KEEP_REFERENCES,
    };
    let sum = 0;
    for (let i = 0; i < size; i++) {
      append(scratchArena, stream, i);
      sum += trimStream(scratchArena, stream, trimming);
    }
    return sum;
  },
}, {
  name: `array of objects: append, cut to ${CAP} entries by splice()`,
  run(size) {
    const entries: Entry[] = [];
    for (let i = 0; i < size; i++) {
      entries.push(entryOf(i));
      if (entries.length >= CAP + NODE_ENTRIES) entries.splice(0, NODE_ENTRIES);
    }
    return entries.length;
  },
}, {
  name: `stream: read ${RANGE} entries from a random id on`,
  run(size) {
    const { arena, stream, count } = filledStream(size);
    const random = createRandom([1, 2, 3, 4]);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      setId(id, 0, FIRST_MS + random.below(count), 0);
      cursor.open(arena, stream, id, 0, to, 0, false);
      for (let k = 0; k < RANGE && cursor.next(); k++) {
        cursor.nextField();
        sum ^= cursor.valueAt ^ cursor.id[1];
      }
    }
    return sum;
  },
}, {
  name: `array of objects: read ${RANGE} entries from a random id on`,
  run(size) {
    const entries = filledArray(size);
    const random = createRandom([1, 2, 3, 4]);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const start = positionOf(entries, `${FIRST_MS + random.below(entries.length)}-0`);
      const end = Math.min(entries.length, start + RANGE);
      for (let k = start; k < end; k++) sum += entries[k].fields[1].length;
    }
    return sum;
  },
}];

/** Bytes of a stream of so many entries. */
export function bytesOfStream(count: number): number {
  const account = new MemoryAccount();
  const arena = new Arena(ARENA_BYTES, account);
  const stream = createStream(arena);
  for (let i = 0; i < count; i++) append(arena, stream, i);
  return account.liveBytes;
}
