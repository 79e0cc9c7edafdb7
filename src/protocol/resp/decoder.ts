/**
 * Reads commands in RESP from bytes into a batch: `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`, or an inline
 * line.
 *
 * A call reads one command and answers how many bytes it took, 0 when the frame is not complete, or
 * -1 on a protocol error. Frames as clients send them take the fast way, which reads each length
 * with one load of four bytes; everything else (long numbers, errors, the end of the input) takes
 * the slow way, which follows Redis step by step:
 *
 * - a line of a frame ends at the first \r, and whatever byte follows it is skipped; so are the two
 *   bytes behind an argument, unseen;
 * - a NUL byte hides what follows it from the search for the line's end;
 * - an error in a line shows only once the line is complete, or longer than 64 KiB.
 *
 * Nothing at or beyond `end` is looked at. Cost: two compares and two stores an argument, no
 * allocation.
 */
import { parseInteger } from "../../bytes/ascii.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import { splitInline } from "./inline.ts";

/** Limits of what is accepted; read anew at every use, so they may change at any time. */
export interface DecoderLimits {
  /** Largest argument, in bytes; at least 16384. */
  readonly protoMaxBulkLen: number;
  /** Longest line without an end, in bytes; 64 KiB when absent. */
  readonly maxInlineBytes?: number;
  /** Most arguments of one command; 2³¹-1 when absent, as in Redis. */
  readonly maxMultibulk?: number;
}

const DEFAULT_MAX_INLINE = 64 * 1024;
const DEFAULT_MAX_MULTIBULK = 2147483647;
/** What a client may send that has not authenticated and must. */
const UNAUTHENTICATED_MAX_MULTIBULK = 10;
const UNAUTHENTICATED_MAX_BULK = 16384;

const LF = 10;
const CR = 13;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const SINGLE_QUOTE = 39;
const ZERO = 48;
const STAR = 42;
/** "$", any byte, "\r\n" as a little-endian word, and the mask of the three fixed bytes. */
const ONE_DIGIT_BULK = 0x0a0d0024;
const ONE_DIGIT_MASK = 0xffff00ff | 0;
const ONE_DIGIT_COUNT = 0x0a0d002a;
/** "$", any two bytes, "\r". */
const TWO_DIGIT_BULK = 0x0d000024;
const TWO_DIGIT_MASK = 0xff0000ff | 0;
/** "$0\r\n\r\n" */
const MIN_ARGUMENT_BYTES = 6;
/** No number that is valid has a longer line, so no longer one is searched byte by byte. */
const SHORT_LINE = 32;

const NOT_YET = 0;
const FAILED = -1;

/** One per connection: it remembers the connection's unfinished frame. */
export class RespDecoder {
  /** Text of the last protocol error without "ERR ", as Redis words it; "" before the first. */
  error = "";
  /**
   * After an answer of 0: how many bytes, counted from the frame's start, must be there before it
   * is worth asking again.
   */
  neededBytes = 0;

  private readonly limits: DecoderLimits;
  /** Offset of the unfinished frame, -1 = none. */
  private frameStart = -1;
  /** Offset of the first argument that is not complete. */
  private frameNext = 0;
  /** How many arguments are missing, 0 = not even the count is known, or the frame is a line. */
  private argsLeft = 0;
  private argsRead = 0;
  /** Index of the unfinished frame's first argument. */
  private argBase = 0;
  /** Length that the last argument header gave. */
  private bulkLength = 0;

  constructor(limits: DecoderLimits) {
    this.limits = limits;
  }

  /**
   * Reads the command that begins at `start`, and forgets an unfinished one.
   * @param end offset one past the last byte received
   * @param authenticated false for a client that must authenticate first; it may send little
   * @returns how many bytes were consumed (an empty line or an array of no elements adds no command
   * to the batch); 0 if more are needed, after which `resume` may go on; -1 on a protocol error
   */
  decode(batch: CommandBatch, start: number, end: number, authenticated: boolean): number {
    this.frameStart = -1;
    if (end - start < 4) return this.decodeSlowly(batch, start, end, authenticated);
    const word = batch.input.view.getInt32(start, true);
    const count = ((word >> 8) & 0xff) - ZERO;
    if ((word & ONE_DIGIT_MASK) !== ONE_DIGIT_COUNT || count < 1 || count > 9) {
      return this.decodeSlowly(batch, start, end, authenticated);
    }
    if (batch.argCount + count > batch.argOffsets.length) batch.reserveArgs(count);
    return this.decodeArgs(batch, start, start + 4, end, 0, count, authenticated);
  }

