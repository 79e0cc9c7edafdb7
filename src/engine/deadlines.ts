/**
 * Deadlines: calls back for each entry when its time has come, with one timer for the nearest.
 *
 * A binary heap by deadline, then by arrival; each entry knows its position through a map, so leaving
 * costs O(log n) too. No timer runs while there is no entry.
 */
import type { Clock } from "../ports/clock.ts";

export interface Deadlined {
  /** Wall clock in ms. */
  readonly deadlineMs: number;
}

interface Entry<T> {
  readonly item: T;
  readonly dueMs: number;
  readonly order: number;
  position: number;
}

export class Deadlines<T extends Deadlined> {
  readonly #clock: Clock;
  readonly #due: (item: T) => void;
  readonly #heap: Entry<T>[] = [];
  readonly #entries = new Map<T, Entry<T>>();
  #arrivals = 0;
  #cancelTimer: () => void = () => {};
  /** What the timer is set to, Infinity = it is not set. */
  #timerMs = Infinity;

  /** @param due called once for each entry that is due; the entry is gone then */
  constructor(clock: Clock, due: (item: T) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    const entry = {
      item,
      dueMs: item.deadlineMs,
      order: this.#arrivals++,
      position: this.#heap.length,
    };
    this.#heap.push(entry);
    this.#entries.set(item, entry);
    this.#moveUp(entry);
    this.#setTimer();
  }

  remove(item: T): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#take(entry);
    this.#setTimer();
  }

  #take(entry: Entry<T>): void {
    this.#entries.delete(entry.item);
    const last = this.#heap.pop()!;
    if (last === entry) return;
    this.#put(last, entry.position);
    this.#moveUp(last);
    this.#moveDown(last);
  }

  /** A timer that is set too early is left alone: it sets itself anew. */
  #setTimer(): void {
    if (this.#heap.length === 0) {
      this.#cancelTimer();
      this.#timerMs = Infinity;
    } else if (this.#heap[0].dueMs < this.#timerMs) {
      this.#cancelTimer();
      this.#timerMs = this.#heap[0].dueMs;
      const delayMs = Math.max(1, this.#timerMs - this.#clock.nowMs());
      this.#cancelTimer = this.#clock.after(delayMs, () => this.#fire());
    }
  }

  #fire(): void {
    this.#timerMs = Infinity;
    const nowMs = this.#clock.nowMs();
    while (this.#heap.length > 0 && this.#heap[0].dueMs <= nowMs) {
      const { item } = this.#heap[0];
      this.#take(this.#heap[0]);
      this.#due(item);
    }
    this.#setTimer();
  }

  #put(entry: Entry<T>, position: number): void {
    this.#heap[position] = entry;
    entry.position = position;
  }

  #moveUp(entry: Entry<T>): void {
    while (entry.position > 0) {
      const parent = this.#heap[(entry.position - 1) >> 1];
      if (!isBefore(entry, parent)) return;
      const position = parent.position;
      this.#put(parent, entry.position);
      this.#put(entry, position);
    }
  }

  #moveDown(entry: Entry<T>): void {
    const heap = this.#heap;
    for (;;) {
      const left = 2 * entry.position + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right], heap[left])
        ? heap[right]
        : heap[left];
      if (!isBefore(child, entry)) return;
      const position = child.position;
      this.#put(child, entry.position);
      this.#put(entry, position);
    }
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.dueMs !== b.dueMs ? a.dueMs < b.dueMs : a.order < b.order;
}
