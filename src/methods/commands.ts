/**
 * What the methods of a cache take and answer: the one table of types.
 *
 * It has no counterpart in code: a method sends its own name as the command, with its arguments
 * behind it. That each string and key command has its line here is checked against the specs.
 */
import type { ReplyValue } from "../protocol/value_writer.ts";
import type {
  HashMethods,
  Limit,
  ListMethods,
  SetMethods,
  SortedSetMethods,
} from "./collections.ts";
import type { BitmapMethods, GeoMethods, HyperLogLogMethods, StreamMethods } from "./special.ts";
import type { ExpiryOptions, Integer, Key, Keys, Pairs, Value } from "./types.ts";

/** On which condition on the value a string is changed; at most one of them. */
export interface ConditionOptions {
  /** Only if the value is this one. */
  readonly ifeq?: Value | undefined;
  /** Only if the value is another one. */
  readonly ifne?: Value | undefined;
  /** Only if the value's `digest` is this one. */
  readonly ifdeq?: string | undefined;
  /** Only if the value's `digest` is another one. */
  readonly ifdne?: string | undefined;
}

/** Options of `msetex`. */
export interface StoreOptions extends ExpiryOptions {
  /** Keep the expiry that the key has. */
  readonly keepttl?: boolean | undefined;
  /** Only if the key is not there. */
  readonly nx?: boolean | undefined;
  /** Only if the key is there. */
  readonly xx?: boolean | undefined;
}

/** Options of `set`. */
export interface SetOptions extends StoreOptions, ConditionOptions {
  /** Answer the value before, null if there was none. */
  readonly get?: boolean | undefined;
}

/** Options of `getex`. */
export interface GetExOptions extends ExpiryOptions {
  /** Remove the expiry. */
  readonly persist?: boolean | undefined;
}

/** Options of `copy`. */
export interface CopyOptions {
  /** Number of the database to copy to. */
  readonly db?: number | undefined;
  /** Replace what the destination holds. */
  readonly replace?: boolean | undefined;
}

/** Options of `lcs`. */
export interface LcsOptions {
  /** Answer the length only. */
  readonly len?: boolean | undefined;
  /** Answer where the matches are. */
  readonly idx?: boolean | undefined;
  /** With `idx`: matches of at least so many bytes. */
  readonly minmatchlen?: number | undefined;
  /** With `idx`: the length of each match too. */
  readonly withmatchlen?: boolean | undefined;
}

/** Options of `restore`. */
export interface RestoreOptions {
  /** Replace what the key holds. */
  readonly replace?: boolean | undefined;
  /** The time to live is a Unix time in milliseconds. */
  readonly absttl?: boolean | undefined;
  /** Seconds since the value was used. */
  readonly idletime?: number | undefined;
  /** How often the value was used. */
  readonly freq?: number | undefined;
}

/** Options of `sort`. */
export interface SortOptions {
  /** Where what is compared is: "weight_*", or "user:*->name" for a field of a hash. */
  readonly by?: Key | undefined;
  /** What is answered for each element: "#" is itself. */
  readonly get?: Key | readonly Key[] | undefined;
  /** Which part of the result. */
  readonly limit?: Limit | undefined;
  /** In ascending order, which is the default. */
  readonly asc?: boolean | undefined;
  /** In descending order. */
  readonly desc?: boolean | undefined;
  /** Compare bytes, not numbers. */
  readonly alpha?: boolean | undefined;
}

/** Which keys `scan` and `keys` answer. */
export interface ScanOptions {
  /** Glob pattern, e.g. "user:*". */
  readonly match?: Key | undefined;
  /** Keys that are looked at in one step, 10 by default. */
  readonly count?: number | undefined;
  /** Only keys of this type, e.g. "string". */
  readonly type?: string | undefined;
}

/** "NX" = only without an expiry, "XX" = only with one, "GT" = only later, "LT" = only earlier. */
export type ExpireCondition = "NX" | "XX" | "GT" | "LT";

/** How a database is emptied: both ways at once for who looks, the memory is freed bit by bit. */
export type FlushMode = "ASYNC" | "SYNC";

