/**
 * Writes replies as results of the binary batch protocol (PROTOCOL.md) into an output buffer, and the frames
 * around them.
 *
 * A result is a byte that tells its type and, where it has any, its content. Replies are those of RESP3,
 * whatever version is asked for. Exactly the value's bytes are read, except by `bulks`.
 */
import { copyExact } from "../../bytes/copy.ts";
import type { Region } from "../../ports/region.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { OutputBuffer } from "../resp/output_buffer.ts";
import {
  COUNT_OFFSET,
  FLAGS_OFFSET,
  HEADER_BYTES,
  ID_OFFSET,
  KIND_OFFSET,
  LENGTH_OFFSET,
  MAGIC,
  SHORT_BULK_MAX,
  TAG_ARRAY,
  TAG_BULK,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_FALSE,
  TAG_INT32,
  TAG_INT64,
  TAG_MAP,
  TAG_NULL,
  TAG_OK,
  TAG_PUSH,
  TAG_SET,
  TAG_SHORT_BULK,
  TAG_SIMPLE,
  TAG_TRUE,
  TAG_VERBATIM,
} from "./frame.ts";

/** Room for a tag and its length or number. */
const TAG_ROOM = 16;
const TWO_TO_32 = 2 ** 32;
/** An error's text goes without them; those inside of it become blanks. */
const OUTER_LINE_BREAKS = /^[\r\n]+|[\r\n]+$/g;

const utf8 = new TextEncoder();

export class BinaryWriter implements ReplyWriter {
  errorCount = 0;
  lastError = "";
  readonly output: OutputBuffer;
  /** Bytes of an open bulk string that are still to come. */
  private bulkLeft = 0;
  /** Whether the array that comes next is not to be announced: its elements are results themselves. */
  private isUnwrapping = false;

  /** @param output what is written into; a new one if none is given */
  constructor(output: OutputBuffer = new OutputBuffer()) {
    this.output = output;
  }

  /** Types are those of RESP3, and stay so. */
  get version(): 2 | 3 {
    return 3;
  }

  set version(_version: 2 | 3) {}

  get position(): number {
    return this.output.length;
  }

  rewind(position: number): void {
    this.output.length = position;
  }

  // Frames

  /** Leaves room for a header. @returns where it is, for `endFrame` */
  beginFrame(): number {
    const { output } = this;
    const at = output.length;
    output.ensure(HEADER_BYTES);
    output.length = at + HEADER_BYTES;
    return at;
  }

  /** Writes the header at `at`, of the frame that ends where the output does. */
  endFrame(at: number, kind: number, flags: number, id: number, count: number): void {
    writeHeader(this.output.view, at, kind, flags, this.output.length - at, id, count);
  }

  /** From here on the next array becomes as many results of their own. */
  unwrapNext(): void {
    this.isUnwrapping = true;
  }

  /** @returns whether an array came since `unwrapNext`; none is waited for any more */
  endUnwrapping(): boolean {
    const hasCome = !this.isUnwrapping;
    this.isUnwrapping = false;
    return hasCome;
  }

  // Results

  ok(): void {
    this.tag(TAG_OK);
  }

  simple(text: string): void {
    if (text === "OK") this.tag(TAG_OK);
    else this.line(TAG_SIMPLE, text);
  }

  error(message: string): void {
    this.errorCount++;
    this.lastError = message;
    this.line(TAG_ERROR, message.replace(OUTER_LINE_BREAKS, ""));
  }

  integer(value: number | bigint): void {
    const { output } = this;
    output.ensure(TAG_ROOM);
    const { bytes, view } = output;
    const at = output.length;
    if (typeof value === "number") {
      if (value === (value | 0)) {
        bytes[at] = TAG_INT32;
        view.setInt32(at + 1, value, true);
        output.length = at + 5;
        return;
      }
      const high = Math.floor(value / TWO_TO_32);
      view.setUint32(at + 1, value - high * TWO_TO_32, true);
      view.setInt32(at + 5, high, true);
    } else {
      view.setBigInt64(at + 1, value, true);
    }
    bytes[at] = TAG_INT64;
    output.length = at + 9;
  }

  double(value: number): void {
    const { output } = this;
    output.ensure(TAG_ROOM);
    output.bytes[output.length] = TAG_DOUBLE;
    output.view.setFloat64(output.length + 1, value, true);
    output.length += 9;
  }

  decimal(text: string): void {
    this.double(Number(text));
  }

  boolean(value: boolean): void {
    this.tag(value ? TAG_TRUE : TAG_FALSE);
  }

  bulk(source: Region, offset: number, length: number): void {
    const output = this.output;
    if (output.length + length + TAG_ROOM > output.bytes.length) output.ensure(length + TAG_ROOM);
    const at = output.length;
    const to = output.view;
    if (length <= SHORT_BULK_MAX) {
      to.setInt16(at, TAG_SHORT_BULK | (length << 8), true);
      copyExact(source, offset, output, at + 2, length);
      output.length = at + 2 + length;
      return;
    }
    to.setInt8(at, TAG_BULK);
    to.setUint32(at + 1, length, true);
    copyExact(source, offset, output, at + 5, length);
    output.length = at + 5 + length;
  }

