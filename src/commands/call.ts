/**
 * One command at the moment it runs: its arguments, its database and what it may use.
 *
 * The executor owns a single Call and points it at one command after the other, so a handler must not
 * keep it, nor a view of an argument, beyond its own run. Argument 0 is the command's name.
 */
import { equalsIgnoreCase, parseInteger, readAscii, readFloat } from "../bytes/ascii.ts";
import type { Database, RecordRef } from "../engine/keyspace.ts";
import type { Engine } from "../engine/engine.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { ClientDirectory, ServerControl, SessionPort } from "../ports/session_port.ts";
import type { ConfigPort } from "../ports/settings.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import type { TrackingPort } from "../ports/tracking_port.ts";
import type { Transactions } from "../ports/transactions.ts";
import type { Users } from "./acl/users.ts";
import type { Monitors } from "./monitors.ts";
import type { CommandTable } from "./spec.ts";

/** What the composition root hands to the commands. */
export interface Services {
  readonly config: ConfigPort;
  readonly clients: ClientDirectory;
  readonly server: ServerControl;
  readonly system: SystemInfo;
  readonly commands: CommandTable;
  readonly tracking: TrackingPort;
  readonly monitors: Monitors;
  readonly users: Users;
  readonly transactions: Transactions;
}

const decoder = new TextDecoder();

export class Call {
  readonly engine: Engine;
  readonly services: Services;
  session!: SessionPort;
  db!: Database;
  batch!: CommandBatch;
  /** Index in the batch's argument arrays of argument 0. */
  first = 0;
  /** Number of arguments with the name. */
  argc = 0;
  /** Of a command in a row: where its reply begins, as `reply.position`. */
  replyStart = 0;
  /** Full name in lower case, e.g. "set" or "client|list". */
  name = "";

  constructor(engine: Engine, services: Services) {
    this.engine = engine;
    this.services = services;
  }

  /** Milliseconds since the epoch; the same for a whole batch. */
  get nowMs(): number {
    return this.engine.nowMs;
  }

  /** Whether EXEC runs it, so that it must reply at once. */
  get isInTransaction(): boolean {
    return this.session.transaction?.isRunning === true;
  }

  offset(i: number): number {
    return this.batch.argOffsets[this.first + i];
  }

  length(i: number): number {
    return this.batch.argLengths[this.first + i];
  }

  /** A view of the argument's bytes, valid during this run only. */
  bytes(i: number): Uint8Array {
    const start = this.offset(i);
    return this.batch.input.bytes.subarray(start, start + this.length(i));
  }

  /** The argument decoded as UTF-8. */
  text(i: number): string {
    return decoder.decode(this.bytes(i));
  }

  /** The argument byte by byte as Latin-1 in lower case; for keywords. */
  keyword(i: number): string {
    return readAscii(this.batch.input.bytes, this.offset(i), this.length(i)).toLowerCase();
  }

  /** Whether the argument is this word, in any case. @param word in upper case */
  is(i: number, word: string): boolean {
    return this.length(i) === word.length &&
      equalsIgnoreCase(this.batch.input.bytes, this.offset(i), word);
  }

  /** @returns the integer, exactly; a bigint only beyond ±(2⁵³-1); undefined if it is none within 64 bits */
  int64(i: number): number | bigint | undefined {
    return parseInteger(this.batch.input.bytes, this.offset(i), this.length(i));
  }

  /** @returns the integer, held at ±(2⁵³-1) beyond that; undefined if it is none within 64 bits */
  integer(i: number): number | undefined {
    const value = this.int64(i);
    if (typeof value !== "bigint") return value;
    return value > 0n ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER;
  }

  /** @returns the number, infinities included; undefined if it is none, or NaN */
  float(i: number): number | undefined {
    return readFloat(this.batch.input.bytes, this.offset(i), this.length(i));
  }

  /** The record of the key that argument `i` names, 0 = absent; counts as hit or miss and as an access. */
  lookupRead(i: number): RecordRef {
    return this.engine.keyspace.lookupRead(this.db, this.batch, this.first + i);
  }

  /** As `lookupRead`, but neither hit nor miss. */
  lookupWrite(i: number): RecordRef {
    return this.engine.keyspace.lookupWrite(this.db, this.batch, this.first + i);
  }

  /** As `lookupWrite`, but no access either. */
  peek(i: number): RecordRef {
    return this.engine.keyspace.find(this.db, this.batch, this.first + i);
  }

  /** Removes the key that argument `i` names. @returns whether it was there */
  remove(i: number): boolean {
    return this.engine.keyspace.remove(this.db, this.batch, this.first + i);
  }

  /** Says that the key of argument `i` changed, or came or went: WATCH and client tracking hear of it. */
  touched(i: number): void {
    const { changes } = this.engine.keyspace;
    if (changes.isHeard) changes.touched(this.db, this.batch, this.first + i);
  }

  /** Says what happened to the key of argument `i`, for keyspace notifications. */
  notify(i: number, eventClass: number, event: string): void {
    const { changes } = this.engine.keyspace;
    if (changes.isHeard) changes.notify(this.db, this.batch, this.first + i, eventClass, event);
  }

  /** Both. @param eventClass an EVENT_… bit @param event as Redis names it, e.g. "lpush" */
  changed(i: number, eventClass: number, event: string): void {
    const { changes } = this.engine.keyspace;
    if (!changes.isHeard) return;
    changes.touched(this.db, this.batch, this.first + i);
    changes.notify(this.db, this.batch, this.first + i, eventClass, event);
  }
}
