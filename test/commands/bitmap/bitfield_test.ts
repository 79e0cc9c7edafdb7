// BITFIELD and BITFIELD_RO.

import { test } from "node:test";
import assert from "node:assert/strict";
import { BITMAP_COMMANDS } from "../../../src/commands/bitmap/mod.ts";
import { FAIL, fit, SAT, WRAP } from "../../../src/commands/bitmap/field_arithmetic.ts";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";
import { converse, makeList } from "../string/conversation.ts";

const WRONG_TYPE = "-WRONGTYPE Operation against a key holding the wrong kind of value";
const BAD_OFFSET = "-ERR bit offset is not an integer or out of range";
const BAD_TYPE = "-ERR Invalid bitfield type. Use something like i16 u8. " +
  "Note that u64 is not supported but i64 is.";

function createBitFixture(): Fixture {
  return createFixture({ families: [STRING_COMMANDS, BITMAP_COMMANDS, GENERIC_COMMANDS] });
}

test("BITFIELD reads and writes integers at any bit", () => {
  converse(createBitFixture(), [
    ["BITFIELD k INCRBY i5 100 1 GET u4 0", "[:1, :0]"],
    ["STRLEN k", ":14"],
    ["BITFIELD k SET u8 #1 255 GET u8 8 GET i8 #1 GET u16 4", "[:0, :255, :-1, :4080]"],
    [
      "BITFIELD k SET i64 3 -9223372036854775808 GET i64 3",
      "[:574208952489738240, :-9223372036854775808]",
    ],
    [
      "BITFIELD k SET u63 1 9223372036854775807 GET u63 1",
      "[:1152921504606846976, :9223372036854775807]",
    ],
    ["BITFIELD k GET u63 1000000", "[:0]"],
    ["BITFIELD none GET i8 0", "[:0]"],
    ["EXISTS none", ":0"],
    ["BITFIELD none", "[]"],
    ["SET i 10", "+OK"],
    ["BITFIELD i GET u8 0 GET u16 8", "[:49, :12288]"],
    ["BITFIELD_RO i GET u8 0", "[:49]"],
    ["OBJECT ENCODING i", '"int"'],
  ]);
});

test("BITFIELD comes round, stops or fails on overflow, as the last OVERFLOW says", () => {
  converse(createBitFixture(), [
    ["BITFIELD k SET u8 0 250 INCRBY u8 0 10", "[:0, :4]"],
    ["BITFIELD k OVERFLOW SAT INCRBY u8 0 300 INCRBY u8 0 -300", "[:255, :0]"],
    ["BITFIELD k OVERFLOW FAIL INCRBY u8 0 -1 INCRBY u8 0 3", "[nil, :3]"],
    ["BITFIELD k OVERFLOW SAT SET u8 0 -1 OVERFLOW WRAP SET u8 0 -2 GET u8 0", "[:3, :255, :254]"],
    ["BITFIELD k SET i8 0 127 INCRBY i8 0 1", "[:-2, :-128]"],
    ["BITFIELD k OVERFLOW sat INCRBY i8 0 -1 INCRBY i8 0 1000", "[:-128, :127]"],
    [
      "BITFIELD k SET i64 0 9223372036854775807 INCRBY i64 0 1",
      "[:9151314442816847872, :-9223372036854775808]",
    ],
    ["BITFIELD k OVERFLOW FAIL INCRBY i64 0 -1 SET u63 0 -1", "[nil, nil]"],
    ["BITFIELD k OVERFLOW SAT INCRBY i64 0 -1", "[:-9223372036854775808]"],
  ]);
});

test("BITFIELD writes across the pages of a long value", () => {
  const fixture = createBitFixture();
  converse(fixture, [
    ["SETBIT k 1100000 1", ":0"],
    [
      "BITFIELD k SET i64 524269 -2 GET i64 524269 GET u63 524270",
      "[:0, :-2, :9223372036854775806]",
    ],
    ["BITCOUNT k", ":64"],
    ["BITFIELD k SET u8 1100000 3", "[:128]"],
    ["STRLEN k", ":137501"],
  ]);
  fixture.engine.keyspace.checkInvariants();
});

