// Tables and verdicts of the comparison over the wire.

import { test } from "node:test";
import assert from "node:assert/strict";
import { cpuTable, throughputTable, verdict } from "../../bench/wire/report.ts";
import type { KeyMemory } from "../../bench/memory/bytes_per_key.ts";
import type { PeerName } from "../../bench/wire/servers.ts";
import type { CaseFigures } from "../../bench/wire/side_by_side.ts";

function figures(peer: PeerName, requestsPerSecond: number, cpu: number): CaseFigures {
  return {
    peer,
    case: "GET -P 16",
    rounds: [],
    requestsPerSecond,
    cpuMicrosPerRequest: cpu,
    busyShare: 0.5,
  };
}

function memory(peer: PeerName, bytesPerKey: number): KeyMemory {
  return { peer, version: "1", keys: 1, emptyBytes: 0, fullBytes: bytesPerKey, bytesPerKey };
}

const CASES = [
  figures("redis-server", 1000, 1),
  figures("bun", 2500, 0.4),
  figures("deno", 1790, 0.56),
];

test("throughputTable() shows ratios and whether targets were reached", () => {
  const row = throughputTable(CASES).split("\n")[2];
  const cells = row.split("|").map((cell) => cell.trim()).slice(1, -1);
  assert.deepEqual(cells, [
    "GET -P 16",
    "1,000",
    ...["2,500", "2.50 ×", "≥ 2.5 ×", "yes"],
    ...["1,790", "1.79 ×", "≥ 1.8 ×", "NO"],
  ]);
});

test("cpuTable() shows ratios and whether targets were reached", () => {
  const row = cpuTable(CASES).split("\n")[2];
  const cells = row.split("|").map((cell) => cell.trim()).slice(1, -1);
  assert.deepEqual(cells, [
    "GET -P 16",
    ...["1.000", "50 %"],
    ...["0.400", "50 %", "0.40 ×", "≤ 0.4 ×", "yes"],
    ...["0.560", "50 %", "0.56 ×", "≤ 0.55 ×", "NO"],
  ]);
});

test("verdict() names what was missed", () => {
  assert.equal(
    verdict(CASES, [memory("redis-server", 176), memory("bun", 115), memory("deno", 116)]),
    "3 of 6 targets reached; missed: GET -P 16 on deno, CPU time of GET -P 16 on deno, " +
      "bytes per key on deno",
  );
  assert.equal(verdict(CASES.slice(0, 2), [memory("bun", 90)]), "all 3 targets reached");
  assert.match(verdict(CASES.slice(1), []), /^0 of 4 targets reached/, "nothing to compare with");
});
