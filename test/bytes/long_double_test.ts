import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addLongDoubles,
  formatHumanLongDouble,
  type LongDouble,
  longDoubleOf,
  MAX_HUMAN_LENGTH,
  readLongDouble,
} from "../../src/bytes/long_double.ts";

const encoder = new TextEncoder();

function read(text: string): LongDouble | undefined {
  const bytes = encoder.encode(`1${text}1`);
  return readLongDouble(bytes, 1, bytes.length - 2);
}

function sum(left: string, right: string): string | undefined {
  const result = addLongDoubles(read(left)!, read(right)!);
  return result && formatHumanLongDouble(result);
}

test("addLongDoubles gives the sums that a real INCRBYFLOAT printed", () => {
  const cases: [string, string, string][] = [
    ["0.1", "0.2", "0.3"],
    ["10.5", "0.1", "10.6"],
    ["5.0e3", "2.0e2", "5200"],
    ["1e10", "1e-10", "10000000000"],
    ["3.0e-5", "1", "1.00003"],
    ["1e17", "0.1", "100000000000000000.1015625"],
    ["9007199254740993", "0.5", "9007199254740993.5"],
    ["1e-17", "0", "0.00000000000000001"],
    ["5e-18", "0", "0"],
    ["6e-18", "0", "0.00000000000000001"],
    ["-0.1", "0.1", "0"],
    ["-5", "1.1", "-3.9"],
    ["0x10", "0x1.8p1", "19"],
    [".5", "1.", "1.5"],
    ["18446744073709551615", "1", "18446744073709551616"],
    ["18446744073709551615", "2", "18446744073709551616"],
    ["18446744073709551617", "0", "18446744073709551616"],
    ["18446744073709551617.0000000001", "0", "18446744073709551618"],
    ["3.141592653589793238", "2.718281828459045235", "5.85987448204883847"],
    ["123456.789", "0.000001", "123456.78900099999999895"],
    ["-1e-30", "0", "0"],
    ["-0", "-0", "0"],
  ];
  for (const [left, right, wanted] of cases) assert.equal(sum(left, right), wanted);
  const large = sum("1.7976931348623157e308", "1")!;
  assert.equal(large.length, 309);
  assert.ok(large.startsWith("179769313486231569995921046774104434048386"));
});

test("addLongDoubles of infinities, and beyond the range, is undefined", () => {
  assert.equal(sum("inf", "1"), undefined);
  assert.equal(sum("inf", "-inf"), undefined);
  assert.equal(sum("1", "-infinity"), undefined);
  assert.equal(sum("1e4932", "1e4932"), undefined);
  assert.equal(sum("-1e4932", "-1e4932"), undefined);
});

test("readLongDouble knows the limits of the format", () => {
  assert.ok(read("1.18973149535723176502e4932"));
  assert.equal(read("1.1897314953572317651e4932"), undefined);
  const longest = formatHumanLongDouble(read("-1.18973149535723176502e4932")!);
  assert.ok(longest.length === 4934 && longest.length <= MAX_HUMAN_LENGTH);
  assert.ok(read("1e-4950"));
  assert.ok(read("0x1p-16445"));
  assert.equal(read("0x1p-16447"), undefined);
  assert.equal(read("1e-5000"), undefined);
  assert.equal(read("1e99999999999"), undefined);
  assert.equal(read("-1e-99999999999"), undefined);
  assert.deepEqual(read("0e99999999999"), { mantissa: 0n, exponent: 0, infinity: 0 });
});

test("readLongDouble refuses what is no number", () => {
  for (const text of ["", " 1", "1 ", "abc", "1e", ".", "nan", "0x", "1\0", "1,5", "--1", "infi"]) {
    assert.equal(read(text), undefined, JSON.stringify(text));
  }
  assert.ok(read("0".repeat(5119)));
  assert.equal(read("0".repeat(5120)), undefined);
});

test("sums of integers below 2⁶⁴ are exact", () => {
  const int64 = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
  const property = fc.property(int64, int64, (left, right) => {
    const wanted = (left + right).toString();
    assert.equal(sum(left.toString(), right.toString()), wanted);
    const fromNumbers = addLongDoubles(longDoubleOf(left), longDoubleOf(right))!;
    assert.equal(formatHumanLongDouble(fromNumbers), wanted);
  });
  fc.assert(property, { seed: 6, numRuns: 300 });
});

test("sums of small decimals are those of decimal arithmetic", () => {
  const cents = fc.integer({ min: -400, max: 400 });
  const property = fc.property(cents, cents, (left, right) => {
    const total = left + right;
    const size = (Math.abs(total) / 100).toFixed(2).replace(/\.?0+$/, "");
    const wanted = total < 0 ? `-${size}` : size;
    assert.equal(sum((left / 100).toFixed(2), (right / 100).toFixed(2)), wanted);
  });
  fc.assert(property, { seed: 7, numRuns: 500 });
});

test("a value printed and read again prints the same", () => {
  const property = fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    const text = sum(String(value), "0")!;
    assert.equal(sum(text, "0"), text);
  });
  fc.assert(property, { seed: 8, numRuns: 300 });
});

test("readLongDouble gives digits without an exponent the value that they have with one", () => {
  const digits = fc.stringMatching(/^-?[0-9]{1,20}(\.[0-9]{0,20})?$/);
  const property = fc.property(digits, (text) => {
    const plain = read(text), other = read(`${text}e0`);
    assert.equal(plain && formatHumanLongDouble(plain), other && formatHumanLongDouble(other));
  });
  fc.assert(property, { seed: 9, numRuns: 300 });
});
