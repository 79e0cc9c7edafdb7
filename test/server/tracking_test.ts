import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { missingProgram, startRedis } from "../support/real_redis.ts";
import { until } from "../support/wait.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

let server: TestServer;

before(async () => server = await startTestServer());
after(() => server.close());
afterEach(() => closeClients());

/** A frame with "~" for each line break. */
async function next(client: WireClient): Promise<string> {
  return (await client.readText()).replaceAll("\r\n", "~");
}

/** Sends a line of words. @returns the next frame */
async function ask(client: WireClient, line: string): Promise<string> {
  client.sendCommands([line.split(" ")]);
  return await next(client);
}

/** @returns the frames that came before the reply to a PING sent now */
async function messages(client: WireClient, isSubscriber = false): Promise<string[]> {
  const name = `fence ${Math.floor(client.receivedBytes)}`;
  client.sendCommands([["PING", name]]);
  const end = isSubscriber ? `*2~$4~pong~$${name.length}~${name}~` : `$${name.length}~${name}~`;
  const frames: string[] = [];
  for (;;) {
    const frame = await next(client);
    if (frame === end) return frames;
    frames.push(frame);
  }
}

/** The RESP3 message about some keys. */
function about(...keys: string[]): string {
  const bulks = keys.map((key) => `$${key.length}~${key}~`).join("");
  return `>2~$10~invalidate~*${keys.length}~${bulks}`;
}

const ABOUT_ALL = ">2~$10~invalidate~_~";

/** A connection that tracks, in RESP3. */
async function tracker(options = ""): Promise<WireClient> {
  const client = await connect(server.address);
  await ask(client, "HELLO 3");
  assert.equal(await ask(client, `CLIENT TRACKING ON${options}`), "+OK~");
  return client;
}

/** A connection that does not, on an empty server. */
async function writer(): Promise<WireClient> {
  const client = await connect(server.address);
  await ask(client, "FLUSHALL");
  return client;
}

async function id(client: WireClient): Promise<string> {
  return (await ask(client, "CLIENT ID")).slice(1, -1);
}

async function info(client: WireClient, field: string): Promise<number> {
  const text = await ask(client, "INFO clients stats memory");
  const match = new RegExp(`${field}:(\\d+)~`).exec(text);
  assert.ok(match, field);
  return Number(match[1]);
}

