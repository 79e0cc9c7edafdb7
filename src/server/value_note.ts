/**
 * What is noted beside a value that came as an HTTP resource.
 *
 *   OFFSET  SIZE  FIELD
 *        0     6  storedAt  milliseconds since 1970, low byte first
 *        6     -  type      its media type, a byte per character; may be empty
 */
import { MAX_NOTE_BYTES } from "../engine/notes.ts";

const TYPE_OFFSET = 6;
const LOW_BYTES = 4;
const TWO_POW_32 = 4_294_967_296;

/** Longest media type with its parameters, in characters. */
export const MAX_TYPE_LENGTH: number = MAX_NOTE_BYTES - TYPE_OFFSET;

export interface ValueNote {
  readonly storedAtMs: number;
  /** "" = unknown. */
  readonly type: string;
}

/** @param note its type has characters below 256 only, and MAX_TYPE_LENGTH of them at most */
export function encodeNote({ storedAtMs, type }: ValueNote): Uint8Array {
  const bytes = new Uint8Array(TYPE_OFFSET + type.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, storedAtMs % TWO_POW_32, true);
  view.setUint16(LOW_BYTES, Math.floor(storedAtMs / TWO_POW_32), true);
  for (let i = 0; i < type.length; i++) bytes[TYPE_OFFSET + i] = type.charCodeAt(i);
  return bytes;
}

/** @returns undefined if nothing is noted */
export function decodeNote(bytes: Uint8Array): ValueNote | undefined {
  if (bytes.length < TYPE_OFFSET) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const storedAtMs = view.getUint32(0, true) + view.getUint16(LOW_BYTES, true) * TWO_POW_32;
  return { storedAtMs, type: String.fromCharCode(...bytes.subarray(TYPE_OFFSET)) };
}
