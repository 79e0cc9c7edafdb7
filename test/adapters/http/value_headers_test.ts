import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  matches,
  matchesWeakly,
  readMaxAge,
  readRange,
  readTags,
} from "../../../src/adapters/http/value_headers.ts";
import { quickly } from "../../support/wait.ts";

const tag = fc.string({ maxLength: 8 }).map((text) => text.replace(/[^\x21\x23-\x7e]/g, "x"));

test("a list of tags is read back as it was written", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ tag, isWeak: fc.boolean() }, { noNullPrototype: true }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.constantFrom(",", ", ", " , ", ",,"),
      (tags, comma) => {
        const header = tags.map((each) => `${each.isWeak ? "W/" : ""}"${each.tag}"`).join(comma);
        assert.deepEqual(readTags(header), { isAny: false, tags });
      },
    ),
  );
  assert.deepEqual(readTags(" * "), { isAny: true, tags: [] });
  for (const wrong of ["", "a", '"a', 'a"', '"a" "', "**", '*, "a"', "w/'a'", '"a"x"b"']) {
    assert.equal(readTags(wrong), undefined, wrong);
  }
});

test("a header that is long and wrong is refused without delay", async () => {
  await quickly("refusals", 1000, () => {
    assert.equal(readTags(`${'"a" , '.repeat(10_000)}x`), undefined);
    assert.equal(readTags(`${" ,".repeat(10_000)}x`), undefined);
    assert.equal(readTags(`"a"${" ".repeat(50_000)}x`), undefined);
  });
});

test("strong and weak tags match as RFC 9110 §13.1 says", () => {
  const list = readTags('"a", W/"b"')!;
  assert.deepEqual(["a", "b", "c", undefined].map((each) => matches(list, each)), [
    true,
    false,
    false,
    false,
  ]);
  assert.deepEqual(["a", "b", "c", undefined].map((each) => matchesWeakly(list, each)), [
    true,
    true,
    false,
    false,
  ]);
  const any = readTags("*")!;
  assert.equal(matches(any, "x") && matchesWeakly(any, "x"), true);
  assert.equal(matches(any, undefined) || matchesWeakly(any, undefined), false);
});

test("a range is the bytes that its numbers name", () => {
  const bytes = fc.array(fc.nat(255), { maxLength: 20 });
  fc.assert(fc.property(bytes, fc.nat(25), fc.nat(25), (value, first, last) => {
    const part = (header: string): number[] | undefined => {
      const range = readRange(header, value.length);
      return range === undefined
        ? undefined
        : range === "none"
        ? []
        : value.slice(range.start, range.end);
    };
    const expected = last < first ? undefined : value.filter((_, i) => i >= first && i <= last);
    assert.deepEqual(part(`bytes=${first}-${last}`), expected);
    assert.deepEqual(part(`bytes=${first}-`), value.slice(first));
    assert.deepEqual(part(`bytes=-${last}`), last === 0 ? [] : value.slice(-last));
  }));
});

test("max-age is read among other directives", () => {
  const ages: readonly (readonly [string | undefined, number | undefined])[] = [
    [undefined, undefined],
    ["", undefined],
    ["no-store, s-maxage=5", undefined],
    ["private,Max-Age=60", 60],
    ['max-age="60"', 60],
    ["max-age=9000000000000", 9_000_000_000_000],
    ["max-age=9000000000001", -1],
    ["max-age=1e3", -1],
    ["max-age=60 seconds", -1],
    ["max-age=", -1],
    ["max-age", -1],
    ["max-age=5,max-age=5", -1],
    ["xmax-age=5", undefined],
  ];
  for (const [header, seconds] of ages) assert.equal(readMaxAge(header), seconds, `${header}`);
});