describe("the default mode", () => {
  test("tells of a key that was read once, until it is read again", async () => {
    const other = await writer();
    const client = await tracker();
    assert.equal(await ask(client, "GET k"), "_~");
    await ask(other, "SET k 1");
    await ask(other, "SET k 2");
    await ask(other, "SET unread 2");
    assert.deepEqual(await messages(client), [about("k")]);
    assert.equal(await ask(client, "GET k"), "$1~2~");
    await ask(other, "DEL k");
    assert.deepEqual(await messages(client), [about("k")]);
  });

  test("makes one message of the keys of a batch", async () => {
    const other = await writer();
    const client = await tracker();
    const keys = Array.from({ length: 16 }, (_, i) => `key:${i}`);
    await ask(client, `MGET ${keys.join(" ")}`);
    other.sendCommands(keys.map((key) => ["SET", key, "v"]));
    await other.readAll(keys.length);
    assert.deepEqual(await messages(client), [about(...keys)]);
  });

  test("tells a client of its own writes behind their replies, also in a pipeline", async () => {
    const client = await tracker();
    await ask(client, "FLUSHALL");
    await messages(client);
    client.sendCommands([
      ["GET", "k"],
      ["SET", "k", "1"],
      ["GET", "k"],
      ["SET", "other", "1"],
      ["DEL", "k"],
    ]);
    assert.deepEqual(await messages(client), [
      "_~",
      "+OK~",
      about("k"),
      "$1~1~",
      "+OK~",
      ":1~",
      about("k"),
    ]);
  });

  test("follows the keys of every command that reads, wherever they stand, and of no other", async () => {
    const other = await writer();
    const client = await tracker();
    await ask(other, "SADD s 1");
    await ask(other, "SADD t 1");
    await ask(other, "RPUSH l 1");
    await ask(client, "SINTERCARD 2 s t");
    await ask(client, "TYPE l");
    await ask(client, "GET l"); // fails, and is tracked all the same
    await ask(client, "SET written 1");
    await ask(client, "LPUSH l 2");
    assert.deepEqual(await messages(client), [about("l")]);
    await ask(other, "DEL written");
    await ask(other, "SREM t 1");
    await ask(other, "SADD s 2");
    assert.deepEqual((await messages(client)).sort(), [about("s"), about("t")]);
  });

  test("sees no difference between databases", async () => {
    const other = await writer();
    const client = await tracker();
    await ask(client, "GET k");
    await ask(other, "SELECT 3");
    await ask(other, "SET k 1");
    assert.deepEqual(await messages(client), [about("k")]);
  });

  test("in a transaction, follows reads, and tells of writes behind the reply to EXEC", async () => {
    const other = await writer();
    const client = await tracker();
    await ask(client, "MULTI");
    await ask(client, "GET a");
    await ask(client, "GET b");
    await ask(client, "SET a 1");
    assert.equal(await ask(client, "EXEC"), "*3~_~_~+OK~");
    assert.deepEqual(await messages(client), [about("a")]);
    await ask(other, "SET b 1");
    assert.deepEqual(await messages(client), [about("b")]);
  });

  test("a reader that waits is told before it is served, and follows what it read then", async () => {
    const other = await writer();
    const client = await tracker();
    client.sendCommands([["XREAD", "BLOCK", "0", "STREAMS", "stream", "$"]]);
    await until("it waits", async () => (await info(other, "blocked_clients")) === 1);
    await ask(other, "XADD stream 1-1 a b");
    assert.equal(await next(client), about("stream"));
    assert.equal(await next(client), "%1~$6~stream~*1~*2~$3~1-1~*2~$1~a~$1~b~");
    assert.deepEqual(await messages(client), []);
    await ask(other, "XADD stream 1-2 a b");
    assert.deepEqual(await messages(client), [about("stream")]);
  });

  test("tells of keys that expire, by themselves or when they are looked at", async () => {
    const other = await writer();
    const client = await tracker();
    await ask(other, "SET soon 1 PX 30");
    await ask(client, "GET soon");
    await until("the key expired", async () => (await info(other, "tracking_total_keys")) === 0);
    assert.deepEqual(await messages(client), [about("soon")]);
    await ask(client, "GET past");
    await ask(other, "SET past 1");
    assert.deepEqual(await messages(client), [about("past")]);
    await ask(client, "GET past");
    await ask(other, "PEXPIRE past 1");
    assert.deepEqual(await messages(client), [about("past")]);
  });

  test("tells all clients to forget everything when a database is emptied, or swapped", async () => {
    const other = await writer();
    const clients = [await tracker(), await tracker(" BCAST PREFIX x"), await tracker(" NOLOOP")];
    for (const command of ["FLUSHALL", "FLUSHDB", "SWAPDB 0 1"]) {
      await ask(clients[0], "GET k");
      await ask(other, command);
      for (const client of clients) assert.deepEqual(await messages(client), [ABOUT_ALL], command);
      assert.equal(await info(other, "tracking_total_items"), 0);
    }
    assert.equal(await ask(clients[2], "FLUSHALL"), "+OK~");
    assert.deepEqual(await messages(clients[2]), [ABOUT_ALL]);
  });
});

describe("the options", () => {
  test("NOLOOP leaves out what the client changes itself", async () => {
    const other = await writer();
    const client = await tracker(" NOLOOP");
    await ask(client, "GET k");
    await ask(client, "SET k 1");
    assert.deepEqual(await messages(client), []);
    await ask(client, "GET k");
    await ask(other, "SET k 2");
    assert.deepEqual(await messages(client), [about("k")]);
  });

  test("OPTIN follows what is read behind CLIENT CACHING YES, one command or one transaction", async () => {
    const other = await writer();
    const client = await tracker(" OPTIN");
    await ask(client, "GET no");
    await ask(client, "CLIENT CACHING YES");
    assert.match(await ask(client, "CLIENT TRACKINGINFO"), /optin~\$11~caching-yes~/);
    await ask(client, "GET yes");
    assert.doesNotMatch(await ask(client, "CLIENT TRACKINGINFO"), /caching-yes/);
    await ask(client, "GET no");
    await ask(client, "CLIENT CACHING YES");
    for (const line of ["MULTI", "GET yes1", "GET yes2", "EXEC", "GET no"]) await ask(client, line);
    await ask(client, "CLIENT CACHING YES");
    await ask(client, "GET too many words");
    await ask(client, "GET no");
    await ask(other, "MSET no 1 yes 1 yes1 1 yes2 1");
    assert.deepEqual(await messages(client), [about("yes", "yes1", "yes2")]);
  });

  test("OPTOUT leaves out what is read behind CLIENT CACHING NO", async () => {
    const other = await writer();
    const client = await tracker(" OPTOUT");
    await ask(client, "CLIENT CACHING NO");
    await ask(client, "GET no");
    await ask(client, "GET yes");
    await ask(other, "MSET no 1 yes 1");
    assert.deepEqual(await messages(client), [about("yes")]);
  });

  test("BCAST tells of all keys with a prefix, once each, to NOLOOP but its own", async () => {
    const other = await writer();
    const all = await tracker(" BCAST");
    const some = await tracker(" BCAST PREFIX user: PREFIX object:");
    const quiet = await tracker(" BCAST NOLOOP PREFIX user:");
    assert.equal(await info(other, "tracking_total_prefixes"), 3);
    other.sendCommands([
      ["SET", "user:1", "1"],
      ["SET", "user:1", "2"],
      ["SET", "object:1", "1"],
      ["SET", "other", "1"],
    ]);
    await other.readAll(4);
    assert.deepEqual(await messages(all), [about("user:1", "object:1", "other")]);
    assert.deepEqual((await messages(some)).sort(), [about("object:1"), about("user:1")].sort());
    assert.deepEqual(await messages(quiet), [about("user:1")]);
    await ask(quiet, "SET user:1 3");
    assert.deepEqual(await messages(quiet), []);
    assert.deepEqual(await messages(some), [about("user:1")]);
    assert.equal(await info(other, "tracking_total_keys"), 0);
    some.close();
    quiet.close();
    await until(
      "two prefixes go",
      async () => (await info(other, "tracking_total_prefixes")) === 1,
    );
  });
});

