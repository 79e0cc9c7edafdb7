/** SORT and SORT_RO: the elements of a list, a set or a sorted set in another order. */
import { equalsIgnoreCase } from "../../bytes/ascii.ts";
import { EVENT_LIST } from "../../engine/key_changes.ts";
import { makeSkipList } from "../../engine/sorted_sets.ts";
import { type RecordRef, TYPE_LIST, TYPE_SET, TYPE_ZSET } from "../../engine/keyspace.ts";
import { MemberList } from "../../engine/member_list.ts";
import { ShownBytes } from "../../engine/shown_bytes.ts";
import type { CommandBatch } from "../../ports/command_batch.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import { mayReadEveryKey } from "../acl/denials.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";
import { removeDestination } from "../key_events.ts";
import type { CommandSpec, KeySpec } from "../spec.ts";
import { elementCount, listElements, storeList } from "./sort_elements.ts";
import {
  type Order,
  ordered,
  readWeight,
  sortByNumber,
  sortByText,
  textLength,
} from "./sort_order.ts";
import { lookupPattern, parseSortPattern, type SortPattern } from "./sort_pattern.ts";

const FIRST_OPTION_ARG = 2;
/** What a user may see by a pattern is known only where it may see everything. */
const DENIED = "option of SORT denied due to insufficient ACL permissions.";
const NOT_NUMBERS = "ERR One or more scores can't be converted into double";
const COMPLEXITY =
  "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M " +
  "the number of returned elements. When the elements are not sorted, complexity is O(N).";
const SYNTAX = "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] " +
  "[ASC | DESC] [ALPHA]";
/** What follows each word that SORT's key finder passes over, in arguments. */
const PASSED_OVER: readonly (readonly [word: string, count: number])[] = [
  ["LIMIT", 2],
  ["GET", 1],
  ["BY", 1],
];

const SORTED_KEY: KeySpec = { flags: ["RO", "access"], search: 1, range: [0, 1, 0] };
const PATTERN_KEYS: KeySpec = {
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from " +
    "the content of the key we sort",
  flags: ["RO", "access"],
};
const STORED_KEY: KeySpec = {
  notes: "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear " +
    "anywhere in the argument array",
  flags: ["OW", "update"],
};

