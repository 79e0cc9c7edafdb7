/**
 * Geohash: places on earth as whole numbers of 52 bits, such that those nearby mostly have the same
 * leading bits; and distances between them.
 *
 *   longitude -180..180 ──▶ 26 bits:  x25   x24   …  x0
 *   latitude   -85..85  ──▶ 26 bits:     y25   y24   …  y0      (Web Mercator ends at 85.05112878)
 *   hash                              x25 y25 x24 y24 … x0 y0   as a double, so as a score
 *
 * A cell of `steps` bits each way is the square of all hashes with the same 2 × steps leading bits. A
 * search looks at the cell of its centre and at the eight around it, which are made large enough.
 *
 * Example: (13.361389, 38.115556) is 3479099956230698, and within 0.6 m of what that decodes to.
 * Source: Redis src/geohash.c and geohash_helper.c; Niemeyer, geohash.org (2008); Sinnott, Virtues
 * of the Haversine (1984).
 */
export const LONGITUDE_LIMIT = 180;
export const LATITUDE_LIMIT = 85.05112878;
/** Bits each way of a hash. */
export const MAX_STEPS = 26;
const EARTH_RADIUS_M = 6372797.560856;
/** Half of the equator as Web Mercator has it, in metres. */
const MERCATOR_LIMIT_M = 20037726.37;
const RADIANS = Math.PI / 180;
const TWO_POW_32 = 4_294_967_296;
const TWO_POW_63 = 2 ** 63;
/** Latitudes from which cells are narrow, so that larger ones are searched. */
const NARROW_LATITUDE = 66;
const NARROWER_LATITUDE = 80;

/** A place in degrees. */
export interface Place {
  longitude: number;
  latitude: number;
}

/** Cell numbers from west to east and from south to north, of `steps` bits each. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** What is searched: a circle or a box around its centre. Lengths are in metres. */
export interface SearchArea {
  readonly centre: Place;
  /** Of a circle; undefined for a box. */
  readonly radius?: number;
  readonly width?: number;
  readonly height?: number;
}

/** Scores from `min` to below `max`. */
export interface ScoreInterval {
  readonly min: number;
  readonly max: number;
}

/** The 16 low bits of a number, each with a zero before it. */
function spread(value: number): number {
  let v = value & 0xffff;
  v = (v | (v << 8)) & 0x00ff_00ff;
  v = (v | (v << 4)) & 0x0f0f_0f0f;
  v = (v | (v << 2)) & 0x3333_3333;
  return (v | (v << 1)) & 0x5555_5555;
}

/** Every second of 32 bits, beginning with the lowest. */
function squash(value: number): number {
  let v = value & 0x5555_5555;
  v = (v | (v >>> 1)) & 0x3333_3333;
  v = (v | (v >>> 2)) & 0x0f0f_0f0f;
  v = (v | (v >>> 4)) & 0x00ff_00ff;
  return (v | (v >>> 8)) & 0xffff;
}

/** The bits of both, those of x before those of y; rounded where they are more than 53. */
function interleave({ x, y }: Cell): number {
  const low = (spread(y) | (spread(x) << 1)) >>> 0;
  const high = (spread(y >>> 16) | (spread(x >>> 16) << 1)) >>> 0;
  return high * TWO_POW_32 + low;
}

/** The cell of a place. The upper limits are in a cell of their own, behind all others. */
export function cellOf(
  { longitude, latitude }: Place,
  steps: number,
  latitudeLimit: number = LATITUDE_LIMIT,
): Cell {
  const cells = 2 ** steps;
  const x = (longitude + LONGITUDE_LIMIT) / (2 * LONGITUDE_LIMIT) * cells;
  const y = (latitude + latitudeLimit) / (2 * latitudeLimit) * cells;
  return { x: Math.floor(x), y: Math.floor(y) };
}

/** Hash of a place. @param latitudeLimit of the hashes; geohash.org has 90 */
export function encodePlace(place: Place, latitudeLimit: number = LATITUDE_LIMIT): number {
  return interleave(cellOf(place, MAX_STEPS, latitudeLimit));
}

/** The middle of a hash's cell, whatever score was given for a hash. */
export function decodePlace(score: number): Place {
  const [low, high] = bitsOf(score);
  const y = (squash(low) | (squash(high) << 16)) >>> 0;
  const x = (squash(low >>> 1) | (squash(high >>> 1) << 16)) >>> 0;
  const cell = edgesOf({ x, y }, MAX_STEPS);
  return {
    longitude: clamp((cell.west + cell.east) / 2, LONGITUDE_LIMIT),
    latitude: clamp((cell.south + cell.north) / 2, LATITUDE_LIMIT),
  };
}

