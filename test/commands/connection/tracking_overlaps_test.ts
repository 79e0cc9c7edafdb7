import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../../src/bytes/prng.ts";
import { overlappingPrefixes } from "../../../src/commands/connection/tracking_overlaps.ts";

const encoder = new TextEncoder();
const encode = (texts: readonly string[]): Uint8Array[] =>
  texts.map((text) => encoder.encode(text));

/** As Redis does it: each prefix against all others. */
function expected(existing: readonly string[], added: readonly string[]): string | undefined {
  const overlap = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
  const error = (prefix: string, other: string): string =>
    `ERR Prefix '${prefix}' overlaps with ${other}. Prefixes for a single client must not overlap.`;
  for (const [i, prefix] of added.entries()) {
    const old = existing.find((each) => overlap(each, prefix));
    if (old !== undefined) return error(prefix, `an existing prefix '${old}'`);
    const other = added.slice(i + 1).find((each) => overlap(each, prefix));
    if (other !== undefined) return error(prefix, `another provided prefix '${other}'`);
  }
  return undefined;
}

test("the first pair of prefixes that overlaps is found, as by comparing all of them", () => {
  const random = createRandom([1, 2, 3, 4]);
  const draw = (): string => {
    let text = "";
    for (let length = 1 + random.below(4); length > 0; length--) text += "abc"[random.below(3)];
    return text;
  };
  let overlaps = 0;
  for (let round = 0; round < 3_000; round++) {
    const existing: string[] = random.below(10) === 0 ? [""] : [];
    for (let count = random.below(4); count > 0; count--) {
      const text = draw();
      if (expected(existing.filter((each) => each !== ""), [text]) === undefined) {
        existing.push(text);
      }
    }
    existing.sort();
    const added = Array.from({ length: random.below(5) }, draw);
    const found = overlappingPrefixes(encode(existing), encode(added));
    assert.equal(found, expected(existing, added), JSON.stringify([existing, added]));
    if (found !== undefined) overlaps++;
  }
  assert.ok(overlaps > 500 && overlaps < 2_500, `${overlaps}`);
});

test("a great many prefixes that don't overlap are told apart at once", () => {
  const prefixes = encode(Array.from({ length: 100_000 }, (_, i) => `${i}:`));
  assert.equal(overlappingPrefixes([], prefixes), undefined);
  const twice = [...prefixes, encoder.encode("99999:x")];
  assert.match(overlappingPrefixes([], twice)!, /Prefix '99999:' overlaps .* prefix '99999:x'/);
});

test("a prefix is shown up to its first NUL byte", () => {
  const found = overlappingPrefixes([], encode(["a\0b", "a\0bc"]));
  assert.match(found!, /^ERR Prefix 'a' overlaps with another provided prefix 'a'\./);
});
