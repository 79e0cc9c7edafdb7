/** Many subscribers of one channel and one publisher: counts what arrives, and how long all of it takes. */
import { createConnection } from "node:net";
import { encodeCommand } from "../support/commands.ts";
import { PipelineClient } from "./client.ts";

const CHANNEL = "news";
/** Connections that are opened at once. */
const OPENED_AT_ONCE = 100;
const encoder = new TextEncoder();

/** One connection that only receives. */
interface Receiver {
  receivedBytes: number;
  close(): void;
}

/** What of Bun's own sockets is used: they cost the load less than node:net does. */
interface BunSockets {
  connect(options: {
    hostname: string;
    port: number;
    socket: {
      open(socket: { write(bytes: Uint8Array): number; end(): void }): void;
      data(socket: unknown, chunk: Uint8Array): void;
      error(socket: unknown, error: Error): void;
    };
  }): Promise<{ end(): void }>;
}

const bun = (globalThis as { Bun?: BunSockets }).Bun;

async function connectReceiver(port: number, hello: Uint8Array): Promise<Receiver> {
  const receiver = { receivedBytes: 0, close: () => {} };
  const count = (length: number): void => {
    receiver.receivedBytes += length;
  };
  if (bun !== undefined) {
    const socket = await bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (opened) => void opened.write(hello),
        data: (_, chunk) => count(chunk.length),
        error: () => {},
      },
    });
    receiver.close = () => socket.end();
    return receiver;
  }
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.on("data", (chunk: Uint8Array) => count(chunk.length));
  socket.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  });
  socket.write(hello);
  receiver.close = () => void socket.destroy();
  return receiver;
}

export interface FanOutFigures {
  /** Messages times subscribers. */
  readonly deliveries: number;
  readonly seconds: number;
}

/** The connections to one server. */
export class FanOut {
  readonly #publisher: PipelineClient;
  readonly #receivers: readonly Receiver[];
  readonly #payload: string;

  private constructor(
    publisher: PipelineClient,
    receivers: readonly Receiver[],
    payload: string,
  ) {
    this.#publisher = publisher;
    this.#receivers = receivers;
    this.#payload = payload;
  }

  /** Connects and subscribes. @throws Error when the server counts fewer subscribers */
  static async open(port: number, subscribers: number, payloadBytes: number): Promise<FanOut> {
    const publisher = await PipelineClient.connect(port);
    const hello = encoder.encode(encodeCommand(["SUBSCRIBE", CHANNEL]));
    const confirmation = `*3\r\n$9\r\nsubscribe\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n:1\r\n`;
    const receivers: Receiver[] = [];
    while (receivers.length < subscribers) {
      const count = Math.min(OPENED_AT_ONCE, subscribers - receivers.length);
      const opening = Array.from({ length: count }, () => connectReceiver(port, hello));
      receivers.push(...await Promise.all(opening));
    }
    while (receivers.some(({ receivedBytes }) => receivedBytes < confirmation.length)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const counted = await publisher.request("PUBLISH", CHANNEL, "");
    if (counted !== `:${subscribers}\r\n`) throw new Error(`${counted.trim()} subscribers`);
    return new FanOut(publisher, receivers, "x".repeat(payloadBytes));
  }

  /** Bytes of a message on the wire. */
  #frameBytes(payload: string): number {
    const bulk = (text: string): number => `$${text.length}\r\n${text}\r\n`.length;
    return "*3\r\n".length + bulk("message") + bulk(CHANNEL) + bulk(payload);
  }

  /**
   * Publishes messages, `depth` of them at once.
   * @returns how long it took until the last subscriber had the last one
   * @throws Error when a subscriber got anything else than all of them
   */
  async publish(messages: number, depth: number): Promise<FanOutFigures> {
    const receivers = this.#receivers;
    await this.#settle();
    for (const each of receivers) each.receivedBytes = 0;
    const expected = messages * this.#frameBytes(this.#payload);
    const command = encodeCommand(["PUBLISH", CHANNEL, this.#payload]);
    const start = performance.now();
    for (let sent = 0; sent < messages; sent += depth) {
      const count = Math.min(depth, messages - sent);
      await this.#publisher.send(encoder.encode(command.repeat(count)), count);
    }
    while (receivers.some((each) => each.receivedBytes < expected)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const seconds = (performance.now() - start) / 1000;
    const wrong = receivers.find((each) => each.receivedBytes !== expected);
    if (wrong !== undefined) throw new Error(`${wrong.receivedBytes} bytes, not ${expected}`);
    return { deliveries: messages * receivers.length, seconds };
  }

  /** Waits until nothing comes any more. */
  async #settle(): Promise<void> {
    let before = -1;
    for (;;) {
      const bytes = this.#receivers.reduce((sum, each) => sum + each.receivedBytes, 0);
      if (bytes === before) return;
      before = bytes;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    this.#publisher.close();
    for (const each of this.#receivers) each.close();
  }
}