/** The low and the high 32 bits of a double made an unsigned integer, as x86-64 does it. */
function bitsOf(score: number): [low: number, high: number] {
  const whole = Math.trunc(score);
  if (whole >= 0 && whole < Number.MAX_SAFE_INTEGER) {
    return [whole >>> 0, Math.floor(whole / TWO_POW_32)];
  }
  if (whole < -TWO_POW_63) return [0, 0x8000_0000];
  if (whole >= 2 * TWO_POW_63) return [0, 0];
  const bits = BigInt.asUintN(64, BigInt(whole));
  return [Number(bits & 0xffff_ffffn), Number(bits >> 32n)];
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

interface Edges {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

function edgesOf({ x, y }: Cell, steps: number): Edges {
  const cells = 2 ** steps;
  const longitudes = 2 * LONGITUDE_LIMIT, latitudes = 2 * LATITUDE_LIMIT;
  return {
    west: -LONGITUDE_LIMIT + (x / cells) * longitudes,
    east: -LONGITUDE_LIMIT + (((x + 1) >>> 0) / cells) * longitudes,
    south: -LATITUDE_LIMIT + (y / cells) * latitudes,
    north: -LATITUDE_LIMIT + (((y + 1) >>> 0) / cells) * latitudes,
  };
}

/** Great-circle distance in metres. */
export function distanceBetween(from: Place, to: Place): number {
  const fromLongitude = from.longitude * RADIANS, toLongitude = to.longitude * RADIANS;
  const v = Math.sin((toLongitude - fromLongitude) / 2);
  if (v === 0) return latitudeDistance(from.latitude, to.latitude);
  const fromLatitude = from.latitude * RADIANS, toLatitude = to.latitude * RADIANS;
  const u = Math.sin((toLatitude - fromLatitude) / 2);
  const a = u * u + Math.cos(fromLatitude) * Math.cos(toLatitude) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(a));
}

function latitudeDistance(from: number, to: number): number {
  return EARTH_RADIUS_M * Math.abs(to * RADIANS - from * RADIANS);
}

/** @returns the distance of a place from the centre in metres, -1 when it is not in the area */
export function distanceWithin({ centre, radius, width, height }: SearchArea, to: Place): number {
  if (radius !== undefined) {
    const distance = distanceBetween(centre, to);
    return distance > radius ? -1 : distance;
  }
  if (latitudeDistance(to.latitude, centre.latitude) > height! / 2) return -1;
  const sameLatitude = { longitude: centre.longitude, latitude: to.latitude };
  if (distanceBetween(to, sameLatitude) > width! / 2) return -1;
  return distanceBetween(centre, to);
}

/** Bits each way of cells as large as the radius, or somewhat larger. */
function stepsFor(radius: number, latitude: number): number {
  if (radius === 0) return MAX_STEPS;
  let steps = 1;
  for (let size = radius; size < MERCATOR_LIMIT_M; size *= 2) steps++;
  steps -= 2;
  if (Math.abs(latitude) > NARROW_LATITUDE) steps--;
  if (Math.abs(latitude) > NARROWER_LATITUDE) steps--;
  return Math.max(1, Math.min(MAX_STEPS, steps));
}

/** The smallest box of degrees around an area. */
function boundsOf({ centre, radius, width, height }: SearchArea): Edges {
  const { longitude, latitude } = centre;
  const halfHeight = radius ?? height! / 2, halfWidth = radius ?? width! / 2;
  const latitudes = halfHeight / EARTH_RADIUS_M / RADIANS;
  const nearPole = latitude < 0 ? latitude - latitudes : latitude + latitudes;
  const longitudes = halfWidth / EARTH_RADIUS_M / Math.cos(nearPole * RADIANS) / RADIANS;
  return {
    west: longitude - longitudes,
    east: longitude + longitudes,
    south: latitude - latitudes,
    north: latitude + latitudes,
  };
}

/** Neighbours in the order in which they are searched, as steps to the east and to the north. */
const NEIGHBOURS = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

function neighbourOf({ x, y }: Cell, east: number, north: number, steps: number): Cell {
  const mask = 2 ** steps - 1;
  return { x: east === 0 ? x : (x + east) & mask, y: north === 0 ? y : (y + north) & mask };
}

/** The intervals of scores that all places of an area are in, in the order of the search. */
export function intervalsOf(area: SearchArea): ScoreInterval[] {
  const { centre } = area;
  const radius = area.radius ?? Math.sqrt((area.width! / 2) ** 2 + (area.height! / 2) ** 2);
  const bounds = boundsOf(area);
  let steps = stepsFor(radius, centre.latitude);
  if (steps > 1 && !covers(cellOf(centre, steps), steps, bounds)) steps--;
  const cell = cellOf(centre, steps);
  const edges = edgesOf(cell, steps);
  const size = 2 ** (2 * (MAX_STEPS - steps));
  const intervals: ScoreInterval[] = [];
  let last = -1;
  for (const [east, north] of NEIGHBOURS) {
    if (steps >= 2 && isBeyond(edges, bounds, east, north)) continue;
    const bits = interleave(neighbourOf(cell, east, north, steps));
    // With few steps, cells on both sides are the same one.
    if (intervals.length > 1 && bits === last) continue;
    last = bits;
    intervals.push({ min: bits * size, max: (bits + 1) * size });
  }
  return intervals;
}

/** Whether the cells around one reach to the bounds. */
function covers(cell: Cell, steps: number, bounds: Edges): boolean {
  return edgesOf(neighbourOf(cell, 0, 1, steps), steps).north >= bounds.north &&
    edgesOf(neighbourOf(cell, 0, -1, steps), steps).south <= bounds.south &&
    edgesOf(neighbourOf(cell, 1, 0, steps), steps).east >= bounds.east &&
    edgesOf(neighbourOf(cell, -1, 0, steps), steps).west <= bounds.west;
}

/** Whether the cell in the middle reaches further than the bounds on that side. */
function isBeyond(cell: Edges, bounds: Edges, east: number, north: number): boolean {
  return (north < 0 && cell.south < bounds.south) || (north > 0 && cell.north > bounds.north) ||
    (east < 0 && cell.west < bounds.west) || (east > 0 && cell.east > bounds.east);
}
