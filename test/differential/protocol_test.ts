/** Frames as no client should send them, to a real redis-server and to this one: the answers are equal. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, before, test } from "node:test";
import type { ListenAddress } from "../../src/ports/transport.ts";
import { encodeCommand } from "../support/frames.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { killProcesses, startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect } from "../support/wire_client.ts";
import { Chooser } from "./pools.ts";

const SEED = Number(process.env.CRABCACHE_DIFF_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RANDOM_CASES = 1000;

const missing = missingProgram("redis-server");
let real: ListenAddress;
let ours: TestServer | undefined;

before(async () => {
  if (missing !== undefined) return;
  real = (await startRedis()).address;
  ours = await startTestServer("--maxmemory-policy", "noeviction");
});

after(async () => {
  closeClients();
  await killProcesses();
  await ours?.close();
});

/** Sends the pieces to a new connection and ends its sending. @returns all that came back */
async function answer(address: ListenAddress, pieces: readonly Uint8Array[]): Promise<string> {
  const client = await connect(address);
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    if (!client.isOver) client.send(piece);
  }
  if (!client.isOver) client.endSending();
  const received = await client.readToEnd();
  client.close();
  return received;
}

/** Splits at one place, or not at all. */
function pieces(bytes: Buffer, cut: number): Buffer[] {
  return cut <= 0 || cut >= bytes.length ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
}

async function compare(bytes: Buffer, cut: number, name: string): Promise<string> {
  const [expected, actual] = await Promise.all([
    answer(real, [bytes]),
    answer(ours!.address, pieces(bytes, cut)),
  ]);
  const sent = JSON.stringify(bytes.toString("latin1", 0, Math.min(bytes.length, 600)));
  assert.equal(actual, expected, `${name}, cut at ${cut}: ${sent}`);
  return expected;
}

const PING = "*1\r\n$4\r\nPING\r\n";
const OFF = "CLIENT REPLY OFF\r\n";
const SKIP = "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$4\r\nSKIP\r\n";

/** Each is sent between two PINGs. */
const FRAMES: readonly string[] = [
  // Counts and lengths.
  ...[
    "*abc\r\n",
    "*-2\r\n",
    "*0\r\n",
    "*-1\r\n",
    "*\r\n",
    "*1.5\r\n",
    "* 1\r\n",
    "*+1\r\n",
    "*01\r\n",
  ],
  ...["*2147483647\r\n", "*2147483648\r\n", "*99999999999999999999\r\n", "*1 \r\n", "**1\r\n"],
  ...[
    "*1\r\n:1\r\n",
    "*1\r\nPING\r\n",
    "*1\r\n$abc\r\n",
    "*1\r\n$-1\r\n",
    "*1\r\n$\r\n",
    "*1\r\n\r\n",
  ],
  ...["*1\r\n$536870912\r\nPING", "*1\r\n$536870913\r\n", "*1\r\n$99999999999999999999\r\n"],
  ...[
    "*1\r\n$04\r\nPING\r\n",
    "*1\r\n$+4\r\nPING\r\n",
    "*1\r\n$4 \r\nPING\r\n",
    "*1\r\n$4.0\r\nPING\r\n",
  ],
  ...[
    "*2\r\n$4\r\nPING\r\n$-5\r\n",
    "*2\r\n$4\r\nECHO\r\n*1\r\n",
    "*1\r\n\x00",
    "*1\x00\r\n$4\r\nPING\r\n",
  ],
  ...["*1\r\n$4\x00\r\nPING\r\n", "*1\r\n\xff4\r\nPING\r\n"],
  // Line breaks that are none.
  ...[
    "*1\n$4\nPING\n",
    "*1\r$4\rPING\r",
    "*1\rX$4\rYPINGab",
    "*1\r\n$4\r\nPINGxx",
    "*1\r\n$4\r\nPI\r\nxx",
  ],
  ...["\r\n", "\n", "\r", " \r\n", "\n\n\r\n\n", "\x00\r\n", "\x00PING\r\n", "PI\x00NG\r\n"],
  // Inline commands.
  ...[
    "PING\r\n",
    "PING\n",
    "ping\r\r\n",
    "  PING  \r\n",
    "\tPING\t\r\n",
    "PING \x0b\r\n",
    "PING hello\r\n",
  ],
  ...[
    'ECHO "a\\x41\\n\\r\\t\\b\\a\\q\\""\r\n',
    "ECHO 'a\\'b\\n'\r\n",
    'ECHO "\\xZZ\\x4"\r\n',
    'ECHO ""\r\n',
  ],
  ...[
    "ECHO ''\r\n",
    'ECHO a"b c"\r\n',
    'ECHO a"b"c\r\n',
    'ECHO "a"b\r\n',
    "ECHO 'a\r\n",
    'ECHO "a\r\n',
  ],
  ...[
    'ECHO "a\\',
    'ECHO "a\\\r\n',
    "ECHO a'b'\r\n",
    "ECHO \\x41\r\n",
    "ECHO $-1\r\n",
    "$4\r\n",
    ":5\r\n",
  ],
  ...[
    "+OK\r\n",
    "-ERR\r\n",
    "GET / HTTP/1.0\r\nAccept: a\r\n\r\n",
    "NOSUCH 'it''s'\r\n",
    "SET\r\n",
  ],
  // What commands do to the connection.
  ...[
    "QUIT\r\n",
    "QUIT a\r\n",
    `${OFF}PING\r\n`,
    `${OFF}*x\r\n`,
    `${OFF}QUIT\r\n`,
    `${OFF}CLIENT REPLY ON\r\n`,
  ],
  ...[`${SKIP}PING a\r\n`, `${SKIP}${SKIP}PING a\r\nPING b\r\n`, `${SKIP}CLIENT REPLY ON\r\n`],
  ...[`${SKIP}*x\r\n`, `${SKIP}${OFF}CLIENT REPLY ON\r\nPING a\r\n`],
  ...[`${OFF}${SKIP}PING a\r\nCLIENT REPLY ON\r\nPING b\r\n`, `${SKIP}NOSUCH\r\nNOSUCH\r\n`],
  ...[
    `${SKIP}CLIENT REPLY x\r\nPING a\r\n`,
    `${OFF}RESET\r\nPING a\r\n`,
    `${SKIP}RESET\r\nPING a\r\n`,
  ],
  ...[
    "SELECT 3\r\nHELLO 9\r\nRESET\r\nGET a\r\n",
    "RESET\r\nQUIT\r\n",
    "HELLO 9 AUTH\r\nRESET\r\n",
  ],
  ...["SET host: a\r\n", "GET post\r\n"],
];

