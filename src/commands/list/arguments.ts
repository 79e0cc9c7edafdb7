/** Reading keys and arguments in the ways that several list commands share. */
import { type RecordRef, TYPE_LIST } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";
import type { Call } from "../call.ts";
import { NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from "../errors.ts";

/**
 * The list of the key that argument `i` names, to be changed.
 * @returns 0 if there is none; undefined after an error was replied
 */
export function lookupList(call: Call, i: number, reply: ReplyWriter): RecordRef | undefined {
  const ref = call.lookupWrite(i);
  if (ref === 0 || call.engine.keyspace.typeOf(ref) === TYPE_LIST) return ref;
  reply.error(WRONG_TYPE);
  return undefined;
}

/** As `lookupList`, to be read. */
export function lookupListRead(call: Call, i: number, reply: ReplyWriter): RecordRef | undefined {
  const ref = call.lookupRead(i);
  if (ref === 0 || call.engine.keyspace.typeOf(ref) === TYPE_LIST) return ref;
  reply.error(WRONG_TYPE);
  return undefined;
}

/**
 * Which end of a list argument `i` names.
 * @returns whether it is the front; undefined after an error was replied
 */
export function readSide(call: Call, i: number, reply: ReplyWriter): boolean | undefined {
  const isLeft = call.is(i, "LEFT");
  if (isLeft || call.is(i, "RIGHT")) return isLeft;
  reply.error(SYNTAX_ERROR);
  return undefined;
}

/** @returns the integer, held at ±(2⁵³-1); undefined after an error was replied */
export function readInteger(call: Call, i: number, reply: ReplyWriter): number | undefined {
  const value = call.integer(i);
  if (value === undefined) reply.error(NOT_AN_INTEGER);
  return value;
}
