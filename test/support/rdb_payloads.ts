/** Payloads of DUMP made by hand: of types that only other versions write, and unsound ones. */
import { Buffer } from "node:buffer";
import { makeRegion } from "../../src/bytes/region.ts";
import * as listpack from "../../src/structs/listpack.ts";
import * as rdb from "../../src/structs/rdb_format.ts";
import { RdbWriter } from "../../src/structs/rdb_writer.ts";

const writer = new RdbWriter();

/** Bytes as memory that may be read 8 bytes beyond its end. */
export function memoryOf(bytes: Uint8Array): ReturnType<typeof makeRegion> {
  const region = makeRegion(bytes.length);
  region.bytes.set(bytes);
  return region;
}

export function writeText(out: RdbWriter, text: string | Uint8Array): void {
  const bytes = Buffer.from(text as string);
  out.string(memoryOf(bytes), 0, bytes.length);
}

/** A payload with its footer. @param body writes what follows the type */
export function payload(
  type: number,
  body: (out: RdbWriter) => void,
  version: number = rdb.VERSION,
): Buffer {
  writer.begin();
  writer.byte(type);
  body(writer);
  writer.end(version);
  return Buffer.from(writer.memory.bytes.slice(0, writer.length));
}

/** A payload that is one string behind its type. */
export function packedPayload(type: number, packed: Uint8Array): Buffer {
  return payload(type, (out) => writeText(out, packed));
}

/** The same bytes with another footer: that of what they are now. */
export function resealed(bytes: Uint8Array, version: number = rdb.VERSION): Buffer {
  const body = bytes.subarray(0, bytes.length - rdb.FOOTER_BYTES);
  writer.begin();
  writer.raw(memoryOf(body), 0, body.length);
  writer.end(version);
  return Buffer.from(writer.memory.bytes.slice(0, writer.length));
}

/** A listpack of these elements; what reads as an integer is stored as one. */
export function listpackOf(elements: readonly string[]): Buffer {
  const region = makeRegion(elements.reduce((sum, { length }) => sum + length + 16, 16));
  listpack.writeEmpty(region.bytes, 0);
  for (const element of elements) {
    const source = memoryOf(Buffer.from(element));
    listpack.append(region, 0, source, 0, element.length);
  }
  return Buffer.from(region.bytes.slice(0, listpack.totalBytes(region.bytes, 0)));
}

/** What a stream's payload says; whatever is left out is as it should be. */
export interface StreamParts {
  readonly type?: number;
  readonly key?: string | Uint8Array;
  readonly nodes?: number;
  readonly node?: readonly string[];
  readonly length?: number;
  readonly lastMs?: number;
  readonly addedHigh?: number;
  readonly groups?: readonly string[];
  readonly entriesRead?: readonly [low: number, high: number];
  readonly pending?: readonly string[];
  readonly consumers?: readonly string[];
  readonly owned?: readonly string[];
}

/** Id `ms`-0 as 16 bytes. */
export function idBytes(ms: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(BigInt(ms));
  return bytes;
}

/** Two entries, 5-0 and 7-1, of one field; the first of them has been deleted if `isDeleted`. */
export function streamNode(isDeleted: boolean): string[] {
  const [count, deleted, flags] = isDeleted ? ["1", "1", "3"] : ["2", "0", "2"];
  return [
    ...[count, deleted, "1", "field", "0"],
    ...[flags, "0", "0", "value", "4"],
    ...["0", "2", "1", "1", "other", "value", "6"],
  ];
}

/** A stream of one node and mostly one group, "group", with what is pending of its consumers. */
export function streamPayload(parts: StreamParts): Buffer {
  const { type = rdb.TYPE_STREAM_LISTPACKS_2, node = streamNode(false) } = parts;
  const { nodes = 1, groups = ["group"], pending = ["5", "7"], consumers = ["one"] } = parts;
  const { owned = pending, entriesRead = [2, 0] } = parts;
  return payload(type, (out) => {
    const writeId = (ms: number): void => {
      out.lengthOf(ms);
      out.lengthOf(ms === 7 ? 1 : 0);
    };
    const writeKey = (ms: string): void => {
      const bytes = idBytes(Number(ms));
      if (ms === "7") bytes[15] = 1;
      out.raw(memoryOf(bytes), 0, 16);
    };
    out.lengthOf(nodes);
    for (let i = 0; i < nodes; i++) {
      writeText(out, parts.key ?? idBytes(5));
      writeText(out, listpackOf(node));
    }
    out.lengthOf(parts.length ?? 2);
    writeId(parts.lastMs ?? 9);
    if (type !== rdb.TYPE_STREAM_LISTPACKS) {
      writeId(parts.length === 1 ? 7 : 5);
      writeId(0);
      out.length64(2, parts.addedHigh ?? 0);
    }
    out.lengthOf(groups.length);
    for (const group of groups) {
      writeText(out, group);
      writeId(7);
      if (type !== rdb.TYPE_STREAM_LISTPACKS) out.length64(...entriesRead);
      out.lengthOf(pending.length);
      for (const ms of pending) {
        writeKey(ms);
        out.time(1_700_000_000_000);
        out.lengthOf(3);
      }
      out.lengthOf(consumers.length);
      for (const consumer of consumers) {
        writeText(out, consumer);
        out.time(1_700_000_000_001);
        if (type === rdb.TYPE_STREAM_LISTPACKS_3) out.time(-1);
        out.lengthOf(owned.length);
        for (const ms of owned) writeKey(ms);
      }
    }
  });
}

