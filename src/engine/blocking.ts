/**
 * Blocking: clients that wait for a key to have what they ask for, or for their time to be over.
 *
 *   BLPOP k 5 ──▶ nothing there ──▶ wait(waiter) ─── queue of k ───┐
 *   RPUSH k v ──▶ k gets a list ──▶ k is ready ──▶ serveReady() ──▶│──▶ waiter.serve() runs BLPOP again
 *   5 s later ──▶ one timer for the nearest deadline ─────────────▶└──▶ waiter.timedOut()
 *
 * Keys of type list, sorted set and stream become ready by themselves when they come into being under
 * whatever command (`Keyspace.place`); who adds to a value that is there already, as XADD does,
 * calls `signal`. Ready keys are served right after the command that made them ready, before any other
 * command runs, and in the order in which they became ready. Among those who wait for a key the first
 * that came is served first, and whoever cannot be served keeps its place. What serving makes ready is
 * served too.
 *
 * Source: https://redis.io/docs/latest/commands/blpop/; Redis src/blocked.c.
 */
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Clock } from "../ports/clock.ts";
import type { Database } from "./database.ts";
import { Deadlines } from "./deadlines.ts";
import type { KeyQueue, KeyWaiters, Waiter } from "./key_waiters.ts";
import type { Keyspace } from "./keyspace.ts";

/** A client that waits. */
export interface BlockedClient extends Waiter {
  /** Wall clock in ms after which it waits no longer, 0 = never. */
  readonly deadlineMs: number;
  /** Tells it that its time is over; it is not waiting any more. */
  timedOut(): void;
}

export class Blocking {
  readonly #keyspace: Keyspace;
  readonly #waiters: KeyWaiters;
  readonly #deadlines: Deadlines<BlockedClient>;

  constructor(keyspace: Keyspace, clock: Clock) {
    this.#keyspace = keyspace;
    this.#waiters = keyspace.waiters;
    this.#deadlines = new Deadlines(clock, (client) => {
      this.#waiters.remove(client);
      client.timedOut();
    });
  }

  /** Number of clients that wait. */
  get clientCount(): number {
    return this.#waiters.count;
  }

  /** Number of those that do not wait for ever. */
  get timedClientCount(): number {
    return this.#deadlines.size;
  }

  /** Number of keys that are waited for. */
  get keyCount(): number {
    return this.#waiters.keyCount;
  }

  /** Number of keys that are waited for by clients who also want to know that they are gone. */
  get keyCountWithoutKey(): number {
    return this.#waiters.keyCountWithoutKey;
  }

  /** Whether `serveReady` has anything to do. */
  get hasReady(): boolean {
    return this.#waiters.ready.length > 0;
  }

  /**
   * Says that a key got something that a client may wait for. New lists, sorted sets and streams say
   * so by themselves. @param arg index of the key in the batch's argument arrays
   */
  signal(db: Database, batch: CommandBatch, arg: number): void {
    if (this.#waiters.count !== 0) this.#waiters.signal(db, batch, arg);
  }

  /** A client waits from now on. */
  wait(client: BlockedClient): void {
    this.#waiters.add(client);
    if (client.deadlineMs !== 0) this.#deadlines.add(client);
  }

  /** A client that waits does so no longer, for whatever reason. */
  leave(client: BlockedClient): void {
    this.#waiters.remove(client);
    if (client.deadlineMs !== 0) this.#deadlines.remove(client);
  }

  /** Serves clients until no key is ready. Only between two commands. */
  serveReady(): void {
    const waiters = this.#waiters;
    while (waiters.ready.length > 0) {
      const queues = waiters.ready;
      waiters.ready = [];
      for (const queue of queues) {
        queue.isReady = false;
        this.#serveQueue(queue);
      }
    }
  }

  #serveQueue(queue: KeyQueue): void {
    let type = -1;
    let isKnown = false;
    for (const [waiter, arg] of queue.waiters) {
      if (!isKnown) {
        type = this.#typeOf(waiter, arg);
        isKnown = true;
      }
      if (type < 0 && queue.wakingWithoutKey === 0) return;
      if (type !== waiter.type && !waiter.wakesWithoutKey) continue;
      isKnown = !waiter.serve();
    }
  }

  /** @returns the type of a waiter's key, -1 if it is not there */
  #typeOf(waiter: Waiter, arg: number): number {
    const ref = this.#keyspace.find(waiter.db, waiter.batch, arg);
    return ref === 0 ? -1 : this.#keyspace.typeOf(ref);
  }
}
