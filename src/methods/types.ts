/** What the methods of a cache have in common: keys, values, expiries. */
import type { CommandArgument } from "../protocol/command_encoder.ts";

/** Name of a key. */
export type Key = string | Uint8Array;

/** A value to store, or any other argument: text as UTF-8, numbers in decimal digits, bytes as they are. */
export type Value = CommandArgument;

/** Any number of keys, also some of them as an array. */
export type Keys = (Key | readonly Key[])[];

/** Any number of values, also some of them as an array. */
export type Values = (Value | readonly Value[])[];

/** An integer reply: a bigint only beyond ±(2⁵³-1). */
export type Integer = number | bigint;

/** Keys with their values: an object, or a Map or array of pairs where keys are bytes. */
export type Pairs = Readonly<Record<string, Value>> | Iterable<readonly [Key, Value]>;

/** When a key expires; at most one of them. */
export interface ExpiryOptions {
  /** Seconds from now. */
  readonly ex?: number | undefined;
  /** Milliseconds from now. */
  readonly px?: number | undefined;
  /** Unix time in seconds. */
  readonly exat?: number | undefined;
  /** Unix time in milliseconds. */
  readonly pxat?: number | undefined;
}
