/** Attacks by clients that are slow: that never read, send a byte at a time, or stop in mid-frame. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodeCommand } from "../support/frames.ts";
import { sleep } from "../support/wait.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Ground } from "./ground.ts";
import type { Counts, Scenario } from "./scenario.ts";

const MIB = 1024 * 1024;
const MAX_READERS = 100;
const REPLIES = 100;
/** One reply in the output buffer, one on its way, and what was received. */
const PER_READER_BYTES = 8 * MIB;

async function slowReaders(ground: Ground): Promise<Counts> {
  const count = Math.min(MAX_READERS, ground.scale.crowd);
  await ground.admin("SETRANGE", "slow:big", MIB - 1, "x");
  const before = ground.residentBytes;
  const readers = await ground.dialMany(count);
  for (const reader of readers) {
    reader.pause();
    reader.sendCommands(Array.from({ length: REPLIES }, () => ["GET", "slow:big"]));
  }
  let most = 0;
  for (let i = 0; i < 20; i++) {
    await sleep(20);
    assert.equal(await ground.admin("PING"), "+PONG\r\n");
    most = Math.max(most, ground.residentBytes - before);
  }
  assert.ok(most < count * PER_READER_BYTES, `${count} slow readers cost ${most} bytes`);
  for (const [i, reader] of readers.entries()) {
    if (i % 2 === 0) reader.close();
    else reader.socket.resetAndDestroy();
  }
  await ground.admin("DEL", "slow:big");
  return { readers: count, "MiB asked for": count * REPLIES };
}

/** What the slow writers send, and what they get. */
const DIALOGUE: readonly (readonly [string, string])[] = [
  ["*3\r\n$3\r\nSET\r\n$6\r\nslow:w\r\n$5\r\nvalue\r\n", "+OK\r\n"],
  ["PING\r\n", "+PONG\r\n"],
  ["*2\r\n$4\r\nECHO\r\n$10\r\n0123456789\r\n", "$10\r\n0123456789\r\n"],
  ['ECHO "a\\x41 b"\r\n', "$4\r\naA b\r\n"],
  ["*1\r\n$7\r\nNOTHING\r\n", "-ERR unknown command 'NOTHING', with args beginning with: \r\n"],
  ["*2\r\n$3\r\nDEL\r\n$9\r\nslow:none\r\n", ":0\r\n"],
];

async function slowWriters(ground: Ground): Promise<Counts> {
  const { crowd } = ground.scale;
  const writers = [
    ...await ground.dialMany(crowd / 2),
    ...await ground.dialMany(crowd / 4, "unix"),
    ...ground.hasTls ? await ground.dialMany(crowd / 4, "tls") : [],
  ];
  const sent = DIALOGUE.map(([request]) => request).join("");
  for (let at = 0; at < sent.length; at++) {
    for (const writer of writers) writer.send(sent[at]);
    await sleep(1);
  }
  for (const writer of writers) {
    for (const [request, reply] of DIALOGUE) assert.equal(await writer.readText(), reply, request);
  }
  await ground.admin("DEL", "slow:w");
  return { writers: writers.length, bytes: writers.length * sent.length };
}

/** Frames to be cut; the last one is too large for the buffer that all connections share. */
const WHOLE_FRAMES: readonly Buffer[] = [
  encodeCommand(["SET", "half:k", "v".repeat(100)]),
  encodeCommand(["MSET", ...Array.from({ length: 100 }, (_, i) => `half:${i}`)]),
  encodeCommand(["EVAL", "return 1", 0]),
  Buffer.from('ECHO "an unfinished line"\r\n'),
  Buffer.from("*1000000\r\n$1\r\na\r\n"),
  encodeCommand(["SET", "half:k", Buffer.alloc(20_000, "h")]),
  encodeCommand(["SET", "half:k", Buffer.alloc(700 * 1024, "h")]),
];
/** Of each, so many are cut for one of the large ones. */
const LARGE_EVERY = 10;
/** Bytes that an unfinished frame may cost beside twice what was received of it. */
const PER_FRAME_BYTES = 192 * 1024;

async function halfFrames(ground: Ground): Promise<Counts> {
  const { random, scale } = ground;
  const before = ground.residentBytes;
  let sentBytes = 0;
  const silent: WireClient[] = [];
  for (let i = 0; i < scale.halfFrames; i += 50) {
    for (const [j, client] of (await ground.dialMany(50)).entries()) {
      const last = WHOLE_FRAMES.length - 1;
      const frame = WHOLE_FRAMES[j % LARGE_EVERY === 0 ? last : random.below(last)];
      // Their last byte is missing at least.
      const cut = 1 + random.below(frame.length - 1);
      sentBytes += cut;
      client.send(frame.subarray(0, cut));
      const fate = random.below(3);
      if (fate === 0) silent.push(client);
      else if (fate === 1) setTimeout(() => client.socket.resetAndDestroy(), random.below(50));
      else setTimeout(() => client.close(), random.below(50));
    }
  }
  await sleep(100);
  const cost = ground.residentBytes - before;
  const most = 4 * sentBytes + silent.length * PER_FRAME_BYTES;
  assert.ok(cost < most, `${silent.length} half frames cost ${cost} bytes of at most ${most}`);
  for (const client of silent) assert.equal(client.isOver, false, "a half frame is no mistake");
  assert.equal(await ground.admin("EXISTS", "half:k", "half:0"), ":0\r\n");
  return { frames: scale.halfFrames, silent: silent.length, "bytes sent": sentBytes };
}

export const SLOW_CLIENT_SCENARIOS: readonly Scenario[] = [
  { name: "readers that never read", attack: slowReaders },
  {
    name: "writers that send a byte at a time",
    observer: "tls",
    needsTls: true,
    attack: slowWriters,
  },
  { name: "half frames, then silence or reset", attack: halfFrames },
];
