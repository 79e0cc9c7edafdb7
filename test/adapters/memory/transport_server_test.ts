import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryEnd } from "../../../src/adapters/memory/connection.ts";
import { createMemoryTransports } from "../../../src/adapters/memory/transport_server.ts";
import type { ConnectionHandler, ListenAddress } from "../../../src/ports/transport.ts";
import { transportContract } from "../transport_contract.ts";
import type { Peer } from "../transport_harness.ts";

/** Keeps what does not fit yet, as a socket of the operating system would not. */
class MemoryPeer implements Peer, ConnectionHandler {
  readonly chunks: Uint8Array[] = [];
  receivedBytes = 0;
  isOver = false;
  readonly #end: MemoryEnd;
  #waiting: Uint8Array[] = [];
  #isEnding = false;

  constructor(end: MemoryEnd) {
    this.#end = end;
  }

  send(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.writable();
  }

  endSending(): void {
    this.#isEnding = true;
    this.writable();
  }

  reset(): void {
    this.#end.destroy();
  }

  pause(): void {
    this.#end.pause();
  }

  resume(): void {
    this.#end.resume();
  }

  received(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.receivedBytes += chunk.length;
  }

  writable(): void {
    while (this.#waiting.length > 0) {
      const [bytes] = this.#waiting;
      const taken = this.#end.write(bytes, 0, bytes.length);
      if (taken < bytes.length) {
        this.#waiting[0] = bytes.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
    if (this.#isEnding) this.#end.endSending();
  }

  ended(): void {
    this.isOver = true;
  }

  closed(): void {
    this.isOver = true;
  }
}

for (const kind of ["tcp", "unix"] as const) {
  const transports = createMemoryTransports();
  let count = 0;
  transportContract({
    name: `memory ${kind}`,
    transports,
    address: (): ListenAddress =>
      kind === "tcp"
        ? { kind, host: "127.0.0.1", port: 0 }
        : { kind, path: `/memory/${count++}.sock` },
    connect(address) {
      let peer: MemoryPeer | undefined;
      transports.connect(address, (end) => peer = new MemoryPeer(end));
      return Promise.resolve(peer!);
    },
  });
}

test("memory: an address is taken once, and free again after close()", async () => {
  const transports = createMemoryTransports();
  const options = {
    address: { kind: "tcp", host: "::1", port: 6379 },
    tcpKeepaliveSeconds: 0,
    connected: () => assert.fail("nobody connects"),
    flush: () => {},
  } as const;
  const listener = await transports.listen(options);
  await assert.rejects(transports.listen(options), /\[::1\]:6379: address already in use$/);
  listener.close();
  (await transports.listen(options)).close();
});
