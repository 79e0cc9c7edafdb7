import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import * as listpack from "../../src/structs/listpack.ts";
import { backLengthSize } from "../../src/structs/listpack_element.ts";

const LP = 13;
const CAPACITY = 400_000;
const INTEGERS = [
  "0 1 126 127 128 -1 -2 4095 4096 -4096 -4097 32767 32768 -32768 -32769 8388607 8388608 -8388608",
  "-8388609 2147483647 2147483648 -2147483648 -2147483649 9007199254740991 9007199254740992",
  "-9007199254740991 -9007199254740993 9223372036854775807 -9223372036854775808 123456789012",
].join(" ").split(" ");
const NO_INTEGERS = [
  "",
  "a",
  "-",
  "-0",
  "00",
  "01",
  "+1",
  " 1",
  "1 ",
  "1.0",
  "9223372036854775808",
];

function latin1(text: string) {
  const region = makeRegion(text.length);
  for (let i = 0; i < text.length; i++) region.bytes[i] = text.charCodeAt(i);
  return region;
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** A listpack with room behind, and an array that should always hold the same. */
class Pair {
  readonly region = makeRegion(CAPACITY);
  model: string[] = [];

  constructor() {
    this.region.bytes.fill(0xee);
    listpack.writeEmpty(this.region.bytes, LP);
  }

  get bytes(): Uint8Array {
    return this.region.bytes;
  }

  append(text: string): void {
    const total = listpack.totalBytes(this.bytes, LP);
    const source = latin1(text);
    const size = listpack.sizeOfString(source.bytes, 0, text.length);
    listpack.append(this.region, LP, source, 0, text.length);
    assert.equal(listpack.totalBytes(this.bytes, LP), total + size);
    this.model.push(text);
  }

  insert(index: number, text: string): void {
    const at = index === this.model.length
      ? listpack.endOf(this.bytes, LP)
      : listpack.seek(this.bytes, LP, index);
    listpack.insert(this.region, LP, at, latin1(text), 0, text.length);
    this.model.splice(index, 0, text);
  }

  replace(index: number, text: string): void {
    const p = listpack.seek(this.bytes, LP, index);
    listpack.replace(this.region, LP, p, latin1(text), 0, text.length);
    this.model[index] = text;
  }

  remove(index: number, count: number): void {
    const p = listpack.seek(this.bytes, LP, index);
    const size = listpack.sizeOfRange(this.bytes, p, count);
    const total = listpack.totalBytes(this.bytes, LP);
    const behind = listpack.removeRange(this.bytes, LP, p, count);
    assert.equal(listpack.totalBytes(this.bytes, LP), total - size);
    this.model.splice(index, count);
    assert.equal(behind, index < this.model.length ? p : 0);
  }

  texts(): string[] {
    const found: string[] = [];
    for (let p = listpack.first(this.bytes, LP); p !== 0; p = listpack.next(this.bytes, p)) {
      found.push(textOf(listpack.readText(this.bytes, p)));
    }
    return found;
  }

  backwards(): string[] {
    const found: string[] = [];
    let p = listpack.last(this.bytes, LP);
    for (; p !== 0; p = listpack.before(this.bytes, LP, p)) {
      found.push(textOf(listpack.readText(this.bytes, p)));
    }
    return found;
  }

  check(): void {
    const total = listpack.totalBytes(this.bytes, LP);
    assert.ok(listpack.validate(this.bytes, LP, total, true));
    assert.deepEqual(this.texts(), this.model);
    assert.deepEqual(this.backwards(), this.model.toReversed());
    assert.equal(listpack.length(this.bytes, LP), this.model.length);
    assert.equal(this.bytes[LP - 1], 0xee, "nothing before the listpack is touched");
  }

  hex(): string {
    const total = listpack.totalBytes(this.bytes, LP);
    return Array.from(
      this.bytes.subarray(LP, LP + total),
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join("");
  }
}

function randomText(random: Xoshiro128): string {
  switch (random.below(8)) {
    case 0:
      return INTEGERS[random.below(INTEGERS.length)];
    case 1:
      return NO_INTEGERS[random.below(NO_INTEGERS.length)];
    case 2:
      return String(random.int32() >> random.below(32));
    case 3:
      return "x".repeat([63, 64, 120, 124, 125, 126, 127, 4095, 4096][random.below(9)]);
    default:
      return "v".repeat(random.below(12)) + random.below(20);
  }
}

test("a listpack has the bytes that Redis gives it", () => {
  const pair = new Pair();
  assert.equal(pair.hex(), "070000000000ff");
  pair.append("a");
  pair.append("5");
  assert.equal(pair.hex(), "0c000000020081610205" + "01ff");
  pair.append("1000");
  assert.equal(pair.hex().slice(24 - 2), "c3e802ff");
  // As redis-server 7.0.15 dumps such a list.
  const all = new Pair();
  for (const text of ["-1", "4095", "-4096", "32767", "-32769", "8388608", "2147483648"]) {
    all.append(text);
  }
  assert.equal(
    all.hex(),
    "290000000700dfff02cfff02d00002f1ff7f03f2ff7fff04f30000800005f4000000800000000009ff",
  );
});

test("elements of all encodings are read as they were written", () => {
  const pair = new Pair();
  const lengths = [0, 1, 62, 63, 64, 65, 125, 126, 127, 128, 4093, 4095, 4096, 4097, 17_000];
  const texts = [...INTEGERS, ...NO_INTEGERS, ...lengths.map((n) => "z".repeat(n))];
  for (const text of texts) pair.append(text);
  pair.check();
  let p = listpack.first(pair.bytes, LP);
  for (const text of texts) {
    assert.equal(listpack.textLength(pair.bytes, p), text.length, text.slice(0, 30));
    assert.equal(listpack.isInteger(pair.bytes, p), INTEGERS.includes(text));
    if (INTEGERS.includes(text)) {
      const value = listpack.integerAt(pair.bytes, p);
      assert.equal(String(value), text);
      assert.equal(typeof value, Number.isSafeInteger(Number(text)) ? "number" : "bigint");
    }
    const copy = makeRegion(text.length);
    assert.equal(listpack.copyText(pair.region, p, copy, 0), text.length);
    assert.equal(textOf(copy.bytes.subarray(0, text.length)), text);
    p = listpack.next(pair.bytes, p);
  }
  assert.equal(p, 0);
});

test("integers take as few bytes as they fit", () => {
  const pair = new Pair();
  for (const text of INTEGERS) {
    const value = Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
    const size = listpack.totalBytes(pair.bytes, LP);
    listpack.appendInteger(pair.region, LP, value);
    const grown = listpack.totalBytes(pair.bytes, LP) - size;
    assert.equal(grown, listpack.sizeOfInteger(value));
    assert.equal(grown, listpack.sizeOfString(latin1(text).bytes, 0, text.length));
    pair.model.push(text);
  }
  pair.check();
  listpack.insertInteger(pair.region, LP, LP + listpack.HEADER_BYTES, -77);
  listpack.replaceInteger(pair.region, LP, listpack.last(pair.bytes, LP), 70_000);
  pair.model = ["-77", ...pair.model.slice(0, -1), "70000"];
  pair.check();
});

test("random changes leave the same as in an array", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = createRandom([seed, 2, 3, 4]);
    const pair = new Pair();
    for (let step = 0; step < 150; step++) {
      const count = pair.model.length;
      const what = random.below(10);
      if (what < 4 || count === 0) pair.insert(random.below(count + 1), randomText(random));
      else if (what < 6) pair.append(randomText(random));
      else if (what < 8) pair.replace(random.below(count), randomText(random));
      else {
        const index = random.below(count);
        pair.remove(index, 1 + random.below(Math.min(3, count - index)));
      }
    }
    pair.check();
    for (let index = -pair.model.length; index < pair.model.length; index++) {
      const p = listpack.seek(pair.bytes, LP, index);
      assert.equal(textOf(listpack.readText(pair.bytes, p)), pair.model.at(index));
    }
    assert.equal(listpack.seek(pair.bytes, LP, pair.model.length), 0);
    assert.equal(listpack.seek(pair.bytes, LP, -pair.model.length - 1), 0);
  }
});

