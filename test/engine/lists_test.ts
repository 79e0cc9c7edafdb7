import assert from "node:assert/strict";
import { test } from "node:test";
import type { Xoshiro128 } from "../../src/bytes/prng.ts";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { LIST_COMMANDS } from "../../src/commands/list/mod.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { NO_EXPIRY } from "../../src/engine/keyspace.ts";
import { ListBuilder } from "../../src/engine/list_builder.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";
import { forSeeds, pick } from "../support/model.ts";

const KEYS = ["a", "b", "c"];
const OOM = "-OOM";

/** The elements in a reply such as "*1\r\n$1\r\na\r\n", which have no line breaks. */
function elementsIn(reply: string): string[] {
  return reply.split("\r\n").slice(1, -1).filter((_, i) => i % 2 === 1);
}

function bulk(text: string | undefined): string {
  return text === undefined ? "_\r\n" : `$${text.length}\r\n${text}\r\n`;
}

class Model {
  readonly lists: Map<string, string[]> = new Map();
  refused = 0;
  readonly fixture: Fixture;

  constructor(fixture: Fixture) {
    this.fixture = fixture;
  }

  get(key: string): string[] {
    return this.lists.get(key) ?? [];
  }

  set(key: string, list: string[]): void {
    if (list.length === 0) this.lists.delete(key);
    else this.lists.set(key, list);
  }

  /** Runs a command. @returns its reply, undefined when there was no memory for it */
  run(...command: string[]): string | undefined {
    const reply = this.fixture.run(...command);
    if (!reply.startsWith(OOM)) return reply;
    this.refused++;
    return undefined;
  }

  push(key: string, isInFront: boolean, elements: string[]): void {
    const reply = this.run(isInFront ? "LPUSH" : "RPUSH", key, ...elements);
    const list = this.get(key);
    if (reply === undefined) return this.reread(key);
    this.set(key, isInFront ? [...elements.toReversed(), ...list] : [...list, ...elements]);
    assert.equal(reply, `:${this.get(key).length}\r\n`);
  }

  /** After a command that may have done a part of its work. */
  reread(key: string): void {
    this.set(key, elementsIn(this.fixture.run("LRANGE", key, "0", "-1")));
  }

  pop(key: string, isInFront: boolean, count: number): void {
    const list = this.get(key);
    const popped = isInFront
      ? list.slice(0, count)
      : list.slice(Math.max(list.length - count, 0)).toReversed();
    const reply = this.run(isInFront ? "LPOP" : "RPOP", key, String(count));
    if (reply === undefined) return;
    if (list.length === 0) return assert.equal(reply, "_\r\n");
    assert.deepEqual(elementsIn(reply), popped);
    this.set(key, isInFront ? list.slice(count) : list.slice(0, Math.max(list.length - count, 0)));
  }

  setAt(key: string, index: number, element: string): void {
    const list = this.get(key);
    const reply = this.run("LSET", key, String(index), element);
    if (reply === undefined) return;
    assert.equal(reply, "+OK\r\n");
    list[index] = element;
  }

  insert(key: string, isBehind: boolean, pivot: string, element: string): void {
    const list = this.get(key);
    const reply = this.run("LINSERT", key, isBehind ? "AFTER" : "BEFORE", pivot, element);
    if (reply === undefined) return;
    const at = list.indexOf(pivot);
    if (list.length === 0) return assert.equal(reply, ":0\r\n");
    if (at < 0) return assert.equal(reply, ":-1\r\n");
    list.splice(isBehind ? at + 1 : at, 0, element);
    assert.equal(reply, `:${list.length}\r\n`);
  }

  remove(key: string, count: number, element: string): void {
    const list = this.get(key);
    const reply = this.run("LREM", key, String(count), element);
    if (reply === undefined) return this.reread(key);
    let left = count === 0 ? Infinity : Math.abs(count);
    const ordered = count < 0 ? list.toReversed() : list;
    const kept = ordered.filter((each) => each !== element || left-- <= 0);
    assert.equal(reply, `:${list.length - kept.length}\r\n`);
    this.set(key, count < 0 ? kept.toReversed() : kept);
  }

  trim(key: string, start: number, stop: number): void {
    const reply = this.run("LTRIM", key, String(start), String(stop));
    if (reply === undefined) return this.reread(key);
    assert.equal(reply, "+OK\r\n");
    const list = this.get(key);
    const first = Math.max(start < 0 ? list.length + start : start, 0);
    const last = stop < 0 ? list.length + stop : stop;
    this.set(key, list.slice(first, Math.max(last + 1, 0)));
  }

  move(from: string, to: string, isFromFront: boolean, isToFront: boolean): void {
    const side = (isFront: boolean) => isFront ? "LEFT" : "RIGHT";
    const reply = this.run("LMOVE", from, to, side(isFromFront), side(isToFront));
    if (reply === undefined) return;
    const source = [...this.get(from)];
    const element = isFromFront ? source.shift() : source.pop();
    assert.equal(reply, bulk(element));
    if (element === undefined) return;
    this.set(from, source);
    const target = this.get(to);
    this.set(to, isToFront ? [element, ...target] : [...target, element]);
  }

