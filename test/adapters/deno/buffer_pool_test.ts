import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BUFFER_COMMON,
  BUFFER_MAX,
  BUFFER_MIN,
  BufferPool,
} from "../../../src/adapters/deno/buffer_pool.ts";

test("BufferPool.take() gives the smallest size that fits, or the largest there is", () => {
  const pool = new BufferPool(1e9);
  const cases = [
    [1, BUFFER_MIN],
    [BUFFER_MIN, BUFFER_MIN],
    [BUFFER_MIN + 1, BUFFER_MIN * 2],
    [BUFFER_MIN * 2, BUFFER_MIN * 2],
    [BUFFER_MAX - 1, BUFFER_MAX],
    [BUFFER_MAX * 10, BUFFER_MAX],
  ];
  let lent = 0;
  for (const [asked, given] of cases) {
    assert.equal(pool.take(asked).length, given);
    lent += given;
    assert.equal(pool.lentBytes, lent);
  }
});

test("BufferPool.give() makes the buffer the next one taken", () => {
  const pool = new BufferPool(1e9);
  const first = pool.take(5000);
  pool.give(first);
  assert.equal(pool.lentBytes, 0);
  assert.equal(pool.take(5000), first);
  assert.notEqual(pool.take(5000), first);
});

test("BufferPool lends smaller buffers once half of its limit is reached, and the smallest at all of it", () => {
  const pool = new BufferPool(BUFFER_MAX * 4);
  const large = [pool.take(BUFFER_MAX), pool.take(BUFFER_MAX)];
  const common: Uint8Array[] = [];
  while (pool.lentBytes < BUFFER_MAX * 4) common.push(pool.take(BUFFER_MAX));
  assert.deepEqual([...new Set(common.map(({ length }) => length))], [BUFFER_COMMON]);
  assert.equal(common.length, BUFFER_MAX * 2 / BUFFER_COMMON);
  assert.equal(pool.take(BUFFER_MAX).length, BUFFER_MIN);
  pool.give(common[0]);
  assert.equal(pool.take(BUFFER_MAX).length, BUFFER_COMMON);
  for (const buffer of [...large, ...common]) pool.give(buffer);
  assert.equal(pool.take(BUFFER_MAX).length, BUFFER_MAX);
});
