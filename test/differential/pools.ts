/** What random commands are made of: keys, values, numbers and times that have caused trouble before. */
import { Buffer } from "node:buffer";
import { createRandom, type Xoshiro128 } from "../../src/bytes/prng.ts";

export type Text = string | Buffer;

/** Few keys, so that commands meet each other's results. */
export const KEYS: readonly Text[] = [
  ...["a", "b", "c", "d", "e", "f", "key:1", "key:2", "{tag}x", "{tag}y"],
  ...["", "with space", "caf\u00e9", Buffer.from("\x00\xff\r\n\x80", "latin1")],
  ...["k".repeat(63), "k".repeat(64), "k".repeat(300), "k".repeat(5000)],
];
const COMMON_KEYS = 8;

export type TypeName = "list" | "set" | "zset" | "hash" | "stream" | "bitmap" | "hll" | "geo";
const TYPE_NAMES: readonly TypeName[] = [
  ...["list", "set", "zset", "hash", "stream", "bitmap", "hll", "geo"] as const,
];
/** Each type has keys of its own, so that its commands mostly meet values of that type. */
const KEYS_PER_TYPE = 4;

export const DATABASES = ["0", "1", "2", "15"] as const;

const INTEGERS = [
  ...["0", "1", "-1", "2", "7", "10", "-10", "99", "100", "127", "128", "255", "256", "9999"],
  ...["10000", "10001", "65535", "65536", "2147483647", "2147483648", "-2147483648"],
  ...["-2147483649", "4294967295", "4294967296", "9007199254740991", "9007199254740992"],
  ...["9007199254740993", "-9007199254740993", "9223372036854775806", "9223372036854775807"],
  ...["-9223372036854775807", "-9223372036854775808"],
];

/** What is no 64-bit integer in Redis's eyes, however it looks. */
const NO_INTEGERS = [
  ...["9223372036854775808", "-9223372036854775809", "18446744073709551615"],
  ...["18446744073709551616", "99999999999999999999", "123456789012345678901234567890"],
  ...["00", "01", "-0", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "abc", "", "-", "--1", "1\x00"],
];

const FLOATS = [
  ...["0.1", "-0.1", "1.5", "-2.25", "3.0", "3.0e3", "1e10", "1e-10", "5.", ".5", "+3", "1e17"],
  ...["123456789.123456789", "12345678901234567890.5", "1e18", "1e25", "-1e25", "1e300", "1e-300"],
  ...["3.3333333333333333333", "0.000000000000000001", "1e4000", "99999999999999999.9", "-0.0"],
];

const NO_FLOATS = [
  ...["inf", "-inf", "+inf", "nan", "infinity", "1e5000", "-1e5000", "1.2.3", "1e", "e1", "abc"],
  ...["", " 1", "1 ", "1.5\x00", "0x1p3", "0x10", "1,5", "--1"],
];

const PATTERNS = [
  ...["*", "?", "a*", "*1", "key:*", "key:?", "[a-c]", "[^a]", "[a", "k*", "*\\*", "\\a", "{tag}*"],
  ...["", "**", "*e*:*", "[b-a]", "caf?*", "no such key", "?".repeat(63)],
];

/** Lengths at which a representation changes, here or there. */
const LENGTHS = [
  ...[0, 1, 2, 3, 7, 8, 9, 11, 12, 13, 19, 20, 21, 31, 32, 33, 43, 44, 45, 63, 64, 65, 100, 127],
  ...[128, 191, 192, 193, 255, 256, 257, 500, 999, 1000, 1023, 1024, 1025, 4095, 4096],
];
const LARGE_LENGTHS = [16383, 16384, 16385, 30720, 32767, 32768, 65535, 65536, 65537, 70000];

/** Seconds since 1970, far away or long past, so that every clock agrees on what is over. */
const FUTURE_SECONDS = [4102444800, 4102444801, 4102444860, 7258118400, 32503680000];
const PAST_SECONDS = [1, 2, 1000, 999999999, 1500000000];

const WRONG_TIMES = [
  ...["0", "-1", "-100", "-9223372036854775808", "-9223372036854776", "99999999999999999999"],
  ...["abc", "", "1.5", "1e5", " 100000", "+100000"],
];
/** What overflows; moments behind the year 287396, which end a little earlier here, are left out. */
const TOO_FAR = {
  ttl: { s: ["9223372036854775", "9223372036854776"], ms: ["9223372036854775000"] },
  moment: { s: ["9223372036854776", "9223372036854775807"], ms: ["9223372036854775808"] },
};

/** Random choices that a seed repeats. */
export class Chooser {
  readonly #random: Xoshiro128;