  bulks(source: Region, offsets: Int32Array, lengths: Int32Array, count: number): void {
    const output = this.output;
    let room = count * TAG_ROOM;
    for (let i = 0; i < count; i++) room += lengths[i];
    output.ensure(room);
    const from = source.view, to = output.view;
    let at = output.length;
    for (let i = 0; i < count; i++) {
      const length = lengths[i], offset = offsets[i];
      if (length >= 100) {
        output.length = at;
        this.bulk(source, offset, length);
        at = output.length;
        continue;
      }
      to.setInt16(at, TAG_SHORT_BULK | (length << 8), true);
      at += 2;
      // What is copied too much is overwritten by what comes behind it.
      for (let j = 0; j < length; j += 4) {
        to.setInt32(at + j, from.getInt32(offset + j, true), true);
      }
      at += length;
    }
    output.length = at;
  }

  bytes(value: Uint8Array): void {
    this.bulkHead(value.length);
    const { output } = this;
    output.bytes.set(value, output.length);
    output.length += value.length;
  }

  text(value: string): void {
    const { output } = this;
    const { length } = value;
    if (length > SHORT_BULK_MAX) return this.bytes(utf8.encode(value));
    output.ensure(length + TAG_ROOM);
    const { bytes } = output;
    const at = output.length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return this.bytes(utf8.encode(value));
      bytes[at + 2 + i] = code;
    }
    output.view.setInt16(at, TAG_SHORT_BULK | (length << 8), true);
    output.length = at + 2 + length;
  }

  beginBulk(length: number): void {
    this.bulkHead(length);
    this.bulkLeft = length;
  }

  part(source: Region, offset: number, length: number): void {
    if (length > this.bulkLeft) {
      throw new RangeError(`part of ${length} bytes where ${this.bulkLeft} are left of the bulk`);
    }
    this.bulkLeft -= length;
    const { output } = this;
    copyExact(source, offset, output, output.length, length);
    output.length += length;
  }

  endBulk(): void {
    if (this.bulkLeft !== 0) throw new RangeError(`${this.bulkLeft} bytes of the bulk are missing`);
  }

  verbatim(format: string, text: string): void {
    const value = utf8.encode(`${format}:${text}`);
    this.head(TAG_VERBATIM, value.length);
    const { output } = this;
    output.ensure(value.length);
    output.bytes.set(value, output.length);
    output.length += value.length;
  }

  nil(): void {
    this.tag(TAG_NULL);
  }

  nilArray(): void {
    this.tag(TAG_NULL);
  }

  array(count: number): void {
    if (this.isUnwrapping) this.isUnwrapping = false;
    else this.head(TAG_ARRAY, count);
  }

  map(count: number): void {
    this.head(TAG_MAP, count);
  }

  set(count: number): void {
    this.head(TAG_SET, count);
  }

  push(count: number): void {
    this.head(TAG_PUSH, count);
  }

  private tag(tag: number): void {
    const { output } = this;
    output.ensure(1);
    output.bytes[output.length++] = tag;
  }

  /** A tag and a number of four bytes. */
  private head(tag: number, value: number): void {
    const { output } = this;
    output.ensure(TAG_ROOM);
    output.bytes[output.length] = tag;
    output.view.setUint32(output.length + 1, value, true);
    output.length += 5;
  }

  /** What is in front of a bulk string, for which there is room then. */
  private bulkHead(length: number): void {
    const { output } = this;
    output.ensure(length + TAG_ROOM);
    if (length > SHORT_BULK_MAX) return this.head(TAG_BULK, length);
    output.view.setInt16(output.length, TAG_SHORT_BULK | (length << 8), true);
    output.length += 2;
  }

  /** A tag and a text without its line breaks, as RESP would send it. */
  private line(tag: number, text: string): void {
    this.head(tag, text.length);
    const { output } = this;
    output.ensure(text.length);
    const { bytes } = output;
    let at = output.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      bytes[at++] = code === 13 || code === 10 ? 32 : code;
    }
    output.length = at;
  }
}

/** @param size of the frame in bytes, its header included */
export function writeHeader(
  view: DataView,
  at: number,
  kind: number,
  flags: number,
  size: number,
  id: number,
  count: number,
): void {
  view.setUint8(at, MAGIC);
  view.setUint8(at + KIND_OFFSET, kind);
  view.setUint16(at + FLAGS_OFFSET, flags, true);
  view.setUint32(at + LENGTH_OFFSET, size - HEADER_BYTES, true);
  view.setInt32(at + ID_OFFSET, id, true);
  view.setUint32(at + COUNT_OFFSET, count, true);
}
