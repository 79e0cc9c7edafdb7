/** What a server and a cache in process have in common: engine, commands and executor over a runtime's ports. */
import type { Users } from "../commands/acl/users.ts";
import type { Services } from "../commands/call.ts";
import { usesOtherChannels } from "../commands/pubsub/subscriptions.ts";
import { GUARD_MONITORED, GUARD_RATE } from "../commands/guards.ts";
import { Monitors } from "../commands/monitors.ts";
import { type CommandRegistry, createCommandTable } from "../commands/registry.ts";
import { Engine } from "../engine/engine.ts";
import { Stats } from "../engine/stats.ts";
import type { Log } from "../ports/log.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { ListenerInfo, ServerControl } from "../ports/session_port.ts";
import { Executor } from "../session/executor.ts";
import { SessionDirectory } from "../session/session_directory.ts";
import { ClientTracking } from "../session/tracking.ts";
import { SessionTransactions } from "../session/transactions.ts";
import { startBackground } from "./background.ts";
import { COMMAND_FAMILIES } from "./command_families.ts";
import { type ApplySettings, LiveConfig } from "./config.ts";
import { DroppedBuffers } from "./dropped_buffers.ts";
import { type Options, OptionsError } from "./options_types.ts";
import { configuredUsers, createUsers } from "./users.ts";
import { VERSION } from "./version.ts";

const RUN_ID_DIGITS = 40;

/** What of a runtime is needed where nothing listens. */
export type Host = Pick<Runtime, "clock" | "random" | "cryptography" | "files" | "system">;

export interface CoreOptions {
  readonly host: Host;
  readonly options: Options;
  /** Path of the configuration file that CONFIG REWRITE writes, "" = none. */
  readonly configFile: string;
  readonly log: Log;
  /** What SHUTDOWN does. */
  readonly shutdown: () => void;
  /** What CONFIG SET has to ask before it is done. */
  readonly apply?: ApplySettings;
}

export interface Core {
  readonly engine: Engine;
  readonly services: Services;
  readonly registry: CommandRegistry;
  readonly users: Users;
  readonly executor: Executor;
  readonly clients: SessionDirectory;
  /** Port and addresses are put in once they are bound. */
  readonly control: { tcpPort: number; listeners: readonly ListenerInfo[] } & ServerControl;
  /** Starts expiry, freeing and sampling. @returns a function that stops it */
  startBackground(): () => void;
}

/** Makes them. Nothing runs by itself yet. */
export function createCore({ host, options, configFile, log, shutdown, apply }: CoreOptions): Core {
  const { clock, random, cryptography, files, system } = host;
  const { settings, storeCapacityBytes } = options;
  const registry = createTable(options);
  const engine = new Engine({
    settings,
    clock,
    random,
    stats: new Stats(registry.entries.length),
    capacityBytes: storeCapacityBytes,
  });
  const sources = { settings, options, clock, cryptography, files, registry, log };
  const users = createUsers(sources);
  users.usesOtherChannels = usesOtherChannels;
  const onChange = (name: string): void => {
    engine.settingsChanged();
    if (name === "requirepass") users.setDefaultPassword(settings.requirepass);
    if (name === "client-command-rate-limit") limitRate();
    if (name === "acllog-max-len") users.log.trim();
  };
  const config = new LiveConfig({
    options,
    configFile,
    files,
    system,
    storeCapacityBytes,
    onChange,
    users: configuredUsers(sources, users),
    apply,
  });
  const clients = new SessionDirectory(engine, log);
  const limitRate = (): void => clients.guardAll(GUARD_RATE, settings.clientCommandRateLimit > 0);
  limitRate();
  const control = {
    startedAtMs: clock.nowMs(),
    version: VERSION,
    runId: createRunId(() => random.below(16)),
    tcpPort: options.port,
    listeners: [],
    configFile,
    shutdown,
  };
  const monitors = new Monitors(registry, (isOn) => clients.guardAll(GUARD_MONITORED, isOn));
  const transactions = new SessionTransactions(engine, registry);
  const tracking = new ClientTracking(engine, registry, clients);
  const services: Services = {
    ...{
      monitors,
      config,
      clients,
      server: control,
      system,
      commands: registry,
      transactions,
      tracking,
      users,
    },
  };
  transactions.attach(services);
  const dropped = new DroppedBuffers(engine, () => system.collectGarbage?.());
  const executor = new Executor(engine, registry, services, log);
  executor.beforeDelivery = () => tracking.settle();
  clients.attach(executor, registry, users);
  engine.noteStartup();
  return {
    engine,
    services,
    registry,
    users,
    executor,
    clients,
    control,
    startBackground: () =>
      startBackground({
        engine,
        afterSlice: () => {
          const hasMore = tracking.slice();
          executor.serveReady();
          executor.deliverPushes();
          return hasMore;
        },
        everySecond: (nowMs) => {
          clients.checkTime(nowMs);
          dropped.check();
        },
      }),
  };
}

/** @throws OptionsError when a command cannot be renamed as the options want it */
function createTable({ renamedCommands }: Options): CommandRegistry {
  try {
    return createCommandTable(COMMAND_FAMILIES, renamedCommands);
  } catch (error) {
    if (error instanceof RangeError) throw new OptionsError(`rename-command: ${error.message}`);
    throw error;
  }
}

/** @param digit gives a whole number from 0 to 15 */
function createRunId(digit: () => number): string {
  return Array.from({ length: RUN_ID_DIGITS }, () => digit().toString(16)).join("");
}
