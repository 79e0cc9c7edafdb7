import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";
import { RespDecoder } from "../../../src/protocol/resp/decoder.ts";
import { bytesOf, commandsOf, frame, inputOf } from "./decoder_support.ts";

const LIMITS = { protoMaxBulkLen: 1024 * 1024 };

interface Outcome {
  readonly answer: number;
  readonly commands: string[][];
  readonly error: string;
}

/** Decodes what was received whole; garbage that looks like more of the frame lies behind it. */
function decodeWhole(text: string, authenticated = true, limits: object = LIMITS): Outcome {
  const decoder = new RespDecoder({ ...LIMITS, ...limits });
  const batch = new GrowableBatch();
  batch.input = inputOf(text, 7);
  const answer = decoder.decode(batch, 7, 7 + text.length, authenticated);
  return { answer, commands: commandsOf(batch), error: decoder.error };
}

/** Decodes what comes in the given pieces, each time in a new, larger buffer. */
function decodePieces(text: string, cuts: readonly number[], withResume: boolean): Outcome {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  let answer = 0;
  for (const end of [...cuts, text.length]) {
    batch.input = inputOf(text.slice(0, end), 3);
    const again = withResume && decoder.isUnfinished;
    answer = again ? decoder.resume(batch, 3 + end, true) : decoder.decode(batch, 3, 3 + end, true);
    if (answer !== 0) break;
    assert.ok(decoder.neededBytes > end, `${decoder.neededBytes} needed after ${end}`);
    assert.ok(decoder.neededBytes <= text.length, "asks for more than the frame has");
    assert.equal(batch.commandCount, 0);
  }
  return { answer, commands: commandsOf(batch), error: decoder.error };
}

/** Whole, byte by byte, and cut at every point, each with `decode` and with `resume`. */
function everyWay(text: string, wanted: Outcome): void {
  assert.deepEqual(decodeWhole(text), wanted, JSON.stringify(text));
  const all = Array.from({ length: text.length }, (_, i) => i);
  for (const withResume of [false, true]) {
    assert.deepEqual(decodePieces(text, all, withResume), wanted, JSON.stringify(text));
    for (const cut of all) assert.deepEqual(decodePieces(text, [cut], withResume), wanted);
  }
}

test("decode() reads frames of every shape", () => {
  const frames: string[][] = [
    ["PING"],
    ["GET", "0123456789abcdef"],
    ["SET", "", "\r\n$3\r\n"],
    ["SET", "key", "v".repeat(99), "a".repeat(9), "b".repeat(10)],
    ["SET", "key", "v".repeat(100), "\0\xff"],
    ["MGET", ..."abcdefgh"],
    ["MGET", ..."abcdefghi"],
    ["MGET", ..."abcdefghijklmnopqrstuvwxyz"],
    [""],
  ];
  for (const words of frames) {
    const text = frame(...words);
    everyWay(text, { answer: text.length, commands: [words], error: "" });
  }
  for (const length of [999, 1000, 1001, 9999, 10000, 16384, 16385, 99999, 100000]) {
    const words = ["SET", "k", "x".repeat(length)];
    const text = frame(...words);
    assert.deepEqual(decodeWhole(text), { answer: text.length, commands: [words], error: "" });
    assert.equal(decodeWhole(text.slice(0, -1)).answer, 0);
  }
});

test("decode() reads inline commands", () => {
  everyWay("SET k v\r\n", { answer: 9, commands: [["SET", "k", "v"]], error: "" });
  everyWay(' GET  "a\\x41b" \n', { answer: 16, commands: [["GET", "aAb"]], error: "" });
});

test("decode() consumes what holds no command", () => {
  for (const text of ["\r\n", "\n", "  \t\r\n", "*0\r\n", "*-1\r\n", "*-9223372036854775808\r\n"]) {
    everyWay(text, { answer: text.length, commands: [], error: "" });
  }
});

