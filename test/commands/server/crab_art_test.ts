import assert from "node:assert/strict";
import { test } from "node:test";
import { drawCrab } from "../../../src/commands/server/crab_art.ts";

const SEEDS = [
  0,
  1,
  -1,
  42,
  2 ** 31 - 1,
  -(2 ** 31),
  ...Array.from({ length: 200 }, (_, i) => i * 7919),
];

test("drawCrab() draws the same crab from the same number", () => {
  assert.equal(
    drawCrab(3),
    [
      "       _/\\                       __",
      "      (__ \\   .-------------.   /  )",
      "         \\ \\ /     0   0     \\ / _/",
      "          \\ \\|o .:'~' '~':. o|/_/",
      "           '-|  ~~'*   *'~~  |",
      "             \\     '---'     /",
      "           / /'-------------'\\ \\",
      "          / / /             \\ \\ \\",
      ".,.~_.*....*.._...*.,._~......,.._....~.,*,",
      "",
      "Ticho walks sideways and remembers everything that fits under the shell.",
      "",
    ].join("\n"),
  );
});

test("drawCrab() draws many different crabs", () => {
  assert.ok(new Set(SEEDS.map(drawCrab)).size > SEEDS.length * 0.95);
});

test("drawCrab() keeps to printable ASCII, 80 columns and no trailing blanks", () => {
  for (const seed of SEEDS) {
    const art = drawCrab(seed);
    assert.match(art, /^[\x20-\x7e\n]+$/);
    for (const line of art.split("\n")) {
      assert.ok(line.length <= 80, line);
      assert.equal(line, line.trimEnd());
    }
  }
});

test("drawCrab() makes both sides of the shell alike", () => {
  for (const seed of SEEDS) {
    const rows = drawCrab(seed).split("\n");
    const edge = rows[6].indexOf("'");
    const width = rows[6].lastIndexOf("'") - edge + 1;
    for (const row of [rows[3], rows[4]]) {
      const pattern = row.slice(edge, edge + width);
      assert.equal(pattern, [...pattern].reverse().join(""));
    }
  }
});
