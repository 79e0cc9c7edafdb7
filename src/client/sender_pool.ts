/** Connections for work that can't share one: commands that wait, and watched keys. */
import { ClientError } from "./client_error.ts";
import type { ConnectionSender } from "./connection_sender.ts";

export class SenderPool {
  readonly #make: () => ConnectionSender;
  readonly #maxIdle: number;
  readonly #idle: ConnectionSender[] = [];
  readonly #taken = new Set<ConnectionSender>();
  #isClosed = false;

  /** @param make makes one more; @param maxIdle that are kept for later */
  constructor(make: () => ConnectionSender, maxIdle = 8) {
    this.#make = make;
    this.#maxIdle = maxIdle;
  }

  /** @returns one that nobody else uses, until it is given back @throws ClientError after `close` */
  take(): ConnectionSender {
    if (this.#isClosed) throw new ClientError("CLOSED", "the client is closed");
    let sender = this.#idle.pop();
    while (sender !== undefined && sender.isOver) sender = this.#idle.pop();
    sender ??= this.#make();
    this.#taken.add(sender);
    return sender;
  }

  /** Takes one back; one that waits for a reply, which nobody wants any more, is closed. */
  give(sender: ConnectionSender): void {
    this.#taken.delete(sender);
    const isKept = !this.#isClosed && !sender.isOver && sender.isIdle &&
      this.#idle.length < this.#maxIdle;
    if (isKept) this.#idle.push(sender);
    else sender.destroy();
  }

  /** Closes those that nobody uses, and the others when their commands are answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#idle.splice(0), ...this.#taken].map((sender) => sender.close()));
  }

  /** Closes all at once. */
  destroy(): void {
    this.#isClosed = true;
    for (const sender of [...this.#idle.splice(0), ...this.#taken]) sender.destroy();
  }
}
