/**
 * Makes values of the RDB format, as RESTORE takes them: every type that Redis 7 reads.
 *
 * A value is made apart and takes the place of the old one when it is whole, so bad bytes and lack
 * of memory change nothing. It gets the encoding that the settings give it, whichever it had.
 */
import type { Memory } from "../bytes/copy.ts";
import { readFloat } from "../bytes/ascii.ts";
import type { CommandBatch } from "../ports/command_batch.ts";
import * as intset from "../structs/intset.ts";
import { type Elements, ListpackElements, ZiplistElements } from "../structs/packed_elements.ts";
import * as rdb from "../structs/rdb_format.ts";
import { BadPayload, RdbReader, RdbString } from "../structs/rdb_reader.ts";
import type { Engine } from "./engine.ts";
import type { Database } from "./keyspace.ts";
import { pushOne } from "./lists.ts";
import type { RecordRef } from "./record_kinds.ts";
import { restoreHash } from "./restore_hash.ts";
import { restoreStream } from "./restore_stream.ts";
import { ScratchKey } from "./scratch_key.ts";
import { addMember, createSet } from "./sets.ts";
import { SortedSetBuilder } from "./sorted_set_builder.ts";
import { setString } from "./strings.ts";

/** Where the value goes. */
export interface RestoreTarget {
  readonly engine: Engine;
  readonly db: Database;
  readonly batch: CommandBatch;
  readonly arg: number;
  /** NO_EXPIRY, or milliseconds since 1970, later than now. */
  readonly expiresAtMs: number;
}

const blob = new RdbString();
const element = new RdbString();
const second = new RdbString();

/**
 * Makes a key's value of a payload without its footer, whatever the key held.
 * @returns the record; 0 where all there was to restore has expired, and the key is gone
 * @throws BadPayload, OutOfMemory; the key is as it was
 */
export function restoreValue(
  target: RestoreTarget,
  memory: Memory,
  offset: number,
  length: number,
): RecordRef {
  const reader = new RdbReader(memory, offset, length);
  const type = reader.byte();
  switch (type) {
    case rdb.TYPE_STRING:
      return restoreString(target, reader);
    case rdb.TYPE_LIST:
    case rdb.TYPE_LIST_ZIPLIST:
    case rdb.TYPE_LIST_QUICKLIST:
    case rdb.TYPE_LIST_QUICKLIST_2:
      return underScratchKey(target, (scratch) => restoreList(target, scratch, reader, type));
    case rdb.TYPE_SET:
    case rdb.TYPE_SET_INTSET:
    case rdb.TYPE_SET_LISTPACK:
      return underScratchKey(target, (scratch) => restoreSet(target, scratch, reader, type));
    case rdb.TYPE_ZSET:
    case rdb.TYPE_ZSET_2:
    case rdb.TYPE_ZSET_ZIPLIST:
    case rdb.TYPE_ZSET_LISTPACK:
      return restoreSortedSet(target, reader, type);
    case rdb.TYPE_STREAM_LISTPACKS:
    case rdb.TYPE_STREAM_LISTPACKS_2:
    case rdb.TYPE_STREAM_LISTPACKS_3:
      return restoreStream(target, reader, type);
    default:
      return underScratchKey(target, (scratch) => restoreHash(target, scratch, reader, type));
  }
}

function restoreString(target: RestoreTarget, reader: RdbReader): RecordRef {
  const { engine, db, batch, arg, expiresAtMs } = target;
  reader.string(blob);
  const { region, offset, length } = blob;
  return setString(engine.keyspace, db, batch, arg, region, offset, length, expiresAtMs);
}

/** Lets the value be made under a key of its own, and then be the target's. */
function underScratchKey(
  { engine, db, batch, arg, expiresAtMs }: RestoreTarget,
  make: (scratch: ScratchKey) => void,
): RecordRef {
  const scratch = new ScratchKey(engine.keyspace, db);
  try {
    make(scratch);
    if (scratch.find() !== 0) return scratch.moveTo(batch, arg, expiresAtMs);
    engine.keyspace.remove(db, batch, arg);
    return 0;
  } finally {
    scratch.drop();
  }
}

