/** Clients of the binary protocol on a server whose clock and turns are moved by hand. */
import { Buffer } from "node:buffer";
import type { ConnectionHandler, Transport } from "../../src/ports/transport.ts";
import {
  type Command,
  encodeHello,
  encodeRequest,
  type Frame,
  FrameReader,
  type RequestOptions,
  type Result,
} from "../protocol/binary/frames_support.ts";
import type { Server } from "./blocking_harness.ts";

let nextPort = 40_001;

export class BinaryClient implements Transport {
  readonly remoteAddress = `127.0.0.1:${nextPort++}`;
  readonly localAddress = "127.0.0.1:6379";
  readonly isLoopback = true;
  readonly isUnix = false;
  /** Whether the server closed the connection. */
  isOver = false;
  /** Bytes that the client takes before it takes no more; Infinity at first. */
  room = Infinity;
  /** All that was received. */
  received: Buffer = Buffer.alloc(0);
  readonly #server: Server;
  readonly #handler: ConnectionHandler;
  #reader = new FrameReader();
  #frames: Frame[] = [];
  #isOwed = false;

  constructor(server: Server) {
    this.#server = server;
    this.#handler = server.core.clients.connected(this);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#handler.received(bytes);
  }

  send(commands: readonly Command[], options: RequestOptions = {}): void {
    this.sendBytes(encodeRequest(commands, options));
  }

  /** Sends lines of words as one request and lets it run. @returns all results that came back */
  call(...lines: string[]): Result[] {
    this.send(lines.map((line) => line.split(" ")));
    this.#server.turn();
    return this.take().flatMap(({ results }) => results);
  }

  hello(words: Command, id = 1): Frame[] {
    this.sendBytes(encodeHello(words, id));
    this.#server.turn();
    return this.take();
  }

  /** The frames that came back since the last time. */
  take(): Frame[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** The client takes so many bytes more. */
  takeMore(bytes = Infinity): void {
    this.room = bytes;
    if (!this.#isOwed) return;
    this.#isOwed = false;
    this.#handler.writable();
  }

  endSending(): void {
    this.#handler.ended();
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    if (this.isOver) return 0;
    const count = Math.min(end - start, this.room);
    this.room -= count;
    if (count < end - start) this.#isOwed = true;
    const chunk = Buffer.from(bytes.slice(start, start + count));
    this.received = Buffer.concat([this.received, chunk]);
    this.#frames.push(...this.#reader.push(chunk));
    return count;
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#handler.closed();
  }
}

/** What frames say, in short: `7+` is one with more to come. */
export function told(frames: readonly Frame[]): unknown[] {
  return frames.map(({ kind, id, hasMore, results }) => [
    kind === "replies" ? `${id}${hasMore ? "+" : ""}` : kind === "push" ? kind : `${kind} ${id}`,
    ...results.map(plain),
  ]);
}

/** A result as plain values: numbers, texts, arrays. */
export function plain(result: Result): unknown {
  if (typeof result === "bigint") return Number(result);
  if (result === null || typeof result !== "object") return result;
  if ("simple" in result) return result.simple;
  if ("error" in result) return `-${result.error}`;
  if ("double" in result) return result.double;
  if ("verbatim" in result) return result.verbatim;
  if ("array" in result) return result.array.map(plain);
  if ("push" in result) return result.push.map(plain);
  if ("set" in result) return result.set.map(plain);
  if ("map" in result) return result.map.map(plain);
  return result;
}
