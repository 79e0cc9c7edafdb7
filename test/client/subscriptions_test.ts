// What subscriptions tell the server, and which listeners get what it pushes.

import { test } from "node:test";
import assert from "node:assert/strict";
import { createClientOn } from "../../src/client/client.ts";
import { ClientError } from "../../src/client/client_error.ts";
import { ReplyError } from "../../src/protocol/value_writer.ts";
import { startCache } from "../server/cache_support.ts";
import { fakeConnections } from "./fake_connections.ts";

function startFake() {
  const connections = fakeConnections(startCache().cache);
  return { client: createClientOn(connections), messages: connections.messages };
}

test("listeners get the messages of what they are subscribed to", async () => {
  const { client, messages } = startFake();
  const got: unknown[] = [];
  await client.subscribe("a", (message, channel) => got.push([message, channel]));
  await client.psubscribe("a*", (message, channel) => got.push(["p", message, channel]));
  await client.ssubscribe("a", (message, channel) => got.push(["s", message, channel]));
  await client.bytes.subscribe("a", (message) => got.push(message));
  assert.equal(messages.length, 1);
  const [sender] = messages;
  assert.deepEqual(sender.told, ["SUBSCRIBE a", "PSUBSCRIBE a*", "SSUBSCRIBE a"]);
  sender.push("message", "a", "1");
  sender.push("pmessage", "a*", "ab", "2");
  sender.push("smessage", "a", "3");
  sender.push("message", "b", "4");
  sender.push("invalidate", "a");
  assert.deepEqual(got, [
    ["1", "a"],
    new Uint8Array([49]),
    ["p", "2", "ab"],
    ["s", "3", "a"],
  ]);
});

test("the last listener's end unsubscribes", async () => {
  const { client, messages } = startFake();
  const got: string[] = [];
  const one = await client.subscribe("a", (message) => got.push(`one ${message}`));
  const other = await client.subscribe("a", (message) => got.push(`other ${message}`));
  const [sender] = messages;
  await one.unsubscribe();
  await one.unsubscribe();
  sender.push("message", "a", "1");
  await other[Symbol.asyncDispose]();
  sender.push("message", "a", "2");
  assert.deepEqual(got, ["other 1"]);
  assert.deepEqual(sender.told, ["SUBSCRIBE a", "UNSUBSCRIBE a"]);
  await client.subscribe("a", (message) => got.push(message));
  sender.push("message", "a", "3");
  assert.deepEqual(got, ["other 1", "3"]);
});

test("what was confirmed is subscribed again when the connection comes back", async () => {
  const { client, messages } = startFake();
  await client.subscribe("a", () => {});
  await client.subscribe("b", () => {});
  await client.psubscribe("p*", () => {});
  const gone = await client.subscribe("gone", () => {});
  await gone.unsubscribe();
  const [sender] = messages;
  sender.told.length = 0;
  sender.events.onConnect();
  assert.deepEqual(sender.told, ["SUBSCRIBE a b", "PSUBSCRIBE p*"]);
});

test("a subscription that is refused rejects, and is not tried again", async () => {
  const { client, messages } = startFake();
  await client.subscribe("a", () => {});
  const [sender] = messages;
  sender.answer = new ReplyError("NOPERM no");
  await assert.rejects(client.subscribe("b", () => {}), { code: "NOPERM" });
  sender.answer = new ClientError("CONNECTION_LOST", "gone");
  await assert.rejects(client.subscribe("c", () => {}), { code: "CONNECTION_LOST" });
  sender.told.length = 0;
  sender.answer = "OK";
  sender.events.onConnect();
  assert.deepEqual(sender.told, ["SUBSCRIBE a"]);
});

test("a listener must be a function, a name text or bytes", async () => {
  const { client } = startFake();
  await assert.rejects(
    client.subscribe("a", 5 as never),
    /listener must be a function, got number/,
  );
  await assert.rejects(client.subscribe(5 as never, () => {}), /name must be a string/);
});
