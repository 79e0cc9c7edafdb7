/**
 * Reads frames of the binary batch protocol (PROTOCOL.md) that a server sends.
 *
 * A frame is waited for until it is whole; then its results are read one by one, each as text or as
 * bytes. The values are those of RespReplyDecoder.
 */
import { MalformedReply, REPLY_LIMITS, type ReplyLimits } from "../malformed_reply.ts";
import { ReplyInput } from "../reply_input.ts";
import { readText } from "../text.ts";
import { ReplyError, type ReplyValue } from "../value_writer.ts";
import {
  COUNT_OFFSET,
  FLAG_MORE,
  FLAGS_OFFSET,
  HEADER_BYTES,
  ID_OFFSET,
  KIND_OFFSET,
  KIND_PUSH,
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

/** "txt:" before a verbatim string. */
const FORMAT_BYTES = 4;
const DASH = 45;
const COLON = 58;
const LINE_BYTES = 200;
const LENGTH_BYTES = 4;
const INT64_BYTES = 8;
const DIGITS_MAX = 64 * 1024;
const BIG_NUMBER = /^[+-]?\d+$/;

/** Room in a frame for more than its longest string. */
const FRAME_SLACK_BYTES = 64 * 1024 * 1024;

export class BinaryReplyDecoder {
  /** KIND_… of the frame at hand. */
  kind = 0;
  id = 0;
  count = 0;
  /** Whether further frames of the same id follow. */
  hasMore = false;
  /** Whether the result that was read last is a push. */
  isPush = false;
  readonly #input = new ReplyInput();
  readonly #limits: ReplyLimits;
  /** One past the body of the frame at hand. */
  #frameEnd = 0;
  #depth = 0;

  constructor(limits: ReplyLimits = REPLY_LIMITS) {
    this.#limits = limits;
  }

  /** Whether there are bytes that are no whole frame. */
  get isWaiting(): boolean {
    return this.#input.at < this.#input.end;
  }

  /** Adds a chunk, which may be used again at once; to be called between frames. */
  add(chunk: Uint8Array): void {
    this.#input.add(chunk);
  }

  /**
   * Goes on to the next frame.
   * @returns whether there is a whole one
   * @throws MalformedReply
   */
  begin(): boolean {
    const input = this.#input;
    const { at } = input;
    const available = input.end - at;
    if (available < HEADER_BYTES) {
      if (available > 0 && input.region.bytes[at] !== MAGIC) this.#notAFrame();
      return false;
    }
    const { view } = input.region;
    if (view.getUint8(at) !== MAGIC) this.#notAFrame();
    const length = view.getUint32(at + LENGTH_OFFSET, true);
    if (length > this.#limits.maxBulkBytes + FRAME_SLACK_BYTES) {
      throw new MalformedReply(`a frame of ${length} bytes`);
    }
    const kind = view.getUint8(at + KIND_OFFSET);
    const flags = view.getUint16(at + FLAGS_OFFSET, true);
    const count = view.getUint32(at + COUNT_OFFSET, true);
    checkHeader(kind, flags, count, length);
    if (available < HEADER_BYTES + length) return false;
    this.kind = kind;
    this.hasMore = flags !== 0;
    this.id = view.getUint32(at + ID_OFFSET, true);
    this.count = count;
    input.at = at + HEADER_BYTES;
    this.#frameEnd = input.at + length;
    return true;
  }

  /** Ends a frame, all of whose results were read. @throws MalformedReply when there are more bytes */
  finish(): void {
    const left = this.#frameEnd - this.#input.at;
    if (left !== 0) throw new MalformedReply(`${left} bytes behind the results of a frame`);
  }

  /**
   * Reads the next result of the frame.
   * @param asBytes whether its bulk strings become Uint8Array
   * @throws MalformedReply
   */
  result(asBytes: boolean): ReplyValue {
    this.isPush = false;
    this.#depth = 0;
    return this.#result(asBytes);
  }

  #result(asBytes: boolean): ReplyValue {
    const input = this.#input;
    const { region, at } = input;
    if (at >= this.#frameEnd) this.#cutOff();
    const tag = region.bytes[at];
    input.at = at + 1;
    switch (tag) {
      case TAG_SHORT_BULK: {
        if (at + 2 > this.#frameEnd) this.#cutOff();
        return this.#string(at + 2, region.bytes[at + 1], asBytes);
      }
      case TAG_BULK:
        return this.#string(at + 1 + LENGTH_BYTES, this.#length(at), asBytes);
      case TAG_OK:
        return "OK";
      case TAG_NULL:
        return null;
      case TAG_INT32:
        this.#take(at + 1 + LENGTH_BYTES);
        return region.view.getInt32(at + 1, true);
      case TAG_FALSE:
        return false;
      case TAG_TRUE:
        return true;
      case TAG_SIMPLE:
        return this.#string(at + 1 + LENGTH_BYTES, this.#length(at), false);
      case TAG_ERROR:
        return new ReplyError(
          this.#string(at + 1 + LENGTH_BYTES, this.#length(at), false) as string,
        );
      default:
        return this.#rarer(tag, at, asBytes);
    }
  }

  #rarer(tag: number, at: number, asBytes: boolean): ReplyValue {
    const { view, bytes } = this.#input.region;
    const payload = at + 1;
    switch (tag) {
      case TAG_INT64: {
        this.#take(payload + INT64_BYTES);
        const value = view.getBigInt64(payload, true);
        const rounded = Number(value);
        return Number.isSafeInteger(rounded) ? rounded : value;
      }
      case TAG_DOUBLE:
        this.#take(payload + INT64_BYTES);
        return view.getFloat64(payload, true);
      case TAG_VERBATIM: {
        const length = this.#length(at);
        const start = payload + LENGTH_BYTES;
        if (length < FORMAT_BYTES || bytes[start + FORMAT_BYTES - 1] !== COLON) {
          throw new MalformedReply("a verbatim string without its format");
        }
        return this.#string(start + FORMAT_BYTES, length - FORMAT_BYTES, false);
      }
      case TAG_BIG_NUMBER: {
        const length = this.#length(at);
        const text = this.#string(payload + LENGTH_BYTES, length, false) as string;
        if (length > DIGITS_MAX || !BIG_NUMBER.test(text)) {
          throw new MalformedReply("a big number that is none");
        }
        return BigInt(text[0] === "+" ? text.slice(1) : text);
      }
      case TAG_PUSH:
        if (this.#depth > 0) throw new MalformedReply("a push within a result");
        this.isPush = true;
        return this.#aggregate(TAG_ARRAY, this.#length(at), asBytes);
      case TAG_ARRAY:
      case TAG_MAP:
      case TAG_SET:
        return this.#aggregate(tag, this.#length(at), asBytes);
      default:
        throw new MalformedReply(`a result of the unknown kind ${tag}`);
    }
  }

  #aggregate(tag: number, count: number, asBytes: boolean): ReplyValue {
    this.#take(this.#input.at + LENGTH_BYTES);
    if (++this.#depth > this.#limits.maxDepth) {
      throw new MalformedReply(`a reply of more than ${this.#limits.maxDepth} levels`);
    }
    let value: ReplyValue;
    if (tag === TAG_ARRAY) {
      const elements: ReplyValue[] = [];
      for (let i = 0; i < count; i++) elements.push(this.#result(asBytes));
      value = elements;
    } else if (tag === TAG_MAP) {
      const map = new Map<ReplyValue, ReplyValue>();
      for (let i = 0; i < count; i++) {
        const key = this.#result(asBytes);
        map.set(key, this.#result(asBytes));
      }
      value = map;
    } else {
      const set = new Set<ReplyValue>();
      for (let i = 0; i < count; i++) set.add(this.#result(asBytes));
      value = set;
    }
    this.#depth--;
    return value;
  }

  /** The u32 behind a tag. */
  #length(at: number): number {
    if (at + 1 + LENGTH_BYTES > this.#frameEnd) this.#cutOff();
    return this.#input.region.view.getUint32(at + 1, true);
  }

  #string(start: number, length: number, asBytes: boolean): string | Uint8Array {
    const end = start + length;
    this.#take(end);
    const { region } = this.#input;
    return asBytes ? region.bytes.slice(start, end) : readText(region, start, length);
  }

  /** Goes on to an offset, which must lie within the frame. */
  #take(end: number): void {
    if (end > this.#frameEnd) this.#cutOff();
    this.#input.at = end;
  }

  #cutOff(): never {
    throw new MalformedReply("a result that reaches beyond its frame");
  }

  #notAFrame(): never {
    const { region, at, end } = this.#input;
    const first = region.bytes[at];
    // A server that lets nobody in says so before it knows which protocol is spoken.
    if (first === DASH) {
      const line = readText(region, at + 1, Math.min(end - at - 1, LINE_BYTES));
      throw new MalformedReply(`an error in RESP: ${line.split("\r")[0]}`);
    }
    throw new MalformedReply(`a frame begins with byte 0x${first.toString(16)}`);
  }
}

function checkHeader(kind: number, flags: number, count: number, length: number): void {
  const isKnown = kind === KIND_REPLIES || kind === KIND_PUSH || kind === KIND_REFUSED ||
    kind === KIND_WELCOME;
  if (!isKnown) throw new MalformedReply(`a frame of the unknown kind 0x${kind.toString(16)}`);
  const allowed = kind === KIND_REPLIES ? FLAG_MORE : 0;
  if ((flags & ~allowed) !== 0) throw new MalformedReply(`a frame with the unknown flags ${flags}`);
  // Every result takes a byte.
  if (kind !== KIND_WELCOME && count > length) {
    throw new MalformedReply(`a frame of ${count} results in ${length} bytes`);
  }
  if ((kind === KIND_PUSH || kind === KIND_REFUSED) && count !== 1) {
    throw new MalformedReply(`a frame with ${count} results in place of one`);
  }
}
