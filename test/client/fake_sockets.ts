/** Connections that a test moves by hand. */
import { Buffer } from "node:buffer";
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { ConnectionSender } from "../../src/client/connection_sender.ts";
import type { ConnectionOptions } from "../../src/client/connection_options.ts";
import type {
  ClientAddress,
  ClientHost,
  ClientSocket,
  ClientSocketHandler,
} from "../../src/ports/client_socket.ts";

export class FakeSocket implements ClientSocket {
  readonly address: ClientAddress;
  readonly handler: ClientSocketHandler;
  /** What was written, one text for each write. */
  readonly writes: string[] = [];
  /** Bytes that it still takes. */
  room = Infinity;
  isEnded = false;
  isDestroyed = false;
  #isClosed = false;

  constructor(address: ClientAddress, handler: ClientSocketHandler) {
    this.address = address;
    this.handler = handler;
  }

  get written(): string {
    return this.writes.join("");
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.room, end - start);
    this.room -= count;
    if (count > 0) {
      this.writes.push(Buffer.from(bytes.slice(start, start + count)).toString("latin1"));
    }
    return count;
  }

  end(): void {
    this.isEnded = true;
    this.close();
  }

  destroy(): void {
    this.isDestroyed = true;
    this.close();
  }

  /** It goes, by itself or since it was told so. */
  close(cause?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    queueMicrotask(() => this.handler.closed(cause));
  }

  feed(text: string): void {
    this.handler.received(Buffer.from(text, "latin1"));
  }
}

/** A sender, and what it does. */
export interface Fake {
  readonly sender: ConnectionSender;
  readonly clock: ManualClock;
  readonly sockets: FakeSocket[];
  /** The newest one. */
  readonly socket: FakeSocket;
  /** Makes the newest one stand. */
  open(): Promise<FakeSocket>;
}

/** In RESP2, where a connection opens without a word. */
export function fake(options: Partial<ConnectionOptions> = {}): Fake {
  const clock = createManualClock();
  const sockets: FakeSocket[] = [];
  const host: ClientHost = {
    clock,
    random: createRandom([1, 2, 3, 4]),
    sockets: {
      connect(address, handler) {
        const socket = new FakeSocket(address, handler);
        sockets.push(socket);
        return socket;
      },
    },
  };
  const sender = new ConnectionSender(host, {
    address: { kind: "tcp", host: "server", port: 1 },
    protocol: "resp2",
    ...options,
  });
  return {
    sender,
    clock,
    sockets,
    get socket() {
      return sockets[sockets.length - 1];
    },
    async open() {
      const socket = sockets[sockets.length - 1];
      socket.handler.connected();
      await settle();
      return socket;
    },
  };
}

/** Lets all microtasks run that there are. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** What became of a promise: "pending", its value, or its error. */
export async function outcome<T>(promise: Promise<T>): Promise<T | Error | "pending"> {
  await settle();
  return await Promise.race([
    promise.catch((error: Error) => error),
    settle().then(() => "pending" as const),
  ]);
}
