/**
 * Delivery of the messages that answer nothing: of pub/sub, invalidations, MONITOR.
 *
 *   PUBLISH ──share──▶ queue of session A ─┐   in slices of 2 ms, clients being served in between
 *                └───▶ queue of session B ─┼─▶ joined, one write a session ─▶ transport
 *                └───▶ queue of session C ─┘
 *
 * A message is encoded once and lies in memory once; a queue holds references. Sessions that wait for
 * the same messages, as the subscribers of one channel do, share the joined bytes, too. A session that
 * runs commands meanwhile gets what waits for it in front of their replies, so it sees one order.
 *
 * Whoever causes messages faster than they can be delivered is held until the rest is less than half of
 * the limits: publishers wait, neither subscribers nor anybody else. What the peer of a session does not
 * take waits in that session (session.ts), and does not count here.
 */
import type { Engine } from "../engine/engine.ts";
import type { SharedMessage } from "../ports/session_port.ts";
import type { PushAccount, PushQueue } from "./push_queue.ts";

/** Longest time of delivery in one turn of the event loop. */
const SLICE_US = 2000;
/** Writes between two looks at the clock. */
const WRITES_PER_LOOK = 8;
/** Messages times sessions that may wait before their authors do. */
const MAX_PLACES = 65_536;
/** Bytes of messages that may wait, each counted once. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Memory of a place in a queue. */
const PLACE_BYTES = 8;
/** Places before the next one to be served that are given back together. */
const SERVED_LIMIT = 4096;

/** A session, as far as messages are delivered to it. */
export interface PushTarget {
  /** What waits for it; undefined if nothing ever did. */
  readonly pushes: PushQueue | undefined;
  send(bytes: Uint8Array, start: number, end: number): void;
  /** It may run commands again. */
  resumeAfterDelivery(): void;
}

export class PushDelivery implements PushAccount {
  readonly #engine: Engine;
  /** Those with messages, in the order of their first ones; all before `#next` were served. */
  #targets: PushTarget[] = [];
  #next = 0;
  #isScheduled = false;
  #places = 0;
  #bytes = 0;
  #held: PushTarget[] = [];
  #joinedFrom: readonly SharedMessage[] = [];
  #joined: Uint8Array = new Uint8Array(0);
  /** How many messages were ever put into queues. */
  addedCount = 0;
  readonly #runScheduled = (): void => {
    // What they run is delivered by the slice that follows, not by one of its own.
    this.#resumeHeld();
    this.#isScheduled = false;
    this.#slice();
  };

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whether anybody may have messages that wait. */
  get hasWork(): boolean {
    return this.#targets.length > 0;
  }

  /** Whether so much waits that its authors should, too. */
  get isBehind(): boolean {
    return this.#places > MAX_PLACES || this.#bytes > MAX_BYTES;
  }

  get #hasCaughtUp(): boolean {
    return this.#places <= MAX_PLACES / 2 && this.#bytes <= MAX_BYTES / 2;
  }

  // What the queues call

  added(message: SharedMessage): void {
    this.addedCount++;
    this.#places++;
    this.#engine.bufferBytes += PLACE_BYTES;
    if (message.waiting++ > 0) return;
    this.#bytes += message.bytes.length;
    this.#engine.bufferBytes += message.bytes.length;
  }

  removed(message: SharedMessage): void {
    this.#places--;
    this.#engine.bufferBytes -= PLACE_BYTES;
    if (--message.waiting > 0) return;
    this.#bytes -= message.bytes.length;
    this.#engine.bufferBytes -= message.bytes.length;
  }

  // What sessions and the executor call

  /** A session got its first message that waits. */
  add(target: PushTarget): void {
    this.#targets.push(target);
  }

  /** It runs no commands until the delivery caught up. */
  hold(target: PushTarget): void {
    this.#held.push(target);
  }

  /** Delivers for as long as a turn may, if this turn did not already; the rest follows by itself. */
  deliver(): void {
    if (!this.#isScheduled) this.#slice();
  }

  /** Delivers in a later turn. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#engine.clock.soon(this.#runScheduled);
  }

  #slice(): void {
    const { clock } = this.#engine;
    const endUs = clock.monotonicUs() + SLICE_US;
    const targets = this.#targets;
    let writes = 0;
    while (this.#next < targets.length) {
      const target = targets[this.#next++];
      if (!this.sendTo(target)) continue;
      if (++writes % WRITES_PER_LOOK === 0 && clock.monotonicUs() >= endUs) break;
    }
    this.#joinedFrom = [];
    if (this.#next === targets.length) {
      this.#targets = [];
      this.#next = 0;
    } else {
      if (this.#next >= SERVED_LIMIT) {
        this.#targets = targets.slice(this.#next);
        this.#next = 0;
      }
      this.schedule();
    }
    if (this.#held.length > 0 && this.#hasCaughtUp) this.schedule();
  }

  #resumeHeld(): void {
    if (this.#held.length === 0 || !this.#hasCaughtUp) return;
    const held = this.#held;
    this.#held = [];
    for (let i = 0; i < held.length; i++) {
      // What they run may be too much again.
      if (this.isBehind) this.#held.push(held[i]);
      else held[i].resumeAfterDelivery();
    }
  }

  /** Sends what waits for a session. @returns whether there was anything */
  sendTo(target: PushTarget): boolean {
    const { pushes } = target;
    if (pushes === undefined || pushes.length === 0) return false;
    const bytes = this.take(pushes);
    target.send(bytes, 0, bytes.length);
    return true;
  }

  /** @returns the messages of a queue as one, not to be changed; they do not wait there any more */
  take(pushes: PushQueue): Uint8Array {
    const { messages } = pushes;
    let { bytes } = messages[0];
    if (messages.length > 1) {
      if (!isSame(messages, this.#joinedFrom)) {
        this.#joined = join(messages, pushes.sizeBytes);
        this.#joinedFrom = messages.slice();
      }
      bytes = this.#joined;
    }
    pushes.clear();
    return bytes;
  }
}

function isSame(a: readonly SharedMessage[], b: readonly SharedMessage[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function join(messages: readonly SharedMessage[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const { bytes } of messages) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}
