// The comparison of clients at a tiny size, on the runtime at hand.

import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { clientTable, compareClients } from "../../bench/client/main.ts";
import { LIBRARIES } from "../../bench/client/libraries.ts";

const RUNTIME = process.versions.bun === undefined ? "deno" : "bun";

test("the bench of clients measures every one of them", async () => {
  const figures = await compareClients({
    runtimes: [RUNTIME],
    ticks: [4],
    operations: 20,
    rounds: 1,
    pinnings: { server: [], load: [], note: "not pinned" },
    log: () => {},
  });
  const wanted = LIBRARIES.filter((each) => RUNTIME === "bun" || !each.isOnlyOnBun);
  assert.deepEqual(figures.map(({ library }) => library), wanted.map(({ name }) => name));
  for (const { library, get, set } of figures) {
    assert.ok(get.operations > 0 && get.cpuUs >= 0 && set.operationsPerSecond > 0, library);
    assert.ok(get.hash > 0, library);
  }
  assert.match(clientTable(figures), new RegExp(`ioredis on ${RUNTIME}`));
});
