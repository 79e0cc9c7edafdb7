// Every bench that runs inside of the process, at a tiny size, so that none rots.

import { test } from "node:test";
import assert from "node:assert/strict";
import { listBenchFiles, loadBenchFile, main } from "../../bench/support/micro.ts";

const SIZE = 100;

const paths = listBenchFiles();

test("there are files of benches", () => {
  assert.ok(paths.includes("bench/micro/codec_bench.ts"));
  assert.ok(paths.includes("bench/engine/engine_bench.ts"));
});

for (const path of paths) {
  test(`every bench of ${path} runs and returns a number`, async () => {
    const { benches } = await loadBenchFile(path);
    assert.ok(benches.length > 0, "exports no bench");
    assert.equal(new Set(benches.map(({ name }) => name)).size, benches.length, "names are unique");
    for (const bench of benches) {
      for (const size of [1, SIZE, SIZE]) {
        const hash = bench.run(size);
        assert.ok(Number.isFinite(hash), `${bench.name} returned ${String(hash)}`);
      }
    }
  });
}

test("micro benches are measured and printed", async (t) => {
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => lines.push(line));
  await main(["encode", "--quick", "--size", "16"]);
  const text = lines.join("\n");
  assert.match(text, /^\| encode OK +\| +\d+\.\d \| +\d+\.\d \| +\d+\.\d \|$/m);
  assert.doesNotMatch(text, /decode/);
  await assert.rejects(main(["there is none", "--quick"]), /no bench is named there is none/);
});
