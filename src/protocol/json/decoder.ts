/**
 * Reads commands from a JSON body into a batch, without making a value of any of them.
 *
 *   [["SET","k","v"],["GET","k"],["EXPIRE","k",60]]      commands, each an array
 *   ["SET","k","v"]                                      one command
 *
 * Arguments are strings, numbers and booleans. A string without escapes is an argument as it lies in
 * the body; escapes are resolved in place, since what they stand for is never longer. Numbers and
 * booleans are taken as they are written, so an integer of 64 bits stays exact.
 *
 * Source: RFC 8259; every body that it takes is one that JSON.parse takes, and the other way round.
 */
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { Region } from "../../ports/region.ts";

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const LOWER_E = 0x65;
/** What a byte of a word has to do with: words are looked at for bytes that end the plain part of a string. */
const QUOTES = 0x2222_2222;
const BACKSLASHES = 0x5c5c_5c5c;
const SPACES = 0x2020_2020;
const ONES = 0x0101_0101;
const HIGH_BITS = -0x7f7f_7f80;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export interface JsonLimits {
  /** Arguments that one command may have. */
  readonly maxArguments: number;
}

export class JsonBatchDecoder {
  /** Why the last body was refused, "" = it was not. */
  error = "";
  readonly #limits: JsonLimits;
  #bytes!: Uint8Array;
  #view!: DataView;
  #at = 0;
  #end = 0;
  #hasNonAscii = false;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  /**
   * Reads an array of commands, or with `isSingle` one command, into an empty batch.
   * @param input holds the body from its start on, with 8 readable bytes behind it; escapes change it
   * @param length of the body in bytes
   * @returns whether it could be read; `error` says why not, and the batch is of no use then
   */
  decode(batch: CommandBatch, input: Region, length: number, isSingle: boolean): boolean {
    this.error = "";
    this.#bytes = input.bytes;
    this.#view = input.view;
    this.#at = 0;
    this.#end = length;
    this.#hasNonAscii = false;
    batch.input = input;
    const isRead = isSingle ? this.#command(batch, -1) : this.#commands(batch);
    if (!isRead || !this.#isOver()) return false;
    return !this.#hasNonAscii || this.#isUtf8();
  }

  /** Next byte that is no white space, -1 at the end. */
  #next(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < this.#end) {
      const byte = bytes[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at;
        return byte;
      }
      at++;
    }
    this.#at = at;
    return -1;
  }

  #isOver(): boolean {
    return this.#next() === -1 || this.#unexpected("the end");
  }

  #isUtf8(): boolean {
    try {
      utf8.decode(this.#bytes.subarray(0, this.#end));
      return true;
    } catch {
      return this.#fail("the body is not valid UTF-8");
    }
  }

  #fail(text: string): false {
    this.error = text;
    return false;
  }

  #unexpected(expected: string): false {
    const at = this.#at;
    const found = at >= this.#end ? "the end" : `byte ${this.#bytes[at]}`;
    return this.#fail(`invalid JSON: expected ${expected} at offset ${at}, found ${found}`);
  }

  #commands(batch: CommandBatch): boolean {
    if (this.#next() !== OPEN) return this.#wrongType("the body", "an array of commands");
    this.#at++;
    if (this.#next() === CLOSE) {
      this.#at++;
      return true;
    }
    for (let number = 0;; number++) {
      if (!this.#command(batch, number)) return false;
      const byte = this.#next();
      this.#at++;
      if (byte === CLOSE) return true;
      if (byte !== COMMA) {
        this.#at--;
        return this.#unexpected('"," or "]"');
      }
    }
  }

  /** @param number of the command, -1 = it is the only one */
  #command(batch: CommandBatch, number: number): boolean {
    if (this.#next() !== OPEN) return this.#wrongType(nameOf(number), "an array of arguments");
    this.#at++;
    if (this.#next() === CLOSE) {
      return this.#fail(`${nameOf(number)} is empty: expected at least its name`);
    }
    batch.reserveCommands(1);
    const { maxArguments } = this.#limits;
    const first = batch.argCount;
    for (;;) {
      if (batch.argCount === batch.argOffsets.length) batch.reserveArgs(1);
      if (batch.argCount - first >= maxArguments) {
        return this.#fail(`${nameOf(number)} has more than ${maxArguments} arguments`);
      }
      const isRead = this.#next() === QUOTE ? this.#string(batch) : this.#scalar(batch);
      if (!isRead) {
        return this.error !== "" ? false : this.#wrongArgument(batch.argCount - first, number);
      }
      batch.argCount++;
      const byte = this.#next();
      this.#at++;
      if (byte === CLOSE) break;
      if (byte !== COMMA) {
        this.#at--;
        return this.#unexpected('"," or "]"');
      }
    }
    batch.frameEnds[batch.commandCount] = this.#at;
    batch.commandCount++;
    batch.firstArgs[batch.commandCount] = batch.argCount;
    return true;
  }

  /** A number or a boolean. @returns whether there is one; if not, `error` may tell why */
  #scalar(batch: CommandBatch): boolean {
    const start = this.#at;
    const byte = this.#bytes[start];
    const isRead = byte === MINUS || (byte >= ZERO && byte <= NINE)
      ? this.#number()
      : this.#word("true") || this.#word("false");
    if (!isRead) return false;
    batch.argOffsets[batch.argCount] = start;
    batch.argLengths[batch.argCount] = this.#at - start;
    return true;
  }

  #wrongArgument(position: number, number: number): false {
    const element = `element ${position}`;
    const what = number < 0 ? element : `${nameOf(number)}, ${element}`;
    return this.#wrongType(what, "a string, a number or a boolean");
  }

  #word(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    }
    if (this.#at + word.length > this.#end) return false;
    this.#at += word.length;
    return true;
  }

  /** Something else is there than what may be there. */
  #wrongType(what: string, expected: string): false {
    const byte = this.#next();
    const found = byte === OPEN
      ? "an array"
      : byte === 0x7b
      ? "an object"
      : byte === QUOTE
      ? "a string"
      : byte === MINUS || (byte >= ZERO && byte <= NINE)
      ? "a number"
      : this.#word("null")
      ? "null"
      : this.#word("true") || this.#word("false")
      ? "a boolean"
      : "";
    if (found === "") return this.#unexpected(expected);
    return this.#fail(`${what} must be ${expected}, not ${found}`);
  }

  #string(batch: CommandBatch): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const end = this.#end;
    let at = this.#plainEnd(start);
    let all = 0;
    let byte = 0;
    while (at < end && (byte = bytes[at]) !== QUOTE && byte !== BACKSLASH && byte >= 0x20) {
      all |= byte;
      at++;
    }
    if (all >= 0x80) this.#hasNonAscii = true;
    let length = at - start;
    if (at < end && byte === BACKSLASH) {
      at = this.#endOfString(at);
      if (at < 0) return false;
      length = this.#unescape(start, at);
      if (length < 0) return false;
    } else if (at >= end || byte !== QUOTE) {
      this.#at = at;
      return this.#unexpected("a character of a string");
    }
    batch.argOffsets[batch.argCount] = start;
    batch.argLengths[batch.argCount] = length;
    this.#at = at + 1;
    return true;
  }

  /**
   * Passes over whole words of ASCII that holds nothing special.
   * @returns where they end; what follows may be as plain
   */
  #plainEnd(from: number): number {
    const view = this.#view;
    const last = this.#end - 4;
    let at = from;
    for (; at <= last; at += 4) {
      const word = view.getInt32(at, true);
      // A byte of zeros borrows from its high bit; so does a byte below a space.
      const quote = word ^ QUOTES, escape = word ^ BACKSLASHES;
      const special = ((quote - ONES) & ~quote) | ((escape - ONES) & ~escape) | (word - SPACES) |
        word;
      if ((special & HIGH_BITS) !== 0) break;
    }
    return at;
  }

  /** @returns offset of the closing quote of a string with escapes, -1 if there is none */
  #endOfString(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < this.#end) {
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      if (byte < 0x20) break;
      at += byte === BACKSLASH ? 2 : 1;
    }
    this.#at = Math.min(at, this.#end);
    this.#unexpected("a character of a string");
    return -1;
  }

  /** Resolves the escapes between two quotes in place. @returns the length then, -1 if one is wrong */
  #unescape(start: number, end: number): number {
    let text: string;
    try {
      text = JSON.parse(utf8.decode(this.#bytes.subarray(start - 1, end + 1)));
    } catch {
      this.#fail(`invalid JSON: a string that cannot be read at offset ${start - 1}`);
      return -1;
    }
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(start, end));
    // What is left over may be half a character.
    this.#bytes.fill(SPACE, start + written, end);
    return written;
  }

  #number(): boolean {
    if (this.#bytes[this.#at] === MINUS) this.#at++;
    if (this.#at < this.#end && this.#bytes[this.#at] === ZERO) this.#at++;
    else if (!this.#digits()) return this.#unexpected("a digit");
    if (this.#at < this.#end && this.#bytes[this.#at] === DOT) {
      this.#at++;
      if (!this.#digits()) return this.#unexpected("a digit");
    }
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : 0;
    if (byte === LOWER_E || byte === UPPER_E) {
      this.#at++;
      const sign = this.#bytes[this.#at];
      if (this.#at < this.#end && (sign === PLUS || sign === MINUS)) this.#at++;
      if (!this.#digits()) return this.#unexpected("a digit");
    }
    return true;
  }

  /** Passes over digits. @returns whether there was one */
  #digits(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    while (at < this.#end && bytes[at] >= ZERO && bytes[at] <= NINE) at++;
    this.#at = at;
    return at > start;
  }
}

/** What messages call a command. @param number -1 = it is the only one */
function nameOf(number: number): string {
  return number < 0 ? "the body" : `command ${number}`;
}
