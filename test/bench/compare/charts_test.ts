// The charts of the report: SVG that is valid, complete and always the same.

import { createHash } from "node:crypto";
import { test } from "node:test";
import assert from "node:assert/strict";
import { type Chart, renderChart, shortNumber, THEMES } from "../../../bench/compare/charts.ts";
import { chartsOf, MAIN_CHART } from "../../../bench/compare/report_charts.ts";
import { fixtureReport } from "./fixture.ts";

/** Bytes of all charts of the fixture, on either runtime. */
const FROZEN = "9c94d5a603a259f5116a6274dbc778a0386ba61df87a1b3cfef14d9f6f881493";

/** @throws Error when tags are not closed in order, or a character should have been escaped */
function checkXml(text: string): void {
  const open: string[] = [];
  let end = 0;
  for (const tag of text.matchAll(/<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const between = text.slice(end, tag.index);
    assert.doesNotMatch(between, /[<>]|&(?!(?:amp|lt|gt|quot|#\d+);)/, between);
    end = tag.index + tag[0].length;
    const [, isEnd, name, attributes, isEmpty] = tag;
    assert.doesNotMatch(attributes, /&(?!(?:amp|lt|gt|quot|#\d+);)/, attributes);
    if (isEnd !== "") assert.equal(open.pop(), name);
    else if (isEmpty === "") open.push(name);
  }
  assert.deepEqual(open, []);
  assert.equal(text.slice(end).trim(), "");
}

const CHARTS = chartsOf(fixtureReport());

test("every chart is valid XML in both themes, with its title and every name in it", () => {
  assert.ok(CHARTS.length >= 9 && CHARTS.some(({ name }) => name === MAIN_CHART));
  for (const chart of CHARTS) {
    for (const theme of THEMES) {
      const svg = renderChart(chart, theme);
      checkXml(svg);
      for (const text of [chart.title, ...chart.categories, ...chart.series.map((s) => s.name)]) {
        assert.ok(svg.includes(`>${text}</text>`), `${chart.name}: ${text}`);
      }
    }
  }
});

test("bars carry their values", () => {
  const [chart] = CHARTS.filter(({ name }) => name === "memory");
  const svg = renderChart(chart, "light");
  for (const value of ["105 B", "114 B", "141 B"]) assert.ok(svg.includes(`>${value}</text>`));
});

test("charts have the same bytes on every run and runtime", () => {
  const hash = createHash("sha256");
  for (const chart of CHARTS) for (const theme of THEMES) hash.update(renderChart(chart, theme));
  assert.equal(hash.digest("hex"), FROZEN);
  assert.equal(renderChart(CHARTS[0], "dark"), renderChart(CHARTS[0], "dark"));
  assert.notEqual(renderChart(CHARTS[0], "dark"), renderChart(CHARTS[0], "light"));
});

test("text is escaped, and values that are not there leave gaps", () => {
  const series = [{ name: "a < b & c", colour: "blue", values: [1, NaN] } as const];
  for (const kind of ["bars", "lines"] as const) {
    const chart: Chart = {
      ...{ name: "x", kind, title: '"<&>"', subtitle: "&", categories: ["<", "&"], series },
      show: shortNumber,
    };
    const svg = renderChart(chart, "light");
    checkXml(svg);
    assert.ok(svg.includes("a &lt; b &amp; c"));
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  }
});

test("a report without figures has no charts", () => {
  const empty = { ...fixtureReport(), measurements: [], memory: [], clients: [] };
  assert.deepEqual(chartsOf(empty), []);
});

test("numbers are written short", () => {
  assert.deepEqual([0.5, 999, 9999, 12_345, 1_234_567].map(shortNumber), [
    "0.5",
    "999",
    "10000",
    "12.3 k",
    "1.23 M",
  ]);
});
