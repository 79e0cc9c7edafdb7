/** Messages on their way: in slices, in one order for each session, at a bounded cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Server } from "./blocking_harness.ts";

const SUBSCRIBERS = 10_000;
/** A slice of 2 ms is some twenty of these. */
const WRITE_MS = 0.1;
const MESSAGE = ">3~$7~message~$1~c~$1~x~";

/** A peer whose writes take time, and that may take nothing at all. */
class SlowClient extends Client {
  readonly #server: Server;
  /** Bytes that it still takes. */
  room = Infinity;
  writeCount = 0;

  constructor(server: Server, port: number) {
    super(server, port);
    this.#server = server;
  }

  override write(bytes: Uint8Array, start: number, end: number): number {
    this.writeCount++;
    this.#server.clock.sleepSync(WRITE_MS);
    const count = Math.min(end - start, this.room);
    this.room -= count;
    return super.write(bytes, start, start + count);
  }
}

let port = 1024;

function connect(server: Server): SlowClient {
  const client = new SlowClient(server, port++);
  client.attach(server.core.clients.connected(client));
  return client;
}

function startServer(): Server {
  const server = new Server();
  server.core.engine.settings.maxclients = 2 * SUBSCRIBERS;
  return server;
}

/** Connections that are subscribed to channel c. */
function subscribe(server: Server, count: number): SlowClient[] {
  return Array.from({ length: count }, () => {
    const client = connect(server);
    assert.match(client.call("HELLO 3", "SUBSCRIBE c"), />3~\$9~subscribe~\$1~c~:1~$/);
    client.writeCount = 0;
    return client;
  });
}

function countWritten(clients: readonly SlowClient[]): number {
  return clients.filter(({ writeCount }) => writeCount > 0).length;
}

test(`a message to ${SUBSCRIBERS} subscribers goes in slices, others being served in between`, () => {
  const server = startServer();
  const subscribers = subscribe(server, SUBSCRIBERS);
  const [publisher, other] = [server.connect(), server.connect()];
  assert.equal(publisher.call("PUBLISH c x"), `:${SUBSCRIBERS}~`);
  let delivered = countWritten(subscribers);
  assert.ok(delivered > 0 && delivered < 100, `${delivered} in the first slice`);
  let turns = 0;
  while (delivered < SUBSCRIBERS) {
    // Served at once, while thousands wait; and what it sends adds no slice to the turn.
    assert.equal(other.call("SET k v", "GET k"), "+OK~$1~v~");
    assert.equal(countWritten(subscribers), delivered);
    assert.ok(server.clock.turn());
    const now = countWritten(subscribers);
    assert.ok(now > delivered && now - delivered < 100, `${now - delivered} in a slice`);
    delivered = now;
    turns++;
  }
  assert.ok(turns > SUBSCRIBERS / 100);
  assert.equal(server.clock.turn(), false, "nothing is left to do");
  for (const subscriber of subscribers) assert.equal(subscriber.take(), MESSAGE);
});

test("a subscriber that asks for something meanwhile gets what waits for it first", () => {
  const server = startServer();
  const subscribers = subscribe(server, 200);
  const last = subscribers[199];
  const publisher = server.connect();
  publisher.call("PUBLISH c x");
  assert.equal(last.writeCount, 0);
  assert.equal(
    last.call("PING", "PUBLISH c y"),
    `${MESSAGE}+PONG~:200~${MESSAGE.replace("x", "y")}`,
  );
  while (server.clock.turn());
  assert.equal(last.take(), "", "nothing twice");
  for (const each of subscribers.slice(0, 199)) {
    assert.equal(each.take(), MESSAGE + MESSAGE.replace("x", "y"));
  }
});

