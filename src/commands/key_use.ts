/** How a command uses each of its keys, which may depend on where they stand and on other arguments. */
import { equalsIgnoreCase } from "../bytes/ascii.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { CommandSpec, KeyFlag } from "./spec.ts";

/**
 * @param i which of its keys, the first being 0
 * @param count how many keys it has
 */
export function keyFlagsAt(
  spec: CommandSpec,
  batch: CommandBatch,
  first: number,
  argc: number,
  i: number,
  count: number,
): readonly KeyFlag[] {
  if (spec.useOfKey !== undefined) return spec.useOfKey(batch, first, argc, i);
  const { keyFlags = [], firstKeyFlags = keyFlags, lastKeyFlags = keyFlags } = spec;
  const last = count - 1;
  if (i === 0 && (last > 0 || firstKeyFlags !== keyFlags)) return firstKeyFlags;
  return i === last ? lastKeyFlags : keyFlags;
}

/** Whether argument `i` of the command at `first` is this word, in any case. @param word upper case */
export function isWordAt(batch: CommandBatch, first: number, i: number, word: string): boolean {
  return batch.argLengths[first + i] === word.length &&
    equalsIgnoreCase(batch.input.bytes, batch.argOffsets[first + i], word);
}