test("decode() is as lenient as Redis about line breaks", () => {
  everyWay("*1\rZ$4\rZPINGxy", { answer: 14, commands: [["PING"]], error: "" });
  everyWay("*1\r\n$10\rZ0123456789\0\0", { answer: 21, commands: [["0123456789"]], error: "" });
  everyWay("*2\r\n$3\r\nGET**$1\r\nk\n\r", { answer: 20, commands: [["GET", "k"]], error: "" });
});

test("decode() reads one command at a time and appends it to the batch", () => {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  const frames = [
    frame("SET", "k", "v"),
    "PING\r\n",
    "*0\r\n",
    frame("GET", "k"),
    "*2\r\n$3\r\nGE",
  ];
  const text = frames.join("");
  batch.input = inputOf(text, 0);
  let at = 0;
  for (const each of frames.slice(0, 4)) {
    assert.equal(decoder.decode(batch, at, text.length, true), each.length);
    at += each.length;
  }
  assert.equal(decoder.decode(batch, at, text.length, true), 0);
  assert.deepEqual(commandsOf(batch), [["SET", "k", "v"], ["PING"], ["GET", "k"]]);
  assert.deepEqual([...batch.firstArgs.subarray(0, 4)], [0, 3, 4, 6]);
  const ends = [frames[0], frames[0] + frames[1], frames.slice(0, 4).join("")];
  assert.deepEqual([...batch.frameEnds.subarray(0, 3)], ends.map((part) => part.length));
});

test("decode() grows the batch's arrays as needed", () => {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  const text = frame("PING").repeat(3000) + frame("MGET", ...new Array<string>(20000).fill("k"));
  batch.input = inputOf(text, 0);
  let at = 0;
  while (at < text.length) at += decoder.decode(batch, at, text.length, true);
  assert.equal(batch.commandCount, 3001);
  assert.equal(batch.argCount, 23001);
  assert.ok(batch.argHashes.length >= 23001);
  assert.deepEqual(commandsOf(batch)[2999], ["PING"]);
  assert.equal(commandsOf(batch)[3000].length, 20001);
});

test("protocol errors are worded as Redis words them", () => {
  const cases: [string, string][] = [
    ["*\r\n", "invalid multibulk length"],
    ["*01\r\n", "invalid multibulk length"],
    ["* 1\r\n", "invalid multibulk length"],
    ["*2147483648\r\n", "invalid multibulk length"],
    ["*9223372036854775808\r\n", "invalid multibulk length"],
    ["*1\r\nX\r\n", "expected '$', got 'X'"],
    ["*1\r\n\xe9\r\n", "expected '$', got '\xe9'"],
    ["*1\r\n\r\n", "expected '$', got '\r'"],
    ["*2\r\n$1\r\na\r\n*\r\n", "expected '$', got '*'"],
    ["*1\r\n$\r\n", "invalid bulk length"],
    ["*1\r\n$-1\r\n", "invalid bulk length"],
    ["*1\r\n$04\r\n", "invalid bulk length"],
    ["*1\r\n$00\r\n", "invalid bulk length"],
    ["*1\r\n$012\r\n", "invalid bulk length"],
    ["*1\r\n$1a\r\n", "invalid bulk length"],
    ["*1\r\n$:\r\n", "invalid bulk length"],
    ["*1\r\n$99999999999999999999\r\n", "invalid bulk length"],
    ["*1\r\n$1048577\r\n", "invalid bulk length"],
    ['PING "a\r\n', "unbalanced quotes in request"],
    ['PING "a"b\r\n', "unbalanced quotes in request"],
    ["PING 'a\r\n", "unbalanced quotes in request"],
  ];
  for (const [text, error] of cases) {
    everyWay(text, { answer: -1, commands: [], error: `Protocol error: ${error}` });
  }
});

test("limits hold at their value and not one past it", () => {
  assert.equal(decodeWhole("*2147483647\r\n").answer, 0);
  assert.equal(decodeWhole("*1\r\n$1048576\r\n").answer, 0);
  assert.equal(decodeWhole("*5\r\n", true, { maxMultibulk: 5 }).answer, 0);
  const error = "Protocol error: invalid multibulk length";
  const count = decodeWhole("*12\r\n", true, { maxMultibulk: 11 });
  assert.deepEqual(count, { answer: -1, commands: [], error });
});

