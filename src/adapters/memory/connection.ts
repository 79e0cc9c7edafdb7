/** One end of a connection in memory. */
import type { ConnectionHandler, Transport } from "../../ports/transport.ts";
import type { Turn } from "../common/turn.ts";

/** What an end is told about itself when it is made. */
export interface EndOptions {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  /** Bytes that may wait for this end. */
  readonly capacityBytes: number;
  /** Asks for `deliver` to be called soon. */
  readonly wake: (end: MemoryEnd) => void;
  /** Takes what the handler throws. */
  readonly failed: (error: unknown) => void;
  /** Told when something is received. */
  readonly turn?: Turn;
}

export class MemoryEnd implements Transport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLoopback = true;
  readonly isUnix: boolean;
  readonly #capacityBytes: number;
  readonly #wake: (end: MemoryEnd) => void;
  readonly #failed: (error: unknown) => void;
  readonly #turn: Turn | undefined;
  #peer!: MemoryEnd;
  #handler: ConnectionHandler | undefined;
  #isOpen = true;
  /** What the peer sent and was not received yet. */
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #isPaused = false;
  #hasPeerEnded = false;
  #wasToldEnd = false;
  #hasEndedSending = false;
  #wantsRoom = false;

  constructor(options: EndOptions) {
    this.remoteAddress = options.remoteAddress;
    this.localAddress = options.localAddress;
    this.isUnix = options.isUnix;
    this.#capacityBytes = options.capacityBytes;
    this.#wake = options.wake;
    this.#failed = options.failed;
    this.#turn = options.turn;
  }

  /** Makes two ends one connection. */
  static join(a: MemoryEnd, b: MemoryEnd): void {
    a.#peer = b;
    b.#peer = a;
  }

  /** From here on `handler` receives the events. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#wake(this);
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    const peer = this.#peer;
    if (!this.#isOpen || this.#hasEndedSending || start === end) return 0;
    if (!peer.#isOpen) {
      this.#close();
      return 0;
    }
    const count = Math.min(end - start, peer.#capacityBytes - peer.#inboxBytes);
    if (count < end - start) this.#wantsRoom = true;
    if (count > 0) {
      peer.#inbox.push(bytes.slice(start, start + count));
      peer.#inboxBytes += count;
      this.#wake(peer);
    }
    return count;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake(this);
  }

  /** Ends the direction from here to the peer; the other one stays. */
  endSending(): void {
    if (!this.#isOpen || this.#hasEndedSending) return;
    this.#hasEndedSending = true;
    this.#peer.#hasPeerEnded = true;
    this.#wake(this.#peer);
  }

  end(): void {
    this.endSending();
    this.#close();
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#peer.#close();
  }

  /** Passes on everything that happened since the last call. */
  deliver(): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    try {
      if (this.#isOpen) {
        this.#deliverEvents(handler);
      } else {
        this.#handler = undefined;
        handler.closed();
      }
    } catch (error) {
      this.destroy();
      this.#failed(error);
    }
  }

  #deliverEvents(handler: ConnectionHandler): void {
    this.#deliverChunks(handler);
    if (this.#isReadable() && this.#hasPeerEnded && !this.#wasToldEnd && this.#inboxBytes === 0) {
      this.#wasToldEnd = true;
      handler.ended();
    }
    if (!this.#isOpen) return;
    if (this.#wantsRoom && this.#peer.#inboxBytes < this.#peer.#capacityBytes) {
      this.#wantsRoom = false;
      handler.writable();
    }
  }

  #deliverChunks(handler: ConnectionHandler): void {
    const hadChunks = this.#inboxBytes > 0;
    while (this.#isReadable() && this.#inbox.length > 0) {
      const chunk = this.#inbox.shift()!;
      this.#inboxBytes -= chunk.length;
      this.#turn?.begin();
      handler.received(chunk);
    }
    if (hadChunks) this.#wake(this.#peer);
  }

  #isReadable(): boolean {
    return this.#isOpen && !this.#isPaused;
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#wake(this);
    if (this.#peer.#wantsRoom) this.#wake(this.#peer);
  }
}
