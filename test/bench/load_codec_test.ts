// What the generator sends, byte by byte, and how it counts what comes back, however it is cut.

import { test } from "node:test";
import assert from "node:assert/strict";
import { BinaryCounter } from "../../bench/load/binary_counter.ts";
import { BinaryEncoder } from "../../bench/load/binary_encoder.ts";
import { ProtocolViolation, type ReplyCounter } from "../../bench/load/counters.ts";
import {
  type BatchEncoder,
  inlineEncoder,
  jsonEncoder,
  memcacheEncoder,
  respEncoder,
} from "../../bench/load/encoders.ts";
import { HttpCounter } from "../../bench/load/http_counter.ts";
import { headersOf, HttpEncoder } from "../../bench/load/http_encoder.ts";
import { JsonCounter } from "../../bench/load/json_counter.ts";
import { MemcacheCounter } from "../../bench/load/memcache_counter.ts";
import { OutBuffer } from "../../bench/load/out_buffer.ts";
import { BatchPlan, type CommandShape, writeNumber } from "../../bench/load/plan.ts";
import { RespCounter } from "../../bench/load/resp_counter.ts";

const encoder = new TextEncoder();
const SET: CommandShape = { words: ["SET", "key:__rand_int__", "__data__"] };
const GET: CommandShape = { words: ["GET", "key:__rand_int__"] };
const MGET: CommandShape = { words: ["MGET", "key:__rand_int__", "key:__rand_int__"] };
const KEY_7 = "key:000000000007", KEY_8 = "key:123456789012";

/** SET 7, GET 8, MGET 7 8. */
function plan(): BatchPlan {
  const made = new BatchPlan(3);
  made.add(0, 5);
  made.add(1, 0);
  made.add(2, 0);
  for (const number of [7, 123456789012, 7, 123456789012]) made.addNumber(number);
  return made;
}

function encoded(encode: BatchEncoder): string {
  const out = new OutBuffer();
  const made = plan();
  encode.encode(made, out);
  out.number(made.numbers);
  encode.stamp(out);
  return new TextDecoder("latin1").decode(out.written());
}

const SHAPES = [SET, GET, MGET];

