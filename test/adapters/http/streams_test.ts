import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { type HttpTestServer, startHttpServer } from "./http_server.ts";

let http: HttpTestServer;

before(async () => {
  http = await startHttpServer({
    httpToken: "secret",
    clientOutputBufferLimit: "pubsub 65536 0 0",
  });
});
after(() => http.server.close());

/** A stream of events that is read. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  /** The next event's data; undefined at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (block.startsWith(":")) continue;
        return block.split("\n").map((line) => line.replace(/^data: /, "")).join("\n");
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function open(path: string, token = "secret"): Promise<Events> {
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const response = await fetch(http.url + path, { method: "POST", headers, body: "[]" });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  return new Events(response);
}

const init = { headers: { authorization: "Bearer secret" } };

async function command(...words: string[]): Promise<unknown> {
  const answer = await http.ask("/", undefined, {
    method: "POST",
    body: JSON.stringify(words),
    ...init,
  });
  return answer.json.result ?? answer.json.error;
}

async function untilSubscribers(channel: string, count: number): Promise<void> {
  while (((await command("PUBSUB", "NUMSUB", channel)) as [string, number])[1] !== count);
}

test("a subscriber gets what is published, until it goes", async () => {
  const events = await open("/subscribe/news/other%2Fone");
  assert.equal(await events.next(), "subscribe,news,1");
  assert.equal(await events.next(), "subscribe,other/one,2");
  assert.equal(await command("PUBLISH", "news", "hello, world"), 1);
  assert.equal(await events.next(), "message,news,hello, world");
  assert.equal(await command("PUBLISH", "other/one", "two\nlines"), 1);
  assert.equal(await events.next(), "message,other/one,two\nlines");
  await events.cancel();
  await untilSubscribers("news", 0);
});

test("patterns are matched", async () => {
  const events = await open("/psubscribe/n*");
  assert.equal(await events.next(), "psubscribe,n*,1");
  await command("PUBLISH", "nine", "9");
  assert.equal(await events.next(), "pmessage,n*,nine,9");
  await events.cancel();
});

test("a monitor sees commands of HTTP, too", async () => {
  const events = await open("/monitor");
  assert.equal(await events.next(), '"OK"');
  await command("SET", "k", 'a"b');
  assert.match(await events.next() ?? "", /^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "a\\"b"$/);
  await events.cancel();
});

test("what may not be heard is refused", async () => {
  await command("ACL", "SETUSER", "deaf", "on", ">p", "+@all", "~*", "resetchannels", "&open");
  const deaf = { headers: { authorization: `Basic ${btoa("deaf:p")}` } };
  const refused = await http.ask("/subscribe/closed", undefined, deaf);
  assert.equal(refused.status, 400);
  assert.match(refused.json.error, /^NOPERM No permissions to access a channel/);
  assert.equal((await http.ask("/subscribe/x")).status, 401);
  assert.equal((await http.ask("/subscribe/", undefined, init)).status, 400);
  assert.equal((await http.ask("/subscribe/%ff", undefined, init)).status, 400);
});

test("who does not read is cut off", async () => {
  const events = await open("/subscribe/flood");
  assert.equal(await events.next(), "subscribe,flood,1");
  const payload = "x".repeat(32 * 1024);
  for (let i = 0; i < 2000; i++) {
    if (await command("PUBLISH", "flood", payload) === 0) break;
  }
  await untilSubscribers("flood", 0);
  let count = 0;
  while (await events.next() !== undefined) count++;
  assert.ok(count < 2000);
});

test("streams end when the server closes", async () => {
  const closing = await startHttpServer();
  const response = await fetch(`${closing.url}/subscribe/c`);
  const events = new Events(response);
  assert.equal(await events.next(), "subscribe,c,1");
  const closed = closing.server.close();
  assert.equal(await events.next(), undefined);
  await closed;
});
