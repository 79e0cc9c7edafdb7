import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import type { ClientDirectory, LateMessage, SharedPush } from "../../src/ports/session_port.ts";
import { encodedPush } from "../../src/protocol/resp/push.ts";
import { Invalidation, WaitingKeys } from "../../src/session/invalidations.ts";
import { TrackingClient } from "../../src/session/tracking_client.ts";
import { TrackingPrefixes } from "../../src/session/tracking_prefixes.ts";
import { FakeSession } from "../commands/handler_runner.ts";

const latin1 = new TextDecoder("latin1");
const NO_CLIENTS = { byId: () => undefined } as unknown as ClientDirectory;
const OPTIONS = { redirectId: 0, prefixes: [], isOptIn: false, isOptOut: false };

/** A session that keeps what is shared with it, as text. */
class Listener extends FakeSession {
  readonly got: string[] = [];

  override protocolVersion: 2 | 3 = 3;

  override share(message: SharedPush): void {
    this.got.push(latin1.decode(encodedPush(message, this.protocolVersion).bytes));
  }

  /** The keys of all messages, which are forgotten. */
  keys(): string[] {
    const keys = this.got.flatMap((text) =>
      text.split("\r\n").filter((_, i) => i > 4 && i % 2 === 1)
    );
    this.got.length = 0;
    return keys.filter((key) => key !== "").sort();
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function change(prefixes: TrackingPrefixes, key: string, clientId: number): void {
  const region = makeRegion(key.length + 3);
  region.bytes.set(bytesOf(key), 3);
  prefixes.keyChanged(region, 3, key.length, clientId);
}

function track(prefixes: TrackingPrefixes, id: number, names: string[], isNoLoop = false) {
  const session = new Listener(id);
  const client = new TrackingClient(
    session,
    NO_CLIENTS,
    new WaitingKeys({ bufferBytes: 0 }),
    () => {},
  );
  client.configure({ ...OPTIONS, isBroadcast: true, isNoLoop });
  for (const name of names) prefixes.add(client, bytesOf(name));
  return { session, client };
}

for (const seed of [1, 2, 3]) {
  test(`each client is told the keys with its prefixes, once for each of them (seed ${seed})`, () => {
    const random = createRandom([seed, 2, 3, 4]);
    const draw = (most: number): string => {
      let text = "";
      for (let length = random.below(most); length > 0; length--) {
        text += "a\xff\0"[random.below(3)];
      }
      return text;
    };
    const prefixes = new TrackingPrefixes(new WaitingKeys({ bufferBytes: 0 }));
    let clients: { names: string[]; isNoLoop: boolean; entry: ReturnType<typeof track> }[] = [];
    let nextId = 1, told = 0;
    for (let round = 0; round < 300; round++) {
      if (random.below(3) === 0) {
        const names = [...new Set(Array.from({ length: 1 + random.below(3) }, () => draw(4)))];
        const isNoLoop = random.below(2) === 0;
        clients.push({ names, isNoLoop, entry: track(prefixes, nextId++, names, isNoLoop) });
      }
      if (clients.length > 0 && random.below(4) === 0) {
        const gone = clients[random.below(clients.length)];
        prefixes.remove(gone.entry.client);
        clients = clients.filter((each) => each !== gone);
      }
      const last = new Map<string, number>();
      for (let count = random.below(6); count > 0; count--) {
        const key = `${draw(6)}k`, clientId = random.below(nextId);
        change(prefixes, key, clientId);
        last.set(key, clientId);
      }
      prefixes.broadcast();
      for (const { names, isNoLoop, entry } of clients) {
        const expected = names.flatMap((name) =>
          [...last].filter(([key, by]) => {
            return key.startsWith(name) && !(isNoLoop && by === entry.session.id);
          }).map(([key]) => key)
        ).sort();
        told += expected.length;
        assert.deepEqual(entry.session.keys(), expected, `round ${round}`);
      }
      const distinct = new Set(clients.flatMap(({ names }) => names));
      assert.equal(prefixes.count, distinct.size);
    }
    assert.ok(told > 300, `${told} keys were told`);
  });
}

test("a message is made once for all who get it", () => {
  const prefixes = new TrackingPrefixes(new WaitingKeys({ bufferBytes: 0 }));
  const shared = new Set<unknown>();
  for (let id = 1; id <= 5; id++) {
    const { session } = track(prefixes, id, [""]);
    session.share = (message) => void shared.add(encodedPush(message, 3));
  }
  change(prefixes, "k", 0);
  prefixes.broadcast();
  assert.equal(shared.size, 1);
});

test("what waits is counted, and given back when it is told", () => {
  const buffers = { bufferBytes: 0 };
  const prefixes = new TrackingPrefixes(new WaitingKeys(buffers));
  track(prefixes, 1, ["a", "b"]);
  for (const key of ["a", "a", "a1", "b1", "c1"]) change(prefixes, key, 0);
  assert.ok(buffers.bufferBytes >= 5);
  prefixes.broadcast();
  assert.equal(buffers.bufferBytes, 0);
});

test("an invalidation is one message in RESP3, and one for each key in RESP2", () => {
  const buffers = { bufferBytes: 0 };
  const write = (version: 2 | 3, keys: string[], all = false): string => {
    const session = new FakeSession(1);
    session.protocolVersion = version;
    const message: Invalidation & LateMessage = new Invalidation(session, new WaitingKeys(buffers));
    for (const key of keys) {
      const region = makeRegion(key.length);
      region.bytes.set(bytesOf(key));
      message.add(region, 0, key.length);
    }
    if (all) message.addAll();
    assert.equal(message.isTaken, false);
    const text = latin1.decode(message.take()).replaceAll("\r\n", "~");
    assert.equal(message.isTaken, true);
    assert.equal(buffers.bufferBytes, 0);
    return text;
  };
  const head = "*3~$7~message~$20~__redis__:invalidate~";
  assert.equal(write(3, ["a", "bc"]), ">2~$10~invalidate~*2~$1~a~$2~bc~");
  assert.equal(write(2, ["a", "bc"]), `${head}*1~$1~a~${head}*1~$2~bc~`);
  assert.equal(write(3, ["a"], true), ">2~$10~invalidate~_~");
  assert.equal(write(2, ["a"], true), `${head}$-1~`);
  assert.equal(write(3, [""]), ">2~$10~invalidate~*1~$0~~");
});
