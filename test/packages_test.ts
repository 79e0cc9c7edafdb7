// The bare package names that the sources use resolve to the same code on both runtimes.

import { test } from "node:test";
import assert from "node:assert/strict";
import { concat, equals } from "@std/bytes";

test("@std/bytes resolves by its bare name", () => {
  const joined = concat([new Uint8Array([1, 2]), new Uint8Array([3])]);
  assert.equal(joined.byteLength, 3);
  assert.ok(equals(joined, new Uint8Array([1, 2, 3])));
  assert.ok(!equals(joined, new Uint8Array([1, 2, 4])));
});
