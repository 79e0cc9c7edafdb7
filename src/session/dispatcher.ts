/**
 * Runs one command: the checks that Redis makes before every command, the handler, the counters.
 */
import { Call, type Services } from "../commands/call.ts";
import { OUT_OF_MEMORY, wrongArity } from "../commands/errors.ts";
import {
  type CommandRegistry,
  FLAG_DENYOOM,
  FLAG_NO_AUTH,
  FLAG_WRITE,
  UNKNOWN_COMMAND,
} from "../commands/registry.ts";
import { readAscii } from "../bytes/ascii.ts";
import type { Engine } from "../engine/engine.ts";
import { OutOfMemory } from "../engine/keyspace.ts";
import { MAX_KEY_BYTES } from "../engine/limits.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import type { SessionPort } from "../ports/session_port.ts";
import { containerOf, type Stages } from "./stages.ts";

const NOAUTH = "NOAUTH Authentication required.";
const KEY_TOO_LONG = `ERR key exceeds maximum allowed size (${MAX_KEY_BYTES} bytes)`;
/** Arguments are echoed in the message for an unknown command up to so many bytes. */
const ECHO_LIMIT = 128;

export class Dispatcher {
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #call: Call;
  /** The group of consecutive runs of one command that is not yet counted. */
  #groupId = -1;
  #groupCalls = 0;
  #groupStartUs = 0;

  constructor(engine: Engine, registry: CommandRegistry, services: Services) {
    this.#engine = engine;
    this.#registry = registry;
    this.#call = new Call(engine, services);
  }

  /** Points the handlers at a session and its batch. */
  enter(session: SessionPort, batch: CommandBatch): void {
    const call = this.#call;
    call.session = session;
    call.batch = batch;
    call.db = this.#engine.keyspace.databases[session.dbIndex];
    this.#engine.keyspace.isTouching = !session.noTouch;
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
    const call = this.#call;
    const batch = call.batch;
    const id = stages.ids[c];
    const first = batch.firstArgs[c];
    const argc = batch.firstArgs[c + 1] - first;
    call.first = first;
    call.argc = argc;
    this.#engine.stats.totalCommands++;
    const errors = reply.errorCount;
    const refusal = id < 0 ? this.#unknown(id) : this.#refuse(id, argc, c, stages);
    if (refusal !== "") {
      if (id >= 0) this.#engine.stats.recordRejected(id);
      reply.error(refusal);
      this.#engine.stats.recordError(refusal);
      return;
    }
    if (id !== this.#groupId) this.#startGroup(id);
    this.#groupCalls++;
    this.#run(id, reply);
    if (reply.errorCount !== errors) this.#countError(id, reply);
  }

  #run(id: number, reply: ReplyWriter): void {
    const { position } = reply;
    try {
      this.#registry.runs[id]?.(this.#call, reply);
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      reply.rewind(position);
      reply.error(OUT_OF_MEMORY);
    }
  }

  #countError(id: number, reply: ReplyWriter): void {
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
    if (this.#hasMemoryFor(id)) this.#run(id, reply);
    else reply.error(OUT_OF_MEMORY);
    if (reply.errorCount !== errors) this.#countError(id, reply);
  }

  /** Ends a batch: counts what is not counted yet. */
  leave(): void {
    if (this.#groupId >= 0) this.#startGroup(-1);
  }

  /** One reading of the clock serves a whole group of the same command. */
  #startGroup(id: number): void {
    const nowUs = this.#engine.clock.monotonicUs();
    if (this.#groupId >= 0) {
      const { stats, settings } = this.#engine;
      const elapsedUs = nowUs - this.#groupStartUs;
      stats.recordCalls(this.#groupId, this.#groupCalls, elapsedUs, settings.latencyTracking);
    }
    this.#groupId = id;
    this.#groupCalls = 0;
    this.#groupStartUs = nowUs;
    if (id >= 0) this.#call.name = this.#registry.fullNames[id];
  }

  /** @returns why the command may not run, "" if it may */
  #refuse(id: number, argc: number, c: number, stages: Stages): string {
    const registry = this.#registry;
    const arity = registry.arity[id];
    if (arity > 0 ? argc !== arity : argc < -arity) return wrongArity(registry.fullNames[id]);
    const flags = registry.flags[id];
    if (!this.#call.session.authenticated && (flags & FLAG_NO_AUTH) === 0) return NOAUTH;
    if (registry.runs[id] === undefined) return wrongArity(registry.fullNames[id]);
    if (stages.hasLongKeys && stages.longKeyCommands.has(c)) return KEY_TOO_LONG;
    return this.#hasMemoryFor(id) ? "" : OUT_OF_MEMORY;
  }

  /** Makes room for a command that writes. @returns whether it may run */
  #hasMemoryFor(id: number): boolean {
    const flags = this.#registry.flags[id];
    if ((flags & FLAG_WRITE) === 0 || !this.#engine.isOverLimit) return true;
    return this.#engine.makeRoom() || (flags & FLAG_DENYOOM) === 0;
  }

  #unknown(id: number): string {
    const call = this.#call;
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
