/** Blobs against copies in a Uint8Array of their own: making and dropping, comparing, copying out. */
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { blobCompare, blobCreate, blobEquals, blobFree, blobRead } from "../../src/structs/blob.ts";
import type { Bench } from "../support/bench.ts";

const LENGTHS: readonly number[] = [16, 100, 1000, 4000];
const ARENA_BYTES = 8 * 1024 * 1024;
/** Blobs that are there at a time. */
const LIVE = 16;

let made: Arena | undefined;

function arenaOf(): Arena {
  made ??= new Arena(ARENA_BYTES, new MemoryAccount());
  made.reset();
  return made;
}

function sourceOf(length: number) {
  const region = makeRegion(length);
  for (let i = 0; i < length; i++) region.bytes[i] = i * 7;
  return region;
}

function benchesOf(length: number): Bench[] {
  const source = sourceOf(length), target = makeRegion(length);
  return [
    {
      name: `blob of ${length} bytes: make, and free an older one`,
      run(size) {
        const arena = arenaOf();
        const live = Array.from({ length: LIVE }, () => blobCreate(arena, source, 0, length));
        for (let i = 0; i < size; i++) {
          blobFree(arena, live[i % LIVE]);
          live[i % LIVE] = blobCreate(arena, source, 0, length);
        }
        return live[0];
      },
    },
    {
      name: `Uint8Array of ${length} bytes: make, and drop an older one`,
      run(size) {
        const live = Array.from({ length: LIVE }, () => source.bytes.slice(0, length));
        for (let i = 0; i < size; i++) live[i % LIVE] = source.bytes.slice(0, length);
        return live[0].length;
      },
    },
    {
      name: `blob of ${length} bytes: compare`,
      run(size) {
        const arena = arenaOf();
        const blob = blobCreate(arena, source, 0, length);
        let sum = 0;
        for (let i = 0; i < size; i++) {
          if (blobEquals(arena, blob, source, 0, length)) sum++;
          sum += blobCompare(arena, blob, source, 0, length);
        }
        return sum;
      },
    },
    {
      name: `blob of ${length} bytes: copy out`,
      run(size) {
        const arena = arenaOf();
        const blob = blobCreate(arena, source, 0, length);
        for (let i = 0; i < size; i++) blobRead(arena, blob, target, 0);
        return target.bytes[length - 1];
      },
    },
  ];
}

export const blobBenches: readonly Bench[] = LENGTHS.flatMap(benchesOf);
