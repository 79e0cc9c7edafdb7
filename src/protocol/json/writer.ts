/**
 * Writes replies as JSON into an output buffer.
 *
 *   [{"result":"v"},{"result":null},{"error":"WRONGTYPE …"}]       replies to several commands
 *   {"result":"v"}                                                 to one
 *
 *   bulk string, text     string; bytes that are no UTF-8 become U+FFFD; or all in base64
 *   status                string; in base64 too, but for an OK that is a whole reply
 *   integer               number, as many digits as it has
 *   array, set, push      array
 *   error in an array     {"error": text}
 *
 *   version 2             maps are flat arrays, doubles strings, booleans 1 and 0
 *   version 3             maps are objects, doubles numbers, but for "inf", "-inf" and "nan"
 */
import { formatBigint, formatDouble, formatInteger, writeAscii } from "../../bytes/ascii.ts";
import { base64Length, writeBase64 } from "../../bytes/base64.ts";
import type { Region } from "../../ports/region.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { OutputBuffer } from "../resp/output_buffer.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const BRACE = 0x7b;
const END_BRACE = 0x7d;
const NUMBER_ROOM = 32;
/** `{"result":` */
const RESULT = [0x6572227b, 0x746c7573, 0x3a22];
/** JSON writes a byte in at most so many. */
const EXPANSION = 6;

/** A byte in each of the four bytes of a word. */
const ONES = 0x01010101;
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const TOP_BITS = 0x80808080 | 0;
/** Three letters above a single byte. */
const FILLING = 0x61616100;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** How several replies are put together. */
export type JsonShape = "one" | "array" | "lines";

/** An aggregate whose elements are still coming. */
interface Open {
  /** Where it begins in the output. */
  readonly start: number;
  /** Byte that closes it. */
  readonly close: number;
  /** Elements to come; keys and values of an object count one each. */
  left: number;
}

export class JsonWriter implements ReplyWriter {
  version: 2 | 3 = 3;
  errorCount = 0;
  lastError = "";
  readonly output: OutputBuffer = new OutputBuffer();
  /** Whether strings are written in base64. */
  isBase64 = false;
  #shape: JsonShape = "one";
  #start = 0;
  #unwraps = false;
  #open: Open[] = [];
  #bulk: Uint8Array = new Uint8Array(0);
  #bulkLength = 0;

  /** Begins a body: one reply, an array of replies, or replies each on a line of its own. */
  begin(shape: JsonShape): void {
    this.output.reset();
    this.#shape = shape;
    if (shape === "array") this.#byte(OPEN);
    this.#start = this.output.length;
    this.#unwraps = false;
    this.#open.length = 0;
  }

  /** Gives the lines that are whole, each with its line feed; they are not in the output any more. */
  takeLines(): Uint8Array<ArrayBuffer> {
    this.end();
    const lines = this.output.bytes.slice(0, this.output.length);
    this.begin("lines");
    return lines;
  }

  /** Elements of the next array are replies of their own: EXEC answers so. */
  unwrapNext(): void {
    this.#unwraps = true;
  }

