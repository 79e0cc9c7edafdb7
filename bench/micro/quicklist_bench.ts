/**
 * Quicklist against an array of strings and an array of arrays of 128, with elements of 12 bytes.
 *
 * Strings are cut out of a larger one, as a decoder would make them. Lists have 10 to 1M elements, made
 * once for each length; a size above that is spread over several passes.
 */
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { pop, push } from "../../src/structs/quicklist.ts";
import { QuicklistCursor } from "../../src/structs/quicklist_cursor.ts";
import { createHeader, type List } from "../../src/structs/quicklist_header.ts";
import { quicklist } from "../../src/structs/quicklist_structure.ts";
import type { Bench } from "../support/bench.ts";

const COUNTS: readonly number[] = [10, 1000, 100_000, 1_000_000];
const ARENA_BYTES = 64 * 1024 * 1024;
const ELEMENT_BYTES = 12;
const FILL = -2;
const CHUNK = 128;
const RANGE = 100;
const TEXT = "0123456789abcdefghijklmnopqrstuvwxyz";

const source = makeRegion(TEXT.length);
new TextEncoder().encodeInto(TEXT, source.bytes);

let arena: Arena | undefined;

function emptyArena(): Arena {
  arena ??= new Arena(ARENA_BYTES, new MemoryAccount());
  return arena;
}

function offsetOf(i: number): number {
  return i % (TEXT.length - ELEMENT_BYTES);
}

function textOf(i: number): string {
  return TEXT.slice(offsetOf(i), offsetOf(i) + ELEMENT_BYTES);
}

function discard(into: Arena, list: List): void {
  while (!quicklist.free(into, list, 1000));
}

/** Pushes up to `count` elements, then pops them again, until `size` were pushed. */
function pushBenches(count: number): Bench[] {
  const quick = (isInFront: boolean, isQueue: boolean) => (size: number): number => {
    const into = emptyArena();
    const list = createHeader(into, FILL, 0);
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const some = Math.min(count, size - done);
      for (let i = 0; i < some; i++) {
        push(into, list, source, offsetOf(i), ELEMENT_BYTES, isInFront);
      }
      for (let i = 0; i < some; i++) if (pop(into, list, isInFront !== isQueue)) sum++;
    }
    discard(into, list);
    return sum;
  };
  const benches: Bench[] = [
    { name: `quicklist of up to ${count}: push in front, pop in front`, run: quick(true, false) },
    { name: `quicklist of up to ${count}: push behind, pop behind`, run: quick(false, false) },
    { name: `quicklist of up to ${count}: push behind, pop in front`, run: quick(false, true) },
    { name: `array of up to ${count}: push, pop`, run: pushAndPop(count) },
    { name: `array of arrays, up to ${count}: push, shift`, run: pushAndShiftChunks(count) },
  ];
  // From here on, unshift moves everything each time: minutes, where the others take a second.
  if (count <= 1000) {
    benches.push({ name: `array of up to ${count}: unshift, shift`, run: unshiftAndShift(count) });
  }
  return benches;
}

function pushAndPop(count: number): (size: number) => number {
  return (size) => {
    const list: string[] = [];
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const some = Math.min(count, size - done);
      for (let i = 0; i < some; i++) list.push(textOf(i));
      for (let i = 0; i < some; i++) sum += list.pop()!.length;
    }
    return sum;
  };
}

function unshiftAndShift(count: number): (size: number) => number {
  return (size) => {
    const list: string[] = [];
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const some = Math.min(count, size - done);
      for (let i = 0; i < some; i++) list.unshift(textOf(i));
      for (let i = 0; i < some; i++) sum += list.shift()!.length;
    }
    return sum;
  };
}

function pushAndShiftChunks(count: number): (size: number) => number {
  return (size) => {
    const list: string[][] = [];
    let sum = 0;
    for (let done = 0; done < size; done += count) {
      const some = Math.min(count, size - done);
      for (let i = 0; i < some; i++) {
        const last = list[list.length - 1];
        if (last === undefined || last.length === CHUNK) list.push([textOf(i)]);
        else last.push(textOf(i));
      }
      for (let i = 0; i < some; i++) {
        const first = list[0];
        sum += first.shift()!.length;
        if (first.length === 0) list.shift();
      }
    }
    return sum;
  };
}

/** Lists that are only read, by their lengths. */
const made = new Map<number, { into: Arena; list: List; texts: readonly string[] }>();

function listOf(count: number) {
  const known = made.get(count);
  if (known !== undefined) return known;
  const into = new Arena(ARENA_BYTES / 8, new MemoryAccount());
  const list = createHeader(into, FILL, 0);
  for (let i = 0; i < count; i++) push(into, list, source, offsetOf(i), ELEMENT_BYTES, false);
  const fresh = { into, list, texts: Array.from({ length: count }, (_, i) => textOf(i)) };
  made.set(count, fresh);
  return fresh;
}

/** Reads ranges of RANGE elements from the middle. */
function rangeBenches(count: number): Bench[] {
  const cursor = new QuicklistCursor();
  const start = count >> 1;
  const length = Math.min(RANGE, count - start);
  return [
    {
      name: `quicklist of ${count}: read ${length} from the middle, for each element`,
      run(size) {
        const { into, list } = listOf(count);
        let sum = 0;
        for (let done = 0; done < size; done += length) {
          cursor.seek(into, list, start);
          for (let i = 1; i < length; i++) {
            sum ^= cursor.p;
            cursor.next();
          }
        }
        return sum;
      },
    },
    {
      name: `array of ${count}: read ${length} from the middle, for each element`,
      run(size) {
        const { texts } = listOf(count);
        let sum = 0;
        for (let done = 0; done < size; done += length) {
          for (const text of texts.slice(start, start + length)) sum ^= text.length;
        }
        return sum;
      },
    },
  ];
}

export const quicklistBenches: readonly Bench[] = [
  ...COUNTS.flatMap(pushBenches),
  ...COUNTS.slice(0, 3).flatMap(rangeBenches),
];
