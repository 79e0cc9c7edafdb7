/** What every client library must be able to do with the server, whatever its own methods are called. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { until, within } from "../support/wait.ts";
import { closeClients, connect } from "../support/wire_client.ts";

/** One connection of a library. */
export interface LibraryClient {
  get(key: string): Promise<string | null>;
  getBytes(key: string): Promise<Uint8Array | null>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  /** SET with a time to live in seconds. */
  setFor(key: string, value: string, seconds: number): Promise<unknown>;
  mget(keys: string[]): Promise<(string | null)[]>;
  mset(pairs: Record<string, string>): Promise<unknown>;
  incr(key: string): Promise<number>;
  del(key: string): Promise<number>;
  ttl(key: string): Promise<number>;
  /** BLPOP; null when the time is over. */
  blockingPop(keys: string[], seconds: number): Promise<[key: string, value: string] | null>;
  /** Any command by its name. */
  send(name: string, ...args: string[]): Promise<unknown>;
  /** Many commands as one pipeline, as the library does that. */
  pipeline(commands: [string, ...string[]][]): Promise<unknown[]>;
  /** All keys that match, found as the library iterates; undefined if it has no way of its own. */
  scan?(pattern: string, count: number): Promise<string[]>;
  /** Ends it with QUIT where the library still sends that. */
  quit(): Promise<unknown>;
  /** Ends it without a word. */
  destroy(): void;
}

export interface ConnectOptions {
  /** E.g. "redis://user:password@127.0.0.1:6379/2", or with `path` a unix socket. */
  readonly url: string;
  readonly path?: string;
  /** Whether it comes back by itself when the connection is lost. */
  readonly reconnects?: boolean;
}

export interface Library {
  readonly name: string;
  readonly isResp3: boolean;
  readonly hasUnixSockets: boolean;
  /** What it says about a wrong password, and about none; the server's words unless it hides them. */
  readonly refusal?: RegExp;
  readonly noPassword?: RegExp;
  /** @returns a client that is ready. @throws what the library throws when it is refused */
  connect(options: ConnectOptions): Promise<LibraryClient>;
}

const MIB = 1024 * 1024;

