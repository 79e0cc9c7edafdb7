/**
 * Runs one command: the checks that Redis makes before every command, the handler, the counters.
 */
import { mayRunCommand } from "../commands/acl/denials.ts";
import { Call, type Services } from "../commands/call.ts";
import { GUARD_TRACKING, GUARD_USER, GUARDS_AFTER, GUARDS_IN_ROWS } from "../commands/guards.ts";
import { OUT_OF_MEMORY, wrongArity } from "../commands/errors.ts";
import { keysMayHaveChanged } from "../commands/key_events.ts";
import {
  type CommandHandler,
  type CommandRegistry,
  FLAG_DENYOOM,
  FLAG_WRITE,
  UNKNOWN_COMMAND,
} from "../commands/registry.ts";
import { LONG_REPLY_BYTES } from "../commands/spec.ts";
import { readAscii } from "../bytes/ascii.ts";
import type { Engine } from "../engine/engine.ts";
import { OutOfMemory } from "../engine/keyspace.ts";
import { MAX_KEY_BYTES } from "../engine/limits.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { SessionPort } from "../ports/session_port.ts";
import { CommandTimer, GROUP_LIMIT } from "./command_timer.ts";
import { GuardChecks } from "./guard_checks.ts";
import { flagsForMemory, hasRunQueue, isQueued, QUEUED, refusalInMulti } from "./queueing.ts";
import { RateLimit } from "./rate_limit.ts";
import { containerOf, type Stages } from "./stages.ts";

const KEY_TOO_LONG = `ERR key exceeds maximum allowed size (${MAX_KEY_BYTES} bytes)`;
/** Arguments are echoed in the message for an unknown command up to so many bytes. */
const ECHO_LIMIT = 128;

/** Whether messages wait, whose authors may have to wait, too. */
export interface RowDelivery {
  readonly hasWork: boolean;
}

export class Dispatcher {
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #call: Call;
  readonly #guards: GuardChecks;
  readonly #timer: CommandTimer;

  constructor(engine: Engine, registry: CommandRegistry, services: Services) {
    this.#engine = engine;
    this.#registry = registry;
    this.#call = new Call(engine, services);
    this.#guards = new GuardChecks(registry, new RateLimit(engine));
    this.#timer = new CommandTimer(engine, registry);
  }

  /** Points the handlers at a session and its batch. */
  enter(session: SessionPort, batch: CommandBatch): void {
    const call = this.#call;
    call.session = session;
    call.batch = batch;
    call.db = this.#engine.keyspace.databases[session.dbIndex];
    const { keyspace } = this.#engine;
    keyspace.isTouching = !session.noTouch;
    keyspace.changes.clientId = session.id;
  }

  /** The command that ran last of the row that began with command `c`. */
  lastOfRow(c: number): number {
    const { batch, first, argc } = this.#call;
    return c + (first - batch.firstArgs[c]) / argc;
  }

  /** Where its reply begins. */
  get lastPosition(): number {
    return this.#call.replyStart;
  }

  /** Follows a SELECT, RESET or SWAPDB. */
  refreshDatabase(): void {
    const call = this.#call;
    if (call.db.index !== call.session.dbIndex) {
      call.db = this.#engine.keyspace.databases[call.session.dbIndex];
    }
  }

  /**
   * Runs command `c` of the batch; exactly one reply is written, or none if it parks the session or
   * ends the server.
   */
  execute(c: number, stages: Stages, reply: ReplyWriter): void {
    stages.approach(c);
    const call = this.#call;
    const batch = call.batch;
    const id = stages.ids[c];
    const first = batch.firstArgs[c];
    const argc = batch.firstArgs[c + 1] - first;
    call.first = first;
    call.argc = argc;
    const errors = reply.errorCount;
    const refusal = id < 0 ? this.#unknown(id) : this.#refuse(id, argc, c, stages);
    if (refusal !== "") return this.#refused(id, refusal, reply);
    this.#engine.stats.totalCommands++;
    const timer = this.#timer;
    if (timer.isNew(id, batch, first, argc)) {
      timer.begin(id, call);
      call.name = this.#registry.fullNames[id];
    }
    timer.calls++;
    const { position } = reply;
    this.#run(id, reply, position);
    if (timer.isExact) timer.end();
    else if (reply.position - position >= LONG_REPLY_BYTES) timer.endLong(call);
    if (reply.errorCount !== errors) this.#countError(id, reply);
    if (call.session.guards !== 0) this.#guards.ran(call, id);
  }

