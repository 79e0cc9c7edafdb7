/** Streams in an arena of their own, beside a model of plain arrays. */
import assert from "node:assert/strict";
import { makeRegion } from "../../src/bytes/region.ts";
import { Arena } from "../../src/memory/arena.ts";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { copyText } from "../../src/structs/listpack.ts";
import { appendEntry } from "../../src/structs/stream_append.ts";
import { StreamCursor } from "../../src/structs/stream_cursor.ts";
import { formatId, MISSING_IS_LEAST, parseId } from "../../src/structs/stream_id.ts";
import { STREAM } from "../../src/structs/stream.ts";
import type { Unit } from "../../src/structs/structure.ts";

/** An entry: its id, then fields and values. */
export type Entry = readonly [id: string, ...pairs: string[]];

const latin1 = new TextDecoder("latin1");

export function makeArena(megabytes = 16): { arena: Arena; account: MemoryAccount } {
  const account = new MemoryAccount();
  return { arena: new Arena(megabytes * 1024 * 1024, account), account };
}

export function idOf(text: string): Int32Array {
  const bytes = new TextEncoder().encode(text);
  const id = new Int32Array(4);
  assert.ok(parseId(bytes, 0, bytes.length, MISSING_IS_LEAST, id, 0), text);
  return id;
}

export function showId(id: Int32Array, at: number): string {
  const bytes = new Uint8Array(64);
  return latin1.decode(bytes.subarray(0, formatId(id, at, bytes, 0)));
}

/** @returns whether there was memory */
export function append(
  arena: Arena,
  stream: Unit,
  [id, ...pairs]: Entry,
  maxBytes = 4096,
  maxEntries = 100,
): boolean {
  const input = makeRegion(pairs.reduce((sum, each) => sum + each.length, 0));
  const offsets = new Int32Array(pairs.length), lengths = new Int32Array(pairs.length);
  let at = 0;
  pairs.forEach((each, i) => {
    offsets[i] = at;
    lengths[i] = each.length;
    for (let k = 0; k < each.length; k++) input.bytes[at++] = each.charCodeAt(k);
  });
  const source = { input, offsets, lengths, first: 0, fieldCount: pairs.length / 2 };
  return appendEntry(arena, stream, idOf(id), 0, source, maxBytes, maxEntries);
}

/** Entries between two ids, in the order in which a cursor shows them. */
export function range(
  arena: Arena,
  stream: Unit,
  from: string,
  to: string,
  isReverse = false,
): Entry[] {
  const cursor = new StreamCursor();
  const entries: Entry[] = [];
  const text = makeRegion(1_000_000);
  cursor.open(arena, stream, idOf(from), 0, idOf(to), 0, isReverse);
  while (cursor.next()) {
    const pairs: string[] = [];
    // Every second entry is passed over without looking at its fields first.
    for (let round = entries.length % 2; round < 2; round++) {
      pairs.length = 0;
      cursor.rewind();
      for (let i = 0; i < cursor.fieldCount; i++) {
        cursor.nextField();
        for (const p of [cursor.fieldAt, cursor.valueAt]) {
          const length = copyText(cursor.region, p, text, 0);
          pairs.push(latin1.decode(text.bytes.subarray(0, length)));
        }
      }
    }
    entries.push([showId(cursor.id, 0), ...pairs]);
  }
  return entries;
}

/** Checks a stream, and that all blocks in use are its own. */
export function checkOwned(arena: Arena, account: MemoryAccount, ...streams: Unit[]): void {
  let owned = 0;
  const seen = new Set<number>();
  for (const stream of streams) {
    STREAM.check(arena, stream, {
      ownsBlock: (unit) => {
        assert.ok(!seen.has(unit), `block ${unit} has two owners`);
        seen.add(unit);
        owned += arena.blockSize(unit);
      },
      ownsPage: () => owned += 65_536,
    });
  }
  assert.equal(owned, account.liveBytes);
  arena.checkInvariants();
}

export function freeAll(arena: Arena, stream: Unit, budget: number): number {
  let steps = 1;
  while (!STREAM.free(arena, stream, budget)) {
    steps++;
    STREAM.check(arena, stream, { ownsBlock: () => {}, ownsPage: () => {} });
  }
  return steps;
}
