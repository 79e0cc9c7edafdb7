/** Places, distances and units as arguments and as replies. */
import { readDouble } from "../../bytes/decimal.ts";
import { LATITUDE_LIMIT, LONGITUDE_LIMIT, type Place } from "../../bytes/geohash.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_A_FLOAT } from "../errors.ts";

const METRES: Readonly<Record<string, number>> = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 };
const DISTANCE_DECIMALS = 4;
const COORDINATE_DECIMALS = 17;
const ERROR_DECIMALS = 6;

/** @returns the number that an argument holds, NaN if it holds none */
export function readNumber(call: Call, i: number): number {
  return readDouble(call.batch.input.bytes, call.offset(i), call.length(i));
}

/** @param i argument with the longitude; the latitude follows @returns undefined after an error was replied */
export function readPlace(call: Call, i: number, reply: ReplyWriter): Place | undefined {
  const longitude = readNumber(call, i), latitude = readNumber(call, i + 1);
  if (longitude !== longitude || latitude !== latitude) {
    reply.error(NOT_A_FLOAT);
    return undefined;
  }
  if (Math.abs(longitude) > LONGITUDE_LIMIT || Math.abs(latitude) > LATITUDE_LIMIT) {
    const pair = `${printed(longitude)},${printed(latitude)}`;
    reply.error(`ERR invalid longitude,latitude pair ${pair}`);
    return undefined;
  }
  return { longitude, latitude };
}

/** As C's "%f". */
function printed(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Math.abs(value) < 1e21) {
    return (Object.is(value, -0) ? "-" : "") + value.toFixed(ERROR_DECIMALS);
  }
  return `${BigInt(value)}.${"0".repeat(ERROR_DECIMALS)}`;
}

/** @returns how many metres the unit is that an argument names; 0 after an error was replied */
export function readUnit(call: Call, i: number, reply: ReplyWriter): number {
  const metres = METRES[call.keyword(i)];
  if (metres !== undefined) return metres;
  reply.error("ERR unsupported unit provided. please use M, KM, FT, MI");
  return 0;
}

/** Replies a distance, in whatever unit, with four decimals. */
export function replyDistance(distance: number, reply: ReplyWriter): void {
  const scaled = roundToEven(distance * 10 ** DISTANCE_DECIMALS);
  const digits = String(scaled).padStart(DISTANCE_DECIMALS + 1, "0");
  reply.text(`${digits.slice(0, -DISTANCE_DECIMALS)}.${digits.slice(-DISTANCE_DECIMALS)}`);
}

/** To the nearest whole number, halves to the even one. @param value not negative */
function roundToEven(value: number): number {
  const floor = Math.floor(value), rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

export function replyPlace({ longitude, latitude }: Place, reply: ReplyWriter): void {
  reply.array(2);
  replyCoordinate(longitude, reply);
  replyCoordinate(latitude, reply);
}

/** With up to 17 decimals. */
function replyCoordinate(degrees: number, reply: ReplyWriter): void {
  const digits = degrees.toFixed(COORDINATE_DECIMALS).replace(/\.?0+$/, "");
  reply.decimal(digits === "-0" ? "0" : digits);
}
