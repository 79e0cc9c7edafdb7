/** A client's connections on Deno: Deno.connect, and node:tls, which takes all settings, for TLS. */
import type {
  ClientAddress,
  ClientSocket,
  ClientSocketHandler,
  ClientSockets,
} from "../../ports/client_socket.ts";
import type { ConnectionHandler } from "../../ports/transport.ts";
import { createNodeClientSockets } from "../common/client_socket.ts";
import { Turn } from "../common/turn.ts";
import { denoApi, type DenoConnection } from "./api.ts";
import { BufferPool } from "./buffer_pool.ts";
import { Connection, type Shared } from "./connection.ts";

const POOL_BYTES = 64 * 1024 * 1024;

/** Where connections are only told to clients, who need neither their addresses nor the turn's end. */
const NO_INFO = { remoteAddress: "", localAddress: "", isLoopback: false, isUnix: false };

class DenoClientSocket implements ClientSocket, ConnectionHandler {
  readonly #handler: ClientSocketHandler;
  readonly #attempt = new AbortController();
  #connection: Connection | undefined;
  #isOver = false;

  constructor(address: ClientAddress, handler: ClientSocketHandler, shared: Shared) {
    this.#handler = handler;
    void this.#connect(address, shared);
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    return this.#connection!.write(bytes, start, end);
  }

  end(): void {
    if (this.#connection === undefined) this.#giveUp(undefined);
    else this.#connection.end();
  }

  destroy(): void {
    if (this.#connection === undefined) this.#giveUp(undefined);
    else this.#connection.destroy();
  }

  received(chunk: Uint8Array): void {
    this.#handler.received(chunk);
  }

  writable(): void {
    this.#handler.writable();
  }

  /** The server sends nothing more, so there is nothing to wait for. */
  ended(): void {
    this.#connection!.destroy();
  }

  closed(): void {
    this.#handler.closed(undefined);
  }

  async #connect(address: ClientAddress, shared: Shared): Promise<void> {
    const { signal } = this.#attempt;
    let connection: DenoConnection;
    try {
      connection = await denoApi().connect(
        address.kind === "unix"
          ? { transport: "unix", path: address.path }
          : { transport: "tcp", hostname: address.host, port: address.port, signal },
      );
    } catch (error) {
      return this.#giveUp(error instanceof Error ? error : undefined);
    }
    if (this.#isOver) return connection.close();
    connection.setNoDelay?.(true);
    connection.setKeepAlive?.(true);
    this.#connection = new Connection(connection, NO_INFO, shared);
    this.#connection.attach(this);
    this.#handler.connected();
  }

  #giveUp(cause: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#attempt.abort();
    queueMicrotask(() => this.#handler.closed(cause));
  }
}

/** Makes connections. */
export function createClientSockets(): ClientSockets {
  const withTls = createNodeClientSockets();
  // A handler's mistake is nobody's to catch here.
  const failed = (error: unknown): void =>
    queueMicrotask(() => {
      throw error;
    });
  const shared: Shared = {
    pool: new BufferPool(POOL_BYTES),
    turn: new Turn(() => {}, () => {}, failed),
    failed,
  };
  return {
    connect(address, handler) {
      if (address.kind === "tcp" && address.tls !== undefined) {
        return withTls.connect(address, handler);
      }
      return new DenoClientSocket(address, handler, shared);
    },
  };
}
