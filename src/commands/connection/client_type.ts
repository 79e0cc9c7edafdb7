/** The types of clients that CLIENT LIST and CLIENT KILL select by. */
import type { SessionPort } from "../../ports/session_port.ts";
import type { Call } from "../call.ts";
import { GUARD_SUBSCRIBER } from "../guards.ts";

/** "slave" is the old word for a replica. */
const TYPES: ReadonlyMap<string, ClientType> = new Map([
  ["normal", "normal"],
  ["slave", "replica"],
  ["replica", "replica"],
  ["pubsub", "pubsub"],
  ["master", "master"],
]);

/** There is no replication. */
export type ClientType = "normal" | "replica" | "pubsub" | "master";

/** @returns the type that argument `i` names, in any case; undefined if none */
export function readClientType(call: Call, i: number): ClientType | undefined {
  return TYPES.get(call.keyword(i));
}

/** The error for argument `i`, which names no type. */
export function unknownClientType(call: Call, i: number): string {
  return `ERR Unknown client type '${call.text(i)}'`;
}

/** @returns what kind of client a session is */
export function clientTypeOf({ guards }: SessionPort): ClientType {
  return (guards & GUARD_SUBSCRIBER) === 0 ? "normal" : "pubsub";
}
