/**
 * Reads replies in RESP3, with all that tells their kinds apart.
 *
 *   +OK  $5 hello  :1  ,1.5  (123…  #t  _  -ERR …  *2  %1  ~2  >2
 */

/** A reply. */
export type Reply =
  | { readonly kind: "status" | "error" | "integer" | "double"; readonly text: string }
  /** `isListing`: lines for people to read. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly isListing: boolean }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "nil" }
  | { readonly kind: "array" | "set" | "push"; readonly items: readonly Reply[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [key: Reply, value: Reply])[] };

const CR = 13;
/** The three letters and the colon that verbatim text begins with. */
const VERBATIM_HEAD = 4;
const NIL: Reply = { kind: "nil" };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** @param bytes whole replies, one behind the other */
export function readReplies(bytes: Uint8Array): Reply[] {
  const reader = new ReplyReader(bytes);
  const replies: Reply[] = [];
  while (!reader.isAtEnd) replies.push(reader.next());
  return replies;
}

class ReplyReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  next(): Reply {
    const mark = String.fromCharCode(this.#bytes[this.#at++]);
    const line = this.#line();
    switch (mark) {
      case "+":
        return { kind: "status", text: line };
      case "-":
        return { kind: "error", text: line };
      case ":":
      case "(":
        return { kind: "integer", text: line };
      case ",":
        return { kind: "double", text: line };
      case "#":
        return { kind: "boolean", value: line === "t" };
      case "_":
        return NIL;
      case "$":
        return Number(line) < 0
          ? NIL
          : { kind: "bytes", bytes: this.#bulk(Number(line)), isListing: false };
      case "=": {
        const bytes = this.#bulk(Number(line)).subarray(VERBATIM_HEAD);
        return { kind: "bytes", bytes, isListing: true };
      }
      case "*":
        return Number(line) < 0 ? NIL : { kind: "array", items: this.#items(Number(line)) };
      case "~":
        return { kind: "set", items: this.#items(Number(line)) };
      case ">":
        return { kind: "push", items: this.#items(Number(line)) };
      case "%":
        return {
          kind: "map",
          entries: Array.from(
            { length: Number(line) },
            () => [this.next(), this.next()] as const,
          ),
        };
    }
    throw new RangeError(`a reply cannot begin with ${JSON.stringify(mark)}`);
  }

  #line(): string {
    const end = this.#bytes.indexOf(CR, this.#at);
    const line = decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 2;
    return line;
  }

  #bulk(length: number): Uint8Array {
    const start = this.#at;
    this.#at += length + 2;
    return this.#bytes.subarray(start, start + length);
  }

  #items(count: number): Reply[] {
    return Array.from({ length: count }, () => this.next());
  }
}

/** The bytes of a string or number; empty for anything else. */
export function bytesOf(reply: Reply | undefined): Uint8Array {
  if (reply?.kind === "bytes") return reply.bytes;
  return new TextEncoder().encode(textOf(reply));
}

/** The text of a reply; "" for aggregates and nil. */
export function textOf(reply: Reply | undefined): string {
  switch (reply?.kind) {
    case "bytes":
      return decoder.decode(reply.bytes);
    case "status":
    case "error":
    case "integer":
    case "double":
      return reply.text;
    default:
      return "";
  }
}

/** The number that a reply is; undefined for anything else. */
export function numberOf(reply: Reply | undefined): number | undefined {
  if (reply?.kind !== "integer" && reply?.kind !== "double") return undefined;
  const value = Number(reply.text);
  return Number.isNaN(value) ? undefined : value;
}

/** The elements of an array, a set or a flattened map; none for anything else. */
export function itemsOf(reply: Reply | undefined): readonly Reply[] {
  switch (reply?.kind) {
    case "array":
    case "set":
    case "push":
      return reply.items;
    case "map":
      return reply.entries.flat();
    default:
      return [];
  }
}

/** A map by the text of its keys. */
export function fieldsOf(reply: Reply | undefined): Readonly<Record<string, Reply>> {
  if (reply?.kind !== "map") return {};
  return Object.fromEntries(reply.entries.map(([key, value]) => [textOf(key), value]));
}

/** The first error among replies. */
export function firstError(replies: readonly Reply[]): string | undefined {
  const found = replies.find(({ kind }) => kind === "error");
  return found === undefined ? undefined : textOf(found);
}
