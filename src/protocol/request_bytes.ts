/** The bytes of requests on their way out: one buffer that grows, and is used again for the next ones. */
import { makeRegion, REGION_PADDING } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import { type CommandArgument, toText } from "./command_encoder.ts";

const INITIAL_BYTES = 16 * 1024;
/** What one unusually large request took beyond this is given back. */
const KEPT_BYTES = 1024 * 1024;
/** Bytes that a number takes at most, as text. */
const NUMBER_BYTES = 25;
/** A binary frame has one byte for the length of a name in UTF-8. */
const NAME_LETTERS_MAX = 85;

export class RequestBytes {
  region: Region = makeRegion(INITIAL_BYTES);
  /** How many bytes are filled. */
  used = 0;

  /** Begins anew. */
  clear(): void {
    this.used = 0;
    if (this.region.bytes.length > KEPT_BYTES) this.region = makeRegion(INITIAL_BYTES);
  }

  /** Makes room for `count` more bytes; `region` may be another one then. */
  reserve(count: number): void {
    const { bytes } = this.region;
    const needed = this.used + count + REGION_PADDING;
    if (needed <= bytes.length) return;
    const larger = makeRegion(Math.max(needed, bytes.length * 2));
    larger.bytes.set(bytes.subarray(0, this.used));
    this.region = larger;
  }
}

/**
 * About how many bytes a command takes: exact unless it holds letters beyond ASCII.
 * @throws TypeError for an empty command or an argument of another type
 */
export function commandSize(command: readonly CommandArgument[]): number {
  const { length } = command;
  const name: unknown = command[0];
  if (typeof name !== "string" || name === "" || name.length > NAME_LETTERS_MAX) {
    throw new TypeError(
      `a command must begin with its name, of at most ${NAME_LETTERS_MAX} letters`,
    );
  }
  let size = 0;
  for (let i = 0; i < length; i++) {
    const argument: unknown = command[i];
    if (typeof argument === "string") size += argument.length;
    else if (argument instanceof Uint8Array) size += argument.length;
    else if (typeof argument === "number") size += NUMBER_BYTES;
    else size += toText(argument).length;
  }
  return size;
}
