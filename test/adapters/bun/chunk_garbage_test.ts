import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkGarbage } from "../../../src/adapters/bun/chunk_garbage.ts";

const MIB = 1024 * 1024;

test("garbage is collected once for every few megabytes received", () => {
  let collections = 0;
  const garbage = new ChunkGarbage(() => collections++);
  garbage.add(3 * MIB);
  assert.equal(collections, 0);
  garbage.add(MIB);
  assert.equal(collections, 1);
  garbage.add(MIB);
  assert.equal(collections, 1, "counting begins again");
});

test("many small chunks count for more than their bytes", () => {
  let collections = 0;
  const garbage = new ChunkGarbage(() => collections++);
  for (let i = 0; i < 20_000; i++) garbage.add(1);
  assert.equal(collections, 1);
});
