/**
 * A command batch that grows as it is filled.
 *
 * It starts with room for 1024 commands and 4096 arguments, unless it is told otherwise; each group of
 * arrays is replaced by one of at least twice the size when it is full. `trim` gives back what one unusually large batch
 * took.
 */
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { Region } from "../../ports/region.ts";

const INITIAL_COMMANDS = 1024;
const INITIAL_ARGS = 4096;
/** Argument capacity that `trim` keeps: 64 Ki arguments, 768 KiB. */
const KEPT_ARGS = 65536;
const KEPT_COMMANDS = 16384;

const EMPTY_BUFFER = new ArrayBuffer(8);
const NO_INPUT: Region = {
  bytes: new Uint8Array(EMPTY_BUFFER),
  view: new DataView(EMPTY_BUFFER),
};

export class GrowableBatch implements CommandBatch {
  input: Region = NO_INPUT;
  commandCount = 0;
  argCount = 0;
  firstArgs: Int32Array;
  frameEnds: Int32Array;
  argOffsets: Int32Array;
  argLengths: Int32Array;
  argHashes: Int32Array;
  readonly rewrittenLines: { readonly offset: number; readonly bytes: Uint8Array }[] = [];

  /** Has room for so many at first. */
  constructor(commands = INITIAL_COMMANDS, args = INITIAL_ARGS) {
    this.firstArgs = new Int32Array(commands + 1);
    this.frameEnds = new Int32Array(commands);
    this.argOffsets = new Int32Array(args);
    this.argLengths = new Int32Array(args);
    this.argHashes = new Int32Array(args);
  }

  /**
   * Forgets all commands; arguments of an unfinished frame, which lie beyond `argCount`, survive.
   */
  clear(): void {
    this.commandCount = 0;
    this.argCount = 0;
    if (this.rewrittenLines.length > 0) this.rewrittenLines.length = 0;
  }

  /**
   * Gives back the memory of an unusually large batch. Only while it is empty and no frame
   * unfinished.
   */
  trim(): void {
    if (this.argOffsets.length > KEPT_ARGS) {
      this.argOffsets = new Int32Array(INITIAL_ARGS);
      this.argLengths = new Int32Array(INITIAL_ARGS);
      this.argHashes = new Int32Array(INITIAL_ARGS);
    }
    if (this.frameEnds.length > KEPT_COMMANDS) {
      this.firstArgs = new Int32Array(INITIAL_COMMANDS + 1);
      this.frameEnds = new Int32Array(INITIAL_COMMANDS);
    }
  }

  reserveArgs(count: number): void {
    const needed = this.argCount + count;
    if (needed <= this.argOffsets.length) return;
    const capacity = Math.max(needed, this.argOffsets.length * 2);
    this.argOffsets = enlarged(this.argOffsets, capacity);
    this.argLengths = enlarged(this.argLengths, capacity);
    this.argHashes = enlarged(this.argHashes, capacity);
  }

  reserveCommands(count: number): void {
    const needed = this.commandCount + count;
    if (needed <= this.frameEnds.length) return;
    const capacity = Math.max(needed, this.frameEnds.length * 2);
    this.firstArgs = enlarged(this.firstArgs, capacity + 1);
    this.frameEnds = enlarged(this.frameEnds, capacity);
  }
}

/** A copy with more room; all elements are taken over, those beyond the current counts included. */
function enlarged(array: Int32Array, capacity: number): Int32Array {
  const result = new Int32Array(capacity);
  result.set(array);
  return result;
}
