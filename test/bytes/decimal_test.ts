import assert from "node:assert/strict";
import { test } from "node:test";
import { readFloat } from "../../src/bytes/ascii.ts";
import { readDouble } from "../../src/bytes/decimal.ts";
import { forSeeds, pick } from "../support/model.ts";

function both(text: string): void {
  const bytes = Uint8Array.from(`x${text}9`, (char) => char.charCodeAt(0));
  const expected = readFloat(bytes, 1, text.length) ?? NaN;
  assert.ok(Object.is(readDouble(bytes, 1, text.length), expected), `"${text}"`);
}

test("readDouble() reads what readFloat() reads", () => {
  const texts = [
    ...["", "0", "-0", "+0", "1", "-1.5", "+2.25", "000000000042", ".5", "5.", ".", "-", "+", "-."],
    ...["1.2.3", "1e5", "inf", "-inf", "nan", "0x10", " 1", "1 ", "123456789012345", "0.1", "1-"],
    ...["1234567890123456", "0.12345678901234", "999999999999.999", "-0.0", "1,5", "..", "--1"],
  ];
  for (const text of texts) both(text);
  forSeeds(1, (random) => {
    for (let i = 0; i < 20_000; i++) {
      const length = random.below(18);
      both(Array.from({ length }, () => pick(random, [..."0123456789.-+e"])).join(""));
      both((random.int32() / 10 ** random.below(12)).toString());
    }
  });
});
