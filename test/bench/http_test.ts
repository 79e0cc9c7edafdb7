// The comparison over HTTP at a tiny size: this runtime's server, and the others where they are installed.

import { test } from "node:test";
import assert from "node:assert/strict";
import process from "node:process";
import { compareHttp, HTTP_CASES, httpReport } from "../../bench/wire/http.ts";
import { findProgram } from "../../bench/support/programs.ts";

const OWN = process.versions.bun === undefined ? "deno" : "bun";

test("the HTTP bench runs every case that there is a load generator for", async () => {
  const lines: string[] = [];
  const figures = await compareHttp({
    peers: [OWN],
    cases: HTTP_CASES,
    rounds: 1,
    warmRounds: 0,
    keys: 100,
    requests: 64,
    wrkSeconds: 1,
    pinnings: { server: [], load: [], note: "not pinned" },
    log: (line) => lines.push(line),
  });
  for (const { name, tool } of HTTP_CASES) {
    if (findProgram(tool) === "") {
      assert.ok(lines.includes(`${name}: skipped, there is no ${tool}`));
      continue;
    }
    if (tool === "redis-benchmark") continue;
    const found = figures.find((each) => each.case === name && each.peer === OWN);
    assert.ok(found !== undefined && found.commandsPerSecond > 0, name);
  }
  assert.match(httpReport(figures), /commands a second/);
});
