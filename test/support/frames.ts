/** RESP as a client sees it: commands to bytes, received bytes to whole replies. */
import { Buffer } from "node:buffer";
import { HEADER_BYTES, LENGTH_OFFSET, MAGIC } from "../../src/protocol/binary/frame.ts";

export type Argument = string | number | Uint8Array;

const LF = 10;

/** A command as an array of bulk strings; text is encoded as UTF-8. */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? Buffer.from(arg) : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

/**
 * Cuts a stream into replies of either version, each as the bytes it was sent in. What was sent may have
 * begun as the binary protocol does: then each of its frames is one.
 */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes that must be there before it is worth looking again. */
  #needed = 1;

  /** Takes what was received. @returns the replies that it completed */
  push(chunk: Uint8Array): Buffer[] {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const frames: Buffer[] = [];
    let at = 0;
    for (;;) {
      const end = this.#frameEnd(bytes, at);
      if (end < 0) break;
      frames.push(bytes.subarray(at, end));
      at = end;
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#size = bytes.length - at;
    this.#needed = this.#size === 0 ? 1 : this.#needed - at;
    return frames;
  }

  /** What was received behind the last whole reply. */
  get rest(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** @returns where the reply at `start` ends, or -1 when it is not complete */
  #frameEnd(bytes: Buffer, start: number): number {
    if (bytes[start] === MAGIC) {
      if (bytes.length < start + HEADER_BYTES) return this.#wait(start + HEADER_BYTES);
      const end = start + HEADER_BYTES + bytes.readUInt32LE(start + LENGTH_OFFSET);
      return end <= bytes.length ? end : this.#wait(end);
    }
    /** How many replies are still to be read for the one at `start` to be complete. */
    let left = 1;
    let at = start;
    while (left > 0) {
      const lineEnd = bytes.indexOf(LF, at);
      if (lineEnd < 0) return this.#wait(bytes.length + 1);
      left--;
      const kind = String.fromCharCode(bytes[at]);
      const count = Number(bytes.toString("latin1", at + 1, lineEnd - 1));
      at = lineEnd + 1;
      if ("+-:,#_(".includes(kind)) continue;
      if (kind === "$" || kind === "=" || kind === "!") {
        if (count < 0) continue;
        at += count + 2;
        if (at > bytes.length) return this.#wait(at);
      } else if (kind === "*" || kind === "~" || kind === ">") left += Math.max(0, count);
      else if (kind === "%") left += 2 * count;
      else throw new Error(`no reply begins with ${JSON.stringify(kind)}`);
    }
    return at;
  }

  #wait(needed: number): -1 {
    this.#needed = needed;
    return -1;
  }
}

/** The elements of an aggregate reply (a map's keys and values), or a single-element list of it. */
export function elementsOf(frame: Buffer): Buffer[] {
  if (!"*~>%".includes(String.fromCharCode(frame[0]))) return [frame];
  return new FrameSplitter().push(frame.subarray(frame.indexOf(LF) + 1));
}

/** What a bulk string, a verbatim string, a status, an error or a number holds; undefined for null. */
export function valueOf(frame: Buffer): Buffer | undefined {
  const kind = String.fromCharCode(frame[0]);
  const lineEnd = frame.indexOf("\r\n");
  if (kind === "_" || frame.toString("latin1", 1, lineEnd) === "-1" && "$*".includes(kind)) {
    return undefined;
  }
  if (kind === "$") return frame.subarray(lineEnd + 2, frame.length - 2);
  if (kind === "=") return frame.subarray(lineEnd + 6, frame.length - 2);
  return frame.subarray(1, lineEnd);
}
