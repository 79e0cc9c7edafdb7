import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  equalsIgnoreCase,
  formatBigint,
  formatDouble,
  formatInteger,
  integerLength,
  parseHexFloat,
  parseInteger,
  readAscii,
  readFloat,
  writeAscii,
} from "../../src/bytes/ascii.ts";

const encoder = new TextEncoder();

/** Reads the text from the middle of other digits, so that a bound overstepped shows. */
function framed(text: string): [Uint8Array, number, number] {
  const inner = encoder.encode(text);
  const bytes = new Uint8Array(inner.length + 10).fill(0x31);
  bytes.set(inner, 5);
  return [bytes, 5, inner.length];
}

function parsed(text: string): number | bigint | undefined {
  return parseInteger(...framed(text));
}

function formatted(value: number): string {
  const bytes = new Uint8Array(40);
  const length = formatInteger(value, bytes, 3);
  assert.equal(length, integerLength(value));
  assert.ok(bytes.subarray(3 + length).every((byte) => byte === 0));
  return readAscii(bytes, 3, length);
}

test("parseInteger reads every integer of 64 bits", () => {
  for (let value = -1100; value <= 1100; value++) assert.equal(parsed(String(value)), value);
  const property = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
    const result = parsed(value.toString());
    assert.equal(typeof result, Number.isSafeInteger(Number(value)) ? "number" : "bigint");
    assert.equal(BigInt(result!), value);
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});

test("parseInteger is exact around the limits of its fast ways", () => {
  for (const power of [9n, 10n, 14n, 15n, 16n, 17n, 18n]) {
    for (const offset of [-1n, 0n, 1n]) {
      const value = 10n ** power + offset;
      assert.equal(BigInt(parsed(value.toString())!), value);
      assert.equal(BigInt(parsed((-value).toString())!), -value);
    }
  }
  assert.equal(parsed("9007199254740991"), 9007199254740991);
  assert.equal(parsed("9007199254740992"), 9007199254740992n);
  assert.equal(parsed("-9007199254740991"), -9007199254740991);
  assert.equal(parsed("-9007199254740992"), -9007199254740992n);
  assert.equal(parsed("9223372036854775807"), 9223372036854775807n);
  assert.equal(parsed("-9223372036854775808"), -9223372036854775808n);
});

test("parseInteger refuses what Redis refuses", () => {
  const refused = ["", "-", "+1", "-0", "00", "01", "-01", " 1", "1 ", "1.0", "1e3", "0x1", "a"];
  const long = [
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    "1e99999999",
  ];
  const inside = ["12a4", "123456789012345x", "1234567890123x567", "--1", "1-", "1\0"];
  for (const text of [...refused, ...long, ...inside]) {
    assert.equal(parsed(text), undefined, JSON.stringify(text));
  }
});

test("formatInteger writes what String does", () => {
  for (const value of [0, 9, 10, 99, 100, -1, -10, 999999999, 1e9, 1e9 + 1, 1e15, 123456789012]) {
    assert.equal(formatted(value), String(value));
  }
  for (const value of [2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assert.equal(formatted(value), String(value));
    assert.equal(formatted(-value), String(-value));
  }
  assert.equal(formatted(-0), "0");
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => formatted(value) === String(value)), {
    seed: 2,
    numRuns: 500,
  });
});

test("formatBigint writes all digits", () => {
  const bytes = new Uint8Array(32);
  assert.equal(formatBigint(-9223372036854775808n, bytes, 1), 20);
  assert.equal(readAscii(bytes, 1, 20), "-9223372036854775808");
});

test("readAscii and writeAscii keep every byte, at any length", () => {
  for (const length of [0, 1, 23, 24, 25, 255, 4095, 4096, 4097, 9000]) {
    const bytes = new Uint8Array(length + 2).map((_, i) => i * 7);
    const text = readAscii(bytes, 1, length);
    assert.equal(text.length, length);
    const copy = new Uint8Array(length + 2);
    assert.equal(writeAscii(text, copy, 1), length);
    assert.deepEqual(copy.subarray(1, length + 1), bytes.subarray(1, length + 1));
  }
});

