/** Runs a batch as one transaction: all of its commands, or none. */
import type { CommandHandler } from "../commands/registry.ts";
import { DISCARD, EXEC, MULTI } from "../commands/transactions/transactions.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { CommandEncoder } from "../protocol/command_encoder.ts";
import { RespWriter } from "../protocol/resp/writer.ts";
import { discardedBecause, nameOfHandler, refusalOfAtomic } from "../session/atomic_batch.ts";
import type { LocalSession } from "../session/local_session.ts";
import type { Core } from "./core.ts";

export class WholeTransaction {
  readonly #core: Core;
  readonly #encoder = new CommandEncoder();
  /** Takes what MULTI answers, and the queued commands. */
  readonly #sink = new RespWriter();

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * @param reply gets one array, of the replies
   * @returns why nothing was run, "" if all was
   */
  run(batch: CommandBatch, session: LocalSession, reply: ReplyWriter): string {
    const { executor, registry } = this.#core;
    const refusal = refusalOfAtomic(registry, batch, 0, batch.commandCount);
    if (refusal !== "") return refusal;
    const failed = this.#runOne(MULTI.run, session) || this.#into(() => {
      executor.executeLocal(batch, session, this.#sink);
    });
    if (failed !== "") {
      if (session.transaction !== undefined) this.#runOne(DISCARD.run, session);
      return discardedBecause(failed);
    }
    const exec = this.#encoder.encodeOne(nameOfHandler(registry, EXEC.run), []);
    executor.executeLocal(exec, session, reply);
    return "";
  }

  #runOne(run: CommandHandler, session: LocalSession): string {
    const batch = this.#encoder.encodeOne(nameOfHandler(this.#core.registry, run), []);
    return this.#into(() => this.#core.executor.executeLocal(batch, session, this.#sink));
  }

  /** @returns the first error that was replied, "" = there was none */
  #into(execute: () => void): string {
    const sink = this.#sink;
    const errors = sink.errorCount;
    sink.output.reset();
    execute();
    return sink.errorCount === errors ? "" : sink.lastError;
  }
}
