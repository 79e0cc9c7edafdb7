/** Messages that answer nothing, as push frames of the binary batch protocol. */
import { parseInteger } from "../../bytes/ascii.ts";
import type { SharedMessage, SharedPush } from "../../ports/session_port.ts";
import { OutputBuffer } from "../resp/output_buffer.ts";
import { encodedPush } from "../resp/push.ts";
import { KIND_PUSH } from "./frame.ts";
import { BinaryWriter } from "./writer.ts";

const INITIAL_BYTES = 128;
const CR = 0x0d;
const PLUS = 0x2b;

/** @returns the message as a frame, made once for all who get it */
export function framedPush(message: SharedPush): SharedMessage {
  if (message.binary !== undefined) return message.binary;
  // Those without words write themselves.
  const bytes = message.words.length > 0
    ? frameOf(message.words)
    : framesOfResp(encodedPush(message, 3).bytes);
  return message.binary = { bytes, waiting: 0 };
}

function frameOf(words: SharedPush["words"]): Uint8Array {
  const writer = new BinaryWriter(new OutputBuffer(INITIAL_BYTES));
  const at = writer.beginFrame();
  writer.push(words.length);
  for (const word of words) {
    if (word === null) writer.nil();
    else if (typeof word === "number") writer.integer(word);
    else writer.bytes(word);
  }
  writer.endFrame(at, KIND_PUSH, 0, 0, 1);
  return writtenBy(writer);
}

function writtenBy({ output }: BinaryWriter): Uint8Array {
  // A view would keep the room that is left.
  return output.bytes.slice(0, output.length);
}

/**
 * Messages that others get in RESP3, too, as frames: pushes of bulk strings, integers, nulls and arrays of
 * these, or a line of MONITOR, which becomes ["monitor", line].
 * @param resp any number of them, whole
 */
export function framesOfResp(resp: Uint8Array): Uint8Array {
  if (resp.length === 0) return resp;
  const writer = new BinaryWriter(new OutputBuffer(INITIAL_BYTES));
  let next = 0;
  while (next < resp.length) {
    const at = writer.beginFrame();
    if (resp[next] === PLUS) {
      const end = resp.indexOf(CR, next);
      writer.push(2);
      writer.text("monitor");
      writer.bytes(resp.subarray(next + 1, end));
      next = end + 2;
    } else {
      next = writeValue(writer, resp, next);
    }
    writer.endFrame(at, KIND_PUSH, 0, 0, 1);
  }
  return writtenBy(writer);
}

/** @returns where the value at `start` ends */
function writeValue(writer: BinaryWriter, resp: Uint8Array, start: number): number {
  const lineEnd = resp.indexOf(CR, start);
  const type = String.fromCharCode(resp[start]);
  const number = Number(parseInteger(resp, start + 1, lineEnd - start - 1));
  let at = lineEnd + 2;
  if (type === "$") {
    writer.bytes(resp.subarray(at, at + number));
    return at + number + 2;
  }
  if (type === ":") writer.integer(number);
  else if (type === "_") writer.nil();
  else if (type === ">" || type === "*") {
    if (type === ">") writer.push(number);
    else writer.array(number);
    for (let i = 0; i < number; i++) at = writeValue(writer, resp, at);
  } else {
    throw new TypeError(`no message holds a value that begins with "${type}"`);
  }
  return at;
}
