/** What the methods of a cache on lists, sets, sorted sets and hashes take and answer. */
import type { ExpiryOptions, Integer, Key, Keys, Pairs, Value, Values } from "./types.ts";

/** An end of a list. */
export type ListEnd = "LEFT" | "RIGHT";

/** Options of `lpos`. */
export interface ListPositionOptions {
  /** Which match is the first that counts: 1 = the first, -1 = the last. */
  readonly rank?: number | undefined;
  /** Elements that are compared at most, 0 = all. */
  readonly maxlen?: number | undefined;
}

/** Options of commands that step through one collection. */
export interface ElementScanOptions {
  /** Glob pattern. */
  readonly match?: Key | undefined;
  /** Elements that are looked at in one step, 10 by default. */
  readonly count?: number | undefined;
}

/** On which condition an expiry is set. */
export interface ExpireConditionOptions {
  /** Only without an expiry. */
  readonly nx?: boolean | undefined;
  /** Only with an expiry. */
  readonly xx?: boolean | undefined;
  /** Only if it is later. */
  readonly gt?: boolean | undefined;
  /** Only if it is earlier. */
  readonly lt?: boolean | undefined;
}

/** Some fields of a hash. */
export interface FieldsOption {
  /** Their names. */
  readonly fields: readonly Key[];
}

/** Options of `hgetex`. */
export interface HashGetExOptions extends ExpiryOptions, FieldsOption {
  /** Remove the expiry of the fields. */
  readonly persist?: boolean | undefined;
}

/** Options of `hsetex`. */
export interface HashSetExOptions extends ExpiryOptions {
  /** Only if none of the fields is there. */
  readonly fnx?: boolean | undefined;
  /** Only if all of the fields are there. */
  readonly fxx?: boolean | undefined;
  /** Keep the expiry that the fields have. */
  readonly keepttl?: boolean | undefined;
  /** The fields with their values. */
  readonly fields: Pairs;
}

/** Options of `zadd`. */
export interface SortedSetAddOptions {
  /** Only add members. */
  readonly nx?: boolean | undefined;
  /** Only change members that are there. */
  readonly xx?: boolean | undefined;
  /** Change a score only to a greater one. */
  readonly gt?: boolean | undefined;
  /** Change a score only to a lesser one. */
  readonly lt?: boolean | undefined;
  /** Answer how many members were added or changed. */
  readonly ch?: boolean | undefined;
  /** Add to the score of one member, and answer it. */
  readonly incr?: boolean | undefined;
}

/** Members with their scores: `[[1, "a"], [2, "b"]]`. */
export type ScoredMembers = readonly (readonly [score: Value, member: Value])[];

/** A part of what a range holds: how many are passed over, how many are taken. */
export type Limit = readonly [offset: number, count: number];

/** Options of `zrangebyscore` and the like. */
export interface RangeOptions {
  /** Which part of the result. */
  readonly limit?: Limit | undefined;
  /** Answer pairs of member and score. */
  readonly withscores?: boolean | undefined;
}

/** Options of `zrange`. */
export interface SortedSetRangeOptions extends RangeOptions {
  /** The range is one of scores, "(" in front leaves the bound out. */
  readonly byscore?: boolean | undefined;
  /** The range is one of members with equal scores: "[a", "(b", "-", "+". */
  readonly bylex?: boolean | undefined;
  /** From the highest to the lowest. */
  readonly rev?: boolean | undefined;
}

/** Options of `zunion`, `zinter` and the like. */
export interface SortedSetMergeOptions {
  /** Factors of the scores, one for each key. */
  readonly weights?: readonly number[] | undefined;
  /** What becomes of the scores of a member that several keys have. */
  readonly aggregate?: "SUM" | "MIN" | "MAX" | undefined;
}

/** An option that makes scores part of the answer. */
export interface WithScores {
  /** Answer pairs of member and score. */
  readonly withscores: true;
}

