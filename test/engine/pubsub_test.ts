/** Who gets what is published. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PubSub, type Subscriber } from "../../src/engine/pubsub.ts";
import type { SharedPush } from "../../src/ports/session_port.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

class Listener implements Subscriber {
  readonly messages: SharedPush[] = [];
  onMessage: () => void = () => {};

  deliver(message: SharedPush): void {
    this.messages.push(message);
    this.onMessage();
  }

  get texts(): string[] {
    return this.messages.map(({ words }) =>
      words.map((word) => decoder.decode(word as Uint8Array)).join(" ")
    );
  }
}

function publish(pubsub: PubSub, channel: string, payload: string): number {
  return pubsub.publish(encoder.encode(channel), encoder.encode(payload));
}

test("channels first, then patterns, each in the order in which they came", () => {
  const pubsub = new PubSub({ bufferBytes: 0 });
  const order: string[] = [];
  const add = (kind: "channels" | "patterns", name: string): Listener => {
    const listener = new Listener();
    listener.onMessage = () => order.push(`${kind} ${name}`);
    pubsub.add(kind, name, listener);
    return listener;
  };
  add("patterns", "*");
  const [first, second] = [add("channels", "a"), add("channels", "a")];
  const pattern = add("patterns", "[a-c]");
  add("patterns", "b");
  assert.equal(publish(pubsub, "a", "x"), 4);
  assert.deepEqual(order, ["channels a", "channels a", "patterns *", "patterns [a-c]"]);
  assert.deepEqual(first.texts, ["message a x"]);
  assert.deepEqual(pattern.texts, ["pmessage [a-c] a x"]);
  assert.equal(first.messages[0], second.messages[0], "the same for both");
});

test("shard channels are a name space of their own", () => {
  const pubsub = new PubSub({ bufferBytes: 0 });
  const [shard, pattern] = [new Listener(), new Listener()];
  pubsub.add("shards", "a", shard);
  pubsub.add("patterns", "*", pattern);
  assert.equal(pubsub.publishToShard(encoder.encode("a"), encoder.encode("x")), 1);
  assert.equal(pubsub.publishToShard(encoder.encode("b"), encoder.encode("x")), 0);
  assert.deepEqual([shard.texts, pattern.texts], [["smessage a x"], []]);
  assert.equal(publish(pubsub, "a", "y"), 1);
  assert.deepEqual(pattern.texts, ["pmessage * a y"]);
});

test("names are bytes", () => {
  const pubsub = new PubSub({ bufferBytes: 0 });
  const listener = new Listener();
  pubsub.add("channels", "\0\xff\r\n", listener);
  assert.equal(pubsub.publish(Uint8Array.of(0, 255, 13, 10), Uint8Array.of(255)), 1);
  assert.equal(pubsub.publish(encoder.encode("\0\xff\r\n"), Uint8Array.of(255)), 0);
  assert.deepEqual(listener.texts, ["message \0\xff\r\n \xff"]);
});

test("what is published is copied: its memory may be used again at once", () => {
  const pubsub = new PubSub({ bufferBytes: 0 });
  const [listener, pattern] = [new Listener(), new Listener()];
  pubsub.add("channels", "a", listener);
  pubsub.add("patterns", "a", pattern);
  const [channel, payload] = [encoder.encode("a"), encoder.encode("x")];
  pubsub.publish(channel, payload);
  channel.fill(0);
  payload.fill(0);
  assert.deepEqual([listener.texts, pattern.texts], [["message a x"], ["pmessage a a x"]]);
});

test("subscribers may leave while a message is on its way", () => {
  const pubsub = new PubSub({ bufferBytes: 0 });
  const listeners = Array.from({ length: 5 }, () => new Listener());
  const topics = listeners.map((each) => pubsub.add("channels", "a", each));
  listeners[1].onMessage = () => {
    for (const i of [0, 1, 2, 3]) pubsub.remove("channels", topics[i], listeners[i]);
  };
  publish(pubsub, "a", "x");
  assert.deepEqual(listeners.map(({ texts }) => texts.length), [1, 1, 0, 0, 1]);
  assert.equal(pubsub.subscriberCount("channels", "a"), 1);
});

test("a topic is there while it has subscribers, and memory is counted as long", () => {
  const memory = { bufferBytes: 7 };
  const pubsub = new PubSub(memory);
  const listeners = [new Listener(), new Listener()];
  const topics = listeners.map((each) => pubsub.add("patterns", "a*", each));
  assert.equal(topics[0], topics[1]);
  assert.deepEqual([pubsub.count("patterns"), pubsub.hasListeners], [1, true]);
  const both = memory.bufferBytes;
  pubsub.remove("patterns", topics[0], listeners[0]);
  pubsub.remove("patterns", topics[0], listeners[0]);
  assert.ok(memory.bufferBytes < both && memory.bufferBytes > 7);
  assert.deepEqual([pubsub.count("patterns"), pubsub.subscriberCount("patterns", "a*")], [1, 1]);
  pubsub.remove("patterns", topics[1], listeners[1]);
  assert.deepEqual([pubsub.count("patterns"), pubsub.hasListeners], [0, false]);
  assert.equal(memory.bufferBytes, 7);
});