test("find, equals and compareText agree with strings", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = createRandom([seed, 7, 7, 7]);
    const pair = new Pair();
    for (let i = 0; i < 40; i++) pair.append(randomText(random));
    const offsets = [0];
    let p = listpack.first(pair.bytes, LP);
    offsets[0] = p;
    while ((p = listpack.next(pair.bytes, p)) !== 0) offsets.push(p);
    for (let i = 0; i < 60; i++) {
      const wanted = random.below(2) === 0
        ? pair.model[random.below(pair.model.length)]
        : randomText(random);
      const source = latin1(`<<<${wanted}`);
      const start = random.below(pair.model.length);
      const skip = random.below(3);
      let index = start;
      while (index < pair.model.length && pair.model[index] !== wanted) index += skip + 1;
      const found = listpack.find(pair.region, offsets[start], source, 3, wanted.length, skip);
      assert.equal(found, offsets[index] ?? 0);
      const at = offsets[start];
      const text = pair.model[start];
      const isSame = listpack.equals(pair.region, at, source, 3, wanted.length);
      assert.equal(isSame, text === wanted);
      const order = listpack.compareText(pair.bytes, at, source.bytes, 3, wanted.length);
      assert.equal(Math.sign(order), text < wanted ? -1 : text > wanted ? 1 : 0);
    }
  }
  assert.equal(listpack.find(new Pair().region, 0, latin1("a"), 0, 1, 0), 0);
});

