/**
 * Reads request frames of the binary batch protocol (PROTOCOL.md) from bytes into a batch.
 *
 * A call reads one frame and answers how many bytes it took, 0 when the frame is not complete, or -1 when
 * it is malformed. Nothing at or beyond `end` is looked at, and nothing is kept between calls: the header
 * says how much has to be there. All commands of a run share the bytes of their name, by which whatever
 * works on the batch knows that they are the same.
 *
 * Cost: one load and four stores an argument, no allocation. A frame is checked whole before its first
 * command is in the batch.
 */
import { equalsIgnoreCase } from "../../bytes/ascii.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { Region } from "../../ports/region.ts";
import type { DecoderLimits } from "../resp/decoder.ts";
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
  RUN_ARGUMENTS_OFFSET,
  RUN_HEADER_BYTES,
  RUN_NAME_LENGTH_OFFSET,
  RUN_RESERVED_OFFSET,
  RUN_WIDTH_OFFSET,
} from "./frame.ts";
import { RequestFrames } from "./request_frames.ts";

/** Limits of what is accepted; read anew at every use, so they may change at any time. */
export interface FrameLimits extends Pick<DecoderLimits, "protoMaxBulkLen" | "maxMultibulk"> {
  /** Most commands of one frame; MAX_FRAME_COMMANDS when absent. */
  readonly maxFrameCommands?: number;
  /** Longest body of a frame, in bytes; MAX_BODY_BYTES when absent. */
  readonly maxBodyBytes?: number;
}

export const MAX_FRAME_COMMANDS: number = 1024 * 1024;
export const MAX_BODY_BYTES: number = 1024 * 1024 * 1024;
/** What a client may send that has not authenticated and must: as in RESP, and little of it. */
export const UNAUTHENTICATED_MAX_COMMANDS = 10;
export const UNAUTHENTICATED_MAX_ARGUMENTS = 10;
export const UNAUTHENTICATED_MAX_BYTES = 16384;
export const UNAUTHENTICATED_MAX_BODY: number = 64 * 1024;

const DEFAULT_MAX_ARGUMENTS = 2147483647;
const NO_COMMON_VERSION = "NOPROTO unsupported protocol version";
const FAILED = -1;

export class BinaryDecoder {
  /** The whole frames so far; cleared together with the batch. */
  readonly frames = new RequestFrames();
  /** Text of the last error reply, with its code; "" before the first. */
  error = "";
  /** Request id of the frame that was malformed, 0 if it has none that can be read. */
  failedId = 0;
  private readonly limits: FrameLimits;
  /** Longest argument, as the frame at hand may have it. */
  private maxBytes = 0;
  private argEnd = 0;

  constructor(limits: FrameLimits) {
    this.limits = limits;
  }

