import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatMemory, parseMemory } from "../../src/server/options_units.ts";

test("parseMemory() knows Redis's units, in any case", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["1", 1],
    ["5b", 5],
    ["1k", 1000],
    ["1kb", 1024],
    ["1m", 1_000_000],
    ["1mb", 1_048_576],
    ["1g", 1_000_000_000],
    ["1gb", 1_073_741_824],
    ["100MB", 104_857_600],
    ["2Gb", 2_147_483_648],
    ["007", 7],
  ];
  for (const [text, bytes] of cases) assert.equal(parseMemory(text), bytes, text);
});

test("parseMemory() refuses everything else", () => {
  const wrong = ["", "kb", "-1", "+1", "1.5gb", "1 mb", " 1", "1 ", "1tb", "5%", "0x10", "1kbb"];
  for (const text of wrong) assert.equal(parseMemory(text), undefined, text);
  assert.equal(parseMemory("1constructor"), undefined);
});

test("parseMemory() answers a number however large the text is", () => {
  assert.ok(Number.isFinite(parseMemory("9".repeat(400))));
});

test("parseMemory() multiplies by the unit", () => {
  const units: [string, number][] = [["", 1], ["k", 1e3], ["kb", 2 ** 10], ["gb", 2 ** 30]];
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.constantFrom(...units), (count, [unit, factor]) => {
      assert.equal(parseMemory(`${count}${unit}`), count * factor);
    }),
  );
});

test("formatMemory() writes what parseMemory() reads as the same size", () => {
  const sizes = fc.oneof(
    fc.maxSafeNat(),
    fc.tuple(fc.nat(4095), fc.constantFrom(1, 2 ** 10, 2 ** 20, 2 ** 30)).map(([n, f]) => n * f),
  );
  fc.assert(fc.property(sizes, (bytes) => {
    assert.equal(parseMemory(formatMemory(bytes)), bytes);
  }));
});

test("formatMemory() takes the largest unit that fits", () => {
  assert.equal(formatMemory(0), "0");
  assert.equal(formatMemory(1023), "1023");
  assert.equal(formatMemory(1024), "1kb");
  assert.equal(formatMemory(3 * 1024 ** 2), "3mb");
  assert.equal(formatMemory(1024 ** 3), "1gb");
  assert.equal(formatMemory(1024 ** 3 + 1024), "1048577kb");
});
