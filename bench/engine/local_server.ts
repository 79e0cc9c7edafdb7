/** A server without sockets: engine, executor and sessions with the default options, in this process. */
import { createClock } from "../../src/adapters/common/clock.ts";
import { createSystemInfo } from "../../src/adapters/common/system_info.ts";
import { createRandom, type Seed } from "../../src/bytes/prng.ts";
import type { Services } from "../../src/commands/call.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import { Engine } from "../../src/engine/engine.ts";
import { Stats } from "../../src/engine/stats.ts";
import type { Log } from "../../src/ports/log.ts";
import type { ConnectionHandler, Transport } from "../../src/ports/transport.ts";
import { COMMAND_FAMILIES } from "../../src/server/command_families.ts";
import { defaultOptions } from "../../src/server/options.ts";
import { Executor } from "../../src/session/executor.ts";
import { SessionDirectory } from "../../src/session/session_directory.ts";

/** Takes every reply and counts its bytes. */
export class NullTransport implements Transport {
  readonly remoteAddress = "127.0.0.1:1";
  readonly localAddress = "127.0.0.1:2";
  readonly isLoopback = true;
  readonly isUnix = false;
  receivedBytes = 0;
  /** Mixes some of the bytes taken. */
  hash = 0;

  write(bytes: Uint8Array, start: number, end: number): number {
    this.receivedBytes += end - start;
    this.hash = Math.imul(this.hash ^ bytes[start] ^ (bytes[end - 1] << 8), 0x9e3779b1);
    return end - start;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

export interface LocalServer {
  readonly engine: Engine;
  readonly executor: Executor;
  /** What all sessions sent. */
  readonly transport: NullTransport;
  connect(): ConnectionHandler;
}

const SEED: Seed = [1, 2, 3, 4];

export function createLocalServer(): LocalServer {
  const registry = createCommandTable(COMMAND_FAMILIES);
  const options = defaultOptions(createSystemInfo("bench", "0"));
  const engine = new Engine({
    settings: options.settings,
    clock: createClock(),
    random: createRandom(SEED),
    stats: new Stats(registry.entries.length),
    capacityBytes: options.storeCapacityBytes,
  });
  const fail: Log = (line, level) => {
    if (level === "warning") throw new Error(line);
  };
  const clients = new SessionDirectory(engine, fail);
  // No command of the benches asks for the other services.
  const services = { commands: registry, clients } as unknown as Services;
  const executor = new Executor(engine, registry, services, fail);
  clients.attach(executor, registry);
  const transport = new NullTransport();
  return { engine, executor, transport, connect: () => clients.connected(transport) };
}
