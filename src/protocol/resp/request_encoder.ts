/**
 * Writes commands in RESP: `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`.
 *
 * The length of a text goes before it, in digits: it is written as if all letters were ASCII, and
 * mended where they are not.
 */
import { formatInteger } from "../../bytes/ascii.ts";
import { type CommandArgument, toText } from "../command_encoder.ts";
import { RequestBytes } from "../request_bytes.ts";
import { UTF8_EXPANSION, writeText } from "../text.ts";

const LF = 10;
const CR = 13;
const DOLLAR = 36;
const STAR = 42;
const ZERO = 48;
/** "$", up to 10 digits, and two line ends; some more, to be on the safe side. */
const FRAME_BYTES = 24;

export class RespRequestEncoder extends RequestBytes {
  /** Adds a command. */
  command(words: readonly CommandArgument[]): void {
    this.reserve(FRAME_BYTES);
    this.used = writeHead(STAR, words.length, this.region.bytes, this.used);
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      if (typeof word === "string") this.#text(word);
      else if (word instanceof Uint8Array) this.#bytes(word);
      else this.#text(toText(word));
    }
  }

  #text(text: string): void {
    const { length } = text;
    this.reserve(length * UTF8_EXPANSION + FRAME_BYTES);
    const { bytes } = this.region;
    const head = this.used;
    const start = writeHead(DOLLAR, length, bytes, head);
    let end = writeText(text, bytes, start);
    if (end - start !== length) end = mendHead(bytes, head, start, end);
    bytes[end] = CR;
    bytes[end + 1] = LF;
    this.used = end + 2;
  }

  #bytes(value: Uint8Array): void {
    this.reserve(value.length + FRAME_BYTES);
    const { bytes } = this.region;
    const start = writeHead(DOLLAR, value.length, bytes, this.used);
    bytes.set(value, start);
    const end = start + value.length;
    bytes[end] = CR;
    bytes[end + 1] = LF;
    this.used = end + 2;
  }
}

/** Writes a line with a number. @returns the offset one past it */
function writeHead(type: number, value: number, bytes: Uint8Array, offset: number): number {
  let at = offset;
  bytes[at++] = type;
  if (value < 10) bytes[at++] = ZERO + value;
  else if (value < 100) {
    const tens = (value / 10) | 0;
    bytes[at] = ZERO + tens;
    bytes[at + 1] = ZERO + value - tens * 10;
    at += 2;
  } else at += formatInteger(value, bytes, at);
  bytes[at] = CR;
  bytes[at + 1] = LF;
  return at + 2;
}

const head = new Uint8Array(FRAME_BYTES);

/** Writes another length before a text that is longer than it seemed. @returns the text's new end */
function mendHead(bytes: Uint8Array, headAt: number, start: number, end: number): number {
  const headLength = writeHead(DOLLAR, end - start, head, 0);
  const newStart = headAt + headLength;
  if (newStart !== start) bytes.copyWithin(newStart, start, end);
  for (let i = 0; i < headLength; i++) bytes[headAt + i] = head[i];
  return newStart + end - start;
}
