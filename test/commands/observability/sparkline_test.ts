import assert from "node:assert/strict";
import { test } from "node:test";
import { sparkline } from "../../../src/commands/observability/sparkline.ts";

function graph(values: readonly number[]): string[] {
  return sparkline(values.map((value, i) => ({ value, label: `${i}s` }))).split("\n");
}

test("values are drawn in twelve steps between the least and the greatest", () => {
  assert.deepEqual(graph([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), [
    "         _o##",
    "      _o#||||",
    "   _o#|||||||",
    "_o#||||||||||",
    "             ",
    "0123456789111",
    "ssssssssss012",
    "          sss",
    "",
  ]);
});

test("equal values lie at the bottom", () => {
  assert.deepEqual(graph([7, 7]), ["  ", "  ", "  ", "__", "  ", "01", "ss", ""]);
});

test("more than eighty values take several graphs", () => {
  const lines = graph(Array.from({ length: 100 }, (_, i) => i));
  assert.equal(lines[0].length, 80);
  const second = lines.indexOf("");
  assert.equal(lines[second + 1].length, 20);
});
