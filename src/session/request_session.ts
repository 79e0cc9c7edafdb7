/**
 * The session of one request that came through a door without a connection: a batch is run once, and its
 * session is over with it.
 *
 *   run ──▶ commands ──blocks or parks──▶ held ──served, timed out, settled──▶ the rest ──▶ done
 *
 * Nothing waits longer than the door allows, whatever timeout a command names.
 */
import type { Engine } from "../engine/engine.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { Dialect, KeyWait } from "../ports/session_port.ts";
import { BlockedCommand, type BlockedOwner } from "./blocked_command.ts";
import type { Executor } from "./executor.ts";
import { LocalSession, type Peer } from "./local_session.ts";

/** What a request's session needs to know. */
export interface RequestContext {
  readonly engine: Engine;
  readonly executor: Executor;
  /** Longest time that one command may wait. */
  readonly maxWaitMs: () => number;
}

/** What is left of a request that is held. */
interface Rest {
  readonly batch: CommandBatch;
  readonly reply: ReplyWriter;
  /** The next command. */
  next: number;
  watcher: RequestWatcher;
}

/** Hears of a request that is held. */
export interface RequestWatcher {
  /** Some more replies are written, and others have to wait. */
  progressed(): void;
  /** All replies are written. */
  done(): void;
}

const NOBODY: RequestWatcher = { progressed() {}, done() {} };

export class RequestSession extends LocalSession implements BlockedOwner {
  readonly #context: RequestContext;
  readonly #dialect: Dialect;
  #blocked: BlockedCommand | undefined;
  #isParked = false;
  #isOver = false;
  #rest: Rest | undefined;

  /** @param peer who sent the request, undefined = somebody in this process */
  constructor(id: number, context: RequestContext, peer?: Peer, dialect: Dialect = "redis") {
    super(id, context.engine.nowMs, peer);
    this.#context = context;
    this.#dialect = dialect;
  }

  override get dialect(): Dialect {
    return this.#dialect;
  }

  override get isHeld(): boolean {
    return this.#blocked !== undefined || this.#isParked;
  }

  override get isBlocked(): boolean {
    return this.#blocked !== undefined;
  }

  /**
   * Runs a batch, whose replies go to `reply`.
   * @returns whether all of them are written; otherwise somebody has to watch at once
   */
  run(batch: CommandBatch, reply: ReplyWriter): boolean {
    const next = this.#context.executor.executeLocal(batch, this, reply);
    if (!this.isHeld) {
      this.reset();
      return true;
    }
    this.#rest = { batch, reply, next, watcher: NOBODY };
    return false;
  }

  /** Who hears of what happens later; batch and reply of the run are in use until its `done`. */
  watch(watcher: RequestWatcher): void {
    this.#rest!.watcher = watcher;
  }

  /** Nobody waits for the replies any more: commands that have not begun do not run. */
  abandon(): void {
    this.#isOver = true;
    if (this.#blocked !== undefined) {
      this.#context.engine.blocking.leave(this.#blocked);
      this.#forgetBlocked();
    }
    this.#rest = undefined;
    this.reset();
  }

  override block(batch: CommandBatch, first: number, argc: number, wait: KeyWait): boolean {
    if (this.#blocked !== undefined) {
      this.#blocked.waitsOn = true;
      return true;
    }
    const lastMs = this.#context.engine.nowMs + this.#context.maxWaitMs();
    const deadlineMs = wait.deadlineMs === 0 ? lastMs : Math.min(wait.deadlineMs, lastMs);
    const db = this.#context.engine.keyspace.databases[this.dbIndex];
    const id = this.lastCommandId;
    const command = new BlockedCommand(this, id, db, batch, first, argc, { ...wait, deadlineMs });
    this.#blocked = command;
    this.#context.engine.bufferBytes += command.batch.size;
    this.#context.engine.blocking.wait(command);
    return true;
  }

  override park<T>(work: Promise<T>, done: (reply: ReplyWriter, result: T) => void): void {
    this.#isParked = true;
    const finish = (write: (reply: ReplyWriter) => void): void => {
      this.#isParked = false;
      if (this.#rest === undefined) return;
      write(this.#rest.reply);
      this.#resume();
    };
    work.then(
      (result) => finish((reply) => done(reply, result)),
      (error: unknown) => finish((reply) => reply.error(`ERR internal error: ${String(error)}`)),
    );
  }

  // What a blocked command calls

  serve(command: BlockedCommand): boolean {
    if (!this.#context.executor.rerunInto(this, command, this.#rest!.reply)) return false;
    this.#context.engine.blocking.leave(command);
    this.#forgetBlocked();
    this.#resume();
    return true;
  }

  timedOut(): void {
    this.#forgetBlocked();
    this.#rest!.reply.nilArray();
    this.#resume();
  }

  #forgetBlocked(): void {
    this.#context.engine.bufferBytes -= this.#blocked!.batch.size;
    this.#blocked = undefined;
  }

  /** Goes on with the commands behind the one that was held, once nothing else is being run. */
  #resume(): void {
    this.#context.engine.clock.soon(() => {
      const rest = this.#rest;
      if (this.#isOver || rest === undefined) return;
      rest.next = this.#context.executor.executeLocal(rest.batch, this, rest.reply, rest.next);
      if (this.isHeld) return rest.watcher.progressed();
      this.#rest = undefined;
      this.reset();
      rest.watcher.done();
    });
  }
}