  /**
   * Goes on with the frame for which the last `decode` or `resume` answered 0, now that there is
   * more input. The input must hold the same bytes at the same offsets as before (`rebase`
   * otherwise), in the same memory or a copy. The batch must be the same and be filled by this
   * decoder only; it may have been cleared.
   * @returns as `decode` does; the bytes consumed are counted from the frame's start
   * @throws Error if there is no unfinished frame
   */
  resume(batch: CommandBatch, end: number, authenticated: boolean): number {
    const start = this.frameStart;
    if (start < 0) throw new Error("no unfinished frame to resume");
    const read = this.argsRead;
    if (this.argsLeft === 0 || this.argBase < batch.argCount) {
      return this.decode(batch, start, end, authenticated);
    }
    this.frameStart = -1;
    if (this.argBase !== batch.argCount) {
      batch.reserveArgs(read);
      batch.argOffsets.copyWithin(batch.argCount, this.argBase, this.argBase + read);
      batch.argLengths.copyWithin(batch.argCount, this.argBase, this.argBase + read);
    }
    const next = this.frameNext;
    batch.reserveArgs(read + argsWithin(end - next, this.argsLeft));
    return this.decodeArgs(batch, start, next, end, read, this.argsLeft, authenticated);
  }

  /** Tells that the unfinished frame was moved, so that it begins at `start` now. */
  rebase(batch: CommandBatch, start: number): void {
    const distance = start - this.frameStart;
    if (this.frameStart < 0 || distance === 0) return;
    this.frameStart = start;
    this.frameNext += distance;
    const { argOffsets } = batch;
    const last = this.argBase + this.argsRead;
    if (this.argsLeft > 0) { for (let a = this.argBase; a < last; a++) argOffsets[a] += distance; }
  }

  /** Whether there is a frame that `resume` can go on with. */
  get isUnfinished(): boolean {
    return this.frameStart >= 0;
  }

  /**
   * Reads arguments from `next` on. The batch has room for as many as the input can hold.
   * @param read how many the frame has already, behind the batch's arguments
   * @param left how many are missing
   */
  private decodeArgs(
    batch: CommandBatch,
    start: number,
    next: number,
    end: number,
    read: number,
    left: number,
    authenticated: boolean,
  ): number {
    const { argOffsets, argLengths } = batch;
    const { bytes, view } = batch.input;
    const base = batch.argCount;
    const lastArg = base + read + left;
    let arg = base + read;
    let at = next;
    for (; arg < lastArg; arg++) {
      let length = -1;
      let from = 0;
      if (end - at >= 4) {
        const word = view.getInt32(at, true);
        if ((word & ONE_DIGIT_MASK) === ONE_DIGIT_BULK) {
          length = ((word >> 8) & 0xff) - ZERO;
          from = at + 4;
          if (length > 9) length = -1;
        } else if ((word & TWO_DIGIT_MASK) === TWO_DIGIT_BULK) {
          const tens = ((word >> 8) & 0xff) - ZERO;
          const ones = ((word >> 16) & 0xff) - ZERO;
          if (tens > 0 && tens <= 9 && ones >= 0 && ones <= 9) length = tens * 10 + ones;
          from = at + 5;
        } else if ((word & 0xff) === DOLLAR) {
          length = readMediumLength(bytes, at + 1, end);
          from = at + (length < 1000 ? 6 : length < 10000 ? 7 : 8);
        }
      }
      if (length < 0) {
        from = this.readBulkHeader(bytes, at, end, authenticated);
        if (from <= 0) {
          if (from === FAILED) return FAILED;
          return this.suspend(start, at, base, arg - base, lastArg - arg, end + 1);
        }
        length = this.bulkLength;
      }
      if (end - from < length + 2) {
        return this.suspend(start, at, base, arg - base, lastArg - arg, from + length + 2);
      }
      argOffsets[arg] = from;
      argLengths[arg] = length;
      at = from + length + 2;
    }
    append(batch, lastArg, at);
    return at - start;
  }

  /**
   * Remembers the unfinished frame. @param until offset up to which there must be bytes to go on
   */
  private suspend(
    start: number,
    next: number,
    base: number,
    read: number,
    left: number,
    until: number,
  ): number {
    this.frameStart = start;
    this.frameNext = next;
    this.argBase = base;
    this.argsRead = read;
    this.argsLeft = left;
    this.neededBytes = until - start;
    return NOT_YET;
  }

  private fail(text: string): number {
    this.frameStart = -1;
    this.error = `Protocol error: ${text}`;
    return FAILED;
  }

