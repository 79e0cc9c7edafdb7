/** A kind of random command: how often it comes, how it is made, and how its replies are compared. */
import type { Chooser, Text } from "./pools.ts";
import * as same from "./replies.ts";
import type { Comparator } from "./replies.ts";

export interface Kind {
  /** How often it comes, against the others. */
  readonly weight: number;
  readonly make: (choose: Chooser) => Text[];
  readonly compare: Comparator;
  /** Never changed at random: some changed form would stop one of the servers, or kill a client. */
  readonly isFixed: boolean;
  /**
   * What must come right after it for both servers to go on from the same state, e.g. a DEL of the
   * key that SPOP took its own choice from.
   */
  readonly follow?: (args: readonly Text[]) => RandomCommand[];
}

export interface RandomCommand {
  readonly args: readonly Text[];
  readonly compare: Comparator;
}

/** @param weight how often it comes, against the others; GET has 70 */
export function kind(
  weight: number,
  make: (choose: Chooser) => Text[],
  compare: Comparator = same.isSame,
): Kind {
  return { weight, make, compare, isFixed: false };
}

/** One of these lines, as it stands. */
export function fixed(
  weight: number,
  lines: readonly string[],
  compare: Comparator = same.isSame,
): Kind {
  return { weight, make: (c) => c.pick(lines).split(" "), compare, isFixed: true };
}

/** The same kind, never changed at random. */
export function unchanged(each: Kind): Kind {
  return { ...each, isFixed: true };
}

/** The same kind, with the key at this position deleted on both servers right after it. */
export function thenDeleted(each: Kind, position = 1): Kind {
  return {
    ...each,
    isFixed: true,
    follow: (args) => [{ args: ["DEL", args[position]], compare: same.isSame }],
  };
}
