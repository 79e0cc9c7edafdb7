/**
 * Contract of everything that takes a command's reply: RESP2, RESP3, and values in process.
 *
 * A handler says what the reply means; the writer decides how it looks on the wire. Aggregates are
 * announced with their element count and followed by exactly that many replies (a map by twice as many).
 */
import type { Region } from "./region.ts";

export interface ReplyWriter {
  /** Protocol version that the reply is written in; HELLO changes it for its own reply already. */
  version: 2 | 3;
  /** Number of errors written since the writer was made; grows by one per `error`. */
  readonly errorCount: number;
  /** The last error's text, "" before the first. */
  readonly lastError: string;
  /** Where the next reply begins, for `rewind`. */
  readonly position: number;

  /** Takes back what was written from that position on, a reply that is not whole included. */
  rewind(position: number): void;

  /** The status reply OK. */
  ok(): void;
  /** A status reply. @param text ASCII without line breaks */
  simple(text: string): void;
  /** An error reply. @param message with its code first and no dash, e.g. "ERR syntax error" */
  error(message: string): void;
  /** An integer reply. @param value a safe integer, or a bigint within 64 bits */
  integer(value: number | bigint): void;
  /** RESP3 double; a bulk string in RESP2. Written with up to 17 significant digits, as Redis does. */
  double(value: number): void;
  /** As `double`, written with these digits. @param text a decimal number, e.g. "13.5" */
  decimal(text: string): void;
  /** RESP3 boolean; 1 or 0 in RESP2. */
  boolean(value: boolean): void;
  /** A bulk string from memory. */
  bulk(source: Region, offset: number, length: number): void;
  /**
   * As many calls of `bulk`, faster: one for each of the first `count` pairs of offset and length. There
   * are 3 readable bytes behind each string.
   */
  bulks(source: Region, offsets: Int32Array, lengths: Int32Array, count: number): void;
  /** A bulk string from bytes. */
  bytes(value: Uint8Array): void;
  /** A bulk string from text, encoded as UTF-8. */
  text(value: string): void;
  /** Opens a bulk string of `length` bytes that `part` calls fill and `endBulk` closes. */
  beginBulk(length: number): void;
  part(source: Region, offset: number, length: number): void;
  endBulk(): void;
  /** RESP3 verbatim string (format of three letters, e.g. "txt"); a bulk string in RESP2. */
  verbatim(format: string, text: string): void;
  /** The null reply; a null bulk string in RESP2. */
  nil(): void;
  /** The null reply; a null array in RESP2. */
  nilArray(): void;
  array(count: number): void;
  /** RESP3 map of `count` pairs; an array of twice as many elements in RESP2. */
  map(count: number): void;
  /** RESP3 set; an array in RESP2. */
  set(count: number): void;
  /** RESP3 push; an array in RESP2. */
  push(count: number): void;
}
