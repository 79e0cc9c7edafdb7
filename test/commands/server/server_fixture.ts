/** The server commands on a real engine with made-up services, in process and over a connection. */
import type { Services } from "../../../src/commands/call.ts";
import { type CommandRegistry, createCommandTable } from "../../../src/commands/registry.ts";
import { SERVER_COMMANDS } from "../../../src/commands/server/mod.ts";
import type { CommandSpec } from "../../../src/commands/spec.ts";
import { setString } from "../../../src/engine/strings.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { Session } from "../../../src/session/session.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";

export const RUN_ID = "0123456789abcdef0123456789abcdef01234567";
export const START_MS = 1_700_000_000_000;

/** PUT key value [expiry in ms since 1970]: something to store data with. */
const PUT = {
  name: "put",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [1, 1, 1],
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  summary: "Sets a key.",
  syntax: "key value [unix-time-milliseconds]",
  run(call, reply) {
    const { keyspace } = call.engine;
    const expiresAtMs = call.argc > 3 ? Number(call.text(3)) : 0;
    const key = call.first + 1;
    const { batch, db } = call;
    setString(keyspace, db, batch, key, batch.input, call.offset(2), call.length(2), expiresAtMs);
    reply.ok();
  },
} as const satisfies CommandSpec;

/** USE index: another database from here on. */
const USE = {
  name: "use",
  arity: 2,
  flags: [],
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "Selects a database.",
  syntax: "index",
  run(call, reply) {
    call.session.dbIndex = Number(call.text(1));
    reply.ok();
  },
} as const satisfies CommandSpec;

const FAMILIES: readonly (readonly CommandSpec[])[] = [SERVER_COMMANDS, [PUT, USE]];

export interface ServerFixture extends Fixture {
  readonly registry: CommandRegistry;
  /** Parameters of CONFIG. */
  readonly parameters: Map<string, string>;
  /** What the next CONFIG REWRITE answers. */
  rewriteError: string | undefined;
  shutdowns: number;
  /** The clients that INFO and MEMORY count. */
  clients: { queryBufferCapacity: number; outputBufferBytes: number; stateBytes: number }[];
  /** Runs INFO with these sections. @returns its fields by name */
  info(...sections: string[]): Map<string, string>;
  connect(): Connection;
}

/** A client over a connection in memory. */
export interface Connection {
  /** Sends one line of words. @returns what came back in the same turn, with "~" for line breaks */
  send(line: string): string;
  /** What came back since the last look. */
  received(): string;
  readonly isEnded: boolean;
}

/** @param more commands beside those of the server */
export function createServerFixture(
  settings: Partial<Settings> = {},
  more: readonly CommandSpec[] = [],
): ServerFixture {
  const families = [...FAMILIES, more];
  const state = {
    parameters: new Map([["maxmemory", "0"], ["maxclients", "10000"], ["hz", "10"]]),
    rewriteError: undefined as string | undefined,
    shutdowns: 0,
    clients: [{ queryBufferCapacity: 100, outputBufferBytes: 6, stateBytes: 1 }],
  };
  const fixture = createFixture({
    families,
    settings,
    services: createServices(state),
  });
  const info = (...sections: string[]): Map<string, string> =>
    parseInfo(fixture.run2("INFO", ...sections));
  const registry = createCommandTable(families);
  return Object.assign(state, fixture, {
    info,
    registry,
    connect: () => connect(fixture, registry),
  });
}

type State = Pick<ServerFixture, "parameters" | "rewriteError" | "shutdowns" | "clients">;

function createServices(state: State): Partial<Services> {
  const services = {
    config: {
      get: (patterns: readonly string[]) =>
        [...state.parameters].filter(([name]) => patterns.includes(name) || patterns.includes("*")),
      set(pairs: readonly (readonly [string, string])[]) {
        for (const [name, value] of pairs) {
          if (!state.parameters.has(name)) return `ERR no such parameter '${name}'`;
          state.parameters.set(name, value);
        }
        return undefined;
      },
      rewrite: () => Promise.resolve(state.rewriteError),
    },
    clients: {
      get count() {
        return state.clients.length;
      },
      all: () => state.clients,
    },
    server: {
      startedAtMs: START_MS - 90_061_500,
      version: "1.2.3",
      runId: RUN_ID,
      tcpPort: 6390,
      listeners: [
        { kind: "tcp", bind: "127.0.0.1", port: 6390 },
        { kind: "unix", bind: "/tmp/crab.sock", port: 0 },
        { kind: "tcp", bind: "::1", port: 6390 },
      ],
      configFile: "/etc/crabcache.conf",
      shutdown: () => {
        state.shutdowns++;
      },
    },
    tracking: { clientCount: 3, keyCount: 5, itemCount: 7, prefixCount: 2 },
    system: {
      runtimeName: "bun",
      runtimeVersion: "9.8.7",
      os: "Linux 6.1.0 x86_64",
      processId: 4242,
      executable: "/usr/bin/bun",
      totalMemoryBytes: 8 * 1024 ** 3,
      residentBytes: () => 128 * 1024 ** 2,
      cpuSeconds: () => ({ user: 1.5, system: 0.25 }),
    },
  };
  return services as unknown as Partial<Services>;
}

/** Fields of a reply of INFO. */
function parseInfo(reply: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of reply.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function connect(fixture: Fixture, registry: CommandRegistry): Connection {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let output = "";
  let isEnded = false;
  const transport: Transport = {
    remoteAddress: "127.0.0.1:50001",
    localAddress: "127.0.0.1:6390",
    isLoopback: true,
    isUnix: false,
    write(bytes, start, end) {
      output += decoder.decode(bytes.subarray(start, end));
      return end - start;
    },
    pause() {},
    resume() {},
    end() {
      isEnded = true;
    },
    destroy() {
      isEnded = true;
    },
  };
  const session = new Session(1, transport, {
    engine: fixture.engine,
    registry,
    executor: fixture.executor,
    ended() {},
    log() {},
  });
  const received = (): string => {
    const text = output.replaceAll("\r\n", "~");
    output = "";
    return text;
  };
  return {
    send(line) {
      session.received(encoder.encode(`${line}\r\n`));
      fixture.executor.flush();
      return received();
    },
    received,
    get isEnded() {
      return isEnded;
    },
  };
}
