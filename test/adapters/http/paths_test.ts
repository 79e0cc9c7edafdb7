import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodePercent, rawPath } from "../../../src/adapters/http/paths.ts";

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

test("whatever is percent-encoded is read back", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (value) => {
    assert.equal(text(decodePercent(encodeURIComponent(value))), value);
  }));
  fc.assert(fc.property(fc.uint8Array(), (value) => {
    const path = [...value].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    assert.deepEqual(decodePercent(path), value);
    assert.deepEqual(decodePercent(path.toUpperCase()), value);
  }));
  assert.equal(text(decodePercent("a+b/c")), "a+b/c");
  for (const wrong of ["%", "%1", "%g0", "%0g", "a%", "%%41", "%4"]) {
    assert.equal(decodePercent(wrong), undefined, wrong);
  }
});

test("a path is what stands between the host and the query", () => {
  const pathOf = (url: string): string => rawPath({ url } as Request);
  assert.equal(pathOf("http://h/a%0Ab?x=/y"), "/a%0Ab");
  assert.equal(pathOf("https://h:1/"), "/");
  assert.equal(pathOf("http://h"), "/");
  assert.equal(pathOf("http://h/a#b?c"), "/a");
});