  /**
   * Runs commands from `c` on, before `to`, that came with the same name and as many arguments: what is
   * checked before each is the same for all of them, but for memory and the keys that a user may use,
   * and checked once. It ends before a command that is to be refused, and behind one that leaves
   * something to be looked after.
   * @param limit where the output is to be sent @param delivery the messages
   * @returns the next command; `c` if the checks are needed
   */
  executeRow(
    c: number,
    to: number,
    stages: Stages,
    reply: ReplyWriter,
    limit: number,
    delivery: RowDelivery,
  ): number {
    const call = this.#call, timer = this.#timer, registry = this.#registry;
    const { batch: { firstArgs }, session } = call;
    const { keyspace, stats } = this.#engine;
    const id = stages.ids[c];
    const first = firstArgs[c];
    const argc = firstArgs[c + 1] - first;
    if ((session.guards & ~GUARDS_IN_ROWS) !== 0 || stages.hasLongKeys) return c;
    if (id < 0 || registry.isShort[id] === 0 || registry.runs[id] === undefined) return c;
    const arity = registry.arity[id];
    if (arity > 0 ? argc !== arity : argc < -arity) return c;
    call.first = first;
    call.argc = argc;
    call.name = registry.fullNames[id];
    call.replyStart = reply.position;
    stages.approach(c);
    const count = timer.beginRow(id, call, stages.countRow(c, Math.min(to, c + GROUP_LIMIT)));
    const errors = reply.errorCount;
    const isObserved = session.guards !== 0 || keyspace.changes.isHeard;
    const runRow = isObserved ? undefined : registry.rowRuns[id];
    const ran = runRow === undefined
      ? this.#runEach(id, count, reply, limit, delivery)
      : runRow(call, reply, count, limit);
    if (ran === 0) return c;
    timer.calls += ran;
    stats.totalCommands += ran;
    if (timer.isExact) timer.end();
    else if (reply.position - call.replyStart >= LONG_REPLY_BYTES) timer.endLong(call);
    if (reply.errorCount !== errors) this.#countError(id, reply);
    return c + ran;
  }

