/** Connections by Bun.connect. */
import type { LoadAddress } from "./result.ts";
import type { LoadSocket, SocketHandlers } from "./socket.ts";

interface NativeSocket {
  /** @returns bytes that were taken; what is left has to be written again on drain */
  write(bytes: Uint8Array): number;
  end(): void;
  terminate(): void;
}

interface BunConnect {
  connect(
    options: ({ hostname: string; port: number } | { unix: string }) & {
      socket: {
        open(socket: NativeSocket): void;
        data(socket: NativeSocket, chunk: Uint8Array): void;
        drain(socket: NativeSocket): void;
        close(socket: NativeSocket): void;
        error(socket: NativeSocket, error: Error): void;
        connectError(socket: NativeSocket, error: Error): void;
      };
    },
  ): Promise<unknown>;
}

const NOTHING = new Uint8Array(0);

class BunSocket implements LoadSocket {
  readonly #socket: NativeSocket;
  /** What the kernel did not take yet. */
  #rest: Uint8Array = NOTHING;
  isClosed = false;

  constructor(socket: NativeSocket) {
    this.#socket = socket;
  }

  write(bytes: Uint8Array): void {
    if (this.#rest.length > 0) {
      const both = new Uint8Array(this.#rest.length + bytes.length);
      both.set(this.#rest);
      both.set(bytes, this.#rest.length);
      this.#rest = both;
      return;
    }
    const written = this.#socket.write(bytes);
    if (written < bytes.length) this.#rest = bytes.subarray(Math.max(0, written));
  }

  drain(): void {
    const rest = this.#rest;
    this.#rest = NOTHING;
    if (rest.length > 0) this.write(rest);
  }

  close(): void {
    this.isClosed = true;
    this.#socket.terminate();
  }
}

export function openBunSocket(
  address: LoadAddress,
  handlers: SocketHandlers,
): Promise<LoadSocket> {
  const { Bun } = globalThis as unknown as { Bun: BunConnect };
  const target = "path" in address
    ? { unix: address.path }
    : { hostname: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    let opened: BunSocket | undefined;
    const fail = (error: Error): void => {
      if (opened === undefined) reject(error);
      else if (!opened.isClosed) handlers.failed(error);
    };
    Bun.connect({
      ...target,
      socket: {
        open: (socket) => resolve(opened = new BunSocket(socket)),
        data: (_socket, chunk) => handlers.data(chunk),
        drain: () => opened?.drain(),
        close: () => fail(new Error("the server closed the connection")),
        error: (_socket, error) => fail(error),
        connectError: (_socket, error) => reject(error),
      },
    }).catch(reject);
  });
}
