import { test } from "node:test";
import assert from "node:assert/strict";
import { ClientError } from "../../src/client/client_error.ts";
import type { CommandWords } from "../../src/client/sender.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { type Fake, fake, outcome, settle } from "./fake_sockets.ts";

const TEXT = { as: "text" } as const;

function frame(...words: string[]): string {
  return `*${words.length}\r\n${words.map((each) => `$${each.length}\r\n${each}\r\n`).join("")}`;
}

async function connected(options: Parameters<typeof fake>[0] = {}): Promise<Fake> {
  const made = fake(options);
  const connecting = made.sender.connect();
  await made.open();
  await connecting;
  return made;
}

async function failsWith(promise: Promise<unknown>, code: string, mayHaveRun: boolean) {
  const error = await outcome(promise);
  assert.ok(error instanceof ClientError, String(error));
  assert.deepEqual([error.code, error.mayHaveRun], [code, mayHaveRun]);
  return error;
}

test("commands of one tick leave as one write, and each gets its reply", async () => {
  const { sender, socket } = await connected();
  const later = Promise.resolve().then(() => sender.one(["GET", "c"], TEXT));
  const replies = [
    sender.one(["GET", "a"], TEXT),
    sender.one(["GET", "b"], { as: "bytes" }),
    later,
  ];
  const many = sender.all([["PING"], ["PING"]], TEXT);
  await settle();
  assert.deepEqual(socket.writes, [
    [["GET", "a"], ["GET", "b"], ["PING"], ["PING"], ["GET", "c"]].map((words) => frame(...words))
      .join(""),
  ]);
  socket.feed("$1\r\n1\r\n$1\r\n2\r\n+P");
  socket.feed("ONG\r\n-ERR x\r\n$-1\r\n");
  assert.deepEqual(await Promise.all(replies), ["1", Uint8Array.of(50), null]);
  const [first, second] = await many;
  assert.equal(first, "PONG");
  assert.ok(second instanceof ReplyError && second.code === "ERR");
  assert.ok(sender.isIdle);
});

test("what is answered together is asked together, though some are a promise further away", async () => {
  const { sender, socket } = await connected();
  const near = async () => {
    await sender.one(["GET", "a"], TEXT);
    await sender.one(["GET", "c"], TEXT);
  };
  const far = async () => {
    await (async () => await sender.one(["GET", "b"], TEXT))();
    await sender.one(["GET", "d"], TEXT);
  };
  void near();
  void far();
  await settle();
  socket.feed("+1\r\n+2\r\n");
  await settle();
  assert.equal(socket.writes.length, 2);
  assert.equal(socket.writes[1], frame("GET", "c") + frame("GET", "d"));
});

test("commands that can't be sent are refused, and nothing else is", async () => {
  const { sender, socket } = await connected();
  const wrong = [[], [""], [7], ["GET", null], ["GET", undefined], ["GET", {}], ["x".repeat(86)]];
  for (const command of wrong) {
    const sent = sender.one(command as unknown as CommandWords, TEXT);
    assert.ok(await outcome(sent) instanceof TypeError, String(command));
  }
  const unfit: CommandWords[] = [["MONITOR"], ["sync"], ["Hello", "3"], ["QUIT"], ["RESET"]];
  for (const command of [...unfit, ["CLIENT", "reply", "OFF"], ["SUBSCRIBE"]] as CommandWords[]) {
    assert.ok(await outcome(sender.one(command, TEXT)) instanceof TypeError, command[0]);
  }
  const subscribing = sender.all([["PING"], ["SUBSCRIBE", "c"]], TEXT);
  assert.ok(await outcome(subscribing) instanceof TypeError);
  assert.deepEqual([await sender.all([], TEXT), await sender.atomic([], TEXT)], [[], []]);
  assert.equal(socket.written, "");
  assert.ok(sender.isIdle);
});

