/** The arena: blocks allocated and freed, in order and at random, and whole pages. */
import { createRandom } from "../../src/bytes/prng.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { CLASS_SIZES, sizeClassOf } from "../../src/memory/size_classes.ts";
import type { Bench } from "../support/bench.ts";

const ARENA_BYTES = 512 * 1024 * 1024;
/** Blocks that are in use at a time where they come and go. */
const LIVE_BLOCKS = 100_000;
const RECORD_BYTES: readonly number[] = [32, 96, 1000];

const arenas = new Map<string, Arena>();

function arenaFor(name: string): Arena {
  const known = arenas.get(name);
  if (known !== undefined) return known;
  const arena = new Arena(ARENA_BYTES, new MemoryAccount());
  arenas.set(name, arena);
  return arena;
}

function fillBench(bytes: number): Bench {
  const sizeClass = sizeClassOf(bytes);
  const name = `allocate blocks of ${bytes} bytes and write their first word`;
  return {
    name,
    run(size) {
      const arena = arenaFor("fill");
      arena.reset();
      const limit = Math.floor(ARENA_BYTES / CLASS_SIZES[sizeClass] * 0.9);
      let sum = 0;
      for (let i = 0; i < size; i++) {
        if (i % limit === limit - 1) arena.reset();
        const unit = arena.allocate(sizeClass);
        arena.words[unit << 1] = i;
        sum ^= unit;
      }
      return sum;
    },
  };
}

/** Replaces random blocks, of one size or of many. */
function churnBench(name: string, sizeOf: (random: number) => number): Bench {
  return {
    name,
    run(size) {
      const arena = arenaFor("churn");
      arena.reset();
      const random = createRandom([1, 2, 3, 4]);
      const live = new Int32Array(Math.min(size, LIVE_BLOCKS));
      for (let i = 0; i < live.length; i++) live[i] = arena.allocate(sizeOf(random.int32()));
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const at = random.below(live.length);
        arena.free(live[at]);
        sum ^= live[at] = arena.allocate(sizeOf(random.int32()));
      }
      return sum;
    },
  };
}

const pages: Bench = {
  name: "allocate and free a whole page",
  run(size) {
    const arena = arenaFor("pages");
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const page = arena.allocatePage();
      sum += page;
      arena.freePageWhole(page);
    }
    return sum;
  },
};

const SMALL_CLASS = sizeClassOf(RECORD_BYTES[1]);

export const arenaBenches: readonly Bench[] = [
  ...RECORD_BYTES.map(fillBench),
  churnBench(`free and allocate a block of ${RECORD_BYTES[1]} bytes at random`, () => SMALL_CLASS),
  churnBench(
    "free and allocate a block of 16 to 1,039 bytes at random",
    (random) => sizeClassOf(16 + (random & 1023)),
  ),
  pages,
];
