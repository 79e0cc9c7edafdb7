/**
 * How much one node of a list may hold, by `list-max-listpack-size`.
 *
 *   1 and more   so many elements, as long as they take at most 8192 bytes; 0 is as good as 1
 *   -1 ... -5    4096, 8192, 16384, and twice MAX_NODE_BYTES bytes; less is as good as -5
 *
 * Source: Redis src/quicklist.c, but for MAX_NODE_BYTES, where that has 32 and 64 KiB.
 */
import { MAX_COMPACT_BYTES } from "../memory/record.ts";

/** Longest listpack that a node, or the record of a short list, is filled to; in bytes. */
export const MAX_NODE_BYTES: number = MAX_COMPACT_BYTES;
const SIZE_LIMITS: readonly number[] = [4096, 8192, 16_384, MAX_NODE_BYTES, MAX_NODE_BYTES];
/** Bytes of a listpack without elements. */
const MIN_LISTPACK_BYTES = 7;
/** Bytes of a node whose elements are counted. */
const SAFE_BYTES = 8192;
/** What an element is reckoned to take beyond its text. */
const ELEMENT_OVERHEAD = 8;

/** Most bytes of a node; Infinity when its elements are counted. */
function sizeLimit(fill: number): number {
  return fill >= 0 ? Infinity : SIZE_LIMITS[Math.min(-fill, SIZE_LIMITS.length) - 1];
}

/** Most elements of a node; Infinity when its bytes are what counts. */
function countLimit(fill: number): number {
  return fill < 0 ? Infinity : fill === 0 ? 1 : fill;
}

/** Most bytes that a node grows to by what is pushed. */
export function nodeBytesLimit(fill: number): number {
  return fill >= 0 ? SAFE_BYTES : sizeLimit(fill);
}

/** Bytes of elements that a node will surely be filled with, 0 where their number is the limit. */
export function roomOfFullNode(fill: number): number {
  return fill < 0 ? sizeLimit(fill) - MIN_LISTPACK_BYTES : 0;
}

/** Whether a listpack of so many bytes and elements is more than a node may hold. */
export function exceedsLimit(fill: number, bytes: number, count: number): boolean {
  return bytes > nodeBytesLimit(fill) || count > countLimit(fill);
}

/** Whether it is at most half of that, where a list shrinks back to one listpack. */
export function isWithinHalf(fill: number, bytes: number, count: number): boolean {
  return bytes <= Math.floor(Math.min(sizeLimit(fill), MAX_NODE_BYTES * 2) / 2) &&
    count <= Math.floor(countLimit(fill) / 2);
}

/** Whether it is no more than that, so that a list of one node can be one listpack. */
export function isWithinWhole(fill: number, bytes: number, count: number): boolean {
  return bytes <= Math.min(sizeLimit(fill), MAX_NODE_BYTES) && count <= countLimit(fill);
}

/** Whether a node with so many bytes and elements takes another one of this length. */
export function hasRoom(fill: number, bytes: number, count: number, length: number): boolean {
  return !exceedsLimit(fill, bytes + length + ELEMENT_OVERHEAD, count + 1);
}

/** Whether an element is so long that it gets a node of its own, outside of any listpack. */
export function isLarge(fill: number, length: number): boolean {
  return length > nodeBytesLimit(fill);
}
