/** A list of records that a walk over the keyspace found, kept for the reply that it goes into. */
import type { Keyspace, RecordRef } from "../../engine/keyspace.ts";
import type { ReplyWriter } from "../../ports/reply_writer.ts";

const KEPT_CAPACITY = 16 * 1024;

export class RecordList {
  length = 0;
  #refs = new Int32Array(KEPT_CAPACITY);

  add(ref: RecordRef): void {
    if (this.length === this.#refs.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#refs);
      this.#refs = larger;
    }
    this.#refs[this.length++] = ref;
  }

  /** Forgets all, and the memory of more than a usual list. */
  clear(): void {
    this.length = 0;
    if (this.#refs.length > KEPT_CAPACITY) this.#refs = new Int32Array(KEPT_CAPACITY);
  }

  /** Replies the records' keys as an array. Nothing may have been written since they were found. */
  replyKeys(keyspace: Keyspace, reply: ReplyWriter): void {
    const refs = this.#refs;
    const { length } = this;
    reply.array(length);
    for (let i = 0; i < length; i++) replyKey(keyspace, refs[i], reply);
  }

  /** The same with the name of its type behind each key. */
  replyKeysAndTypes(keyspace: Keyspace, reply: ReplyWriter): void {
    const refs = this.#refs;
    const { length } = this;
    reply.array(length * 2);
    for (let i = 0; i < length; i++) {
      replyKey(keyspace, refs[i], reply);
      reply.text(keyspace.typeName(refs[i]));
    }
  }
}

/** The one list: a handler fills it, replies and clears it before any other runs. */
export const foundRecords: RecordList = new RecordList();

/** Replies a record's key as a bulk string. */
export function replyKey(keyspace: Keyspace, ref: RecordRef, reply: ReplyWriter): void {
  reply.bulk(keyspace.regionOf(ref), keyspace.keyOffset(ref), keyspace.keyLength(ref));
}