/** Members with their scores, as they are answered. */
export type Scored<Text> = [member: Text, score: number][];

/** The commands on lists. */
export interface ListMethods<Text> {
  /** Puts elements in front, one after the other. @returns the length */
  lpush(key: Key, ...elements: Values): number;
  /** Puts elements behind. @returns the length */
  rpush(key: Key, ...elements: Values): number;
  /** As `lpush`, if there is a list. @returns the length, 0 if there is none */
  lpushx(key: Key, ...elements: Values): number;
  /** As `rpush`, if there is a list. @returns the length, 0 if there is none */
  rpushx(key: Key, ...elements: Values): number;
  /** Takes the first element out. */
  lpop(key: Key): Text | null;
  /** Takes the first elements out. */
  lpop(key: Key, count: number): Text[] | null;
  /** Takes the last element out. */
  rpop(key: Key): Text | null;
  /** Takes the last elements out. */
  rpop(key: Key, count: number): Text[] | null;
  /** Number of elements. */
  llen(key: Key): number;
  /** The elements from `start` to `stop`, both included; negative ones count from the end. */
  lrange(key: Key, start: number, stop: number): Text[];
  /** The element at an index, null if there is none. */
  lindex(key: Key, index: number): Text | null;
  /** Replaces an element. @throws ReplyError if there is no such element */
  lset(key: Key, index: number, element: Value): "OK";
  /**
   * Puts an element before or behind the first one that equals the pivot.
   * @returns the length, -1 if the pivot is not there, 0 if there is no list
   */
  linsert(key: Key, where: "BEFORE" | "AFTER", pivot: Value, element: Value): number;
  /** Takes equal elements out: the first `count`, the last `-count`, or with 0 all. @returns how many */
  lrem(key: Key, count: number, element: Value): number;
  /** Keeps the elements from `start` to `stop` only. */
  ltrim(key: Key, start: number, stop: number): "OK";
  /** Indexes of equal elements, at most `count` of them, 0 = all. */
  lpos(
    key: Key,
    element: Value,
    options: ListPositionOptions & { readonly count: number },
  ): number[];
  /** Index of an equal element, null if there is none. */
  lpos(key: Key, element: Value, options?: ListPositionOptions): number | null;
  /** Moves an element from one end to another. @returns it */
  lmove(source: Key, destination: Key, from: ListEnd, to: ListEnd): Text | null;
  /** The older form of `lmove` from the right to the left. */
  rpoplpush(source: Key, destination: Key): Text | null;
  /** Takes elements out of the first of the lists that has any. */
  lmpop(
    keys: readonly Key[],
    where: ListEnd,
    options?: { readonly count?: number | undefined },
  ): [key: Text, elements: Text[]] | null;
}

/** The commands on sets. */
export interface SetMethods<Text> {
  /** Adds members. @returns how many were added */
  sadd(key: Key, ...members: Values): number;
  /** Removes members. @returns how many were removed */
  srem(key: Key, ...members: Values): number;
  /** Whether it is a member. @returns 1 if it is a member, else 0 */
  sismember(key: Key, member: Value): number;
  /** Whether they are members. @returns 1 or 0 for each */
  smismember(key: Key, ...members: Values): number[];
  /** Number of members. */
  scard(key: Key): number;
  /** All members. */
  smembers(key: Key): Set<Text>;
  /** Takes a member out, picked at random. */
  spop(key: Key): Text | null;
  /** Takes members out, picked at random. */
  spop(key: Key, count: number): Set<Text>;
  /** A member picked at random. */
  srandmember(key: Key): Text | null;
  /** Members picked at random; with a negative count the same one may come more than once. */
  srandmember(key: Key, count: number): Text[];
  /** Moves a member to another set. @returns 1 if the member was there, else 0 */
  smove(source: Key, destination: Key, member: Value): number;
  /** The members that all sets have. */
  sinter(...keys: Keys): Set<Text>;
  /** Stores what `sinter` gives. @returns the size of the result */
  sinterstore(destination: Key, ...keys: Keys): number;
  /** Size of the intersection, counted up to `limit`, 0 = no limit. */
  sintercard(keys: readonly Key[], options?: { readonly limit?: number | undefined }): number;
  /** The members of all sets. */
  sunion(...keys: Keys): Set<Text>;
  /** Stores what `sunion` gives. @returns the size of the result */
  sunionstore(destination: Key, ...keys: Keys): number;
  /** The members of the first set that are in none of the others. */
  sdiff(...keys: Keys): Set<Text>;
  /** Stores what `sdiff` gives. @returns the size of the result */
  sdiffstore(destination: Key, ...keys: Keys): number;
  /** One step through the members; see `scan`. */
  sscan(
    key: Key,
    cursor: number | string,
    options?: ElementScanOptions,
  ): [cursor: string, members: Text[]];
}