for (const frame of FRAMES) {
  test(`${JSON.stringify(frame)} is answered as by redis-server`, async (t) => {
    if (missing !== undefined) return t.skip(missing);
    const bytes = Buffer.from(`${PING}${frame}${PING}`, "latin1");
    for (let cut = 0; cut < bytes.length; cut += cut === 0 ? PING.length : 5) {
      await compare(bytes, cut, "frame");
    }
  });
}

test("what a web page makes a browser send closes the connection without a word", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const line of ["POST / HTTP/1.0", "Host: a", "host: a", "*1\r\n$4\r\nPOST", "post"]) {
    const received = await compare(Buffer.from(`${line}\r\n${PING}`), 0, "browser");
    assert.equal(received, "");
  }
});

const LONG = 64 * 1024;

test("lines around 64 KiB are answered as by redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  for (const length of [LONG - 2, LONG - 1, LONG, LONG + 1, LONG + 100]) {
    for (const end of ["", "\r\n", "\n"]) {
      for (const start of ["PING ", "*", "*1\r\n$", "PING '", "\x00"]) {
        const line = start + "1".repeat(length - start.length);
        await compare(Buffer.from(line + end, "latin1"), 0, `${start} of ${length}`);
      }
    }
  }
});

/** Bytes that mean something somewhere in a frame. */
const BYTES = [..."*$:\r\n\0 \"'\\0123456789-+xPING\t\xff"].map((c) => c.charCodeAt(0));

function damaged(c: Chooser, frame: Buffer): Buffer {
  const bytes = [...frame];
  for (let i = c.between(1, 3); i > 0; i--) {
    const place = c.below(bytes.length);
    const kind = c.below(4);
    if (kind === 0) bytes.splice(place, 1);
    else if (kind === 1) bytes.splice(place, 0, c.pick(BYTES));
    else if (kind === 2) bytes[place] = c.pick(BYTES);
    else bytes.splice(place, c.between(1, 8));
    if (bytes.length === 0) break;
  }
  return Buffer.from(bytes);
}

const SIMPLE: readonly (readonly string[])[] = [
  ...[["PING"], ["PING", "hallo"], ["SET", "k", "v"], ["GET", "k"], ["ECHO", "x".repeat(70)]],
  ...[["MGET", "k", "k", "nosuch"], ["SETRANGE", "k", "5", "abc"], ["STRLEN", "k"], ["INCR", "n"]],
];

test("damaged frames are answered as by redis-server", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const c = new Chooser(SEED);
  const seen = new Set<string>();
  for (let i = 0; i < RANDOM_CASES; i++) {
    await compare(encodeCommand(["FLUSHALL"]), 0, "flush");
    const frames = Array.from({ length: c.between(1, 6) }, () => {
      const args = c.pick(SIMPLE);
      const frame = c.chance(70) ? encodeCommand(args) : Buffer.from(`${args.join(" ")}\r\n`);
      return c.chance(35) ? damaged(c, frame) : frame;
    });
    const bytes = Buffer.concat(frames);
    const cut = c.chance(50) ? 0 : c.below(bytes.length + 1);
    const received = await compare(bytes, cut, `seed ${SEED} case ${i}`);
    for (const [text] of received.matchAll(/Protocol error: [a-z]+|unknown command/g)) {
      seen.add(text);
    }
  }
  assert.ok(seen.size >= 3, `too few kinds of damage: ${[...seen].join(", ")}`);
});
