/**
 * Turns replies into plain values, for use of the engine inside of the same process.
 *
 *   bulk string            string, decoded as UTF-8, or Uint8Array (a copy) when made for bytes
 *   status, text, verbatim string; text is what the server words, so that it never becomes bytes
 *   integer, double        number; an integer beyond ±(2⁵³-1) is a bigint
 *   boolean, null          boolean, null
 *   error                  a ReplyError, as a value
 *   array, push            array
 *   map, set               Map, Set
 */
import type { Region } from "../ports/region.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { readText, textOf } from "./text.ts";

/** An error reply. */
export class ReplyError extends Error {
  /** The first word of the message, e.g. "WRONGTYPE". */
  readonly code: string;

  /** Makes an error. @param message the whole reply, its code first, e.g. "ERR syntax error" */
  constructor(message: string) {
    super(message);
    this.name = "ReplyError";
    const space = message.indexOf(" ");
    this.code = space < 0 ? message : message.slice(0, space);
  }
}

/** What a command may answer. */
export type ReplyValue =
  | string
  | Uint8Array
  | number
  | bigint
  | boolean
  | null
  | ReplyError
  | ReplyValue[]
  | Map<ReplyValue, ReplyValue>
  | Set<ReplyValue>;

/** An aggregate whose elements are still coming. */
interface Open {
  readonly value: ReplyValue[] | Map<ReplyValue, ReplyValue> | Set<ReplyValue>;
  /** Elements to come; keys and values of a map count one each. */
  left: number;
  /** Key of a map that waits for its value. */
  key: ReplyValue | undefined;
}

function elementsOf({ value }: Pick<Open, "value">): ReplyValue[] {
  if (!Array.isArray(value)) throw new TypeError("there are no positions within maps and sets");
  return value;
}

export class ValueWriter implements ReplyWriter {
  version: 2 | 3 = 3;
  errorCount = 0;
  lastError = "";
  private readonly asBytes: boolean;
  private finished: ReplyValue[] = [];
  private readonly open: Open[] = [];
  private parts: Uint8Array = new Uint8Array(0);
  private partsLength = 0;

  /** @param asBytes whether bulk strings become Uint8Array instead of string */
  constructor(asBytes = false) {
    this.asBytes = asBytes;
  }

  /** @returns the replies that are complete, in order; they are not returned again */
  take(): ReplyValue[] {
    const values = this.finished;
    this.finished = [];
    return values;
  }

  /** Forgets all that was not taken, whole or not. */
  discard(): void {
    this.finished = [];
    this.open.length = 0;
  }

  /** Between two elements of the outermost array, as in EXEC's, it is below 0: ~elements so far. */
  get position(): number {
    return this.open.length === 0 ? this.finished.length : ~elementsOf(this.open[0]).length;
  }

  rewind(position: number): void {
    if (position >= 0) {
      this.finished.length = position;
      this.open.length = 0;
      return;
    }
    // What was written since may have completed the array.
    const outermost = this.open[0] ?? { value: this.finished.pop(), left: 0, key: undefined };
    const elements = elementsOf(outermost);
    outermost.left += elements.length - ~position;
    elements.length = ~position;
    this.open.length = 0;
    this.open.push(outermost);
  }

  ok(): void {
    this.add("OK");
  }

  simple(text: string): void {
    this.add(text);
  }

  error(message: string): void {
    this.errorCount++;
    this.lastError = message;
    this.add(new ReplyError(message));
  }

  integer(value: number | bigint): void {
    if (typeof value === "number") return this.add(value);
    const safe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
    this.add(safe ? Number(value) : value);
  }

  double(value: number): void {
    this.add(value);
  }

  decimal(text: string): void {
    this.add(Number(text));
  }

  boolean(value: boolean): void {
    this.add(value);
  }

  bulk(source: Region, offset: number, length: number): void {
    this.add(
      this.asBytes ? source.bytes.slice(offset, offset + length) : readText(source, offset, length),
    );
  }

  bulks(source: Region, offsets: Int32Array, lengths: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.bulk(source, offsets[i], lengths[i]);
  }

  bytes(value: Uint8Array): void {
    this.add(this.asBytes ? new Uint8Array(value) : textOf(value));
  }

  text(value: string): void {
    this.add(value);
  }

  beginBulk(length: number): void {
    this.parts = new Uint8Array(length);
    this.partsLength = 0;
  }

  part(source: Region, offset: number, length: number): void {
    this.parts.set(source.bytes.subarray(offset, offset + length), this.partsLength);
    this.partsLength += length;
  }

  endBulk(): void {
    const { parts } = this;
    if (this.partsLength !== parts.length) {
      throw new RangeError(`${parts.length - this.partsLength} bytes of the bulk are missing`);
    }
    this.parts = new Uint8Array(0);
    this.add(this.asBytes ? parts : textOf(parts));
  }

  verbatim(_format: string, text: string): void {
    this.add(text);
  }

  nil(): void {
    this.add(null);
  }

  nilArray(): void {
    this.add(null);
  }

  array(count: number): void {
    this.begin([], count);
  }

  map(count: number): void {
    this.begin(new Map(), count * 2);
  }

  set(count: number): void {
    this.begin(new Set(), count);
  }

  push(count: number): void {
    this.begin([], count);
  }

  private begin(value: Open["value"], left: number): void {
    if (left === 0) this.add(value);
    else this.open.push({ value, left, key: undefined });
  }

  /** Puts a whole value where it belongs, and closes the aggregates that it completes. */
  private add(value: ReplyValue): void {
    if (this.open.length === 0) this.finished.push(value);
    else this.addToOpen(value);
  }

  private addToOpen(value: ReplyValue): void {
    let whole = value;
    for (;;) {
      const parent = this.open.at(-1);
      if (parent === undefined) {
        this.finished.push(whole);
        return;
      }
      if (parent.value instanceof Map) {
        if (parent.key === undefined) parent.key = whole;
        else {
          parent.value.set(parent.key, whole);
          parent.key = undefined;
        }
      } else if (parent.value instanceof Set) parent.value.add(whole);
      else parent.value.push(whole);
      if (--parent.left > 0) return;
      this.open.pop();
      whole = parent.value;
    }
  }
}
