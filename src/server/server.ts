/**
 * The server: the core with listeners in front of it, from start to shutdown.
 */
import type { Engine } from "../engine/engine.ts";
import type { Log } from "../ports/log.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { ListenerInfo } from "../ports/session_port.ts";
import type { TlsIdentity } from "../ports/tls.ts";
import type { ListenAddress, Listener } from "../ports/transport.ts";
import { CommandDoor } from "./command_door.ts";
import { type Core, createCore } from "./core.ts";
import type { DoorOpener, OpenDoor } from "./door.ts";
import { openServerLog } from "./log.ts";
import { listenRequests } from "./options_listen.ts";
import { formatMemory } from "./options_units.ts";
import { openSliceTrace } from "./slice_trace_file.ts";
import { type Renewable, ServerTls } from "./tls.ts";
import { type Options, OptionsError } from "./options_types.ts";
import { VERSION } from "./version.ts";

/** How long a shutdown waits for peers to take their last replies. */
const SHUTDOWN_GRACE_MS = 1000;

export interface RunningServer {
  readonly engine: Engine;
  readonly log: Log;
  /** Where it listens, with real ports. */
  readonly addresses: readonly ListenAddress[];
  /** Where its other doors are, as URLs. */
  readonly doors: readonly string[];
  /**
   * Reads the files of TLS again; connections that come from now on get what is in them.
   * @returns false when they cannot be used, and all is as it was
   */
  reloadTls(): boolean;
  /** Stops listening, lets every client take its last replies, and settles when all is closed. */
  close(): Promise<void>;
  /** Settles when the server was closed, by `close` or by SHUTDOWN. */
  readonly closed: Promise<void>;
}

/**
 * Starts a server.
 * @param configFile path of the configuration file that CONFIG REWRITE writes, "" = none
 * @param openers of the doors beside the sockets
 * @throws Error that names the address, when one that is not optional can't be bound
 */
