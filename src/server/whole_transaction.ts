/** Runs a batch as one transaction: all of its commands, or none. */
import { equalsIgnoreCase } from "../bytes/ascii.ts";
import { DISCARD, EXEC, MULTI } from "../commands/transactions/transactions.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { CommandEncoder } from "../protocol/command_encoder.ts";
import { RespWriter } from "../protocol/resp/writer.ts";
import type { LocalSession } from "../session/local_session.ts";
import type { Core } from "./core.ts";

/** These would end the transaction that they are in. */
const REFUSED = ["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "RESET", "QUIT"];

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
    for (let c = 0; c < batch.commandCount; c++) {
      const name = refusedName(batch, c);
      if (name !== "") return `ERR '${name.toLowerCase()}' is not allowed in an atomic batch`;
    }
    const { executor } = this.#core;
    const failed = this.#runOne(MULTI.run, session) || this.#into(() => {
      executor.executeLocal(batch, session, this.#sink);
    });
    if (failed !== "") {
      if (session.transaction !== undefined) this.#runOne(DISCARD.run, session);
      return `EXECABORT Transaction discarded because of: ${failed.replace(/^ERR /, "")}`;
    }
    executor.executeLocal(this.#encoder.encodeOne(this.#nameOf(EXEC.run), []), session, reply);
    return "";
  }

  #runOne(run: unknown, session: LocalSession): string {
    const batch = this.#encoder.encodeOne(this.#nameOf(run), []);
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

  /** Its name, which may be another one than Redis's. */
  #nameOf(run: unknown): string {
    return this.#core.registry.entries.find(({ spec }) => spec.run === run)?.fullName ?? "";
  }
}

function refusedName(
  { input, argOffsets, argLengths, firstArgs }: CommandBatch,
  c: number,
): string {
  const name = firstArgs[c];
  const length = argLengths[name];
  return REFUSED.find((word) =>
    word.length === length && equalsIgnoreCase(input.bytes, argOffsets[name], word)
  ) ?? "";
}
