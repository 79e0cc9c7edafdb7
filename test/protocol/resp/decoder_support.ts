/** What the tests of the decoder share: frames, inputs, and batches as arrays of words. */
import { readAscii, writeAscii } from "../../../src/bytes/ascii.ts";
import type { GrowableBatch } from "../../../src/protocol/resp/batch.ts";
import type { Region } from "../../../src/ports/region.ts";

/** The command in RESP; chars are bytes. */
export function frame(...words: string[]): string {
  const args = words.map((word) => `$${word.length}\r\n${word}\r\n`);
  return `*${words.length}\r\n${args.join("")}`;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  writeAscii(text, bytes, 0);
  return bytes;
}

/** The text at `start` of a region, followed by bytes that would complete any frame. */
export function inputOf(text: string, start: number): Region {
  const tail = "\r\n$1\r\na\r\n\n";
  const bytes = bytesOf("\n".repeat(start) + text + tail);
  return { bytes, view: new DataView(bytes.buffer) };
}

export function commandsOf(batch: GrowableBatch): string[][] {
  const commands: string[][] = [];
  for (let c = 0; c < batch.commandCount; c++) {
    const words: string[] = [];
    for (let a = batch.firstArgs[c]; a < batch.firstArgs[c + 1]; a++) {
      words.push(readAscii(batch.input.bytes, batch.argOffsets[a], batch.argLengths[a]));
    }
    commands.push(words);
  }
  return commands;
}