  /** Ends the body. */
  end(): void {
    if (this.#shape === "array") this.#byte(CLOSE);
    else if (this.#shape === "lines" && this.output.length > this.#start) this.#byte(LINE_FEED);
  }

  get position(): number {
    return this.output.length;
  }

  rewind(position: number): void {
    let isWhole = this.output.length > position;
    this.output.length = position;
    while (this.#open.length > 0 && this.#open[this.#open.length - 1].start >= position) {
      this.#open.pop();
      isWhole = false;
    }
    const open = this.#open.at(-1);
    if (isWhole && open !== undefined) open.left++;
  }

  ok(): void {
    this.simple("OK");
  }

  simple(text: string): void {
    this.#before();
    if (this.isBase64 && (text !== "OK" || this.#open.length > 0)) {
      this.#base64(encoder.encode(text));
    } else {
      this.#raw(JSON.stringify(text));
    }
    this.#after();
  }

  error(message: string): void {
    this.errorCount++;
    this.lastError = message;
    if (this.#open.length > 0) {
      this.#before();
      this.#raw(`{"error":${JSON.stringify(message)}}`);
      this.#after();
      return;
    }
    this.#separate();
    this.#raw(`{"error":${JSON.stringify(message)}}`);
  }

  integer(value: number | bigint): void {
    this.#before();
    const { output } = this;
    output.ensure(NUMBER_ROOM);
    const isKey = this.#isKey;
    if (isKey) this.#byte(QUOTE);
    output.length += typeof value === "number"
      ? formatInteger(value, output.bytes, output.length)
      : formatBigint(value, output.bytes, output.length);
    if (isKey) this.#byte(QUOTE);
    this.#after();
  }

  double(value: number): void {
    this.decimal(formatDouble(value));
  }

  decimal(text: string): void {
    if (this.version === 2) return this.text(text);
    this.#before();
    const last = text.charCodeAt(text.length - 1);
    const isNumber = !this.#isKey && last >= 0x30 && last <= 0x39;
    this.#raw(isNumber ? text : `"${text}"`);
    this.#after();
  }

  boolean(value: boolean): void {
    if (this.version === 2) return this.integer(value ? 1 : 0);
    this.#before();
    this.#raw(value ? "true" : "false");
    this.#after();
  }

  bulk(source: Region, offset: number, length: number): void {
    this.#before();
    if (this.isBase64) {
      const { output } = this;
      output.ensure(base64Length(length) + 2);
      output.bytes[output.length++] = QUOTE;
      writeBase64(source.bytes, offset, length, output.view, output.length);
      output.length += base64Length(length);
      output.bytes[output.length++] = QUOTE;
    } else {
      this.#stringOf(source, offset, length);
    }
    this.#after();
  }

  bulks(source: Region, offsets: Int32Array, lengths: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.bulk(source, offsets[i], lengths[i]);
  }

  bytes(value: Uint8Array): void {
    this.#before();
    if (this.isBase64) this.#base64(value);
    else this.#string(value, 0, value.length);
    this.#after();
  }

  text(value: string): void {
    this.#before();
    if (this.isBase64) this.#base64(encoder.encode(value));
    else this.#raw(JSON.stringify(value));
    this.#after();
  }

  beginBulk(length: number): void {
    this.#bulk = new Uint8Array(length);
    this.#bulkLength = 0;
  }

  part(source: Region, offset: number, length: number): void {
    this.#bulk.set(source.bytes.subarray(offset, offset + length), this.#bulkLength);
    this.#bulkLength += length;
  }

  endBulk(): void {
    const bulk = this.#bulk;
    if (this.#bulkLength !== bulk.length) {
      throw new RangeError(`${bulk.length - this.#bulkLength} bytes of the bulk are missing`);
    }
    this.#bulk = new Uint8Array(0);
    this.bytes(bulk);
  }

  verbatim(_format: string, text: string): void {
    this.text(text);
  }

  nil(): void {
    this.#before();
    this.#raw("null");
    this.#after();
  }

  nilArray(): void {
    this.nil();
  }

  array(count: number): void {
    this.#begin(OPEN, CLOSE, count);
  }

  map(count: number): void {
    if (this.version === 2) this.#begin(OPEN, CLOSE, count * 2);
    else this.#begin(BRACE, END_BRACE, count * 2);
  }

  set(count: number): void {
    this.#begin(OPEN, CLOSE, count);
  }

  push(count: number): void {
    this.#begin(OPEN, CLOSE, count);
  }

  #begin(open: number, close: number, left: number): void {
    if (this.#unwraps) {
      this.#unwraps = false;
      return;
    }
    this.#before();
    this.#open.push({ start: this.output.length, close, left });
    this.#byte(open);
    if (left === 0) this.#close();
  }

  /** Whether what is written next is the key of an object. */
  get #isKey(): boolean {
    const open = this.#open.at(-1);
    return open !== undefined && open.close === END_BRACE && open.left % 2 === 0;
  }

  get #separator(): number {
    return this.#shape === "lines" ? LINE_FEED : COMMA;
  }

  /** A separator where there was a reply before. */
  #separate(): void {
    if (this.output.length > this.#start) this.#byte(this.#separator);
  }