test("more elements than the header can tell are counted", () => {
  const pair = new Pair();
  for (let i = 0; i < 65_536; i++) listpack.appendInteger(pair.region, LP, i & 63);
  assert.equal(listpack.length(pair.bytes, LP), 65_536);
  assert.ok(listpack.validate(pair.bytes, LP, listpack.totalBytes(pair.bytes, LP), true));
  listpack.removeRange(pair.bytes, LP, listpack.first(pair.bytes, LP), 10);
  assert.equal(listpack.length(pair.bytes, LP), 65_526);
  assert.equal(listpack.integerAt(pair.bytes, listpack.seek(pair.bytes, LP, 65_000)), 65_010 & 63);
});

test("appendRange takes elements over as they are", () => {
  const from = new Pair(), to = new Pair();
  for (const text of ["a", "12", "b".repeat(200), "-5", "c"]) from.append(text);
  to.append("x");
  const p = listpack.seek(from.bytes, LP, 1);
  const size = listpack.sizeOfRange(from.bytes, p, 3);
  listpack.appendRange(to.region, LP, from.region, p, size, 3);
  to.model.push("12", "b".repeat(200), "-5");
  to.check();
});

test("backward lengths take as many bytes as in Redis", () => {
  const sizes = [1, 127, 128, 16_382, 16_383, 2_097_150, 2_097_151, 268_435_454, 268_435_455];
  assert.deepEqual(sizes.map(backLengthSize), [1, 1, 2, 2, 3, 3, 4, 4, 5]);
});

test("validate refuses every listpack that was cut short or lies about a size", () => {
  const pair = new Pair();
  for (
    const text of ["abc", "7", "-300", "70000", "y".repeat(70), "x".repeat(200), "123456789012"]
  ) {
    pair.append(text);
  }
  const total = listpack.totalBytes(pair.bytes, LP);
  for (let cut = 0; cut < total; cut++) {
    const bytes = pair.bytes.slice(LP, LP + cut);
    assert.ok(!listpack.validate(bytes, 0, cut, true));
    if (cut < listpack.EMPTY_BYTES) continue;
    bytes[0] = cut;
    bytes[1] = cut >> 8;
    bytes[cut - 1] = 0xff;
    assert.ok(!listpack.validate(bytes, 0, cut, true), `cut at ${cut}`);
  }
  const count = pair.bytes[LP + 4];
  pair.bytes[LP + 4] = count + 1;
  assert.ok(!listpack.validate(pair.bytes, LP, total, true));
  assert.ok(listpack.validate(pair.bytes, LP, total, false));
  pair.bytes[LP + 4] = pair.bytes[LP + 5] = 0xff;
  assert.ok(listpack.validate(pair.bytes, LP, total, true));
});

test("what validate accepts can be walked without leaving it", () => {
  const random = createRandom([5, 6, 7, 8]);
  let accepted = 0;
  for (let round = 0; round < 4000; round++) {
    const pair = new Pair();
    for (let i = random.below(6); i >= 0; i--) pair.append(randomText(random).slice(0, 140));
    const total = listpack.totalBytes(pair.bytes, LP);
    const bytes = pair.bytes.slice(LP, LP + total);
    for (let i = random.below(3); i >= 0; i--) bytes[6 + random.below(total - 6)] = random.int32();
    if (!listpack.validate(bytes, 0, total, true)) continue;
    accepted++;
    let p = listpack.first(bytes, 0);
    const seen: number[] = [];
    for (; p !== 0; p = listpack.next(bytes, p)) {
      seen.push(p);
      assert.ok(p < total);
      assert.equal(listpack.readText(bytes, p).length, listpack.textLength(bytes, p));
    }
    for (p = listpack.last(bytes, 0); p !== 0; p = listpack.before(bytes, 0, p)) {
      assert.equal(p, seen.pop());
    }
    assert.equal(seen.length, 0);
  }
  assert.ok(accepted > 100, `${accepted} accepted`);
});
