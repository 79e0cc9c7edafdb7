/**
 * Reads replies in RESP2 and RESP3 from bytes that come in any pieces.
 *
 *   bulk string            string, decoded as UTF-8, or Uint8Array (a copy), as each reply is asked for
 *   status, verbatim       string
 *   integer, double        number; an integer beyond ±(2⁵³-1) is a bigint
 *   big number             bigint
 *   boolean, null          boolean, null
 *   error                  a ReplyError, as a value
 *   array, map, set        array, Map, Set
 *   push                   array, told apart by `isPush`
 *   attribute              skipped: what follows it is the reply
 *
 * An aggregate whose elements are still coming stays on a stack, so nothing of it is read twice; a
 * string is waited for by its length, a line searched on from where the search ended.
 */
import { parseInteger } from "../../bytes/ascii.ts";
import { MalformedReply, REPLY_LIMITS, type ReplyLimits } from "../malformed_reply.ts";
import { ReplyInput } from "../reply_input.ts";
import { readText } from "../text.ts";
import { ReplyError, type ReplyValue } from "../value_writer.ts";

const LF = 10;
const CR = 13;
const BANG = 33;
const HASH = 35;
const DOLLAR = 36;
const PERCENT = 37;
const OPENING = 40;
const STAR = 42;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const COLON = 58;
const EQUALS = 61;
const GREATER = 62;
const UNDERSCORE = 95;
const LOWER_F = 102;
const LOWER_T = 116;
const BAR = 124;
const TILDE = 126;

/** Longest line: a status, an error, a number. */
const MAX_LINE_BYTES = 64 * 1024;
/** No line with a count or a length is longer. */
const MAX_COUNT_BYTES = 22;
/** Most elements that an aggregate may announce. */
const MAX_ELEMENTS = 2 ** 32;
/** "txt:" before a verbatim string. */
const FORMAT_BYTES = 4;
const QUOTED_BYTES = 32;

const DOUBLE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BIG_NUMBER = /^[+-]?\d+$/;

/** What an element turned out to be besides a value. */
const INCOMPLETE = Symbol("incomplete");
const OPENED = Symbol("opened");
type Element = ReplyValue | typeof INCOMPLETE | typeof OPENED;

const KIND_ARRAY = 0;
const KIND_MAP = 1;
const KIND_SET = 2;
const KIND_ATTRIBUTE = 3;

/** An aggregate whose elements are still coming. */
interface Open {
  readonly kind: number;
  readonly value: ReplyValue[] | Map<ReplyValue, ReplyValue> | Set<ReplyValue>;
  /** Elements to come; keys and values of a map count one each. */
  left: number;
  /** Key of a map that waits for its value. */
  key: ReplyValue | undefined;
}

export class RespReplyDecoder {
  /** Whether what `next` gave last is a push, which answers no request. */
  isPush = false;
  readonly #input = new ReplyInput();
  readonly #limits: ReplyLimits;
  readonly #pushesAsBytes: boolean;
  readonly #open: Open[] = [];
  /** Inside of a push. */
  #isInPush = false;
  /** How far a line was searched that has no end yet, counted from its element's beginning. */
  #searched = 0;
  /** Where the line that was read last ends: its CR. */
  #lineEnd = 0;

  /** @param pushesAsBytes whether bulk strings of pushes become Uint8Array */
  constructor(pushesAsBytes = false, limits: ReplyLimits = REPLY_LIMITS) {
    this.#pushesAsBytes = pushesAsBytes;
    this.#limits = limits;
  }

  /** Whether there are bytes that no whole reply was made of. */
  get isWaiting(): boolean {
    return this.#input.at < this.#input.end || this.#open.length > 0;
  }

  /** Adds a chunk, which may be used again at once. */
  add(chunk: Uint8Array): void {
    this.#input.add(chunk);
  }

  /**
   * Reads the next reply.
   * @param asBytes whether its bulk strings become Uint8Array; to be the same until it is whole
   * @returns undefined when more bytes are needed
   * @throws MalformedReply
   */
  next(asBytes: boolean): ReplyValue | undefined {
    const open = this.#open;
    for (;;) {
      const element = this.#element(this.#isInPush ? this.#pushesAsBytes : asBytes);
      if (element === INCOMPLETE) return undefined;
      if (element === OPENED) continue;
      let value: ReplyValue = element;
      let isWhole = true;
      while (open.length > 0) {
        const parent = open[open.length - 1];
        addTo(parent, value);
        isWhole = --parent.left === 0;
        if (!isWhole) break;
        open.pop();
        value = parent.value;
        // What comes behind an attribute stands in its place.
        if (parent.kind === KIND_ATTRIBUTE) {
          isWhole = false;
          break;
        }
      }
      if (!isWhole) continue;
      this.isPush = this.#isInPush;
      this.#isInPush = false;
      return value;
    }
  }