describe("what is refused", () => {
  const SWITCHED = "before disabling tracking for this client, and then re-enabling it with a " +
    "different mode.";
  const OVERLAP = "Prefixes for a single client must not overlap.";

  /** Each row goes to a connection of its own: lines that succeed, and the error of the last one. */
  const ROWS: [lines: string[], error: string][] = [
    [["CLIENT TRACKING"], "wrong number of arguments for 'client|tracking' command"],
    [["CLIENT TRACKING maybe"], "syntax error"],
    [["CLIENT TRACKING ON what"], "syntax error"],
    [["CLIENT TRACKING ON PREFIX"], "syntax error"],
    [["CLIENT TRACKING OFF REDIRECT"], "syntax error"],
    [["CLIENT TRACKING ON REDIRECT x"], "value is not an integer or out of range"],
    [["CLIENT TRACKING OFF REDIRECT 0"], "The client ID you want redirect to does not exist"],
    [["CLIENT TRACKING ON PREFIX a"], "PREFIX option requires BCAST mode to be enabled"],
    [["CLIENT TRACKING ON BCAST OPTIN"], "OPTIN and OPTOUT are not compatible with BCAST"],
    [["CLIENT TRACKING ON OPTOUT OPTIN"], "You can't specify both OPTIN mode and OPTOUT mode"],
    [
      ["CLIENT TRACKING ON", "CLIENT TRACKING ON BCAST"],
      `You can't switch BCAST mode on/off ${SWITCHED}`,
    ],
    [
      ["CLIENT TRACKING ON BCAST", "CLIENT TRACKING ON OPTIN"],
      `You can't switch BCAST mode on/off ${SWITCHED}`,
    ],
    [
      ["CLIENT TRACKING ON OPTIN", "CLIENT TRACKING ON OPTOUT"],
      `You can't switch OPTIN/OPTOUT mode ${SWITCHED}`,
    ],
    [
      ["CLIENT TRACKING ON BCAST PREFIX ab", "CLIENT TRACKING ON BCAST PREFIX a"],
      `Prefix 'a' overlaps with an existing prefix 'ab'. ${OVERLAP}`,
    ],
    [
      ["CLIENT TRACKING ON BCAST PREFIX ab PREFIX abc"],
      `Prefix 'ab' overlaps with another provided prefix 'abc'. ${OVERLAP}`,
    ],
    [
      ["CLIENT CACHING YES"],
      "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT " +
      "mode enabled",
    ],
    [
      ["CLIENT TRACKING ON OPTOUT", "CLIENT CACHING YES"],
      "CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
    ],
    [
      ["CLIENT TRACKING ON", "CLIENT CACHING NO"],
      "CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
    ],
    [["CLIENT TRACKING ON OPTIN", "CLIENT CACHING maybe"], "syntax error"],
  ];

  const check = async (address: TestServer["address"]): Promise<void> => {
    for (const [lines, error] of ROWS) {
      const client = await connect(address);
      for (const line of lines.slice(0, -1)) assert.equal(await ask(client, line), "+OK~", line);
      const line = lines[lines.length - 1];
      assert.equal(await ask(client, line), `-ERR ${error}~`, line);
      client.close();
    }
  };

  test("is told in the words of Redis", () => check(server.address));

  test("is told so by redis-server, too", async (t) => {
    const missing = missingProgram("redis-server");
    if (missing !== undefined) return t.skip(missing);
    const redis = await startRedis();
    await check(redis.address);
    await redis.process.kill();
  });
});

