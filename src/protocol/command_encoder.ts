/**
 * Turns commands given as JavaScript values into a batch.
 *
 * Strings are encoded as UTF-8, numbers and booleans in their usual text form, bytes are taken as they
 * are; all land in one buffer that is used again for the next batch.
 */
import { makeRegion, REGION_PADDING } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import { GrowableBatch } from "./resp/batch.ts";
import { UTF8_EXPANSION, writeText } from "./text.ts";

/** What an argument of a command may be. */
export type CommandArgument = string | number | bigint | boolean | Uint8Array;

const INITIAL_BYTES = 64 * 1024;
const KEPT_BYTES = 1024 * 1024;

export class CommandEncoder {
  readonly batch = new GrowableBatch();
  #region: Region = makeRegion(INITIAL_BYTES);
  #used = 0;

  /**
   * @returns the batch, valid until the next call
   * @throws TypeError for an empty command or an argument of another type
   */
  encode(commands: readonly (readonly CommandArgument[])[]): GrowableBatch {
    if (!Array.isArray(commands)) throw new TypeError("commands must be an array of arrays");
    this.#begin(commands.length);
    for (let c = 0; c < commands.length; c++) {
      const command = commands[c];
      if (!Array.isArray(command) || command.length === 0) {
        throw new TypeError("a command must be an array that begins with its name");
      }
      this.batch.reserveArgs(command.length);
      for (let i = 0; i < command.length; i++) this.#argument(command[i]);
      this.#end();
    }
    return this.#whole();
  }

  /**
   * A batch of one command, its name apart from its arguments.
   * @returns the batch, valid until the next call
   * @throws TypeError for an argument of another type
   */
  encodeOne(name: string, args: readonly CommandArgument[]): GrowableBatch {
    this.#begin(1);
    this.batch.reserveArgs(args.length + 1);
    this.#argument(name);
    for (let i = 0; i < args.length; i++) this.#argument(args[i]);
    this.#end();
    return this.#whole();
  }

  #begin(commandCount: number): void {
    const { batch } = this;
    batch.clear();
    batch.trim();
    batch.reserveCommands(commandCount);
    batch.firstArgs[0] = 0;
    this.#used = 0;
    if (this.#region.bytes.length > KEPT_BYTES) this.#region = makeRegion(INITIAL_BYTES);
  }

  /** Closes a command behind its last argument. */
  #end(): void {
    const { batch } = this;
    batch.frameEnds[batch.commandCount] = this.#used;
    batch.commandCount++;
    batch.firstArgs[batch.commandCount] = batch.argCount;
  }

  #whole(): GrowableBatch {
    this.batch.input = this.#region;
    return this.batch;
  }

  #argument(argument: CommandArgument): void {
    const start = this.#used;
    if (typeof argument === "string") this.#text(argument);
    else if (argument instanceof Uint8Array) {
      this.#reserve(argument.length);
      this.#region.bytes.set(argument, start);
      this.#used += argument.length;
    } else this.#text(toText(argument));
    const { batch } = this;
    batch.argOffsets[batch.argCount] = start;
    batch.argLengths[batch.argCount] = this.#used - start;
    batch.argCount++;
  }

  #text(text: string): void {
    this.#reserve(text.length * UTF8_EXPANSION);
    this.#used = writeText(text, this.#region.bytes, this.#used);
  }

  #reserve(count: number): void {
    const needed = this.#used + count + REGION_PADDING;
    if (needed <= this.#region.bytes.length) return;
    const larger = makeRegion(Math.max(needed, this.#region.bytes.length * 2));
    larger.bytes.set(this.#region.bytes.subarray(0, this.#used));
    this.#region = larger;
  }
}

/** An argument that is neither text nor bytes, as text. @throws TypeError where there is no such argument */
export function toText(argument: unknown): string {
  switch (typeof argument) {
    case "number":
    case "bigint":
    case "boolean":
      return String(argument);
    default:
      throw new TypeError(
        `an argument must be a string, a number, a boolean or a Uint8Array, got ${
          argument === null ? "null" : typeof argument
        }`,
      );
  }
}
