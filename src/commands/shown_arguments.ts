/**
 * A command's arguments as the slow log keeps them: at most 32, each of at most 128 bytes, what is cut
 * off told in words; secrets are never among them.
 *
 * Source: slowlogCreateEntry of Redis's src/slowlog.c.
 */
import type { CommandBatch } from "../ports/command_batch.ts";
import type { CommandSpec } from "./spec.ts";

const MAX_ARGUMENTS = 32;
const MAX_BYTES = 128;

const encoder = new TextEncoder();

/** What stands in place of a secret. */
export const REDACTED: Uint8Array = encoder.encode("(redacted)");

const NO_SECRETS: ReadonlySet<number> = new Set();

/** @returns the positions of the arguments that are never to be shown, the name being 0 */
export function secretPositions(
  spec: CommandSpec,
  batch: CommandBatch,
  first: number,
  argc: number,
): ReadonlySet<number> {
  if (spec.findSecrets === undefined) return NO_SECRETS;
  const positions = new Set<number>();
  spec.findSecrets(batch, first, argc, (position) => void positions.add(position));
  return positions;
}

/** @returns copies, with the name */
export function shownArguments(
  spec: CommandSpec,
  batch: CommandBatch,
  first: number,
  argc: number,
): Uint8Array[] {
  const secrets = secretPositions(spec, batch, first, argc);
  const count = argc > MAX_ARGUMENTS ? MAX_ARGUMENTS - 1 : argc;
  const shown: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    shown.push(secrets.has(i) ? REDACTED : shownArgument(batch, first + i));
  }
  if (count < argc) shown.push(encoder.encode(`... (${argc - count} more arguments)`));
  return shown;
}

function shownArgument({ input, argOffsets, argLengths }: CommandBatch, arg: number): Uint8Array {
  const start = argOffsets[arg];
  const length = argLengths[arg];
  if (length <= MAX_BYTES) return input.bytes.slice(start, start + length);
  const cut = encoder.encode(`... (${length - MAX_BYTES} more bytes)`);
  const shown = new Uint8Array(MAX_BYTES + cut.length);
  shown.set(input.bytes.subarray(start, start + MAX_BYTES));
  shown.set(cut, MAX_BYTES);
  return shown;
}