  check(): void {
    const { fixture } = this;
    fixture.engine.keyspace.checkInvariants();
    for (const key of KEYS) {
      const list = this.get(key);
      assert.deepEqual(elementsIn(fixture.run("LRANGE", key, "0", "-1")), list);
      assert.equal(fixture.run("LLEN", key), `:${list.length}\r\n`);
      assert.equal(fixture.run("EXISTS", key), list.length === 0 ? ":0\r\n" : ":1\r\n");
    }
  }
}

function step(model: Model, random: Xoshiro128, longest: number): void {
  const key = pick(random, KEYS), other = pick(random, KEYS);
  const coin = () => random.below(2) === 0;
  const element = () => {
    if (coin()) return String(random.below(30) * 1000);
    return `x${"y".repeat(coin() ? random.below(10) : random.below(longest))}`;
  };
  const { length } = model.get(key);
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
      return model.push(key, coin(), Array.from({ length: 1 + random.below(6) }, element));
    case 3:
      return model.pop(key, coin(), 1 + random.below(4));
    case 4:
      return length > 0 ? model.setAt(key, random.below(length), element()) : undefined;
    case 5:
      return model.insert(key, coin(), element(), element());
    case 6:
      return model.remove(key, random.below(5) - 2, element());
    case 7:
      return random.below(4) > 0
        ? model.move(key, other, coin(), coin())
        : model.trim(key, random.below(3), -1 - random.below(3));
    default:
      if (random.below(3) > 0) return model.move(key, key, coin(), coin());
      if (key === other) return;
      if (model.run("COPY", key, other, "REPLACE") === undefined) return;
      return length > 0 ? model.set(other, [...model.get(key)]) : undefined;
  }
}

const CASES = [
  { listMaxListpackSize: 3, listCompressDepth: 0, longest: 100, steps: 500 },
  { listMaxListpackSize: 4, listCompressDepth: 1, longest: 400, steps: 400 },
  { listMaxListpackSize: -1, listCompressDepth: 0, longest: 6000, steps: 300 },
  { listMaxListpackSize: -2, listCompressDepth: 1, longest: 12_000, steps: 200 },
  { listMaxListpackSize: -5, listCompressDepth: 0, longest: 40_000, steps: 150 },
];

for (const { longest, steps, ...settings } of CASES) {
  const { listMaxListpackSize: size, listCompressDepth: depth } = settings;
  test(`lists are as arrays would be (size ${size}, depth ${depth})`, () => {
    forSeeds(4, (random) => {
      const families = [LIST_COMMANDS, GENERIC_COMMANDS];
      const model = new Model(createFixture({ families, settings, seed: random.int32() }));
      for (let i = 0; i < steps; i++) {
        step(model, random, longest);
        if (i % 20 === 0) model.check();
      }
      model.check();
      assert.equal(model.refused, 0);
      for (const key of KEYS) model.fixture.run("DEL", key);
      const { keyspace } = model.fixture.engine;
      while (keyspace.hasDiscarded) keyspace.freeDiscarded(10);
      keyspace.checkInvariants();
    });
  });
}

test("without memory commands are refused and lists stay sound", () => {
  forSeeds(4, (random, seed) => {
    const fixture = createFixture({
      families: [LIST_COMMANDS, GENERIC_COMMANDS],
      settings: { listMaxListpackSize: seed % 2 === 0 ? -2 : 30, listCompressDepth: seed % 2 },
      capacityBytes: 1_500_000,
      seed,
    });
    const model = new Model(fixture);
    for (let i = 0; i < 1500 && model.refused < 60; i++) {
      const key = pick(random, KEYS);
      if (random.below(3) > 0) model.push(key, i % 2 === 0, ["z".repeat(random.below(20_000))]);
      else step(model, random, 12_000);
      if (i % 50 === 0) model.check();
    }
    assert.ok(model.refused > 0);
    model.check();
  });
});

function createLists(settings = {}): Fixture {
  return createFixture({ families: [LIST_COMMANDS, GENERIC_COMMANDS], settings });
}

function encodingOf(fixture: Fixture, key = "k"): string {
  return fixture.run("OBJECT", "ENCODING", key).split("\r\n")[1];
}

test("a list becomes a quicklist beyond the limit, and a listpack again at half of it", () => {
  const fixture = createLists({ listMaxListpackSize: 4 });
  fixture.line("RPUSH k a b c d");
  assert.equal(encodingOf(fixture), "listpack");
  fixture.line("RPUSH k e");
  assert.equal(encodingOf(fixture), "quicklist");
  fixture.line("RPOP k 2");
  assert.equal(encodingOf(fixture), "quicklist");
  fixture.line("RPOP k");
  assert.equal(encodingOf(fixture), "listpack");
  fixture.line("RPUSH k c d");
  assert.equal(encodingOf(fixture), "listpack");
});