test("BITFIELD refuses types, offsets, values and words, before anything is done", () => {
  const fixture = createBitFixture();
  makeList(fixture, "l");
  for (const type of ["u64", "u0", "i0", "i65", "8", "", "u", "u08", "u8x", "U8", "i-1", "u100"]) {
    converse(fixture, [[["BITFIELD", "l", "GET", type, "0"], BAD_TYPE]]);
  }
  for (const offset of ["-1", "x", "", "#-1", "#", "4294967296", "#536870912"]) {
    converse(fixture, [[["BITFIELD", "l", "GET", "u8", offset], BAD_OFFSET]]);
  }
  converse(fixture, [
    ["BITFIELD k SET u8 0 1 GET u8", "-ERR syntax error"],
    ["BITFIELD k PUT u8 0 1", "-ERR syntax error"],
    ["BITFIELD k SET u8 0", "-ERR syntax error"],
    ["BITFIELD k OVERFLOW", "-ERR syntax error"],
    ["BITFIELD k OVERFLOW NONE", "-ERR Invalid OVERFLOW type specified"],
    ["BITFIELD k SET u8 0 x", "-ERR value is not an integer or out of range"],
    ["BITFIELD k SET u8 0 9223372036854775808", "-ERR value is not an integer or out of range"],
    ["EXISTS k", ":0"],
    ["BITFIELD l", WRONG_TYPE],
    ["BITFIELD l GET u8 0", WRONG_TYPE],
    ["BITFIELD l SET u8 0 1", WRONG_TYPE],
    ["BITFIELD_RO l GET u8 0", WRONG_TYPE],
    ["BITFIELD_RO l SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand"],
    // A number of fields times their width comes round at 64 bits.
    ["BITFIELD k GET u8 #2305843009213693952", "[:0]"],
  ]);
});

test("fit() agrees with arithmetic of unlimited width", () => {
  const edges = [0n, 1n, -1n, 5n, -5n, 1n << 31n, (1n << 53n) - 1n, 1n << 53n, -(1n << 53n)];
  const values = [...edges, (1n << 62n) + 7n, (1n << 63n) - 1n, -(1n << 63n)];
  const short = (value: bigint): number | bigint =>
    Number.isSafeInteger(Number(value)) ? Number(value) : value;
  for (let width = 1; width <= 64; width++) {
    for (const isSigned of width === 64 ? [true] : [true, false]) {
      const valueBits = BigInt(isSigned ? width - 1 : width);
      const max = (1n << valueBits) - 1n, min = isSigned ? -max - 1n : 0n;
      const bases = [...values, max, min].filter((each) => each >= min && each <= max);
      for (const increment of values) {
        for (const base of [undefined, ...bases]) {
          const sum = base !== undefined
            ? base + increment
            : isSigned
            ? increment
            : BigInt.asUintN(64, increment);
          const fits = sum >= min && sum <= max;
          const wrapped = isSigned ? BigInt.asIntN(width, sum) : BigInt.asUintN(width, sum);
          const isHuge = base === undefined && isSigned && max - sum >= 1n << 63n;
          const held = fits ? sum : sum > max || isHuge ? max : min;
          const from = base === undefined ? undefined : short(base);
          const by = short(increment);
          assert.equal(fit(from, by, width, isSigned, WRAP), short(wrapped));
          assert.equal(fit(from, by, width, isSigned, SAT), short(held));
          assert.equal(fit(from, by, width, isSigned, FAIL), fits ? short(sum) : undefined);
        }
      }
    }
  }
});

test("fit() takes the lowest values for a narrow field for huge ones, as Redis does", () => {
  const max = 2 ** 40 - 1;
  assert.equal(fit(undefined, -9223370937343148032n, 41, true, SAT), -max - 1);
  assert.equal(fit(undefined, -9223370937343148033n, 41, true, SAT), max);
  assert.equal(fit(undefined, -9223372036854775808n, 64, true, SAT), -9223372036854775808n);
  assert.equal(fit(0, -9223372036854775808n, 41, true, SAT), -max - 1);
  assert.equal(fit(undefined, -9223372036854775808n, 41, true, FAIL), undefined);
});
