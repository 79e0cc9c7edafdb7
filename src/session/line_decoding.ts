/** Decodes the input of sessions that speak RESP. */
import type { CommandBatch } from "../ports/command_batch.ts";
import type { RespDecoder } from "../protocol/resp/decoder.ts";
import type { LargeInput } from "./large_input.ts";
import type { Run } from "./run.ts";

/** Decodes the whole commands of a run's input. @param large where the input is, if not in staging */
export function decodeLines(
  run: Run,
  batch: CommandBatch,
  decoder: RespDecoder,
  large: LargeInput | undefined,
  isSignedIn: boolean,
): void {
  const { end } = run;
  let at = run.start;
  while (at < end) {
    const consumed = large === undefined
      ? decoder.decode(batch, at, end, isSignedIn)
      : large.decode(at, isSignedIn);
    if (consumed < 0) {
      // Before AUTH or HELLO only little may be sent; what was decoded so far may be one of them.
      run.hasMore = !isSignedIn && batch.commandCount > run.firstCommand;
      if (!run.hasMore) run.protocolError = `ERR ${(large?.decoder ?? decoder).error}`;
    }
    if (consumed <= 0) break;
    at += consumed;
  }
  run.decodedEnd = at;
  run.endCommand = batch.commandCount;
}

/** Undoes what the decoder did to lines that will be decoded again. */
export function restoreLines(batch: CommandBatch, from: number, to: number): void {
  for (const { offset, bytes } of batch.rewrittenLines) {
    if (offset >= from && offset < to) batch.input.bytes.set(bytes, offset);
  }
}