  /**
   * Reads the frame that begins at `start`.
   * @param end offset one past the last byte received
   * @param authenticated false for a client that must authenticate first; it may send little
   * @returns how many bytes were consumed, 0 if more are needed, -1 if the frame is malformed
   */
  decode(batch: CommandBatch, start: number, end: number, authenticated: boolean): number {
    const { bytes, view } = batch.input;
    if (end - start < HEADER_BYTES) {
      this.failedId = 0;
      return end > start && bytes[start] !== MAGIC ? this.fail("expected a frame") : 0;
    }
    const kind = bytes[start + KIND_OFFSET];
    const flags = view.getUint16(start + FLAGS_OFFSET, true);
    const length = view.getUint32(start + LENGTH_OFFSET, true);
    const count = view.getUint32(start + COUNT_OFFSET, true);
    const id = view.getInt32(start + ID_OFFSET, true);
    const isHello = kind === KIND_HELLO;
    this.failedId = bytes[start] === MAGIC ? id : 0;
    if (bytes[start] !== MAGIC) return this.fail("expected a frame");
    if (!isHello && kind !== KIND_REQUEST) return this.fail(`unknown kind of frame ${kind}`);
    if ((flags & ~(isHello ? 0 : FLAG_ATOMIC)) !== 0) return this.fail("unknown flags of a frame");
    const maxBody = authenticated
      ? this.limits.maxBodyBytes ?? MAX_BODY_BYTES
      : UNAUTHENTICATED_MAX_BODY;
    if (length > maxBody) {
      return this.fail(authenticated ? "invalid frame length" : "unauthenticated frame length");
    }
    if (isHello && count === 0) {
      this.error = NO_COMMON_VERSION;
      return FAILED;
    }
    const maxCount = authenticated
      ? this.limits.maxFrameCommands ?? MAX_FRAME_COMMANDS
      : UNAUTHENTICATED_MAX_COMMANDS;
    if (!isHello && count > maxCount) {
      return this.fail(authenticated ? "too many commands" : "unauthenticated frame of commands");
    }
    if (end - start < HEADER_BYTES + length) return 0;
    const { commandCount, argCount } = batch;
    const wanted = isHello ? (length === 0 ? 0 : 1) : count;
    const bodyEnd = start + HEADER_BYTES + length;
    if (
      !this.readRuns(batch, start + HEADER_BYTES, bodyEnd, wanted, authenticated) ||
      isHello && !this.isHello(batch, commandCount)
    ) {
      batch.commandCount = commandCount;
      batch.argCount = argCount;
      return FAILED;
    }
    this.frames.add(start, id, kind, flags, commandCount, batch.commandCount);
    return HEADER_BYTES + length;
  }

  private fail(text: string): number {
    this.error = `ERR Protocol error: ${text}`;
    return FAILED;
  }

  private refuse(text: string): false {
    this.error = `ERR Protocol error: ${text}`;
    return false;
  }

  /** Whether what a hello brought is HELLO. */
  private isHello(batch: CommandBatch, c: number): boolean {
    if (c === batch.commandCount) return true;
    const name = batch.firstArgs[c];
    const isNamed = batch.argLengths[name] === 5 &&
      equalsIgnoreCase(batch.input.bytes, batch.argOffsets[name], "HELLO");
    return isNamed || this.refuse("expected HELLO");
  }

  /** Appends the commands of all runs of a body. @returns whether there were `count`, well-formed */
  private readRuns(
    batch: CommandBatch,
    start: number,
    end: number,
    count: number,
    authenticated: boolean,
  ): boolean {
    const { view, bytes } = batch.input;
    const maxArgs = authenticated
      ? this.limits.maxMultibulk ?? DEFAULT_MAX_ARGUMENTS
      : UNAUTHENTICATED_MAX_ARGUMENTS;
    this.maxBytes = authenticated
      ? this.limits.protoMaxBulkLen
      : Math.min(UNAUTHENTICATED_MAX_BYTES, this.limits.protoMaxBulkLen);
    let at = start;
    let left = count;
    while (left > 0) {
      if (end - at < RUN_HEADER_BYTES) return this.refuse("run beyond its frame");
      const commands = view.getUint32(at, true);
      const args = view.getUint32(at + RUN_ARGUMENTS_OFFSET, true);
      const nameLength = bytes[at + RUN_NAME_LENGTH_OFFSET];
      const width = bytes[at + RUN_WIDTH_OFFSET];
      if (commands === 0 || commands > left) return this.refuse("invalid number of commands");
      if (args === 0 || args > maxArgs) {
        return this.refuse(
          authenticated ? "invalid multibulk length" : "unauthenticated multibulk length",
        );
      }
      if (nameLength === 0) return this.refuse("invalid length of a name");
      if (width !== 1 && width !== 2 && width !== 4) return this.refuse("invalid width of lengths");
      if (view.getUint16(at + RUN_RESERVED_OFFSET, true) !== 0) return this.refuse("invalid run");
      if (args === 1 && commands > MAX_BARE_COMMANDS) {
        return this.refuse("too many commands without arguments");
      }
      const name = at + RUN_HEADER_BYTES;
      const lengths = name + nameLength;
      const data = lengths + commands * (args - 1) * width;
      if (data > end) return this.refuse("run beyond its frame");
      batch.reserveCommands(commands);
      batch.reserveArgs(commands * args);
      const isRead = this.readRun(batch, commands, args - 1, name, nameLength, width, data, end);
      if (!isRead) return false;
      at = this.argEnd;
      left -= commands;
    }
    return at === end || this.refuse("frame longer than its commands");
  }

