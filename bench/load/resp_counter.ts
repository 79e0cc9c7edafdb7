/** Counts replies of RESP2 and RESP3: lines are read, strings are skipped by their length. */
import { ERROR_TEXT_MAX, ProtocolViolation, ReplyCounter } from "./counters.ts";

const CR = 13, LF = 10, MINUS = 45, ZERO = 48, NINE = 57;
/** Types by their first byte. */
const SIMPLE = 43, ERROR = 45, INTEGER = 58, BULK = 36, ARRAY = 42;
const NULL = 95, BOOLEAN = 35, DOUBLE = 44, BIG_NUMBER = 40;
const VERBATIM = 61, BULK_ERROR = 33, MAP = 37, SET = 126, ATTRIBUTE = 124;

/** By byte: 1 if a reply may begin with it. Pushes are not asked for. */
const IS_TYPE = new Uint8Array(256);
for (
  const type of [
    ...[SIMPLE, ERROR, INTEGER, BULK, ARRAY, NULL, BOOLEAN, DOUBLE, BIG_NUMBER],
    ...[VERBATIM, BULK_ERROR, MAP, SET, ATTRIBUTE],
  ]
) IS_TYPE[type] = 1;

export class RespCounter extends ReplyCounter {
  /** Elements that the reply still has; 0 between replies. */
  #open = 0;
  /** Whether what is read is an element of something. */
  #isInside = false;
  /** Bytes of a string that are to be skipped, its end of line included. */
  #skip = 0;
  /** Type of the line that is being read, 0 = none. */
  #type = 0;
  #number = 0;
  #isNegative = false;
  #errorText = "";

  feed(chunk: Uint8Array): number {
    const { length } = chunk;
    let at = 0, replies = 0;
    while (at < length) {
      if (this.#skip > 0) {
        const taken = Math.min(this.#skip, length - at);
        this.#skip -= taken;
        at += taken;
        if (this.#skip > 0) break;
        if (chunk[at - 1] !== LF) throw violation("a string does not end with its line");
      } else {
        at = this.#readLine(chunk, at);
        if (this.#type !== 0) break;
        if (this.#skip > 0) continue;
      }
      if (--this.#open === 0) {
        replies++;
        this.repliesOfBatch++;
      }
    }
    return replies;
  }

  /** Reads the line of a header, or what there is of it. @returns where it ends */
  #readLine(chunk: Uint8Array, start: number): number {
    let at = start;
    if (this.#type === 0) {
      this.#type = chunk[at++];
      if (IS_TYPE[this.#type] === 0) throw violation(`no reply begins with byte ${this.#type}`);
      this.#number = 0;
      this.#isNegative = false;
      if (this.#open === 0) {
        this.#open = 1;
        this.#isInside = false;
      }
    }
    let number = this.#number;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte >= ZERO && byte <= NINE) number = number * 10 + byte - ZERO;
      else if (byte === MINUS) this.#isNegative = true;
      else if (byte === LF) {
        this.#number = number;
        this.#lineEnded(chunk, start, at);
        this.#type = 0;
        return at + 1;
      }
    }
    this.#number = number;
    if (this.#type === ERROR) this.#keepError(chunk, start, at);
    return at;
  }

  #keepError(chunk: Uint8Array, start: number, end: number): void {
    if (this.errors > 0 || this.#errorText.length > ERROR_TEXT_MAX) return;
    for (let i = start; i < end; i++) {
      if (chunk[i] !== CR) this.#errorText += String.fromCharCode(chunk[i]);
    }
  }

  #lineEnded(chunk: Uint8Array, start: number, end: number): void {
    const number = this.#number;
    switch (this.#type) {
      case BULK:
      case VERBATIM:
        if (this.#isNegative) this.#nulled();
        else this.#skip = number + 2;
        return;
      case BULK_ERROR:
        this.#skip = number + 2;
        return this.addError("an error of several lines");
      case SIMPLE:
      case INTEGER:
      case DOUBLE:
      case BOOLEAN:
      case BIG_NUMBER:
        return;
      case NULL:
        return this.#nulled();
      case ERROR:
        this.#keepError(chunk, start, end);
        return this.addError(this.#errorText.slice(1));
      case ARRAY:
        if (this.#isNegative) return this.#nulled();
        return this.#opened(number);
      case SET:
        return this.#opened(number);
      case MAP:
        return this.#opened(2 * number);
      case ATTRIBUTE:
        // What it belongs to comes behind it.
        return this.#opened(2 * number + 1);
    }
  }

  #opened(elements: number): void {
    this.#open += elements;
    this.#isInside = true;
  }

  #nulled(): void {
    if (!this.#isInside) this.addNull();
  }
}

function violation(what: string): ProtocolViolation {
  return new ProtocolViolation(`RESP: ${what}`);
}
