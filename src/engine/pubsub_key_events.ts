/**
 * Keyspace notifications: what happens to keys, published to channels that name the key, or the event.
 *
 *   __keyspace@0__:mykey    ◀── "set"      with K
 *   __keyevent@0__:set      ◀── "mykey"    with E
 *
 * Source: Redis src/notify.c.
 */
import type { Region } from "../ports/region.ts";
import type { Database } from "./database.ts";
import {
  EVENT_EVICTED,
  EVENT_EXPIRED,
  EVENT_GENERIC,
  EVENT_HASH,
  EVENT_KEY_MISS,
  EVENT_LIST,
  EVENT_NEW,
  EVENT_SET,
  EVENT_STREAM,
  EVENT_STRING,
  EVENT_ZSET,
  type KeyChanges,
} from "./key_changes.ts";
import type { PubSub } from "./pubsub.ts";

/** Of modules; there are none, but the class may be asked for. */
const EVENT_MODULE = 1 << 11;
const TO_KEYSPACE = 1 << 12;
const TO_KEYEVENT = 1 << 13;

/** The classes of "A" with their letters, in the order in which they are shown. */
const USUAL_CLASSES: readonly (readonly [letter: string, bit: number])[] = [
  ["g", EVENT_GENERIC],
  ["$", EVENT_STRING],
  ["l", EVENT_LIST],
  ["s", EVENT_SET],
  ["h", EVENT_HASH],
  ["z", EVENT_ZSET],
  ["x", EVENT_EXPIRED],
  ["e", EVENT_EVICTED],
  ["t", EVENT_STREAM],
  ["d", EVENT_MODULE],
];
const ALL_USUAL = USUAL_CLASSES.reduce((all, [, bit]) => all | bit, 0);

const BITS: ReadonlyMap<string, number> = new Map([
  ...USUAL_CLASSES,
  ["A", ALL_USUAL],
  ["K", TO_KEYSPACE],
  ["E", TO_KEYEVENT],
  ["m", EVENT_KEY_MISS],
  ["n", EVENT_NEW],
]);

/** What is said of a letter that stands for nothing. */
export const INVALID_EVENT_CLASS = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";

/** Reads the letters of notify-keyspace-events. @returns bits; undefined for an unknown letter */
export function parseEventClasses(letters: string): number | undefined {
  let bits = 0;
  for (const letter of letters) {
    const bit = BITS.get(letter);
    if (bit === undefined) return undefined;
    bits |= bit;
  }
  return bits;
}

/** Writes bits as CONFIG GET shows them: "n" is left out where "A" stands, as Redis does. */
export function formatEventClasses(bits: number): string {
  const has = (bit: number, letter: string): string => (bits & bit) === 0 ? "" : letter;
  const usual = (bits & ALL_USUAL) === ALL_USUAL
    ? "A"
    : USUAL_CLASSES.map(([letter, bit]) => has(bit, letter)).join("") + has(EVENT_NEW, "n");
  return usual + has(TO_KEYSPACE, "K") + has(TO_KEYEVENT, "E") + has(EVENT_KEY_MISS, "m");
}

const encoder = new TextEncoder();

export class KeyEvents {
  readonly #changes: KeyChanges;
  readonly #pubsub: PubSub;
  #bits = 0;
  /** Names of events as bytes. */
  readonly #events = new Map<string, Uint8Array>();

  constructor(changes: KeyChanges, pubsub: PubSub) {
    this.#changes = changes;
    this.#pubsub = pubsub;
  }

  /** Publishes these classes from now on. @param bits as `parseEventClasses` gives them */
  publish(bits: number): void {
    if (bits === this.#bits) return;
    this.#bits = bits;
    const isOn = (bits & (TO_KEYSPACE | TO_KEYEVENT)) !== 0;
    this.#changes.publishTo(
      (db, _class, event, region, offset, length) => this.#tell(db, event, region, offset, length),
      isOn ? bits & ~(TO_KEYSPACE | TO_KEYEVENT) : 0,
    );
  }

  #tell(db: Database, event: string, region: Region, offset: number, length: number): void {
    if (!this.#pubsub.hasListeners) return;
    const key = region.bytes.subarray(offset, offset + length);
    const name = this.#eventBytes(event);
    if ((this.#bits & TO_KEYSPACE) !== 0) {
      this.#pubsub.publish(join(`__keyspace@${db.index}__:`, key), name);
    }
    if ((this.#bits & TO_KEYEVENT) !== 0) {
      this.#pubsub.publish(join(`__keyevent@${db.index}__:`, name), key);
    }
  }

  #eventBytes(event: string): Uint8Array {
    let bytes = this.#events.get(event);
    if (bytes === undefined) this.#events.set(event, bytes = encoder.encode(event));
    return bytes;
  }
}

function join(prefix: string, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(prefix.length + rest.length);
  encoder.encodeInto(prefix, bytes);
  bytes.set(rest, prefix.length);
  return bytes;
}
