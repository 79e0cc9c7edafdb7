/** The frames that a batch was decoded from: which commands of it each brought. */
import {
  COUNT_OFFSET,
  HEADER_BYTES,
  LENGTH_OFFSET,
  RUN_ARGUMENTS_OFFSET,
  RUN_HEADER_BYTES,
  RUN_NAME_LENGTH_OFFSET,
  RUN_WIDTH_OFFSET,
} from "./frame.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";

const INITIAL_FRAMES = 128;
/** Of more frames than these, memory is given back. */
const KEPT_FRAMES = 4096;

export class RequestFrames {
  count = 0;
  /** Where each begins in the batch's input. */
  starts: Int32Array = new Int32Array(INITIAL_FRAMES);
  /** As they are on the wire, though signed. */
  ids: Int32Array = new Int32Array(INITIAL_FRAMES);
  /** KIND_HELLO or KIND_REQUEST. */
  kinds: Uint8Array = new Uint8Array(INITIAL_FRAMES);
  flags: Uint8Array = new Uint8Array(INITIAL_FRAMES);
  /** First command of each, and one past its last one. */
  firstCommands: Int32Array = new Int32Array(INITIAL_FRAMES);
  endCommands: Int32Array = new Int32Array(INITIAL_FRAMES);

  add(start: number, id: number, kind: number, flags: number, first: number, end: number): void {
    const f = this.count;
    if (f === this.starts.length) this.#resize(f * 2);
    this.starts[f] = start;
    this.ids[f] = id;
    this.kinds[f] = kind;
    this.flags[f] = flags;
    this.firstCommands[f] = first;
    this.endCommands[f] = end;
    this.count = f + 1;
  }

  clear(): void {
    this.count = 0;
    if (this.starts.length > KEPT_FRAMES) this.#resize(INITIAL_FRAMES);
  }

  #resize(capacity: number): void {
    const { count } = this;
    const resized = <T extends Int32Array | Uint8Array>(old: T, made: T): T => {
      made.set(old.subarray(0, count));
      return made;
    };
    this.starts = resized(this.starts, new Int32Array(capacity));
    this.ids = resized(this.ids, new Int32Array(capacity));
    this.kinds = resized(this.kinds, new Uint8Array(capacity));
    this.flags = resized(this.flags, new Uint8Array(capacity));
    this.firstCommands = resized(this.firstCommands, new Int32Array(capacity));
    this.endCommands = resized(this.endCommands, new Int32Array(capacity));
  }
}

/**
 * Takes the commands that have run out of a frame.
 *
 *   header 5 │ run 3×GET │ run 2×SET         after one GET:    header 4 │ run 2×GET │ run 2×SET
 *
 * @param batch that the frame was decoded into
 * @param start of the frame @param first its first command @param next the first that has not run
 * @param end offset one past the input, which may hold further frames
 * @returns a frame of the rest, and what follows it
 */
export function restOfInput(
  batch: CommandBatch,
  start: number,
  first: number,
  next: number,
  end: number,
): Uint8Array {
  const { bytes, view } = batch.input;
  if (next === first) return bytes.slice(start, end);
  let at = start + HEADER_BYTES;
  let c = first;
  let commands = view.getUint32(at, true);
  while (c + commands <= next) {
    at = endOfRun(batch, at, c + commands - 1);
    c += commands;
    commands = view.getUint32(at, true);
  }
  const skipped = next - c;
  const names = at + RUN_HEADER_BYTES + bytes[at + RUN_NAME_LENGTH_OFFSET];
  const args = view.getUint32(at + RUN_ARGUMENTS_OFFSET, true) - 1;
  const width = bytes[at + RUN_WIDTH_OFFSET];
  const lengthsFrom = names + skipped * args * width;
  const lengthsEnd = names + commands * args * width;
  const dataFrom = args === 0 ? names : batch.argOffsets[batch.firstArgs[next] + 1];
  const parts = [
    bytes.subarray(start, start + HEADER_BYTES),
    bytes.subarray(at, names),
    bytes.subarray(lengthsFrom, lengthsEnd),
    bytes.subarray(dataFrom, end),
  ];
  const rest = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let to = 0;
  for (const part of parts) {
    rest.set(part, to);
    to += part.length;
  }
  const header = new DataView(rest.buffer);
  const removed = end - start - rest.length;
  header.setUint32(LENGTH_OFFSET, header.getUint32(LENGTH_OFFSET, true) - removed, true);
  header.setUint32(COUNT_OFFSET, header.getUint32(COUNT_OFFSET, true) - (next - first), true);
  header.setUint32(HEADER_BYTES, commands - skipped, true);
  return rest;
}

/** @param last command of the run at `at` @returns where the run ends */
function endOfRun(batch: CommandBatch, at: number, last: number): number {
  const { bytes } = batch.input;
  const arg = batch.firstArgs[last + 1] - 1;
  if (arg === batch.firstArgs[last]) {
    return at + RUN_HEADER_BYTES + bytes[at + RUN_NAME_LENGTH_OFFSET];
  }
  return batch.argOffsets[arg] + batch.argLengths[arg];
}
