/**
 * What happens to keys, told to those who want to know: WATCH and client tracking hear of every change,
 * the subscribers of keyspace notifications of every event of the classes that are on.
 *
 *   command ──changed──▶ KeyChanges ──▶ listeners    which key
 *                             └───────▶ publisher    which key, and what happened to it
 *
 * Cost: while nobody listens, one comparison of `isHeard` at the caller's.
 * Source: https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 */
import { keyLengthOf, keyOffsetOf, type LocalRef } from "../memory/record.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import type { Region } from "../ports/region.ts";
import type { Database } from "./database.ts";

/** Classes of events as bits, with the letters of notify-keyspace-events. */
export const EVENT_GENERIC = 1 << 0; // g
export const EVENT_STRING = 1 << 1; // $
export const EVENT_LIST = 1 << 2; // l
export const EVENT_SET = 1 << 3; // s
export const EVENT_HASH = 1 << 4; // h
export const EVENT_ZSET = 1 << 5; // z
export const EVENT_EXPIRED = 1 << 6; // x
export const EVENT_EVICTED = 1 << 7; // e
export const EVENT_STREAM = 1 << 8; // t
export const EVENT_KEY_MISS = 1 << 9; // m
export const EVENT_NEW = 1 << 10; // n

/** Whoever wants to know which keys change. The bytes of a key are valid during the call only. */
export interface KeyChangeListener {
  /** The value, the type or the expiry of a key changed, or it came or went. */
  changed(
    db: Database,
    region: Region,
    keyOffset: number,
    keyLength: number,
    hash: number | undefined,
  ): void;
  /** A database was emptied. */
  flushed(db: Database): void;
  /** Two databases exchange what they hold, in a moment. */
  swapping(a: Database, b: Database): void;
}

/** Tells subscribers of an event. @param eventClass an EVENT_… bit @param event e.g. "lpush" */
export type EventPublisher = (
  db: Database,
  eventClass: number,
  event: string,
  region: Region,
  keyOffset: number,
  keyLength: number,
) => void;

export class KeyChanges {
  /** Whether anybody listens to anything. */
  isHeard = false;
  /** EVENT_… bits of the classes that are published. */
  eventClasses = 0;
  /** Id of the client whose command runs, 0 = the server's own work. */
  clientId = 0;
  #listeners: KeyChangeListener[] = [];
  #publish: EventPublisher = () => {};

  /** Changes are told to it from now on; a listener that is there is not added again. */
  add(listener: KeyChangeListener): void {
    if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
    this.#refresh();
  }

  remove(listener: KeyChangeListener): void {
    // Into a new array: it may be told of a change, and not be the last one that is.
    this.#listeners = this.#listeners.filter((other) => other !== listener);
    this.#refresh();
  }

  /** Events of these classes go to `publish` from now on. @param eventClasses 0 = none */
  publishTo(publish: EventPublisher, eventClasses: number): void {
    this.#publish = publish;
    this.eventClasses = eventClasses;
    this.#refresh();
  }

  /** Nobody hears of anything until `unmute`. */
  mute(): void {
    this.isHeard = false;
  }

  unmute(): void {
    this.#refresh();
  }

  #refresh(): void {
    this.isHeard = this.#listeners.length > 0 || this.eventClasses !== 0;
  }

  /** The key that an argument names changed. */
  touched(db: Database, batch: CommandBatch, arg: number): void {
    const offset = batch.argOffsets[arg], length = batch.argLengths[arg];
    this.touchedKey(db, batch.input, offset, length, batch.argHashes[arg]);
  }

  /** @param hash of the key, where it is known */
  touchedKey(
    db: Database,
    region: Region,
    keyOffset: number,
    keyLength: number,
    hash?: number,
  ): void {
    for (const listener of this.#listeners) {
      listener.changed(db, region, keyOffset, keyLength, hash);
    }
  }

  /** An event of the key that an argument names. */
  notify(
    db: Database,
    batch: CommandBatch,
    arg: number,
    eventClass: number,
    event: string,
  ): void {
    const offset = batch.argOffsets[arg];
    this.notifyKey(db, eventClass, event, batch.input, offset, batch.argLengths[arg]);
  }

  notifyKey(
    db: Database,
    eventClass: number,
    event: string,
    region: Region,
    keyOffset: number,
    keyLength: number,
  ): void {
    if ((this.eventClasses & eventClass) === 0) return;
    this.#publish(db, eventClass, event, region, keyOffset, keyLength);
  }

  /** A record changed, or is about to go, by the server's own doing. */
  recordChanged(
    db: Database,
    region: Region & { readonly words: Int32Array },
    local: LocalRef,
    eventClass: number,
    event: string,
  ): void {
    const { clientId } = this;
    this.clientId = 0;
    this.touchedKey(db, region, keyOffsetOf(region.words, local), keyLengthOf(region.words, local));
    this.clientId = clientId;
    this.notifyRecord(db, region, local, eventClass, event);
  }

  /** An event of the key that a record has. */
  notifyRecord(
    db: Database,
    region: Region & { readonly words: Int32Array },
    local: LocalRef,
    eventClass: number,
    event: string,
  ): void {
    const offset = keyOffsetOf(region.words, local);
    const length = keyLengthOf(region.words, local);
    this.notifyKey(db, eventClass, event, region, offset, length);
  }

  flushed(db: Database): void {
    for (const listener of this.#listeners) listener.flushed(db);
  }

  swapping(a: Database, b: Database): void {
    for (const listener of this.#listeners) listener.swapping(a, b);
  }
}
