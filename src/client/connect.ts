/** Puts a client together: over connections, or over HTTP. */
import type { ClientHost } from "../ports/client_socket.ts";
import { createClientOn } from "./client.ts";
import { ClientError } from "./client_error.ts";
import type { Client } from "./commands.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { ConnectionSender } from "./connection_sender.ts";
import type { OwnSenders } from "./connections.ts";
import { type HttpOptions, HttpOwnSenders, HttpSender } from "./http_sender.ts";
import type { Sender } from "./sender.ts";
import { SenderPool } from "./sender_pool.ts";

/** Connections of their own that are kept for the next use. */
const MAX_IDLE = 8;

/** @throws ClientError when there is no connection to be had */
export async function connectOver(
  host: ClientHost,
  options: ConnectionOptions,
  maxOwnConnections: number,
): Promise<Client> {
  const shared = new ConnectionSender(host, options);
  try {
    await shared.connect();
  } catch (error) {
    shared.destroy();
    throw error;
  }
  return createClientOn({
    shared,
    own: new OwnConnections(shared, maxOwnConnections),
    canWatch: true,
    openMessages: ({ onPush, onConnect }) =>
      shared.dedicated({
        pushesAs: "bytes",
        onPush,
        onConnect: () => {
          onConnect();
          options.onConnect?.();
        },
      }),
  });
}

/** A client over HTTP: nothing is sent before the first command. */
export function connectOverHttp(options: HttpOptions): Client {
  return createClientOn({
    shared: new HttpSender(options),
    own: new HttpOwnSenders(options),
    canWatch: false,
    openMessages: undefined,
  });
}

/** Connections that are lost for good when they are lost, so that nobody goes on without a watch. */
class OwnConnections implements OwnSenders {
  readonly #pool: SenderPool;
  readonly #max: number;
  readonly #taken = new Map<Sender, ConnectionSender>();

  constructor(shared: ConnectionSender, max: number) {
    const changes = { reconnect: false, onConnect: undefined, onDisconnect: undefined } as const;
    this.#pool = new SenderPool(() => shared.dedicated(changes), MAX_IDLE);
    this.#max = max;
  }

  take(): Sender {
    if (this.#taken.size >= this.#max) {
      throw new ClientError(
        "QUEUE_FULL",
        `${this.#max} connections of their own are in use already (maxOwnConnections)`,
      );
    }
    const sender = this.#pool.take();
    this.#taken.set(sender, sender);
    return sender;
  }

  give(sender: Sender, isReusable: boolean): void {
    const taken = this.#taken.get(sender);
    if (taken === undefined) return;
    this.#taken.delete(sender);
    if (!isReusable) taken.destroy();
    this.#pool.give(taken);
  }

  destroy(): void {
    this.#pool.destroy();
    this.#taken.clear();
  }
}
