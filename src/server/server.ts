/**
 * The server: the core with listeners in front of it, from start to shutdown.
 */
import type { Engine } from "../engine/engine.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { ListenAddress, Listener } from "../ports/transport.ts";
import type { Executor } from "../session/executor.ts";
import type { SessionDirectory } from "../session/session_directory.ts";
import { createCore } from "./core.ts";
import { listenRequests } from "./options_listen.ts";
import { formatMemory } from "./options_units.ts";
import type { Options } from "./options_types.ts";
import { VERSION } from "./version.ts";

/** How long a shutdown waits for peers to take their last replies. */
const SHUTDOWN_GRACE_MS = 1000;

export interface RunningServer {
  readonly engine: Engine;
  /** Where it listens, with real ports. */
  readonly addresses: readonly ListenAddress[];
  /** Stops listening, lets every client take its last replies, and settles when all is closed. */
  close(): Promise<void>;
  /** Settles when the server was closed, by `close` or by SHUTDOWN. */
  readonly closed: Promise<void>;
}

/**
 * Starts a server.
 * @param configFile path of the configuration file that CONFIG REWRITE writes, "" = none
 * @throws Error that names the address, when one that is not optional can't be bound
 */
export async function startServer(
  runtime: Runtime,
  options: Options,
  configFile = "",
): Promise<RunningServer> {
  const { clock } = runtime;
  const log = (line: string): void => runtime.process.log(line);
  let shutdown: () => void = () => {};
  const core = createCore({
    host: runtime,
    options,
    configFile,
    log,
    // The batch that runs now answers its other clients first.
    shutdown: () => void clock.after(0, () => shutdown()),
  });
  const { engine, executor, clients, control } = core;

  const listeners = await listenAll(runtime, options, clients, executor, log);
  const bound = listeners.map((listener) => listener.address);
  const tcp = bound.find((address) => address.kind === "tcp");
  if (tcp !== undefined) control.tcpPort = options.port = tcp.port;
  const stopBackground = core.startBackground();

  let finish: () => void = () => {};
  const closed = new Promise<void>((resolve) => finish = resolve);
  let isClosing = false;
  shutdown = () => {
    if (isClosing) return;
    isClosing = true;
    for (const listener of listeners) listener.close();
    stopBackground();
    executor.flush();
    const cancelKill = clock.after(SHUTDOWN_GRACE_MS, () => {
      for (const session of [...clients.all()]) session.kill();
    });
    clients.endAll(() => {
      cancelKill();
      finish();
    });
  };
  return {
    engine,
    addresses: bound,
    close: () => {
      shutdown();
      return closed;
    },
    closed,
  };
}

async function listenAll(
  runtime: Runtime,
  options: Options,
  clients: SessionDirectory,
  executor: Executor,
  log: (line: string) => void,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const { address: asked, isOptional } of listenRequests(options)) {
    const first = listeners.at(0)?.address;
    const isSecond = asked.kind === "tcp" && asked.port === 0 && first?.kind === "tcp";
    const address = isSecond ? { ...asked, port: first.port } : asked;
    try {
      listeners.push(
        await runtime.transports.listen({
          address,
          tcpKeepaliveSeconds: options.settings.tcpKeepaliveSeconds,
          connected: (transport) => clients.connected(transport),
          flush: () => executor.flush(),
          failed: (error) => log(`Connection failed: ${error}`),
        }),
      );
    } catch (error) {
      if (isOptional) {
        log(`Not listening: ${(error as Error).message}`);
        continue;
      }
      for (const listener of listeners) listener.close();
      throw error;
    }
  }
  if (listeners.length === 0) {
    throw new Error("nothing to listen on: give a port, an address that exists, or a unix socket");
  }
  return listeners;
}

/** The line that says what runs where. */
export function describeServer(server: RunningServer, runtime: Runtime): string {
  const { settings } = server.engine;
  const where = server.addresses.map((address) =>
    address.kind === "unix"
      ? address.path
      : `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`
  ).join(", ");
  const { runtimeName, runtimeVersion } = runtime.system;
  const budget = settings.maxmemory === 0 ? "no limit" : formatMemory(settings.maxmemory);
  return `CrabCache ${VERSION} on ${runtimeName} ${runtimeVersion} ready on ${where}; ` +
    `maxmemory ${budget}, ${settings.maxmemoryPolicy}`;
}
