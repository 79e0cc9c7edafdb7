/** Request frames to batches: whatever comes is read as it says, or refused, and nothing else is touched. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { makeRegion } from "../../../src/bytes/region.ts";
import {
  BinaryDecoder,
  type FrameLimits,
  MAX_BODY_BYTES,
  MAX_FRAME_COMMANDS,
  UNAUTHENTICATED_MAX_ARGUMENTS,
  UNAUTHENTICATED_MAX_BODY,
  UNAUTHENTICATED_MAX_BYTES,
  UNAUTHENTICATED_MAX_COMMANDS,
} from "../../../src/protocol/binary/decoder.ts";
import { MAX_BARE_COMMANDS } from "../../../src/protocol/binary/frame.ts";
import { restOfInput } from "../../../src/protocol/binary/request_frames.ts";
import { GrowableBatch } from "../../../src/protocol/resp/batch.ts";
import { type Command, encodeBody, encodeFrame, encodeRequest } from "./frames_support.ts";

const LIMITS: FrameLimits = { protoMaxBulkLen: 1024 * 1024 };
const RUNS = Number(process.env.CRABCACHE_FUZZ_RUNS ?? 300);

interface Decoded {
  readonly consumed: number;
  readonly error: string;
  readonly commands: string[][];
  readonly batch: GrowableBatch;
  readonly decoder: BinaryDecoder;
}

/** Decodes what lies behind other bytes, in a region that ends right behind it. */
function decode(bytes: Uint8Array, limits = LIMITS, isSignedIn = true, before = 3): Decoded {
  const batch = new GrowableBatch(1, 1);
  batch.input = makeRegion(before + bytes.length);
  batch.input.bytes.set(bytes, before);
  const decoder = new BinaryDecoder(limits);
  const consumed = decoder.decode(batch, before, before + bytes.length, isSignedIn);
  return { consumed, error: decoder.error, commands: commandsOf(batch), batch, decoder };
}

function commandsOf(batch: GrowableBatch): string[][] {
  const commands: string[][] = [];
  for (let c = 0; c < batch.commandCount; c++) {
    const words: string[] = [];
    for (let a = batch.firstArgs[c]; a < batch.firstArgs[c + 1]; a++) {
      const start = batch.argOffsets[a];
      const bytes = batch.input.bytes.subarray(start, start + batch.argLengths[a]);
      words.push(Buffer.from(bytes).toString("latin1"));
    }
    commands.push(words);
  }
  return commands;
}

function refuses(bytes: Uint8Array, text: string, limits = LIMITS, isSignedIn = true): void {
  const { consumed, error, commands, decoder } = decode(bytes, limits, isSignedIn);
  assert.equal(consumed, -1, text);
  assert.equal(error, `ERR Protocol error: ${text}`);
  assert.deepEqual(commands, []);
  assert.equal(decoder.frames.count, 0);
}

function accepts(bytes: Uint8Array, count: number, limits = LIMITS, isSignedIn = true): void {
  const { consumed, error, commands } = decode(bytes, limits, isSignedIn);
  assert.equal(consumed, bytes.length, error);
  assert.equal(commands.length, count);
}

const COMMANDS: readonly Command[] = [
  ["SET", "k", "v"],
  ["SET", "other", ""],
  ["GET", "k"],
  ["PING"],
  ["PING"],
  ["MGET", "a", "b".repeat(300), "c"],
  ["ping"],
];

test("all widths of lengths give the same commands", () => {
  for (const width of [2, 4] as const) {
    const bytes = encodeRequest(COMMANDS, { id: 77, width, isAtomic: true });
    const { consumed, commands, decoder } = decode(bytes);
    assert.equal(consumed, bytes.length);
    assert.deepEqual(commands, COMMANDS);
    const { count, ids, flags, kinds } = decoder.frames;
    assert.deepEqual([count, ids[0], flags[0], kinds[0]], [1, 77, 1, 2]);
  }
  assert.deepEqual(decode(encodeRequest(COMMANDS.slice(0, 3))).commands, COMMANDS.slice(0, 3));
});

test("a frame is waited for until it is whole, and no byte of it is taken before", () => {
  const bytes = encodeRequest(COMMANDS);
  for (let size = 0; size < bytes.length; size++) {
    const { consumed, commands } = decode(bytes.subarray(0, size));
    assert.equal(consumed, 0, `${size} bytes`);
    assert.deepEqual(commands, []);
  }
  const longer = Buffer.concat([bytes, Buffer.from([0xcb, 2])]);
  assert.equal(decode(longer).consumed, bytes.length);
});