test("limits are read anew each time", () => {
  const limits = { protoMaxBulkLen: 1024 * 1024 };
  const decoder = new RespDecoder(limits);
  const batch = new GrowableBatch();
  batch.input = inputOf("*1\r\n$2000000\r\n", 0);
  assert.equal(decoder.decode(batch, 0, 14, true), -1);
  limits.protoMaxBulkLen = 2000000;
  assert.equal(decoder.decode(batch, 0, 14, true), 0);
});

test("a client that has not authenticated may send little", () => {
  assert.equal(decodeWhole("*10\r\n", false).answer, 0);
  assert.equal(decodeWhole("*11\r\n", true).answer, 0);
  const tooMany = "Protocol error: unauthenticated multibulk length";
  assert.deepEqual(decodeWhole("*11\r\n", false), { answer: -1, commands: [], error: tooMany });
  assert.equal(decodeWhole("*1\r\n$16384\r\n", false).answer, 0);
  assert.equal(decodeWhole("*1\r\n$16385\r\n", true).answer, 0);
  const tooLong = "Protocol error: unauthenticated bulk length";
  const outcome = decodeWhole("*1\r\n$16385\r\n", false);
  assert.deepEqual(outcome, { answer: -1, commands: [], error: tooLong });
});

test("lines without an end may have 64 KiB", () => {
  const cases: [string, string, number][] = [
    ["a", "too big inline request", 65536],
    ["*1", "too big mbulk count string", 65536],
    ["*1\r\n$1", "too big bulk count string", 65540],
  ];
  for (const [start, error, limit] of cases) {
    const allowed = start + "1".repeat(limit - start.length);
    assert.equal(decodeWhole(allowed).answer, 0);
    const outcome = { answer: -1, commands: [], error: `Protocol error: ${error}` };
    assert.deepEqual(decodeWhole(`${allowed}1`), outcome);
    assert.equal(decodeWhole(`${allowed}1`, true, { maxInlineBytes: 70000 }).answer, 0);
  }
  const ended = `${"a".repeat(70000)}\n`;
  assert.deepEqual(decodeWhole(ended), {
    answer: 70001,
    commands: [["a".repeat(70000)]],
    error: "",
  });
  assert.match(decodeWhole(`*${"1".repeat(70000)}\r\n`).error, /invalid multibulk length/);
});

test("a NUL byte hides the line's end, as in Redis", () => {
  for (const text of ["\0PING\r\n", "PING a\0b\n", "*1\0\r\n", "*1\r\n\0\r\n", "*1\r\n$1\0\r\n"]) {
    assert.equal(decodeWhole(text).answer, 0);
  }
  assert.equal(decodeWhole(`${"a".repeat(100)}\0\n`).answer, 0);
  assert.match(decodeWhole(`\0${"a".repeat(65536)}\n`).error, /too big inline request/);
});

test("neededBytes tells how much an unfinished value needs", () => {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  const text = "*2\r\n$3\r\nGET\r\n$1000\r\nabc";
  batch.input = inputOf(text, 5);
  assert.equal(decoder.decode(batch, 5, 5 + text.length, true), 0);
  assert.equal(decoder.neededBytes, "*2\r\n$3\r\nGET\r\n$1000\r\n".length + 1002);
  assert.equal(decoder.decode(batch, 5, 5 + 7, true), 0);
  assert.equal(decoder.neededBytes, 8);
});

test("resume() does not read again what it has read", () => {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  const words = ["MSET", ..."0123456789".repeat(30)];
  const text = frame("PING") + frame(...words);
  batch.input = inputOf(text.slice(0, 500), 0);
  assert.equal(decoder.decode(batch, 0, 500, true), 14);
  assert.equal(decoder.decode(batch, 14, 500, true), 0);
  assert.equal(batch.argCount, 1);
  batch.clear();
  batch.input = inputOf(text, 0);
  const lengthOfFirst = text.indexOf("$1\r\n0");
  batch.input.bytes.fill(0x21, 14, lengthOfFirst);
  assert.equal(decoder.resume(batch, text.length, true), text.length - 14);
  assert.equal(decoder.isUnfinished, false);
  assert.deepEqual(commandsOf(batch)[0].slice(1), words.slice(1));
  assert.equal(batch.argOffsets[0], 14 + "*301\r\n$4\r\n".length);
});

