/** What the methods of a cache on streams, bitmaps, HyperLogLogs and places take and answer. */
import type { ReplyValue } from "../protocol/value_writer.ts";
import type { Integer, Key, Keys, Pairs, Value, Values } from "./types.ts";

/** How a stream is cut: at a length or an id, exactly or with "~" about there. */
export type StreamThreshold = Value | readonly ["~" | "=", Value];

/** Options of `xtrim`, and of `xadd` too. */
export interface StreamTrimOptions {
  /** Keep so many entries. */
  readonly maxlen?: StreamThreshold | undefined;
  /** Keep the entries from this id on. */
  readonly minid?: StreamThreshold | undefined;
  /** Entries that are looked at, at most. */
  readonly limit?: number | undefined;
}

/** Options of `xadd`. */
export interface StreamAddOptions extends StreamTrimOptions {
  /** Make no new stream. */
  readonly nomkstream?: boolean | undefined;
}

/** Options of `xread`. */
export interface StreamReadOptions {
  /** Entries from each stream, at most. */
  readonly count?: number | undefined;
  /** The streams, each with the id after which its entries are wanted. */
  readonly streams: Readonly<Record<string, Value>>;
}

/** An entry of a stream: its id, and fields and values in turn. */
export type StreamEntry<Text> = [id: Text, fieldsAndValues: Text[]];

/** Options of `geosearch`: from where, how far, and what is answered. */
export interface GeoSearchOptions {
  /** Around the place of a member. */
  readonly frommember?: Value | undefined;
  /** Around a place. */
  readonly fromlonlat?: readonly [longitude: number, latitude: number] | undefined;
  /** Within a circle. */
  readonly byradius?: readonly [radius: number, unit: DistanceUnit] | undefined;
  /** Within a box. */
  readonly bybox?: readonly [width: number, height: number, unit: DistanceUnit] | undefined;
  /** The nearest first. */
  readonly asc?: boolean | undefined;
  /** The farthest first. */
  readonly desc?: boolean | undefined;
  /** At most so many; with "ANY" whichever are found first. */
  readonly count?: number | readonly [count: number, any: "ANY"] | undefined;
}

/** Unit of a distance. */
export type DistanceUnit = "m" | "km" | "mi" | "ft";

/** The commands on streams. */
export interface StreamMethods<Text> {
  /**
   * Adds an entry: `xadd("k", { maxlen: ["~", 1000] }, "*", { field: "value" })`.
   * @returns its id, null where there is no stream and none was to be made
   */
  xadd(key: Key, ...args: (Value | StreamAddOptions | Pairs)[]): Text | null;
  /** Number of entries. */
  xlen(key: Key): number;
  /** The entries with ids from `start` to `end`; "-" is the lowest, "+" the highest. */
  xrange(
    key: Key,
    start: Value,
    end: Value,
    options?: { readonly count?: number | undefined },
  ): StreamEntry<Text>[];
  /** The same from the highest id to the lowest. */
  xrevrange(
    key: Key,
    end: Value,
    start: Value,
    options?: { readonly count?: number | undefined },
  ): StreamEntry<Text>[];
  /** Entries behind given ids: `xread({ streams: { k: "0" } })`; null if there are none. */
  xread(options: StreamReadOptions): Map<Text, StreamEntry<Text>[]> | null;
  /** As `xread`, for a consumer of a group: `xreadgroup("GROUP", "g", "c", { streams: { k: ">" } })`. */
  xreadgroup(
    word: "GROUP",
    group: Key,
    consumer: Key,
    options: StreamReadOptions & { readonly noack?: boolean | undefined },
  ): Map<Text, StreamEntry<Text>[]> | null;
  /** Removes entries. @returns how many were removed */
  xdel(key: Key, ...ids: Values): number;
  /** Cuts a stream. @returns how many were removed */
  xtrim(key: Key, options: StreamTrimOptions): number;
  /** Says that entries were handled. @returns how many were pending */
  xack(key: Key, group: Key, ...ids: Values): number;
  /** Gives pending entries to a consumer, options as the words of the command. */
  xclaim(
    key: Key,
    group: Key,
    consumer: Key,
    minIdleMs: number,
    ...idsAndOptions: Value[]
  ): (StreamEntry<Text> | Text | null)[];
  /** Gives entries that are pending for long to a consumer. */
  xautoclaim(
    key: Key,
    group: Key,
    consumer: Key,
    minIdleMs: number,
    start: Value,
    options?: { readonly count?: number | undefined; readonly justid?: boolean | undefined },
  ): [next: Text, entries: (StreamEntry<Text> | Text)[], deleted: Text[]];
  /** What is pending: a summary, or with a range its entries. */
  xpending(key: Key, group: Key, ...range: Value[]): ReplyValue[];
  /** "STREAM", "GROUPS", "CONSUMERS" or "HELP" of a key. */
  xinfo(what: string, ...args: Value[]): ReplyValue;
  /** "CREATE", "SETID", "DESTROY", "CREATECONSUMER", "DELCONSUMER" or "HELP" of a key. */
  xgroup(what: string, ...args: Value[]): ReplyValue;
  /** Sets the last id; options as the words of the command. */
  xsetid(key: Key, lastId: Value, ...options: Value[]): "OK";
  /** As `xack` and, where no other group needs an entry, `xdel`; options as words of the command. */
  xackdel(key: Key, group: Key, ...args: Value[]): number[];
  /** As `xdel`, with a say in what becomes of the groups' references. */
  xdelex(key: Key, ...args: Value[]): number[];
}

