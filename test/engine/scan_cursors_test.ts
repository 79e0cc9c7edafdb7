import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanCursors } from "../../src/engine/scan_cursors.ts";

const bytes = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);

test("a cursor stands for its place, with its own prefix only", () => {
  const cursors = new ScanCursors();
  const place = { shard: 3, key: bytes(5) };
  const cursor = cursors.add(bytes(2), place);
  assert.ok(ScanCursors.isPlace(cursor) && Number.isSafeInteger(cursor));
  assert.equal(cursors.find(cursor, bytes(2)), place);
  assert.equal(cursors.find(cursor, bytes(3)), undefined);
  assert.equal(cursors.find(cursor, bytes(2, 2)), undefined);
  assert.equal(cursors.find(0, bytes(2)), undefined);
  assert.equal(cursors.find(cursor + 1, bytes(2)), undefined);
  assert.notEqual(cursors.add(bytes(2), place), cursor);
});

test("the places that were not used for the longest time are dropped", () => {
  const cursors = new ScanCursors();
  const first = cursors.add(bytes(1), { shard: 0, key: undefined });
  const second = cursors.add(bytes(1), { shard: 1, key: undefined });
  for (let i = 0; i < 1023; i++) {
    cursors.add(bytes(1), { shard: 2, key: bytes(10) });
    assert.equal(cursors.find(first, bytes(1))?.shard, 0);
  }
  assert.equal(cursors.find(second, bytes(1)), undefined);
});

test("long keys take no more memory than short ones", () => {
  const cursors = new ScanCursors();
  let last = 0;
  for (let i = 0; i < 200; i++) {
    last = cursors.add(bytes(20_000), { shard: i, key: bytes(30_000) });
    assert.ok(cursors.sizeBytes <= 1024 * 1024);
    assert.equal(cursors.find(last, bytes(20_000))?.shard, i);
  }
});
