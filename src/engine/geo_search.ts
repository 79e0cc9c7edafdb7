/**
 * Finds the members of a sorted set whose scores are geohashes of places within an area.
 *
 * Cost: O(log n) for each of at most nine intervals of scores, and one distance for each member there.
 */
import { decodePlace, distanceWithin, intervalsOf, type SearchArea } from "../bytes/geohash.ts";
import type { RecordRef } from "./keyspace.ts";
import type { MemberList } from "./member_list.ts";
import type { Records } from "./records.ts";
import { SortedSetCursor } from "./sorted_set_cursor.ts";
import { findScores, type RankRange, type ScoreRange } from "./sorted_set_ranges.ts";

/** A member that was found. */
export interface FoundPlace {
  /** Index in the list of members. */
  readonly index: number;
  readonly score: number;
  readonly longitude: number;
  readonly latitude: number;
  /** From the centre, in metres. */
  readonly distance: number;
}

const cursor = new SortedSetCursor();
const range: ScoreRange = { min: 0, isMinOpen: false, max: 0, isMaxOpen: true };
const ranks: RankRange = { start: 0, count: 0 };

/**
 * @param limit after how many to stop, 0 = never
 * @param members gets the bytes of what is found
 */
export function searchPlaces(
  ks: Records,
  ref: RecordRef,
  area: SearchArea,
  limit: number,
  members: MemberList,
): FoundPlace[] {
  const places: FoundPlace[] = [];
  for (const { min, max } of intervalsOf(area)) {
    range.min = min;
    range.max = max;
    findScores(ks, ref, range, ranks);
    if (ranks.count === 0) continue;
    cursor.open(ks, ref, ranks.start, false);
    for (let left = ranks.count; left > 0; left--) {
      const { score } = cursor;
      const { longitude, latitude } = decodePlace(score);
      const distance = distanceWithin(area, { longitude, latitude });
      if (distance >= 0) {
        places.push({ index: places.length, score, longitude, latitude, distance });
        members.add(cursor.memory, cursor.offset, cursor.length, cursor.isLasting);
        if (places.length === limit) return places;
      }
      if (left > 1) cursor.next();
    }
  }
  return places;
}
