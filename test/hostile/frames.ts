/** Attacks by frames: of every size at a limit and one past it, only declared, nested, and of no sense. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { chance, pick, randomBytes } from "../support/model.ts";
import { encodeCommand } from "../support/frames.ts";
import { sleep, within } from "../support/wait.ts";
import type { WireClient } from "../support/wire_client.ts";
import type { Door, Ground } from "./ground.ts";
import type { Counts, Scenario } from "./scenario.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** Long enough for a server that wants to close a connection. */
const MOMENT_MS = 30;

/** Something that is allowed, and its neighbour that is not. */
interface Border {
  readonly name: string;
  readonly allowed: string | Buffer;
  /** What is sent a moment later, when `allowed` is not whole. */
  readonly rest?: string;
  /** The reply; none where nothing whole was sent. */
  readonly reply?: RegExp;
  readonly past: string | Buffer;
  /** The last thing that is heard. */
  readonly refusal: string;
  /** Whether the connection goes on after the refusal. */
  readonly goesOn?: boolean;
}

function protocolError(text: string): string {
  return `-ERR Protocol error: ${text}\r\n`;
}

/** A whole frame whose last argument has so many bytes. */
function withArgument(bytes: number, ...before: string[]): Buffer {
  return encodeCommand([...before, Buffer.alloc(bytes, "b")]);
}

const LINE = 64 * 1024;
const MAX_COUNT = 2 ** 31 - 1;
const MAX_KEY = 30_720;

/** Those that hold for everybody, with `proto-max-bulk-len 1mb`. */
const BORDERS: readonly Border[] = [
  {
    name: "proto-max-bulk-len",
    allowed: withArgument(MIB, "ECHO"),
    reply: /^\$1048576\r\nb{1048576}\r\n$/,
    past: `*2\r\n$4\r\nECHO\r\n$${MIB + 1}\r\n`,
    refusal: protocolError("invalid bulk length"),
  },
  {
    name: "count of arguments",
    allowed: `*${MAX_COUNT}\r\n$4\r\nECHO\r\n`,
    past: `*${MAX_COUNT + 1}\r\n`,
    refusal: protocolError("invalid multibulk length"),
  },
  {
    name: "negative length",
    allowed: "*-1\r\n*0\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
    reply: /^\$0\r\n\r\n$/,
    past: "*2\r\n$4\r\nECHO\r\n$-1\r\n",
    refusal: protocolError("invalid bulk length"),
  },
  {
    name: "line without an end",
    allowed: `ECHO ${"l".repeat(LINE - 5)}`,
    rest: "\r\n",
    reply: /^\$65531\r\nl{65531}\r\n$/,
    past: "l".repeat(LINE + 1),
    refusal: protocolError("too big inline request"),
  },
  {
    name: "line of a count of arguments",
    allowed: `*${"0".repeat(LINE - 1)}`,
    past: `*${"0".repeat(LINE)}`,
    refusal: protocolError("too big mbulk count string"),
  },
  {
    name: "line of a length",
    allowed: `*1\r\n$${"0".repeat(LINE - 1)}`,
    past: `*1\r\n$${"0".repeat(LINE)}`,
    refusal: protocolError("too big bulk count string"),
  },
  {
    name: "length of a key",
    allowed: encodeCommand(["EXISTS", "k".repeat(MAX_KEY)]),
    reply: /^:0\r\n$/,
    past: encodeCommand(["SET", "k".repeat(MAX_KEY + 1), "v"]),
    refusal: "-ERR key exceeds maximum allowed size (30720 bytes)\r\n",
    goesOn: true,
  },
];

const NOAUTH = /^-NOAUTH Authentication required\.\r\n$/;

/** Those that hold for who has to sign in first. */
const BORDERS_OF_STRANGERS: readonly Border[] = [
  {
    name: "count of a stranger's arguments",
    allowed: encodeCommand(["DEL", ..."123456789"]),
    reply: NOAUTH,
    past: "*11\r\n",
    refusal: protocolError("unauthenticated multibulk length"),
  },
  {
    name: "length of a stranger's argument",
    allowed: withArgument(16_384, "GET"),
    reply: NOAUTH,
    past: "*2\r\n$3\r\nGET\r\n$16385\r\n",
    refusal: protocolError("unauthenticated bulk length"),
  },
];

async function stays(client: WireClient, border: Border): Promise<void> {
  client.send(border.allowed);
  if (border.rest !== undefined) {
    await sleep(MOMENT_MS);
    client.send(border.rest);
  }
  if (border.reply === undefined) {
    await sleep(MOMENT_MS);
    assert.equal(client.isOver, false, `${border.name}: what is allowed was refused`);
    assert.equal(client.frameCount, 0, border.name);
  } else {
    assert.match(await client.readText(), border.reply, border.name);
  }
}

