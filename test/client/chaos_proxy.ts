/**
 * A server's evil twin: a proxy that splits, delays, cuts off and, of the binary protocol, reorders what a
 * server sends, at random by a seed.
 */
import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";

const HEADER_BYTES = 16;
const KIND_REPLIES = 0x82;

/** Chances in a thousand, for each chunk. */
export interface Chances {
  readonly split: number;
  readonly delay: number;
  /** Of being cut off, somewhere in the chunk. */
  readonly cut: number;
  /** Of commands being cut off on their way to the server. */
  readonly cutRequests: number;
  /** Of a frame of replies being held back behind the next one. */
  readonly reorder: number;
}

export class ChaosProxy {
  connections = 0;
  cuts = 0;
  reordered = 0;
  /** False = everything goes through as it is. */
  isEvil = true;
  readonly #server: Server;
  readonly #random: Xoshiro128;
  readonly #chances: Chances;
  readonly #sockets = new Set<Socket>();
  /** Of connections that were cut off: nothing more goes through. */
  readonly #ending = new WeakSet<Socket>();

  constructor(target: number, random: Xoshiro128, chances: Chances, isBinary: boolean) {
    this.#random = random;
    this.#chances = chances;
    this.#server = createServer((client) => {
      this.connections++;
      const server = connect(target, "127.0.0.1");
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
      }
      client.on("data", (chunk: Buffer) => {
        if (this.#ending.has(client)) return;
        if (this.#happens("cutRequests")) return this.#cut(server, client, chunk);
        server.write(chunk);
      });
      const lane: Lane = new Lane(client, (chunk) => this.#pass(chunk, client, server, lane));
      const frames = isBinary ? new Reorderer(() => this.#reorders()) : undefined;
      server.on("data", (chunk: Buffer) => {
        for (const each of frames?.push(chunk) ?? [chunk]) lane.push(each);
      });
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(address !== null && typeof address === "object" ? address.port : 0);
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #happens(what: keyof Chances): boolean {
    return this.isEvil && this.#random.below(1000) < this.#chances[what];
  }

  #reorders(): boolean {
    const does = this.#happens("reorder");
    if (does) this.reordered++;
    return does;
  }

  /** @returns whether the next chunk may follow at once */
  #pass(chunk: Buffer, client: Socket, server: Socket, lane: Lane): boolean {
    if (client.destroyed || this.#ending.has(client)) return true;
    if (this.#happens("cut")) {
      this.#cut(client, server, chunk);
      return true;
    }
    if (this.#happens("split") && chunk.length > 1) {
      const at = 1 + this.#random.below(chunk.length - 1);
      client.write(chunk.subarray(0, at));
      lane.unshift(chunk.subarray(at));
      setImmediate(() => lane.next());
      return false;
    }
    client.write(chunk);
    if (!this.#happens("delay")) return true;
    setTimeout(() => lane.next(), 1 + this.#random.below(4));
    return false;
  }

  /** Passes a part of a chunk on, and ends both. */
  #cut(to: Socket, other: Socket, chunk: Buffer): void {
    this.cuts++;
    this.#ending.add(to).add(other);
    to.write(chunk.subarray(0, this.#random.below(chunk.length)), () => {
      to.destroy();
      other.destroy();
    });
  }
}

/** Chunks on their way to a client, in order. */
class Lane {
  readonly #client: Socket;
  readonly #pass: (chunk: Buffer) => boolean;
  readonly #waiting: Buffer[] = [];
  #isHeld = false;

  constructor(client: Socket, pass: (chunk: Buffer) => boolean) {
    this.#client = client;
    this.#pass = pass;
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    if (!this.#isHeld) this.next();
  }

  unshift(chunk: Buffer): void {
    this.#waiting.unshift(chunk);
  }

  next(): void {
    this.#isHeld = false;
    while (this.#waiting.length > 0 && !this.#client.destroyed) {
      if (this.#pass(this.#waiting.shift()!)) continue;
      this.#isHeld = true;
      return;
    }
  }
}

/** Takes a stream of frames apart, and puts it together in another order. */
class Reorderer {
  readonly #happens: () => boolean;
  #rest: Buffer = Buffer.alloc(0);
  #held: Buffer | undefined;

  constructor(happens: () => boolean) {
    this.#happens = happens;
  }

  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const out: Buffer[] = [];
    for (;;) {
      const bytes = this.#rest;
      if (bytes.length < HEADER_BYTES) break;
      const size = HEADER_BYTES + bytes.readUInt32LE(4);
      if (bytes.length < size) break;
      this.#rest = bytes.subarray(size);
      this.#frame(bytes.subarray(0, size), out);
    }
    // A frame is held back only behind others that came with it.
    if (this.#held !== undefined) out.push(this.#held);
    this.#held = undefined;
    return out;
  }

  #frame(frame: Buffer, out: Buffer[]): void {
    // Parts of one request's replies stay in order.
    const isWhole = frame[1] === KIND_REPLIES && frame.readUInt16LE(2) === 0;
    if (this.#held !== undefined) {
      out.push(frame, this.#held);
      this.#held = undefined;
    } else if (isWhole && this.#happens()) this.#held = frame;
    else out.push(frame);
  }
}
