/** Ways in which two replies to the same command may be equal. */
import { Buffer } from "node:buffer";
import { elementsOf } from "../support/frames.ts";

/** First bytes of replies. */
const STAR = 42;
const MINUS = 45;
const COLON = 58;
const UNDERSCORE = 95;

/**
 * Compares the replies of both servers.
 * @param skewMs how far apart the two may have read their clocks
 */
export type Comparator = (real: Buffer, ours: Buffer, skewMs: number) => boolean;

export function isSame(real: Buffer, ours: Buffer): boolean {
  return real.equals(ours);
}

function integerOf(reply: Buffer): number | undefined {
  return reply[0] === COLON ? Number(reply.toString("latin1", 1, reply.length - 2)) : undefined;
}

/** Integers that a clock is part of; what is negative has a meaning of its own. */
function isNear(unitMs: number): Comparator {
  return (real, ours, skewMs) => {
    if (real.equals(ours)) return true;
    const [first, second] = [integerOf(real), integerOf(ours)];
    if (first === undefined || second === undefined || first < 0 || second < 0) return false;
    return Math.abs(first - second) <= Math.ceil(skewMs / unitMs);
  };
}

export const isNearInSeconds: Comparator = isNear(1000);
export const isNearInMs: Comparator = isNear(1);

function sorted(frames: readonly Buffer[]): string {
  return frames.map((frame) => frame.toString("latin1")).sort().join("");
}

/** The same elements in any order. */
export function isSameSet(real: Buffer, ours: Buffer): boolean {
  return real[0] === ours[0] && sorted(elementsOf(real)) === sorted(elementsOf(ours));
}

/** The same pairs in any order, in either version. */
export function isSameMap(real: Buffer, ours: Buffer): boolean {
  const pairs = (frame: Buffer): Buffer[] => {
    const flat = elementsOf(frame);
    return flat.flatMap((each, i) =>
      i % 2 === 0 ? [Buffer.concat([each, flat[i + 1] ?? each])] : []
    );
  };
  return real[0] === ours[0] && sorted(pairs(real)) === sorted(pairs(ours));
}

/** Something of the same type; an error is the same error. */
export function isSameKind(real: Buffer, ours: Buffer): boolean {
  return real[0] === MINUS || ours[0] === MINUS ? real.equals(ours) : real[0] === ours[0] &&
    isNull(real) === isNull(ours);
}

function isNull(reply: Buffer): boolean {
  return reply[0] === UNDERSCORE || reply.toString("latin1", 0, 4) === "$-1\r" ||
    reply.toString("latin1", 0, 4) === "*-1\r";
}

/** A reply of SCAN that is complete at once: the same cursor, and the same keys in any order. */
export function isSamePage(real: Buffer, ours: Buffer): boolean {
  if (real[0] !== STAR || ours[0] !== STAR) return real.equals(ours);
  const [cursor, keys] = elementsOf(real);
  const [ourCursor, ourKeys] = elementsOf(ours);
  return cursor.equals(ourCursor) && isSameSet(keys, ourKeys);
}

/** What HELLO says about a connection, but for the server's version and the connection's number. */
export function isSameGreeting(real: Buffer, ours: Buffer): boolean {
  if (real[0] === MINUS || ours[0] === MINUS) return real.equals(ours);
  const known = (frame: Buffer): string =>
    elementsOf(frame).map((each) => each.toString("latin1"))
      .filter((_, i, all) => !/\b(?:version|id)\r\n$/.test(all[i - (i % 2)]))
      .join("");
  return real[0] === ours[0] && known(real) === known(ours);
}

/** A reply with its numbers in one notation, whatever they are written as. */
export function withNumbers(reply: Buffer): string {
  return reply.toString("latin1").replace(
    /(?:\$\d+\r\n|,)(-?(?:\d+\.?\d*(?:e[+-]\d+)?|inf))\r\n/g,
    (_, text: string) => `number ${Number(text.replace("inf", "Infinity"))} `,
  );
}
