/** Runs the handlers of command families on sessions made up for a test; replies come as RESP text. */
import { Call } from "../../src/commands/call.ts";
import { wrongArity } from "../../src/commands/errors.ts";
import { createCommandTable } from "../../src/commands/registry.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import type { Services } from "../../src/commands/call.ts";
import type { CommandRegistry } from "../../src/commands/registry.ts";
import { ANYBODY, type Users } from "../../src/commands/acl/users.ts";
import type { CommandSpec } from "../../src/commands/spec.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { Stats } from "../../src/engine/stats.ts";
import type { Settings } from "../../src/ports/settings.ts";
import { testSettings } from "../support/test_settings.ts";
import { createTestUsers } from "../support/test_users.ts";
import type { TrackingState } from "../../src/ports/tracking_port.ts";
import type { CommandBatch } from "../../src/ports/command_batch.ts";
import type {
  Account,
  Dialect,
  ReplyMode,
  SessionPort,
  SessionState,
  SharedPush,
  SubscriptionCounts,
  TransactionState,
} from "../../src/ports/session_port.ts";

export const START_MS = 1_700_000_000_500;
export const RUN_ID = "0123456789abcdef0123456789abcdef01234567";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class FakeSession implements SessionPort {
  readonly id: number;
  name = "";
  libraryName = "";
  libraryVersion = "";
  protocolVersion: 2 | 3 = 2;
  dbIndex = 0;
  guards = 0;
  isSignedIn = true;
  account: Account = ANYBODY;
  noEvict = false;
  noTouch = false;
  subscriptions: SubscriptionCounts | undefined;
  tracking: TrackingState | undefined;
  replyMode: ReplyMode = "on";
  dialect: Dialect = "redis";
  remoteAddress: string;
  localAddress = "127.0.0.1:6379";
  isUnix = false;
  createdAtMs = START_MS;
  lastActiveAtMs = START_MS;
  lastCommand = "NULL";
  isClosing = false;
  queryBufferBytes = 0;
  queryBufferCapacity = 0;
  outputBufferBytes = 0;
  readonly totalBytesReceived = 0;
  readonly totalBytesSent = 0;
  readonly totalCommands = 0;
  isRemote = true;
  answersEach = false;
  isKilled = false;
  resetCount = 0;

  constructor(id: number) {
    this.id = id;
    this.remoteAddress = `127.0.0.1:${50000 + id}`;
  }

  /** Messages that answer nothing. */
  readonly pushed: Uint8Array[] = [];

  push(message: Uint8Array): void {
    this.pushed.push(message);
  }

  /** Messages that others get, too. */
  readonly shared: SharedPush[] = [];

  share(message: SharedPush): void {
    this.shared.push(message);
  }

  readonly states = new Set<SessionState>();
  readonly stateBytes = 0;

  attach(state: SessionState): void {
    this.states.add(state);
  }

  detach(state: SessionState): void {
    this.states.delete(state);
  }

  park(): void {
    throw new Error("a handler under test parked its session");
  }

  isBlocked = false;
  /** How its wait ended, "" = not at all. */
  unblocked = "";

  block(): boolean {
    return false;
  }

  unblock(reason: "timeout" | "error"): boolean {
    if (!this.isBlocked) return false;
    this.unblocked = reason;
    return true;
  }

  transaction: TransactionState | undefined;
  queuedBytes = 0;

  queued(bytes: number): void {
    this.queuedBytes = bytes;
  }

  get user(): string {
    return this.account.name;
  }

  closeAfterReply(): void {
    this.isClosing = true;
  }

  kill(): void {
    this.isKilled = true;
  }

  reset(): void {
    this.resetCount += 1;
  }
}

export interface HandlerRunner {
  readonly users: Users;
  readonly table: CommandRegistry;
  readonly settings: Settings;
  /** The session that the commands come from; its id is 7. */
  readonly session: FakeSession;
  /** All sessions of the server; ids 7, 8 and 9. */
  readonly sessions: FakeSession[];
  /** What CLIENT PAUSE asked for last, "" after CLIENT UNPAUSE. */
  pause: string;
  nowMs: number;
  /**
   * Runs one command of `session`, from words separated by blanks or given one by one; "" is an empty one.
   * @returns the reply with "~" for each line break
   */
  run(...words: string[]): string;
}

