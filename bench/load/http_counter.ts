/** Reads answers of HTTP/1.1 and hands their bodies on; only 200 is taken. */
import { ProtocolViolation, ReplyCounter, textOf } from "./counters.ts";

const CR = 13, LF = 10;
const HEAD_MAX = 16 * 1024;

export class HttpCounter extends ReplyCounter {
  readonly #body: ReplyCounter;
  readonly #head = new Uint8Array(HEAD_MAX);
  #headLength = 0;
  /** Bytes of the body, or of its piece, that are still to come. */
  #left = 0;
  #isChunked = false;
  #state: "head" | "body" | "size" | "end of piece" | "trailer" = "head";

  constructor(body: ReplyCounter) {
    super(body.nullPlaces);
    this.#body = body;
  }

  override begin(): void {
    this.#body.begin();
  }

  feed(chunk: Uint8Array): number {
    let at = 0, replies = 0;
    while (at < chunk.length) {
      if (this.#state === "body") {
        const end = Math.min(chunk.length, at + this.#left);
        replies += this.#body.feed(chunk.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = this.#isChunked ? "end of piece" : "head";
        continue;
      }
      at = this.#readLines(chunk, at);
    }
    // What was counted stands where it is asked for.
    this.errors = this.#body.errors;
    this.firstError = this.#body.firstError;
    this.nulls = this.#body.nulls;
    this.nullsOfBatch = this.#body.nullsOfBatch;
    return replies;
  }

  /** Reads on until the head, or the line, is whole. */
  #readLines(chunk: Uint8Array, start: number): number {
    const head = this.#head;
    for (let at = start; at < chunk.length; at++) {
      if (this.#headLength === HEAD_MAX) throw violation("its head is too long");
      head[this.#headLength++] = chunk[at];
      if (chunk[at] !== LF) continue;
      const length = this.#headLength;
      const isBlank = length === 2 || (length > 3 && head[length - 3] === LF);
      if (this.#state === "head" && !(isBlank && head[length - 2] === CR)) continue;
      this.#headLength = 0;
      this.#lineRead(head.subarray(0, length));
      return at + 1;
    }
    return chunk.length;
  }

  #lineRead(line: Uint8Array): void {
    const text = new TextDecoder("latin1").decode(line);
    switch (this.#state) {
      case "head":
        return this.#headRead(text);
      case "size":
        this.#left = parseInt(text, 16);
        if (Number.isNaN(this.#left)) throw violation("a piece without a length");
        this.#state = this.#left === 0 ? "trailer" : "body";
        return;
      case "end of piece":
        this.#state = "size";
        return;
      case "trailer":
        if (text === "\r\n") this.#state = "head";
        return;
      case "body":
    }
  }

  #headRead(text: string): void {
    const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
    if (status !== "200") throw violation(textOf(new TextEncoder().encode(text.split("\r\n")[0])));
    this.#isChunked = /\r\ntransfer-encoding: *chunked/i.test(text);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (this.#isChunked) this.#state = "size";
    else if (length === undefined) throw violation("it does not say how long it is");
    else {
      this.#left = Number(length);
      this.#state = this.#left === 0 ? "head" : "body";
    }
  }
}

function violation(what: string): ProtocolViolation {
  return new ProtocolViolation(`HTTP: ${what}`);
}
