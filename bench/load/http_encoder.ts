/** Puts the head of a POST /batch in front of a body. */
import type { BatchEncoder } from "./encoders.ts";
import type { OutBuffer } from "./out_buffer.ts";
import type { BatchPlan } from "./plan.ts";
import type { BodyFormat } from "./result.ts";
import { CONTENT_TYPE as BINARY_TYPE } from "../../src/protocol/binary/frame.ts";

const encoder = new TextEncoder();
const LENGTH_DIGITS = 10;
const SPACE = 32, ZERO = 48;

export const BATCH_PATH = "/batch";

/** Fields that every request has. @param credentials value of authorization, "" for none */
export function headersOf(body: BodyFormat, credentials: string): Record<string, string> {
  const type = body === "binary"
    ? BINARY_TYPE
    : body === "resp"
    ? "application/x-resp"
    : "application/json";
  return {
    "content-type": type,
    "accept": type,
    ...credentials === "" ? {} : { authorization: credentials },
  };
}

/** Of HTTP/1.1. */
export class HttpEncoder implements BatchEncoder {
  readonly #body: BatchEncoder;
  readonly #head: Uint8Array;
  readonly #bodyBuffer: OutBuffer;

  /** @param scratch for bodies; it belongs to the encoder */
  constructor(
    body: BatchEncoder,
    host: string,
    headers: Readonly<Record<string, string>>,
    scratch: OutBuffer,
  ) {
    this.#body = body;
    this.#bodyBuffer = scratch;
    const fields = Object.entries({ host, ...headers });
    this.#head = encoder.encode(
      `POST ${BATCH_PATH} HTTP/1.1\r\n${
        fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")
      }content-length: ${" ".repeat(LENGTH_DIGITS)}\r\n\r\n`,
    );
  }

  encode(plan: BatchPlan, out: OutBuffer): void {
    const scratch = this.#bodyBuffer;
    scratch.clear();
    this.#body.encode(plan, scratch);
    this.#body.stamp(scratch);
    out.put(this.#head);
    let left = scratch.length;
    // Right-aligned: blanks in front of a field's value do not belong to it.
    for (let i = 0; i < LENGTH_DIGITS; i++) {
      const at = out.length - 5 - i;
      out.bytes[at] = left > 0 || i === 0 ? ZERO + left % 10 : SPACE;
      left = Math.floor(left / 10);
    }
    const slots = scratch.slots.subarray(0, scratch.slotCount);
    out.putText(scratch.written(), slots);
  }

  stamp(): void {}
}
