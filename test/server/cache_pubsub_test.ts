/** Publish and subscribe in process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startCache, utf8 } from "./cache_support.ts";

test("listeners get messages after the call that published them, in order", async () => {
  const { cache } = startCache();
  const received: string[] = [];
  cache.subscribe("news", (message, channel) => received.push(`1 ${channel} ${message}`));
  cache.subscribe("news", (message, channel) => received.push(`2 ${channel} ${message}`));
  cache.psubscribe("n?ws", (message, channel) => received.push(`p ${channel} ${message}`));
  assert.equal(cache.publish("news", "a"), 3);
  assert.equal(cache.publish("naws", 7), 1);
  assert.equal(cache.publish("other", "b"), 0);
  assert.deepEqual(received, []);
  await Promise.resolve();
  assert.deepEqual(received, ["1 news a", "2 news a", "p news a", "p naws 7"]);
});

test("a listener may publish, and is called for that, too", async () => {
  const { cache } = startCache();
  const received: string[] = [];
  cache.subscribe("count", (message) => {
    received.push(message);
    if (received.length < 3) cache.publish("count", Number(message) + 1);
  });
  cache.publish("count", 1);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(received, ["1", "2", "3"]);
});

test("what ended is not called any more, not even with what was published before", async () => {
  const { cache } = startCache();
  const received: string[] = [];
  const listener = (message: string): void => void received.push(message);
  const first = cache.subscribe("c", listener);
  {
    using _second = cache.psubscribe("*", listener);
    assert.equal(cache.publish("c", "1"), 2);
    await Promise.resolve();
    cache.publish("c", "2");
  }
  assert.equal(cache.publish("c", "3"), 1);
  first.unsubscribe();
  first.unsubscribe();
  assert.equal(cache.publish("c", "4"), 0);
  await Promise.resolve();
  assert.deepEqual(received, ["1", "1"]);
  assert.deepEqual(cache.command("PUBSUB", "CHANNELS"), []);
  assert.equal(cache.command("PUBSUB", "NUMPAT"), 0);
});

test("bytes arrive as bytes, each listener with a copy of its own", async () => {
  const { cache } = startCache();
  const received: [Uint8Array, Uint8Array][] = [];
  for (let i = 0; i < 2; i++) {
    cache.bytes.subscribe(Uint8Array.of(0, 255), (message, channel) => {
      received.push([message, channel]);
    });
  }
  const payload = utf8("pâté");
  assert.equal(cache.publish(Uint8Array.of(0, 255), payload), 2);
  payload.fill(0);
  await Promise.resolve();
  assert.deepEqual(received[0], [utf8("pâté"), Uint8Array.of(0, 255)]);
  received[0][0].fill(0);
  assert.deepEqual(received[1][0], utf8("pâté"));
});

test("events of keys can be listened to", async () => {
  const { cache, clock } = startCache({ notifyKeyspaceEvents: "KEg$x" });
  const received: string[] = [];
  cache.psubscribe("__key*", (message, channel) => received.push(`${channel} ${message}`));
  cache.set("k", "v", { px: 100 });
  clock.sleepSync(101);
  assert.equal(cache.get("k"), null);
  await Promise.resolve();
  assert.deepEqual(received, [
    ...["__keyspace@0__:k set", "__keyevent@0__:set k"],
    ...["__keyspace@0__:k expire", "__keyevent@0__:expire k"],
    ...["__keyspace@0__:k expired", "__keyevent@0__:expired k"],
  ]);
  assert.equal(cache.command("CONFIG", "SET", "notify-keyspace-events", ""), "OK");
  cache.set("k", "v");
  await Promise.resolve();
  assert.equal(received.length, 6);
});

test("a listener that throws does not keep others from their message", async (t) => {
  const { cache } = startCache();
  const received: string[] = [];
  const errors: unknown[] = [];
  const nativeQueue = globalThis.queueMicrotask;
  // An error in a microtask would end the test: what is thrown is caught where the runtime would see it.
  globalThis.queueMicrotask = (callback) =>
    nativeQueue(() => {
      try {
        callback();
      } catch (error) {
        errors.push(error);
      }
    });
  t.after(() => globalThis.queueMicrotask = nativeQueue);
  cache.subscribe("c", () => {
    throw new Error("no");
  });
  cache.subscribe("c", (message) => received.push(message));
  assert.equal(cache.publish("c", "x"), 2);
  await Promise.resolve();
  assert.deepEqual(received, ["x"]);
  assert.deepEqual(errors.map(String), ["Error: no"]);
});

test("a closed cache has no listeners, and takes none", async () => {
  const { cache } = startCache();
  const received: string[] = [];
  const subscription = cache.subscribe("c", (message) => received.push(message));
  cache.publish("c", "x");
  cache.close();
  await Promise.resolve();
  assert.deepEqual(received, []);
  subscription.unsubscribe();
  assert.throws(() => cache.subscribe("c", () => {}), { message: "the cache is closed" });
});

test("what has no meaning in process is refused", () => {
  const { cache } = startCache();
  assert.throws(() => cache.command("SUBSCRIBE", "c"), {
    message: "ERR SUBSCRIBE isn't allowed for a DENY BLOCKING client",
  });
  assert.throws(() => cache.command("PSUBSCRIBE", "c"), {
    message: "ERR PSUBSCRIBE isn't allowed for a DENY BLOCKING client",
  });
  assert.throws(() => cache.command("SSUBSCRIBE", "c"), {
    message: "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
  });
  assert.deepEqual(cache.command("UNSUBSCRIBE"), ["unsubscribe", null, 0]);
  assert.deepEqual(cache.command("UNSUBSCRIBE", "a", "b"), ["unsubscribe", "a", 0]);
  assert.deepEqual(cache.batch([["PUNSUBSCRIBE", "a", "b"], ["ECHO", "x"]]), [
    ["punsubscribe", "a", 0],
    "x",
  ]);
  const listener = "listener" as unknown as () => void;
  assert.throws(() => cache.subscribe("c", listener), {
    message: "the listener must be a function, got string",
  });
});
