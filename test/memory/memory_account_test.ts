import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryAccount } from "../../src/memory/memory_account.ts";
import { PAGE_BYTES } from "../../src/memory/size_classes.ts";

test("an account sums up blocks and pages, and keeps the peak of the pages", () => {
  const account = new MemoryAccount();
  assert.deepEqual([account.liveBytes, account.pageBytes, account.peakPageBytes], [0, 0, 0]);
  account.pageAllocated();
  account.pageAllocated();
  account.blockAllocated(48);
  account.blockAllocated(16);
  account.blockFreed(48);
  account.pageFreed();
  assert.equal(account.liveBytes, 16);
  assert.equal(account.pageBytes, PAGE_BYTES);
  assert.equal(account.peakPageBytes, 2 * PAGE_BYTES);
  account.pageAllocated();
  assert.equal(account.peakPageBytes, 2 * PAGE_BYTES, "not exceeded");
});

test("sums stay exact beyond 32 bits", () => {
  const account = new MemoryAccount();
  for (let i = 0; i < 100_000; i++) account.pageAllocated();
  account.blockAllocated(2 ** 35);
  account.blockAllocated(1);
  assert.equal(account.pageBytes, 100_000 * PAGE_BYTES);
  assert.equal(account.liveBytes, 2 ** 35 + 1);
});
