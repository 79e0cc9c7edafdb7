import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { globMatch, globPrefixLength } from "../../src/bytes/glob.ts";
import { writeAscii } from "../../src/bytes/ascii.ts";

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeAscii(text, bytes, 0);
  return bytes;
}

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  return globMatch(latin1(pattern), latin1(`a${text}a`), 1, text.length, ignoreCase);
}

test("globMatch matches stars, question marks and literals", () => {
  const yes = [
    "abc",
    "a*",
    "*c",
    "*b*",
    "***",
    "a?c",
    "???",
    "a*c",
    "*a*b*c*",
    "a**bc",
    "abc*",
    "\\abc",
  ];
  for (const pattern of yes) assert.ok(matches(pattern, "abc"), pattern);
  const no = ["ab", "abcd", "b*", "*b", "??", "????", "a*d", "a?", "", "\\?bc", "a\\*c", "*a*a*"];
  for (const pattern of no) assert.ok(!matches(pattern, "abc"), pattern);
  assert.ok(matches("h\\*llo", "h*llo"));
  assert.ok(matches("a\\", "a\\"));
});

test("globMatch of the empty text holds for the empty pattern only", () => {
  assert.ok(matches("", ""));
  for (const pattern of ["*", "**", "?", "[a]", "a", "\\"]) assert.ok(!matches(pattern, ""));
});

test("globMatch knows classes, ranges and their negation", () => {
  assert.ok(matches("h[ae]llo", "hello") && !matches("h[ae]llo", "hillo"));
  assert.ok(matches("h[^e]llo", "hallo") && !matches("h[^e]llo", "hello"));
  assert.ok(matches("[a-c]", "b") && !matches("[a-c]", "d"));
  assert.ok(matches("[c-a]", "b"), "a range turned round");
  assert.ok(matches("[a-]", "^") && !matches("[a-]", "-"), "the bracket ends the range");
  assert.ok(matches("[\\]]", "]") && matches("[a\\-z]", "-") && !matches("[a\\-z]", "b"));
  assert.ok(matches("[a^]", "^") && !matches("[]", "a") && matches("[^]", "a"));
  assert.ok(matches("[^]x", "ax"));
  assert.ok(matches("*[0-9]*z", "ab5yz") && !matches("*[0-9]*z", "abyz"));
});

test("globMatch lets a class that is not closed end with the pattern", () => {
  assert.ok(matches("[ab", "b") && !matches("[ab", "c"));
  assert.ok(matches("[^ab", "c") && !matches("[", "["));
  assert.ok(matches("[a-", "-") && matches("[\\", "\\"));
  assert.ok(matches("[^", "x"));
});

test("globMatch compares the ends of ranges as signed bytes", () => {
  assert.ok(matches("[\x80-\xff]", "\xe9"));
  assert.ok(!matches("[\x80-\xff]", "a"));
  assert.ok(matches("[a-\xff]", "A"), "-1 to 97");
  assert.ok(!matches("[a-\xff]", "b"));
  assert.ok(matches("\xe9*", "\xe9x"));
});

test("globMatch ignores case where asked, but not behind a backslash in a class", () => {
  assert.ok(!matches("FOO*", "foobar") && matches("FOO*", "foobar", true));
  assert.ok(matches("f[O]o", "FOO", true) && matches("[A-C]", "b", true));
  assert.ok(matches("\\f", "F", true) && !matches("[\\f]", "F", true));
  assert.ok(!matches("[", "{", true) && !matches("@", "`", true));
});

test("globMatch of many stars ends soon, and gives up beyond 1000 of them", () => {
  const text = "a".repeat(4000);
  assert.ok(!matches("a*".repeat(60) + "b", text));
  assert.ok(matches("*a".repeat(1000), "a".repeat(1000)));
  assert.ok(!matches("*a".repeat(1002), "a".repeat(1002)));
});

test("globMatch agrees with a search by cases on small patterns", () => {
  const alphabet = fc.constantFrom("a", "b", "*", "?");
  const words = fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 8 });
  const property = fc.property(fc.array(alphabet, { maxLength: 8 }), words, (pattern, text) => {
    const source = pattern.map((c) => c === "*" ? ".*" : c === "?" ? "." : c).join("");
    const wanted = new RegExp(`^(?:${source})$`).test(text.join(""));
    assert.equal(matches(pattern.join(""), text.join("")), wanted);
  });
  fc.assert(property, { seed: 4, numRuns: 2000 });
});

test("globMatch never fails on random bytes, nor looks behind the text", () => {
  const alphabet = fc.constantFrom(...latin1("ab[]^-\\*?\xff"));
  const bytes = fc.array(alphabet, { maxLength: 12 }).map((list) => Uint8Array.from(list));
  const property = fc.property(bytes, bytes, fc.boolean(), (pattern, text, ignoreCase) => {
    const alone = globMatch(pattern, text, 0, text.length, ignoreCase);
    const followed = new Uint8Array([...text, ...pattern, ...pattern]);
    assert.equal(globMatch(pattern, followed, 0, text.length, ignoreCase), alone);
  });
  fc.assert(property, { seed: 5, numRuns: 2000 });
});

test("globPrefixLength counts the literal start", () => {
  const cases: [string, number][] = [["user:*", 5], ["a[bc]", 1], ["a?", 1], ["a\\*", 1], [
    "abc",
    3,
  ]];
  for (const [pattern, length] of [...cases, ["", 0] as const, ["*", 0] as const]) {
    assert.equal(globPrefixLength(latin1(pattern)), length);
  }
});
