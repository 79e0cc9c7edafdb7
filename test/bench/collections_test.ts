// The bench of what collections take in process, at a tiny size.

import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { main } from "../../bench/memory/collections.ts";

const runtime = process.versions.bun ? "bun" : "deno";

test("each kind of collection is held by the cache and by JavaScript", async (t) => {
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => lines.push(line));
  await main(["--quick", "--total", "50", "--kinds", "list,hash", "--runtimes", runtime]);
  const rows = lines.join("\n").match(/^\| [a-z-]+ +\| +10 \| +-?[\d.]+ \| +-?[\d.]+ \|$/gm) ?? [];
  assert.deepEqual(rows.map((row) => row.split(" ")[1]), ["list", "hash"]);
});