function restoreList(
  { engine, db }: RestoreTarget,
  scratch: ScratchKey,
  reader: RdbReader,
  type: number,
): void {
  const { keyspace, settings } = engine;
  const push = ({ region, offset, length }: RdbString): void => {
    const ref = scratch.find();
    pushOne(keyspace, settings, db, scratch, 0, ref, region, offset, length, false);
  };
  const pushAll = (elements: Elements): void => {
    while (elements.next(element)) push(element);
  };
  const nodeCount = type === rdb.TYPE_LIST_ZIPLIST ? 1 : reader.count(1);
  for (let i = 0; i < nodeCount; i++) {
    const form = type === rdb.TYPE_LIST_QUICKLIST_2 ? reader.lengthOf() : 0;
    reader.string(blob);
    if (type === rdb.TYPE_LIST || form === rdb.NODE_PLAIN) push(blob);
    else if (form === rdb.NODE_PACKED) pushAll(new ListpackElements(blob));
    else if (form === 0 && type !== rdb.TYPE_LIST_QUICKLIST_2) pushAll(new ZiplistElements(blob));
    else throw new BadPayload("no node of a list");
  }
  if (scratch.find() === 0) throw new BadPayload("an empty list");
}

function restoreSet(
  { engine, db }: RestoreTarget,
  scratch: ScratchKey,
  reader: RdbReader,
  type: number,
): void {
  const { keyspace, settings } = engine;
  let ref = 0;
  const add = ({ region, offset, length }: RdbString, count: number): void => {
    ref = ref === 0
      ? createSet(keyspace, db, scratch, 0, settings, region, offset, length, count)
      : addMember(keyspace, db, scratch, 0, ref, settings, region, offset, length);
    if (ref === 0) throw new BadPayload("a member twice");
  };
  if (type === rdb.TYPE_SET) {
    const count = reader.count(1);
    for (let i = 0; i < count; i++) {
      reader.string(element);
      add(element, count);
    }
  } else {
    reader.string(blob);
    const elements = type === rdb.TYPE_SET_INTSET
      ? new IntsetElements(blob)
      : new ListpackElements(blob);
    while (elements.next(element)) add(element, elements.count);
  }
  if (ref === 0) throw new BadPayload("an empty set");
}

/** The integers of an intset as text. */
class IntsetElements implements Elements {
  readonly count: number;
  readonly #memory: Memory;
  readonly #offset: number;
  #index = 0;

  /** @throws BadPayload unless the string is a sound intset */
  constructor({ region, offset, length }: RdbString) {
    if (!intset.validate(region, offset, length, true)) throw new BadPayload("intset");
    this.#memory = region;
    this.#offset = offset;
    this.count = intset.length(region, offset);
  }

  next(into: RdbString): boolean {
    if (this.#index >= this.count) return false;
    into.integer(intset.get(this.#memory, this.#offset, this.#index++));
    return true;
  }
}

function restoreSortedSet(target: RestoreTarget, reader: RdbReader, type: number): RecordRef {
  const { engine, db, batch, arg, expiresAtMs } = target;
  const builder = new SortedSetBuilder(engine.keyspace, batch.argHashes[arg]);
  const add = ({ region, offset, length }: RdbString, score: number | undefined): void => {
    if (score === undefined || Number.isNaN(score)) throw new BadPayload("no score");
    if (builder.find(region, offset, length) !== 0) throw new BadPayload("a member twice");
    builder.add(score, region, offset, length);
  };
  try {
    if (type === rdb.TYPE_ZSET || type === rdb.TYPE_ZSET_2) {
      const count = reader.count(2);
      for (let i = 0; i < count; i++) {
        reader.string(element);
        add(element, type === rdb.TYPE_ZSET ? reader.textDouble() : reader.double());
      }
    } else {
      reader.string(blob);
      const elements = type === rdb.TYPE_ZSET_ZIPLIST
        ? new ZiplistElements(blob)
        : new ListpackElements(blob);
      while (elements.next(element)) {
        if (!elements.next(second)) throw new BadPayload("a member without a score");
        add(element, readFloat(second.region.bytes, second.offset, second.length));
      }
    }
    if (builder.length === 0) throw new BadPayload("an empty sorted set");
    return builder.store(db, batch, arg, engine.settings, expiresAtMs);
  } finally {
    builder.release();
  }
}