  /** To be called before each value. */
  #before(): void {
    const { output } = this;
    if (this.#open.length === 0) {
      output.ensure(16);
      let at = output.length;
      if (at > this.#start) output.bytes[at++] = this.#separator;
      output.view.setInt32(at, RESULT[0], true);
      output.view.setInt32(at + 4, RESULT[1], true);
      output.view.setInt16(at + 8, RESULT[2], true);
      output.length = at + 10;
    }
  }

  /** To be called behind each value. */
  #after(): void {
    const { output } = this;
    if (this.#open.length === 0) {
      output.ensure(1);
      output.bytes[output.length++] = END_BRACE;
      return;
    }
    const open = this.#open[this.#open.length - 1];
    open.left--;
    if (open.left === 0) this.#close();
    else this.#byte(open.close === END_BRACE && open.left % 2 === 1 ? COLON : COMMA);
  }

  #close(): void {
    this.#byte(this.#open.pop()!.close);
    this.#after();
  }

  #byte(byte: number): void {
    const { output } = this;
    output.ensure(1);
    output.bytes[output.length++] = byte;
  }

  /** Text that is JSON already. */
  #raw(text: string): void {
    const { output } = this;
    output.ensure(text.length * 3);
    if (isAscii(text)) output.length += writeAscii(text, output.bytes, output.length);
    else output.length += encoder.encodeInto(text, output.bytes.subarray(output.length)).written;
  }

  /** Bytes that are text. */
  #string(source: Uint8Array, offset: number, length: number): void {
    const { output } = this;
    output.ensure(length + 2);
    const target = output.bytes;
    let at = output.length;
    target[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const byte = source[offset + i];
      if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) {
        return this.#escaped(source, offset, length);
      }
      target[at++] = byte;
    }
    target[at++] = QUOTE;
    output.length = at;
  }

  /** The same for bytes of a region, four at a time. */
  #stringOf({ bytes, view }: Region, offset: number, length: number): void {
    const { output } = this;
    output.ensure(length + 2);
    const copied = copyPlain(view, offset, length, output.view, output.length + 1);
    if (copied < 0) return this.#escaped(bytes, offset, length);
    output.bytes[output.length] = QUOTE;
    output.length += length + 2;
    output.bytes[output.length - 1] = QUOTE;
  }

  #escaped(source: Uint8Array, offset: number, length: number): void {
    const text = JSON.stringify(utf8.decode(source.subarray(offset, offset + length)));
    const { output } = this;
    output.ensure(Math.min(text.length * 3, length * EXPANSION + 2));
    output.length += encoder.encodeInto(text, output.bytes.subarray(output.length)).written;
  }

  #base64(value: Uint8Array): void {
    const { output } = this;
    const length = base64Length(value.length);
    output.ensure(length + 2);
    output.bytes[output.length++] = QUOTE;
    writeBase64(value, 0, value.length, output.view, output.length);
    output.length += length;
    output.bytes[output.length++] = QUOTE;
  }
}

/**
 * Copies bytes that are characters of a JSON string as they are.
 * @returns -1 if one of them is not: above 0x7f, below 0x20, a quote or a backslash
 */
function copyPlain(
  source: DataView,
  offset: number,
  length: number,
  target: DataView,
  at: number,
): number {
  const wordsEnd = offset + (length & ~3);
  const shift = at - offset;
  let from = offset;
  for (; from < wordsEnd; from += 4) {
    const word = source.getInt32(from, true);
    if (specials(word) !== 0) return -1;
    target.setInt32(from + shift, word, true);
  }
  for (; from < offset + length; from++) {
    const byte = source.getUint8(from);
    if (specials(byte | FILLING) !== 0) return -1;
    target.setUint8(from + shift, byte);
  }
  return length;
}

/**
 * Whether one of four bytes is special, 0 = none is. Each term has the top bit of a byte that is: above
 * 0x7f, below 0x20, a quote, a backslash; borrows reach only bytes above one that is special already.
 */
function specials(word: number): number {
  const quotes = word ^ QUOTES, backslashes = word ^ BACKSLASHES;
  return (word | (word - SPACES) | (quotes - ONES) | (backslashes - ONES)) & TOP_BITS;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
