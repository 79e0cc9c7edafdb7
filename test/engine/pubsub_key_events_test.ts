/** Which events are published, and where. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEventClasses, parseEventClasses } from "../../src/engine/pubsub_key_events.ts";
import type { Subscriber } from "../../src/engine/pubsub.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";

test("classes are read in any order and shown in Redis's", () => {
  // What redis-server 7.0.15 shows for each of them; the last two are not known.
  const shown: readonly (readonly [string, string | undefined])[] = [
    ...[["", ""], ["AKE", "AKE"], ["AKEn", "AKE"], ["AKEmn", "AKEm"], ["A", "A"]] as const,
    ...[["Kg", "gK"], ["Egd", "gdE"], ["g$lshzxet", "g$lshzxet"], ["g$lshzxetd", "A"]] as const,
    ...[["KE$x", "$xKE"], ["En", "nE"], ["KEgn", "gnKE"], ["m", "m"], ["KKK", "K"]] as const,
    ...[["k", undefined], ["K x", undefined]] as const,
  ];
  for (const [letters, expected] of shown) {
    const bits = parseEventClasses(letters);
    assert.equal(bits === undefined ? undefined : formatEventClasses(bits), expected, letters);
  }
});

/** A fixture, and everything that is published in it. */
function start(classes: string): { fixture: Fixture; published: string[] } {
  const fixture = createFixture({
    families: [STRING_COMMANDS, GENERIC_COMMANDS],
    settings: { notifyKeyspaceEvents: parseEventClasses(classes)! },
  });
  const published: string[] = [];
  const decoder = new TextDecoder("latin1");
  const listener: Subscriber = {
    deliver({ words }) {
      const [channel, payload] = words.slice(-2).map((word) => decoder.decode(word as Uint8Array));
      published.push(`${channel} ${payload}`);
    },
  };
  fixture.engine.pubsub.add("patterns", "*", listener);
  return { fixture, published };
}

test("K publishes by key, E by event, both K first", () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    "K$": ["__keyspace@0__:k set"],
    "E$": ["__keyevent@0__:set k"],
    "KE$": ["__keyspace@0__:k set", "__keyevent@0__:set k"],
    "$": [],
    "KE": [],
    "KEg": [],
  };
  for (const [classes, events] of Object.entries(expected)) {
    const { fixture, published } = start(classes);
    fixture.line("SET k v");
    assert.deepEqual(published, events, classes);
  }
});

test("the database is named, and keys are bytes", () => {
  const { fixture, published } = start("KE$");
  fixture.session.dbIndex = 3;
  fixture.run("SET", Uint8Array.of(0, 255), "v");
  assert.deepEqual(published, ["__keyspace@3__:\0\xff set", "__keyevent@3__:set \0\xff"]);
});

test("each class is published only where its letter stands", () => {
  const lines = ["SET k v", "GET none", "DEL k", "SET k v PX 10"];
  const expected: Readonly<Record<string, readonly string[]>> = {
    "E$": ["set k", "set k"],
    Eg: ["del k", "expire k"],
    Ex: ["expired k"],
    Em: ["keymiss none", "keymiss k"],
    En: ["new k", "new k"],
    EA: ["set k", "del k", "set k", "expire k", "expired k"],
    El: [],
  };
  for (const [classes, events] of Object.entries(expected)) {
    const { fixture, published } = start(classes);
    for (const line of lines) fixture.line(line);
    fixture.clock.advance(11);
    fixture.line("GET k");
    assert.deepEqual(published.map((each) => each.split(":")[1]), events, classes);
  }
});

test("nothing is published, nor made, while nobody listens, or once it is switched off", () => {
  const { fixture, published } = start("KEA");
  const { engine, settings } = fixture;
  fixture.line("SET k v");
  assert.equal(published.length, 2);
  settings.notifyKeyspaceEvents = 0;
  engine.settingsChanged();
  assert.equal(engine.keyspace.changes.isHeard, false);
  fixture.line("SET k v");
  assert.equal(published.length, 2);
  settings.notifyKeyspaceEvents = parseEventClasses("Eg")!;
  engine.settingsChanged();
  assert.equal(engine.keyspace.changes.isHeard, true);
  fixture.line("DEL k");
  assert.equal(published.length, 3);
});