async function falls(client: WireClient, border: Border): Promise<void> {
  client.send(border.past);
  if (border.goesOn === true) {
    assert.equal(await client.readText(), border.refusal, border.name);
    assert.equal(await client.call("PING"), "+PONG\r\n");
  } else {
    assert.equal(await client.readToEnd(), border.refusal, border.name);
  }
}

async function tryBorders(
  ground: Ground,
  settings: Readonly<Record<string, string>>,
  borders: readonly Border[],
): Promise<number> {
  const doors: Door[] = ground.hasTls ? ["tcp", "unix", "tls"] : ["tcp", "unix"];
  await ground.withSettings(settings, async () => {
    for (const door of doors) {
      await Promise.all(borders.map(async (border) => {
        await stays(await ground.dial(door), border);
        await falls(await ground.dial(door), border);
      }));
    }
  });
  return doors.length * borders.length * 2;
}

/** More arguments than fit into any buffer that is there beforehand. */
const MANY_ARGUMENTS = MIB;

async function atBorders(ground: Ground): Promise<Counts> {
  const frames = await tryBorders(ground, { "proto-max-bulk-len": "1mb" }, BORDERS) +
    await tryBorders(ground, { requirepass: "a password" }, BORDERS_OF_STRANGERS);
  const client = await ground.dial();
  const counts = [MANY_ARGUMENTS - 1, MANY_ARGUMENTS, MANY_ARGUMENTS + 1];
  const tried = ground.scale.name === "full" ? counts : counts.slice(1, 2);
  for (const count of tried) {
    const head = `*${count}\r\n$6\r\nEXISTS\r\n`;
    client.send(Buffer.from(head + "$1\r\nk\r\n".repeat(count - 1)));
    assert.equal(await client.readText(), ":0\r\n");
  }
  return { frames: frames + tried.length };
}

/** What may be kept of a frame that declares a gigabyte and sends a thousand bytes. */
const PER_DECLARED_BYTES = 64 * 1024;

async function declaredOnly(ground: Ground): Promise<Counts> {
  const count = ground.scale.connections / 2;
  const sent = Buffer.alloc(1000, "d");
  const before = ground.residentBytes;
  await ground.withSettings({ "proto-max-bulk-len": String(GIB) }, async () => {
    for (const [i, client] of (await ground.dialMany(count)).entries()) {
      client.send(
        i % 2 === 0
          ? `*3\r\n$3\r\nSET\r\n$6\r\ndecl:k\r\n$${GIB}\r\n`
          : `*${MAX_COUNT}\r\n$4\r\nMSET\r\n$${GIB}\r\n`,
      );
      client.send(sent);
    }
    await sleep(200);
    const cost = ground.residentBytes - before;
    assert.ok(cost < count * PER_DECLARED_BYTES, `${count} declared GiB cost ${cost} bytes`);
  });
  return { connections: count, "GiB declared": count };
}

/** Aggregates of RESP3 as they would stand in a request. */
const AGGREGATES = ["%1", "~1", ">1", "|1", "=10", "(1", "_", "#t", ",1.5", "!5"];

async function nested(ground: Ground): Promise<Counts> {
  const depth = ground.scale.frames;
  const arrays = "*1\r\n".repeat(depth);
  const wanted = protocolError("expected '$', got '*'");
  for (const bytes of [arrays, `*2\r\n$4\r\nECHO\r\n${arrays}`]) {
    const client = await ground.dial();
    client.send(bytes);
    // Whatever else was sent is cut off with the connection, perhaps together with the answer.
    await within("the end of the connection", client.over);
    if (client.frameCount > 0) assert.equal(await client.readText(), wanted);
  }
  const lines = 1000;
  for (const aggregate of AGGREGATES) {
    const client = await ground.dial();
    client.send(`${aggregate}\r\n`.repeat(lines) + "PING\r\n");
    const refusal = `-ERR unknown command '${aggregate}', with args beginning with: \r\n`;
    for (const reply of await client.readAll(lines)) assert.equal(String(reply), refusal);
    assert.equal(await client.readText(), "+PONG\r\n");
  }
  for (const nothing of ["*0\r\n", "*-1\r\n", "\r\n", " \r\n"]) {
    const client = await ground.dial();
    client.send(nothing.repeat(depth) + "PING\r\n");
    assert.equal(await client.readText(), "+PONG\r\n");
  }
  return { depth, lines: lines * AGGREGATES.length };
}

const FRAMES_PER_CONNECTION = 100;
/** Connections that send garbage at the same time. */
const SENDERS = 20;
/** What random bytes are mixed with, so that they get further. */
const TOKENS = ["*", "$", "\r\n", "*1\r\n", "$3\r\n", "GET", "-1", "999999999999", '"', "'", "\0"];