export async function startServer(
  runtime: Runtime,
  options: Options,
  configFile = "",
  openers: readonly DoorOpener[] = [],
): Promise<RunningServer> {
  const { clock } = runtime;
  const { log, flush: flushLog } = await openServerLog(runtime, options);
  let shutdown: () => void = () => {};
  const core = createCore({
    host: runtime,
    options,
    configFile,
    log,
    // The batch that runs now answers its other clients first.
    shutdown: () => void clock.after(0, () => shutdown()),
    apply: (names) => tls.apply(names),
  });
  const { engine, executor, clients, control } = core;
  const traceFile = await openSliceTrace(runtime, options, (text) => log(text, "warning"));
  engine.latency.trace = traceFile?.trace;
  const tls = new ServerTls({
    options,
    files: runtime.files,
    transports: runtime.transports,
    stats: engine.stats,
    log,
    clientCount: () => clients.count,
  });

  if (options.aclfile !== "") {
    const errors = await core.users.file.load();
    if (errors !== "") throw new OptionsError(`Aborting startup because of ACL errors: ${errors}`);
  }
  const listeners = await listenAll(runtime, options, core, log, tls);
  const bound = listeners.map((listener) => listener.address);
  for (const address of bound) {
    if (address.kind === "unix") continue;
    if (address.isTls) options.tlsPort = address.port;
    else options.port = address.port;
  }
  control.tcpPort = options.port === 0 ? options.tlsPort : options.port;
  control.listeners = bound.map(listenerInfo);
  const doors: OpenDoor[] = [];
  const commands = new CommandDoor(core, runtime.cryptography, options);
  const identity = (): TlsIdentity => tls.listenOptions().identity;
  const keepRenewed = (listener: Renewable): void => tls.add(listener);
  try {
    for (const open of openers) {
      doors.push(await open({ commands, options, clock, log, identity, keepRenewed }));
    }
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  const stopBackground = core.startBackground();
  traceFile?.start();

  let finish: () => void = () => {};
  const closed = new Promise<void>((resolve) => finish = resolve);
  let isClosing = false;
  shutdown = () => {
    if (isClosing) return;
    isClosing = true;
    for (const listener of listeners) listener.close();
    const closing = doors.map((door) => door.close(SHUTDOWN_GRACE_MS));
    stopBackground();
    executor.flush();
    const cancelKill = clock.after(SHUTDOWN_GRACE_MS, () => {
      for (const session of [...clients.all()]) session.kill();
    });
    clients.endAll(() => {
      cancelKill();
      void Promise.all(closing).then(() => traceFile?.stop()).then(flushLog).then(finish);
    });
  };
  return {
    engine,
    log,
    addresses: bound,
    doors: doors.flatMap((door) => door.addresses),
    reloadTls: () => tls.reload(),
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
  { engine, clients, executor }: Pick<Core, "engine" | "clients" | "executor">,
  log: Log,
  tls: ServerTls,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  const tlsOptions = options.tlsPort === 0 ? undefined : tls.listenOptions();
  const flush = traced(engine, () => {
    executor.flush();
    clients.checkMemory();
  });
  for (const { address: asked, isOptional } of listenRequests(options)) {
    const address = withPortOfFirst(asked, listeners);
    const isTls = address.kind === "tcp" && address.isTls === true;
    try {
      const listener = await runtime.transports.listen({
        address,
        ...isTls && tlsOptions !== undefined ? { tls: tlsOptions } : {},
        tcpKeepaliveSeconds: options.settings.tcpKeepaliveSeconds,
        connected: (transport) => clients.connected(transport),
        flush,
        failed: (error) => log(`Connection failed: ${error}`, "verbose"),
      });
      listeners.push(listener);
      if (isTls) tls.add(listener);
    } catch (error) {
      if (isOptional) {
        log(`Not listening: ${(error as Error).message}`, "warning");
        continue;
      }
      for (const listener of listeners) listener.close();
      throw error;
    }
  }
  if (listeners.length === 0 && options.httpPort === 0 && options.httpTlsPort === 0) {
    throw new Error("nothing to listen on: give a port, an address that exists, or a unix socket");
  }
  return listeners;
}

/** @returns `flush`, timed for the trace where there is one */
function traced(engine: Engine, flush: () => void): () => void {
  const { latency: { trace }, clock, stats } = engine;
  if (trace === undefined) return flush;
  return () => {
    const startUs = clock.monotonicUs();
    const before = stats.totalCommands;
    flush();
    trace.addLast("batch", startUs, clock.monotonicUs(), stats.totalCommands - before);
  };
}

/** Port 0 becomes the one that the first listener of the kind was given. */
function withPortOfFirst(asked: ListenAddress, listeners: readonly Listener[]): ListenAddress {
  if (asked.kind === "unix" || asked.port !== 0) return asked;
  for (const { address } of listeners) {
    if (address.kind === "tcp" && address.isTls === asked.isTls) {
      return { ...asked, port: address.port };
    }
  }
  return asked;
}

function listenerInfo(address: ListenAddress): ListenerInfo {
  return address.kind === "unix"
    ? { kind: "unix", bind: address.path, port: 0 }
    : { kind: address.isTls ? "tls" : "tcp", bind: address.host, port: address.port };
}

/** The line that says what runs where. */
export function describeServer(server: RunningServer, runtime: Runtime): string {
  const { settings } = server.engine;
  const where = server.addresses.map((address) =>
    address.kind === "unix"
      ? address.path
      : `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}` +
        (address.isTls ? " (TLS)" : "")
  ).join(", ");
  const all = [where, ...server.doors].filter(Boolean).join(", ");
  const { runtimeName, runtimeVersion } = runtime.system;
  const budget = settings.maxmemory === 0 ? "no limit" : formatMemory(settings.maxmemory);
  return `CrabCache ${VERSION} on ${runtimeName} ${runtimeVersion} ready on ${all}; ` +
    `maxmemory ${budget}, ${settings.maxmemoryPolicy}`;
}