  constructor(seed: number) {
    this.#random = createRandom([seed, seed ^ 0x5bd1e995, 0x1234567, 0x89abcde]);
    for (let i = 0; i < 16; i++) this.#random.int32();
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(1000) < percent * 10;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  /** A word in one of its spellings. */
  word(word: string): string {
    if (!this.chance(20)) return word;
    if (this.chance(50)) return word.toLowerCase();
    return Array.from(word, (c) => this.chance(50) ? c.toLowerCase() : c.toUpperCase()).join("");
  }

  key(): Text {
    return KEYS[this.chance(80) ? this.below(COMMON_KEYS) : this.below(KEYS.length)];
  }

  keys(most: number): Text[] {
    return Array.from({ length: this.between(1, most) }, () => this.key());
  }

  /** Mostly a key that holds this type, sometimes one that may hold any other. */
  keyOf(type: TypeName): Text {
    if (this.chance(96)) return `${type}:${this.below(KEYS_PER_TYPE)}`;
    return this.chance(50) ? this.key() : this.keyOf(this.pick(TYPE_NAMES));
  }

  keysOf(type: TypeName, most: number): Text[] {
    return Array.from({ length: this.between(1, most) }, () => this.keyOf(type));
  }

  /** A key of whatever type. */
  anyKey(): Text {
    return this.chance(50) ? this.key() : this.keyOf(this.pick(TYPE_NAMES));
  }

  anyKeys(most: number): Text[] {
    return Array.from({ length: this.between(1, most) }, () => this.anyKey());
  }

  /** An element, a field, a member: few of them, small and large, some of them integers. */
  element(): Text {
    const kind = this.below(100);
    if (kind < 40) return `m${this.below(60)}`;
    if (kind < 65) return String(this.between(-40, 400));
    if (kind < 75) {
      return this.pick(["a", "b", "c", "", "7", "\x00\xff", "caf\u00e9", "hello world"]);
    }
    if (kind < 80) return this.integer();
    if (kind < 85) return this.float();
    if (kind < 97) return "e".repeat(this.pick([8, 9, 15, 63, 64, 65, 66]));
    return this.bytes(this.pick(LENGTHS));
  }

  elements(most: number): Text[] {
    return Array.from({ length: this.between(1, most) }, () => this.element());
  }

  database(): string {
    return this.chance(90) ? this.pick(DATABASES) : this.pick(["3", "16", "-1", "1.5", "x", ""]);
  }

  /** Mostly an integer. */
  integer(): string {
    if (this.chance(8)) return this.pick(NO_INTEGERS);
    if (this.chance(40)) return this.pick(INTEGERS);
    if (this.chance(80)) return String(this.between(-1000, 1000));
    return String(BigInt.asIntN(64, BigInt(this.#random.int32()) * BigInt(this.#random.int32())));
  }

  /** Mostly a number that strtold() reads. */
  float(): string {
    if (this.chance(12)) return this.pick(NO_FLOATS);
    if (this.chance(50)) return this.pick(FLOATS);
    if (this.chance(30)) return this.integer();
    return (this.between(-1000000, 1000000) / 10 ** this.below(8)).toString();
  }

  /** An offset into a string, mostly near its ends. */
  offset(): string {
    if (this.chance(70)) return String(this.between(-30, 30));
    return this.chance(50) ? String(this.between(-300, 300)) : this.integer();
  }

  pattern(): string {
    return this.pick(PATTERNS);
  }

  value(): Text {
    const kind = this.below(100);
    if (kind < 30) return this.integer();
    if (kind < 40) return this.float();
    if (kind < 45) return this.pick(["", "OK", "hello world", "+OK\r\n", "$-1\r\n", "caf\u00e9"]);
    if (kind < 85) return this.bytes(this.pick(LENGTHS.slice(0, 30)));
    return this.bytes(this.pick(this.chance(10) ? LARGE_LENGTHS : LENGTHS));
  }

  /** A short string over few letters, for what compares strings with each other. */
  letters(): string {
    return Array.from({ length: this.below(60) }, () => this.pick(["a", "b", "c", "d"])).join("");
  }

  bytes(length: number): Text {
    if (this.chance(50)) return this.pick(["x", "7", "\0", "ab"]).repeat(length).slice(0, length);
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#random.int32();
    return bytes;
  }

  /** A time to live in seconds or milliseconds. */
  timeToLive(unit: "s" | "ms"): string {
    if (this.chance(15)) return this.pick([...WRONG_TIMES, ...TOO_FAR.ttl[unit]]);
    // So wide that no two of them meet while the clocks of the two servers differ.
    const seconds = this.between(100_000, 1_000_000_000);
    return unit === "s" ? String(seconds) : String(seconds * 1000 + this.below(1000));
  }

  /** A moment in seconds or milliseconds since 1970. */
  moment(unit: "s" | "ms"): string {
    if (this.chance(10)) return this.pick([...WRONG_TIMES, ...TOO_FAR.moment[unit]]);
    const seconds = this.pick(this.chance(80) ? FUTURE_SECONDS : PAST_SECONDS);
    return unit === "s" ? String(seconds) : String(seconds * 1000 + this.pick([0, 1, 500, 999]));
  }

  /** A time for one of the options EX, PX, EXAT and PXAT. */
  expiry(): [string, string] {
    const option = this.pick(["EX", "PX", "EXAT", "PXAT"]);
    const unit = option.startsWith("P") ? "ms" : "s";
    const time = option.endsWith("AT") ? this.moment(unit) : this.timeToLive(unit);
    return [this.word(option), time];
  }

  /** Each of the options with some chance, in any order. */
  some(percent: number, ...options: readonly (string | (() => readonly string[]))[]): string[] {
    const chosen = options.filter(() => this.chance(percent));
    for (let i = chosen.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [chosen[i], chosen[other]] = [chosen[other], chosen[i]];
    }
    return chosen.flatMap((each) => typeof each === "string" ? [this.word(each)] : each());
  }
}
