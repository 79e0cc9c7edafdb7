/**
 * Writes replies in RESP2 or RESP3 into an output buffer.
 *
 * The types that only RESP3 has become in RESP2 what Redis sends there: a map is a flat array, a
 * double or a verbatim string is a bulk string, a boolean is 1 or 0, null is a bulk string or an
 * array of length -1.
 *
 * Headers are written in words of four bytes. Exactly the value's bytes are read, except by `bulks`.
 */
import { formatBigint, formatDouble, formatInteger, writeAscii } from "../../bytes/ascii.ts";
import { copyExact, copyFourWords } from "../../bytes/copy.ts";
import type { Region } from "../../ports/region.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { OutputBuffer } from "./output_buffer.ts";

/** Room for a header of any kind, its number, and two line breaks. */
const HEADER_ROOM = 32;

const CRLF = 0x0a0d;
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const STAR = 0x2a;
const PERCENT = 0x25;
const TILDE = 0x7e;
const GREATER = 0x3e;
const EQUALS = 0x3d;
const COMMA = 0x2c;
const HASH = 0x23;
/** "$", a byte for a digit, "\r\n", as a little-endian word. */
const SHORT_BULK = 0x0a0d3024;
/** "$", two bytes for digits, "\r". */
const MEDIUM_BULK = 0x0d303024;
/** "$", three bytes for digits. */
const LONG_BULK = 0x30303024;

/** An error's text goes without them; those inside of it become blanks. */
const OUTER_LINE_BREAKS = /^[\r\n]+|[\r\n]+$/g;

const utf8 = new TextEncoder();

export class RespWriter implements ReplyWriter {
  version: 2 | 3 = 2;
  errorCount = 0;
  lastError = "";
  readonly output: OutputBuffer;
  /** Bytes of an open bulk string that are still to come. */
  private bulkLeft = 0;

  /** @param output what is written into; a new one if none is given */
  constructor(output: OutputBuffer = new OutputBuffer()) {
    this.output = output;
  }

  get position(): number {
    return this.output.length;
  }

  rewind(position: number): void {
    this.output.length = position;
  }

  ok(): void {
    const output = this.output;
    output.ensure(5);
    const at = output.length;
    output.view.setInt32(at, 0x0d4b4f2b, true);
    output.bytes[at + 4] = 0x0a;
    output.length = at + 5;
  }

  simple(text: string): void {
    this.line(PLUS, text);
  }

  error(message: string): void {
    this.errorCount++;
    this.lastError = message;
    this.line(MINUS, message.replace(OUTER_LINE_BREAKS, ""));
  }

  integer(value: number | bigint): void {
    if (typeof value === "number") {
      this.header(COLON, value);
      return;
    }
    const output = this.output;
    output.ensure(HEADER_ROOM);
    const { bytes } = output;
    let at = output.length;
    bytes[at++] = COLON;
    at += formatBigint(value, bytes, at);
    output.view.setInt16(at, CRLF, true);
    output.length = at + 2;
  }

  double(value: number): void {
    this.decimal(formatDouble(value));
  }

  decimal(text: string): void {
    if (this.version === 3) this.line(COMMA, text);
    else this.asciiBulk(text);
  }

  boolean(value: boolean): void {
    if (this.version === 3) this.line(HASH, value ? "t" : "f");
    else this.header(COLON, value ? 1 : 0);
  }

  bulk(source: Region, offset: number, length: number): void {
    const output = this.output;
    if (output.length + length + HEADER_ROOM > output.bytes.length) {
      output.ensure(length + HEADER_ROOM);
    }
    const to = output.view;
    let at = output.length;
    if (length < 10) {
      to.setInt32(at, SHORT_BULK + (length << 8), true);
      at += 4;
    } else if (length < 100) {
      const tens = (length / 10) | 0;
      to.setInt32(at, MEDIUM_BULK + (tens << 8) + ((length - tens * 10) << 16), true);
      to.setInt8(at + 4, 0x0a);
      at += 5;
    } else if (length < 1000) {
      const hundreds = (length / 100) | 0;
      const rest = length - hundreds * 100;
      const tens = (rest / 10) | 0;
      const digits = (hundreds << 8) + (tens << 16) + ((rest - tens * 10) << 24);
      to.setInt32(at, LONG_BULK + digits, true);
      to.setInt16(at + 4, CRLF, true);
      at += 6;
    } else {
      to.setInt8(at, DOLLAR);
      at += 1 + formatInteger(length, output.bytes, at + 1);
      to.setInt16(at, CRLF, true);
      at += 2;
    }
    copyExact(source, offset, output, at, length);
    at += length;
    to.setInt16(at, CRLF, true);
    output.length = at + 2;
  }