test("messages that wait together go with one write", () => {
  const server = startServer();
  const subscribers = subscribe(server, 3);
  subscribers[1].call("PSUBSCRIBE *");
  subscribers[1].writeCount = 0;
  server.connect().call("PUBLISH c 1", "PUBLISH d 2", "PUBLISH c 3");
  const [one, three] = ["1", "3"].map((each) => MESSAGE.replace("x", each));
  const matched = (channel: string, text: string): string =>
    `>4~$8~pmessage~$1~*~$1~${channel}~$1~${text}~`;
  assert.equal(subscribers[0].take(), one + three);
  assert.equal(
    subscribers[1].take(),
    one + matched("c", "1") + matched("d", "2") + three + matched("c", "3"),
  );
  assert.equal(subscribers[2].take(), one + three);
  assert.deepEqual(subscribers.map(({ writeCount }) => writeCount), [1, 1, 1]);
});

test("whoever publishes more than can be delivered waits, and nobody else does", () => {
  const server = startServer();
  const subscribers = subscribe(server, SUBSCRIBERS);
  const [publisher, other] = [server.connect(), server.connect()];
  const lines = Array.from({ length: 30 }, (_, i) => `PUBLISH c ${i}`);
  const early = publisher.call(...lines).split("~").length - 1;
  assert.ok(early > 2 && early < 10, `${early} were published at once`);
  publisher.send("SET last 1");
  server.turn();
  assert.equal(other.call("GET last"), "$-1~");
  assert.equal(publisher.take(), "");
  // The peer is gone on its side: what it sent still counts.
  publisher.endSending();
  while (server.clock.turn()) assert.equal(other.call("PING"), "+PONG~");
  assert.equal(publisher.take(), `:${SUBSCRIBERS}~`.repeat(30 - early) + "+OK~");
  assert.ok(publisher.isOver);
  const all = lines.map((line) => {
    const text = line.slice("PUBLISH c ".length);
    return MESSAGE.replace("$1~x", `$${text.length}~${text}`);
  }).join("");
  for (const subscriber of subscribers) assert.equal(subscriber.take(), all);
});

test("events of keys hold back who causes them, too, and a reader of keys runs on", () => {
  const server = startServer();
  const subscribers = subscribe(server, SUBSCRIBERS);
  for (const each of subscribers) each.call("SUBSCRIBE __keyevent@0__:set");
  const [writer, reader] = [server.connect(), server.connect()];
  writer.call("CONFIG SET notify-keyspace-events E$");
  const early = writer.call(...Array.from({ length: 20 }, (_, i) => `SET k${i} v`));
  assert.ok(early.length < 10 * "+OK~".length, early);
  assert.equal(reader.call("GET k0", "GET k19"), "$1~v~$-1~");
  while (server.clock.turn());
  assert.equal(writer.take().length + early.length, 20 * "+OK~".length);
});

test("events of keys that are not there hold back who asks for them", () => {
  const server = startServer();
  const subscribers = subscribe(server, SUBSCRIBERS);
  for (const each of subscribers) each.call("SUBSCRIBE __keyevent@0__:keymiss");
  const reader = server.connect();
  reader.call("CONFIG SET notify-keyspace-events Em");
  const early = reader.call(...Array<string>(20).fill("GET none"));
  assert.ok(early.length < 10 * "$-1~".length, early);
  while (server.clock.turn());
  assert.equal(reader.take().length + early.length, 20 * "$-1~".length);
});

test("a message is counted once, however many wait for it, and not when it is gone", () => {
  const server = startServer();
  const subscribers = subscribe(server, 1000);
  const { engine } = server.core;
  const publisher = server.connect();
  publisher.call("PING");
  const before = engine.bufferBytes;
  const payload = "x".repeat(100_000);
  publisher.call(`PUBLISH c ${payload}`);
  const waiting = engine.bufferBytes - before;
  assert.ok(waiting > 100_000 && waiting < 100_000 + 1000 * 20, `${waiting} bytes`);
  subscribers[999].drop();
  while (server.clock.turn());
  assert.ok(engine.bufferBytes < before, `${engine.bufferBytes} bytes, before ${before}`);
  for (const each of subscribers) each.drop();
  publisher.drop();
  assert.ok(engine.bufferBytes <= new Server().core.engine.bufferBytes);
  assert.equal(engine.pubsub.clientCount, 0);
  assert.equal(engine.pubsub.hasListeners, false);
});