test("resume() follows a frame that was moved", () => {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  const words = ["MSET", "a", "1", "b", "x".repeat(300)];
  const text = frame(...words);
  for (const cut of [1, 3, 20, 40, text.length - 1]) {
    batch.clear();
    batch.input = inputOf(text.slice(0, cut), 100);
    assert.equal(decoder.decode(batch, 100, 100 + cut, true), 0);
    decoder.rebase(batch, 12);
    batch.input = inputOf(text, 12);
    assert.equal(decoder.resume(batch, 12 + text.length, true), text.length);
    assert.deepEqual(commandsOf(batch), [words]);
  }
});

test("resume() without an unfinished frame is a mistake", () => {
  const decoder = new RespDecoder(LIMITS);
  const batch = new GrowableBatch();
  assert.throws(() => decoder.resume(batch, 8, true), /no unfinished frame/);
  batch.input = inputOf("*1\r\n$4\r\nPI", 0);
  assert.equal(decoder.decode(batch, 0, 10, true), 0);
  batch.input = inputOf("PING\r\n", 0);
  assert.equal(decoder.decode(batch, 0, 6, true), 6);
  assert.throws(() => decoder.resume(batch, 6, true), /no unfinished frame/);
});

test("random commands are decoded as they were encoded, wherever they are cut", () => {
  const word = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  });
  const words = fc.array(word, { minLength: 1, maxLength: 15 });
  const property = fc.property(words, fc.array(fc.nat(300), { maxLength: 6 }), (command, cuts) => {
    const text = frame(...command);
    const wanted = { answer: text.length, commands: [command], error: "" };
    const within = cuts.filter((cut) => cut < text.length).sort((a, b) => a - b);
    assert.deepEqual(decodePieces(text, within, true), wanted);
    assert.deepEqual(decodePieces(text, within, false), wanted);
  });
  fc.assert(property, { seed: 9, numRuns: 500 });
});

test("damaged frames never throw, and give the same answer in whatever pieces they come", () => {
  const piece = fc.constantFrom(
    "*",
    "$",
    "\r\n",
    "1",
    "2",
    "10",
    "-",
    "0",
    "GET",
    "\0",
    '"',
    " ",
    "\n",
  );
  const property = fc.property(fc.array(piece, { maxLength: 14 }), fc.nat(30), (pieces, cut) => {
    const text = pieces.join("");
    const whole = decodeWhole(text);
    assert.ok(whole.answer <= text.length);
    if (whole.answer > 0) {
      assert.equal(commandsOf(decodeAll(text, whole.answer)).length <= 1, true);
    }
    const first = decodeWhole(text.slice(0, cut));
    if (first.answer !== 0 && cut < text.length) assert.deepEqual(first, whole);
  });
  fc.assert(property, { seed: 10, numRuns: 5000 });
});

function decodeAll(text: string, end: number): GrowableBatch {
  const batch = new GrowableBatch();
  batch.input = inputOf(text.slice(0, end), 0);
  assert.equal(new RespDecoder(LIMITS).decode(batch, 0, end, true), end);
  return batch;
}

test("nothing behind the end is read", () => {
  const decoder = new RespDecoder(LIMITS);
  const text = frame("SET", "key", "0123456789");
  for (let end = 0; end < text.length; end++) {
    const batch = new GrowableBatch();
    batch.input = { bytes: bytesOf(text), view: new DataView(bytesOf(text).buffer) };
    assert.equal(decoder.decode(batch, 0, end, true), 0);
    const exact = bytesOf(text.slice(0, end));
    batch.input = { bytes: exact, view: new DataView(exact.buffer) };
    assert.equal(decoder.decode(batch, 0, end, true), 0);
  }
});