/** The commands on bits of a string. */
export interface BitmapMethods {
  /** Sets a bit. @returns the bit before */
  setbit(key: Key, offset: number, bit: 0 | 1): number;
  /** A bit, 0 beyond the end. */
  getbit(key: Key, offset: number): number;
  /** Bits that are 1, of the bytes or bits from `start` to `end`. */
  bitcount(key: Key, start?: number, end?: number, unit?: "BYTE" | "BIT"): number;
  /** Place of the first such bit, -1 if there is none. */
  bitpos(key: Key, bit: 0 | 1, start?: number, end?: number, unit?: "BYTE" | "BIT"): number;
  /** Stores what an operation on strings gives. @returns the length of the result in bytes */
  bitop(
    operation: "AND" | "OR" | "XOR" | "NOT" | "DIFF" | "DIFF1" | "ANDOR" | "ONE",
    destination: Key,
    ...keys: Keys
  ): number;
  /** Reads and changes integers of any width: `bitfield("k", "INCRBY", "u8", 0, 1)`. */
  bitfield(key: Key, ...operations: Value[]): (Integer | null)[];
  /** Reads integers of any width. */
  bitfield_ro(key: Key, ...operations: Value[]): Integer[];
}

/** The commands that count unique elements. */
export interface HyperLogLogMethods {
  /** Adds elements. @returns 1 if the estimate changed, else 0 */
  pfadd(key: Key, ...elements: Values): number;
  /** About how many different elements were added to all of the keys. */
  pfcount(...keys: Keys): number;
  /** Merges estimates into one. */
  pfmerge(destination: Key, ...sources: Keys): "OK";
}

/** The commands on places. */
export interface GeoMethods<Text> {
  /** Adds members, each behind its longitude and latitude. @returns how many were added */
  geoadd(key: Key, ...longitudeLatitudeMember: Values): number;
  /** Distance in decimal digits, null if a member is not there. */
  geodist(key: Key, member1: Value, member2: Value, unit?: DistanceUnit): Text | null;
  /** The places of members as geohashes. */
  geohash(key: Key, ...members: Values): (Text | null)[];
  /** The places of members, null for each that is not there. */
  geopos(key: Key, ...members: Values): ([longitude: number, latitude: number] | null)[];
  /** The members within an area. */
  geosearch(key: Key, options: GeoSearchOptions): Text[];
  /** The same, options as the words of the command. */
  geosearch(key: Key, ...options: Value[]): ReplyValue[];
  /** Stores what `geosearch` gives. @returns how many were stored */
  geosearchstore(destination: Key, source: Key, ...options: (Value | GeoSearchOptions)[]): number;
  /** An older form of `geosearch`. */
  georadius(
    key: Key,
    longitude: number,
    latitude: number,
    radius: number,
    unit: DistanceUnit,
    ...options: Value[]
  ): ReplyValue[] | number;
  /** As `georadius`, but never stores. */
  georadius_ro(
    key: Key,
    longitude: number,
    latitude: number,
    radius: number,
    unit: DistanceUnit,
    ...options: Value[]
  ): ReplyValue[];
  /** An older form of `geosearch`. */
  georadiusbymember(
    key: Key,
    member: Value,
    radius: number,
    unit: DistanceUnit,
    ...options: Value[]
  ): ReplyValue[] | number;
  /** As `georadiusbymember`, but never stores. */
  georadiusbymember_ro(
    key: Key,
    member: Value,
    radius: number,
    unit: DistanceUnit,
    ...options: Value[]
  ): ReplyValue[];
}