  /** Reads a scalar or the beginning of an aggregate. */
  #element(asBytes: boolean): Element {
    const input = this.#input;
    const { at } = input;
    if (at === input.end) return INCOMPLETE;
    const { bytes } = input.region;
    switch (bytes[at]) {
      case DOLLAR:
        return this.#bulk(asBytes, DOLLAR);
      case COLON:
        return this.#integer();
      case PLUS:
        if (!this.#line(MAX_LINE_BYTES)) return INCOMPLETE;
        return this.#isOk(at) ? "OK" : readText(input.region, at + 1, this.#lineEnd - at - 1);
      case MINUS:
        if (!this.#line(MAX_LINE_BYTES)) return INCOMPLETE;
        return new ReplyError(readText(input.region, at + 1, this.#lineEnd - at - 1));
      case STAR:
        return this.#aggregate(KIND_ARRAY);
      case UNDERSCORE:
        if (!this.#line(MAX_COUNT_BYTES)) return INCOMPLETE;
        return this.#lineEnd === at + 1 ? null : this.#malformed(at);
      case HASH:
        return this.#boolean();
      case COMMA:
        return this.#double();
      case PERCENT:
        return this.#aggregate(KIND_MAP);
      case TILDE:
        return this.#aggregate(KIND_SET);
      case GREATER:
        if (this.#open.length > 0) return this.#malformed(at);
        return this.#aggregate(KIND_ARRAY);
      case EQUALS:
      case BANG:
        return this.#bulk(false, bytes[at]);
      case OPENING:
        return this.#bigNumber();
      case BAR:
        return this.#aggregate(KIND_ATTRIBUTE);
      default:
        return this.#malformed(at);
    }
  }

  #isOk(at: number): boolean {
    const { bytes } = this.#input.region;
    return this.#lineEnd === at + 3 && bytes[at + 1] === 79 && bytes[at + 2] === 75;
  }

  /**
   * Looks for the line's end; when it is there the line is taken and `lineEnd` says where its CR is.
   * @param maxBytes that it may have
   */
  #line(maxBytes: number): boolean {
    const input = this.#input;
    const { bytes } = input.region;
    const start = input.at;
    // The LF must be there, too.
    const last = Math.min(input.end - 1, start + maxBytes);
    let i = start + 1 + this.#searched;
    while (i < last && bytes[i] !== CR) i++;
    if (i < last) {
      if (bytes[i + 1] !== LF) this.#malformed(start);
      this.#searched = 0;
      this.#lineEnd = i;
      input.at = i + 2;
      return true;
    }
    if (input.end - 1 > last) this.#malformed(start);
    this.#searched = Math.max(0, i - start - 1);
    return false;
  }

  /** Reads a line with a count. @returns -1 for "-1", -2 where there is no whole line */
  #count(max: number): number {
    const input = this.#input;
    const { bytes } = input.region;
    const start = input.at;
    const { end } = input;
    let i = start + 1;
    let value = 0;
    for (; i < end; i++) {
      const digit = bytes[i] - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (i > start + MAX_COUNT_BYTES) this.#malformed(start);
    // "-1" is what is left of RESP2's nulls.
    if (i < end && i === start + 1 && bytes[i] === MINUS) {
      if (end < start + 5) return -2;
      if (bytes[i + 1] !== ZERO + 1 || bytes[i + 2] !== CR || bytes[i + 3] !== LF) {
        this.#malformed(start);
      }
      input.at = start + 5;
      return -1;
    }
    if (i < end && (i === start + 1 || bytes[i] !== CR)) this.#malformed(start);
    if (i + 1 >= end) return -2;
    if (bytes[i + 1] !== LF) this.#malformed(start);
    if (value > max) throw new MalformedReply(`a length of ${value}: at most ${max} is allowed`);
    input.at = i + 2;
    return value;
  }

  #bulk(asBytes: boolean, type: number): Element {
    const input = this.#input;
    const start = input.at;
    const length = this.#count(this.#limits.maxBulkBytes);
    if (length < 0) {
      if (length === -2) return INCOMPLETE;
      return type === DOLLAR ? null : this.#malformed(start);
    }
    const from = input.at;
    const end = from + length;
    if (end + 2 > input.end) {
      input.at = start;
      return INCOMPLETE;
    }
    const { region } = input;
    if (region.bytes[end] !== CR || region.bytes[end + 1] !== LF) return this.#malformed(start);
    input.at = end + 2;
    if (asBytes) return region.bytes.slice(from, end);
    if (type === DOLLAR) return readText(region, from, length);
    if (type === BANG) return new ReplyError(readText(region, from, length));
    if (length < FORMAT_BYTES || region.bytes[from + FORMAT_BYTES - 1] !== COLON) {
      return this.#malformed(start);
    }
    return readText(region, from + FORMAT_BYTES, length - FORMAT_BYTES);
  }

  #integer(): Element {
    const input = this.#input;
    const { at } = input;
    if (!this.#line(MAX_COUNT_BYTES)) return INCOMPLETE;
    const value = parseInteger(input.region.bytes, at + 1, this.#lineEnd - at - 1);
    return value === undefined ? this.#malformed(at) : value;
  }

  #boolean(): Element {
    const input = this.#input;
    const { at } = input;
    if (!this.#line(MAX_COUNT_BYTES)) return INCOMPLETE;
    const letter = input.region.bytes[at + 1];
    if (this.#lineEnd !== at + 2) return this.#malformed(at);
    return letter === LOWER_T ? true : letter === LOWER_F ? false : this.#malformed(at);
  }

  #double(): Element {
    const input = this.#input;
    const { at } = input;
    if (!this.#line(MAX_LINE_BYTES)) return INCOMPLETE;
    const text = readText(input.region, at + 1, this.#lineEnd - at - 1);
    if (DOUBLE.test(text)) return Number(text);
    if (text === "inf") return Infinity;
    if (text === "-inf") return -Infinity;
    return text === "nan" || text === "-nan" ? NaN : this.#malformed(at);
  }

  #bigNumber(): Element {
    const input = this.#input;
    const { at } = input;
    if (!this.#line(MAX_LINE_BYTES)) return INCOMPLETE;
    const text = readText(input.region, at + 1, this.#lineEnd - at - 1);
    if (!BIG_NUMBER.test(text)) return this.#malformed(at);
    return BigInt(text[0] === "+" ? text.slice(1) : text);
  }

  #aggregate(kind: number): Element {
    const start = this.#input.at;
    const type = this.#input.region.bytes[start];
    const count = this.#count(MAX_ELEMENTS);
    if (count === -2) return INCOMPLETE;
    if (count === -1) return type === STAR ? null : this.#malformed(start);
    if (type === GREATER) {
      if (count === 0) return this.#malformed(start);
      this.#isInPush = true;
    }
    if (count === 0) return kind === KIND_ATTRIBUTE ? OPENED : emptyOf(kind);
    if (this.#open.length >= this.#limits.maxDepth) {
      throw new MalformedReply(`a reply of more than ${this.#limits.maxDepth} levels`);
    }
    const left = kind === KIND_MAP || kind === KIND_ATTRIBUTE ? count * 2 : count;
    this.#open.push({ kind, value: emptyOf(kind), left, key: undefined });
    return OPENED;
  }

  #malformed(at: number): never {
    const { bytes } = this.#input.region;
    const end = Math.min(this.#input.end, at + QUOTED_BYTES);
    const shown = JSON.stringify(String.fromCharCode(...bytes.subarray(at, end)));
    throw new MalformedReply(`this is no reply: ${shown}`);
  }
}

function emptyOf(kind: number): Open["value"] {
  if (kind === KIND_ARRAY || kind === KIND_ATTRIBUTE) return [];
  return kind === KIND_SET ? new Set() : new Map();
}

/** Puts an element where it belongs; those of attributes are forgotten. */
function addTo(parent: Open, element: ReplyValue): void {
  const { value } = parent;
  if (parent.kind === KIND_ARRAY) (value as ReplyValue[]).push(element);
  else if (parent.kind === KIND_SET) (value as Set<ReplyValue>).add(element);
  else if (parent.kind === KIND_MAP) {
    if (parent.key === undefined) parent.key = element;
    else {
      (value as Map<ReplyValue, ReplyValue>).set(parent.key, element);
      parent.key = undefined;
    }
  }
}
