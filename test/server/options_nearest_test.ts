import { test } from "node:test";
import assert from "node:assert/strict";
import { nearestName } from "../../src/server/options_nearest.ts";

const NAMES = ["port", "hz", "timeout", "maxmemory", "maxmemory-policy", "maxmemory-samples"];

test("nearestName() forgives a letter too many, too few, wrong or swapped", () => {
  const cases: [string, string][] = [
    ["prot", "port"],
    ["pport", "port"],
    ["por", "port"],
    ["timeuot", "timeout"],
    ["maxmemroy", "maxmemory"],
    ["maxmemory_policy", "maxmemory-policy"],
    ["max-memory-sample", "maxmemory-samples"],
  ];
  for (const [given, meant] of cases) assert.equal(nearestName(given, NAMES), meant, given);
});

test("nearestName() does not guess wildly", () => {
  for (const given of ["", "x", "hx", "appendfsync", "daemonize", "part-time"]) {
    assert.equal(nearestName(given, NAMES), undefined, given);
  }
});

test("nearestName() forgives three errors in a long name, not four", () => {
  assert.equal(nearestName("maxmemory-polxxx", NAMES), "maxmemory-policy");
  assert.equal(nearestName("maxmemory-poxxxx", NAMES), undefined);
});
