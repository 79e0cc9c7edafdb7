/**
 * How a store's capacity is divided: into shards of one arena each, chosen by the leading bits of
 * the hash.
 *
 * An arena is at most 1 GiB, for offsets of 31 bits are fast and longer ones are not. Shards fill
 * unevenly, so they are meant to be three quarters full on average; memory that is never touched
 * costs nothing.
 */
import { Arena, MAX_ARENA_BYTES } from "../memory/arena.ts";
import type { MemoryAccount } from "../memory/memory_account.ts";
import { MAX_SHARDS } from "./record_kinds.ts";

/** Bytes of an arena that are filled on average before a store takes more shards. */
const SHARD_FILL_BYTES = 768 * 1024 * 1024;
/** What a small store's arenas have beyond their part of the capacity. */
const ARENA_SLACK_BYTES = 16 * 1024 * 1024;

/** Leading bits of the hash that choose the shard of a key, for a store of this capacity. */
export function shardBitsFor(capacityBytes: number): number {
  let bits = 0;
  while (capacityBytes > SHARD_FILL_BYTES * 2 ** bits && 1 << bits < MAX_SHARDS) bits++;
  return bits;
}

/** Bytes of each arena. */
function arenaBytesFor(capacityBytes: number, shardBits: number): number {
  if (shardBits > 0 && shardBits === shardBitsFor(capacityBytes)) return MAX_ARENA_BYTES;
  const share = capacityBytes / 2 ** shardBits;
  return Math.min(MAX_ARENA_BYTES, share * 1.25 + ARENA_SLACK_BYTES);
}

/** The most that so many shards are filled with. */
export function maxCapacityBytes(shardBits: number): number {
  return SHARD_FILL_BYTES * 2 ** shardBits;
}

/** Makes the arena of each shard. */
export function makeArenas(
  shardBits: number,
  capacityBytes: number,
  account: MemoryAccount,
): Arena[] {
  const arenaBytes = arenaBytesFor(capacityBytes, shardBits);
  return Array.from({ length: 1 << shardBits }, () => new Arena(arenaBytes, account));
}
