/** What the commands of transactions ask for: MULTI, EXEC, DISCARD, WATCH and UNWATCH. */
import type { CommandBatch } from "./command_batch.ts";
import type { ReplyWriter } from "./reply_writer.ts";
import type { SessionPort } from "./session_port.ts";

export interface Transactions {
  /** From now on the session's commands are queued; it must not be inside of MULTI. */
  begin(session: SessionPort): void;
  /** Forgets what is queued, and what is watched. */
  discard(session: SessionPort): void;
  /**
   * Runs what is queued and replies with the array of its replies, or says why nothing was run. The
   * transaction is over then.
   */
  execute(session: SessionPort, reply: ReplyWriter): void;
  /** @param arg index of the key in the batch's argument arrays */
  watch(session: SessionPort, batch: CommandBatch, arg: number): void;
  unwatch(session: SessionPort): void;

  // What the dispatcher and the executor call

  /**
   * Queues command `id` for EXEC, unless the transaction will not be run any more.
   * @param first index in the batch's argument arrays of its name
   */
  queue(session: SessionPort, batch: CommandBatch, first: number, argc: number, id: number): void;
  /** A command was refused that would have been queued: EXEC will fail. */
  abort(session: SessionPort): void;
  /** FLAG_… bits (commands/registry.ts) of all commands that wait for EXEC. */
  queuedFlags(session: SessionPort): number;
  /** Whether the last EXEC ran its commands. */
  readonly hasRun: boolean;
  /** Whether the last EXEC switched its session's replies off, or some of them. */
  readonly hasSilenced: boolean;
}