  bulks(source: Region, offsets: Int32Array, lengths: Int32Array, count: number): void {
    const output = this.output;
    let room = count * HEADER_ROOM;
    for (let i = 0; i < count; i++) room += lengths[i];
    output.ensure(room);
    const from = source.view, to = output.view;
    let at = output.length;
    for (let i = 0; i < count; i++) {
      const length = lengths[i], offset = offsets[i];
      if (length < 10) {
        to.setInt32(at, SHORT_BULK + (length << 8), true);
        at += 4;
      } else if (length < 100) {
        const tens = (length / 10) | 0;
        to.setInt32(at, MEDIUM_BULK + (tens << 8) + ((length - tens * 10) << 16), true);
        to.setInt8(at + 4, 0x0a);
        at += 5;
      } else {
        output.length = at;
        this.bulk(source, offset, length);
        at = output.length;
        continue;
      }
      // What is copied too much is overwritten: by the line break, and what comes behind it.
      let j = 0;
      for (; j + 16 <= length; j += 16) copyFourWords(from, offset + j, to, at + j);
      for (; j < length; j += 4) to.setInt32(at + j, from.getInt32(offset + j, true), true);
      at += length;
      to.setInt16(at, CRLF, true);
      at += 2;
    }
    output.length = at;
  }

  bytes(value: Uint8Array): void {
    this.header(DOLLAR, value.length);
    const output = this.output;
    output.ensure(value.length + 2);
    output.bytes.set(value, output.length);
    output.length += value.length;
    this.lineBreak();
  }

  text(value: string): void {
    if (isAscii(value)) this.asciiBulk(value);
    else this.bytes(utf8.encode(value));
  }

  beginBulk(length: number): void {
    this.header(DOLLAR, length);
    this.output.ensure(length + 2);
    this.bulkLeft = length;
  }

  part(source: Region, offset: number, length: number): void {
    if (length > this.bulkLeft) {
      throw new RangeError(`part of ${length} bytes where ${this.bulkLeft} are left of the bulk`);
    }
    this.bulkLeft -= length;
    const output = this.output;
    copyExact(source, offset, output, output.length, length);
    output.length += length;
  }

  endBulk(): void {
    if (this.bulkLeft !== 0) throw new RangeError(`${this.bulkLeft} bytes of the bulk are missing`);
    this.lineBreak();
  }

  verbatim(format: string, text: string): void {
    if (this.version === 2) {
      this.text(text);
      return;
    }
    const value = utf8.encode(text);
    this.header(EQUALS, value.length + 4);
    const output = this.output;
    output.ensure(value.length + 6);
    let at = output.length;
    at += writeAscii(format, output.bytes, at);
    output.bytes[at++] = COLON;
    output.bytes.set(value, at);
    output.length = at + value.length;
    this.lineBreak();
  }

  nil(): void {
    if (this.version === 3) this.line(0x5f, "");
    else this.header(DOLLAR, -1);
  }

  nilArray(): void {
    if (this.version === 3) this.line(0x5f, "");
    else this.header(STAR, -1);
  }

  array(count: number): void {
    this.header(STAR, count);
  }

  map(count: number): void {
    if (this.version === 3) this.header(PERCENT, count);
    else this.header(STAR, count * 2);
  }

  set(count: number): void {
    this.header(this.version === 3 ? TILDE : STAR, count);
  }

  push(count: number): void {
    this.header(this.version === 3 ? GREATER : STAR, count);
  }

  /** A type byte, a safe integer, and the line break. */
  private header(type: number, value: number): void {
    const output = this.output;
    output.ensure(HEADER_ROOM);
    const { view } = output;
    let at = output.length;
    if (value >= 0 && value < 10) {
      view.setInt32(at, type | (SHORT_BULK & 0xffff0000) | ((0x30 + value) << 8), true);
      output.length = at + 4;
      return;
    }
    output.bytes[at++] = type;
    at += formatInteger(value, output.bytes, at);
    view.setInt16(at, CRLF, true);
    output.length = at + 2;
  }

  /** A type byte, a text without its line breaks, and the line break. */
  private line(type: number, text: string): void {
    const output = this.output;
    output.ensure(text.length + 3);
    const { bytes } = output;
    let at = output.length;
    bytes[at++] = type;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      bytes[at++] = code === 13 || code === 10 ? 32 : code;
    }
    output.length = at;
    this.lineBreak();
  }

  private asciiBulk(text: string): void {
    const output = this.output;
    output.ensure(text.length + HEADER_ROOM);
    this.header(DOLLAR, text.length);
    output.ensure(text.length + 2);
    output.length += writeAscii(text, output.bytes, output.length);
    this.lineBreak();
  }

  private lineBreak(): void {
    const output = this.output;
    output.ensure(2);
    output.view.setInt16(output.length, CRLF, true);
    output.length += 2;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
