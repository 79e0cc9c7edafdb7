import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import {
  EVENT_GENERIC,
  EVENT_KEY_MISS,
  EVENT_STRING,
  type KeyChangeListener,
  KeyChanges,
} from "../../src/engine/key_changes.ts";
import { createFixture } from "../support/engine_fixture.ts";
import { recordEvents } from "../support/event_recorder.ts";
import { Store, valueOf } from "./store.ts";

const FAMILIES = [GENERIC_COMMANDS, STRING_COMMANDS];
const MB = 1024 * 1024;

function countingListener(): KeyChangeListener & { count: number } {
  return {
    count: 0,
    changed: function () {
      this.count++;
    },
    flushed: () => {},
    swapping: () => {},
  };
}

test("changes are heard while somebody listens, or a class of events is on", () => {
  const changes = new KeyChanges();
  const listener = countingListener();
  assert.equal(changes.isHeard, false);
  changes.add(listener);
  changes.add(listener);
  assert.equal(changes.isHeard, true);
  changes.publishTo(() => {}, EVENT_STRING);
  changes.remove(listener);
  assert.equal(changes.isHeard, true);
  changes.publishTo(() => {}, 0);
  assert.equal(changes.isHeard, false);
  changes.remove(listener);
  assert.equal(changes.isHeard, false);
});

test("a listener that is added twice hears of a change once", () => {
  const { keyspace } = new Store();
  const [listener, other] = [countingListener(), countingListener()];
  for (const each of [listener, listener, other]) keyspace.changes.add(each);
  const region = keyspace.arenas[0];
  keyspace.changes.touchedKey(keyspace.databases[0], region, 0, 1);
  assert.deepEqual([listener.count, other.count], [1, 1]);
  keyspace.changes.remove(listener);
  keyspace.changes.touchedKey(keyspace.databases[0], region, 0, 1);
  assert.deepEqual([listener.count, other.count], [1, 2]);
});

test("only events of the classes that are on are published", () => {
  const { keyspace } = new Store();
  const { changes } = keyspace;
  const published: string[] = [];
  changes.publishTo(
    (_db, _class, event) => void published.push(event),
    EVENT_STRING | EVENT_KEY_MISS,
  );
  const tell = (eventClass: number, event: string): void =>
    changes.notifyKey(keyspace.databases[0], eventClass, event, keyspace.arenas[0], 0, 1);
  tell(EVENT_STRING, "set");
  tell(EVENT_GENERIC, "del");
  tell(EVENT_KEY_MISS, "keymiss");
  assert.deepEqual(published, ["set", "keymiss"]);
});

test("nobody hears of anything while it is mute", () => {
  const store = new Store();
  const { changes } = store.keyspace;
  const published: string[] = [];
  changes.publishTo((_db, _class, event) => void published.push(event), ~0);
  changes.mute();
  store.set(0, "a", valueOf(3, 1));
  changes.unmute();
  store.set(0, "b", valueOf(3, 1));
  assert.deepEqual(published, ["new"]);
  changes.publishTo(() => {}, 0);
  changes.mute();
  changes.unmute();
  assert.equal(changes.isHeard, false);
});

test("keys that expire without anybody looking are told", () => {
  const fixture = createFixture({ families: FAMILIES });
  fixture.line("SET a 1 PX 10");
  fixture.line("SET b 1 PX 100");
  const take = recordEvents(fixture.engine);
  fixture.clock.advance(50);
  fixture.engine.beginBatch();
  fixture.engine.activeExpiry.slice();
  assert.deepEqual(take(), ["~a", "expired a"]);
});

test("every key that is evicted is told, and nothing else about it", () => {
  const fixture = createFixture({
    families: FAMILIES,
    settings: { maxmemory: 4 * MB, maxmemoryPolicy: "allkeys-random" },
  });
  const take = recordEvents(fixture.engine);
  const value = "x".repeat(1000);
  for (let i = 0; i < 8000; i++) assert.equal(fixture.run("SET", `key${i}`, value), "+OK\r\n");
  const told = take();
  const evicted = told.filter((each) => each.startsWith("evicted "));
  assert.ok(evicted.length > 1000, String(evicted.length));
  assert.equal(evicted.length, fixture.engine.stats.evictedKeys);
  assert.ok(evicted.every((each) => told[told.indexOf(each) - 1] === `~${each.slice(8)}`));
  assert.ok(!told.some((each) => each.startsWith("del ")));
});

test("PURGE tells of each key", () => {
  const fixture = createFixture({ families: FAMILIES });
  fixture.line("MSET a:1 1 a:2 1 b:1 1");
  fixture.line("SET a:3 1 PX 10");
  fixture.clock.advance(50);
  const take = recordEvents(fixture.engine);
  assert.equal(fixture.line("PURGE PREFIX a:"), ":2\r\n");
  const told = take();
  assert.deepEqual(told.filter((each) => !each.startsWith("~")).sort(), [
    "del a:1",
    "del a:2",
    "expired a:3",
  ]);
  assert.deepEqual(told.filter((each) => each.startsWith("~")).sort(), ["~a:1", "~a:2", "~a:3"]);
});
