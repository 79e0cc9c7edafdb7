/** What batches have in common of which all commands run, as between MULTI and EXEC, or none. */
import {
  type CommandHandler,
  type CommandRegistry,
  UNKNOWN_COMMAND,
} from "../commands/registry.ts";
import { QUIT, RESET } from "../commands/connection/session.ts";
import { DISCARD, EXEC, MULTI, UNWATCH, WATCH } from "../commands/transactions/transactions.ts";
import type { CommandBatch } from "../ports/command_batch.ts";

/** These would end the transaction that they are in. */
const REFUSED: ReadonlySet<CommandHandler | undefined> = new Set<CommandHandler | undefined>([
  ...[MULTI.run, EXEC.run, DISCARD.run, WATCH.run, UNWATCH.run, RESET.run, QUIT.run],
]);

/** @returns the error if one of the commands `from` to `to` can't be in an atomic batch, else "" */
export function refusalOfAtomic(
  registry: CommandRegistry,
  { input, argOffsets, argLengths, firstArgs }: CommandBatch,
  from: number,
  to: number,
): string {
  for (let c = from; c < to; c++) {
    const name = firstArgs[c];
    const id = registry.findId(input.bytes, argOffsets[name], argLengths[name]);
    if (id !== UNKNOWN_COMMAND && REFUSED.has(registry.runs[id])) {
      return `ERR '${registry.fullNames[id]}' is not allowed in an atomic batch`;
    }
  }
  return "";
}

/** @param failed the error reply of the command that could not be queued */
export function discardedBecause(failed: string): string {
  return `EXECABORT Transaction discarded because of: ${failed.replace(/^ERR /, "")}`;
}

/** The name of a command, which may be another one than Redis's. */
export function nameOfHandler(registry: CommandRegistry, run: CommandHandler): string {
  return registry.entries.find(({ spec }) => spec.run === run)?.fullName ?? "";
}