test("malformed frames are refused", () => {
  const frame = encodeRequest([["GET", "k"], ["GET", "l"]]);
  const changed = (at: number, value: number, more = 0): Buffer => {
    const bytes = Buffer.concat([frame, Buffer.alloc(more)]);
    bytes[at] = value;
    return bytes;
  };
  refuses(changed(0, 0x2a), "expected a frame");
  refuses(Buffer.from("*"), "expected a frame");
  refuses(changed(1, 3), "unknown kind of frame 3");
  refuses(changed(1, 0x82), "unknown kind of frame 130");
  refuses(changed(2, 2), "unknown flags of a frame");
  refuses(changed(3, 1), "unknown flags of a frame");
  refuses(changed(4, frame.length - 16 + 1, 1), "frame longer than its commands");
  refuses(changed(4, frame.length - 16 - 1), "run beyond its frame");
  refuses(changed(12, 1), "invalid number of commands");
  refuses(changed(12, 3), "run beyond its frame");
  refuses(changed(12, 0), "frame longer than its commands");
  refuses(changed(16, 0), "invalid number of commands");
  refuses(changed(20, 0), "invalid multibulk length");
  refuses(changed(24, 0), "invalid length of a name");
  refuses(changed(24, 255), "run beyond its frame");
  for (const width of [0, 3, 5, 255]) refuses(changed(25, width), "invalid width of lengths");
  refuses(changed(26, 1), "invalid run");
  refuses(changed(31, 200), "run beyond its frame");
  refuses(encodeFrame(new Uint8Array(11), { count: 1 }), "run beyond its frame");
  refuses(encodeFrame(encodeBody([["PING"]]), { count: 1, kind: 1 }), "expected HELLO");
  refuses(
    encodeFrame(encodeBody([["HELLO"], ["HELLO"]]), { count: 1, kind: 1 }),
    "invalid number of commands",
  );
  refuses(
    encodeFrame(encodeBody([["HELLO"]]), { count: 1, kind: 1, isAtomic: true }),
    "unknown flags of a frame",
  );
});

test("runs that claim more than they bring cost nothing", () => {
  const claim = (commands: number, args: number, width: number): Buffer => {
    const body = Buffer.alloc(32);
    body.writeUInt32LE(commands, 0);
    body.writeUInt32LE(args, 4);
    body[8] = 4;
    body[9] = width;
    body.write("PING", 12);
    return encodeFrame(body, { count: commands });
  };
  const huge = { protoMaxBulkLen: 1024, maxFrameCommands: 2 ** 32 };
  refuses(claim(4_000_000_000, 1, 1), "too many commands without arguments", huge);
  refuses(claim(4_000_000_000, 2, 4), "run beyond its frame", huge);
  refuses(claim(1, 2_000_000_000, 1), "run beyond its frame", huge);
  refuses(claim(1, 4_294_967_295, 1), "invalid multibulk length", huge);
  const { batch } = decode(claim(4_000_000_000, 2, 1), huge);
  assert.ok(batch.argOffsets.length < 100, "no room was made");
});

test("limits hold at their value and not one past it", () => {
  const words = (argc: number): Command => ["MGET", ...Array(argc - 1).fill("k")];
  const many = (count: number): Command[] => Array(count).fill(["GET", ""]);
  const limits = {
    protoMaxBulkLen: 20_000,
    maxFrameCommands: 50,
    maxMultibulk: 7,
    maxBodyBytes: 30_000,
  };
  accepts(encodeRequest(many(50)), 50, limits);
  refuses(encodeRequest(many(51)), "too many commands", limits);
  accepts(encodeRequest([words(7)]), 1, limits);
  refuses(encodeRequest([words(8)]), "invalid multibulk length", limits);
  accepts(encodeRequest([["GET", "x".repeat(20_000)]]), 1, limits);
  refuses(encodeRequest([["GET", "x".repeat(20_001)]]), "invalid bulk length", limits);
  const filling = (
    size: number,
  ): Command[] => [["ECHO", "x".repeat(15_000)], ["ECHO", "x".repeat(size)]];
  const rest = 30_000 - 15_000 - (12 + 4 + 4);
  accepts(encodeRequest(filling(rest)), 2, limits);
  refuses(encodeRequest(filling(rest + 1)), "invalid frame length", limits);
  accepts(encodeRequest(Array(MAX_BARE_COMMANDS).fill(["PING"])), MAX_BARE_COMMANDS);
  const bare = encodeRequest([["PING"]], { count: MAX_BARE_COMMANDS + 1 });
  bare.writeUInt32LE(MAX_BARE_COMMANDS + 1, 16);
  refuses(bare, "too many commands without arguments");
  const full = Buffer.alloc(12 + 3 + MAX_FRAME_COMMANDS);
  full.set(encodeBody([["GET", ""]]));
  full.writeUInt32LE(MAX_FRAME_COMMANDS, 0);
  const { consumed, batch } = decode(encodeFrame(full, { count: MAX_FRAME_COMMANDS }));
  assert.deepEqual([consumed, batch.commandCount], [16 + full.length, MAX_FRAME_COMMANDS]);
  refuses(encodeRequest(many(2), { count: MAX_FRAME_COMMANDS + 1 }), "too many commands");
  const head = encodeFrame(new Uint8Array(0), { count: 1 });
  head.writeUInt32LE(MAX_BODY_BYTES, 4);
  assert.equal(decode(head).consumed, 0);
  head.writeUInt32LE(MAX_BODY_BYTES + 1, 4);
  refuses(head, "invalid frame length");
});

