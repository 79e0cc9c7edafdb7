// Every method of a cache, and that there is one for every command on keys and values.

import { test } from "node:test";
import assert from "node:assert/strict";
import { DATA_FAMILIES } from "../../src/server/command_families.ts";
import { METHODS } from "./cache_methods.ts";
import { startCache, testMethods } from "./cache_support.ts";

test("every command on keys and values has a method, and nothing else has", () => {
  const names = DATA_FAMILIES.flat().map(({ name }) => name as string);
  const others = [
    ...["debug", "keys", "pfdebug", "pfselftest", "wait"],
    ...["blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin"],
  ];
  assert.deepEqual(
    Object.keys(METHODS).sort(),
    names.filter((name) => !others.includes(name)).sort(),
  );
});

testMethods(METHODS);

test("an argument that is no text, number, boolean or bytes is a TypeError", () => {
  const { cache } = startCache();
  const set = cache.set.bind(cache) as (...args: unknown[]) => unknown;
  for (const wrong of [undefined, null, Symbol("x"), () => 1]) {
    assert.throws(() => set("k", wrong), TypeError);
    assert.throws(() => set("k", "v", { ex: wrong ?? null }), TypeError);
    assert.throws(() => set("k", "v", { ex: [wrong] }), TypeError);
  }
  assert.throws(() => set("k", ["a"]), TypeError);
  assert.throws(() => set("k", "v", null), TypeError);
  assert.throws(() => set("k", "v", ["EX", 1]), TypeError);
  assert.throws(() => set("k", "v", { colour: "red" }), { message: "ERR syntax error" });
  assert.equal(cache.dbsize(), 0);
});