  /** Any frame, from its first byte, with every check. */
  private decodeSlowly(
    batch: CommandBatch,
    start: number,
    end: number,
    authenticated: boolean,
  ): number {
    if (start >= end) return this.suspend(start, start, 0, 0, 0, start + 1);
    const bytes = batch.input.bytes;
    if (bytes[start] !== STAR) return this.decodeInline(batch, start, end);
    const lineEnd = findInLine(bytes, start, end, CR);
    if (lineEnd < 0 && end - start > this.maxLine) return this.fail("too big mbulk count string");
    if (lineEnd < 0 || lineEnd + 2 > end) return this.suspend(start, start, 0, 0, 0, end + 1);
    const count = parseInteger(bytes, start + 1, lineEnd - start - 1);
    if (count === undefined || count > (this.limits.maxMultibulk ?? DEFAULT_MAX_MULTIBULK)) {
      return this.fail("invalid multibulk length");
    }
    if (count > UNAUTHENTICATED_MAX_MULTIBULK && !authenticated) {
      return this.fail("unauthenticated multibulk length");
    }
    const next = lineEnd + 2;
    if (count <= 0) return next - start;
    const left = Number(count);
    batch.reserveArgs(argsWithin(end - next, left));
    return this.decodeArgs(batch, start, next, end, 0, left, authenticated);
  }

  private decodeInline(batch: CommandBatch, start: number, end: number): number {
    const bytes = batch.input.bytes;
    const lineEnd = findInLine(bytes, start, end, LF);
    if (lineEnd < 0) {
      if (end - start > this.maxLine) return this.fail("too big inline request");
      return this.suspend(start, start, 0, 0, 0, end + 1);
    }
    const hasReturn = lineEnd > start && bytes[lineEnd - 1] === CR;
    const line = bytes.subarray(start, lineEnd);
    if (line.includes(DOUBLE_QUOTE) || line.includes(SINGLE_QUOTE)) {
      batch.rewrittenLines.push({ offset: start, bytes: line.slice() });
    }
    const count = splitInline(batch, start, hasReturn ? lineEnd - 1 : lineEnd);
    if (count < 0) return this.fail("unbalanced quotes in request");
    if (count > 0) append(batch, batch.argCount + count, lineEnd + 1);
    return lineEnd + 1 - start;
  }

  /**
   * Reads the line that says how long an argument is; the length goes to `bulkLength`.
   * @returns where the argument begins, 0 if the line is not complete, -1 if it is wrong
   */
  private readBulkHeader(
    bytes: Uint8Array,
    at: number,
    end: number,
    authenticated: boolean,
  ): number {
    const lineEnd = findInLine(bytes, at, end, CR);
    if (lineEnd < 0 && end - at > this.maxLine) return this.fail("too big bulk count string");
    if (lineEnd < 0 || lineEnd + 2 > end) return NOT_YET;
    if (bytes[at] !== DOLLAR) {
      return this.fail(`expected '$', got '${String.fromCharCode(bytes[at])}'`);
    }
    const length = parseInteger(bytes, at + 1, lineEnd - at - 1);
    if (length === undefined || length < 0 || length > this.limits.protoMaxBulkLen) {
      return this.fail("invalid bulk length");
    }
    if (length > UNAUTHENTICATED_MAX_BULK && !authenticated) {
      return this.fail("unauthenticated bulk length");
    }
    this.bulkLength = Number(length);
    return lineEnd + 2;
  }

  private get maxLine(): number {
    return this.limits.maxInlineBytes ?? DEFAULT_MAX_INLINE;
  }
}

/** Counts the arguments up to `lastArg` as one more command. */
function append(batch: CommandBatch, lastArg: number, frameEnd: number): void {
  const command = batch.commandCount;
  if (command >= batch.frameEnds.length) batch.reserveCommands(1);
  batch.firstArgs[command] = batch.argCount;
  batch.firstArgs[command + 1] = lastArg;
  batch.frameEnds[command] = frameEnd;
  batch.argCount = lastArg;
  batch.commandCount = command + 1;
}

/** @returns a length of 3 to 5 digits that end with \r and allowed to everybody, else -1 */
function readMediumLength(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === ZERO || end - start < 6) return -1;
  let length = 0;
  let at = start;
  for (; at < start + 5; at++) {
    const digit = bytes[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    length = length * 10 + digit;
  }
  const fits = at - start >= 3 && length <= UNAUTHENTICATED_MAX_BULK;
  return fits && bytes[at] === CR ? length : -1;
}

/** How many of `left` arguments so many bytes can hold, and one more. */
function argsWithin(byteCount: number, left: number): number {
  return Math.min(left, Math.floor(byteCount / MIN_ARGUMENT_BYTES) + 1);
}

/** Offset of the byte, or -1 if it is not there, or if a NUL byte comes first. */
function findInLine(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  const shortEnd = Math.min(end, start + SHORT_LINE);
  for (let at = start; at < shortEnd; at++) {
    if (bytes[at] === wanted) return at;
    if (bytes[at] === 0) return -1;
  }
  if (shortEnd === end) return -1;
  const rest = bytes.subarray(shortEnd, end);
  const found = rest.indexOf(wanted);
  if (found < 0) return -1;
  const nul = rest.indexOf(0);
  return nul >= 0 && nul < found ? -1 : shortEnd + found;
}