/** The commands on hashes. */
export interface HashMethods<Text> {
  /** Sets fields: `hset("k", { a: 1, b: 2 })`. @returns how many were added */
  hset(key: Key, pairs: Pairs): number;
  /** Sets fields, names and values in turn. @returns how many were added */
  hset(key: Key, ...fieldsAndValues: Values): number;
  /** Sets a field if it is not there. @returns 1 if the field was added, 0 if it was there */
  hsetnx(key: Key, field: Key, value: Value): number;
  /** The older form of `hset`. */
  hmset(key: Key, pairs: Pairs): "OK";
  /** The older form of `hset`. */
  hmset(key: Key, ...fieldsAndValues: Values): "OK";
  /** The value of a field, null if there is none. */
  hget(key: Key, field: Key): Text | null;
  /** The values of fields, null for each that is not there. */
  hmget(key: Key, ...fields: Keys): (Text | null)[];
  /** All fields with their values. */
  hgetall(key: Key): Map<Text, Text>;
  /** Removes fields. @returns how many were removed */
  hdel(key: Key, ...fields: Keys): number;
  /** Whether a field is there. @returns 1 if the field is there, else 0 */
  hexists(key: Key, field: Key): number;
  /** Number of fields. */
  hlen(key: Key): number;
  /** Length of a value in bytes. */
  hstrlen(key: Key, field: Key): number;
  /** All fields. */
  hkeys(key: Key): Text[];
  /** All values. */
  hvals(key: Key): Text[];
  /** Adds an integer. @returns the sum */
  hincrby(key: Key, field: Key, increment: Integer): Integer;
  /** Adds a number. @returns the sum in decimal digits */
  hincrbyfloat(key: Key, field: Key, increment: number | string): Text;
  /** A field picked at random. */
  hrandfield(key: Key): Text | null;
  /** Fields picked at random, with their values. */
  hrandfield(
    key: Key,
    count: number,
    options: { readonly withvalues: true },
  ): [field: Text, value: Text][];
  /** Fields picked at random; with a negative count the same one may come more than once. */
  hrandfield(key: Key, count: number): Text[];
  /** One step through fields and values in turn, or with `novalues` the fields only; see `scan`. */
  hscan(
    key: Key,
    cursor: number | string,
    options?: ElementScanOptions & { readonly novalues?: boolean | undefined },
  ): [cursor: string, fieldsAndValues: Text[]];
  /** Lets fields expire. @returns for each: 1 = set, 0 = condition did not hold, 2 = gone, -2 = none */
  hexpire(key: Key, seconds: number, options: ExpireConditionOptions & FieldsOption): number[];
  /** As `hexpire`, in milliseconds. */
  hpexpire(
    key: Key,
    milliseconds: number,
    options: ExpireConditionOptions & FieldsOption,
  ): number[];
  /** As `hexpire`, at a Unix time in seconds. */
  hexpireat(
    key: Key,
    unixSeconds: number,
    options: ExpireConditionOptions & FieldsOption,
  ): number[];
  /** As `hexpire`, at a Unix time in milliseconds. */
  hpexpireat(
    key: Key,
    unixMilliseconds: number,
    options: ExpireConditionOptions & FieldsOption,
  ): number[];
  /** Seconds that fields have left; -1 = they don't expire, -2 = there is none. */
  httl(key: Key, options: FieldsOption): number[];
  /** As `httl`, in milliseconds. */
  hpttl(key: Key, options: FieldsOption): number[];
  /** Unix time in seconds at which fields expire; -1 = never, -2 = there is none. */
  hexpiretime(key: Key, options: FieldsOption): number[];
  /** As `hexpiretime`, in milliseconds. */
  hpexpiretime(key: Key, options: FieldsOption): number[];
  /** Removes the expiry. @returns for each: 1 = done, -1 = it had none, -2 = there is none */
  hpersist(key: Key, options: FieldsOption): number[];
  /** As `hmget`, and changes when the fields expire. */
  hgetex(key: Key, options: HashGetExOptions): (Text | null)[];
  /** Sets fields that expire. @returns 1 if they were set, 0 if the condition did not hold */
  hsetex(key: Key, options: HashSetExOptions): number;
  /** As `hmget`, and removes the fields. */
  hgetdel(key: Key, options: FieldsOption): (Text | null)[];
}

