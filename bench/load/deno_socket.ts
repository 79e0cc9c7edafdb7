/** Connections by Deno.connect. */
import type { LoadAddress } from "./result.ts";
import type { LoadSocket, SocketHandlers } from "./socket.ts";

interface NativeConnection {
  /** @returns bytes read, null at the end */
  read(into: Uint8Array): Promise<number | null>;
  /** @returns bytes written, perhaps not all */
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  setNoDelay?(on: boolean): void;
}

interface DenoConnect {
  connect(
    options: { hostname: string; port: number } | { transport: "unix"; path: string },
  ): Promise<NativeConnection>;
}

const READ_BYTES = 64 * 1024;

class DenoSocket implements LoadSocket {
  readonly #connection: NativeConnection;
  readonly #handlers: SocketHandlers;
  readonly #waiting: Uint8Array[] = [];
  #isWriting = false;
  #isClosed = false;

  constructor(connection: NativeConnection, handlers: SocketHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
    this.#readAll().catch((error) => this.#fail(error));
  }

  write(bytes: Uint8Array): void {
    if (this.#isWriting) this.#waiting.push(bytes);
    else this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#isWriting = true;
    this.#connection.write(bytes).then(
      (written) => {
        if (written < bytes.length) return this.#send(bytes.subarray(written));
        this.#isWriting = false;
        const next = this.#waiting.shift();
        if (next !== undefined) this.#send(next);
      },
      (error) => this.#fail(error),
    );
  }

  async #readAll(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    const connection = this.#connection;
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) throw new Error("the server closed the connection");
      this.#handlers.data(buffer.subarray(0, count));
    }
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#handlers.failed(error);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }
}

export async function openDenoSocket(
  address: LoadAddress,
  handlers: SocketHandlers,
): Promise<LoadSocket> {
  const { Deno } = globalThis as unknown as { Deno: DenoConnect };
  const connection = await Deno.connect(
    "path" in address
      ? { transport: "unix", path: address.path }
      : { hostname: address.host, port: address.port },
  );
  if (!("path" in address)) connection.setNoDelay?.(true);
  return new DenoSocket(connection, handlers);
}
