/** A client's connections on Bun: Bun.connect, and node:tls, which checks the server's name, for TLS. */
import type {
  ClientAddress,
  ClientSocket,
  ClientSocketHandler,
  ClientSockets,
} from "../../ports/client_socket.ts";
import { createNodeClientSockets } from "../common/client_socket.ts";
import { bunApi, type BunClientHandlers, type BunSocket } from "./api.ts";

const KEEPALIVE_MS = 60_000;

class BunClientSocket implements ClientSocket {
  readonly #handler: ClientSocketHandler;
  /** Undefined until it is connected. */
  #socket: BunSocket<BunClientSocket> | undefined;
  /** Neither end() nor destroy() was called, and it is not gone. */
  #isOpen = true;
  #wantsRoom = false;
  #isOver = false;
  #cause: Error | undefined;

  constructor(handler: ClientSocketHandler) {
    this.#handler = handler;
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    if (!this.#isOpen || start === end) return 0;
    const taken = this.#socket!.write(bytes, start, end - start);
    if (taken < 0) {
      this.destroy();
      this.onClose(undefined);
      return 0;
    }
    if (taken < end - start) this.#wantsRoom = true;
    return taken;
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#socket === undefined) this.onClose(undefined);
    else this.#socket.end();
  }

  destroy(): void {
    this.#isOpen = false;
    if (this.#socket === undefined) this.onClose(undefined);
    else this.#socket.terminate();
  }

  onOpen(socket: BunSocket<BunClientSocket>): void {
    this.#socket = socket;
    if (!this.#isOpen) return socket.terminate();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    this.#handler.connected();
  }

  onData(chunk: Uint8Array): void {
    if (this.#isOpen) this.#handler.received(chunk);
  }

  onDrain(): void {
    if (!this.#isOpen || !this.#wantsRoom) return;
    this.#wantsRoom = false;
    this.#handler.writable();
  }

  onError(error: unknown): void {
    this.#cause ??= errorOf(error);
    this.destroy();
  }

  /** Bun says so from inside end(), terminate() and write(); the handler hears of it later. */
  onClose(cause: Error | undefined): void {
    this.#isOpen = false;
    if (this.#isOver) return;
    this.#isOver = true;
    queueMicrotask(() => this.#handler.closed(cause ?? this.#cause));
  }
}

function errorOf(error: unknown): Error | undefined {
  return error instanceof Error ? error : undefined;
}

const HANDLERS: BunClientHandlers<BunClientSocket> = {
  open: (socket) => socket.data.onOpen(socket),
  data: (socket, chunk) => socket.data.onData(chunk),
  drain: (socket) => socket.data.onDrain(),
  // The server sends nothing more, so there is nothing to wait for.
  end: (socket) => void socket.terminate(),
  close: (socket) => socket.data.onClose(undefined),
  error: (socket, error) => socket.data.onError(error),
  // The promise says so, too.
  connectError: () => {},
};

/** Makes connections. */
export function createClientSockets(): ClientSockets {
  const withTls = createNodeClientSockets();
  return {
    connect(address: ClientAddress, handler: ClientSocketHandler): ClientSocket {
      if (address.kind === "tcp" && address.tls !== undefined) {
        return withTls.connect(address, handler);
      }
      const socket = new BunClientSocket(handler);
      const target = address.kind === "unix"
        ? { unix: address.path }
        : { hostname: address.host, port: address.port };
      bunApi().connect({ ...target, data: socket, socket: HANDLERS })
        .catch((error: unknown) => socket.onClose(errorOf(error)));
      return socket;
    },
  };
}
