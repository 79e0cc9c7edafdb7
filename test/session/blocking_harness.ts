/** A whole server in memory whose clock, connections and turns are moved by hand: nothing is left to chance. */
import { Buffer } from "node:buffer";
import { createCryptography } from "../../src/adapters/common/cryptography.ts";
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { createMemoryFileStore } from "../../src/adapters/memory/file_store.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import type { FileStore } from "../../src/ports/file_store.ts";
import type { ConnectionHandler, Transport } from "../../src/ports/transport.ts";
import { type Core, createCore } from "../../src/server/core.ts";
import { defaultOptions, type Options } from "../../src/server/options.ts";
import { encodeCommand } from "../support/frames.ts";
import { machine } from "../server/options_harness.ts";

const MIB = 1024 * 1024;

/** Both ends of one connection. */
export class Client implements Transport {
  readonly remoteAddress: string;
  readonly localAddress = "127.0.0.1:6379";
  readonly isLoopback = true;
  readonly isUnix = false;
  /** Whether the server closed the connection. */
  isOver = false;
  readonly #server: Server;
  #handler!: ConnectionHandler;
  #replies = "";
  #hasClosed = false;

  constructor(server: Server, port: number) {
    this.#server = server;
    this.remoteAddress = `127.0.0.1:${port}`;
  }

  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  /** Sends lines of words, one command each; they run at the next `turn`. */
  send(...lines: string[]): void {
    const frames = lines.map((line) => encodeCommand(line.split(" ")));
    this.#handler.received(Buffer.concat(frames));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#handler.received(bytes);
  }

  /** Sends lines and lets them run. @returns what came back, "~" for each line break */
  call(...lines: string[]): string {
    this.send(...lines);
    this.#server.turn();
    return this.take();
  }

  /** What came back since the last time, "~" for each line break. */
  take(): string {
    return this.takeRaw().replaceAll("\r\n", "~");
  }

  /** The same as it came, in Latin-1. */
  takeRaw(): string {
    const replies = this.#replies;
    this.#replies = "";
    return replies;
  }

  /** Ends the direction to the server. */
  endSending(): void {
    this.#handler.ended();
  }

  /** Says that it takes more, after a write that it took less of than was asked. */
  takeMore(): void {
    this.#handler.writable();
  }

  /** Goes away. */
  drop(): void {
    this.destroy();
  }

  // What the session calls

  write(bytes: Uint8Array, start: number, end: number): number {
    if (this.isOver) return 0;
    this.#replies += Buffer.from(bytes.subarray(start, end)).toString("latin1");
    return end - start;
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.destroy();
  }

  destroy(): void {
    this.isOver = true;
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    this.#handler.closed();
  }
}

export interface ServerGiven {
  readonly prepare?: (options: Options) => void;
  readonly files?: FileStore;
}

export class Server {
  readonly clock: ManualClock;
  readonly core: Core;
  /** What the server logs, once this is a text; until then that is an error. */
  logged: string | undefined;
  #nextPort = 50_001;

  /** @param given what is other than in a server that is told nothing */
  constructor(seed = 1, given: ServerGiven = {}) {
    this.clock = createManualClock(1_700_000_000_000);
    const system = machine();
    const options = defaultOptions(system);
    options.settings.maxmemory = options.storeCapacityBytes = 32 * MIB;
    given.prepare?.(options);
    this.core = createCore({
      host: {
        clock: this.clock,
        random: createRandom([seed, 2, 3, 4]),
        cryptography: createCryptography(),
        files: given.files ?? createMemoryFileStore([]),
        system,
      },
      options,
      configFile: "",
      log: (line, level) => {
        if (level === "verbose" || level === "debug") return;
        if (this.logged === undefined) throw new Error(line);
        this.logged += `${line}\n`;
      },
      shutdown() {},
    });
  }

  connect(): Client {
    const client = new Client(this, this.#nextPort++);
    client.attach(this.core.clients.connected(client));
    return client;
  }

  /** Runs everything that was sent. */
  turn(): void {
    this.core.executor.flush();
  }

  /** Lets milliseconds go by. */
  pass(ms: number): void {
    this.clock.advance(ms);
  }

  get blockedCount(): number {
    return this.core.engine.blocking.clientCount;
  }
}
