/** Requests in order, first in, first out: a ring that doubles when it is full. */
import type { Request } from "./request.ts";

const INITIAL_SLOTS = 64;
/** A ring that grew beyond this is given back when it is empty. */
const KEPT_SLOTS = 16 * 1024;

export class RequestQueue {
  length = 0;
  #slots: (Request | undefined)[] = new Array(INITIAL_SLOTS).fill(undefined);
  /** A slot's index is its number modulo the ring's size, a power of two. */
  #mask = INITIAL_SLOTS - 1;
  #head = 0;

  push(request: Request): void {
    if (this.length > this.#mask) this.#resize(this.#slots.length * 2);
    this.#slots[(this.#head + this.length) & this.#mask] = request;
    this.length++;
  }

  /** The first one; only while there is one. */
  first(): Request {
    return this.#slots[this.#head] as Request;
  }

  /** @param index from the first one on, below `length` */
  at(index: number): Request {
    return this.#slots[(this.#head + index) & this.#mask] as Request;
  }

  /** Takes the first one out; only while there is one. */
  shift(): Request {
    const request = this.#slots[this.#head] as Request;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.length--;
    if (this.length === 0 && this.#mask >= KEPT_SLOTS) this.#resize(INITIAL_SLOTS);
    return request;
  }

  /** Puts requests before all others, in their order. */
  putFirst(requests: readonly Request[]): void {
    while (this.length + requests.length > this.#slots.length) {
      this.#resize(this.#slots.length * 2);
    }
    for (let i = requests.length - 1; i >= 0; i--) {
      this.#head = (this.#head - 1) & this.#mask;
      this.#slots[this.#head] = requests[i];
      this.length++;
    }
  }

  /** Takes out those that nobody waits for any more. */
  dropSettled(): void {
    const requests = this.takeAll();
    for (const request of requests) if (!request.isSettled) this.push(request);
  }

  /** Takes all out. */
  takeAll(): Request[] {
    const requests = Array.from({ length: this.length }, (_, i) => this.at(i));
    this.length = 0;
    this.#head = 0;
    this.#resize(INITIAL_SLOTS);
    return requests;
  }

  #resize(size: number): void {
    const slots: (Request | undefined)[] = new Array(size).fill(undefined);
    for (let i = 0; i < this.length; i++) slots[i] = this.at(i);
    this.#slots = slots;
    this.#mask = size - 1;
    this.#head = 0;
  }
}
