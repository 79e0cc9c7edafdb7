import { test } from "node:test";
import assert from "node:assert/strict";
import {
  count,
  duration,
  fromBase64Url,
  hexRows,
  micros,
  show,
  showLines,
  size,
  toBase64Url,
  wholeLetters,
} from "../../../../src/adapters/http/console/text.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("show() leaves text as it is, and escapes everything else", () => {
  assert.deepEqual(show(bytes('Grüße \\ "🦀')), {
    text: 'Grüße \\ "🦀',
    isEscaped: false,
    cutBytes: 0,
  });
  for (
    const [given, text] of [
      [Uint8Array.of(0xff, 0x41), "\\xffA"],
      [bytes("a\nb\t\\"), "a\\nb\\t\\\\"],
      [bytes("\u202e"), "\\xe2\\x80\\xae"],
      [bytes("\u200b"), "\\xe2\\x80\\x8b"],
      [bytes("\u2028"), "\\xe2\\x80\\xa8"],
      [bytes("\u0085"), "\\xc2\\x85"],
      [bytes('\x00"'), '\\x00\\"'],
    ] as const
  ) {
    assert.deepEqual(show(given), { text, isEscaped: true, cutBytes: 0 });
  }
});

test("show() cuts between letters, never within one", () => {
  const letters = bytes("aé🦀");
  for (let max = 1; max <= letters.length; max++) {
    const { text, isEscaped, cutBytes } = show(letters, max);
    assert.equal(isEscaped, false, `${max}`);
    assert.equal(bytes(text).length + cutBytes, letters.length);
  }
  assert.equal(wholeLetters(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80), 5), 1);
});

test("showLines() takes text of several lines, and no other bytes", () => {
  assert.equal(showLines(bytes("a\n\tb")), "a\n\tb");
  assert.equal(showLines(bytes("a\x1b[31m")), undefined);
  assert.equal(showLines(Uint8Array.of(0xc3)), undefined);
});

test("hexRows() writes sixteen bytes a row", () => {
  const rows = hexRows(Uint8Array.from({ length: 18 }, (_, i) => i + 0x3b), 0x20).split("\n");
  assert.deepEqual(rows, [
    "00000020  3b 3c 3d 3e 3f 40 41 42 43 44 45 46 47 48 49 4a  ;<=>?@ABCDEFGHIJ",
    "00000030  4b 4c                                            KL",
  ]);
});

test("numbers come with their units", () => {
  assert.equal(count(1234567.4), "1,234,567");
  assert.deepEqual([0, 1023, 1536, 1024 ** 2 * 200, 1024 ** 5].map(size), [
    "0 B",
    "1023 B",
    "1.5 KiB",
    "200 MiB",
    "1024 TiB",
  ]);
  assert.deepEqual([0, 2.44, 59, 60, 3600, 90_061, 86_400].map(duration), [
    "0 s",
    "2.4 s",
    "59 s",
    "1 min",
    "1 h",
    "1 d 1 h",
    "1 d",
  ]);
  assert.deepEqual([0.5, 123.4, 1500, 2_500_000].map(micros), [
    "0.5 µs",
    "123 µs",
    "1.50 ms",
    "2.50 s",
  ]);
});

test("keys in addresses come back byte for byte", () => {
  for (let length = 0; length < 40; length++) {
    const key = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 0xff);
    const text = toBase64Url(key);
    assert.match(text, /^[\w-]*$/);
    assert.deepEqual(fromBase64Url(text), key);
  }
  for (const wrong of ["a", "a+b/", "äää", "ab=="]) {
    assert.equal(fromBase64Url(wrong), undefined, wrong);
  }
});
