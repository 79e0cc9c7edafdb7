import assert from "node:assert/strict";
import { test } from "node:test";
import { globMatch } from "../../../src/bytes/glob.ts";
import {
  AccessPattern,
  coversPrefix,
  KeyPattern,
  MAY_ALL,
  MAY_READ,
  MAY_WRITE,
} from "../../../src/commands/acl/pattern.ts";
import { toBytes } from "../../../src/commands/acl/text.ts";

test("a pattern matches what the glob matches, wherever the text stands", () => {
  const patterns = [
    "",
    "a",
    "a*",
    "*",
    "**",
    "a**",
    "ab*c",
    "[ab]*",
    "a?",
    "\\*",
    "a\\*",
    "é*",
    "*a",
  ];
  const texts = ["", "a", "ab", "abc", "abxc", "b", "*", "a*", "é", "éa", "aa"];
  for (const pattern of patterns) {
    for (const text of texts) {
      const bytes = toBytes(`>>${text}<<`);
      assert.equal(
        new AccessPattern(pattern).matches(bytes, 2, text.length),
        globMatch(toBytes(pattern), bytes, 2, text.length),
        `${pattern} ${text}`,
      );
    }
  }
});

test("a pattern of keys says what it permits", () => {
  assert.equal(new KeyPattern("k*", MAY_ALL).rule, "~k*");
  assert.equal(new KeyPattern("k*", MAY_READ).rule, "%R~k*");
  assert.equal(new KeyPattern("k*", MAY_WRITE).rule, "%W~k*");
});

test("coversPrefix() asks whether all keys that begin so match", () => {
  const covers = (pattern: string, prefix: string): boolean => {
    const bytes = toBytes(`>>${prefix}<<`);
    return coversPrefix(new AccessPattern(pattern), bytes, 2, prefix.length);
  };
  for (const [pattern, prefix] of [["a*", "a"], ["a*", "ab"], ["*", ""], ["*", "x"]]) {
    assert.equal(covers(pattern, prefix), true, `${pattern} ${prefix}`);
  }
  const not = [["a*", ""], ["a*", "b"], ["ab*", "a"], ["a", "a"], ["a?*", "ab"], ["\\a*", "a"]];
  for (const [pattern, prefix] of not) {
    assert.equal(covers(pattern, prefix), false, `${pattern} ${prefix}`);
  }
});
