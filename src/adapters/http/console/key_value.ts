/**
 * A key with one page of its value.
 *
 *   string   GETRANGE by bytes        list    LRANGE by index      zset    ZRANGE by rank
 *   hash     HSCAN by cursor          set     SSCAN by cursor      stream  XRANGE by id
 */
import type { Run } from "./commands.ts";
import { isContinuation } from "./text.ts";
import { bytesOf, itemsOf, numberOf, type Reply, textOf } from "./reply.ts";

/** Bytes of a string, and elements of anything else, that a page shows. */
const PAGE_BYTES = 8192;
const PAGE_ELEMENTS = 100;
const PAGE_ENTRIES = 50;

/** Most bytes of a letter of UTF-8 behind its first. */
const LETTER_REST = 3;

/** What is known of a key. */
export interface KeyFacts {
  readonly type: string;
  /** -1 = it stays. */
  readonly ttlMs: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly encoding: string;
}

/** A part of a value. `at` in `previous` and `next` is what `readValue` takes. */
export interface ValuePage {
  /** Elements, or bytes of a string; undefined = unknown. */
  readonly total: number | undefined;
  /** The first one shown; undefined where the order has no numbers. */
  readonly from: number | undefined;
  readonly previous: string | undefined;
  readonly next: string | undefined;
  readonly content:
    /** `tail`: the rest of a letter of UTF-8 that the page would cut in two. */
    | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly tail: Uint8Array }
    | {
      readonly kind: "rows";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Uint8Array[])[];
    };
}

/** A value that cannot be read, or is not there. */
export interface NoValue {
  readonly error: string;
}

/** @returns undefined if there is no such key */
export async function readFacts(
  run: Run,
  db: number,
  key: Uint8Array,
): Promise<KeyFacts | NoValue | undefined> {
  const [type, ttl, size, encoding] = await run([
    ["TYPE", key],
    ["PTTL", key],
    ["MEMORY", "USAGE", key],
    ["OBJECT", "ENCODING", key],
  ], { db });
  if (type.kind === "error") return { error: type.text };
  if (textOf(type) === "none") return undefined;
  return {
    type: textOf(type),
    ttlMs: numberOf(ttl),
    sizeBytes: numberOf(size),
    encoding: encoding.kind === "error" ? "" : textOf(encoding),
  };
}

/** @param at where the page begins, as the page before said; "" = at the start */
export async function readValue(
  run: Run,
  db: number,
  key: Uint8Array,
  type: string,
  at: string,
): Promise<ValuePage | NoValue> {
  const index = /^\d{1,15}$/.test(at) ? Number(at) : 0;
  const last = index + PAGE_ELEMENTS - 1;
  switch (type) {
    case "string":
      return await readString(run, db, key, index);
    case "list":
      return await readOrdered(run, db, ["LLEN", key], ["LRANGE", key, index, last], {
        index,
        columns: ["Index", "Element"],
        row: (items) => items.map((item) => [bytesOf(item)]),
      });
    case "zset":
      return await readOrdered(
        run,
        db,
        ["ZCARD", key],
        ["ZRANGE", key, index, last, "WITHSCORES"],
        {
          index,
          columns: ["Rank", "Score", "Member"],
          row: (items) =>
            items.map((pair) => {
              const [member, score] = itemsOf(pair);
              return [bytesOf(score), bytesOf(member)];
            }),
        },
      );
    case "hash":
      return await readScanned(run, db, ["HLEN", key], ["HSCAN", key], at, ["Field", "Value"]);
    case "set":
      return await readScanned(run, db, ["SCARD", key], ["SSCAN", key], at, ["Member"]);
    case "stream":
      return await readStream(run, db, key, at);
    default:
      return { error: `values of type ${type} cannot be shown` };
  }
}

