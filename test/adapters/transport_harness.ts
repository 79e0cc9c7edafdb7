/** What the transport contract needs to know of an implementation, and helpers of its tests. */
import assert from "node:assert/strict";
import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type {
  ConnectionHandler,
  ListenAddress,
  Listener,
  ListenOptions,
  Transport,
  TransportServer,
} from "../../src/ports/transport.ts";
import type { TlsOptions } from "../../src/ports/tls.ts";

/** The far end of a connection, as a test drives it. */
export interface Peer {
  send(bytes: Uint8Array): void;
  /** Ends the direction to the server. */
  endSending(): void;
  /** Goes away without a farewell. */
  reset(): void;
  pause(): void;
  resume(): void;
  /** Everything received so far. */
  readonly chunks: Uint8Array[];
  readonly receivedBytes: number;
  /** Whether the server ended or closed the connection. */
  readonly isOver: boolean;
}

/** One implementation, reachable at an address. */
export interface TransportHarness {
  readonly name: string;
  readonly transports: TransportServer;
  /** A new address to listen at. */
  address(): ListenAddress;
  /** How its listeners speak TLS, if they do. */
  readonly tls?: TlsOptions;
  connect(address: ListenAddress): Promise<Peer>;
}

/** Connects by node:net, which both runtimes have. */
export function connectSocket(address: ListenAddress): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const target = address.kind === "unix"
      ? { path: address.path }
      : { host: address.host, port: address.port };
    const socket = createConnection({ ...target, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => resolve(new SocketPeer(socket)));
  });
}

/** Connects by node:tls. @param more what to trust, and what to show */
export function connectTlsSocket(address: ListenAddress, more: ConnectionOptions): Promise<Peer> {
  assert.ok(address.kind === "tcp");
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const options = { host, port, allowHalfOpen: true, ...more };
    const socket = connectTls(options);
    socket.once("error", reject);
    socket.once("secureConnect", () => resolve(new SocketPeer(socket)));
  });
}

class SocketPeer implements Peer {
  readonly chunks: Uint8Array[] = [];
  receivedBytes = 0;
  isOver = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    const over = (): void => {
      this.isOver = true;
    };
    socket.on("data", (chunk: Uint8Array) => {
      this.chunks.push(chunk);
      this.receivedBytes += chunk.length;
    });
    socket.on("end", over).on("close", over).on("error", over);
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  endSending(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

/** A handler that writes down what happens to it. */
export class Recorder implements ConnectionHandler {
  readonly transport: Transport;
  readonly events: string[] = [];
  readonly chunks: Uint8Array[] = [];
  receivedBytes = 0;
  closedCount = 0;
  /** What else to do when something is received. */
  react: (chunk: Uint8Array) => void = () => {};
  /** What else to do when there is room. */
  refill: () => void = () => {};

  constructor(transport: Transport) {
    this.transport = transport;
  }

  received(chunk: Uint8Array): void {
    this.#note("received");
    this.chunks.push(chunk.slice());
    this.receivedBytes += chunk.length;
    this.react(chunk);
  }

  writable(): void {
    this.#note("writable");
    this.refill();
  }

  ended(): void {
    this.#note("ended");
  }

  closed(): void {
    this.closedCount++;
    this.#note("closed");
  }

  #note(event: string): void {
    if (this.closedCount > 0 && event !== "closed") this.events.push(`${event} after closed`);
    else this.events.push(event);
  }
}

/** A listener whose connections are recorded. */
export interface Recording {
  readonly listener: Listener;
  readonly recorders: Recorder[];
  readonly failures: unknown[];
  flushCount: number;
}

/** Listens with recorders. @param begin what to do with each of them at the start */
export async function record(
  harness: TransportHarness,
  begin: (recorder: Recorder) => void = () => {},
  more: Partial<ListenOptions> = {},
): Promise<Recording> {
  const recorders: Recorder[] = [];
  const failures: unknown[] = [];
  const recording = { recorders, failures, flushCount: 0 };
  const listener = await harness.transports.listen({
    address: harness.address(),
    ...harness.tls === undefined ? {} : { tls: harness.tls },
    tcpKeepaliveSeconds: 300,
    connected(transport) {
      const recorder = new Recorder(transport);
      recorders.push(recorder);
      begin(recorder);
      return recorder;
    },
    flush: () => void recording.flushCount++,
    failed: (error) => void failures.push(error),
    ...more,
  });
  return Object.assign(recording, { listener });
}

/** Bytes that differ at every position that a mistake could mix up. */
export function pattern(length: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    bytes[index] = (Math.imul(index + seed, 0x9e3779b1) >>> 16) ^ (index >>> 13);
  }
  return bytes;
}

/** Checks that the chunks together are `expected`. */
export function assertContent(chunks: readonly Uint8Array[], expected: Uint8Array): void {
  const actual = Buffer.concat(chunks);
  assert.equal(actual.length, expected.length);
  assert.ok(actual.equals(expected), "the bytes are those that were sent");
}

/** Writes all of `bytes`, going on whenever there is room. @returns a live count of short writes */
export function writeAll(recorder: Recorder, bytes: Uint8Array): { shortWrites: number } {
  const outcome = { shortWrites: 0 };
  let position = 0;
  const go = (): void => {
    position += recorder.transport.write(bytes, position, bytes.length);
    if (position < bytes.length) outcome.shortWrites++;
  };
  recorder.refill = go;
  go();
  return outcome;
}