/** The commands on sorted sets. */
export interface SortedSetMethods<Text> {
  /**
   * Adds members or changes their scores: `zadd("k", { gt: true }, [[1, "a"], [2, "b"]])`.
   * @returns how many were added; with `incr` the new score, null if a condition did not hold
   */
  zadd(key: Key, ...args: (Value | SortedSetAddOptions | ScoredMembers)[]): number | null;
  /** Adds to the score of a member. @returns the new score */
  zincrby(key: Key, increment: number | string, member: Value): number;
  /** Removes members. @returns how many were removed */
  zrem(key: Key, ...members: Values): number;
  /** Number of members. */
  zcard(key: Key): number;
  /** The score of a member, null if there is none. */
  zscore(key: Key, member: Value): number | null;
  /** The scores of members, null for each that is not there. */
  zmscore(key: Key, ...members: Values): (number | null)[];
  /** Place in ascending order from 0 on, with the score. */
  zrank(
    key: Key,
    member: Value,
    options: { readonly withscore: true },
  ): [rank: number, score: number] | null;
  /** Place in ascending order from 0 on. */
  zrank(key: Key, member: Value): number | null;
  /** Place in descending order from 0 on, with the score. */
  zrevrank(
    key: Key,
    member: Value,
    options: { readonly withscore: true },
  ): [rank: number, score: number] | null;
  /** Place in descending order from 0 on. */
  zrevrank(key: Key, member: Value): number | null;
  /** Members with scores from `min` to `max`; "(" in front of a bound leaves it out. */
  zcount(key: Key, min: Value, max: Value): number;
  /** Members from `min` to `max`, by bytes. */
  zlexcount(key: Key, min: Value, max: Value): number;
  /** A range by rank, score or bytes. */
  zrange(
    key: Key,
    start: Value,
    stop: Value,
    options: SortedSetRangeOptions & WithScores,
  ): Scored<Text>;
  /** A range by rank, score or bytes. */
  zrange(key: Key, start: Value, stop: Value, options?: SortedSetRangeOptions): Text[];
  /** Stores what `zrange` gives. @returns how many were stored */
  zrangestore(
    destination: Key,
    source: Key,
    start: Value,
    stop: Value,
    options?: SortedSetRangeOptions,
  ): number;
  /** The older form of `zrange` with `rev`. */
  zrevrange(key: Key, start: number, stop: number, options: WithScores): Scored<Text>;
  /** The older form of `zrange` with `rev`. */
  zrevrange(key: Key, start: number, stop: number): Text[];
  /** The older form of `zrange` with `byscore`. */
  zrangebyscore(key: Key, min: Value, max: Value, options: RangeOptions & WithScores): Scored<Text>;
  /** The older form of `zrange` with `byscore`. */
  zrangebyscore(key: Key, min: Value, max: Value, options?: RangeOptions): Text[];
  /** The older form of `zrange` with `byscore` and `rev`. */
  zrevrangebyscore(
    key: Key,
    max: Value,
    min: Value,
    options: RangeOptions & WithScores,
  ): Scored<Text>;
  /** The older form of `zrange` with `byscore` and `rev`. */
  zrevrangebyscore(key: Key, max: Value, min: Value, options?: RangeOptions): Text[];
  /** The older form of `zrange` with `bylex`. */
  zrangebylex(
    key: Key,
    min: Value,
    max: Value,
    options?: { readonly limit?: Limit | undefined },
  ): Text[];
  /** The older form of `zrange` with `bylex` and `rev`. */
  zrevrangebylex(
    key: Key,
    max: Value,
    min: Value,
    options?: { readonly limit?: Limit | undefined },
  ): Text[];
  /** Removes the members from one rank to another. @returns how many were removed */
  zremrangebyrank(key: Key, start: number, stop: number): number;
  /** Removes the members from one score to another. @returns how many were removed */
  zremrangebyscore(key: Key, min: Value, max: Value): number;
  /** Removes the members from one to another, by bytes. @returns how many were removed */
  zremrangebylex(key: Key, min: Value, max: Value): number;
  /** Takes the member with the lowest score out. */
  zpopmin(key: Key): [member: Text, score: number] | [];
  /** Takes the members with the lowest scores out. */
  zpopmin(key: Key, count: number): Scored<Text>;
  /** Takes the member with the highest score out. */
  zpopmax(key: Key): [member: Text, score: number] | [];
  /** Takes the members with the highest scores out. */
  zpopmax(key: Key, count: number): Scored<Text>;
  /** Takes members out of the first of the sorted sets that has any. */
  zmpop(
    keys: readonly Key[],
    where: "MIN" | "MAX",
    options?: { readonly count?: number | undefined },
  ): [key: Text, members: Scored<Text>] | null;
  /** A member picked at random. */
  zrandmember(key: Key): Text | null;
  /** Members picked at random, with their scores. */
  zrandmember(key: Key, count: number, options: WithScores): Scored<Text>;
  /** Members picked at random; with a negative count the same one may come more than once. */
  zrandmember(key: Key, count: number): Text[];
  /** The members of all keys. */
  zunion(keys: readonly Key[], options: SortedSetMergeOptions & WithScores): Scored<Text>;
  /** The members of all keys. */
  zunion(keys: readonly Key[], options?: SortedSetMergeOptions): Text[];
  /** The members that all keys have. */
  zinter(keys: readonly Key[], options: SortedSetMergeOptions & WithScores): Scored<Text>;
  /** The members that all keys have. */
  zinter(keys: readonly Key[], options?: SortedSetMergeOptions): Text[];
  /** The members of the first key that none of the others has. */
  zdiff(keys: readonly Key[], options: WithScores): Scored<Text>;
  /** The members of the first key that none of the others has. */
  zdiff(keys: readonly Key[]): Text[];
  /** Stores what `zunion` gives. @returns the size of the result */
  zunionstore(destination: Key, keys: readonly Key[], options?: SortedSetMergeOptions): number;
  /** Stores what `zinter` gives. @returns the size of the result */
  zinterstore(destination: Key, keys: readonly Key[], options?: SortedSetMergeOptions): number;
  /** Stores what `zdiff` gives. @returns the size of the result */
  zdiffstore(destination: Key, keys: readonly Key[]): number;
  /** Size of the intersection, counted up to `limit`, 0 = no limit. */
  zintercard(keys: readonly Key[], options?: { readonly limit?: number | undefined }): number;
  /** One step through members and scores in turn; see `scan`. */
  zscan(
    key: Key,
    cursor: number | string,
    options?: ElementScanOptions,
  ): [cursor: string, membersAndScores: (Text | number)[]];
}
