/** Counts the results of reply frames; of each, only the tag and the length are looked at. */
import {
  COUNT_OFFSET,
  HEADER_BYTES,
  ID_OFFSET,
  KIND_OFFSET,
  KIND_REFUSED,
  KIND_REPLIES,
  KIND_WELCOME,
  LENGTH_OFFSET,
  MAGIC,
  TAG_ARRAY,
  TAG_BIG_NUMBER,
  TAG_BULK,
  TAG_DOUBLE,
  TAG_ERROR,
  TAG_INT32,
  TAG_INT64,
  TAG_MAP,
  TAG_NULL,
  TAG_PUSH,
  TAG_SET,
  TAG_SHORT_BULK,
  TAG_SIMPLE,
  TAG_VERBATIM,
} from "../../src/protocol/binary/frame.ts";
import { ProtocolViolation, ReplyCounter, textOf } from "./counters.ts";

const WORD = 4, LONG = 8;
/** Of a result: its tag, and a length of four bytes. */
const LONG_HEAD = 1 + WORD;
const KEPT_BYTES = 65536;

export class BinaryCounter extends ReplyCounter {
  readonly #expectedId: () => number;
  /** A frame that is not whole yet. */
  #kept = new Uint8Array(KEPT_BYTES);
  #keptLength = 0;

  /** @param expectedId id of the frame that is under way */
  constructor(nullPlaces: Int32Array, expectedId: () => number) {
    super(nullPlaces);
    this.#expectedId = expectedId;
  }

  feed(chunk: Uint8Array): number {
    let bytes = chunk;
    if (this.#keptLength > 0) {
      this.#keep(chunk);
      bytes = this.#kept.subarray(0, this.#keptLength);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0, replies = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + readU32(bytes, at + LENGTH_OFFSET);
      if (end > bytes.length) break;
      replies += this.#frame(bytes, view, at, end);
      at = end;
    }
    if (at < bytes.length) {
      const rest = bytes.subarray(at);
      if (this.#keptLength > 0) {
        this.#kept.copyWithin(0, at, this.#keptLength);
        this.#keptLength -= at;
      } else this.#keep(rest);
    } else this.#keptLength = 0;
    return replies;
  }

  #keep(chunk: Uint8Array): void {
    const length = this.#keptLength + chunk.length;
    if (length > this.#kept.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#kept.length));
      larger.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = larger;
    }
    this.#kept.set(chunk, this.#keptLength);
    this.#keptLength = length;
  }

  #frame(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const kind = bytes[start + KIND_OFFSET];
    if (bytes[start] !== MAGIC) throw violation(`no frame begins with byte ${bytes[start]}`);
    const body = start + HEADER_BYTES;
    const count = readU32(bytes, start + COUNT_OFFSET);
    if (kind === KIND_REFUSED) throw violation(`refused: ${textOf(bytes.subarray(body + 5, end))}`);
    if (kind !== KIND_REPLIES && kind !== KIND_WELCOME) throw violation(`a frame of kind ${kind}`);
    const results = kind === KIND_WELCOME ? 1 : count;
    if (kind === KIND_REPLIES && readU32(bytes, start + ID_OFFSET) !== this.#expectedId()) {
      throw violation("replies to a frame that was not sent");
    }
    let at = body;
    for (let i = 0; i < results; i++) {
      const tag = bytes[at];
      if (tag === TAG_SHORT_BULK) at += 2 + bytes[at + 1];
      else if (tag === TAG_NULL) {
        this.addNull();
        at++;
      } else at = this.#skip(bytes, view, at);
      this.repliesOfBatch++;
    }
    if (at !== end) throw violation("results do not fill their frame");
    return results;
  }

  /** @returns where the result ends */
  #skip(bytes: Uint8Array, view: DataView, start: number): number {
    let at = start;
    // Elements of arrays come behind their heads: they are results that are left.
    for (let left = 1; left > 0; left--) {
      const tag = bytes[at];
      switch (tag) {
        case TAG_SHORT_BULK:
          at += 2 + bytes[at + 1];
          break;
        case TAG_INT32:
          at += 1 + WORD;
          break;
        case TAG_INT64:
        case TAG_DOUBLE:
          at += 1 + LONG;
          break;
        case TAG_ERROR: {
          const length = view.getUint32(at + 1, true);
          this.addError(textOf(bytes.subarray(at + LONG_HEAD, at + LONG_HEAD + length)));
          at += LONG_HEAD + length;
          break;
        }
        case TAG_SIMPLE:
        case TAG_BULK:
        case TAG_VERBATIM:
        case TAG_BIG_NUMBER:
          at += LONG_HEAD + view.getUint32(at + 1, true);
          break;
        case TAG_ARRAY:
        case TAG_SET:
        case TAG_PUSH:
          left += view.getUint32(at + 1, true);
          at += LONG_HEAD;
          break;
        case TAG_MAP:
          left += 2 * view.getUint32(at + 1, true);
          at += LONG_HEAD;
          break;
        default:
          if (!(tag < TAG_INT32)) throw violation(`no result begins with byte ${tag}`);
          at++;
      }
    }
    return at;
  }
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function violation(what: string): ProtocolViolation {
  return new ProtocolViolation(`binary: ${what}`);
}