function randomFrame(ground: Ground): Uint8Array {
  const { random } = ground;
  const bytes = Buffer.from(randomBytes(random, 1 + random.below(64)));
  const parts = chance(random, 0.5) ? [bytes] : [Buffer.from(pick(random, TOKENS)), bytes];
  if (chance(random, 0.5)) parts.push(Buffer.from("\r\n"));
  return Buffer.concat(parts);
}

/** Commands that are mutated: of all kinds, none that could harm the others if a byte changes. */
const TEMPLATES: readonly (readonly string[])[] = [
  ["SET", "m:s", "value", "EX", "100"],
  ["GET", "m:s"],
  ["APPEND", "m:s", "more"],
  ["SETRANGE", "m:s", "5", "xx"],
  ["INCRBY", "m:n", "12"],
  ["LPUSH", "m:l", "a", "b", "c"],
  ["LRANGE", "m:l", "0", "-1"],
  ["BLPOP", "m:none", "0"],
  ["SADD", "m:t", "1", "2", "three"],
  ["SINTERCARD", "2", "m:t", "m:t"],
  ["HSET", "m:h", "f", "v", "g", "w"],
  ["HRANDFIELD", "m:h", "-3", "WITHVALUES"],
  ["ZADD", "m:z", "1", "a", "2.5", "b"],
  ["ZRANGE", "m:z", "0", "-1", "WITHSCORES"],
  ["GEOADD", "m:g", "13.3", "38.1", "x"],
  ["XADD", "m:x", "*", "f", "v"],
  ["XREAD", "COUNT", "2", "STREAMS", "m:x", "0"],
  ["PFADD", "m:p", "a", "b"],
  ["BITFIELD", "m:b", "SET", "u8", "0", "200"],
  ["DUMP", "m:z"],
  ["RESTORE", "m:r", "0", "\x00\xc0\x01\x0b\x00"],
  ["SCAN", "0", "MATCH", "m:*", "COUNT", "10"],
  ["SORT", "m:l", "ALPHA"],
  ["MULTI"],
  ["EXEC"],
  ["WATCH", "m:s"],
  ["SUBSCRIBE", "m:c"],
  ["PSUBSCRIBE", "m:*"],
  ["HELLO", "3"],
  ["CLIENT", "TRACKING", "ON"],
  ["CLIENT", "NO-EVICT", "ON"],
  ["OBJECT", "ENCODING", "m:s"],
  ["COMMAND", "INFO", "GET"],
  ["PING", "m"],
];

function mutated(ground: Ground): Uint8Array {
  const { random } = ground;
  let frame: Buffer = encodeCommand(pick(random, TEMPLATES));
  if (chance(random, 0.3)) return frame;
  const at = random.below(frame.length);
  switch (random.below(5)) {
    case 0:
      frame[at] = random.below(256);
      break;
    case 1:
      frame[at] ^= 1 << random.below(8);
      break;
    case 2:
      frame = frame.subarray(0, at);
      break;
    case 3:
      frame = Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1)]);
      break;
    default:
      frame = Buffer.concat([
        frame.subarray(0, at),
        randomBytes(random, 1 + random.below(4)),
        frame.subarray(at),
      ]);
  }
  return frame;
}

/** Sends frames of a kind over connection after connection, and reads whatever comes back. */
async function pelt(
  ground: Ground,
  first: string,
  make: (ground: Ground) => Uint8Array,
): Promise<Counts> {
  const total = ground.scale.frames;
  let frames = 0, connections = 0, replyBytes = 0;
  const sender = async (): Promise<void> => {
    while (frames < total) {
      frames += FRAMES_PER_CONNECTION;
      connections++;
      const client = await ground.dial();
      client.send(first);
      const parts = Array.from({ length: FRAMES_PER_CONNECTION }, () => make(ground));
      client.send(Buffer.concat(parts));
      client.endSending();
      await within("the end of a connection", client.over);
      replyBytes += client.receivedBytes;
      client.close();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return { frames, connections, "bytes of replies": replyBytes };
}

async function mutatedFrames(ground: Ground): Promise<Counts> {
  const counts = await pelt(ground, "SELECT 1\r\n", mutated);
  const client = await ground.dial();
  assert.equal(await client.call("SELECT", 1), "+OK\r\n");
  assert.equal(await client.call("FLUSHDB"), "+OK\r\n");
  return counts;
}

export const FRAME_SCENARIOS: readonly Scenario[] = [
  { name: "frames at every limit, and one past it", observer: "unix", attack: atBorders },
  { name: "a gigabyte declared and never sent", attack: declaredOnly },
  { name: "deep nesting", attack: nested },
  { name: "random bytes", attack: (ground) => pelt(ground, "", randomFrame) },
  { name: "mutated frames", attack: mutatedFrames },
];
