/** One connection of Bun.listen. */
import type { ConnectionHandler, Transport } from "../../ports/transport.ts";
import type { ConnectionInfo } from "../common/connection_info.ts";
import type { Turn } from "../common/turn.ts";
import type { BunSocket } from "./api.ts";

export type Socket = BunSocket<Connection | undefined>;

/** Passes the events of a socket to a handler, and the calls of a session to the socket. */
export class Connection implements Transport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLoopback: boolean;
  readonly isUnix: boolean;
  readonly #socket: Socket;
  readonly #isTls: boolean;
  #handler: ConnectionHandler | undefined;
  /** Neither end() nor destroy() was called and the socket is not gone. */
  #isOpen = true;
  #wantsRoom = false;

  constructor(socket: Socket, info: ConnectionInfo, isTls: boolean) {
    this.#socket = socket;
    this.#isTls = isTls;
    this.remoteAddress = info.remoteAddress;
    this.localAddress = info.localAddress;
    this.isLoopback = info.isLoopback;
    this.isUnix = info.isUnix;
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#isOpen || start === end) return 0;
    const taken = this.#socket.write(bytes, start, end - start);
    if (taken < 0) {
      this.#lost();
      return 0;
    }
    if (taken < end - start) this.#wantsRoom = true;
    return taken;
  }

  /** The peer is gone. Of a paused unix socket Bun says so only here. */
  #lost(): void {
    this.destroy();
    this.onClose();
  }

  pause(): void {
    if (this.#isOpen) this.#socket.pause();
  }

  resume(): void {
    if (this.#isOpen) this.#socket.resume();
  }

  /** The kernel has all that was taken, so the socket closes at once. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#isTls) this.#socket.close();
    else this.#socket.end();
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.terminate();
  }

  /** From here on `handler` receives the events. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  onData(chunk: Uint8Array, turn: Turn): void {
    if (!this.#isOpen) return;
    turn.begin();
    this.#handler?.received(chunk);
  }

  onDrain(): void {
    if (!this.#isOpen || !this.#wantsRoom) return;
    this.#wantsRoom = false;
    this.#handler?.writable();
  }

  onEnd(): void {
    if (this.#isOpen) this.#handler?.ended();
  }

  /** Bun says so from inside end(), terminate() and write(); the handler hears of it later. */
  onClose(): void {
    this.#isOpen = false;
    queueMicrotask(() => {
      const handler = this.#handler;
      this.#handler = undefined;
      handler?.closed();
    });
  }
}