  /** Runs commands of a row one by one. @param count how many at the most @returns how many ran */
  #runEach(
    id: number,
    count: number,
    reply: ReplyWriter,
    limit: number,
    delivery: RowDelivery,
  ): number {
    const call = this.#call, engine = this.#engine;
    const { session } = call;
    const run = this.#registry.runs[id];
    const isWrite = (this.#registry.flags[id] & FLAG_WRITE) !== 0;
    const isLimited = (session.guards & GUARD_USER) !== 0;
    const errors = reply.errorCount;
    for (let ran = 0;;) {
      if ((isWrite && engine.isOverLimit) || (isLimited && !mayRunCommand(call, id))) return ran;
      const start = call.replyStart = reply.position;
      this.#runHandler(run, id, reply, start);
      ran++;
      if (session.guards !== 0) this.#guards.ran(call, id);
      const end = reply.position;
      if (ran === count || reply.errorCount !== errors || end === start || end > limit) return ran;
      if (end - start >= LONG_REPLY_BYTES || delivery.hasWork) return ran;
      if (isWrite && engine.blocking.hasReady) return ran;
      call.first += call.argc;
    }
  }

  /** Does what is done instead of running a command. @param refusal why, or QUEUED */
  #refused(id: number, refusal: string, reply: ReplyWriter): void {
    const call = this.#call;
    const { session, services, batch, first, argc } = call;
    if (refusal === QUEUED) {
      reply.simple(QUEUED);
      return services.transactions.queue(session, batch, first, argc, id);
    }
    const isRunning = session.transaction?.isRunning === true;
    if (id >= 0 && !isRunning) this.#engine.stats.recordRejected(id);
    const text = refusalInMulti(call, id, this.#registry.runs[id], refusal);
    reply.error(text);
    this.#engine.stats.recordError(text);
    if ((session.guards & GUARD_TRACKING) !== 0) services.tracking.over(session, id);
  }

  /** @param position where the reply begins, if all of it has to be taken back */
  #run(id: number, reply: ReplyWriter, position: number): void {
    this.#runHandler(this.#registry.runs[id], id, reply, position);
  }

  #runHandler(
    run: CommandHandler | undefined,
    id: number,
    reply: ReplyWriter,
    position: number,
  ): void {
    try {
      run?.(this.#call, reply);
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      reply.rewind(position);
      reply.error(OUT_OF_MEMORY);
      keysMayHaveChanged(this.#call, this.#registry.entries[id].spec);
    }
  }

  #countError(id: number, reply: ReplyWriter): void {
    if (hasRunQueue(this.#call, this.#registry.runs[id])) return;
    this.#engine.stats.recordFailed(id);
    this.#engine.stats.recordError(reply.lastError);
  }

  /**
   * Runs the only command of the batch again, which was let pass and counted when it came first. It
   * replies, or blocks its session once more.
   */
  rerun(id: number, reply: ReplyWriter): void {
    const call = this.#call;
    call.first = 0;
    call.argc = call.batch.argCount;
    call.name = this.#registry.fullNames[id];
    const errors = reply.errorCount;
    const { clock } = this.#engine;
    const startUs = clock.monotonicUs();
    const refusal = call.session.guards === 0 ? "" : this.#guards.refuseRerun(call, id);
    if (refusal !== "") reply.error(refusal);
    else if (this.#hasMemoryFor(this.#registry.flags[id])) this.#run(id, reply, reply.position);
    else reply.error(OUT_OF_MEMORY);
    this.#timer.addRerun(id, clock.monotonicUs() - startUs, call);
    if (reply.errorCount !== errors) this.#countError(id, reply);
    const { session, services, batch } = call;
    if ((session.guards & GUARD_TRACKING) === 0) return;
    services.tracking.ran(session, batch, call.first, call.argc, id);
    services.tracking.settleReads();
  }

  /** Ends a batch: counts what is not counted yet. */
  leave(): void {
    this.#engine.keyspace.changes.clientId = 0;
    this.#timer.end();
  }

  /** @returns why the command may not run, "" if it may; QUEUED if it has to wait for EXEC */
  #refuse(id: number, argc: number, c: number, stages: Stages): string {
    const registry = this.#registry;
    const arity = registry.arity[id];
    if (arity > 0 ? argc !== arity : argc < -arity) {
      return this.#guards.refuseRate(this.#call) || wrongArity(registry.fullNames[id]);
    }
    if ((this.#call.session.guards & ~GUARDS_AFTER) !== 0) {
      return this.#refuseGuarded(id, c, stages);
    }
    if (registry.runs[id] === undefined) return wrongArity(registry.fullNames[id]);
    if (stages.hasLongKeys && stages.longKeyCommands.has(c)) return KEY_TOO_LONG;
    return this.#hasMemoryFor(registry.flags[id]) ? "" : OUT_OF_MEMORY;
  }

  /** The same for a session that has guards. */
  #refuseGuarded(id: number, c: number, stages: Stages): string {
    const call = this.#call;
    const run = this.#registry.runs[id];
    const flags = this.#registry.flags[id];
    if (call.session.transaction?.isRunning === true) {
      // It was let pass when it was queued, and nothing of a transaction is left out.
      this.#hasMemoryFor(flags);
      return this.#guards.refuseQueued(call, id);
    }
    const refusal = this.#guards.refuse(call, id);
    if (refusal !== "") return refusal;
    if (run === undefined) return wrongArity(this.#registry.fullNames[id]);
    if (stages.hasLongKeys && stages.longKeyCommands.has(c)) return KEY_TOO_LONG;
    if (!this.#hasMemoryFor(flagsForMemory(call, run, flags))) return OUT_OF_MEMORY;
    const refusalOfSubscriber = this.#guards.refuseSubscriber(call, id);
    if (refusalOfSubscriber !== "") return refusalOfSubscriber;
    return isQueued(call, run) ? QUEUED : "";
  }

  /** Makes room for a command that writes. @param flags FLAG_… bits @returns whether it may run */
  #hasMemoryFor(flags: number): boolean {
    if ((flags & FLAG_WRITE) === 0 || !this.#engine.isOverLimit) return true;
    return this.#engine.makeRoom() || (flags & FLAG_DENYOOM) === 0;
  }

  #unknown(id: number): string {
    const call = this.#call;
    const tooFast = this.#guards.refuseRate(call);
    if (tooFast !== "") return tooFast;
    /** As C prints it: a NUL byte ends it. */
    const echo = (i: number, limit: number): string => {
      const { bytes } = call.batch.input;
      return readAscii(bytes, call.offset(i), Math.min(call.length(i), limit)).split("\0")[0];
    };
    if (id !== UNKNOWN_COMMAND) {
      const parent = this.#registry.fullNames[containerOf(id)].toUpperCase();
      return `ERR unknown subcommand '${echo(1, ECHO_LIMIT)}'. Try ${parent} HELP.`;
    }
    // A web page made a browser send this; what else it sends must not be taken for commands.
    if (call.is(0, "POST") || call.is(0, "HOST:")) call.session.kill();
    let args = "";
    for (let i = 1; i < call.argc && args.length < ECHO_LIMIT; i++) {
      args += `'${echo(i, ECHO_LIMIT - args.length)}' `;
    }
    return `ERR unknown command '${echo(0, ECHO_LIMIT)}', with args beginning with: ${args}`;
  }
}
