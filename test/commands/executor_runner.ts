/** Sends pipelines through sessions and the executor, without sockets; replies come as RESP text. */
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import { Engine } from "../../src/engine/engine.ts";
import { Stats } from "../../src/engine/stats.ts";
import { Executor } from "../../src/session/executor.ts";
import { Session } from "../../src/session/session.ts";
import { testSettings } from "../support/test_settings.ts";
import { createTestUsers } from "../support/test_users.ts";
import type { Users } from "../../src/commands/acl/users.ts";
import type { ManualClock } from "../../src/adapters/memory/clock.ts";
import type { Services } from "../../src/commands/call.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";
import type { Settings } from "../../src/ports/settings.ts";
import type { Transport } from "../../src/ports/transport.ts";

const START_MS = 1_700_000_000_000;
const CAPACITY_BYTES = 16 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One connection and what it got. */
export interface TestClient {
  readonly session: Session;
  /** Whether the server ended the connection. */
  readonly isEnded: boolean;
  /**
   * Sends commands in one chunk, each of words separated by blanks.
   * @returns the replies with "~" for each line break
   */
  send(...commands: string[]): string;
}

export interface ExecutorRunner {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly users: Users;
  readonly clock: ManualClock;
  /** What the executor logged: internal errors. */
  readonly log: string[];
  connect(): TestClient;
}

/** A transport that takes everything at once. */
class CollectingTransport implements Transport {
  readonly remoteAddress: string;
  readonly localAddress = "127.0.0.1:6379";
  readonly isLoopback = true;
  readonly isUnix = false;
  text = "";
  isEnded = false;

  constructor(port: number) {
    this.remoteAddress = `127.0.0.1:${port}`;
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    this.text += decoder.decode(bytes.subarray(start, end));
    return end - start;
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isEnded = true;
  }
}

/** A server of the given command families. */
export function createExecutorRunner(
  ...families: readonly (readonly CommandSpec[])[]
): ExecutorRunner {
  const registry = createCommandTable(families);
  const settings = testSettings({ activeExpireEnabled: false, latencyTracking: false });
  const clock = createManualClock(START_MS);
  const engine = new Engine({
    settings,
    clock,
    random: createRandom([1, 2, 3, 4]),
    stats: new Stats(registry.entries.length),
    capacityBytes: CAPACITY_BYTES,
  });
  const users = createTestUsers({ registry, clock, settings });
  const sessions: Session[] = [];
  const log: string[] = [];
  const services = {
    clients: {
      get count() {
        return sessions.length;
      },
      all: () => sessions,
      byId: (id: number) => sessions.find((session) => session.id === id),
      pause: (untilMs: number, mode: "write" | "all") => executor.pause(untilMs, mode),
      unpause: () => executor.unpause(),
    },
    commands: registry,
    users,
  };
  users.attach(services.clients);
  const executor = new Executor(engine, registry, services as unknown as Services, (line) => {
    log.push(line);
  });
  const context = {
    engine,
    registry,
    executor,
    users,
    ended: () => {},
    log: (line: string) => log.push(line),
  };
  return {
    settings,
    engine,
    users,
    clock,
    log,
    connect() {
      const id = sessions.length + 1;
      const transport = new CollectingTransport(50000 + id);
      const session = new Session(id, transport, context);
      sessions.push(session);
      return {
        session,
        get isEnded() {
          return transport.isEnded;
        },
        send(...commands) {
          transport.text = "";
          session.received(encoder.encode(commands.map(encodeCommand).join("")));
          executor.flush();
          return transport.text.replaceAll("\r\n", "~");
        },
      };
    },
  };
}

function encodeCommand(command: string): string {
  const words = command.split(" ");
  const parts = words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}