/** The five letters that every value of five bytes is. */
function valueOf(text: string): string {
  const found = /[A-Za-z0-9]{5}(?=\r\n|"\])/.exec(text.slice(text.indexOf(KEY_7) + KEY_7.length));
  return found?.[0] ?? "";
}

test("RESP is what redis-benchmark sends", () => {
  const text = encoded(respEncoder(SHAPES, true));
  const value = valueOf(text);
  assert.match(value, /^[A-Za-z0-9]{5}$/);
  assert.equal(
    text,
    `*3\r\n$3\r\nSET\r\n$16\r\n${KEY_7}\r\n$5\r\n${value}\r\n` +
      `*2\r\n$3\r\nGET\r\n$16\r\n${KEY_8}\r\n` +
      `*3\r\n$4\r\nMGET\r\n$16\r\n${KEY_7}\r\n$16\r\n${KEY_8}\r\n`,
  );
});

test("without a keyspace the placeholder is the key, as redis-benchmark has it", () => {
  const text = encoded(respEncoder(SHAPES, false));
  assert.equal(text.split("key:__rand_int__").length, 5);
});

test("commands are typed lines, JSON and memcache's text", () => {
  const ping = new BatchPlan(2), out = new OutBuffer();
  ping.add(0, 0);
  ping.add(0, 0);
  inlineEncoder([{ words: ["PING"] }]).encode(ping, out);
  assert.equal(new TextDecoder().decode(out.written()), "PING\r\nPING\r\n");

  const json = encoded(jsonEncoder(SHAPES, true));
  const commands: string[][] = JSON.parse(json);
  assert.deepEqual(commands.map(([name, ...args]) => [name, ...args.slice(0, 1)]), [
    ["SET", KEY_7],
    ["GET", KEY_8],
    ["MGET", KEY_7],
  ]);
  assert.equal(commands[0][2].length, 5);

  const text = encoded(memcacheEncoder(SHAPES, true));
  const value = valueOf(text.replace("5\r\n", ""));
  assert.equal(
    text,
    `set ${KEY_7} 0 0 5\r\n${value}\r\nget ${KEY_8}\r\nget ${KEY_7} ${KEY_8}\r\n`,
  );
  const expiring = { words: [...SET.words, "PX", "1600"] };
  assert.match(encoded(memcacheEncoder([expiring, GET, MGET], true)), /^set \S+ 0 2 5\r\n/);
  assert.throws(() => memcacheEncoder([{ words: ["INCR", "a"] }], true), /memcache has no INCR/);
});

test("a POST /batch says how long its body is", () => {
  const headers = headersOf("json", "Bearer secret");
  const http = new HttpEncoder(jsonEncoder(SHAPES, true), "h:1", headers, new OutBuffer());
  const [head, body] = encoded(http).split("\r\n\r\n");
  assert.match(head, /^POST \/batch HTTP\/1\.1\r\nhost: h:1\r\n/);
  assert.match(head, /\r\nauthorization: Bearer secret\r\n/);
  assert.equal(Number(/content-length:(.*)$/.exec(head)?.[1]), body.length);
  assert.equal(JSON.parse(body)[1][1], KEY_8);
});

test("a pipeline is one frame of runs in the binary protocol", () => {
  const binary = new BinaryEncoder(SHAPES, true);
  const text = encoded(binary);
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  assert.equal(bytes[0], 0xcb);
  assert.equal(bytes[1], 0x02);
  assert.equal(view.getUint32(4, true), bytes.length - 16);
  assert.equal(view.getUint32(8, true), 1);
  assert.equal(view.getUint32(12, true), 3);
  // The first run: one SET of three words, lengths of a byte.
  assert.deepEqual([...bytes.subarray(16, 28)], [1, 0, 0, 0, 3, 0, 0, 0, 3, 1, 0, 0]);
  assert.equal(text.slice(28, 31), "SET");
  assert.deepEqual([...bytes.subarray(31, 33)], [16, 5]);
  assert.equal(text.slice(33, 49), KEY_7);
  assert.ok(text.endsWith(`MGET\x10\x10${KEY_7}${KEY_8}`));

  // Commands of the same form share a run; what has no arguments fills it at 1,024.
  const many = new BatchPlan(1500), out = new OutBuffer();
  for (let i = 0; i < 1500; i++) many.add(0, 0);
  new BinaryEncoder([{ words: ["PING"] }], false).encode(many, out);
  assert.equal(out.view.getUint32(16, true), 1024);
  assert.equal(out.view.getUint32(16 + 12 + 4, true), 476);
  assert.equal(out.length, 16 + 2 * (12 + 4));
});

test("numbers are twelve digits", () => {
  const view = new DataView(new ArrayBuffer(14));
  for (const number of [0, 1, 9999, 10_000, 12_345_678, 99_999_999, 1e8, 123456789012, 1e12 - 1]) {
    writeNumber(view, 1, number);
    const text = new TextDecoder().decode(new Uint8Array(view.buffer, 1, 12));
    assert.equal(text, String(number).padStart(12, "0"));
  }
});

interface CounterCase {
  readonly name: string;
  make(places: Int32Array): ReplyCounter;
  readonly bytes: Uint8Array;
  readonly replies: number;
  readonly errors: number;
  readonly firstError: string;
  readonly nullPlaces: readonly number[];
}

const RESP = "+OK\r\n$5\r\na\r\nbc\r\n$-1\r\n:-12\r\n-ERR no -1\r\n*3\r\n$1\r\na\r\n$-1\r\n*0\r\n" +
  "*-1\r\n$0\r\n\r\n-WRONG\r\n_\r\n%1\r\n+a\r\n~2\r\n#t\r\n,1.5e-3\r\n=6\r\ntxt:ab\r\n(-123\r\n" +
  "|1\r\n+k\r\n_\r\n+v\r\n!7\r\nERR a\r\n\r\n*2\r\n*1\r\n_\r\n*-1\r\n";
const JSON_BODY = '[{"result":"a\\"]}"},{"result":null},{"result":[1,{"result":null},null]},' +
  '{"error":"ERR \\u0041"},{"result":{"a":[null]}}]';
const MEMCACHE = "STORED\r\nVALUE a 0 5\r\nEND\r\n\r\nEND\r\nEND\r\nERROR no\r\n" +
  "VALUE a 0 1 77\r\nx\r\nVALUE b 0 0\r\n\r\nEND\r\nSERVER_ERROR full\r\n";

function frame(kind: number, flags: number, id: number, count: number, body: readonly number[]) {
  const bytes = new Uint8Array(16 + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0xcb, kind, flags]);
  view.setUint32(4, body.length, true);
  view.setUint32(8, id, true);
  view.setUint32(12, count, true);
  bytes.set(body, 16);
  return bytes;
}

