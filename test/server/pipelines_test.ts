/** Commands over real sockets: whole, in pieces, in deep pipelines, over many connections at once. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { type Argument, encodeCommand } from "../support/frames.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { sleep, until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const MIB = 1024 * 1024;
/** What a connection is counted as, without anything in its buffers. */
const SESSION_BYTES = 1024;

const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
let running: TestServer;
/** What the server counts for its buffers when nobody is connected. */
let emptyBufferBytes = 0;
before(async () => {
  running = await startTestServer(
    ...["--unixsocket", join(folder, "s.sock"), "--maxmemory-policy", "noeviction"],
  );
  emptyBufferBytes = running.server.engine.bufferBytes;
});
after(async () => {
  closeClients();
  await running.close();
  rmSync(folder, { recursive: true });
});

async function client(): Promise<WireClient> {
  return await connect(running.address);
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

async function readText(from: WireClient, count: number): Promise<string> {
  return Buffer.concat(await from.readAll(count)).toString("latin1");
}

test("a unix socket serves what TCP serves", async () => {
  const unix = await connect(running.server.addresses.find(({ kind }) => kind === "unix")!);
  const tcp = await client();
  assert.equal(await unix.call("SET", "shared", "v"), "+OK\r\n");
  assert.equal(await tcp.call("GET", "shared"), "$1\r\nv\r\n");
  assert.match(await unix.call("CLIENT", "INFO"), / flags=U /);
  assert.match(await tcp.call("CLIENT", "INFO"), / flags=N /);
});

const MIXED: readonly (readonly Argument[])[] = [
  ["SET", "cut", "a\r\nb"],
  ["GET", "cut"],
  ["MGET", "cut", "nosuch"],
  ["ECHO", ""],
  ["NOSUCH", "x"],
];
const MIXED_BYTES = Buffer.concat([
  Buffer.from("PING\r\n"),
  ...MIXED.map(encodeCommand),
  Buffer.from("ECHO 'in line'\r\n"),
]);
const MIXED_REPLIES = [
  "+PONG\r\n",
  "+OK\r\n",
  "$4\r\na\r\nb\r\n",
  "*2\r\n$4\r\na\r\nb\r\n$-1\r\n",
  "$0\r\n\r\n",
  "-ERR unknown command 'NOSUCH', with args beginning with: 'x' \r\n",
  "$7\r\nin line\r\n",
].join("");

test("one byte at a time is as good as all at once", async () => {
  const one = await client();
  for (const byte of MIXED_BYTES) {
    one.send(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await readText(one, 7), MIXED_REPLIES);
});

test("a pipeline may be cut anywhere", async () => {
  const one = await client();
  for (let cut = 1; cut < MIXED_BYTES.length; cut++) {
    one.send(MIXED_BYTES.subarray(0, cut));
    await sleep(1);
    one.send(MIXED_BYTES.subarray(cut));
    assert.equal(await readText(one, 7), MIXED_REPLIES, `cut at ${cut}`);
  }
});

for (const depth of [1000, 100_000]) {
  test(`${depth} commands in one write are answered in order`, async () => {
    const one = await client();
    await one.call("DEL", "count");
    one.send(Buffer.concat(Array.from({ length: depth }, () => encodeCommand(["INCR", "count"]))));
    const expected = Array.from({ length: depth }, (_, i) => `:${i + 1}\r\n`).join("");
    assert.equal(await readText(one, depth), expected);
  });
}

test("replies larger than any buffer come whole and in order", async () => {
  const one = await client();
  const values = Array.from(
    { length: 16 },
    (_, i) => String.fromCharCode(97 + i).repeat(10_000 + i),
  );
  for (const [i, value] of values.entries()) await one.call("SET", `large:${i}`, value);
  const commands = Array.from({ length: 2000 }, (_, i) => ["GET", `large:${i % 16}`]);
  one.sendCommands(commands);
  for (const [i, reply] of (await one.readAll(2000)).entries()) {
    assert.equal(reply.toString(), bulk(values[i % 16]));
  }
});

test("values of 5 MB go both ways, in pieces and together", async () => {
  const one = await client();
  const random = createRandom([1, 2, 3, 4]);
  const values = Array.from({ length: 3 }, (_, i) => {
    const bytes = Buffer.alloc(5 * MIB + i);
    for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeInt32LE(random.int32(), at);
    return bytes;
  });
  one.sendCommands([
    ...values.map((value, i) => ["SET", `huge:${i}`, value]),
    ...values.map((_, i) => ["GET", `huge:${i}`]),
    ["DEL", "huge:0", "huge:1", "huge:2"],
  ]);
  assert.equal(await readText(one, 3), "+OK\r\n".repeat(3));
  for (const value of values) {
    const reply = await one.read();
    const start = reply.indexOf("\n") + 1;
    assert.equal(reply.length, start + value.length + 2);
    assert.ok(reply.subarray(start, start + value.length).equals(value));
  }
  assert.equal(await one.readText(), ":3\r\n");
});

test("a connection that is cut in the middle of a frame costs nobody else anything", async () => {
  const stays = await client();
  for (let i = 0; i < 50; i++) {
    const goes = await client();
    goes.send("*3\r\n$3\r\nSET\r\n$4\r\ngone\r\n$100\r\nhal");
    goes.socket.resetAndDestroy();
  }
  const ends = await client();
  ends.send("PING\r\n*3\r\n$3\r\nSET\r\n");
  ends.endSending();
  assert.equal(await ends.readToEnd(), "+PONG\r\n");
  assert.equal(await stays.call("EXISTS", "gone"), ":0\r\n");
  await until("the connections to be forgotten", async () => {
    const lines = (await stays.call("CLIENT", "LIST")).match(/ cmd=NULL /g) ?? [];
    return lines.length === 0;
  });
});

test("a protocol error closes its connection alone, after it was told", async () => {
  const [bad, good] = [await client(), await client()];
  good.send("*2\r\n$4\r\nECHO\r\n$5\r\nhel");
  bad.send("PING\r\n*1\r\n$x\r\nPING\r\n");
  assert.equal(await bad.readToEnd(), "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n");
  good.send("lo\r\n");
  assert.equal(await good.readText(), "$5\r\nhello\r\n");
});

test("quoted lines behind replies that nobody reads are run as they came", async () => {
  const one = await client();
  await one.call("SET", "wide", "w".repeat(MIB));
  one.pause();
  const lines = Array.from({ length: 30 }, (_, i) => [
    `GET "wide"\r\n`,
    `SET 'quoted' "it's \\x41 ${i}"\r\n`,
    `GET 'quoted'\r\n`,
  ]);
  one.send(lines.flat().join(""));
  await sleep(100);
  one.resume();
  for (let i = 0; i < 30; i++) {
    assert.equal((await one.read()).length, MIB + 12);
    assert.equal(await readText(one, 2), `+OK\r\n${bulk(`it's A ${i}`)}`);
  }
});

const CONNECTIONS = 500;
const ROUNDS = 4;

/** What one connection sends in a round, and what it must get. */
function conversation(id: number, round: number): { bytes: Buffer; replies: string } {
  const key = `own:${id}`;
  const value = `${id}-${round}`.repeat(1 + (id % 40));
  const steps: [readonly Argument[], string][] = [
    [["SELECT", String(id % 16)], "+OK\r\n"],
    [["SET", key, value], "+OK\r\n"],
    [["SELECT", String((id + 1) % 16)], "+OK\r\n"],
    [["GET", key], id % 3 === 0 ? "_\r\n" : "$-1\r\n"],
    [["SELECT", String(id % 16)], "+OK\r\n"],
    [["CLIENT", "REPLY", "SKIP"], ""],
    [["ECHO", "unheard"], ""],
    [["GET", key], bulk(value)],
    [["CLIENT", "REPLY", "OFF"], ""],
    [["INCR", `${key}:n`], ""],
    [["GET", key], ""],
    [["CLIENT", "REPLY", "ON"], "+OK\r\n"],
    [["GET", `${key}:n`], bulk(String(round + 1))],
    [["MGET", key, "nosuch"], `*2\r\n${bulk(value)}${id % 3 === 0 ? "_" : "$-1"}\r\n`],
    [["ECHO", value], bulk(value)],
  ];
  return {
    bytes: Buffer.concat(steps.map(([args]) => encodeCommand(args))),
    replies: steps.map(([, reply]) => reply).join(""),
  };
}

test(`${CONNECTIONS} connections with interleaved pipelines get their own replies`, async () => {
  const clients: WireClient[] = [];
  for (let i = 0; i < CONNECTIONS; i++) clients.push(await client());
  for (const [id, each] of clients.entries()) {
    const version = id % 3 === 0 ? "3" : "2";
    assert.match(await each.call("HELLO", version), new RegExp(`proto\r\n:${version}\r\n`));
  }
  const random = createRandom([5, 6, 7, 8]);
  for (let round = 0; round < ROUNDS; round++) {
    const talks = clients.map((_, id) => conversation(id, round));
    const cuts = talks.map(({ bytes }) => random.below(bytes.length));
    for (const [id, each] of clients.entries()) each.send(talks[id].bytes.subarray(0, cuts[id]));
    if (round % 2 === 0) await sleep(1);
    for (const [id, each] of clients.entries()) each.send(talks[id].bytes.subarray(cuts[id]));
    for (const [id, each] of clients.entries()) {
      assert.equal(await readText(each, 10), talks[id].replies, `connection ${id}, round ${round}`);
    }
  }
  for (const each of clients) {
    assert.equal(each.frameCount, 0);
    each.close();
  }
});

test("when the clients are gone, no buffer of theirs is counted any longer", async () => {
  const { engine } = running.server;
  closeClients();
  const before = emptyBufferBytes;
  await until("the clients to be gone", () => engine.bufferBytes === before);
  const [large, held, blocked] = [await client(), await client(), await client()];
  for (let i = 0; i < 5; i++) {
    assert.equal(await large.call("SET", "counted", Buffer.alloc(3 * MIB + i)), "+OK\r\n");
  }
  assert.equal(engine.bufferBytes - before, 3 * SESSION_BYTES);
  large.send("*3\r\n$3\r\nSET\r\n$7\r\ncounted\r\n$9000000\r\n" + "x".repeat(4 * MIB));
  blocked.pause();
  blocked.sendCommands(Array.from({ length: 20 }, () => ["GET", "counted"]));
  await until("4 MB to be counted", () => engine.bufferBytes - before > 4 * MIB);
  assert.equal(await held.call("CLIENT", "PAUSE", "100000", "WRITE"), "+OK\r\n");
  held.send(encodeCommand(["SET", "a", "x".repeat(100_000)]));
  await sleep(50);
  closeClients();
  await until("nothing to be counted", () => engine.bufferBytes === before);
  assert.equal(await (await client()).call("CLIENT", "UNPAUSE"), "+OK\r\n");
});