export const SORT = {
  name: "sort",
  arity: -2,
  flags: ["write", "denyoom", "movablekeys"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  keySpecs: [SORTED_KEY, PATTERN_KEYS, STORED_KEY],
  useOfKey: (_batch, _first, _argc, i) => i === 0 ? ["RO", "access"] : ["OW", "update"],
  findKeys: (batch, first, argc, found) => {
    found(1);
    const store = storeArgument(batch, first, argc);
    if (store > 0) found(store);
  },
  categories: ["set", "sortedset", "list", "dangerous"],
  since: "1.0.0",
  group: "generic",
  complexity: COMPLEXITY,
  summary: "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
  syntax: `${SYNTAX} [STORE destination]`,
  run: (call, reply) => sort(call, reply, false),
} as const satisfies CommandSpec;

export const SORT_RO = {
  name: "sort_ro",
  arity: -2,
  flags: ["readonly", "movablekeys"],
  keys: [1, 1, 1],
  keyFlags: ["RO", "access"],
  keySpecs: [SORTED_KEY, PATTERN_KEYS],
  categories: ["set", "sortedset", "list", "dangerous"],
  since: "7.0.0",
  group: "generic",
  complexity: COMPLEXITY,
  summary: "Returns the sorted elements of a list, a set, or a sorted set.",
  syntax: SYNTAX,
  run: (call, reply) => sort(call, reply, true),
} as const satisfies CommandSpec;

/** Position of the destination, the name being 0; 0 = none. */
function storeArgument(batch: CommandBatch, first: number, argc: number): number {
  const is = (i: number, word: string): boolean => {
    const { bytes } = batch.input;
    return batch.argLengths[first + i] === word.length &&
      equalsIgnoreCase(bytes, batch.argOffsets[first + i], word);
  };
  let found = 0;
  for (let i = FIRST_OPTION_ARG; i < argc; i++) {
    const passed = PASSED_OVER.find(([word]) => is(i, word));
    if (passed !== undefined) i += passed[1];
    else if (is(i, "STORE") && i + 1 < argc) found = ++i;
  }
  return found;
}

interface SortOptions {
  isDescending: boolean;
  isByText: boolean;
  /** Whether a BY names no key: the elements stay as they are. */
  isUnsorted: boolean;
  by: SortPattern | undefined;
  readonly get: SortPattern[];
  start: number;
  /** -1 = all. */
  count: number;
  /** Argument of the destination; 0 = none. */
  store: number;
}

/** @returns undefined after an error was replied */
function readOptions(call: Call, reply: ReplyWriter, isReadOnly: boolean): SortOptions | undefined {
  const options: SortOptions = {
    isDescending: false,
    isByText: false,
    isUnsorted: false,
    by: undefined,
    get: [],
    start: 0,
    count: -1,
    store: 0,
  };
  for (let i = FIRST_OPTION_ARG; i < call.argc; i++) {
    const left = call.argc - i - 1;
    if (call.is(i, "ASC")) options.isDescending = false;
    else if (call.is(i, "DESC")) options.isDescending = true;
    else if (call.is(i, "ALPHA")) options.isByText = true;
    else if (call.is(i, "LIMIT") && left >= 2) {
      const start = call.integer(i + 1), count = call.integer(i + 2);
      if (start === undefined || count === undefined) {
        reply.error(NOT_AN_INTEGER);
        return undefined;
      }
      options.start = start;
      options.count = count;
      i += 2;
    } else if (!isReadOnly && call.is(i, "STORE") && left >= 1) {
      options.store = ++i;
    } else if (call.is(i, "BY") && left >= 1) {
      options.by = parseSortPattern(call, ++i);
      if (options.by.star < 0) options.isUnsorted = true;
      else if (!mayReadEveryKey(call)) {
        reply.error(`ERR BY ${DENIED}`);
        return undefined;
      }
    } else if (call.is(i, "GET") && left >= 1) {
      if (!mayReadEveryKey(call)) {
        reply.error(`ERR GET ${DENIED}`);
        return undefined;
      }
      options.get.push(parseSortPattern(call, ++i));
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return options;
}

/** The elements, and what they are sorted by: a handler fills and clears them. */
const elements = new MemberList();
const weights = new MemberList();
const value = new ShownBytes();

function sort(call: Call, reply: ReplyWriter, isReadOnly: boolean): void {
  const options = readOptions(call, reply, isReadOnly);
  if (options === undefined) return;
  const { keyspace } = call.engine;
  let ref = call.lookupRead(1);
  const type = ref === 0 ? TYPE_LIST : keyspace.typeOf(ref);
  if (type !== TYPE_LIST && type !== TYPE_SET && type !== TYPE_ZSET) {
    return reply.error(WRONG_TYPE);
  }
  // Redis does so to have the elements at hand, and OBJECT ENCODING tells.
  if (type === TYPE_ZSET) ref = makeSkipList(keyspace, call.db, call.batch, call.first + 1, ref);
  if (options.isUnsorted && type === TYPE_SET && options.store > 0) {
    // What is stored must not depend on how the set is kept.
    options.isUnsorted = false;
    options.isByText = true;
    options.by = undefined;
  }
  try {
    sortElements(call, ref, type, options, reply);
  } finally {
    elements.clear();
    weights.clear();
  }
}

function sortElements(
  call: Call,
  ref: RecordRef,
  type: number,
  options: SortOptions,
  reply: ReplyWriter,
): void {
  const { keyspace } = call.engine;
  const total = ref === 0 ? 0 : elementCount(keyspace, ref);
  let start = Math.min(Math.max(options.start, 0), total);
  const count = Math.min(Math.max(options.count, -1), total);
  let end = count < 0 ? total : Math.min(start + count, total);
  if (options.isUnsorted && type !== TYPE_SET) {
    // These have an order of their own: only what is asked for is looked at.
    if (end > start) {
      listElements(keyspace, ref, start, end - start, options.isDescending, elements);
    }
    end = elements.count;
    start = 0;
  } else if (total > 0) {
    listElements(keyspace, ref, 0, total, false, elements);
  }
  const order = ordered(elements.count);
  if (!options.isUnsorted && !putInOrder(call, order, options)) return reply.error(NOT_NUMBERS);
  const result = order.subarray(start, Math.max(start, end));
  if (options.store > 0) store(call, result, options, reply);
  else replyResult(call, result, options, reply);
}

/** @returns whether all elements had numbers to be sorted by, where that is what was asked for */
function putInOrder(call: Call, order: Order, options: SortOptions): boolean {
  const { by, isByText, isDescending } = options;
  if (isByText) {
    addTexts(call, options);
    sortByText(order, weights, isDescending);
    return true;
  }
  const numbers = new Float64Array(elements.count);
  let areNumbers = true;
  for (let i = 0; i < elements.count; i++) {
    const region = elements.regionAt(i);
    const offset = elements.offsetAt(i), length = elements.lengthAt(i);
    if (by === undefined) value.show(region, offset, length);
    else if (!lookupPattern(call, by, region, offset, length, value)) continue;
    const number = readWeight(value.region, value.offset, value.length);
    // All keys are looked up nevertheless, as misses count and are told of.
    if (number === undefined) areNumbers = false;
    else numbers[i] = number;
  }
  if (!areNumbers) return false;
  sortByNumber(order, elements, numbers, isDescending);
  return true;
}

/** Lists the texts that the elements are sorted by; those without one are dropped from the list. */
function addTexts(call: Call, { by, store }: SortOptions): void {
  const { keyspace } = call.engine;
  for (let i = 0; i < elements.count; i++) {
    const region = elements.regionAt(i);
    const offset = elements.offsetAt(i), length = elements.lengthAt(i);
    const isThere = by === undefined || lookupPattern(call, by, region, offset, length, value);
    if (by === undefined || !isThere) value.show(region, offset, length);
    // As C's strcoll compares them, a zero byte ends a text; what is stored is compared whole.
    const textBytes = store > 0
      ? value.length
      : textLength(value.region, value.offset, value.length);
    weights.add(value.region, value.offset, textBytes, keyspace.owns(value.region));
    if (!isThere) weights.dropAt(i);
  }
}

function replyResult(call: Call, result: Order, { get }: SortOptions, reply: ReplyWriter): void {
  reply.array(result.length * Math.max(1, get.length));
  for (const i of result) {
    if (get.length === 0) elements.replyAt(i, reply);
    const region = elements.regionAt(i);
    const offset = elements.offsetAt(i), length = elements.lengthAt(i);
    for (const pattern of get) {
      if (!lookupPattern(call, pattern, region, offset, length, value)) reply.nil();
      else reply.bulk(value.region, value.offset, value.length);
    }
  }
}

/** Makes the destination a list of the result, or removes it when that is empty. */
function store(call: Call, result: Order, options: SortOptions, reply: ReplyWriter): void {
  const { get } = options;
  const texts = weights;
  texts.clear();
  for (const i of result) {
    const region = elements.regionAt(i);
    const offset = elements.offsetAt(i), length = elements.lengthAt(i);
    if (get.length === 0) texts.add(region, offset, length, false);
    for (const pattern of get) {
      if (!lookupPattern(call, pattern, region, offset, length, value)) value.show(region, 0, 0);
      texts.add(value.region, value.offset, value.length, false);
    }
  }
  if (texts.count === 0) {
    removeDestination(call, options.store);
  } else {
    storeList(call, options.store, texts);
    call.changed(options.store, EVENT_LIST, "sortstore");
  }
  reply.integer(texts.count);
}
