/** What a client must know of a few commands to keep replies and requests together. */
import type { CommandWords } from "./sender.ts";

/** Confirmed by a push for each of its names, instead of a reply. */
export const CONFIRMED = 1;
/** Changes what has to be set again on a new connection. */
export const CHANGES_STATE = 2;
/** Would end the order of requests and replies, or the connection. */
const UNFIT = 4;
/** Only some of its subcommands are special. */
const BY_SUBCOMMAND = 8;

const SPECIAL: Readonly<Record<string, number>> = {
  SUBSCRIBE: CONFIRMED,
  PSUBSCRIBE: CONFIRMED,
  SSUBSCRIBE: CONFIRMED,
  UNSUBSCRIBE: CONFIRMED,
  PUNSUBSCRIBE: CONFIRMED,
  SUNSUBSCRIBE: CONFIRMED,
  SELECT: CHANGES_STATE,
  AUTH: CHANGES_STATE,
  CLIENT: BY_SUBCOMMAND,
  HELLO: UNFIT,
  MONITOR: UNFIT,
  PSYNC: UNFIT,
  QUIT: UNFIT,
  RESET: UNFIT,
  SYNC: UNFIT,
};

/** Names as they were given, so that no name is turned into upper case twice; bounded. */
const known = new Map<string, number>();
const KNOWN_MAX = 2048;

/** @returns CONFIRMED, CHANGES_STATE or 0 @throws TypeError for a command that can't be sent here */
export function traitsOf(command: CommandWords): number {
  const name = command[0];
  const traits = known.get(name) ?? learn(name);
  return traits === 0 ? 0 : specialTraits(traits, command);
}

function learn(name: string): number {
  const upper = name.toUpperCase();
  const traits = Object.hasOwn(SPECIAL, upper) ? SPECIAL[upper] : 0;
  if (known.size < KNOWN_MAX) known.set(name, traits);
  return traits;
}

function specialTraits(traits: number, command: CommandWords): number {
  if (traits === CONFIRMED && command.length === 1) {
    throw new TypeError(`${command[0]} must name what it is about`);
  }
  if (traits === UNFIT) {
    throw new TypeError(`${command[0]} can't be sent on a connection that others share`);
  }
  if (traits !== BY_SUBCOMMAND) return traits;
  const subcommand = String(command[1]).toUpperCase();
  if (subcommand === "REPLY") {
    throw new TypeError("CLIENT REPLY can't be sent on a connection that others share");
  }
  return subcommand === "SETNAME" ? CHANGES_STATE : 0;
}
