/** Walks the elements of a list, whichever encoding it has, and replies them. */
import type { Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import type { ReplyWriter } from "../ports/reply_writer.ts";
import { blobLength, blobOffset, blobStretch } from "../structs/blob.ts";
import * as listpack from "../structs/listpack.ts";
import { QuicklistCursor } from "../structs/quicklist_cursor.ts";
import type { Unit } from "../structs/structure.ts";
import { replyElement, replyRun } from "./elements.ts";
import type { Keyspace } from "./keyspace.ts";
import { arenaOfList, isQuicklist, quicklistOf } from "./list_shape.ts";
import type { RecordRef } from "./record_kinds.ts";

export class ListCursor {
  /** Where it is in a quicklist; only while `isQuick`. */
  readonly quick: QuicklistCursor = new QuicklistCursor();
  isQuick = false;
  #memory!: Memory;
  #lp = 0;
  #p = 0;

  /** Goes to an index from 0 to length - 1. */
  seek(ks: Keyspace, ref: RecordRef, index: number): void {
    this.isQuick = isQuicklist(ks, ref);
    if (this.isQuick) {
      this.quick.seek(arenaOfList(ks, ref), quicklistOf(ks, ref), index);
      return;
    }
    this.#memory = ks.regionOf(ref);
    this.#lp = ks.valueOffset(ref);
    this.#p = listpack.seek(this.#memory.bytes, this.#lp, index);
  }

  /** The memory that the element is in, unless it is a long one. */
  get memory(): Memory {
    return this.isQuick ? this.quick.memory : this.#memory;
  }

  /** The element's position there. */
  get p(): number {
    return this.isQuick ? this.quick.p : this.#p;
  }

  /** Whether the element is a long one, in the blob `blob` of `arena`. */
  get isLong(): boolean {
    return this.isQuick && this.quick.isLong;
  }

  get arena(): Arena {
    return this.quick.arena;
  }

  get blob(): Unit {
    return this.quick.blob;
  }

  /** Distance of the element from the start of its listpack. */
  get at(): number {
    return this.isQuick ? this.quick.at : this.#p - this.#lp;
  }

  /** Goes to the element behind, or before. @returns false at the end */
  move(isForward: boolean): boolean {
    if (this.isQuick) return isForward ? this.quick.next() : this.quick.previous();
    const { bytes } = this.#memory;
    this.#p = isForward ? listpack.next(bytes, this.#p) : listpack.before(bytes, this.#lp, this.#p);
    return this.#p !== 0;
  }

  /** Whether the element is this string. */
  equals(source: Memory, offset: number, length: number): boolean {
    return this.isQuick
      ? this.quick.equals(source, offset, length)
      : listpack.equals(this.#memory, this.#p, source, offset, length);
  }

  /** The element as a bulk string. */
  reply(reply: ReplyWriter): void {
    if (!this.isQuick) replyElement(reply, this.#memory, this.#p);
    else if (!this.quick.isLong) replyElement(reply, this.quick.memory, this.quick.p);
    else replyBlob(reply, this.quick.arena, this.quick.blob);
  }
}

function replyBlob(reply: ReplyWriter, arena: Arena, blob: Unit): void {
  const length = blobLength(arena, blob);
  reply.beginBulk(length);
  for (let at = 0; at < length;) {
    const bytes = blobStretch(arena, blob, at);
    reply.part(arena, blobOffset(arena, blob, at), bytes);
    at += bytes;
  }
  reply.endBulk();
}

const cursor = new ListCursor();

/**
 * Replies `count` elements one by one, from an index on; they are all there.
 * @param isForward false: from that index backwards
 */
export function replyElements(
  ks: Keyspace,
  ref: RecordRef,
  index: number,
  count: number,
  isForward: boolean,
  reply: ReplyWriter,
): void {
  if (count === 0) return;
  cursor.seek(ks, ref, index);
  if (!isForward || count === 1) {
    cursor.reply(reply);
    for (let left = count - 1; left > 0; left--) {
      cursor.move(false);
      cursor.reply(reply);
    }
  } else if (cursor.isQuick) {
    replyNodes(reply, cursor.quick, count);
  } else {
    replyRun(reply, cursor.memory, cursor.p, count);
  }
}

/** Replies `count` elements from where the cursor is on, node by node. */
function replyNodes(reply: ReplyWriter, quick: QuicklistCursor, count: number): void {
  for (let left = count; left > 0;) {
    let taken = 1;
    if (quick.isLong) {
      replyBlob(reply, quick.arena, quick.blob);
    } else {
      taken = Math.min(left, quick.leftInNode);
      replyRun(reply, quick.memory, quick.p, taken);
    }
    left -= taken;
    quick.toNextNode();
  }
}
