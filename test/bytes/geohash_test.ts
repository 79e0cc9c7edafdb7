import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodePlace,
  distanceBetween,
  distanceWithin,
  encodePlace,
  intervalsOf,
  LATITUDE_LIMIT,
  type Place,
  type SearchArea,
} from "../../src/bytes/geohash.ts";
import { chance, forSeeds } from "../support/model.ts";

const PALERMO: Place = { longitude: 13.361389, latitude: 38.115556 };
const CATANIA: Place = { longitude: 15.087269, latitude: 37.502669 };
/** Of a cell: some 0.6 m at the equator. */
const CELL_DEGREES = 360 / 2 ** 26;

test("places have the hashes that Redis gives them", () => {
  assert.equal(encodePlace(PALERMO), 3479099956230698);
  assert.equal(encodePlace(CATANIA), 3479447370796909);
  assert.deepEqual(decodePlace(3479099956230698), {
    longitude: 13.361389338970184,
    latitude: 38.1155563954963,
  });
  assert.equal(encodePlace({ longitude: -180, latitude: -LATITUDE_LIMIT }), 0);
});

test("decoding leads back into the same cell", () => {
  forSeeds(1, (random) => {
    for (let i = 0; i < 2000; i++) {
      const place = {
        longitude: random.int32() / 2 ** 31 * 180,
        latitude: random.int32() / 2 ** 31 * 85,
      };
      const hash = encodePlace(place);
      const decoded = decodePlace(hash);
      assert.ok(Math.abs(decoded.longitude - place.longitude) <= CELL_DEGREES);
      assert.ok(Math.abs(decoded.latitude - place.latitude) <= CELL_DEGREES);
      assert.equal(encodePlace(decoded), hash);
    }
  });
});

test("any score decodes to a place on the map", () => {
  const scores = [-1, 0.5, 2 ** 53, 2 ** 64, -(2 ** 63), 1e300, -1e300, Infinity, -Infinity, -0];
  for (const score of scores) {
    const { longitude, latitude } = decodePlace(score);
    assert.ok(Math.abs(longitude) <= 180 && Math.abs(latitude) <= LATITUDE_LIMIT, String(score));
  }
});

test("distances are those of the haversine formula", () => {
  const distance = distanceBetween(decodePlace(3479099956230698), decodePlace(3479447370796909));
  assert.equal(distance.toFixed(4), "166274.1516");
  assert.equal(distanceBetween(PALERMO, PALERMO), 0);
  const south = { longitude: 13.361389, latitude: 37.115556 };
  assert.ok(Math.abs(distanceBetween(PALERMO, south) - 111_226) < 1);
});

test("what is within an area has a hash in one of its intervals", () => {
  forSeeds(4, (random) => {
    const fraction = (): number => random.int32() / 2 ** 31;
    for (let i = 0; i < 300; i++) {
      const centre = { longitude: fraction() * 179, latitude: fraction() * 84 };
      const size = 10 ** (random.below(50) / 10);
      const area: SearchArea = chance(random, 0.5)
        ? { centre, radius: size }
        : { centre, width: size * (1 + random.below(4)), height: size };
      const degrees = size / 111_000;
      const intervals = intervalsOf(area);
      assert.ok(intervals.length <= 9);
      for (let j = 0; j < 50; j++) {
        const place = {
          longitude: centre.longitude + fraction() * degrees * 3,
          latitude: centre.latitude + fraction() * degrees * 2,
        };
        if (Math.abs(place.longitude) > 180 || Math.abs(place.latitude) > 85) continue;
        const hash = encodePlace(place);
        if (distanceWithin(area, decodePlace(hash)) < 0) continue;
        const isCovered = intervals.some(({ min, max }) => hash >= min && hash < max);
        assert.ok(isCovered, JSON.stringify({ area, place }));
      }
    }
  });
});
