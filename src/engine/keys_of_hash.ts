/** Finds keys by their hash alone: mostly one, in whatever databases. */
import type { Arena } from "../memory/arena.ts";
import { keyLengthOf, keyOffsetOf } from "../memory/record.ts";
import type { Keyspace } from "./keyspace.ts";

/** Calls `visit` with each key that has the hash, in each database; it must not change anything. */
export function forEachKeyOfHash(
  keyspace: Keyspace,
  hash: number,
  visit: (arena: Arena, keyOffset: number, keyLength: number) => void,
): void {
  const shard = keyspace.shardOf(hash);
  for (const { indexes } of keyspace.databases) {
    const index = indexes[shard];
    if (index.count === 0) continue;
    const { arena, words } = index;
    index.findBy(hash, (ref) => {
      visit(arena, keyOffsetOf(words, ref), keyLengthOf(words, ref));
      return false;
    });
  }
}
