/**
 * Contract of a batch: an array of commands, decoded into parallel typed arrays.
 *
 * Command `c` owns the arguments `firstArgs[c]` up to, not including, `firstArgs[c + 1]`; the first of
 * them is its name. Argument `a` is `input.bytes[argOffsets[a] .. argOffsets[a] + argLengths[a])`.
 * No copy and no object is made per command or per argument.
 */
import type { Region } from "./region.ts";

export interface CommandBatch {
  /** What the argument offsets point into. At least 8 readable bytes follow the last argument. */
  input: Region;
  /** Number of whole commands. */
  commandCount: number;
  /** Number of arguments of all whole commands together. */
  argCount: number;
  /** Index of each command's first argument (its name); one entry more than there are commands. */
  firstArgs: Int32Array;
  /** Offset in `input`, in bytes, one past the frame of each command. */
  frameEnds: Int32Array;
  /** Offset in `input`, in bytes. */
  argOffsets: Int32Array;
  /** Length in bytes. */
  argLengths: Int32Array;
  /** Keyed 32-bit hash of the argument; valid only for arguments that are keys. */
  argHashes: Int32Array;

  /**
   * Inline commands whose quotes and escapes were resolved in place: where each began, and its bytes
   * as they came.
   */
  readonly rewrittenLines: { readonly offset: number; readonly bytes: Uint8Array }[];

  /** Makes room for `count` more arguments (replaces the arrays by larger ones when needed). */
  reserveArgs(count: number): void;
  /** Makes room for `count` more commands. */
  reserveCommands(count: number): void;
}