/** A runner over the families; the first session is the caller. */
export function createHandlerRunner(
  ...families: readonly (readonly CommandSpec[])[]
): HandlerRunner {
  const table = createCommandTable(families);
  const settings = testSettings();
  const clock = createManualClock(START_MS);
  const users = createTestUsers({ registry: table, clock, settings });
  const sessions = [new FakeSession(7), new FakeSession(8), new FakeSession(9)];
  const stats = new Stats(table.entries.length);
  const engine = { settings, stats, clock, nowMs: START_MS };
  const runner: HandlerRunner = {
    users,
    table,
    settings,
    session: sessions[0],
    sessions,
    pause: "",
    get nowMs() {
      return engine.nowMs;
    },
    set nowMs(value: number) {
      engine.nowMs = value;
    },
    run(...words) {
      return execute(call, table, words.length === 1 ? words[0].split(" ") : words);
    },
  };
  const services = {
    clients: {
      get count() {
        return sessions.length;
      },
      all: () => sessions,
      byId: (id: number) => sessions.find((session) => session.id === id),
      pause: (untilMs: number, mode: string) => {
        runner.pause = `${mode} until ${untilMs}`;
      },
      unpause: () => {
        runner.pause = "";
      },
    },
    server: { runId: RUN_ID, tcpPort: 6390, version: "0.0.0" },
    commands: table,
    users,
  };
  users.attach(services.clients);
  for (const session of sessions) users.welcome(session);
  const call = new Call(engine as unknown as Engine, services as unknown as Services);
  call.session = runner.session;
  return runner;
}

/** Finds the command, checks its arity, and runs it in the protocol version of the session. */
function execute(call: Call, table: CommandRegistry, words: readonly string[]): string {
  const args = words.map((word) => encoder.encode(word));
  let id = table.findId(args[0], 0, args[0].length);
  if (id < 0) throw new Error(`no command ${words[0]}`);
  if (args.length > 1 && table.entries[id].subcommands.length > 0) {
    id = table.findSubcommandId(id, args[1], 0, args[1].length);
    if (id < 0) throw new Error(`no subcommand ${words[1]}`);
  }
  const { spec, fullName } = table.entries[id];
  const isWrongArity = spec.arity > 0 ? args.length !== spec.arity : args.length < -spec.arity;
  if (isWrongArity || spec.run === undefined) return `-${wrongArity(fullName)}~`;
  call.batch = makeBatch(args);
  call.first = 2;
  call.argc = args.length;
  call.name = fullName;
  const writer = new FollowingWriter(call.session);
  spec.run(call, writer);
  return decoder.decode(writer.output.bytes.subarray(0, writer.output.length))
    .replaceAll("\r\n", "~");
}

/** Writes in the protocol version that the session has at the time, as HELLO expects. */
class FollowingWriter extends RespWriter {
  constructor(session: SessionPort) {
    super();
    Object.defineProperty(this, "version", {
      get: () => session.protocolVersion,
      set: () => {},
    });
  }
}

/** A batch whose first two arguments belong to nobody, so that a forgotten `first` shows. */
function makeBatch(args: readonly Uint8Array[]): CommandBatch {
  const all = [encoder.encode("other"), encoder.encode("foreign"), ...args];
  const bytes = new Uint8Array(all.reduce((sum, arg) => sum + arg.length, 8));
  const argOffsets = new Int32Array(all.length);
  let at = 0;
  all.forEach((arg, i) => {
    argOffsets[i] = at;
    bytes.set(arg, at);
    at += arg.length;
  });
  return {
    input: { bytes, view: new DataView(bytes.buffer) },
    commandCount: 1,
    argCount: all.length,
    firstArgs: Int32Array.of(2, all.length),
    frameEnds: Int32Array.of(at),
    argOffsets,
    argLengths: Int32Array.from(all, (arg) => arg.length),
    argHashes: new Int32Array(all.length),
    reserveArgs() {},
    rewrittenLines: [],
    reserveCommands() {},
  };
}
