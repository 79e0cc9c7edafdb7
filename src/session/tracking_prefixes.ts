/**
 * The prefixes that are tracked by broadcast, who tracks them, and which keys changed in this batch.
 *
 * Prefixes are found by their text, one look-up for each different length of a prefix, so a changed key
 * costs no more with many of them. A key that changes several times is told once.
 */
import { readAscii, writeAscii } from "../bytes/ascii.ts";
import { makeRegion } from "../bytes/region.ts";
import type { Region } from "../ports/region.ts";
import type { SharedMessage, SharedPush } from "../ports/session_port.ts";
import { BulkList, type WaitingKeys, writeBroadcast } from "./invalidations.ts";
import type { TrackingClient } from "./tracking_client.ts";

/** Memory of a changed key beyond its bytes. */
const KEY_BYTES = 64;

export interface TrackedPrefix {
  readonly bytes: Uint8Array;
  readonly clients: Set<TrackingClient>;
  /** Keys that changed in this batch, as Latin-1, and the id of the client that changed each last. */
  readonly keys: Map<string, number>;
  /** Whether they became too many to be told one by one. */
  hasAll: boolean;
}

export class TrackingPrefixes {
  readonly #byText = new Map<string, TrackedPrefix>();
  /** The lengths that there are, ascending, and how many prefixes have each. */
  #lengths: number[] = [];
  readonly #lengthCounts = new Map<number, number>();
  /** Those of which keys changed. */
  readonly #changed: TrackedPrefix[] = [];
  /** What was counted for their keys. */
  #waitingBytes = 0;
  readonly #account: WaitingKeys;

  constructor(account: WaitingKeys) {
    this.#account = account;
  }

  get count(): number {
    return this.#byText.size;
  }

  /** A client tracks one more prefix, if it does not yet. */
  add(client: TrackingClient, bytes: Uint8Array): void {
    const text = readAscii(bytes, 0, bytes.length);
    let prefix = this.#byText.get(text);
    if (prefix === undefined) {
      prefix = { bytes: bytes.slice(), clients: new Set(), keys: new Map(), hasAll: false };
      this.#byText.set(text, prefix);
      this.#countLength(text.length, 1);
    }
    if (prefix.clients.has(client)) return;
    prefix.clients.add(client);
    client.addPrefix(prefix);
  }

  /** A client tracks no prefix any more. */
  remove(client: TrackingClient): void {
    for (const prefix of client.tracked) {
      prefix.clients.delete(client);
      if (prefix.clients.size > 0) continue;
      this.#byText.delete(readAscii(prefix.bytes, 0, prefix.bytes.length));
      prefix.keys.clear();
      this.#countLength(prefix.bytes.length, -1);
    }
    client.tracked.length = 0;
  }

  #countLength(length: number, change: number): void {
    const count = (this.#lengthCounts.get(length) ?? 0) + change;
    if (count === 0) this.#lengthCounts.delete(length);
    else this.#lengthCounts.set(length, count);
    if (this.#lengthCounts.size === this.#lengths.length) return;
    this.#lengths = [...this.#lengthCounts.keys()].sort((a, b) => a - b);
  }

  /** A key changed. @param clientId who changed it, 0 = the server */
  keyChanged(region: Region, offset: number, length: number, clientId: number): void {
    const key = readAscii(region.bytes, offset, length);
    for (const prefixLength of this.#lengths) {
      if (prefixLength > length) return;
      const prefix = this.#byText.get(key.slice(0, prefixLength));
      if (prefix === undefined || prefix.hasAll) continue;
      const count = prefix.keys.size;
      if (count === 0) this.#changed.push(prefix);
      prefix.keys.set(key, clientId);
      if (prefix.keys.size > count) this.#count(KEY_BYTES + length);
      if (!this.#account.isTooMuch) continue;
      prefix.hasAll = true;
      prefix.keys.clear();
    }
  }

  #count(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#account.add(bytes);
  }

  /** Tells the clients which keys changed since the last time. */
  broadcast(): void {
    if (this.#changed.length === 0) return;
    for (const prefix of this.#changed) {
      const whole = new Broadcast(prefix, 0);
      for (const client of prefix.clients) {
        const receiver = client.receiver();
        if (receiver === undefined) continue;
        const message = client.isNoLoop ? new Broadcast(prefix, client.session.id) : whole;
        if (message.hasKeys) receiver.share(message);
      }
      prefix.keys.clear();
      prefix.hasAll = false;
    }
    this.#changed.length = 0;
    this.#count(-this.#waitingBytes);
  }
}

/** The keys of one prefix as a message, written once in each protocol and sent to many. */
class Broadcast implements SharedPush {
  readonly words = [];
  /** Undefined = every key. */
  readonly #keys: BulkList | undefined;
  #resp2: SharedMessage | undefined;
  #resp3: SharedMessage | undefined;

  /** @param exceptId keys that this client changed last are left out, 0 = none is */
  constructor({ keys, hasAll }: TrackedPrefix, exceptId: number) {
    if (hasAll) return;
    this.#keys = new BulkList();
    for (const [key, clientId] of keys) {
      if (exceptId !== 0 && clientId === exceptId) continue;
      const region = makeRegion(key.length);
      writeAscii(key, region.bytes, 0);
      this.#keys.add(region, 0, key.length);
    }
  }

  get hasKeys(): boolean {
    return this.#keys === undefined || this.#keys.count > 0;
  }

  get resp2(): SharedMessage {
    return this.#resp2 ??= { bytes: writeBroadcast(2, this.#keys), waiting: 0 };
  }

  get resp3(): SharedMessage {
    return this.#resp3 ??= { bytes: writeBroadcast(3, this.#keys), waiting: 0 };
  }
}
