/** The bench of settings at a tiny size. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { measureTuning, SETTINGS, tuningTable } from "../../bench/load/tuning.ts";
import { IS_DENO } from "../support/test_server.ts";

const RUNTIME = IS_DENO ? "deno" : "bun";

test("measureTuning() measures a setting, and says why another can't be tried", async () => {
  const own = SETTINGS.find(({ environment, flags, runtimes }) =>
    runtimes.includes(RUNTIME) && (environment ?? flags) !== undefined
  )!;
  const refused = {
    name: "a file that is not there",
    runtimes: [RUNTIME],
    kernel: () => ({ "/proc/nowhere": "1" }),
  } as const;
  const figures = await measureTuning({
    ...{ settings: [own, refused], runtimes: [RUNTIME], rounds: 1 },
    ...{ seconds: 0.1, warmRequests: 50 },
  });
  assert.deepEqual(figures.map(({ connections }) => connections), [2, 10, 2, 10]);
  const [two, ten, none] = figures;
  for (const { rounds: [round], refused } of [two, ten]) {
    assert.equal(refused, "");
    assert.ok(round.p50Us > 0 && round.p9999Us >= round.p999Us && round.p999Us >= round.p99Us);
    assert.ok(round.waitedMs >= 0 && round.seconds > 0);
  }
  assert.deepEqual(none.rounds, []);
  const table = tuningTable(figures);
  assert.match(table, new RegExp(`^\\| ${own.name} +\\| +2 \\| +\\d+\\.\\d\\d \\|`, "m"));
  assert.match(table, /\/proc\/nowhere can't be written to/);
});
