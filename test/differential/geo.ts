/** Random commands on places. */
import { fixed, type Kind, kind, thenDeleted, unchanged } from "./kinds.ts";
import type { Chooser } from "./pools.ts";

const UNITS = ["m", "km", "ft", "mi"];
/** Around these the places are: towns, the date line, both poles of the map, and the null island. */
const CENTRES: readonly (readonly [longitude: number, latitude: number])[] = [
  [13.361389, 38.115556],
  [15.087269, 37.502669],
  [179.9, 10],
  [-179.9, -10],
  [0, 0],
  [100, 85],
  [-70.5, -84.9],
  [2.35, 48.85],
];
const NO_PLACES = [
  "181 0",
  "0 86",
  "-180.1 0",
  "0 -85.06",
  "x 0",
  "0 x",
  "nan 0",
  "1e30 0",
  "inf 1",
];
const LIMITS = ["180 85.05112878", "-180 -85.05112878", "180 0", "0 85.05112878", "-180 85"];
const MEMBERS = 80;
/** Has a member with any score at all. */
const ODD_KEY = "{odd}geo";

/** Every member has places of its own, so that no two are equally far from anywhere. */
function placeOf(member: number, variant: number): [string, string] {
  const [longitude, latitude] = CENTRES[member % CENTRES.length];
  const distance = 10 ** (-(member % 7) / 2) * (1 + variant / 10);
  const angle = member * 2.399963 + variant;
  const x = longitude + distance * Math.cos(angle), y = latitude + distance * Math.sin(angle);
  const clamped = Math.max(-85, Math.min(85, y));
  return [String(x > 180 ? x - 360 : x < -180 ? x + 360 : x), String(clamped)];
}

function member(c: Chooser): string {
  return c.chance(92) ? `p${c.below(MEMBERS)}` : c.pick(["", "nosuch", "7", "p"]);
}

function placed(c: Chooser): string[] {
  const number = c.below(MEMBERS);
  if (c.chance(3)) {
    const limit = c.pick(LIMITS);
    return [...limit.split(" "), `limit${LIMITS.indexOf(limit)}`];
  }
  if (c.chance(3)) return [...c.pick(NO_PLACES).split(" "), `p${number}`];
  return [...placeOf(number, c.below(3)), `p${number}`];
}

function centre(c: Chooser): string[] {
  if (c.chance(8)) return c.pick([...LIMITS, ...NO_PLACES]).split(" ");
  const [longitude, latitude] = c.pick(CENTRES);
  const jitter = (): number => c.between(-1000, 1000) / 10 ** c.between(2, 6);
  return [String(longitude + jitter()), String(Math.max(-85, Math.min(85, latitude + jitter())))];
}

function length(c: Chooser): string {
  if (c.chance(4)) return c.pick(["0", "-1", "x", "", "inf", "1e10", "nan", "-0"]);
  return String(c.between(1, 999) * 10 ** c.between(-1, 4));
}

function unit(c: Chooser): string {
  return c.chance(97) ? c.word(c.pick(UNITS)) : c.pick(["cm", "", "yd", "k m"]);
}

function counted(c: Chooser): string[] {
  const count = c.chance(92) ? String(c.between(1, 20)) : c.pick(["0", "-1", "x", ""]);
  return [c.word("COUNT"), count, ...c.chance(15) ? [c.word("ANY")] : []];
}

function options(c: Chooser): string[] {
  return c.some(25, "WITHCOORD", "WITHDIST", "WITHHASH", "ASC", "DESC", () => counted(c));
}

function area(c: Chooser): string[] {
  const from = c.chance(50)
    ? [c.word("FROMMEMBER"), member(c)]
    : [c.word("FROMLONLAT"), ...centre(c)];
  const by = c.chance(50)
    ? [c.word("BYRADIUS"), length(c), unit(c)]
    : [c.word("BYBOX"), length(c), length(c), unit(c)];
  const both = c.chance(90) ? [...from, ...by] : [...by, ...from];
  return c.chance(97) ? both : c.chance(50) ? from : [...by, ...by];
}

function storeOptions(c: Chooser): string[] {
  return c.some(25, "ASC", "DESC", () => counted(c));
}