async function readString(
  run: Run,
  db: number,
  key: Uint8Array,
  index: number,
): Promise<ValuePage | NoValue> {
  const [length, part] = await run([
    ["STRLEN", key],
    ["GETRANGE", key, index, index + PAGE_BYTES + LETTER_REST - 1],
  ], { db });
  const error = errorOf(length, part);
  if (error !== undefined) return error;
  const total = numberOf(length) ?? 0;
  const bytes = bytesOf(part);
  let end = Math.min(PAGE_BYTES, bytes.length);
  while (end < bytes.length && isContinuation(bytes[end])) end++;
  return {
    total,
    from: index,
    ...steps(index, PAGE_BYTES, total),
    content: {
      kind: "bytes",
      bytes: bytes.subarray(0, PAGE_BYTES),
      tail: bytes.subarray(PAGE_BYTES, end),
    },
  };
}

type Command = readonly (string | number | Uint8Array)[];

interface Ordered {
  readonly index: number;
  readonly columns: readonly string[];
  readonly row: (items: readonly Reply[]) => Uint8Array[][];
}

async function readOrdered(
  run: Run,
  db: number,
  count: Command,
  range: Command,
  { index, columns, row }: Ordered,
): Promise<ValuePage | NoValue> {
  const [length, elements] = await run([count, range], { db });
  const error = errorOf(length, elements);
  if (error !== undefined) return error;
  const total = numberOf(length) ?? 0;
  const numbers = (i: number): Uint8Array => new TextEncoder().encode(String(index + i));
  return {
    total,
    from: index,
    ...steps(index, PAGE_ELEMENTS, total),
    content: {
      kind: "rows",
      columns,
      rows: row(itemsOf(elements)).map((cells, i) => [numbers(i), ...cells]),
    },
  };
}

async function readScanned(
  run: Run,
  db: number,
  count: Command,
  scan: Command,
  at: string,
  columns: readonly string[],
): Promise<ValuePage | NoValue> {
  const cursor = /^\d{1,20}$/.test(at) ? at : "0";
  const [length, reply] = await run([count, [...scan, cursor, "COUNT", PAGE_ELEMENTS]], { db });
  const error = errorOf(length, reply);
  if (error !== undefined) return error;
  const [next, elements] = itemsOf(reply);
  const cells = itemsOf(elements).map(bytesOf);
  const rows: Uint8Array[][] = [];
  for (let i = 0; i < cells.length; i += columns.length) {
    rows.push(cells.slice(i, i + columns.length));
  }
  return {
    total: numberOf(length),
    from: undefined,
    previous: cursor === "0" ? undefined : "0",
    next: textOf(next) === "0" ? undefined : textOf(next),
    content: { kind: "rows", columns, rows },
  };
}

async function readStream(
  run: Run,
  db: number,
  key: Uint8Array,
  at: string,
): Promise<ValuePage | NoValue> {
  const start = /^\d{1,20}-\d{1,20}$/.test(at) ? at : "-";
  const [length, entries] = await run([
    ["XLEN", key],
    ["XRANGE", key, start === "-" ? "-" : `(${start}`, "+", "COUNT", PAGE_ENTRIES],
  ], { db });
  const error = errorOf(length, entries);
  if (error !== undefined) return error;
  const rows = itemsOf(entries).flatMap((entry) => {
    const [id, fields] = itemsOf(entry);
    const cells = itemsOf(fields).map(bytesOf);
    const ofEntry: Uint8Array[][] = [];
    for (let i = 0; i < cells.length; i += 2) {
      ofEntry.push([i === 0 ? bytesOf(id) : new Uint8Array(0), cells[i], cells[i + 1]]);
    }
    return ofEntry;
  });
  const last = itemsOf(entries).at(-1);
  const isFull = itemsOf(entries).length === PAGE_ENTRIES;
  return {
    total: numberOf(length),
    from: undefined,
    previous: start === "-" ? undefined : "-",
    next: isFull ? textOf(itemsOf(last)[0]) : undefined,
    content: { kind: "rows", columns: ["ID", "Field", "Value"], rows },
  };
}

function steps(index: number, step: number, total: number): Pick<ValuePage, "previous" | "next"> {
  return {
    previous: index > 0 ? String(Math.max(0, index - step)) : undefined,
    next: index + step < total ? String(index + step) : undefined,
  };
}

function errorOf(...replies: Reply[]): NoValue | undefined {
  const found = replies.find(({ kind }) => kind === "error");
  return found === undefined ? undefined : { error: textOf(found) };
}
