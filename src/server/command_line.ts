/** Splits a command line, as one types it, into the words of a command. */
import { makeRegion } from "../bytes/region.ts";
import { GrowableBatch } from "../protocol/resp/batch.ts";
import { splitInline } from "../protocol/resp/inline.ts";

const encoder = new TextEncoder();

/** @param line with redis-cli's quoting @returns undefined if quotes are not balanced */
export function splitLine(line: string): Uint8Array[] | undefined {
  const bytes = encoder.encode(line);
  const batch = new GrowableBatch();
  batch.input = makeRegion(bytes.length);
  batch.input.bytes.set(bytes);
  const count = splitInline(batch, 0, bytes.length);
  if (count < 0) return undefined;
  return Array.from({ length: count }, (_, i) => {
    const start = batch.argOffsets[i];
    return batch.input.bytes.slice(start, start + batch.argLengths[i]);
  });
}
