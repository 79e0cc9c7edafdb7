// The longest common subsequence against a plain table of lengths.

import { test } from "node:test";
import assert from "node:assert/strict";
import {
  commonSubsequenceLength,
  longestCommonSubsequence,
} from "../../../src/commands/string/common_subsequence.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function find(a: string, b: string): { text: string; ranges: readonly number[] } {
  const found = longestCommonSubsequence(encoder.encode(a), encoder.encode(b));
  return { text: decoder.decode(found.bytes), ranges: found.ranges };
}

/** The algorithm as it stands in textbooks, with the choices that Redis makes. */
function findByTable(a: string, b: string): { text: string; ranges: number[] } {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] = a[i - 1] === b[j - 1]
        ? table[i - 1][j - 1] + 1
        : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  let text = "";
  const pairs: [number, number][] = [];
  let i = a.length, j = b.length;
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      text = a[i - 1] + text;
      pairs.push([--i, --j]);
    } else if (table[i - 1][j] > table[i][j - 1]) i--;
    else j--;
  }
  const ranges: number[] = [];
  for (let k = 0; k < pairs.length; k++) {
    const [x, y] = pairs[k];
    const last = ranges.length - 4;
    if (k > 0 && ranges[last] === x + 1 && ranges[last + 2] === y + 1) {
      ranges[last] = x;
      ranges[last + 2] = y;
    } else ranges.push(x, x, y, y);
  }
  return { text, ranges };
}

test("longestCommonSubsequence() finds the text and the ranges of Redis's own example", () => {
  assert.deepEqual(find("ohmytext", "mynewtext"), {
    text: "mytext",
    ranges: [4, 7, 5, 8, 2, 3, 0, 1],
  });
});

test("longestCommonSubsequence() of an empty string is empty", () => {
  for (const [a, b] of [["", ""], ["abc", ""], ["", "abc"], ["abc", "xyz"]]) {
    assert.deepEqual(find(a, b), { text: "", ranges: [] });
  }
});

test("longestCommonSubsequence() of equal strings is one range", () => {
  const text = "abcabcabcabcabcab";
  assert.deepEqual(find(text, text), { text, ranges: [0, 16, 0, 16] });
});

test("longestCommonSubsequence() agrees with the textbook for all small strings of two letters", () => {
  const strings: string[] = [];
  for (let length = 0; length <= 5; length++) {
    for (let bits = 0; bits < 1 << length; bits++) {
      strings.push(
        Array.from({ length }, (_, i) => ((bits >> i) & 1) === 1 ? "b" : "a").join(""),
      );
    }
  }
  for (const a of strings) {
    for (const b of strings) assert.deepEqual(find(a, b), findByTable(a, b), `"${a}" and "${b}"`);
  }
});

test("longestCommonSubsequence() agrees with the textbook for longer strings", () => {
  let state = 12345;
  const letter = (): string => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return "abcd"[(state >> 16) & 3];
  };
  for (let round = 0; round < 60; round++) {
    const a = Array.from({ length: (round * 7) % 67 }, letter).join("");
    const b = Array.from({ length: (round * 13) % 71 }, letter).join("");
    const expected = findByTable(a, b);
    assert.deepEqual(find(a, b), expected, `"${a}" and "${b}"`);
    assert.equal(
      commonSubsequenceLength(encoder.encode(a), encoder.encode(b)),
      expected.text.length,
    );
  }
});

test("commonSubsequenceLength() compares bytes, not characters", () => {
  assert.equal(commonSubsequenceLength(Uint8Array.of(0, 255, 0), Uint8Array.of(255, 0, 7)), 2);
});
