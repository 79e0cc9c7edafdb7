/** Messages that answer nothing: pushes in RESP3, arrays in RESP2. */
import { formatInteger } from "../../bytes/ascii.ts";
import type { SharedMessage, SharedPush } from "../../ports/session_port.ts";

/** Room for a header of any kind, its number, and two line breaks. */
const HEADER_ROOM = 32;
const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const GREATER = 0x3e;
const DOLLAR = 0x24;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;

/** @returns the message in a version of the protocol, made once for all who get it */
export function encodedPush(message: SharedPush, version: 2 | 3): SharedMessage {
  if (version === 3) return message.resp3 ??= { bytes: encode(message.words, 3), waiting: 0 };
  return message.resp2 ??= { bytes: encode(message.words, 2), waiting: 0 };
}

function encode(words: SharedPush["words"], version: 2 | 3): Uint8Array {
  let room = HEADER_ROOM;
  for (const word of words) {
    room += HEADER_ROOM + (typeof word === "object" && word !== null ? word.length : 0);
  }
  const bytes = new Uint8Array(room);
  let at = writeHeader(bytes, 0, version === 3 ? GREATER : STAR, words.length);
  for (const word of words) at = writeWord(bytes, at, word, version);
  // A view would keep the room that is left.
  return bytes.slice(0, at);
}

/** @returns where the word ends */
function writeWord(
  bytes: Uint8Array,
  start: number,
  word: Uint8Array | number | null,
  version: 2 | 3,
): number {
  if (typeof word === "number") return writeHeader(bytes, start, COLON, word);
  if (word === null) {
    if (version === 2) return writeHeader(bytes, start, DOLLAR, -1);
    bytes[start] = UNDERSCORE;
    return writeLineBreak(bytes, start + 1);
  }
  const at = writeHeader(bytes, start, DOLLAR, word.length);
  bytes.set(word, at);
  return writeLineBreak(bytes, at + word.length);
}

/** @returns where the header ends */
function writeHeader(bytes: Uint8Array, start: number, type: number, value: number): number {
  bytes[start] = type;
  return writeLineBreak(bytes, start + 1 + formatInteger(value, bytes, start + 1));
}

function writeLineBreak(bytes: Uint8Array, at: number): number {
  bytes[at] = CR;
  bytes[at + 1] = LF;
  return at + 2;
}
