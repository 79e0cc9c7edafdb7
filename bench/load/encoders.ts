/** Turns plans into the bytes of a protocol: RESP, the text protocol of memcached, JSON. */
import type { OutBuffer } from "./out_buffer.ts";
import {
  type BatchPlan,
  type CommandShape,
  DATA_WORD,
  NUMBER_DIGITS,
  NUMBER_WORD,
} from "./plan.ts";

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const CRLF = "\r\n";

export interface BatchEncoder {
  /** Puts a whole pipeline. */
  encode(plan: BatchPlan, out: OutBuffer): void;
  /** Changes what differs from pipeline to pipeline besides the numbers; called before each is sent. */
  stamp(out: OutBuffer): void;
}

/** Text of a command up to a value, or to its end. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly slots: Int32Array;
  /** Whether a value comes behind it. */
  readonly hasValue: boolean;
}

/** Cuts text at its values. @param text with NUMBER_WORD and, on its own, DATA_WORD */
export function toPieces(text: string, areNumbered: boolean): readonly Piece[] {
  const parts = text.split(DATA_WORD);
  return parts.map((part, i) => {
    const slots: number[] = [];
    // Offsets are of bytes: everything in front of a number counts as it will be written.
    let from = 0;
    for (;;) {
      const at = areNumbered ? part.indexOf(NUMBER_WORD, from) : -1;
      if (at < 0) break;
      slots.push(encoder.encode(part.slice(0, at)).length);
      from = at + NUMBER_DIGITS;
    }
    const bytes = encoder.encode(part);
    return { bytes, slots: Int32Array.from(slots), hasValue: i < parts.length - 1 };
  });
}

/** What stands around the commands and the values. */
interface Surroundings {
  readonly begin: Uint8Array;
  readonly between: Uint8Array;
  readonly end: Uint8Array;
  /** In front of a value. */
  valueHead(length: number): Uint8Array;
}

class PieceEncoder implements BatchEncoder {
  readonly #commands: readonly (readonly Piece[])[];
  readonly #around: Surroundings;

  constructor(commands: readonly (readonly Piece[])[], around: Surroundings) {
    this.#commands = commands;
    this.#around = around;
  }

  encode(plan: BatchPlan, out: OutBuffer): void {
    const { begin, between, end } = this.#around;
    out.put(begin);
    for (let i = 0; i < plan.count; i++) {
      if (i > 0 && between.length > 0) out.put(between);
      const pieces = this.#commands[plan.shapes[i]];
      for (let p = 0; p < pieces.length; p++) {
        const { bytes, slots, hasValue } = pieces[p];
        out.putText(bytes, slots);
        if (!hasValue) continue;
        out.put(this.#around.valueHead(plan.valueBytes[i]));
        out.putValue(plan.valueBytes[i]);
      }
    }
    out.put(end);
  }

  stamp(): void {}
}

/** Makes each head once. */
function remembering(make: (length: number) => string): (length: number) => Uint8Array {
  const heads = new Map<number, Uint8Array>();
  return (length) => {
    let head = heads.get(length);
    if (head === undefined) heads.set(length, head = encoder.encode(make(length)));
    return head;
  };
}

/** @param areNumbered whether NUMBER_WORD stands for a number */
export function respEncoder(shapes: readonly CommandShape[], areNumbered: boolean): BatchEncoder {
  const commands = shapes.map(({ words }) => {
    const text = words.map((word) =>
      // The length of a value comes with it.
      word === DATA_WORD ? word + CRLF : `$${encoder.encode(word).length}${CRLF}${word}${CRLF}`
    );
    return toPieces(`*${words.length}${CRLF}${text.join("")}`, areNumbered);
  });
  const valueHead = remembering((length) => `$${length}${CRLF}`);
  return new PieceEncoder(commands, { begin: NOTHING, between: NOTHING, end: NOTHING, valueHead });
}

/** Commands as typed, a line each. */
export function inlineEncoder(shapes: readonly CommandShape[]): BatchEncoder {
  const commands = shapes.map(({ words }) => toPieces(words.join(" ") + CRLF, false));
  const valueHead = (): Uint8Array => NOTHING;
  return new PieceEncoder(commands, { begin: NOTHING, between: NOTHING, end: NOTHING, valueHead });
}

/** Arrays of words in an array. */
export function jsonEncoder(shapes: readonly CommandShape[], areNumbered: boolean): BatchEncoder {
  const commands = shapes.map(({ words }) => toPieces(JSON.stringify(words), areNumbered));
  const around = {
    begin: encoder.encode("["),
    between: encoder.encode(","),
    end: encoder.encode("]"),
    valueHead: () => NOTHING,
  };
  return new PieceEncoder(commands, around);
}

/**
 * GET, MGET and SET as the text protocol of memcached has them.
 * @throws TypeError for any other command
 */
export function memcacheEncoder(
  shapes: readonly CommandShape[],
  areNumbered: boolean,
): BatchEncoder {
  const commands = shapes.map(({ words }) => toPieces(memcacheText(words), areNumbered));
  const valueHead = remembering((length) => `${length}${CRLF}`);
  return new PieceEncoder(commands, { begin: NOTHING, between: NOTHING, end: NOTHING, valueHead });
}

function memcacheText(words: readonly string[]): string {
  const [name, ...args] = words;
  const command = name.toUpperCase();
  if ((command === "GET" && args.length === 1) || (command === "MGET" && args.length > 0)) {
    return `get ${args.join(" ")}${CRLF}`;
  }
  const [key, value, unit, expiry] = args;
  const isPlain = args.length === 2 || (args.length === 4 && unit === "PX");
  if (command === "SET" && isPlain && value === DATA_WORD) {
    // It counts whole seconds, and 0 is never.
    const seconds = expiry === undefined ? 0 : Math.max(1, Math.round(Number(expiry) / 1000));
    return `set ${key} 0 ${seconds} ${DATA_WORD}${CRLF}`;
  }
  throw new TypeError(`memcache has no ${command}: there are get and set`);
}
