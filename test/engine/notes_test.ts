import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { noteOf, setNote } from "../../src/engine/notes.ts";
import { OutOfMemory } from "../../src/engine/keyspace.ts";
import { emptySparsePage } from "./compaction_support.ts";
import { areSameBytes, START_MS, Store, valueOf } from "./store.ts";

const NONE = new Uint8Array(0);

function note(store: Store, key: string, bytes: Uint8Array): void {
  const ref = store.find(0, key);
  setNote(store.keyspace, store.db(0), store.batch, 0, ref, bytes);
}

function noted(store: Store, key: string): Uint8Array {
  return noteOf(store.keyspace, store.find(0, key));
}

test("a note stays with its value and goes with it", () => {
  const store = new Store();
  store.set(0, "k", valueOf(100, 1));
  assert.equal(noted(store, "k").length, 0);
  note(store, "k", valueOf(17, 2));
  assert.deepEqual(noted(store, "k"), valueOf(17, 2));
  note(store, "k", valueOf(255, 3));
  store.append(0, "k", valueOf(50_000, 4));
  store.expire(0, "k", START_MS + 1000);
  assert.deepEqual(noted(store, "k"), valueOf(255, 3));
  store.set(0, "k", valueOf(100, 5));
  assert.equal(noted(store, "k").length, 0);
  store.keyspace.checkInvariants();
});

/** What a key holds. */
interface Held {
  value: Uint8Array;
  note: Uint8Array;
}

test("a value that grows never grows into its note", () => {
  const store = new Store();
  for (let length = 21; length < 37; length++) {
    for (let noteLength = 1; noteLength <= 16; noteLength++) {
      for (let added = 1; added <= 16; added++) {
        const key = `${length}.${noteLength}.${added}`;
        store.set(0, key, valueOf(length, 1));
        note(store, key, valueOf(noteLength, 2));
        store.append(0, key, valueOf(added, 3));
        assert.deepEqual(noted(store, key), valueOf(noteLength, 2), key);
      }
    }
  }
  store.keyspace.checkInvariants();
});

interface Step {
  readonly what: string;
  readonly key: string;
  readonly other: string;
  readonly length: number;
  readonly noteLength: number;
}

const key = fc.constantFrom("a", "b", "key ".repeat(70), "c");
const length = fc.oneof(
  fc.nat(12),
  fc.nat(12),
  fc.nat(12),
  fc.nat(200),
  fc.nat(3000),
  fc.constantFrom(31_700, 31_744, 31_745, 90_000),
);
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(
    ...[
      "set",
      "note",
      "note",
      "append",
      "append",
      "write",
      "expire",
      "persist",
      "rename",
      "copy",
      "remove",
    ],
    ...["integer", "compact"],
  ),
  key,
  other: key,
  length,
  noteLength: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 255 })),
});

/** Does the same to both, where the key is there. */
function apply(model: Map<string, Held>, store: Store, s: Step, i: number): void {
  const held = model.get(s.key);
  switch (s.what) {
    case "set":
      store.set(0, s.key, valueOf(s.length, i), i % 2 === 0 ? START_MS + 1000 : 0);
      model.set(s.key, { value: valueOf(s.length, i), note: NONE });
      return;
    case "integer":
      store.setInteger(0, s.key, s.length);
      model.set(s.key, { value: new TextEncoder().encode(`${s.length}`), note: NONE });
      return;
    case "compact":
      emptySparsePage(store.keyspace);
      return;
  }
  if (held === undefined) return;
  switch (s.what) {
    case "note":
      note(store, s.key, valueOf(s.noteLength, i));
      held.note = valueOf(s.noteLength, i);
      return;
    case "append":
      store.append(0, s.key, valueOf(s.length, i));
      held.value = joined(held.value, valueOf(s.length, i), held.value.length);
      return;
    case "write":
      if (held.value.length === 0) return;
      store.write(0, s.key, 0, valueOf(1, i));
      held.value = joined(held.value, valueOf(1, i), 0);
      return;
    case "expire":
      store.expire(0, s.key, START_MS + 5000);
      return;
    case "persist":
      store.persist(0, s.key);
      return;
    case "remove":
      store.remove(0, s.key);
      model.delete(s.key);
      return;
    case "rename":
      store.rename(0, s.key, s.other);
      model.delete(s.key);
      model.set(s.other, held);
      return;
    case "copy":
      if (s.key === s.other) return;
      store.copy(0, s.key, 0, s.other);
      model.set(s.other, { ...held });
  }
}

function joined(value: Uint8Array, part: Uint8Array, at: number): Uint8Array {
  const result = new Uint8Array(Math.max(value.length, at + part.length));
  result.set(value);
  result.set(part, at);
  return result;
}

test("whatever happens to keys, notes are those of a plain map, and nothing overlaps", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 30, maxLength: 50 }),
      fc.constantFrom(0, 2),
      (steps, shardBits) => {
        const store = new Store({ shardBits });
        const model = new Map<string, Held>();
        steps.forEach((each, i) => apply(model, store, each, i));
        store.keyspace.checkInvariants();
        assert.deepEqual(store.keys(0), [...model.keys()].sort());
        for (const [name, held] of model) {
          assert.ok(areSameBytes(store.get(0, name) ?? NONE, held.value), `value of ${name}`);
          assert.ok(areSameBytes(noted(store, name), held.note), `note of ${name}`);
        }
      },
    ),
    { numRuns: 120 },
  );
});

test("a note for which there is no room changes nothing", () => {
  const store = new Store({ capacityBytes: 1024 * 1024 });
  store.set(0, "k", valueOf(28, 1));
  note(store, "k", valueOf(3, 2));
  for (let i = 0; store.attempt(() => void store.set(0, `f${i}`, valueOf(31_000, i))); i++);
  assert.throws(() => note(store, "k", valueOf(255, 3)), OutOfMemory);
  assert.deepEqual(store.get(0, "k"), valueOf(28, 1));
  assert.deepEqual(noted(store, "k"), valueOf(3, 2));
  store.keyspace.checkInvariants();
});
