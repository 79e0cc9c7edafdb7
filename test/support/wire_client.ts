/** A client that sends any bytes and hands out the replies as the bytes they came in. */
import { Buffer } from "node:buffer";
import { createConnection } from "node:net";
import type { Socket } from "node:net";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { type Argument, encodeCommand, FrameSplitter } from "./frames.ts";
import { within } from "./wait.ts";

export class WireClient {
  readonly socket: Socket;
  /** Bytes received so far. */
  receivedBytes = 0;
  /** Whether the server ended or closed the connection. */
  isOver = false;
  /** Settles when the server ended or closed the connection. */
  readonly over: Promise<void>;
  readonly #splitter = new FrameSplitter();
  readonly #frames: Buffer[] = [];
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    let finish: () => void = () => {};
    this.over = new Promise((resolve) => finish = resolve);
    const ended = (): void => {
      this.isOver = true;
      finish();
      this.#wake();
    };
    socket.on("data", (chunk: Uint8Array) => {
      this.receivedBytes += chunk.length;
      for (const frame of this.#splitter.push(chunk)) this.#frames.push(frame);
      this.#wake();
    });
    socket.on("end", ended).on("close", ended).on("error", ended);
  }

  /** Whole replies that were received and not read yet. */
  get frameCount(): number {
    return this.#frames.length;
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  sendCommands(commands: readonly (readonly Argument[])[]): void {
    this.send(Buffer.concat(commands.map(encodeCommand)));
  }

  /** The next reply. @throws Error when the connection ends before it, or it takes too long */
  async read(): Promise<Buffer> {
    while (this.#frames.length === 0) {
      if (this.isOver) throw new Error("the connection ended before the reply");
      await within("a reply", new Promise<void>((resolve) => this.#wake = resolve));
    }
    return this.#frames.shift()!;
  }

  async readAll(count: number): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    while (frames.length < count) {
      const ready = this.#frames.splice(0, count - frames.length);
      if (ready.length > 0) { for (const frame of ready) frames.push(frame); }
      else frames.push(await this.read());
    }
    return frames;
  }

  /** The next reply as Latin-1 text. */
  async readText(): Promise<string> {
    return (await this.read()).toString("latin1");
  }

  /** Sends one command. @returns its reply as Latin-1 text */
  call(...args: Argument[]): Promise<string> {
    this.send(encodeCommand(args));
    return this.readText();
  }

  /** Everything that is received until the connection is over. */
  async readToEnd(): Promise<string> {
    await within("the end of the connection", this.over);
    const frames = this.#frames.splice(0);
    return Buffer.concat([...frames, this.#splitter.rest]).toString("latin1");
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Ends this direction; replies can still be received. */
  endSending(): void {
    this.socket.end();
  }

  close(): void {
    this.socket.destroy();
  }
}

const open = new Set<WireClient>();

/** Connects by TCP or unix socket. */
export function connect(address: ListenAddress): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const target = address.kind === "unix"
      ? { path: address.path }
      : { host: address.host, port: address.port, noDelay: true };
    const socket = createConnection({ ...target, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      const client = new WireClient(socket);
      open.add(client);
      socket.once("close", () => open.delete(client));
      resolve(client);
    });
  });
}

/** Closes every client that is left; for the end of a test file. */
export function closeClients(): void {
  for (const client of open) client.close();
  open.clear();
}
