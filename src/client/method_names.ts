/** Which commands are methods of a client, and which it does not take at all. */
import type { ArgumentShape } from "../methods/arguments.ts";
import { COMMAND_SHAPES } from "../methods/command_table.ts";
import type { OwnName } from "./method_types.ts";

const SUBSCRIBE = "use subscribe(), psubscribe() or ssubscribe(), which have a connection for it";
const UNSUBSCRIBE = "use unsubscribe() of the subscription";
const MULTI = "use multi(), which sends a transaction as a whole";
const WATCH = "use watch(), which has a connection for it";

/** Commands that change what a connection means to everybody who shares it, and what to do instead. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["subscribe", SUBSCRIBE],
  ["psubscribe", SUBSCRIBE],
  ["ssubscribe", SUBSCRIBE],
  ["unsubscribe", UNSUBSCRIBE],
  ["punsubscribe", UNSUBSCRIBE],
  ["sunsubscribe", UNSUBSCRIBE],
  ["multi", MULTI],
  ["exec", MULTI],
  ["discard", MULTI],
  ["watch", WATCH],
  ["unwatch", WATCH],
  ["monitor", "use redis-cli, or /monitor over HTTP"],
  ["hello", "say protocol, username and password when connecting"],
  ["quit", "use close()"],
  ["reset", "use close(), and connect anew"],
]);

/** @throws TypeError for a command that can't be sent, which says what to do instead */
export function checkName(name: string): void {
  if (typeof name !== "string") {
    throw new TypeError(`the name of a command must be a string, got ${typeof name}`);
  }
  const instead = REFUSED.get(name.toLowerCase());
  if (instead !== undefined) {
    throw new TypeError(`${name.toUpperCase()} can't be sent as a command: ${instead}`);
  }
}

/** Not methods: these are refused, or hidden behind something of the same name, or for debugging. */
const WITHOUT_METHOD: Readonly<Record<OwnName, true>> = {
  multi: true,
  exec: true,
  discard: true,
  watch: true,
  unwatch: true,
  subscribe: true,
  psubscribe: true,
  ssubscribe: true,
  unsubscribe: true,
  punsubscribe: true,
  sunsubscribe: true,
  monitor: true,
  hello: true,
  auth: true,
  select: true,
  quit: true,
  reset: true,
  command: true,
  keys: true,
  debug: true,
  pfdebug: true,
  pfselftest: true,
};

/** The methods, each with how it takes its arguments. */
export const METHOD_SHAPES: readonly (readonly [name: string, shape: ArgumentShape])[] = Object
  .entries(COMMAND_SHAPES).filter(([name]) => !Object.hasOwn(WITHOUT_METHOD, name));
