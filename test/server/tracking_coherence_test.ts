/**
 * Caches of clients over real sockets: whatever a client still has when all is quiet is what the server has.
 *
 * Readers and writers send pipelines at the same moment, so that the server runs them as one batch, in which
 * a reader's replies are not sent yet when a writer changes the key. A reader keeps what it reads until it is
 * told to forget it. If a message got lost, or came before the reply that it makes void, its cache would be
 * wrong in the end.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { elementsOf, valueOf } from "../support/frames.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { closeClients, connect, type WireClient } from "../support/wire_client.ts";

const ROUNDS = 60;
const KEYS = Array.from({ length: 12 }, (_, i) => `${i % 2 === 0 ? "even" : "odd"}:${i}`);
const NIL = "nothing";

let server: TestServer | undefined;
after(async () => {
  closeClients();
  await server?.close();
});

/** A client with a cache, which reads and writes. */
class CachingClient {
  readonly cache = new Map<string, string>();
  /** Messages so far, and the keys that they named. */
  messageCount = 0;
  toldCount = 0;
  readonly client: WireClient;
  /** What is asked for and not answered yet: the keys read, or nothing for a write. */
  #asked: string[][] = [];
  /** What is sent next. */
  #commands: string[][] = [];

  constructor(client: WireClient) {
    this.client = client;
  }

  read(keys: string[]): void {
    this.#commands.push(["MGET", ...keys]);
    this.#asked.push(keys);
  }

  readInTransaction(key: string, value: string): void {
    this.#commands.push(["MULTI"], ["GET", key], ["SET", key, value], ["EXEC"]);
    this.#asked.push([], [], [], [key]);
  }

  write(command: string[]): void {
    this.#commands.push(command);
    this.#asked.push([]);
  }

  send(): void {
    if (this.#commands.length > 0) this.client.sendCommands(this.#commands);
    this.#commands = [];
  }

  /** Takes everything up to the reply to a PING that is sent now. */
  async settle(): Promise<void> {
    this.client.sendCommands([["PING", "settled"]]);
    for (;;) {
      const frame = await this.client.read();
      if (frame[0] === 62) this.#forget(frame);
      else if (this.#asked.length === 0) return assert.equal(frame.toString(), "$7\r\nsettled\r\n");
      else this.#keep(this.#asked.shift()!, frame);
    }
  }

  #forget(frame: Uint8Array & Parameters<typeof elementsOf>[0]): void {
    const [, keys] = elementsOf(frame);
    this.messageCount++;
    if (keys[0] !== 42) return this.cache.clear();
    for (const key of elementsOf(keys)) {
      this.toldCount++;
      this.cache.delete(String(valueOf(key)));
    }
  }

  #keep(keys: string[], frame: Parameters<typeof elementsOf>[0]): void {
    if (keys.length === 0) return;
    const values = elementsOf(frame);
    keys.forEach((key, i) => this.cache.set(key, String(valueOf(values[i]) ?? NIL)));
  }
}

async function open(options: string[]): Promise<CachingClient> {
  const client = await connect(server!.address);
  await client.call("HELLO", "3");
  if (options[0] !== "none") await client.call("CLIENT", "TRACKING", "ON", ...options);
  return new CachingClient(client);
}

for (const seed of [1, 2, 3]) {
  test(`what clients keep is what the server has, when all is quiet (seed ${seed})`, async () => {
    server ??= await startTestServer("--tracking-table-max-keys", "9");
    const random = createRandom([seed, 2, 3, 4]);
    const writer = await open(["none"]);
    const both = [await open([]), await open([]), await open(["BCAST"])];
    const clients = [writer, ...both];
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // Some send before, some behind the others.
      for (const client of clients.slice().sort(() => random.int32())) {
        for (let count = random.below(8); count > 0; count--) {
          const key = KEYS[random.below(KEYS.length)];
          const value = String(next++);
          const choice = random.below(10);
          if (client !== writer && choice < 6) client.read([key, KEYS[random.below(KEYS.length)]]);
          else if (client !== writer && choice === 6) client.readInTransaction(key, value);
          else if (choice < 8) client.write(["SET", key, value]);
          else if (choice === 8) client.write(["DEL", key]);
          else if (random.below(10) === 0) client.write(["FLUSHDB"]);
          else client.write(["MSET", key, value, KEYS[random.below(KEYS.length)], value]);
        }
        client.send();
      }
      for (const client of clients) await client.settle();
      // What the last ones changed is told by now, too.
      for (const client of clients) await client.settle();
      const truth = await connect(server.address);
      truth.sendCommands([["MGET", ...KEYS]]);
      const values = elementsOf(await truth.read()).map((each) => String(valueOf(each) ?? NIL));
      truth.close();
      for (const [i, { cache }] of both.entries()) {
        for (const [key, value] of cache) {
          const current = values[KEYS.indexOf(key)];
          // A transaction reads the value that it changes then, and is told.
          assert.equal(value, current, `round ${round}, client ${i}, ${key}`);
        }
      }
    }
    for (const client of both) assert.ok(client.messageCount > ROUNDS / 4);
    const merged = both.some(({ toldCount, messageCount }) => toldCount > messageCount);
    assert.ok(merged, "several keys came in one message");
    closeClients();
  });
}
