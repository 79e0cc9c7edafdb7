/** The tests of redis-benchmark: what it sends for each, under its names. */
import type { CommandShape } from "./plan.ts";

/** Keys of one MSET. */
const MSET_KEYS = 10;
const KEY = "key:__rand_int__";
const ELEMENT = "element:__rand_int__";
const DATA = "__data__";
/** What the ranges are read from is pushed by this many requests. */
const LIST = "mylist";

export interface LoadTest extends CommandShape {
  readonly name: string;
  /** Names besides its own that choose it. */
  readonly groups: readonly string[];
  /** A line as typed, not an array of words: of RESP only. */
  readonly isInline?: boolean;
  /** As redis-benchmark with random keys: a random score. */
  readonly withKeyspace?: readonly string[];
  /** The test whose requests have to have been sent before. */
  readonly needs?: string;
}

function test(name: string, words: readonly string[], groups: readonly string[] = []): LoadTest {
  return { name, words, groups };
}

function range(count: number): LoadTest {
  const words = ["LRANGE", LIST, "0", String(count - 1)];
  return { ...test(`lrange_${count}`, words, ["lrange"]), needs: "lpush" };
}

export const LOAD_TESTS: readonly LoadTest[] = [
  { ...test("ping_inline", ["PING"], ["ping"]), isInline: true },
  test("ping_mbulk", ["PING"], ["ping"]),
  test("set", ["SET", KEY, DATA]),
  test("get", ["GET", KEY]),
  test("incr", ["INCR", "counter:__rand_int__"]),
  test("lpush", ["LPUSH", LIST, DATA]),
  test("rpush", ["RPUSH", LIST, DATA]),
  test("lpop", ["LPOP", LIST]),
  test("rpop", ["RPOP", LIST]),
  test("sadd", ["SADD", "myset", ELEMENT]),
  test("hset", ["HSET", "myhash", ELEMENT, DATA]),
  test("spop", ["SPOP", "myset"]),
  {
    ...test("zadd", ["ZADD", "myzset", "0", ELEMENT]),
    withKeyspace: ["ZADD", "myzset", "__rand_int__", ELEMENT],
  },
  test("zpopmin", ["ZPOPMIN", "myzset"]),
  range(100),
  range(300),
  range(500),
  range(600),
  test("mset", ["MSET", ...Array.from({ length: MSET_KEYS }, () => [KEY, DATA]).flat()]),
  test("xadd", ["XADD", "mystream", "*", "myfield", DATA]),
];

/** Names of tests and of groups of them. */
export const TEST_NAMES: readonly string[] = [
  ...new Set(LOAD_TESTS.flatMap(({ name, groups }) => [...groups, name])),
];

/** The tests that a name stands for, in the order of redis-benchmark; none if there is no such name. */
export function findTests(name: string): readonly LoadTest[] {
  const wanted = name.toLowerCase();
  return LOAD_TESTS.filter((each) => each.name === wanted || each.groups.includes(wanted));
}