test("atomic() gives the replies of EXEC, null, or the refusal", async () => {
  const { sender, socket } = await connected();
  const commands: CommandWords[] = [["INCR", "a"], ["GET", "b"]];
  const good = sender.atomic(commands, TEXT);
  const watched = sender.atomic(commands, TEXT);
  const bad = sender.atomic(commands, TEXT);
  await settle();
  const [multi, incr, get, exec] = [["MULTI"], ["INCR", "a"], ["GET", "b"], ["EXEC"]]
    .map((words) => frame(...words));
  assert.equal(socket.written, (multi + incr + get + exec).repeat(3));
  socket.feed("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n-ERR x\r\n");
  socket.feed("+OK\r\n+QUEUED\r\n+QUEUED\r\n*-1\r\n");
  socket.feed("+OK\r\n-ERR first\r\n+QUEUED\r\n-EXECABORT Transaction discarded\r\n");
  const [count, error] = (await good)!;
  assert.ok(count === 1 && error instanceof ReplyError);
  assert.equal(await watched, null);
  const refusal = await outcome(bad);
  assert.ok(refusal instanceof ReplyError && refusal.code === "EXECABORT");
  assert.equal((refusal.cause as Error).message, "ERR first");
});

test("a command that takes too long is given up, and its reply goes to nobody else", async () => {
  const { sender, socket, clock } = await connected({ commandTimeoutMs: 100 });
  const slow = sender.one(["GET", "slow"], TEXT);
  const patient = sender.one(["GET", "patient"], { ...TEXT, timeoutMs: 0 });
  await settle();
  clock.advance(99);
  assert.equal(await outcome(slow), "pending");
  clock.advance(6);
  await failsWith(slow, "TIMEOUT", true);
  const next = sender.one(["GET", "next"], TEXT);
  await settle();
  socket.feed("+late\r\n+2\r\n+3\r\n");
  assert.deepEqual(await Promise.all([patient, next]), ["2", "3"]);
  assert.ok(sender.isIdle);
});

test("a command that waits for a connection is given up without being sent", async () => {
  const { sender, clock, open } = fake();
  const late = sender.one(["GET", "late"], { ...TEXT, timeoutMs: 50 });
  const kept = sender.one(["GET", "kept"], TEXT);
  await settle();
  clock.advance(50);
  await failsWith(late, "TIMEOUT", false);
  const socket = await open();
  assert.equal(socket.written, frame("GET", "kept"));
  socket.feed("+v\r\n");
  assert.equal(await kept, "v");
});

test("signals abort: before it is given, before it is sent, and in flight", async () => {
  const { sender, socket } = await connected();
  const gone = AbortSignal.abort(new Error("why"));
  const error = await failsWith(
    sender.one(["GET", "a"], { ...TEXT, signal: gone }),
    "ABORTED",
    false,
  );
  assert.equal((error.cause as Error).message, "why");
  const early = new AbortController();
  const unsent = sender.one(["GET", "b"], { ...TEXT, signal: early.signal });
  early.abort();
  await failsWith(unsent, "ABORTED", false);
  const flying = new AbortController();
  const sent = sender.one(["GET", "c"], { ...TEXT, signal: flying.signal });
  const many = sender.all([["GET", "d"], ["GET", "e"]], { ...TEXT, signal: flying.signal });
  const other = sender.one(["GET", "f"], TEXT);
  await settle();
  assert.equal(socket.written, ["c", "d", "e", "f"].map((key) => frame("GET", key)).join(""));
  flying.abort();
  await failsWith(sent, "ABORTED", true);
  await failsWith(many, "ABORTED", true);
  assert.ok(!sender.isIdle);
  socket.feed("+c\r\n+d\r\n+e\r\n+f\r\n");
  assert.equal(await other, "f");
  assert.ok(sender.isIdle);
});

test("the queue takes what its limits say, and not one more", async () => {
  const { sender, socket } = await connected({ maxQueuedCommands: 3, maxQueuedBytes: 30 });
  const first = sender.one(["GET", "a"], TEXT);
  const two = sender.all([["GET", "b"], ["GET", "c"]], TEXT);
  await failsWith(sender.one(["GET", "d"], TEXT), "QUEUE_FULL", false);
  await settle();
  socket.feed("+a\r\n+b\r\n+c\r\n");
  await Promise.all([first, two]);
  const exact = sender.one(["SET", "k", "x".repeat(26)], TEXT);
  await failsWith(sender.one(["P"], TEXT), "QUEUE_FULL", false);
  await settle();
  socket.feed("+OK\r\n");
  assert.equal(await exact, "OK");
  await failsWith(sender.one(["SET", "k", "x".repeat(27)], TEXT), "QUEUE_FULL", false);
});

