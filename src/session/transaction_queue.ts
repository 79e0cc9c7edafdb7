/**
 * The commands that a connection queued for EXEC: a batch with memory of its own, which grows with them.
 *
 * Their arguments are copied one behind the other, so what a queue takes is at most twice what was sent.
 */
import { copyPadded } from "../bytes/copy.ts";
import { makeRegion } from "../bytes/region.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import { GrowableBatch } from "../protocol/resp/batch.ts";

const INITIAL_BYTES = 1024;
const INITIAL_ARGS = 64;
const INITIAL_COMMANDS = 16;
/** What an argument and a command take beside the argument's bytes. */
const ARG_BYTES = 12;
const COMMAND_BYTES = 8;

export class TransactionQueue extends GrowableBatch {
  /** FLAG_… bits of all its commands together. */
  flags = 0;
  #inputBytes = INITIAL_BYTES;
  #usedBytes = 0;

  constructor() {
    super(INITIAL_COMMANDS, INITIAL_ARGS);
    this.input = makeRegion(INITIAL_BYTES);
  }

  /** Memory that it takes, in bytes. */
  get sizeBytes(): number {
    return this.#inputBytes + ARG_BYTES * this.argOffsets.length +
      COMMAND_BYTES * this.frameEnds.length;
  }

  /** What is queued, in bytes. */
  get queuedBytes(): number {
    return this.#usedBytes + ARG_BYTES * this.argCount;
  }

  /** Copies a command. @param first index in the batch's argument arrays of its name */
  add(batch: CommandBatch, first: number, argc: number, flags: number): void {
    this.reserveCommands(1);
    this.reserveArgs(argc);
    let size = 0;
    for (let i = first; i < first + argc; i++) size += batch.argLengths[i];
    this.#reserveBytes(size);
    const { input } = this;
    let at = this.#usedBytes;
    for (let i = 0; i < argc; i++) {
      const offset = batch.argOffsets[first + i], length = batch.argLengths[first + i];
      copyPadded(batch.input, offset, input, at, length);
      this.argOffsets[this.argCount + i] = at;
      this.argLengths[this.argCount + i] = length;
      at += length;
    }
    this.#usedBytes = at;
    this.argCount += argc;
    this.frameEnds[this.commandCount] = at;
    this.commandCount++;
    this.firstArgs[this.commandCount] = this.argCount;
    this.flags |= flags;
  }

  override clear(): void {
    super.clear();
    this.flags = this.#usedBytes = 0;
  }

  #reserveBytes(count: number): void {
    const needed = this.#usedBytes + count;
    if (needed <= this.#inputBytes) return;
    const input = makeRegion(this.#inputBytes = Math.max(needed, this.#inputBytes * 2));
    input.bytes.set(this.input.bytes.subarray(0, this.#usedBytes));
    this.input = input;
  }
}
