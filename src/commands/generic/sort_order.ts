/** The order that SORT brings elements into: by number or by text, up or down. */
import { readFloat } from "../../bytes/ascii.ts";
import { compareBytes } from "../../bytes/compare.ts";
import { MemberList } from "../../engine/member_list.ts";
import type { Region } from "../../ports/region.ts";

/** Indexes into a list of elements, in a new order. */
export type Order = Int32Array;

/** @returns the indexes 0 to `count` - 1 */
export function ordered(count: number): Order {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order;
}

/** Sorts by number; elements with the same one by their bytes. */
export function sortByNumber(
  order: Order,
  elements: MemberList,
  numbers: Float64Array,
  isDescending: boolean,
): void {
  const sign = isDescending ? -1 : 1;
  order.sort((a, b) => {
    const difference = numbers[a] - numbers[b];
    if (difference > 0) return sign;
    if (difference < 0) return -sign;
    return sign * compareTexts(elements, a, b) || a - b;
  });
}

/** Sorts by the text of each element's weight; those without one come first. */
export function sortByText(order: Order, weights: MemberList, isDescending: boolean): void {
  const sign = isDescending ? -1 : 1;
  order.sort((a, b) => {
    if (!weights.isDropped(a) && !weights.isDropped(b)) {
      return sign * compareTexts(weights, a, b) || a - b;
    }
    return sign * (Number(weights.isDropped(b)) - Number(weights.isDropped(a))) || a - b;
  });
}

/** Orders two texts of a list as C's memcmp, the shorter of two that agree first. */
function compareTexts(list: MemberList, a: number, b: number): number {
  const lengthA = list.lengthAt(a), lengthB = list.lengthAt(b);
  const common = Math.min(lengthA, lengthB);
  const regionA = list.regionAt(a), regionB = list.regionAt(b);
  return compareBytes(regionA, list.offsetAt(a), regionB, list.offsetAt(b), common) ||
    lengthA - lengthB;
}

/** Length of a text up to its first zero byte, as C sees it. */
export function textLength(region: Region, offset: number, length: number): number {
  const { bytes } = region;
  for (let i = 0; i < length; i++) if (bytes[offset + i] === 0) return i;
  return length;
}

/**
 * Reads a number as SORT does, by C's `strtod`: blanks before it are fine, nothing at all is 0, and
 * a zero byte ends it.
 * @returns undefined if it is none
 */
export function readWeight(region: Region, offset: number, length: number): number | undefined {
  const { bytes } = region;
  const end = offset + textLength(region, offset, length);
  if (end === offset) return 0;
  let at = offset;
  while (at < end && isBlank(bytes[at])) at++;
  return at === end ? undefined : readFloat(bytes, at, end - at);
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