/** Bytes on the wire of a message to channel c with a payload of 100 to 999 bytes. */
const FRAME_BYTES = ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$100\r\n\r\n".length;

function publishBytes(server: Server, client: Client, bytes: number): void {
  client.call(`PUBLISH c ${"x".repeat(bytes - FRAME_BYTES)}`);
  while (server.clock.turn());
}

test("a subscriber that does not read is cut off when what waits reaches the hard limit", () => {
  for (const limit of [500, 501]) {
    const server = startServer();
    server.logged = "";
    const { settings, stats } = server.core.engine;
    settings.clientOutputBufferLimitPubsub = [limit, 0, 0];
    settings.clientOutputBufferLimitNormal = [1, 1, 0];
    const [slow] = subscribe(server, 1);
    const publisher = server.connect();
    settings.clientOutputBufferLimitNormal = [0, 0, 0];
    slow.room = 0;
    publishBytes(server, publisher, 200);
    publishBytes(server, publisher, 299);
    assert.equal(slow.isOver, false);
    assert.match(publisher.call("CLIENT LIST TYPE pubsub"), / flags=P .* sub=1 .* omem=/);
    publishBytes(server, publisher, 150);
    assert.ok(slow.isOver);
    assert.equal(stats.outputLimitDisconnections, 1);
    assert.equal(stats.evictedClients, 0);
    assert.match(
      server.logged,
      /^Client id=1 .*flags=P.* scheduled to be closed ASAP for overcoming of output buffer limits\.$/m,
    );
    assert.equal(publisher.call("PUBLISH c x"), ":0~");
    assert.match(publisher.call("INFO stats"), /client_output_buffer_limit_disconnections:1~/);
  }
});

test("the hard limit is reached by the byte", () => {
  const closedAt = (limit: number): boolean => {
    const server = startServer();
    server.logged = "";
    server.core.engine.settings.clientOutputBufferLimitPubsub = [limit, 0, 0];
    const [slow] = subscribe(server, 1);
    slow.room = 0;
    const publisher = server.connect();
    publishBytes(server, publisher, 200);
    publishBytes(server, publisher, 300);
    return slow.isOver;
  };
  assert.deepEqual([499, 500, 501].map(closedAt), [true, true, false]);
});

test("above the soft limit a subscriber stays for so many seconds", () => {
  const server = startServer();
  server.logged = "";
  const { engine, clients } = server.core;
  engine.settings.clientOutputBufferLimitPubsub = [0, 300, 2];
  const [slow, quick] = subscribe(server, 2);
  const publisher = server.connect();
  slow.room = quick.room = 0;
  const tick = (ms: number): void => {
    server.pass(ms);
    publisher.call("PING");
    clients.checkTime(server.clock.nowMs());
  };
  publishBytes(server, publisher, 400);
  tick(1500);
  quick.room = Infinity;
  quick.takeMore();
  tick(600);
  assert.deepEqual([slow.isOver, quick.isOver], [true, false]);
  assert.match(server.logged, /^Client id=1 .* closed for overcoming of output buffer limits\.$/m);
});

test("a subscriber is never idle", () => {
  const server = startServer();
  server.logged = "";
  server.core.engine.settings.timeoutSeconds = 10;
  const [subscriber] = subscribe(server, 1);
  const idle = server.connect();
  server.pass(11_000);
  server.core.clients.checkTime(server.clock.nowMs());
  assert.deepEqual([subscriber.isOver, idle.isOver], [false, true]);
  subscriber.call("UNSUBSCRIBE");
  server.pass(11_000);
  server.core.clients.checkTime(server.clock.nowMs());
  assert.ok(subscriber.isOver);
});