describe("redirection", () => {
  test("brings messages of a channel to a subscriber in RESP2", async () => {
    const other = await writer();
    const receiver = await connect(server.address);
    const client = await connect(server.address);
    const receiverId = await id(receiver);
    await ask(client, `CLIENT TRACKING ON REDIRECT ${receiverId}`);
    assert.equal(await ask(client, "CLIENT GETREDIR"), `:${receiverId}~`);
    await ask(client, "GET early");
    await ask(other, "SET early 1");
    assert.deepEqual(await messages(receiver), [], "it is no subscriber yet");
    await ask(receiver, "SUBSCRIBE __redis__:invalidate");
    await ask(client, "MGET a b");
    other.sendCommands([["SET", "a", "1"], ["SET", "b", "1"]]);
    await other.readAll(2);
    await ask(other, "FLUSHALL");
    const head = "*3~$7~message~$20~__redis__:invalidate~";
    assert.deepEqual(await messages(receiver, true), [
      `${head}*1~$1~a~`,
      `${head}*1~$1~b~`,
      `${head}$-1~`,
    ]);
    assert.deepEqual(await messages(client), []);
  });

  test("brings pushes to a connection in RESP3", async () => {
    const other = await writer();
    const receiver = await connect(server.address);
    await ask(receiver, "HELLO 3");
    const client = await connect(server.address);
    await ask(client, `CLIENT TRACKING ON BCAST REDIRECT ${await id(receiver)}`);
    await ask(other, "SET k 1");
    assert.deepEqual(await messages(receiver), [about("k")]);
  });

  test("that is broken is told, and shown", async () => {
    const other = await writer();
    const receiver = await connect(server.address);
    const receiverId = await id(receiver);
    const client = await tracker(` REDIRECT ${receiverId}`);
    receiver.close();
    await until("the receiver is gone", async () => {
      return !(await ask(other, "CLIENT LIST")).includes(`id=${receiverId} `);
    });
    await ask(client, "MGET a b");
    assert.doesNotMatch(await ask(client, "CLIENT TRACKINGINFO"), /broken_redirect/);
    await ask(other, "MSET a 1 b 1");
    assert.deepEqual(await messages(client), [
      `>2~$21~tracking-redir-broken~:${receiverId}~`,
    ]);
    assert.match(await ask(client, "CLIENT TRACKINGINFO"), /~2~\$2~on~\$15~broken_redirect~/);
    assert.match(await ask(client, "CLIENT INFO"), new RegExp(` flags=tR .* redir=${receiverId} `));
    assert.equal(await ask(client, "CLIENT TRACKING ON"), "+OK~");
    assert.match(await ask(client, "CLIENT INFO"), / flags=t .* redir=0 /);
  });
});

describe("the end of tracking", () => {
  test("comes with OFF, RESET and the end of a connection, which leave no trace", async () => {
    const other = await writer();
    assert.equal(await info(other, "tracking_clients"), 0);
    const stay = await tracker();
    const before = await info(other, "used_memory");
    const clients = [await tracker(), await tracker(), await tracker(" BCAST PREFIX p")];
    const keys = Array.from({ length: 2_000 }, (_, i) => `key:${i}`).join(" ");
    for (const client of clients) await ask(client, `MGET ${keys}`);
    await ask(stay, "GET key:1");
    assert.equal(await info(other, "tracking_clients"), 4);
    assert.equal(await info(other, "tracking_total_keys"), 2_000);
    assert.equal(await info(other, "tracking_total_items"), 4_001);
    assert.ok(await info(other, "used_memory") > before);
    assert.match(await ask(clients[2], "CLIENT INFO"), / flags=tB /);
    await ask(clients[0], "CLIENT TRACKING OFF");
    await ask(clients[1], "RESET");
    clients[2].close();
    await until("they are forgotten", async () => {
      return (await info(other, "tracking_total_items")) === 1 &&
        (await info(other, "tracking_clients")) === 1;
    });
    assert.equal(await info(other, "tracking_total_keys"), 1);
    await ask(other, "SET key:1 1");
    await ask(other, "SET key:2 1");
    assert.deepEqual(await messages(clients[0]), []);
    assert.deepEqual(await messages(stay), [about("key:1")]);
    assert.match(await ask(clients[0], "CLIENT INFO"), / flags=N .* redir=-1 /);
    stay.close();
    await until("nobody tracks", async () => (await info(other, "tracking_clients")) === 0);
  });

  test("a client that goes back to RESP2 gets no messages, and later ones in RESP3 again", async () => {
    const other = await writer();
    const client = await tracker();
    await ask(client, "GET k");
    await ask(client, "HELLO 2");
    await ask(other, "SET k 1");
    assert.deepEqual(await messages(client), []);
    await ask(client, "GET k");
    await ask(client, "HELLO 3");
    await ask(other, "SET k 2");
    assert.deepEqual(await messages(client), [about("k")]);
  });
});