const BINARY_FRAMES = [
  // OK, null, short bulk, array of null and map of int and error, int64, double.
  frame(
    0x82,
    1,
    9,
    4,
    [3, 0, 0x10, 2, 65, 66, 0x0c, 2, 0, 0, 0, 0, 0x0d, 1, 0, 0, 0, 4, 1, 0, 0, 0]
      .concat([8, 3, 0, 0, 0, 69, 82, 82]),
  ),
  frame(0x82, 0, 9, 4, [
    5,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    6,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    9,
    1,
    0,
    0,
    0,
    65,
    1,
  ]),
];

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function httpText(body: string): string {
  const half = Math.floor(body.length / 2);
  const pieces = [body.slice(0, half), body.slice(half)];
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${
      pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("")
    }0\r\n\r\n`;
}

const CASES: readonly CounterCase[] = [
  {
    name: "RESP",
    make: (places) => new RespCounter(places),
    bytes: encoder.encode(RESP),
    replies: 16,
    errors: 3,
    firstError: "ERR no -1",
    nullPlaces: [2, 6, 9],
  },
  {
    name: "JSON",
    make: (places) => new JsonCounter(places),
    bytes: encoder.encode(JSON_BODY),
    replies: 5,
    errors: 1,
    firstError: "ERR \\u0041",
    nullPlaces: [1],
  },
  {
    name: "memcache",
    make: (places) => new MemcacheCounter(places),
    bytes: encoder.encode(MEMCACHE),
    replies: 6,
    errors: 2,
    firstError: "ERROR no",
    nullPlaces: [2],
  },
  {
    name: "binary",
    make: (places) => new BinaryCounter(places, () => 9),
    bytes: joined(BINARY_FRAMES),
    replies: 8,
    errors: 1,
    firstError: "ERR",
    nullPlaces: [1],
  },
  {
    name: "HTTP",
    make: (places) => new HttpCounter(new JsonCounter(places)),
    bytes: encoder.encode(httpText(JSON_BODY)),
    replies: 10,
    errors: 2,
    firstError: "ERR \\u0041",
    nullPlaces: [1, 6],
  },
];

function check(
  { make, replies, errors, firstError, nullPlaces }: CounterCase,
  parts: Uint8Array[],
) {
  const counter = make(new Int32Array(16));
  let counted = 0;
  for (const part of parts) counted += counter.feed(part);
  assert.equal(counted, replies);
  assert.equal(counter.errors, errors);
  assert.equal(counter.firstError, firstError);
  assert.equal(counter.nulls, nullPlaces.length);
  assert.deepEqual([...counter.nullPlaces.subarray(0, counter.nullsOfBatch)], nullPlaces);
}

for (const each of CASES) {
  test(`replies of ${each.name} are counted whole, byte by byte, and at every split point`, () => {
    const { bytes } = each;
    check(each, [bytes]);
    check(each, [...bytes].map((byte) => Uint8Array.of(byte)));
    for (let at = 1; at < bytes.length; at++) {
      check(each, [bytes.subarray(0, at), bytes.subarray(at)]);
    }
  });
}

test("a frame that is larger than what is kept is counted, too", () => {
  const body = [9, 0, 0, 3, 0, ...new Array<number>(3 * 65536).fill(65), 3];
  const bytes = frame(0x82, 0, 9, 2, body);
  const counter = new BinaryCounter(new Int32Array(2), () => 9);
  let counted = 0;
  for (let at = 0; at < bytes.length; at += 50_000) {
    counted += counter.feed(bytes.subarray(at, at + 50_000));
  }
  assert.equal(counted, 2);
});

test("what is no reply ends the run", () => {
  const places = new Int32Array(4);
  const refused = (counter: ReplyCounter, bytes: Uint8Array | string, message: RegExp): void => {
    const fed = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
    assert.throws(
      () => counter.feed(fed),
      (error) => error instanceof ProtocolViolation && message.test(error.message),
    );
  };
  refused(new RespCounter(places), "HTTP/1.1 400\r\n", /no reply begins with byte 72/);
  refused(new RespCounter(places), ">1\r\n+a\r\n", /byte 62/);
  refused(new RespCounter(places), "$1\r\nabcdef", /does not end/);
  refused(new MemcacheCounter(places), "HELLO\r\n", /unexpected line "HELLO"/);
  refused(new JsonCounter(places), '{"error":"no"}', /no array/);
  refused(new HttpCounter(new JsonCounter(places)), "HTTP/1.1 413 Large\r\n\r\n", /413 Large/);
  const binary = (): BinaryCounter => new BinaryCounter(places, () => 9);
  refused(binary(), frame(0x82, 0, 8, 1, [3]), /not sent/);
  refused(binary(), frame(0x82, 0, 9, 1, [3, 3]), /do not fill/);
  refused(binary(), frame(0x84, 0, 9, 1, [8, 2, 0, 0, 0, 78, 79]), /refused: NO/);
  refused(binary(), frame(0x82, 0, 9, 1, [0x55]), /byte 85/);
  refused(binary(), new Uint8Array(16), /no frame/);
});