/** Declares the tests of one library. */
export function clientContract(library: Library): void {
  const { name, refusal = /WRONGPASS/, noPassword = /NOAUTH/ } = library;
  const clients: LibraryClient[] = [];
  const folder = mkdtempSync(join(tmpdir(), "crabcache-"));
  const path = join(folder, "s.sock");
  let open: TestServer;
  let closed: TestServer;
  const urlOf = ({ address }: TestServer, credentials = "", database = ""): string => {
    assert.ok(address.kind === "tcp");
    return `redis://${credentials}127.0.0.1:${address.port}${database}`;
  };
  const connected = async (options: ConnectOptions): Promise<LibraryClient> => {
    const client = await within(`${name} to connect`, library.connect(options));
    clients.push(client);
    return client;
  };

  before(async () => {
    open = await startTestServer("--unixsocket", path, "--maxmemory-policy", "noeviction");
    closed = await startTestServer("--requirepass", "secret", "--auth-fail-delay-ms", "0");
  });
  after(async () => {
    for (const client of clients) client.destroy();
    closeClients();
    await open.close();
    await closed.close();
    rmSync(folder, { recursive: true });
  });

  test(`${name} reads, writes, counts and expires`, async () => {
    const client = await connected({ url: urlOf(open) });
    await client.set("greeting", "h\u00e9llo");
    assert.equal(await client.get("greeting"), "h\u00e9llo");
    assert.equal(await client.get("nosuch"), null);
    await client.mset({ "m:1": "one", "m:2": "", "m:3": "a\r\nb" });
    assert.deepEqual(await client.mget(["m:1", "nosuch", "m:2", "m:3"]), [
      "one",
      null,
      "",
      "a\r\nb",
    ]);
    assert.equal(await client.incr("count"), 1);
    assert.equal(await client.incr("count"), 2);
    await client.setFor("short", "v", 100);
    const left = await client.ttl("short");
    assert.ok(left > 90 && left <= 100, `${left} seconds`);
    assert.equal(await client.ttl("greeting"), -1);
    assert.equal(await client.del("greeting"), 1);
    assert.equal(await client.get("greeting"), null);
    await assert.rejects(() => client.send("NOSUCH", "a"), /unknown command 'NOSUCH'/);
    await assert.rejects(() => client.send("INCRBY", "m:1", "1"), /not an integer or out of range/);
    assert.equal(await client.incr("count"), 3);
  });

  test(`${name} speaks RESP${library.isResp3 ? 3 : 2}`, async () => {
    const client = await connected({ url: urlOf(open) });
    const line = String(await client.send("CLIENT", "INFO"));
    assert.match(line, new RegExp(` resp=${library.isResp3 ? 3 : 2} `));
  });

  test(`${name} sends pipelines, and many commands at once`, async () => {
    const client = await connected({ url: urlOf(open) });
    await client.del("p");
    const commands = Array.from({ length: 1000 }, (_, i): [string, ...string[]] => {
      return i % 2 === 0 ? ["INCR", "p"] : ["ECHO", `word ${i}`];
    });
    const expected = commands.map((_, i) => i % 2 === 0 ? i / 2 + 1 : `word ${i}`);
    assert.deepEqual(await client.pipeline(commands), expected);
    const counts = await Promise.all(Array.from({ length: 5000 }, () => client.incr("p")));
    assert.deepEqual(counts, Array.from({ length: 5000 }, (_, i) => 501 + i));
  });

  test(`${name} carries bytes of every kind and 5 MB of them`, async () => {
    const client = await connected({ url: urlOf(open) });
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await client.set("bytes", all);
    assert.ok(Buffer.from((await client.getBytes("bytes"))!).equals(all));
    const large = Buffer.alloc(5 * MIB + 3);
    const random = createRandom([9, 8, 7, 6]);
    for (let at = 0; at + 4 <= large.length; at += 4) large.writeInt32LE(random.int32(), at);
    const sets = [1, 2, 3].map((i) => client.set(`large:${i}`, large));
    await Promise.all(sets);
    for (const each of await Promise.all([1, 2, 3].map((i) => client.getBytes(`large:${i}`)))) {
      assert.ok(Buffer.from(each!).equals(large));
    }
    await client.del("large:1");
  });

  test(`${name} gives the password, and hears of a wrong one and of none`, async () => {
    for (const credentials of [":secret@", "default:secret@"]) {
      const client = await connected({ url: urlOf(closed, credentials) });
      await client.set("k", "v");
      assert.equal(await client.get("k"), "v");
    }
    await assert.rejects(connected({ url: urlOf(closed, ":wrong@") }), refusal);
    await assert.rejects(async () => {
      const client = await connected({ url: urlOf(closed) });
      await client.get("k");
    }, noPassword);
  });

  test(`${name} acts as the user that its address names`, async () => {
    const admin = await connected({ url: urlOf(closed, ":secret@") });
    const rules = ["on", ">pw", "~app:*", "+@all", "-@dangerous", "+info"];
    await admin.send("ACL", "SETUSER", "alice", ...rules);
    const client = await connected({ url: urlOf(closed, "alice:pw@") });
    assert.equal(await client.send("ACL", "WHOAMI"), "alice");
    await client.set("app:k", "v");
    assert.equal(await client.get("app:k"), "v");
    await assert.rejects(client.get("other"), /NOPERM No permissions to access a key/);
    await assert.rejects(
      client.send("FLUSHALL"),
      /NOPERM User alice has no permissions to run the 'flushall' command/,
    );
    await admin.send("ACL", "SETUSER", "alice", "~other");
    assert.equal(await client.get("other"), null);
    await assert.rejects(connected({ url: urlOf(closed, "alice:wrong@") }), refusal);
    await assert.rejects(connected({ url: urlOf(closed, "bob:pw@") }), refusal);
  });

  test(`${name} selects the database that its address names`, async () => {
    const [second, first] = [
      await connected({ url: urlOf(open, "", "/2") }),
      await connected({ url: urlOf(open) }),
    ];
    await second.set("where", "two");
    assert.equal(await second.get("where"), "two");
    assert.equal(await first.get("where"), null);
    await first.send("SELECT", "2");
    assert.equal(await first.get("where"), "two");
  });

  test(`${name} iterates over all keys`, async () => {
    const client = await connected({ url: urlOf(open, "", "/3") });
    const names = Array.from({ length: 3000 }, (_, i) => `scan:${i}`);
    await client.pipeline(names.map((each) => ["SET", each, "v"]));
    await client.set("other", "v");
    const found = client.scan === undefined
      ? await scanByHand(client, "scan:*")
      : await client.scan("scan:*", 100);
    assert.deepEqual([...new Set(found)].sort(), [...names].sort());
  });

  test(`${name} comes back after it was killed`, async () => {
    const client = await connected({ url: urlOf(open), reconnects: true });
    const id = Number(await client.send("CLIENT", "ID"));
    const other = await connect(open.address);
    assert.equal(await other.call("CLIENT", "KILL", "ID", String(id)), ":1\r\n");
    await until(`${name} to come back`, async () => {
      try {
        return Number(await within("a reply", client.send("CLIENT", "ID"), 5000)) > id;
      } catch {
        return false;
      }
    });
    await client.set("again", "v");
    assert.equal(await client.get("again"), "v");
  });

  test(`${name} waits for an element, and for nothing`, async () => {
    const [waits, pushes] = [
      await connected({ url: urlOf(open) }),
      await connected({ url: urlOf(open) }),
    ];
    const popped = waits.blockingPop(["queue:1", "queue:2"], 20);
    await until("a blocked client", async () => {
      return String(await pushes.send("INFO", "clients")).includes("blocked_clients:1");
    });
    assert.equal(await pushes.send("RPUSH", "queue:2", "job"), 1);
    assert.deepEqual(await popped, ["queue:2", "job"]);
    assert.equal(await waits.blockingPop(["queue:1"], 0.05), null);
    assert.equal(await pushes.send("EXISTS", "queue:2"), 0);
  });

  test(`${name} hands each job to one of several workers`, async () => {
    const jobs = Array.from({ length: 60 }, (_, i) => `job ${i}`);
    const done: string[] = [];
    const work = async (): Promise<void> => {
      const worker = await connected({ url: urlOf(open) });
      for (;;) {
        const popped = await worker.blockingPop(["jobs"], 20);
        if (popped?.[1] === "stop") return;
        done.push(popped![1]);
      }
    };
    const workers = [work(), work(), work()];
    const pushes = await connected({ url: urlOf(open) });
    for (const job of jobs) await pushes.send("RPUSH", "jobs", job);
    await pushes.send("RPUSH", "jobs", "stop", "stop", "stop");
    await within("the workers", Promise.all(workers));
    assert.deepEqual(done.sort(), jobs.sort());
  });

  test(`${name} ends in peace`, async () => {
    const client = await connected({ url: urlOf(open) });
    const id = String(await client.send("CLIENT", "ID"));
    await client.set("last", "word");
    await client.quit();
    const other = await connect(open.address);
    assert.equal(await other.call("GET", "last"), "$4\r\nword\r\n");
    await until("the connection to be gone", async () => {
      return !(await other.call("CLIENT", "LIST", "ID", id)).includes(`id=${id} `);
    });
  });

  if (library.hasUnixSockets) {
    test(`${name} uses a unix socket`, async () => {
      const client = await connected({ url: urlOf(open), path });
      await client.set("unix", "v");
      assert.equal(await client.get("unix"), "v");
      assert.match(String(await client.send("CLIENT", "INFO")), / flags=U /);
    });
  }
}

async function scanByHand(client: LibraryClient, pattern: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = "0";
  do {
    const page = await client.send("SCAN", cursor, "MATCH", pattern, "COUNT", "100");
    const [next, keys] = page as [string, string[]];
    cursor = String(next);
    found.push(...keys);
  } while (cursor !== "0");
  return found;
}