/** The commands on strings. */
export interface StringMethods<Text> {
  /** The value of a key, null if there is none. */
  get(key: Key): Text | null;
  /** The values of keys, null for each that holds no string. */
  mget(...keys: Keys): (Text | null)[];
  /** As `get`, and deletes the key. */
  getdel(key: Key): Text | null;
  /** As `get`, and changes when the key expires. */
  getex(key: Key, options?: GetExOptions): Text | null;
  /** Stores a value. @returns the value before, whether or not the new one was stored */
  set(key: Key, value: Value, options: SetOptions & { readonly get: true }): Text | null;
  /** Stores a value. @returns null if a condition did not hold */
  set(key: Key, value: Value, options?: SetOptions & { readonly get?: false }): "OK" | null;
  /** Stores a value, options as the words of the command. */
  set(key: Key, value: Value, ...options: (Value | SetOptions)[]): Text | "OK" | null;
  /** Stores a value. @returns the value before */
  getset(key: Key, value: Value): Text | null;
  /** Stores a value if the key is not there. @returns 1 if it was stored, else 0 */
  setnx(key: Key, value: Value): number;
  /** Stores a value that expires. */
  setex(key: Key, seconds: number, value: Value): "OK";
  /** Stores a value that expires. */
  psetex(key: Key, milliseconds: number, value: Value): "OK";
  /** Stores several values at once: `mset({ a: 1, b: 2 })`. */
  mset(pairs: Pairs): "OK";
  /** Stores several values if none of the keys is there. @returns 1 if they were stored, else 0 */
  msetnx(pairs: Pairs): number;
  /** Stores several values with one expiry, or none of them. @returns 1 if they were stored, else 0 */
  msetex(pairs: Pairs, options?: StoreOptions): number;
  /** Appends to a string. @returns its length in bytes */
  append(key: Key, value: Value): number;
  /** Length of a string in bytes, 0 if there is none. */
  strlen(key: Key): number;
  /** The bytes from `start` to `end`, both included; negative ones count from the end. */
  getrange(key: Key, start: number, end: number): Text;
  /** The older name of `getrange`. */
  substr(key: Key, start: number, end: number): Text;
  /** Overwrites from byte `offset` on. @returns the length in bytes */
  setrange(key: Key, offset: number, value: Value): number;
  /** Adds 1. @returns the sum */
  incr(key: Key): Integer;
  /** Subtracts 1. @returns the difference */
  decr(key: Key): Integer;
  /** Adds an integer. @returns the sum */
  incrby(key: Key, increment: Integer): Integer;
  /** Subtracts an integer. @returns the difference */
  decrby(key: Key, decrement: Integer): Integer;
  /** Adds a number. @returns the sum in decimal digits, more of them than a number has */
  incrbyfloat(key: Key, increment: number | string): Text;
  /** Hash of a value in 16 hex digits, null if there is none; for `ifdeq` and `ifdne`. */
  digest(key: Key): string | null;
  /** Deletes a key on a condition on its value. @returns 1 if it was deleted, else 0 */
  delex(key: Key, condition?: ConditionOptions): number;
  /** Where the longest common subsequence of two strings lies. */
  lcs(
    key1: Key,
    key2: Key,
    options: LcsOptions & { readonly idx: true },
  ): Map<"matches" | "len", ReplyValue>;
  /** Length of the longest common subsequence of two strings. */
  lcs(key1: Key, key2: Key, options: LcsOptions & { readonly len: true }): number;
  /** The longest common subsequence of two strings. */
  lcs(key1: Key, key2: Key): Text;
  /** The same, options as the words of the command. */
  lcs(
    key1: Key,
    key2: Key,
    ...options: (Value | LcsOptions)[]
  ): Text | number | Map<"matches" | "len", ReplyValue>;
}

