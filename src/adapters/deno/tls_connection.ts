/**
 * One TLS connection of node:tls.
 *
 * The socket keeps what it is given until the kernel has it, so bytes are copied, and only so many are
 * taken that a slow peer costs no more than LIMIT_BYTES here.
 */
import { Buffer } from "node:buffer";
import type { TLSSocket } from "node:tls";
import type { ConnectionHandler, Transport } from "../../ports/transport.ts";
import type { ConnectionInfo } from "../common/connection_info.ts";
import type { Turn } from "../common/turn.ts";

/** Bytes of replies that may wait in a socket. */
const LIMIT_BYTES = 64 * 1024;

/** Ending: sends what was taken, and is closed then. Closed: only `closed` follows. */
type State = "open" | "ending" | "closed";

export class TlsConnection implements Transport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLoopback: boolean;
  readonly isUnix = false;
  readonly #socket: TLSSocket;
  readonly #turn: Turn;
  readonly #failed: (error: unknown) => void;
  #handler: ConnectionHandler | undefined;
  #state: State = "open";
  #wantsRoom = false;
  /** Called when a write is done; one for all of them. */
  readonly #written = (): void => this.#offerRoom();

  constructor(
    socket: TLSSocket,
    info: ConnectionInfo,
    turn: Turn,
    failed: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.#turn = turn;
    this.#failed = failed;
    this.remoteAddress = info.remoteAddress;
    this.localAddress = info.localAddress;
    this.isLoopback = info.isLoopback;
  }

  /** From here on `handler` receives the events. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("end", () => {
      if (this.#state === "open") this.#tell((handler) => handler.ended());
    });
    socket.on("close", () => this.#close());
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    if (this.#state !== "open" || start === end) return 0;
    const room = Math.max(0, LIMIT_BYTES - this.#socket.writableLength);
    const count = Math.min(room, end - start);
    if (count < end - start) this.#wantsRoom = true;
    if (count > 0) {
      this.#socket.write(Buffer.from(bytes.subarray(start, start + count)), this.#written);
    }
    return count;
  }

  pause(): void {
    if (this.#state === "open") this.#socket.pause();
  }

  resume(): void {
    if (this.#state === "open") this.#socket.resume();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#socket.end(() => this.#socket.destroy());
  }

  destroy(): void {
    if (this.#state === "closed") return;
    this.#socket.destroy();
    this.#close();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#turn.begin();
    this.#tell((handler) => handler.received(chunk));
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
      this.destroy();
      this.#failed(error);
    }
  }

  /** The handler hears of it after the call that led here. */
  #close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    queueMicrotask(() => {
      const handler = this.#handler;
      this.#handler = undefined;
      handler?.closed();
    });
  }
}