test("a lost connection fails what was written, and what was not goes to the next one", async () => {
  const { sender, socket, sockets, clock, open } = await connected();
  const written = sender.one(["GET", "a"], TEXT);
  await settle();
  socket.room = frame("GET", "b").length + 5;
  const whole = sender.one(["GET", "b"], TEXT);
  const cut = sender.one(["GET", "c"], TEXT);
  const unwritten = sender.one(["GET", "d"], TEXT);
  await settle();
  const waiting = sender.atomic([["GET", "e"]], TEXT);
  await settle();
  socket.close(new Error("reset"));
  const error = await failsWith(written, "CONNECTION_LOST", true);
  assert.match(error.message, /server:1 was lost: reset/);
  await failsWith(whole, "CONNECTION_LOST", true);
  await failsWith(cut, "CONNECTION_LOST", false);
  assert.equal(await outcome(unwritten), "pending");
  clock.advance(50);
  assert.equal(sockets.length, 2);
  const second = await open();
  assert.equal(
    second.written,
    frame("GET", "d") + frame("MULTI") + frame("GET", "e") + frame("EXEC"),
  );
  second.feed("+d\r\n+OK\r\n+QUEUED\r\n*1\r\n+e\r\n");
  assert.deepEqual([await unwritten, await waiting], ["d", ["e"]]);
});

test("a slow socket is filled as it takes more", async () => {
  const { sender, socket } = await connected();
  socket.room = 10;
  const replies = Promise.all(["a", "b"].map((key) => sender.one(["GET", key], TEXT)));
  await settle();
  const third = sender.one(["GET", "c"], TEXT);
  await settle();
  assert.equal(socket.written.length, 10);
  socket.room = 5;
  socket.handler.writable();
  assert.equal(socket.written.length, 15);
  socket.room = Infinity;
  socket.handler.writable();
  assert.equal(socket.written, ["a", "b", "c"].map((key) => frame("GET", key)).join(""));
  socket.feed("+a\r\n+b\r\n+c\r\n");
  assert.deepEqual([await replies, await third], [["a", "b"], "c"]);
});

test("attempts come with growing delays between a half and the whole", async () => {
  const { sender, sockets, socket, clock } = await connected({
    reconnect: { minDelayMs: 100, maxDelayMs: 800, attempts: 6 },
  });
  socket.close();
  await settle();
  const waiting = sender.one(["GET", "a"], TEXT);
  await settle();
  const limits = [100, 200, 400, 800, 800, 800];
  for (const [i, limit] of limits.entries()) {
    const made = sockets.length;
    clock.advance(limit / 2 - 1);
    assert.equal(sockets.length, made, `${i}: too early`);
    clock.advance(limit / 2 + 1);
    assert.equal(sockets.length, made + 1, `${i}: too late`);
    assert.equal(await outcome(waiting), "pending");
    sockets[made].close(new Error("refused"));
    await settle();
  }
  await failsWith(waiting, "CONNECT_FAILED", false);
  // It goes on all the same.
  clock.advance(800);
  assert.equal(sockets.length, 8);
});

test("a connection that does not stand in time is given up", async () => {
  const { sender, clock, ...made } = fake({ connectTimeoutMs: 70 });
  const connecting = sender.connect();
  const [socket] = made.sockets;
  clock.advance(69);
  assert.ok(!socket.isDestroyed);
  clock.advance(1);
  assert.ok(socket.isDestroyed);
  const error = await failsWith(connecting, "CONNECT_FAILED", false);
  assert.match(error.message, /within 70 ms/);
});

test("without a queue for it, nothing waits for a connection", async () => {
  const { sender, socket, clock, open, sockets } = await connected({ offlineQueue: false });
  socket.close();
  await settle();
  await failsWith(sender.one(["GET", "a"], TEXT), "NOT_CONNECTED", false);
  clock.advance(50);
  await open();
  assert.equal(sockets.length, 2);
  const reply = sender.one(["GET", "b"], TEXT);
  await settle();
  sockets[1].feed("+b\r\n");
  assert.equal(await reply, "b");
});

