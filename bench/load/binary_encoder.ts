/** Turns plans into frames of the binary batch protocol, one for each pipeline. */
import {
  COUNT_OFFSET,
  FLAGS_OFFSET,
  HEADER_BYTES,
  ID_OFFSET,
  KIND_HELLO,
  KIND_OFFSET,
  KIND_REQUEST,
  LENGTH_OFFSET,
  MAGIC,
  MAX_BARE_COMMANDS,
  PROTOCOL_VERSION,
  RUN_ARGUMENTS_OFFSET,
  RUN_HEADER_BYTES,
  RUN_NAME_LENGTH_OFFSET,
  RUN_RESERVED_OFFSET,
  RUN_WIDTH_OFFSET,
} from "../../src/protocol/binary/frame.ts";
import { type BatchEncoder, toPieces } from "./encoders.ts";
import type { OutBuffer } from "./out_buffer.ts";
import { type BatchPlan, type CommandShape, DATA_WORD } from "./plan.ts";

const encoder = new TextEncoder();
const BYTE_MAX = 255, WORD_MAX = 65535;

interface Argument {
  readonly bytes: Uint8Array;
  readonly slots: Int32Array;
  readonly isValue: boolean;
}

interface BinaryShape {
  readonly name: Uint8Array;
  readonly args: readonly Argument[];
  /** Of all that are not values. */
  readonly longest: number;
  readonly hasValue: boolean;
  /** Shapes that may stand in one run. */
  readonly kind: string;
}

function compile({ words }: CommandShape, areNumbered: boolean): BinaryShape {
  const args = words.slice(1).map((word): Argument => {
    const isValue = word === DATA_WORD;
    const [{ bytes, slots }] = toPieces(isValue ? "" : word, areNumbered);
    return { bytes, slots, isValue };
  });
  return {
    name: encoder.encode(words[0]),
    args,
    longest: args.reduce((most, { bytes }) => Math.max(most, bytes.length), 0),
    hasValue: args.some(({ isValue }) => isValue),
    kind: `${words.length} ${words[0]}`,
  };
}

export class BinaryEncoder implements BatchEncoder {
  readonly #shapes: readonly BinaryShape[];
  /** Id of the frame that was stamped last. */
  id = 0;

  constructor(shapes: readonly CommandShape[], areNumbered: boolean) {
    this.#shapes = shapes.map((shape) => compile(shape, areNumbered));
  }

  encode(plan: BatchPlan, out: OutBuffer): void {
    const start = out.length;
    putHeader(out, KIND_REQUEST, plan.count);
    for (let first = 0; first < plan.count;) {
      const { kind } = this.#shapes[plan.shapes[first]];
      let end = first + 1;
      const most = first +
        (this.#shapes[plan.shapes[first]].args.length === 0 ? MAX_BARE_COMMANDS : Infinity);
      while (end < Math.min(plan.count, most) && this.#shapes[plan.shapes[end]].kind === kind) {
        end++;
      }
      this.#putRun(plan, first, end, out);
      first = end;
    }
    out.view.setUint32(start + LENGTH_OFFSET, out.length - start - HEADER_BYTES, true);
  }

  #putRun(plan: BatchPlan, first: number, end: number, out: OutBuffer): void {
    let longest = 0;
    for (let i = first; i < end; i++) {
      const shape = this.#shapes[plan.shapes[i]];
      longest = Math.max(longest, shape.longest, shape.hasValue ? plan.valueBytes[i] : 0);
    }
    const width = longest <= BYTE_MAX ? 1 : longest <= WORD_MAX ? 2 : 4;
    const { name, args } = this.#shapes[plan.shapes[first]];
    putRunHeader(out, end - first, args.length + 1, name, width);
    for (let i = first; i < end; i++) {
      for (const { bytes, isValue } of this.#shapes[plan.shapes[i]].args) {
        putLength(out, isValue ? plan.valueBytes[i] : bytes.length, width);
      }
    }
    for (let i = first; i < end; i++) {
      for (const { bytes, slots, isValue } of this.#shapes[plan.shapes[i]].args) {
        if (isValue) out.putValue(plan.valueBytes[i]);
        else out.putText(bytes, slots);
      }
    }
  }

  stamp(out: OutBuffer): void {
    this.id = (this.id + 1) >>> 0;
    out.view.setUint32(ID_OFFSET, this.id, true);
  }
}

/** A hello, whose command is a HELLO. @param words HELLO and its arguments; none for nobody in particular */
export function putHello(out: OutBuffer, words: readonly string[]): void {
  const start = out.length;
  putHeader(out, KIND_HELLO, PROTOCOL_VERSION);
  if (words.length > 0) {
    const args = words.slice(1).map((word) => encoder.encode(word));
    putRunHeader(out, 1, words.length, encoder.encode(words[0]), 4);
    for (const arg of args) putLength(out, arg.length, 4);
    for (const arg of args) out.put(arg);
  }
  out.view.setUint32(start + LENGTH_OFFSET, out.length - start - HEADER_BYTES, true);
}

function putHeader(out: OutBuffer, kind: number, count: number): void {
  out.reserve(HEADER_BYTES);
  const { view, length: at } = out;
  view.setUint8(at, MAGIC);
  view.setUint8(at + KIND_OFFSET, kind);
  view.setUint16(at + FLAGS_OFFSET, 0, true);
  view.setUint32(at + LENGTH_OFFSET, 0, true);
  view.setUint32(at + ID_OFFSET, 0, true);
  view.setUint32(at + COUNT_OFFSET, count, true);
  out.length += HEADER_BYTES;
}

function putRunHeader(
  out: OutBuffer,
  commands: number,
  words: number,
  name: Uint8Array,
  width: number,
): void {
  out.reserve(RUN_HEADER_BYTES);
  const { view, length: at } = out;
  view.setUint32(at, commands, true);
  view.setUint32(at + RUN_ARGUMENTS_OFFSET, words, true);
  view.setUint8(at + RUN_NAME_LENGTH_OFFSET, name.length);
  view.setUint8(at + RUN_WIDTH_OFFSET, width);
  view.setUint16(at + RUN_RESERVED_OFFSET, 0, true);
  out.length += RUN_HEADER_BYTES;
  out.put(name);
}

function putLength(out: OutBuffer, length: number, width: number): void {
  out.reserve(width);
  const { view, length: at } = out;
  if (width === 1) view.setUint8(at, length);
  else if (width === 2) view.setUint16(at, length, true);
  else view.setUint32(at, length, true);
  out.length += width;
}
