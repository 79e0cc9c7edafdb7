/**
 * One connection of Deno.listen.
 *
 * Deno reads into, and writes from, a buffer of ours until the promise settles. Received bytes
 * therefore go through one buffer that is lent to the pending read, and bytes to send are copied:
 *
 *   staged    what was taken and waits; filled while a write is under way
 *   in flight what the runtime is writing now; the next one is sent when it is gone
 */
import type { ConnectionHandler, Transport } from "../../ports/transport.ts";
import type { ConnectionInfo } from "../common/connection_info.ts";
import type { Turn } from "../common/turn.ts";
import type { DenoConnection } from "./api.ts";
import { BUFFER_COMMON, BUFFER_MIN } from "./buffer_pool.ts";
import type { BufferPool } from "./buffer_pool.ts";

/** So many reads in a row that fill less than a quarter halve the read buffer. */
const SMALL_READS_TO_SHRINK = 16;

/** Ending: sends what was taken, and is closed then. Closed: only `closed` follows. */
type State = "open" | "ending" | "closed";

/** What all connections of a listener share. */
export interface Shared {
  readonly pool: BufferPool;
  readonly turn: Turn;
  readonly failed: (error: unknown) => void;
}

/** Passes the events of a connection to a handler, and the calls of a session to the connection. */
export class Connection implements Transport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLoopback: boolean;
  readonly isUnix: boolean;
  readonly #connection: DenoConnection;
  readonly #shared: Shared;
  #handler: ConnectionHandler | undefined;
  #state: State = "open";
  #isPaused = false;
  #isReading = false;
  #hasPeerEnded = false;
  #smallReads = 0;
  #staged: Uint8Array | undefined;
  #stagedBytes = 0;
  #isSending = false;
  #wantsRoom = false;

  constructor(connection: DenoConnection, info: ConnectionInfo, shared: Shared) {
    this.#connection = connection;
    this.#shared = shared;
    this.remoteAddress = info.remoteAddress;
    this.localAddress = info.localAddress;
    this.isLoopback = info.isLoopback;
    this.isUnix = info.isUnix;
  }

  /** From here on `handler` receives the events. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#startReading();
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    let from = start;
    while (from < end && this.#state === "open") {
      this.#staged ??= this.#shared.pool.take(end - from);
      const room = this.#staged.length - this.#stagedBytes;
      if (room === 0) {
        this.#wantsRoom = true;
        break;
      }
      const count = Math.min(room, end - from);
      this.#staged.set(bytes.subarray(from, from + count), this.#stagedBytes);
      this.#stagedBytes += count;
      from += count;
      if (!this.#isSending) void this.#send();
    }
    return from - start;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#startReading();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    if (!this.#isSending) this.#close();
  }

  destroy(): void {
    this.#close();
  }

  #startReading(): void {
    const isWanted = this.#state === "open" && !this.#isPaused && !this.#hasPeerEnded;
    if (isWanted && !this.#isReading) void this.#read();
  }

  /** Reads until it is paused or over; a failed read means that the connection is gone. */
  async #read(): Promise<void> {
    const { pool, turn } = this.#shared;
    let buffer = pool.take(BUFFER_MIN);
    this.#isReading = true;
    try {
      while (this.#state === "open" && !this.#isPaused) {
        const count = await this.#connection.read(buffer);
        if (this.#state !== "open") break;
        if (count === null) {
          this.#hasPeerEnded = true;
          this.#tell((handler) => handler.ended());
          break;
        }
        turn.begin();
        this.#receive(buffer.subarray(0, count));
        buffer = this.#resized(buffer, count);
      }
    } catch {
      this.#close();
    }
    this.#isReading = false;
    pool.give(buffer);
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#handler?.received(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A full buffer says that more is waiting; one that stays empty costs memory. */
  #resized(buffer: Uint8Array, count: number): Uint8Array {
    const size = buffer.length;
    if (count * 4 > size) this.#smallReads = 0;
    else this.#smallReads++;
    const isFull = count === size && size < BUFFER_COMMON;
    const isTooLarge = this.#smallReads >= SMALL_READS_TO_SHRINK && size > BUFFER_MIN;
    if (!isFull && !isTooLarge) return buffer;
    this.#smallReads = 0;
    this.#shared.pool.give(buffer);
    return this.#shared.pool.take(isFull ? size * 2 : size / 2);
  }

  /** Sends until nothing is staged; a failed write means that the connection is gone. */
  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#staged !== undefined && this.#state !== "closed") {
      const buffer = this.#staged;
      const length = this.#stagedBytes;
      this.#staged = undefined;
      this.#stagedBytes = 0;
      try {
        let sent = 0;
        while (sent < length) {
          const pending = this.#connection.write(buffer.subarray(sent, length));
          if (sent === 0) this.#offerRoom();
          sent += await pending;
        }
      } catch {
        this.#close();
      }
      this.#shared.pool.give(buffer);
      if (this.#staged === undefined) this.#offerRoom();
    }
    this.#isSending = false;
    this.#dropStaged();
    if (this.#state === "ending") this.#close();
  }

  #offerRoom(): void {
    if (!this.#wantsRoom || this.#state !== "open") return;
    this.#wantsRoom = false;
    this.#tell((handler) => handler.writable());
  }

  #tell(call: (handler: ConnectionHandler) => void): void {
    try {
      if (this.#handler !== undefined) call(this.#handler);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#close();
    this.#shared.failed(error);
  }

  #dropStaged(): void {
    if (this.#staged !== undefined) this.#shared.pool.give(this.#staged);
    this.#staged = undefined;
    this.#stagedBytes = 0;
  }

  /** The handler hears of it after the call that led here. */
  #close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    try {
      this.#connection.close();
    } catch {
      // The runtime closed it already.
    }
    queueMicrotask(() => {
      const handler = this.#handler;
      this.#handler = undefined;
      handler?.closed();
    });
  }
}