test("the bytes that decide are those of the listpack and the texts to come", () => {
  const fixture = createLists({ listMaxListpackSize: -1 });
  fixture.run("RPUSH", "k", "x".repeat(4096 - 7));
  assert.equal(encodingOf(fixture), "listpack");
  fixture.run("RPUSH", "l", "x".repeat(4096 - 6));
  assert.equal(encodingOf(fixture, "l"), "quicklist");
  fixture.run("RPUSH", "k", "");
  assert.equal(encodingOf(fixture), "quicklist");
  fixture.run("LSET", "k", "0", "x".repeat(2048 - 7 - 5 - 2));
  assert.equal(encodingOf(fixture), "quicklist", "it has two nodes");
  fixture.run("RPOP", "k");
  assert.equal(encodingOf(fixture), "listpack");
});

test("LSET and LINSERT convert before they look, LSET back when it made the list short", () => {
  const fixture = createLists({ listMaxListpackSize: 4 });
  fixture.line("RPUSH k a b c d");
  assert.equal(fixture.line("LSET k 9 x"), "-ERR index out of range\r\n");
  assert.equal(encodingOf(fixture), "quicklist");
  fixture.line("RPUSH l a b c d");
  assert.equal(fixture.line("LINSERT l BEFORE nosuch x"), ":-1\r\n");
  assert.equal(encodingOf(fixture, "l"), "quicklist");
  const bytes = createLists({ listMaxListpackSize: -1 });
  bytes.run("RPUSH", "k", "x".repeat(4000), "y".repeat(90));
  assert.equal(encodingOf(bytes), "quicklist");
  bytes.run("LSET", "k", "0", "short");
  bytes.run("LSET", "k", "1", "short");
  assert.deepEqual(elementsIn(bytes.run("LRANGE", "k", "0", "-1")), ["short", "short"]);
  bytes.run("RPOP", "k");
  assert.equal(encodingOf(bytes), "listpack");
});

test("no setting makes a listpack longer than a record holds", () => {
  const fixture = createLists({ listMaxListpackSize: -5 });
  for (let i = 0; i < 20_000; i++) fixture.run("RPUSH", "k", "");
  assert.equal(encodingOf(fixture), "quicklist");
  assert.equal(fixture.run("LLEN", "k"), ":20000\r\n");
  fixture.engine.keyspace.checkInvariants();
});

test("lists expire, are renamed, flushed and measured as a whole", () => {
  const fixture = createLists({ listMaxListpackSize: 8 });
  const { keyspace } = fixture.engine;
  const values = Array.from({ length: 1000 }, (_, i) => `value ${i}`);
  for (const key of ["k", "l", "m"]) fixture.run("RPUSH", key, ...values);
  fixture.run("RPUSH", "m", "x".repeat(200_000));
  const ref = () => {
    const batch = new CommandEncoder().encode([["GET", "m"]]);
    batch.argHashes[1] = keyspace.hash(batch.input.view, batch.argOffsets[1], 1);
    return keyspace.find(keyspace.databases[0], batch, 1);
  };
  assert.ok(keyspace.recordBytes(ref()) > 210_000);
  fixture.line("RENAME k n");
  assert.deepEqual(elementsIn(fixture.line("LRANGE n 0 -1")), values);
  fixture.line("PEXPIRE n 10");
  fixture.clock.advance(20);
  fixture.engine.beginBatch();
  assert.equal(fixture.line("LLEN n"), ":0\r\n");
  fixture.line("UNLINK l");
  keyspace.checkInvariants();
  while (keyspace.hasDiscarded) keyspace.freeDiscarded(10);
  keyspace.checkInvariants();
  fixture.line("FLUSHALL");
  keyspace.checkInvariants();
  assert.equal(fixture.line("LLEN m"), ":0\r\n");
});

test("a builder makes short and long lists", () => {
  const fixture = createLists({ listMaxListpackSize: -1 });
  const { keyspace, settings } = fixture.engine;
  const batch = new CommandEncoder().encode([["GET", "k"]]);
  batch.argHashes[1] = keyspace.hash(batch.input.view, batch.argOffsets[1], 1);
  const source = makeRegion(70_000);
  source.bytes.fill(97);
  const db = keyspace.databases[0];
  const cases: [number[], string][] = [
    [[3], "listpack"],
    [[3, 5, 100], "listpack"],
    [[3, 5000, 7], "quicklist"],
    [[60_000], "quicklist"],
    [[2000, 2000, 2000], "quicklist"],
    [[2000, 2000], "listpack"],
  ];
  for (const [lengths, encoding] of cases) {
    const builder = new ListBuilder(keyspace, settings, batch.argHashes[1]);
    for (const length of lengths) builder.add(source, 0, length);
    assert.equal(builder.length, lengths.length);
    builder.place(db, batch, 1, NO_EXPIRY);
    builder.discard();
    keyspace.checkInvariants();
    const texts = elementsIn(fixture.line("LRANGE k 0 -1"));
    assert.deepEqual(texts.map((each) => each.length), lengths);
    assert.equal(encodingOf(fixture), encoding);
  }
  new ListBuilder(keyspace, settings, 7).discard();
  keyspace.checkInvariants();
});
