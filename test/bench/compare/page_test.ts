// The page of a report, from a fixture.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import assert from "node:assert/strict";
import type { Report } from "../../../bench/compare/figures.ts";
import { main } from "../../../bench/compare/main.ts";
import { renderPage } from "../../../bench/compare/page.ts";
import { MAIN_CHART } from "../../../bench/compare/report_charts.ts";
import { readReport, renderReport, writeReport } from "../../../bench/compare/write.ts";
import { fixtureReport } from "./fixture.ts";

const EXPECTED = new URL("expected_page.txt", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "crabcache-report-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Enough for one section of every kind. */
function shortReport(): Report {
  const report = fixtureReport();
  const kept = ["get-p1", "get-p16", "latency-c2-r10000", "get-16", "connections-100"];
  return {
    ...report,
    measurements: report.measurements.filter((each) => kept.includes(each.case)),
    failures: [{
      section: "ycsb",
      title: "C: reads only",
      peer: "deno",
      tool: "bench:wire",
      message: "the server closed the connection",
    }],
  };
}

test("the page of a report is the expected one", () => {
  const page = renderPage(shortReport());
  if (process.env.UPDATE_EXPECTED === "1") writeFileSync(EXPECTED, page);
  assert.equal(page, readFileSync(EXPECTED, "utf8"), "if it is meant: UPDATE_EXPECTED=1");
});

test("the project's README shows the main chart and leads to the page", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const files = renderReport(fixtureReport());
  for (const name of [`${MAIN_CHART}.svg`, `${MAIN_CHART}-dark.svg`, "README.md"]) {
    assert.ok(files.has(name) && readme.includes(`bench/report/${name}`), name);
  }
});

test("the page says what falls short and why, as far as it is known", () => {
  const page = renderPage(fixtureReport()).replace(/\s+/g, " ");
  assert.match(page, /ioredis with autopipelining\*\*: 0.76 × on Deno, wanted ≤ 0.70 ×/);
  assert.match(page, /Cause: an example of a cause\./);
  assert.match(page, /Cause: not known yet/);
  assert.match(page, /\| GET, 64 at once \| ≤ 0.70 × \| 0.72 × \| \*\*no\*\* \|/);
  const good = { ...fixtureReport(), measurements: [], clients: [] };
  assert.match(renderPage(good), /## What falls short\n\nNothing of what was measured\./);
});

test("peers and generators that were not there are named as absent and nowhere else", () => {
  const page = renderPage(fixtureReport());
  assert.match(
    page,
    /Not found on this machine: Valkey, memcached, Pogocache and memtier_benchmark/,
  );
  for (const name of ["Valkey", "memcached", "Pogocache", "memtier_benchmark"]) {
    assert.equal(page.split(name).length, 2, name);
  }
});

test("a quick report says that its figures mean nothing", () => {
  assert.match(renderPage({ ...fixtureReport(), isQuick: true }), /figures mean nothing/);
  assert.doesNotMatch(renderPage(fixtureReport()), /figures mean nothing/);
});

test("every picture of the page is a file beside it, in both themes", () => {
  const files = renderReport(fixtureReport());
  const page = files.get("README.md") ?? "";
  const shown = [...page.matchAll(/(?:src|srcset)="([^"]+)"/g)].map((match) => match[1]);
  assert.ok(shown.length > 10);
  for (const name of shown) assert.ok(files.has(name), name);
  const drawn = [...files.keys()].filter((name) => name.endsWith(".svg"));
  assert.deepEqual(drawn.sort(), shown.sort());
});

test("the page is rendered again from report.json alone", async () => {
  const report = fixtureReport();
  writeReport(report, folder);
  assert.deepEqual(readReport(folder), report);
  writeFileSync(join(folder, "README.md"), "");
  writeFileSync(join(folder, "old.svg"), "");
  await main(["--render", "--out", folder]);
  assert.equal(readFileSync(join(folder, "README.md"), "utf8"), renderPage(report));
  assert.ok(!readdirSync(folder).includes("old.svg"), "a chart that it has no longer");
  const raw = join(folder, "report.json");
  writeFileSync(raw, readFileSync(raw, "utf8").replace('"format": 1', '"format": 2'));
  assert.throws(() => readReport(folder), /format 2/);
  await assert.rejects(main(["--render", "--out", join(folder, "none")]), /no report\.json/);
});
