/**
 * Writes commands as frames of the binary batch protocol (PROTOCOL.md).
 *
 * Commands in a row that have the same name and the same number of arguments become one run. The width of
 * its lengths is chosen by what its longest argument may take at most; the lengths are filled in as
 * the arguments are written behind them.
 */
import { type CommandArgument, toText } from "../command_encoder.ts";
import { RequestBytes } from "../request_bytes.ts";
import { UTF8_EXPANSION, writeText } from "../text.ts";
import {
  COUNT_OFFSET,
  FLAG_ATOMIC,
  FLAGS_OFFSET,
  HEADER_BYTES,
  ID_OFFSET,
  KIND_HELLO,
  KIND_OFFSET,
  KIND_REQUEST,
  LENGTH_OFFSET,
  MAGIC,
  MAX_BARE_COMMANDS,
  PROTOCOL_VERSION,
  RUN_ARGUMENTS_OFFSET,
  RUN_HEADER_BYTES,
  RUN_NAME_LENGTH_OFFSET,
  RUN_RESERVED_OFFSET,
  RUN_WIDTH_OFFSET,
} from "./frame.ts";

type Words = readonly CommandArgument[];

const MAX_U8 = 0xff;
const MAX_U16 = 0xffff;
/** What a number or a boolean takes at most, as text. */
const SCALAR_BYTES = 25;

export class BinaryRequestEncoder extends RequestBytes {
  /**
   * Adds a frame of commands.
   * @param isAtomic whether all or none of them run
   */
  request(id: number, commands: readonly Words[], isAtomic: boolean): void {
    this.#frame(KIND_REQUEST, isAtomic ? FLAG_ATOMIC : 0, id, commands.length, commands);
  }

  /** Adds the frame that opens a connection. @param command HELLO and its arguments, if any */
  hello(id: number, command?: Words): void {
    this.#frame(KIND_HELLO, 0, id, PROTOCOL_VERSION, command === undefined ? [] : [command]);
  }

  #frame(kind: number, flags: number, id: number, count: number, commands: readonly Words[]): void {
    this.reserve(HEADER_BYTES);
    const start = this.used;
    const { view } = this.region;
    view.setUint8(start, MAGIC);
    view.setUint8(start + KIND_OFFSET, kind);
    view.setUint16(start + FLAGS_OFFSET, flags, true);
    view.setUint32(start + ID_OFFSET, id, true);
    view.setUint32(start + COUNT_OFFSET, count, true);
    this.used = start + HEADER_BYTES;
    for (let from = 0; from < commands.length;) from = this.#run(commands, from);
    this.region.view.setUint32(start + LENGTH_OFFSET, this.used - start - HEADER_BYTES, true);
  }

  /** Adds the run that begins with a command. @returns the index of the first one that is not in it */
  #run(commands: readonly Words[], from: number): number {
    const name = commands[from][0] as string;
    const argumentCount = commands[from].length;
    let to = from;
    let longest = 0;
    // A command without arguments takes no byte of a run, so runs of them are bounded.
    const most = argumentCount === 1 ? from + MAX_BARE_COMMANDS : commands.length;
    for (; to < commands.length && to < most; to++) {
      const words = commands[to];
      if (words.length !== argumentCount || words[0] !== name) break;
      for (let i = 1; i < argumentCount; i++) {
        const size = sizeAtMost(words[i]);
        if (size > longest) longest = size;
      }
    }
    const width = longest <= MAX_U8 ? 1 : longest <= MAX_U16 ? 2 : 4;
    this.#runHeader(name, argumentCount, to - from, width);
    let lengthAt = this.used;
    const lengthBytes = (to - from) * (argumentCount - 1) * width;
    this.reserve(lengthBytes);
    this.used += lengthBytes;
    for (let c = from; c < to; c++) {
      const words = commands[c];
      for (let i = 1; i < argumentCount; i++) {
        const length = this.#argument(words[i]);
        const { view } = this.region;
        if (width === 1) view.setUint8(lengthAt, length);
        else if (width === 2) view.setUint16(lengthAt, length, true);
        else view.setUint32(lengthAt, length, true);
        lengthAt += width;
      }
    }
    return to;
  }

  #runHeader(name: string, argumentCount: number, commandCount: number, width: number): void {
    this.reserve(RUN_HEADER_BYTES + name.length * UTF8_EXPANSION);
    const { bytes, view } = this.region;
    const start = this.used;
    const end = writeText(name, bytes, start + RUN_HEADER_BYTES);
    view.setUint32(start, commandCount, true);
    view.setUint32(start + RUN_ARGUMENTS_OFFSET, argumentCount, true);
    view.setUint8(start + RUN_NAME_LENGTH_OFFSET, end - start - RUN_HEADER_BYTES);
    view.setUint8(start + RUN_WIDTH_OFFSET, width);
    view.setUint16(start + RUN_RESERVED_OFFSET, 0, true);
    this.used = end;
  }

  /** @returns its length in bytes */
  #argument(argument: CommandArgument): number {
    const start = this.used;
    if (typeof argument === "string") this.#text(argument);
    else if (argument instanceof Uint8Array) {
      this.reserve(argument.length);
      this.region.bytes.set(argument, start);
      this.used = start + argument.length;
    } else this.#text(toText(argument));
    return this.used - start;
  }

  #text(text: string): void {
    this.reserve(text.length * UTF8_EXPANSION);
    this.used = writeText(text, this.region.bytes, this.used);
  }
}

/** Bytes that an argument takes at most. */
function sizeAtMost(argument: CommandArgument): number {
  if (typeof argument === "string") return argument.length * UTF8_EXPANSION;
  if (argument instanceof Uint8Array) return argument.length;
  return typeof argument === "bigint" ? toText(argument).length : SCALAR_BYTES;
}
