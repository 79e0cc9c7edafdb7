/** The codec alone: commands from bytes into a batch, replies from memory into bytes. */
import { makeRegion } from "../../src/bytes/region.ts";
import type { Region } from "../../src/ports/region.ts";
import type { ReplyWriter } from "../../src/ports/reply_writer.ts";
import { BinaryDecoder } from "../../src/protocol/binary/decoder.ts";
import { BinaryRequestEncoder } from "../../src/protocol/binary/request_encoder.ts";
import { BinaryWriter } from "../../src/protocol/binary/writer.ts";
import { GrowableBatch } from "../../src/protocol/resp/batch.ts";
import { RespDecoder } from "../../src/protocol/resp/decoder.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import type { Bench } from "../support/bench.ts";
import { type CommandKind, makePipeline } from "../support/commands.ts";

const DEPTH = 16;
const VALUE = "x".repeat(64);
const LARGE_BYTES = 1024;
const LIMITS = { protoMaxBulkLen: 512 * 1024 * 1024 };

const encoder = new TextEncoder();

/** @returns the region, and how many bytes of it are the text */
function regionOf(text: string | Uint8Array): readonly [Region, number] {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  const region = makeRegion(bytes.length);
  region.bytes.set(bytes);
  return [region, bytes.length];
}

function decodeBench(name: string, text: string | Uint8Array): Bench {
  const [input, end] = regionOf(text);
  const batch = new GrowableBatch();
  batch.input = input;
  const decoder = new RespDecoder(LIMITS);
  return {
    name: `decode ${name}`,
    run(size) {
      let sum = 0;
      for (let done = 0; done < size; done += batch.commandCount) {
        batch.clear();
        for (let at = 0; at < end;) at += decoder.decode(batch, at, end, true);
        sum = (sum + batch.argOffsets[batch.argCount - 1] + batch.argLengths[0]) | 0;
      }
      return sum;
    },
  };
}

/** The commands of a RESP pipeline as one frame of the binary batch protocol. */
function frameOf(pipeline: Uint8Array): Uint8Array {
  const [input, end] = regionOf(pipeline);
  const batch = new GrowableBatch();
  batch.input = input;
  const decoder = new RespDecoder(LIMITS);
  for (let at = 0; at < end;) at += decoder.decode(batch, at, end, true);
  const text = new TextDecoder();
  const commands = Array.from({ length: batch.commandCount }, (_, c) => {
    const words: string[] = [];
    for (let a = batch.firstArgs[c]; a < batch.firstArgs[c + 1]; a++) {
      const start = batch.argOffsets[a];
      words.push(text.decode(input.bytes.subarray(start, start + batch.argLengths[a])));
    }
    return words;
  });
  const encoder = new BinaryRequestEncoder();
  encoder.request(1, commands, false);
  return encoder.region.bytes.slice(0, encoder.used);
}

function decodeFrameBench(name: string, frame: Uint8Array): Bench {
  const [input, end] = regionOf(frame);
  const batch = new GrowableBatch();
  batch.input = input;
  const decoder = new BinaryDecoder(LIMITS);
  return {
    name: `decode ${name}, binary`,
    run(size) {
      let sum = 0;
      for (let done = 0; done < size; done += batch.commandCount) {
        batch.clear();
        decoder.frames.clear();
        decoder.decode(batch, 0, end, true);
        sum = (sum + batch.argOffsets[batch.argCount - 1] + batch.argLengths[0]) | 0;
      }
      return sum;
    },
  };
}

function encodeBench(
  name: string,
  write: (writer: ReplyWriter, i: number) => void,
  writer: RespWriter | BinaryWriter = new RespWriter(),
): Bench {
  return {
    name: `encode ${name}`,
    run(size) {
      let sum = 0;
      for (let done = 0; done < size; done += DEPTH) {
        for (let i = 0; i < DEPTH; i++) write(writer, done + i);
        sum = (sum + writer.output.length + writer.output.bytes[1]) | 0;
        writer.output.reset();
      }
      return sum;
    },
  };
}

const KINDS: readonly CommandKind[] = ["PING", "GET", "SET", "INCR", "MSET"];
const [values] = regionOf("v".repeat(2 * LARGE_BYTES));

export const decodeBenches: readonly Bench[] = [
  ...KINDS.map((kind) => decodeBench(kind, makePipeline(kind, DEPTH, VALUE).bytes)),
  ...KINDS.map((kind) => decodeFrameBench(kind, frameOf(makePipeline(kind, DEPTH, VALUE).bytes))),
  decodeBench("an inline line", "get key:000000000001\r\n".repeat(DEPTH)),
];

export const encodeBenches: readonly Bench[] = [
  encodeBench("OK", (writer) => writer.ok()),
  encodeBench("an integer", (writer, i) => writer.integer(i)),
  encodeBench("nil", (writer) => writer.nil()),
  encodeBench("a bulk string of 8 bytes", (writer, i) => writer.bulk(values, i & 1023, 8)),
  encodeBench("a bulk string of 64 bytes", (writer, i) => writer.bulk(values, i & 1023, 64)),
  encodeBench(
    "a bulk string of 64 bytes, binary",
    (writer, i) => writer.bulk(values, i & 1023, 64),
    new BinaryWriter(),
  ),
  encodeBench(
    `a bulk string of ${LARGE_BYTES} bytes`,
    (writer, i) => writer.bulk(values, i & 1023, LARGE_BYTES),
  ),
  encodeBench("an array of ten bulk strings", (writer, i) => {
    writer.array(10);
    for (let k = 0; k < 10; k++) writer.bulk(values, (i + k) & 1023, 16);
  }),
  encodeBench("an error", (writer) => writer.error("ERR value is not an integer or out of range")),
];
