import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { WatchedKeys, Watcher } from "../../src/engine/watched_keys.ts";
import type { Region } from "../../src/ports/region.ts";
import { Store } from "./store.ts";

const encoder = new TextEncoder();

function regionOf(text: string): Region & { readonly length: number } {
  const bytes = encoder.encode(text);
  const region = makeRegion(bytes.length);
  region.bytes.set(bytes);
  return { ...region, length: bytes.length };
}

test("keys of one hash are told from each other, and from those of other databases", () => {
  const { keyspace } = new Store();
  keyspace.hash = () => 7;
  const watched = new WatchedKeys(keyspace);
  const [first, second] = keyspace.databases;
  const watchers = ["a", "b", "c", "b"].map((name, i) => {
    const watcher = new Watcher();
    const { length, ...region } = regionOf(name);
    watched.watch(watcher, i < 3 ? first : second, region, 0, length);
    return watcher;
  });
  const dirty = (): boolean[] => watchers.map((each) => each.isDirty);
  const change = (name: string): void => {
    const region = regionOf(name);
    watched.changed(first, region, 0, region.length);
  };
  change("d");
  change("bb");
  assert.deepEqual(dirty(), [false, false, false, false]);
  change("b");
  assert.deepEqual(dirty(), [false, true, false, false]);
  change("a");
  assert.deepEqual(dirty(), [true, true, false, false]);
  assert.equal(keyspace.changes.isHeard, true);
  change("c");
  watched.unwatch(watchers[3]);
  assert.deepEqual(dirty(), [true, true, true, false]);
  assert.equal(keyspace.changes.isHeard, false);
});

test("random watches and changes agree with a model", () => {
  const random = createRandom([5, 6, 7, 8]);
  const { keyspace } = new Store();
  const hash = keyspace.hash.bind(keyspace);
  keyspace.hash = (view, offset, length) => hash(view, offset, length) & 7;
  const watched = new WatchedKeys(keyspace);
  const db = keyspace.databases[0];
  const names = Array.from({ length: 40 }, (_, i) => `key:${i}`);
  const watchers = Array.from({ length: 10 }, () => new Watcher());
  const model = watchers.map(() => ({ keys: new Set<string>(), isDirty: false }));
  for (let step = 0; step < 5000; step++) {
    const name = names[random.below(names.length)];
    const i = random.below(watchers.length);
    const region = regionOf(name);
    switch (random.below(4)) {
      case 0:
      case 1:
        watched.watch(watchers[i], db, region, 0, region.length);
        model[i].keys.add(name);
        break;
      case 2:
        watched.changed(db, region, 0, region.length);
        for (const each of model.filter(({ keys }) => keys.has(name))) {
          each.isDirty = true;
          each.keys.clear();
        }
        break;
      default:
        if (random.below(4) !== 0) break;
        watched.unwatch(watchers[i]);
        model[i].keys.clear();
        watchers[i].isDirty = model[i].isDirty = false;
    }
    assert.deepEqual(watchers.map((each) => each.isDirty), model.map((each) => each.isDirty));
    assert.deepEqual(watchers.map((each) => each.keys.size), model.map(({ keys }) => keys.size));
    const isAnyWatched = model.some(({ keys }) => keys.size > 0);
    assert.equal(keyspace.changes.isHeard, isAnyWatched);
  }
  for (const watcher of watchers) {
    watched.unwatch(watcher);
    assert.equal(watcher.sizeBytes, 0);
  }
});