test("who has not signed in may send little", () => {
  const is = (bytes: Uint8Array, count: number): void => accepts(bytes, count, LIMITS, false);
  const not = (bytes: Uint8Array, text: string): void => refuses(bytes, text, LIMITS, false);
  const many = (count: number): Command[] => Array(count).fill(["PING"]);
  is(encodeRequest(many(UNAUTHENTICATED_MAX_COMMANDS)), UNAUTHENTICATED_MAX_COMMANDS);
  not(encodeRequest(many(UNAUTHENTICATED_MAX_COMMANDS + 1)), "unauthenticated frame of commands");
  is(encodeRequest([Array(UNAUTHENTICATED_MAX_ARGUMENTS).fill("AUTH")]), 1);
  not(
    encodeRequest([Array(UNAUTHENTICATED_MAX_ARGUMENTS + 1).fill("AUTH")]),
    "unauthenticated multibulk length",
  );
  is(encodeRequest([["AUTH", "p".repeat(UNAUTHENTICATED_MAX_BYTES)]]), 1);
  not(
    encodeRequest([["AUTH", "p".repeat(UNAUTHENTICATED_MAX_BYTES + 1)]]),
    "unauthenticated bulk length",
  );
  const head = encodeFrame(new Uint8Array(0), { count: 1 });
  head.writeUInt32LE(UNAUTHENTICATED_MAX_BODY, 4);
  assert.equal(decode(head, LIMITS, false).consumed, 0);
  head.writeUInt32LE(UNAUTHENTICATED_MAX_BODY + 1, 4);
  not(head, "unauthenticated frame length");
});

const word = fc.string({ unit: "binary-ascii", maxLength: 40 });
const name = fc.constantFrom("GET", "SET", "get", "PING", "X");
const command = fc.tuple(name, fc.array(word, { maxLength: 3 })).map((
  [first, rest],
) => [first, ...rest]);
const commands = fc.array(command, { minLength: 1, maxLength: 12 });

test("what is left of a frame that was held is a frame of the other commands", () => {
  fc.assert(
    fc.property(commands, fc.nat(), fc.boolean(), (all, at, hasMore) => {
      const next = at % all.length;
      const frame = encodeRequest(all, { id: 123 });
      const behind = hasMore ? encodeRequest([["PING"]], { id: 5 }) : Buffer.alloc(0);
      const { batch } = decode(Buffer.concat([frame, behind]));
      const rest = restOfInput(batch, 3, 0, next, 3 + frame.length + behind.length);
      const second = decode(rest);
      assert.deepEqual(second.commands, all.slice(next));
      assert.equal(second.decoder.frames.ids[0], 123);
      assert.deepEqual(Buffer.from(rest.subarray(second.consumed)), behind);
    }),
    { numRuns: RUNS },
  );
});

const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });

test("damaged frames are refused, waited for, or read within their bounds", () => {
  fc.assert(
    fc.property(commands, damage, fc.nat(), fc.boolean(), (all, changes, cut, isSignedIn) => {
      const whole = encodeRequest(all, { width: ([1, 2, 4] as const)[cut % 3] });
      for (const [at, value] of changes) whole[at % Math.min(whole.length, 64)] = value;
      const bytes = whole.subarray(0, cut % 4 === 0 ? cut % (whole.length + 1) : whole.length);
      const { consumed, batch, error } = decode(bytes, LIMITS, isSignedIn);
      assert.ok(consumed <= bytes.length);
      if (consumed < 0) assert.match(error, /^(ERR Protocol error: |NOPROTO )./);
      if (consumed <= 0) assert.equal(batch.commandCount + batch.argCount, 0);
      assert.equal(batch.firstArgs[batch.commandCount], batch.argCount);
      for (let a = 0; a < batch.argCount; a++) {
        assert.ok(batch.argOffsets[a] >= 3 && batch.argLengths[a] >= 0);
        assert.ok(batch.argOffsets[a] + batch.argLengths[a] <= 3 + bytes.length);
      }
    }),
    { numRuns: RUNS * 5 },
  );
});

test("arbitrary bytes are no frame, or a whole one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      if (bytes.length > 0) bytes[0] = 0xcb;
      if (bytes.length > 1) bytes[1] = 1 + bytes[1] % 2;
      if (bytes.length > 7) bytes.fill(0, 2, 4).fill(0, 5, 8);
      const { consumed } = decode(bytes);
      assert.ok(consumed >= -1 && consumed <= bytes.length);
    }),
    { numRuns: RUNS * 3 },
  );
});