  /** Appends the commands of one run; `argEnd` is where it ends then. */
  private readRun(
    batch: CommandBatch,
    commands: number,
    args: number,
    name: number,
    nameLength: number,
    width: number,
    data: number,
    end: number,
  ): boolean {
    const first = batch.argCount;
    const dataEnd = args === 0
      ? data
      : args === 1 && width === 1
      ? readShortPairs(batch, commands, name, nameLength, data)
      : readArguments(batch, commands, args, name, nameLength, width, data, this.maxBytes);
    if (args === 0) writeNames(batch, commands, name, nameLength);
    if (dataEnd < 0) {
      return this.refuse(
        this.maxBytes < this.limits.protoMaxBulkLen
          ? "unauthenticated bulk length"
          : "invalid bulk length",
      );
    }
    if (dataEnd > end) return this.refuse("run beyond its frame");
    writeCommands(batch, commands, args + 1, first, dataEnd);
    this.argEnd = dataEnd;
    return true;
  }
}

/** Commands of one argument of at most 255 bytes, which no limit forbids. @returns where it ends */
function readShortPairs(
  batch: CommandBatch,
  commands: number,
  name: number,
  nameLength: number,
  data: number,
): number {
  const { argOffsets, argLengths } = batch;
  const { bytes } = batch.input;
  let arg = batch.argCount;
  let at = data;
  let lengths = name + nameLength;
  for (let i = 0; i < commands; i++) {
    const length = bytes[lengths++];
    argOffsets[arg] = name;
    argLengths[arg] = nameLength;
    argOffsets[arg + 1] = at;
    argLengths[arg + 1] = length;
    at += length;
    arg += 2;
  }
  return at;
}

/** @returns where the arguments end, perhaps beyond the frame; -1 if one is too long */
function readArguments(
  batch: CommandBatch,
  commands: number,
  args: number,
  name: number,
  nameLength: number,
  width: number,
  data: number,
  maxBytes: number,
): number {
  const { argOffsets, argLengths, input } = batch;
  let arg = batch.argCount;
  let at = data;
  let lengths = name + nameLength;
  for (let i = 0; i < commands; i++) {
    argOffsets[arg] = name;
    argLengths[arg] = nameLength;
    const last = arg + args;
    for (arg++; arg <= last; arg++) {
      const length = readLength(input, lengths, width);
      if (length > maxBytes) return -1;
      argOffsets[arg] = at;
      argLengths[arg] = length;
      at += length;
      lengths += width;
    }
  }
  return at;
}

function readLength({ bytes, view }: Region, at: number, width: number): number {
  return width === 1
    ? bytes[at]
    : width === 2
    ? view.getUint16(at, true)
    : view.getUint32(at, true);
}

function writeNames(batch: CommandBatch, commands: number, name: number, length: number): void {
  const { argCount, argOffsets, argLengths } = batch;
  argOffsets.fill(name, argCount, argCount + commands);
  argLengths.fill(length, argCount, argCount + commands);
}

/** Counts the arguments behind those of the batch as commands of `argc` each. */
function writeCommands(
  batch: CommandBatch,
  commands: number,
  argc: number,
  firstArg: number,
  frameEnd: number,
): void {
  const { firstArgs, frameEnds } = batch;
  const first = batch.commandCount;
  const last = first + commands;
  let arg = firstArg;
  for (let c = first; c < last; c++) {
    firstArgs[c] = arg;
    frameEnds[c] = frameEnd;
    arg += argc;
  }
  firstArgs[last] = arg;
  batch.argCount = arg;
  batch.commandCount = last;
}