/** The commands on keys. */
export interface KeyMethods<Text> {
  /** Deletes keys. @returns how many were there */
  del(...keys: Keys): number;
  /** As `del`. */
  unlink(...keys: Keys): number;
  /** How many of the keys are there; one that is named twice counts twice. */
  exists(...keys: Keys): number;
  /** As `exists`; the keys count as used. */
  touch(...keys: Keys): number;
  /** Type of a key's value, "none" if there is no such key. */
  type(key: Key): string;
  /** Lets a key expire. @returns 1 if it will, 0 if there is none or the condition did not hold */
  expire(key: Key, seconds: number, condition?: ExpireCondition): number;
  /** As `expire`, in milliseconds. */
  pexpire(key: Key, milliseconds: number, condition?: ExpireCondition): number;
  /** As `expire`, at a Unix time in seconds. */
  expireat(key: Key, unixSeconds: number, condition?: ExpireCondition): number;
  /** As `expire`, at a Unix time in milliseconds. */
  pexpireat(key: Key, unixMilliseconds: number, condition?: ExpireCondition): number;
  /** Seconds that a key has left; -1 = it does not expire, -2 = there is none. */
  ttl(key: Key): number;
  /** Milliseconds that a key has left; -1 = it does not expire, -2 = there is none. */
  pttl(key: Key): number;
  /** Unix time in seconds at which a key expires; -1 = never, -2 = there is none. */
  expiretime(key: Key): number;
  /** Unix time in milliseconds at which a key expires; -1 = never, -2 = there is none. */
  pexpiretime(key: Key): number;
  /** Removes the expiry. @returns 1 if there was one, else 0 */
  persist(key: Key): number;
  /** Gives a key another name, over what that name held. @throws ReplyError if there is no such key */
  rename(key: Key, newKey: Key): "OK";
  /** Gives a key another name if that one is free. @returns 1 if it did, else 0 */
  renamenx(key: Key, newKey: Key): number;
  /** Copies a key. @returns 1 if it did, else 0 */
  copy(source: Key, destination: Key, options?: CopyOptions): number;
  /** Moves a key to another database. @returns 1 if it did, else 0 */
  move(key: Key, database: number): number;
  /**
   * A value in Redis's own format, for `restore`; ask for it as bytes: `cache.bytes.dump(key)`.
   */
  dump(key: Key): Text | null;
  /** Makes a key out of what `dump` answered. @param ttl milliseconds until it expires, 0 = never */
  restore(key: Key, ttl: number, payload: Uint8Array, options?: RestoreOptions): "OK";
  /** The elements of a list, set or sorted set in order. @returns their number with `store` */
  sort(key: Key, options: SortOptions & { readonly store: Key }): number;
  /** The elements of a list, set or sorted set in order. */
  sort(key: Key, options?: SortOptions): (Text | null)[];
  /** As `sort`, but never stores. */
  sort_ro(key: Key, options?: SortOptions): (Text | null)[];
  /** Removes all keys that begin with a prefix, in slices between other work. */
  purge(what: "PREFIX", prefix: Key, mode: "ASYNC"): "OK";
  /** Removes all keys that begin with a prefix. @returns how many there were */
  purge(what: "PREFIX", prefix: Key, mode?: "SYNC"): number;
  /** Some key, null if there is none. */
  randomkey(): Text | null;
  /**
   * One step through all keys. @param cursor 0 to begin with, then what the step before answered
   * @returns the cursor of the next step, "0" at the end, and keys
   */
  scan(cursor: number | string, options?: ScanOptions): [cursor: string, keys: Text[]];
  /** How a value is kept: "ENCODING", "FREQ", "IDLETIME" or "REFCOUNT" of a key. */
  object(what: string, ...args: Value[]): ReplyValue;
  /** Number of keys of the database. */
  dbsize(): number;
  /** Deletes all keys of the database. */
  flushdb(mode?: FlushMode): "OK";
  /** Deletes all keys of all databases. */
  flushall(mode?: FlushMode): "OK";
  /** Exchanges the keys of two databases. */
  swapdb(index1: number, index2: number): "OK";
}

/**
 * The commands on keys and values as methods.
 *
 * Arguments come in the order of the command; its options may be given as an object with their
 * names in lower case (`{ ex: 10, nx: true }`), and several of a kind as an array. An error reply is
 * thrown as a ReplyError.
 * @typeParam Text what keys and values are answered as: string or Uint8Array
 */
export interface CommandMethods<Text = string>
  extends
    StringMethods<Text>,
    KeyMethods<Text>,
    ListMethods<Text>,
    SetMethods<Text>,
    HashMethods<Text>,
    SortedSetMethods<Text>,
    StreamMethods<Text>,
    BitmapMethods,
    HyperLogLogMethods,
    GeoMethods<Text> {}