export const GEO_KINDS: readonly Kind[] = [
  kind(50, (c) => [
    ...["GEOADD", c.keyOf("geo"), ...c.some(12, "NX", "XX", "CH")],
    // Since 7.2, so many arguments are taken for so many members to come.
    ...Array.from({ length: c.between(1, 4) }, () => placed(c)).flat(),
  ]),
  kind(8, (c) => ["ZREM", c.keyOf("geo"), member(c), member(c)]),
  kind(20, (c) => ["GEOPOS", c.keyOf("geo"), member(c), member(c)]),
  kind(20, (c) => ["GEOHASH", c.keyOf("geo"), member(c), member(c)]),
  kind(20, (c) => [
    ...["GEODIST", c.keyOf("geo"), member(c), member(c)],
    ...c.chance(60) ? [unit(c)] : [],
  ]),
  kind(40, (c) => ["GEOSEARCH", c.keyOf("geo"), ...area(c), ...options(c)]),
  kind(
    14,
    (c) => ["GEOSEARCHSTORE", c.keyOf("geo"), c.keyOf("geo"), ...area(c), ...storeOptions(c)],
  ),
  thenDeleted(kind(6, (c) => [
    ...["GEOSEARCHSTORE", c.keyOf("geo"), c.keyOf("geo"), ...area(c), ...storeOptions(c)],
    c.word("STOREDIST"),
  ])),
  kind(14, (c) => [
    ...[c.pick(["GEORADIUS", "GEORADIUS_RO"]), c.keyOf("geo"), ...centre(c), length(c), unit(c)],
    ...options(c),
  ]),
  kind(14, (c) => [
    ...[c.pick(["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]), c.keyOf("geo"), member(c)],
    ...[length(c), unit(c), ...options(c)],
  ]),
  kind(8, (c) => [
    ...["GEORADIUS", c.keyOf("geo"), ...centre(c), length(c), unit(c), ...storeOptions(c)],
    ...[c.word("STORE"), c.keyOf("geo") as string],
  ]),
  kind(8, (c) => [
    ...["GEORADIUSBYMEMBER", c.keyOf("geo"), member(c), length(c), unit(c), ...storeOptions(c)],
    ...[c.word("STORE"), c.keyOf("geo") as string],
  ]),
  unchanged(kind(4, (c) => ["ZADD", ODD_KEY, ...strangeScore(c)])),
  unchanged(kind(4, (c) => [c.pick(["GEOPOS", "GEOHASH"]), ODD_KEY, "odd"])),
  kind(4, (c) => ["GEOSEARCH", ODD_KEY, ...area(c), ...options(c)]),
  fixed(2, [
    ...["GEOSEARCH geo:0 FROMLONLAT 1 1 BYRADIUS 1 m WITHDIST STOREDIST", "GEOADD geo:0 1 1"],
    ...["GEOSEARCH geo:0 FROMLONLAT 1 1 BYRADIUS 1 m ANY", "GEODIST geo:0 a b m m", "GEOPOS geo:0"],
    ...["GEORADIUS geo:0 1 1 1 m WITHDIST STORE x", "GEORADIUS_RO geo:0 1 1 1 m STORE x"],
    ...[
      "GEOSEARCHSTORE geo:1 geo:0 FROMLONLAT 1 1 BYRADIUS 1 m WITHDIST",
      "GEOADD geo:0 NX XX 1 1 a",
    ],
    ...["geosearch geo:0 FROMLONLAT 1 1 ASC DESC", "GeoSearch geo:0 BYRADIUS 1 m ASC DESC"],
    ...["GEORADIUSBYMEMBER nosuchkey a x parsec", "GEOSEARCH nosuchkey FROMMEMBER a BYBOX 1 1 m"],
    ...["GEOHASH nosuchkey a b", "GEOPOS nosuchkey a b", "GEODIST nosuchkey a b parsec"],
  ]),
];

/** Any score is some place. */
function strangeScore(c: Chooser): string[] {
  const scores = [
    "-1",
    "0",
    "1.5",
    "1e16",
    "9007199254740992",
    "4503599627370495",
    "1e300",
    "-1e300",
  ];
  return [
    c.pick([...scores, "-inf", "inf", "18446744073709551615", "-9223372036854775808"]),
    "odd",
  ];
}
