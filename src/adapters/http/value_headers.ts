/** The headers of values: conditions, ranges, lifetimes. Source: RFC 9110 §13, §14; RFC 9111 §5.2 */

/** A list of entity tags, or "*". */
export interface TagList {
  readonly isAny: boolean;
  readonly tags: readonly { readonly tag: string; readonly isWeak: boolean }[];
}

/** Part of a value in bytes; `end` is behind it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const TAG_LIST =
  /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:[\s,]+(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*[\s,]*$/;
const TAG = /(W\/)?"([^"]*)"/g;
const RANGE = /^bytes=\s*(\d*)-(\d*)\s*$/i;
const MAX_AGE = /^max-age=(?:(\d+)|"(\d+)")$/i;
/** No longer than Redis's clock can tell in ms. */
const MAX_SECONDS = 9_000_000_000_000;

/** @returns the tags that If-Match or If-None-Match lists, undefined if that is not what it is */
export function readTags(header: string): TagList | undefined {
  if (header.trim() === "*") return { isAny: true, tags: [] };
  if (!TAG_LIST.test(header)) return undefined;
  const tags = [...header.matchAll(TAG)].map(([, weak, tag]) => ({
    tag,
    isWeak: weak !== undefined,
  }));
  return { isAny: false, tags };
}

/** Whether If-Match lets it pass: tags must be strong. @param tag of what is there, undefined = nothing */
export function matches(list: TagList, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  return list.isAny || list.tags.some((other) => !other.isWeak && other.tag === tag);
}

/** Whether If-None-Match stops it, which takes weak tags for what they name. */
export function matchesWeakly(list: TagList, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  return list.isAny || list.tags.some((other) => other.tag === tag);
}

/**
 * @returns the one range that is asked for, "none" if nothing of it is there; undefined if it is several,
 * or another unit, which is answered with the whole
 */
export function readRange(header: string, length: number): ByteRange | "none" | undefined {
  const found = RANGE.exec(header);
  if (found === null) return undefined;
  const [, first, last] = found;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const count = Math.min(Number(last), length);
    return count === 0 ? "none" : { start: length - count, end: length };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= length) return "none";
  return { start, end: last === "" ? length : Math.min(Number(last) + 1, length) };
}

/** @returns seconds that Cache-Control lets a value live, undefined = it does not say, -1 = wrongly */
export function readMaxAge(header: string | undefined): number | undefined {
  let seconds: number | undefined;
  for (const part of (header ?? "").split(",")) {
    const directive = part.trim();
    if (!/^max-age(=|$)/i.test(directive)) continue;
    const [, plain, quoted] = MAX_AGE.exec(directive) ?? [];
    const value = Number(plain ?? quoted ?? NaN);
    if (seconds !== undefined || !(value >= 1 && value <= MAX_SECONDS)) return -1;
    seconds = value;
  }
  return seconds;
}