test("one that is not to reconnect is over when its connection is lost", async () => {
  const { sender, socket, sockets, clock } = await connected({ reconnect: false });
  const flying = sender.one(["GET", "a"], TEXT);
  await settle();
  socket.close();
  await failsWith(flying, "CONNECTION_LOST", true);
  assert.ok(sender.isOver);
  const error = await failsWith(sender.one(["GET", "b"], TEXT), "CLOSED", false);
  assert.match(error.message, /server:1 was lost/);
  clock.advance(10_000);
  assert.equal(sockets.length, 1);
  assert.equal(clock.timerCount, 0);
});

test("what is no reply ends the connection, and what waited for one hears of it", async () => {
  const { sender, socket, sockets, clock } = await connected();
  const first = sender.one(["GET", "a"], TEXT);
  const second = sender.one(["GET", "b"], TEXT);
  await settle();
  socket.feed("+a\r\nnonsense\r\n+b\r\n");
  assert.equal(await first, "a");
  const error = await failsWith(second, "PROTOCOL", true);
  assert.match(error.message, /no reply: "nonsense/);
  assert.ok(socket.isDestroyed);
  clock.advance(50);
  assert.equal(sockets.length, 2);
  const lone = await connected();
  lone.socket.feed("+unasked\r\n");
  await settle();
  assert.ok(lone.socket.isDestroyed);
});

test("user, name and database are set again on a new connection, also when they changed", async () => {
  const options = { user: "u", password: "p", name: "n", database: 2 };
  const made = fake(options);
  const opening = made.sender.connect();
  made.socket.handler.connected();
  await settle();
  const words = [["AUTH", "u", "p"], ["CLIENT", "SETNAME", "n"], ["SELECT", "2"]];
  assert.equal(made.socket.written, words.map((each) => frame(...each)).join(""));
  made.socket.feed("+OK\r\n+OK\r\n+OK\r\n");
  await opening;
  const changes = [
    made.sender.one(["select", 5], TEXT),
    made.sender.one(["SELECT", 99], TEXT),
    made.sender.all([["CLIENT", "SETNAME", "m"], ["AUTH", "q"]], TEXT),
  ];
  await settle();
  made.socket.feed("+OK\r\n-ERR DB index is out of range\r\n+OK\r\n+OK\r\n");
  await Promise.all(changes);
  made.socket.close();
  await settle();
  made.clock.advance(50);
  made.socket.handler.connected();
  await settle();
  const again = [["AUTH", "q"], ["CLIENT", "SETNAME", "m"], ["SELECT", "5"]];
  assert.equal(made.socket.written, again.map((each) => frame(...each)).join(""));
  const twin = made.sender.dedicated({ name: "twin" });
  assert.deepEqual([twin.options.password, twin.options.database, twin.options.name], [
    "q",
    5,
    "twin",
  ]);
});

test("an opening that the server refuses fails what waits, and is not tried again by itself", async () => {
  const made = fake({ password: "wrong" });
  const waiting = made.sender.one(["GET", "a"], TEXT);
  await settle();
  made.socket.handler.connected();
  await settle();
  made.socket.feed("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  const error = await failsWith(waiting, "REFUSED", false);
  assert.ok(error.cause instanceof ReplyError && error.cause.code === "WRONGPASS");
  made.clock.advance(10_000);
  assert.equal(made.sockets.length, 1);
  void made.sender.one(["GET", "b"], TEXT).catch(() => {});
  await settle();
  assert.equal(made.sockets.length, 2);
  // A server that is busy is tried again.
  made.socket.handler.connected();
  await settle();
  made.socket.feed("-LOADING Redis is loading the dataset in memory\r\n");
  await settle();
  made.clock.advance(100);
  assert.equal(made.sockets.length, 3);
});

test("RESP3 is asked for, and RESP2 spoken where there is none", async () => {
  const made = fake({ protocol: "resp3", password: "p", name: "n", database: 1 });
  const opening = made.sender.connect();
  made.socket.handler.connected();
  await settle();
  const hello = ["HELLO", "3", "AUTH", "default", "p", "SETNAME", "n"];
  const info = ["CLIENT", "SETINFO", "LIB-NAME", "crabcache"];
  const first = frame(...hello) + frame("SELECT", "1") + frame(...info);
  assert.equal(made.socket.written, first);
  made.socket.feed("-ERR unknown command `HELLO`\r\n-NOAUTH x\r\n-NOAUTH x\r\n");
  await settle();
  const second = frame("AUTH", "p") + frame("CLIENT", "SETNAME", "n") + frame("SELECT", "1");
  assert.equal(made.socket.written, first + second);
  made.socket.feed("+OK\r\n+OK\r\n+OK\r\n");
  await opening;
  assert.equal(made.sender.serverInfo, null);
});

test("subscriptions are confirmed for each name, and messages go to the listener", async () => {
  const pushes: unknown[] = [];
  const { sender, socket } = await connected({ onPush: (push) => void pushes.push(push) });
  const subscribed = sender.one(["SUBSCRIBE", "a", "b"], TEXT);
  const ping = sender.one(["PING"], TEXT);
  await settle();
  const words = (...each: string[]) => frame(...each);
  socket.feed("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n" + words("message", "a", "1"));
  assert.equal(await outcome(subscribed), "pending");
  socket.feed(">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  assert.deepEqual(await subscribed, ["subscribe", "b", 2]);
  assert.deepEqual(await ping, ["pong", ""]);
  socket.feed(words("pmessage", "p*", "a", "2"));
  assert.deepEqual(pushes, [["message", "a", "1"], ["pmessage", "p*", "a", "2"]]);
  const refused = sender.one(["SUBSCRIBE", "c", "d"], TEXT);
  await settle();
  socket.feed("-NOPERM no\r\n");
  assert.ok(await refused instanceof ReplyError);
});

test("commands given while it connects go before those that wait", async () => {
  const order: string[] = [];
  const made: Fake = fake({
    onConnect: () => {
      order.push("connect");
      void made.sender.one(["SUBSCRIBE", "c"], TEXT).catch(() => {});
    },
    onDisconnect: (error) => void order.push(error.code),
  });
  const waiting = made.sender.one(["GET", "a"], TEXT);
  await settle();
  const socket = await made.open();
  assert.equal(socket.written, frame("SUBSCRIBE", "c") + frame("GET", "a"));
  socket.close();
  await failsWith(waiting, "CONNECTION_LOST", true);
  assert.deepEqual(order, ["connect", "CONNECTION_LOST"]);
});

test("close() lets what was given come to its end, destroy() does not", async () => {
  const { sender, socket } = await connected();
  const reply = sender.one(["GET", "a"], TEXT);
  const closed = sender.close();
  await failsWith(sender.one(["GET", "b"], TEXT), "CLOSED", false);
  await settle();
  assert.ok(!socket.isEnded);
  socket.feed("+a\r\n");
  assert.equal(await reply, "a");
  await closed;
  assert.ok(socket.isEnded && sender.isOver);
  await sender.close();
  await failsWith(sender.connect(), "CLOSED", false);

  const other = await connected();
  const flying = other.sender.one(["GET", "a"], TEXT);
  await settle();
  const unsent = other.sender.one(["GET", "b"], TEXT);
  other.sender.destroy();
  await failsWith(flying, "CLOSED", true);
  await failsWith(unsent, "CLOSED", false);
  assert.equal(other.clock.timerCount, 0);

  const unconnected = fake();
  const early = unconnected.sender.one(["GET", "a"], TEXT);
  const closing = unconnected.sender.close();
  const late = await unconnected.open();
  late.feed("+a\r\n");
  assert.equal(await early, "a");
  await closing;
});

test("commands that are given up while nobody answers do not pile up", async () => {
  const { sender, clock } = fake({ maxQueuedCommands: 10 });
  for (let i = 0; i < 500; i++) {
    const late = sender.one(["GET", "late"], { ...TEXT, timeoutMs: 1 });
    const error = outcome(late);
    await settle();
    clock.advance(6);
    assert.equal((await error as ClientError).code, "TIMEOUT");
  }
  assert.ok(sender.isIdle);
});

test("options that are out of range are named", () => {
  assert.throws(() => fake({ connectTimeoutMs: -1 }), /connectTimeoutMs must be a number from 0/);
  assert.throws(() => fake({ maxQueuedCommands: NaN }), RangeError);
  assert.throws(() => fake({ reconnect: { minDelayMs: 9, maxDelayMs: 8 } }), /maxDelayMs/);
});
