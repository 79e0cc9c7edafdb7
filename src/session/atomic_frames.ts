/**
 * Runs the frames of the binary protocol of which all commands run, or none: as MULTI, the commands, EXEC.
 *
 * MULTI and EXEC are run as the commands that they are, so whoever may not use them cannot do so by a frame.
 */
import type { Services } from "../commands/call.ts";
import { GUARD_QUEUE } from "../commands/guards.ts";
import type { CommandHandler, CommandRegistry } from "../commands/registry.ts";
import { EXEC, MULTI } from "../commands/transactions/transactions.ts";
import type { Engine } from "../engine/engine.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { BinaryWriter } from "../protocol/binary/writer.ts";
import { CommandEncoder } from "../protocol/command_encoder.ts";
import { discardedBecause, nameOfHandler, refusalOfAtomic } from "./atomic_batch.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Session } from "./session.ts";
import { Stages } from "./stages.ts";

const NESTED = "ERR MULTI calls can not be nested";

export class AtomicFrames {
  readonly #engine: Engine;
  readonly #registry: CommandRegistry;
  readonly #services: Services;
  readonly #stages: Stages;
  readonly #dispatcher: Dispatcher;
  readonly #encoder = new CommandEncoder();
  /** Takes what MULTI and the commands that are queued answer. */
  readonly #sink = new BinaryWriter();

  constructor(engine: Engine, registry: CommandRegistry, services: Services) {
    this.#engine = engine;
    this.#registry = registry;
    this.#services = services;
    this.#stages = new Stages(registry, engine.keyspace, engine.hotKeys);
    this.#dispatcher = new Dispatcher(engine, registry, services);
  }

  /**
   * Runs the commands `first` to `end`.
   * @param queue runs one of them, which is queued @param reply gets their results, or nothing
   * @returns why nothing was run, "changed" if a watched key changed, "" if all was run
   */
  run(
    session: Session,
    batch: CommandBatch,
    first: number,
    end: number,
    queue: (c: number, reply: ReplyWriter) => void,
    reply: BinaryWriter,
  ): string {
    if ((session.guards & GUARD_QUEUE) !== 0) return NESTED;
    const refusal = refusalOfAtomic(this.#registry, batch, first, end);
    if (refusal !== "") return refusal;
    const sink = this.#sink;
    const errors = sink.errorCount;
    this.#runOne(MULTI.run, session, sink);
    for (let c = first; c < end && sink.errorCount === errors && !session.isHeld; c++) {
      sink.output.reset();
      queue(c, sink);
    }
    sink.output.reset();
    if (sink.errorCount !== errors || session.isHeld) {
      this.#services.transactions.discard(session);
      return session.isHeld ? "held" : discardedBecause(sink.lastError);
    }
    return this.#execute(session, reply);
  }

  #execute(session: Session, reply: BinaryWriter): string {
    const { position, errorCount } = reply;
    reply.unwrapNext();
    try {
      this.#runOne(EXEC.run, session, reply);
    } finally {
      if (!reply.endUnwrapping()) reply.rewind(position);
    }
    if (reply.position !== position) return "";
    return reply.errorCount === errorCount ? "changed" : reply.lastError;
  }

  /** Runs a command that has no arguments. */
  #runOne(run: CommandHandler, session: Session, reply: ReplyWriter): void {
    const batch = this.#encoder.encodeOne(nameOfHandler(this.#registry, run), []);
    const { keyspace } = this.#engine;
    this.#stages.begin(batch);
    this.#stages.prepare(batch, 0, 1, keyspace.databases[session.dbIndex]);
    this.#dispatcher.enter(session, batch);
    try {
      this.#dispatcher.execute(0, this.#stages, reply);
    } finally {
      this.#dispatcher.leave();
      keyspace.changes.clientId = session.id;
    }
  }
}
