/**
 * Queues of those who wait for keys, and the keys that became ready for them.
 *
 * A queue is there exactly while somebody waits for its key. A waiter stands in the queue of each of its
 * keys, at the place that it got when it came: trying to serve it without success does not cost it
 * that place. A key that is signalled is ready until its queue was gone through.
 *
 * Cost: while nobody waits, a signal is one comparison of `count` at its caller's.
 */
import { readAscii } from "../bytes/ascii.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Database } from "./database.ts";
import { TYPE_LIST, TYPE_STREAM, TYPE_ZSET, typeOfKind } from "./record_kinds.ts";

/** Someone who waits for keys. */
export interface Waiter {
  readonly db: Database;
  /** Type that a key must have to serve it: TYPE_LIST, TYPE_ZSET or TYPE_STREAM. */
  readonly type: number;
  /** Whether it is also served when a key goes, or gets another type: what it waits for is no more. */
  readonly wakesWithoutKey: boolean;
  /** Its own copy of its command, with hashed keys. */
  readonly batch: CommandBatch;
  /** Indexes of the keys in the batch's argument arrays. */
  readonly keys: readonly number[];
  /** Tries to serve it. @returns whether it was served; it must not stand in any queue then */
  serve(): boolean;
}

/** Those who wait for one key, in the order in which they came. */
export interface KeyQueue {
  readonly db: number;
  /** The key's bytes as Latin-1. */
  readonly name: string;
  /** With the index of the key among each one's arguments. */
  readonly waiters: Map<Waiter, number>;
  /** How many of them wake without the key. */
  wakingWithoutKey: number;
  isReady: boolean;
}

export class KeyWaiters {
  /** Number of waiters. */
  count = 0;
  /** Number of waiters that wake without their key. */
  wakingWithoutKey = 0;
  /** Queues whose keys are ready, in the order in which they were signalled. */
  ready: KeyQueue[] = [];
  /** By database, then by key. */
  readonly #queues = new Map<number, Map<string, KeyQueue>>();

  add(waiter: Waiter): void {
    this.count++;
    if (waiter.wakesWithoutKey) this.wakingWithoutKey++;
    const db = waiter.db.index;
    let queues = this.#queues.get(db);
    if (queues === undefined) this.#queues.set(db, queues = new Map());
    for (const arg of waiter.keys) {
      const name = keyName(waiter.batch, arg);
      let queue = queues.get(name);
      if (queue === undefined) {
        queue = { db, name, waiters: new Map(), wakingWithoutKey: 0, isReady: false };
        queues.set(name, queue);
      }
      if (queue.waiters.has(waiter)) continue;
      queue.waiters.set(waiter, arg);
      if (waiter.wakesWithoutKey) queue.wakingWithoutKey++;
    }
  }

  remove(waiter: Waiter): void {
    this.count--;
    if (waiter.wakesWithoutKey) this.wakingWithoutKey--;
    const queues = this.#queues.get(waiter.db.index)!;
    for (const arg of waiter.keys) {
      const name = keyName(waiter.batch, arg);
      const queue = queues.get(name);
      if (queue === undefined || !queue.waiters.delete(waiter)) continue;
      if (waiter.wakesWithoutKey) queue.wakingWithoutKey--;
      if (queue.waiters.size === 0) queues.delete(name);
    }
    if (queues.size === 0) this.#queues.delete(waiter.db.index);
  }

  /** Number of keys that somebody waits for. */
  get keyCount(): number {
    let count = 0;
    for (const queues of this.#queues.values()) count += queues.size;
    return count;
  }

  /** Number of keys whose going somebody waits for. */
  get keyCountWithoutKey(): number {
    let count = 0;
    for (const queues of this.#queues.values()) {
      for (const queue of queues.values()) if (queue.wakingWithoutKey > 0) count++;
    }
    return count;
  }

  /** A key may have become ready. To be called only while somebody waits. */
  signal(db: Database, batch: CommandBatch, arg: number): void {
    const queue = this.#queues.get(db.index)?.get(keyName(batch, arg));
    if (queue !== undefined) this.#mark(queue);
  }

  /** A key got a value of this kind. @param isNew whether it had none before */
  placed(db: Database, batch: CommandBatch, arg: number, kind: number, isNew: boolean): void {
    const type = typeOfKind(kind);
    const serves = type === TYPE_LIST || type === TYPE_ZSET || type === TYPE_STREAM;
    if (serves || (!isNew && this.wakingWithoutKey > 0)) this.signal(db, batch, arg);
  }

  /** A key is gone. To be called only while `wakingWithoutKey` is not 0. */
  removed(db: Database, region: Region, keyOffset: number, keyLength: number): void {
    const queue = this.#queues.get(db.index)?.get(readAscii(region.bytes, keyOffset, keyLength));
    if (queue !== undefined && queue.wakingWithoutKey > 0) this.#mark(queue);
  }

  /** All keys of a database may have become ready, or be gone. */
  signalAll(db: Database): void {
    for (const queue of this.#queues.get(db.index)?.values() ?? []) this.#mark(queue);
  }

  #mark(queue: KeyQueue): void {
    if (queue.isReady) return;
    queue.isReady = true;
    this.ready.push(queue);
  }
}

function keyName(batch: CommandBatch, arg: number): string {
  return readAscii(batch.input.bytes, batch.argOffsets[arg], batch.argLengths[arg]);
}
