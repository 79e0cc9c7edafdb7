/** What a server and a cache in process have in common: engine, commands and executor over a runtime's ports. */
import type { Services } from "../commands/call.ts";
import { type CommandRegistry, createCommandTable } from "../commands/registry.ts";
import { Engine } from "../engine/engine.ts";
import { Stats } from "../engine/stats.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { ServerControl } from "../ports/session_port.ts";
import { Executor } from "../session/executor.ts";
import { SessionDirectory } from "../session/session_directory.ts";
import { startBackground } from "./background.ts";
import { COMMAND_FAMILIES } from "./command_families.ts";
import { LiveConfig } from "./config.ts";
import type { Options } from "./options_types.ts";
import { VERSION } from "./version.ts";

const RUN_ID_DIGITS = 40;

/** What of a runtime is needed where nothing listens. */
export type Host = Pick<Runtime, "clock" | "random" | "files" | "system">;

export interface CoreOptions {
  readonly host: Host;
  readonly options: Options;
  /** Path of the configuration file that CONFIG REWRITE writes, "" = none. */
  readonly configFile: string;
  readonly log: (line: string) => void;
  /** What SHUTDOWN does. */
  readonly shutdown: () => void;
}

export interface Core {
  readonly engine: Engine;
  readonly registry: CommandRegistry;
  readonly executor: Executor;
  readonly clients: SessionDirectory;
  /** The port is put in once it is bound. */
  readonly control: { tcpPort: number } & ServerControl;
  /** Starts expiry, freeing and sampling. @returns a function that stops it */
  startBackground(): () => void;
}

/** Makes them. Nothing runs by itself yet. */
export function createCore({ host, options, configFile, log, shutdown }: CoreOptions): Core {
  const { clock, random, files, system } = host;
  const { settings, storeCapacityBytes } = options;
  const registry = createCommandTable(COMMAND_FAMILIES);
  const engine = new Engine({
    settings,
    clock,
    random,
    stats: new Stats(registry.entries.length),
    capacityBytes: storeCapacityBytes,
  });
  const onChange = (): void => engine.settingsChanged();
  const config = new LiveConfig({
    options,
    configFile,
    files,
    system,
    storeCapacityBytes,
    onChange,
  });
  const clients = new SessionDirectory(engine, log);
  const control = {
    startedAtMs: clock.nowMs(),
    version: VERSION,
    runId: createRunId(() => random.below(16)),
    tcpPort: options.port,
    configFile,
    shutdown,
  };
  const services: Services = { config, clients, server: control, system, commands: registry };
  const executor = new Executor(engine, registry, services, log);
  clients.attach(executor, registry);
  return {
    engine,
    registry,
    executor,
    clients,
    control,
    startBackground: () =>
      startBackground({
        engine,
        afterSlice: () => executor.serveReady(),
        everySecond: (nowMs) => clients.checkTime(nowMs),
      }),
  };
}

/** @param digit gives a whole number from 0 to 15 */
function createRunId(digit: () => number): string {
  return Array.from({ length: RUN_ID_DIGITS }, () => digit().toString(16)).join("");
}
