/** A small client that sends bytes and counts the replies: fast enough to load a server. */
import { createConnection, type Socket } from "node:net";
import { encodeCommand, makePipeline, numberKeys } from "../support/commands.ts";

const LF = 10;
const DASH = 45;
const LOAD_DEPTH = 500;
/** Pipelines under way at once while loading. */
const LOAD_WINDOW = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Waiter {
  /** Number of lines, counted from the connection's start, at which it is over. */
  readonly at: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class PipelineClient {
  readonly #socket: Socket;
  #sentLines = 0;
  #receivedLines = 0;
  #isLineStart = true;
  #failure: Error | undefined;
  readonly #waiters: Waiter[] = [];
  #request: { resolve(reply: string): void; reject(error: Error): void } | undefined;
  #text = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#received(chunk));
    socket.on("error", (error: Error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  static connect(port: number): Promise<PipelineClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ port, host: "127.0.0.1" });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new PipelineClient(socket));
      });
    });
  }

  /**
   * Sends commands whose replies have `lines` lines together.
   * @returns settles when they all came; rejects when one of them is an error
   */
  send(bytes: Uint8Array, lines: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#sentLines += lines;
    const at = this.#sentLines;
    const done = new Promise<void>((resolve, reject) =>
      this.#waiters.push({ at, resolve, reject })
    );
    this.#socket.write(bytes);
    return done;
  }

  /**
   * Sends one command, while none else is under way.
   * @returns its reply as it came, a line or a bulk string
   */
  request(...words: string[]): Promise<string> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#text = "";
    const reply = new Promise<string>((resolve, reject) => this.#request = { resolve, reject });
    this.#socket.write(encoder.encode(encodeCommand(words)));
    return reply;
  }

  /** A section of INFO as a map of its fields. */
  async info(section: string): Promise<ReadonlyMap<string, string>> {
    const text = await this.request("INFO", section);
    return new Map(
      text.split("\r\n").filter((line) => line.includes(":")).map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
    );
  }

  close(): void {
    this.#failure = new Error("closed");
    this.#socket.destroy();
  }

  #received(chunk: Uint8Array): void {
    const request = this.#request;
    if (request !== undefined) {
      this.#text += decoder.decode(chunk);
      if (!isWhole(this.#text)) return;
      this.#request = undefined;
      return request.resolve(this.#text);
    }
    for (let i = 0; i < chunk.length; i++) {
      if (this.#isLineStart && chunk[i] === DASH) {
        return this.#fail(new Error(`error reply: ${decoder.decode(chunk.subarray(i, i + 200))}`));
      }
      this.#isLineStart = chunk[i] === LF;
      if (this.#isLineStart) this.#receivedLines++;
    }
    while (this.#waiters.length > 0 && this.#waiters[0].at <= this.#receivedLines) {
      this.#waiters.shift()?.resolve();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#request?.reject(this.#failure);
    this.#request = undefined;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
  }
}

/** Whether a reply is there to its end: a bulk string, or anything of one line. */
function isWhole(text: string): boolean {
  const header = /^\$(\d+)\r\n/.exec(text);
  if (header === null) return text.endsWith("\r\n");
  return text.length >= header[0].length + Number(header[1]) + 2;
}

export interface LoadKeysOptions {
  readonly port: number;
  /** Number of SET commands. */
  readonly count: number;
  readonly value: string;
  readonly prefix?: string;
  /** Number of different keys, default `count`. */
  readonly distinct?: number;
}

/** Sets the keys `prefix` + number, from 0 on, over one connection. */
export async function loadKeys(options: LoadKeysOptions): Promise<void> {
  const { port, count, value, prefix = "key:", distinct = count } = options;
  const client = await PipelineClient.connect(port);
  const whole = makePipeline("SET", LOAD_DEPTH, value, prefix);
  const bytesPerCommand = whole.bytes.length / LOAD_DEPTH;
  const underway: Promise<void>[] = [];
  try {
    for (let first = 0; first < count; first += LOAD_DEPTH) {
      const depth = Math.min(LOAD_DEPTH, count - first);
      numberKeys(whole, first, distinct);
      // The socket may hold on to what it is given.
      underway.push(client.send(whole.bytes.slice(0, depth * bytesPerCommand), depth));
      if (underway.length >= LOAD_WINDOW) await underway.shift();
    }
    await Promise.all(underway);
  } finally {
    client.close();
  }
}
