/** Searches for places, and what is done with those that were found. */
import { sortPart } from "../../bytes/partial_sort.ts";
import { type FoundPlace, searchPlaces } from "../../engine/geo_search.ts";
import { EVENT_ZSET } from "../../engine/key_changes.ts";
import { MemberList } from "../../engine/member_list.ts";
import { SortedSetBuilder } from "../../engine/sorted_set_builder.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { removeDestination } from "../key_events.ts";
import { lookupSortedSet } from "../sorted_set/arguments.ts";
import { replyDistance, replyPlace } from "./arguments.ts";
import { type SearchForm, SearchOptions, type SearchQuery } from "./search_options.ts";

const TWO_POW_63 = 2 ** 63;

/** A handler fills it and clears it. */
const members = new MemberList();

/** @param key argument that names the sorted set */
export function search(call: Call, reply: ReplyWriter, key: number, form: SearchForm): void {
  const ref = lookupSortedSet(call, key, reply, false);
  if (ref === undefined) return;
  const options = new SearchOptions(call, reply, form, ref);
  const { query } = options;
  let first = key + 1;
  if (form.centre === "place") {
    if (!options.readPlace(2) || !options.readRadius(4)) return;
    first = 6;
  } else if (form.centre === "member") {
    if (ref !== 0 && !(options.readMember(2) && options.readRadius(3))) return;
    first = 5;
  }
  if (!options.read(first)) return;
  if (form.storing === "always") query.storeArg = 1;
  if (ref === 0) {
    if (query.storeArg === 0) return reply.array(0);
    removeDestination(call, query.storeArg);
    return reply.integer(0);
  }
  try {
    const limit = query.isAny ? query.count : 0;
    const places = searchPlaces(call.engine.keyspace, ref, query.area, limit, members);
    sortPlaces(places, query);
    if (query.count !== 0 && places.length > query.count) places.length = query.count;
    if (query.storeArg === 0) replyPlaces(places, query, reply);
    else storePlaces(call, places, query, form, reply);
  } finally {
    members.clear();
  }
}

/** The nearest are meant where only some are wanted, unless any will do. */
function sortPlaces(places: FoundPlace[], { order, count, isAny }: SearchQuery): void {
  const isAscending = order === "ascending" || (order !== "descending" && count !== 0 && !isAny);
  if (order !== "descending" && !isAscending) return;
  const compare = isAscending
    ? (a: FoundPlace, b: FoundPlace) => a.distance - b.distance
    : (a: FoundPlace, b: FoundPlace) => b.distance - a.distance;
  // Which of those that are equally far come first, and so are among the wanted, is as in Redis.
  if (count === 0 || count >= places.length) places.sort(compare);
  else sortPart(places, compare, 0, count - 1);
}

function replyPlaces(
  places: readonly FoundPlace[],
  { metres, hasDistances, hasHashes, hasCoordinates }: SearchQuery,
  reply: ReplyWriter,
): void {
  const extras = Number(hasDistances) + Number(hasHashes) + Number(hasCoordinates);
  reply.array(places.length);
  for (const place of places) {
    if (extras > 0) reply.array(1 + extras);
    members.replyAt(place.index, reply);
    if (hasDistances) replyDistance(place.distance / metres, reply);
    if (hasHashes) reply.integer(toInt64(place.score));
    if (hasCoordinates) replyPlace(place, reply);
  }
}

/** A score as a 64-bit integer, as x86-64 converts doubles: what does not fit is the smallest one. */
function toInt64(score: number): number | bigint {
  const whole = Math.trunc(score);
  if (Number.isSafeInteger(whole)) return whole;
  return Math.abs(whole) < TWO_POW_63 ? BigInt(whole) : -(1n << 63n);
}

function storePlaces(
  call: Call,
  places: readonly FoundPlace[],
  { metres, storeArg, storesDistances }: SearchQuery,
  form: SearchForm,
  reply: ReplyWriter,
): void {
  if (places.length === 0) {
    removeDestination(call, storeArg);
    return reply.integer(0);
  }
  const { keyspace, settings } = call.engine;
  const { batch, db } = call;
  const arg = call.first + storeArg;
  const builder = new SortedSetBuilder(keyspace, batch.argHashes[arg]);
  try {
    for (const { index, distance, score } of places) {
      const region = members.regionAt(index);
      const stored = storesDistances ? distance / metres : score;
      builder.add(stored, region, members.offsetAt(index), members.lengthAt(index));
    }
    builder.store(db, batch, arg, settings);
  } finally {
    builder.release();
  }
  const event = form.storing === "always" ? "geosearchstore" : "georadiusstore";
  call.changed(storeArg, EVENT_ZSET, event);
  reply.integer(places.length);
}