test("equalsIgnoreCase folds ASCII letters only", () => {
  const [bytes, offset] = framed("GeTex{");
  assert.ok(equalsIgnoreCase(bytes, offset, "GETEX"));
  assert.ok(equalsIgnoreCase(bytes, offset, "GETEX{"));
  assert.ok(!equalsIgnoreCase(bytes, offset, "GETEX["));
  assert.ok(!equalsIgnoreCase(bytes, offset, "GETEY"));
  assert.ok(!equalsIgnoreCase(bytes, bytes.length - 1, "11"));
});

test("readFloat reads what strtod reads", () => {
  const cases: [string, number][] = [
    ["1", 1],
    ["-1.5e3", -1500],
    ["+5", 5],
    [".5", 0.5],
    ["1.", 1],
    ["1E+2", 100],
    ["-0", -0],
    ["0e-400", 0],
    ["inf", Infinity],
    ["-Infinity", -Infinity],
    ["+INF", Infinity],
    ["0x10", 16],
    ["-0X1.8p1", -3],
    ["0x.8", 0.5],
    ["0x1p-1074", 5e-324],
    ["0x1.fffffffffffff8p0", 2],
    ["0x1.fffffffffffff7p0", 1.9999999999999998],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["9007199254740993", 9007199254740992],
    ["0." + "0".repeat(300) + "1", 1e-301],
  ];
  for (const [text, value] of cases) assert.ok(Object.is(readFloat(...framed(text)), value), text);
});

test("readFloat refuses what Redis refuses", () => {
  const malformed = [
    "",
    " 1",
    "1 ",
    "1e",
    "1e+",
    ".",
    "-",
    "1.5.2",
    "abc",
    "infi",
    "0x",
    "0x.",
    "0xg",
  ];
  const special = [
    "nan",
    "-nan",
    "nan(1)",
    "1e400",
    "-1e400",
    "1e-400",
    "0x1p1024",
    "0x1p-1080",
    "1_0",
  ];
  for (const text of [...malformed, ...special, "0b1", "1\0", "1,5", "0x1p", "1".repeat(70000)]) {
    assert.equal(readFloat(...framed(text)), undefined, JSON.stringify(text.slice(0, 40)));
  }
});

test("readFloat is linear in the length of a text that fails at its end", () => {
  const text = "1".repeat(60000) + "x";
  const [bytes, offset, length] = framed(text);
  for (let i = 0; i < 50; i++) assert.equal(readFloat(bytes, offset, length), undefined);
});

test("parseHexFloat keeps all digits", () => {
  const value = parseHexFloat("-0x123456789abcdef01.8p-4");
  assert.deepEqual(value, { negative: true, mantissa: 0x123456789abcdef018n, exponent: -8 });
  assert.equal(parseHexFloat("12"), undefined);
});

test("formatDouble writes doubles as Redis replies them", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [3, "3"],
    [-17, "-17"],
    [1.5, "1.5"],
    [0.1, "0.1"],
    [-3.14, "-3.14"],
    [0.001, "0.001"],
    [0.00001234, "1.234e-5"],
    [1.2e-7, "1.2e-7"],
    [0.0001, "0.0001"],
    [123456.789, "123456.789"],
    [9999.123456789, "9999.123456789"],
    [12345.678901234567, "1.2345678901234567e+4"],
    [2 ** 53, "9007199254740992"],
    [2 ** 62, "4611686018427387904"],
    [2 ** 63, "9223372036854776000"],
    [1e21, "1e+21"],
    [-1.5e30, "-1.5e+30"],
    [1e300, "1e+300"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
  ];
  for (const [value, text] of cases) assert.equal(formatDouble(value), text);
});

test("formatDouble reads back as the same double", () => {
  const property = fc.property(fc.double({ noNaN: true }), (value) => {
    const text = formatDouble(value);
    assert.ok(Object.is(readFloat(...framed(text)), value), text);
  });
  fc.assert(property, { seed: 3, numRuns: 1000 });
});
