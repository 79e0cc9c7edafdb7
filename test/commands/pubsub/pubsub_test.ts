/** Subscriptions of connections, over a whole server in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "../../session/blocking_harness.ts";

function confirmation(kind: string, name: string | null, count: number, isResp3 = false): string {
  const shown = name === null ? isResp3 ? "_~" : "$-1~" : `$${name.length}~${name}~`;
  return `${isResp3 ? ">" : "*"}3~$${kind.length}~${kind}~${shown}:${count}~`;
}

function message(channel: string, payload: string, isResp3 = false): string {
  const words = ["message", channel, payload].map((word) => `$${word.length}~${word}~`);
  return `${isResp3 ? ">" : "*"}3~${words.join("")}`;
}

test("each name is confirmed with the number of channels and patterns", () => {
  const client = new Server().connect();
  assert.equal(
    client.call("SUBSCRIBE a b a", "PSUBSCRIBE a", "SSUBSCRIBE a b"),
    [
      confirmation("subscribe", "a", 1),
      confirmation("subscribe", "b", 2),
      confirmation("subscribe", "a", 2),
      confirmation("psubscribe", "a", 3),
      confirmation("ssubscribe", "a", 1),
      confirmation("ssubscribe", "b", 2),
    ].join(""),
  );
  assert.equal(
    client.call("UNSUBSCRIBE a c", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "SUNSUBSCRIBE"),
    [
      confirmation("unsubscribe", "a", 2),
      confirmation("unsubscribe", "c", 2),
      confirmation("unsubscribe", "b", 1),
      confirmation("punsubscribe", "a", 0),
      confirmation("sunsubscribe", "a", 1),
      confirmation("sunsubscribe", "b", 0),
      confirmation("sunsubscribe", null, 0),
    ].join(""),
  );
});

test("in RESP3 a subscriber goes on as before, and hears itself behind the reply", () => {
  const client = new Server().connect();
  client.call("HELLO 3", "SUBSCRIBE c");
  assert.equal(
    client.call("PUBLISH c x", "GET k", "PUBLISH c y", "PING"),
    `:1~${message("c", "x", true)}_~:1~${message("c", "y", true)}+PONG~`,
  );
  assert.equal(
    client.call("MULTI", "PUBLISH c 1", "SUBSCRIBE d", "PUBLISH d 2", "EXEC"),
    "+OK~+QUEUED~+QUEUED~+QUEUED~" +
      `*3~:1~${confirmation("subscribe", "d", 2, true)}:1~` +
      message("c", "1", true) + message("d", "2", true),
  );
});

test("in RESP2 a subscriber may do only little until it has no subscription", () => {
  const client = new Server().connect();
  client.call("PSUBSCRIBE c*");
  const refusal = (name: string): string =>
    `-ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET ` +
    "are allowed in this context~";
  assert.equal(
    client.call("GET k", "client list", "HELLO 3", "MULTI", "PING", "PING x", "PING x y"),
    refusal("get") + refusal("client|list") + refusal("hello") + refusal("multi") +
      "*2~$4~pong~$0~~*2~$4~pong~$1~x~-ERR wrong number of arguments for 'ping' command~",
  );
  assert.equal(
    client.call("EXEC"),
    refusal("exec").replace("ERR", "EXECABORT Transaction discarded because of:"),
  );
  assert.equal(
    client.call("PUNSUBSCRIBE", "GET k", "PING"),
    `${confirmation("punsubscribe", "c*", 0)}$-1~+PONG~`,
  );
});

test("HELLO 2 takes a subscriber's rights, HELLO 3 is too late then", () => {
  const client = new Server().connect();
  client.call("HELLO 3", "SUBSCRIBE c", "HELLO 2");
  assert.match(client.call("HELLO 3"), /^-ERR Can't execute 'hello'/);
  assert.equal(client.call("RESET", "GET k"), "+RESET~$-1~");
});

test("messages are written in the protocol of each subscriber", () => {
  const server = new Server();
  const [old, modern, publisher] = [server.connect(), server.connect(), server.connect()];
  old.call("SUBSCRIBE c");
  modern.call("HELLO 3", "SUBSCRIBE c", "PSUBSCRIBE *");
  assert.equal(publisher.call("PUBLISH c x"), ":3~");
  assert.equal(old.take(), message("c", "x"));
  assert.equal(
    modern.take(),
    `${message("c", "x", true)}>4~$8~pmessage~$1~*~$1~c~$1~x~`,
  );
});

test("who is gone, was reset or was killed gets nothing any more", () => {
  const server = new Server();
  const publisher = server.connect();
  const clients = Array.from({ length: 4 }, () => server.connect());
  for (const each of clients) each.call("SUBSCRIBE c", "PSUBSCRIBE *", "SSUBSCRIBE c");
  assert.equal(publisher.call("PUBLISH c x", "SPUBLISH c x"), ":8~:4~");
  clients[0].drop();
  clients[1].call("RESET");
  publisher.call("CLIENT KILL TYPE pubsub");
  assert.deepEqual(clients.map(({ isOver }) => isOver), [true, false, true, true]);
  assert.equal(publisher.call("PUBLISH c x", "SPUBLISH c x", "PUBSUB NUMPAT"), ":0~:0~:0~");
});

test("PUBSUB tells who listens to what", () => {
  const server = new Server();
  const [first, second, asking] = [server.connect(), server.connect(), server.connect()];
  first.call("SUBSCRIBE a b", "PSUBSCRIBE x* y*", "SSUBSCRIBE s");
  second.call("SUBSCRIBE a", "PSUBSCRIBE x*", "SSUBSCRIBE s t");
  assert.equal(asking.call("PUBSUB CHANNELS"), "*2~$1~a~$1~b~");
  assert.equal(asking.call("PUBSUB channels [bc]"), "*1~$1~b~");
  assert.equal(asking.call("PUBSUB NUMSUB a b none a"), "*8~$1~a~:2~$1~b~:1~$4~none~:0~$1~a~:2~");
  assert.equal(asking.call("PUBSUB NUMSUB"), "*0~");
  assert.equal(asking.call("PUBSUB NUMPAT"), ":2~");
  assert.equal(asking.call("PUBSUB SHARDCHANNELS"), "*2~$1~s~$1~t~");
  assert.equal(asking.call("PUBSUB SHARDCHANNELS t*"), "*1~$1~t~");
  assert.equal(asking.call("PUBSUB SHARDNUMSUB s a"), "*4~$1~s~:2~$1~a~:0~");
  assert.match(
    asking.call("PUBSUB HELP"),
    /^\*14~\+PUBSUB <subcommand>.*\+CHANNELS \[<pattern>\]~/,
  );
  assert.match(
    asking.call("INFO stats"),
    /pubsub_channels:2~pubsub_patterns:2~pubsubshard_channels:2~/,
  );
  assert.match(asking.call("INFO clients"), /pubsub_clients:2~/);
});

test("CLIENT LIST shows subscriptions and selects by them", () => {
  const server = new Server();
  const [subscriber, asking] = [server.connect(), server.connect()];
  subscriber.call("SUBSCRIBE a b", "PSUBSCRIBE x*", "SSUBSCRIBE s t u");
  const list = asking.call("CLIENT LIST TYPE pubsub");
  assert.match(list, /^\$\d+~id=1 .* flags=P db=0 sub=2 psub=1 ssub=3 multi=-1 .*\n~$/s);
  const normal = asking.call("CLIENT LIST TYPE normal");
  assert.match(normal, /^\$\d+~id=2 .* flags=N db=0 sub=0 psub=0 ssub=0 /);
  assert.ok(!normal.includes("id=1 "));
  assert.equal(asking.call("CLIENT KILL TYPE normal SKIPME yes"), ":0~");
  subscriber.call("UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE");
  assert.match(asking.call("CLIENT LIST TYPE normal"), /id=1 .* flags=N db=0 sub=0 psub=0 ssub=0 /);
});

test("subscriptions are counted as memory of their session and given back", () => {
  const server = new Server();
  const { engine, clients } = server.core;
  const client = server.connect();
  client.call("PING");
  const before = engine.bufferBytes;
  client.call(...Array.from({ length: 100 }, (_, i) => `SUBSCRIBE channel:${i}`));
  const session = clients.byId(1)!;
  assert.ok(session.stateBytes > 100 * 50, `${session.stateBytes}`);
  assert.ok(engine.bufferBytes - before > 100 * 200);
  client.call("UNSUBSCRIBE");
  assert.deepEqual([session.stateBytes, engine.bufferBytes], [0, before]);
});

test("expired keys are told to subscribers though nobody asked for them", () => {
  const server = new Server();
  const [subscriber, other] = [server.connect(), server.connect()];
  const stop = server.core.startBackground();
  subscriber.call(
    "HELLO 3",
    "CONFIG SET notify-keyspace-events Ex",
    "SUBSCRIBE __keyevent@0__:expired",
  );
  other.call("SET k v PX 50");
  server.pass(1000);
  stop();
  assert.equal(
    subscriber.take(),
    message("__keyevent@0__:expired", "k", true),
  );
});

test("CLIENT PAUSE WRITE holds messages back, too, also those of a transaction", () => {
  const server = new Server();
  const [subscriber, publisher, other] = [server.connect(), server.connect(), server.connect()];
  subscriber.call("SUBSCRIBE c");
  publisher.call("MULTI", "PUBLISH c x");
  other.call("CLIENT PAUSE 100 WRITE");
  assert.equal(publisher.call("EXEC", "GET k"), "");
  assert.equal(other.call("SPUBLISH c x"), "");
  server.pass(101);
  assert.equal(publisher.take(), "*1~:1~$-1~");
  assert.equal(other.take(), ":0~");
  assert.equal(subscriber.take(), message("c", "x"));
});

test("a subscriber that waits for a key gets messages meanwhile, and its reply behind them", () => {
  const server = new Server();
  const [subscriber, other] = [server.connect(), server.connect()];
  assert.match(subscriber.call("HELLO 3", "SUBSCRIBE c", "GET k", "BLPOP list 0"), /:1~_~$/);
  other.call("PUBLISH c x");
  assert.equal(subscriber.take(), message("c", "x", true));
  assert.equal(
    other.call("MULTI", "PUBLISH c y", "RPUSH list v", "EXEC"),
    "+OK~+QUEUED~+QUEUED~*2~:1~:1~",
  );
  assert.equal(subscriber.take(), `${message("c", "y", true)}*2~$4~list~$1~v~`);
});