function ziplistInteger(value: bigint): Buffer {
  if (value >= 0n && value <= 12n) return Buffer.of(0xf1 + Number(value));
  const sizes: readonly [bytes: number, first: number][] = [
    [1, 0xfe],
    [2, 0xc0],
    [3, 0xf0],
    [4, 0xd0],
    [8, 0xe0],
  ];
  const [bytes, first] = sizes.find(([size]) => BigInt.asIntN(8 * size, value) === value)!;
  const data = Buffer.alloc(8);
  data.writeBigInt64LE(value);
  return Buffer.concat([Buffer.of(first), data.subarray(0, bytes)]);
}

function ziplistString(text: Buffer): Buffer {
  const { length } = text;
  if (length < 64) return Buffer.concat([Buffer.of(length), text]);
  if (length < 16_384) return Buffer.concat([Buffer.of(0x40 | (length >> 8), length & 255), text]);
  const head = Buffer.alloc(5);
  head[0] = 0x80;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, text]);
}

/** A ziplist, as Redis before 7 had it. */
export function ziplist(elements: readonly (string | bigint)[]): Buffer {
  const parts: Buffer[] = [];
  let before = 0, at = 10, tail = 10;
  for (const element of elements) {
    const data = typeof element === "bigint"
      ? ziplistInteger(element)
      : ziplistString(Buffer.from(element, "latin1"));
    const back = before < 254 ? Buffer.of(before) : Buffer.alloc(5, 254);
    if (before >= 254) back.writeUInt32LE(before, 1);
    parts.push(back, data);
    tail = at;
    before = back.length + data.length;
    at += before;
  }
  const header = Buffer.alloc(10);
  header.writeUInt32LE(at + 1, 0);
  header.writeUInt32LE(tail, 4);
  header.writeUInt16LE(elements.length, 8);
  return Buffer.concat([header, ...parts, Buffer.of(0xff)]);
}

/** A zipmap, as Redis before 2.6 had it. @param unused bytes behind each value */
export function zipmap(texts: readonly string[], unused: number): Buffer {
  const parts: Buffer[] = [Buffer.of(texts.length / 2)];
  texts.forEach((text, i) => {
    const length = text.length < 254 ? Buffer.of(text.length) : Buffer.alloc(5, 254);
    if (text.length >= 254) length.writeUInt32LE(text.length, 1);
    parts.push(length);
    if (i % 2 === 1) parts.push(Buffer.of(unused));
    parts.push(Buffer.from(text, "latin1"));
    if (i % 2 === 1) parts.push(Buffer.alloc(unused, 0xaa));
  });
  return Buffer.concat([...parts, Buffer.of(0xff)]);
}

const WORDS = ["a", "bc", "x".repeat(63), "y".repeat(64), "z".repeat(300), "w".repeat(20_000)];
const NUMBERS = [
  ...[0n, 12n, 13n, -1n, 127n, -128n, 128n, 32_767n, -32_769n, 8_388_607n, -8_388_609n],
  ...[2_147_483_647n, -2_147_483_649n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n],
];
const PAIRS = ["f1", "v1", "f2", "", "f3", "x".repeat(300)];

/** Text of a score as Redis before 2.8 wrote it. */
function writeScore(out: RdbWriter, score: number): void {
  if (score === Infinity) return out.byte(254);
  if (score === -Infinity) return out.byte(255);
  out.byte(String(score).length);
  for (const char of String(score)) out.byte(char.charCodeAt(0));
}

/** Values in types that Redis 7 reads, but does not write. */
export const OLD_PAYLOADS: readonly (readonly [name: string, bytes: Buffer])[] = [
  [
    "list",
    payload(rdb.TYPE_LIST, (out) => {
      out.lengthOf(WORDS.length);
      for (const word of WORDS) writeText(out, word);
    }),
  ],
  ["list as a ziplist", packedPayload(rdb.TYPE_LIST_ZIPLIST, ziplist([...WORDS, ...NUMBERS]))],
  [
    "list of ziplists",
    payload(rdb.TYPE_LIST_QUICKLIST, (out) => {
      out.lengthOf(3);
      for (const part of [ziplist(WORDS), ziplist([]), ziplist(NUMBERS)]) writeText(out, part);
    }),
  ],
  ["hash as a zipmap", packedPayload(rdb.TYPE_HASH_ZIPMAP, zipmap(PAIRS, 0))],
  ["hash as a zipmap with holes", packedPayload(rdb.TYPE_HASH_ZIPMAP, zipmap(PAIRS, 3))],
  ["hash as a ziplist", packedPayload(rdb.TYPE_HASH_ZIPLIST, ziplist([...WORDS, 7n, "seven"]))],
  [
    "sorted set with scores as text",
    payload(rdb.TYPE_ZSET, (out) => {
      out.lengthOf(4);
      for (const score of [1.5, -3, Infinity, -Infinity]) {
        writeText(out, `member ${score}`);
        writeScore(out, score);
      }
    }),
  ],
  [
    "sorted set as a ziplist",
    packedPayload(rdb.TYPE_ZSET_ZIPLIST, ziplist(["b", -1n, "a", "0.5", 5n, 7n])),
  ],
  ["stream of Redis 5", streamPayload({ type: rdb.TYPE_STREAM_LISTPACKS })],
  ["stream", streamPayload({ node: streamNode(true), length: 1 })],
];
