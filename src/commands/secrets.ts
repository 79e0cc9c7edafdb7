/**
 * Where passwords stand in the arguments of commands that take some. What Redis shows because the
 * command is wrong anyway, such as the words of an AUTH with too many, is hidden, too.
 */
import { equalsIgnoreCase, readAscii } from "../bytes/ascii.ts";
import type { CommandBatch } from "../ports/command_batch.ts";

/** As `findSecrets` of CommandSpec. */
export type SecretFinder = (
  batch: CommandBatch,
  first: number,
  argc: number,
  found: (position: number) => void,
) => void;

/** Parameters of CONFIG SET whose values are secret. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  "requirepass",
  "masterauth",
  "masteruser",
  "tls-key-file-pass",
  "tls-client-key-file-pass",
]);

/** Every argument from a position on. */
export function allFrom(position: number): SecretFinder {
  return (_batch, _first, argc, found) => {
    for (let i = position; i < argc; i++) found(i);
  };
}

/** The two words behind each AUTH, of HELLO. */
export function behindAuth(
  batch: CommandBatch,
  first: number,
  argc: number,
  found: (position: number) => void,
): void {
  const { input, argOffsets, argLengths } = batch;
  for (let i = 1; i < argc; i++) {
    if (argLengths[first + i] !== 4) continue;
    if (!equalsIgnoreCase(input.bytes, argOffsets[first + i], "AUTH")) continue;
    for (const position of [i + 1, i + 2]) if (position < argc) found(position);
    i += 2;
  }
}

/** The values of secret parameters, of CONFIG SET. */
export function secretValues(
  batch: CommandBatch,
  first: number,
  argc: number,
  found: (position: number) => void,
): void {
  const { input, argOffsets, argLengths } = batch;
  for (let i = 2; i + 1 < argc; i += 2) {
    const arg = first + i;
    const name = readAscii(input.bytes, argOffsets[arg], argLengths[arg]).toLowerCase();
    if (SECRET_PARAMETERS.has(name)) found(i + 1);
  }
}
