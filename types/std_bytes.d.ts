// The types of `@std/bytes`, whose npm package carries the compiled sources alone.

declare module "@std/bytes" {
  /** Joins byte slices into one new slice. */
  export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** Copies `src` into `dst` from `offset` on and returns the number of bytes copied. */
  export function copy(src: Uint8Array, dst: Uint8Array, offset?: number): number;
  /** Tells whether `source` ends with `suffix`. */
  export function endsWith(source: Uint8Array, suffix: Uint8Array): boolean;
  /** Tells whether two slices hold the same bytes. */
  export function equals(a: Uint8Array, b: Uint8Array): boolean;
  /** Tells whether `needle` occurs in `source` at or after `start`. */
  export function includesNeedle(source: Uint8Array, needle: Uint8Array, start?: number): boolean;
  /** Returns the index of the first `needle` at or after `start`, or -1. */
  export function indexOfNeedle(source: Uint8Array, needle: Uint8Array, start?: number): number;
  /** Returns the index of the last `needle` at or before `start`, or -1. */
  export function lastIndexOfNeedle(source: Uint8Array, needle: Uint8Array, start?: number): number;
  /** Returns a new slice that holds `source` `count` times. */
  export function repeat(source: Uint8Array, count: number): Uint8Array<ArrayBuffer>;
  /** Tells whether `source` starts with `prefix`. */
  export function startsWith(source: Uint8Array, prefix: Uint8Array): boolean;
}
