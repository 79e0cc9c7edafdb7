/** An engine with commands, run in process, for tests of command families. */
import { createManualClock, type ManualClock } from "../../src/adapters/memory/clock.ts";
import { createRandom } from "../../src/bytes/prng.ts";
import type { Services } from "../../src/commands/call.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";
import { Engine } from "../../src/engine/engine.ts";
import { Stats } from "../../src/engine/stats.ts";
import { type CommandArgument, CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { Executor } from "../../src/session/executor.ts";
import { SessionTransactions } from "../../src/session/transactions.ts";
import { LocalSession } from "../../src/session/local_session.ts";
import { testSettings } from "./test_settings.ts";
import { createTestUsers } from "./test_users.ts";
import type { Settings } from "../../src/ports/settings.ts";

export interface Fixture {
  readonly engine: Engine;
  readonly executor: Executor;
  readonly clock: ManualClock;
  readonly settings: Settings;
  readonly session: LocalSession;
  /** Runs one command. @returns the reply as RESP3 text, Latin-1, e.g. "$1\r\nv\r\n" */
  run(...command: CommandArgument[]): string;
  /** As `run`, in RESP2. */
  run2(...command: CommandArgument[]): string;
  /** Runs a line of words separated by single spaces. */
  line(text: string): string;
}

export interface FixtureOptions {
  readonly families: readonly (readonly CommandSpec[])[];
  readonly settings?: Partial<Settings>;
  readonly services?: Partial<Services>;
  readonly capacityBytes?: number;
  readonly seed?: number;
}

const latin1 = new TextDecoder("latin1");

export function createFixture(options: FixtureOptions): Fixture {
  const registry = createCommandTable(options.families);
  const settings = testSettings(options.settings);
  const clock = createManualClock(1_700_000_000_000);
  const engine = new Engine({
    settings,
    clock,
    random: createRandom([options.seed ?? 1, 2, 3, 4]),
    stats: new Stats(registry.entries.length),
    capacityBytes: options.capacityBytes ?? 64 * 1024 * 1024,
  });
  const users = createTestUsers({ registry, clock, settings });
  const transactions = new SessionTransactions(engine, registry);
  const services = { commands: registry, users, transactions, ...options.services } as Services;
  transactions.attach(services);
  const executor = new Executor(engine, registry, services, () => {});
  const session = new LocalSession(1, clock.nowMs());
  const encoder = new CommandEncoder();
  const execute = (version: 2 | 3, command: CommandArgument[]): string => {
    const writer = new RespWriter();
    writer.version = version;
    executor.executeLocal(encoder.encode([command]), session, writer);
    return latin1.decode(writer.output.bytes.subarray(0, writer.output.length));
  };
  return {
    engine,
    executor,
    clock,
    settings,
    session,
    run: (...command) => execute(3, command),
    run2: (...command) => execute(2, command),
    line: (text) => execute(3, text.split(" ")),
  };
}
