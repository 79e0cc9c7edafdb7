/**
 * Hash table of fields and values, some of which may expire: what a large hash is kept in.
 *
 *   OFFSET  SIZE  FIELD (of the header)
 *        0    32  table      byte_table.ts
 *       32    16  expiring   heap of the entries that expire (expiry_heap.ts)
 *       48     4  ticket     unit of its ticket (below), 0 = no field expires, or nobody watches
 *   entry (table_entry.ts):
 *        0     4  header     bit 22: the value is a blob   bit 23: the field expires
 *        4     4  value      bytes of an inline value; or the unit of a blob
 *   only with bit 23:
 *        8     8  expiresAt  milliseconds since 1970, low word first
 *       16     4  position   in the heap
 *   then:         field      padded to a multiple of 4, or the unit of a blob
 *                 value      if it is inline
 *   ticket, an item of the heap that watches the hashes of an arena:
 *        0     4  hash       unit of the header
 *        4     4  watch      unit of that heap's header
 *        8    12             expiresAt and position, as above; expiresAt is the earliest of a field
 *       20     4  keyHash    of the key that holds the hash
 *
 *   watch ─▶ [ ticket | ticket ]     ticket ─▶ header ─▶ table ─▶ entries
 *                 └──────────────◀─────────────────┘ └─▶ heap ─▶ the entries that expire
 *
 * Example: name → crab takes 16 bytes:   04 00 04 00 | 04 00 00 00 | 6e 61 6d 65 | 63 72 61 62
 * Invariants: an entry is in the heap exactly if bit 23 is set; the ticket expires when the heap's first
 * entry does.
 */
import { copyPadded, type Memory } from "../bytes/copy.ts";
import type { Arena } from "../memory/arena.ts";
import { pinnedClassOf } from "../memory/size_classes.ts";
import { blobBytes, blobCheck, blobCopy, blobCreate, blobFree, blobLength } from "./blob.ts";
import {
  addOwnedBytes,
  entryHash,
  initTable,
  TABLE_BYTES,
  tableCount,
  tableInsert,
  tableRemove,
  tableReplace,
  tableSizeBytes,
} from "./byte_table.ts";
import { tableCheck, tableCopy, tableFree } from "./byte_table_walk.ts";
import {
  expiryOf,
  HEAP_ITEM_WORDS,
  HEAP_WORDS,
  heapAdd,
  heapBytes,
  heapChange,
  heapCheck,
  heapCount,
  heapCountDue,
  heapFirst,
  heapRemove,
  heapReplace,
  initHeap,
  writeExpiry,
} from "./expiry_heap.ts";
import type { BlockOwner, Structure, Unit } from "./structure.ts";
import {
  copyEntry,
  createEntry,
  entryHeader,
  freeEntry,
  KEY_IS_BLOB,
  KEY_LENGTH_MASK,
  KEY_WORD_SHIFT,
  keyRoom,
  keyWordOf,
  OWNER_SHIFT,
} from "./table_entry.ts";

/** Words (32 bit) from the header's start. */
const EXPIRING_WORD = TABLE_BYTES / 4;
const TICKET_WORD: number = EXPIRING_WORD + HEAP_WORDS;
const HEADER_BYTES = (TICKET_WORD + 2) * 4;

const VALUE_IS_BLOB = 1 << OWNER_SHIFT;
const FIELD_EXPIRES = 2 << OWNER_SHIFT;
const VALUE_WORD = 1;
const PLAIN_KEY_WORD = 2;
const EXPIRING_KEY_WORD: number = PLAIN_KEY_WORD + HEAP_ITEM_WORDS;
/** Longer values are blobs. */
export const INLINE_VALUE_BYTES = 4_000;

const WATCH_WORD = 1;
const KEY_HASH_WORD = 5;
const TICKET_BYTES = 24;
/** Expiry of a ticket while no field expires. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** For `writeField`: the field does not expire; it expires as before, or not if it is new. */
export const NO_EXPIRY = 0;
export const KEEP_EXPIRY = -1;

/** @param k0 @param k1 key of the hash function @returns 0 when there is no memory */
export function createHashTable(arena: Arena, k0: number, k1: number): Unit {
  const header = arena.allocate(pinnedClassOf(HEADER_BYTES));
  if (header === 0) return 0;
  if (!initTable(arena, header, k0, k1)) {
    arena.free(header);
    return 0;
  }
  initHeap(arena.words, (header << 1) + EXPIRING_WORD);
  arena.words[(header << 1) + TICKET_WORD] = 0;
  return header;
}

/** Number of fields, those included whose time has come. */
export function fieldCount(words: Int32Array, header: Unit): number {
  return tableCount(words, header);
}

/** Number of fields that expire. */
export function expiringCount(words: Int32Array, header: Unit): number {
  return heapCount(words, (header << 1) + EXPIRING_WORD);
}

/** When the first field expires, in milliseconds since 1970; 0 = none does. */
export function firstExpiry(words: Int32Array, header: Unit): number {
  const first = heapFirst(words, (header << 1) + EXPIRING_WORD);
  return first === 0 ? 0 : expiryOf(words, first);
}

/** Number of fields whose time has come; O(that number). */
export function dueCount(words: Int32Array, header: Unit, nowMs: number): number {
  return heapCountDue(words, (header << 1) + EXPIRING_WORD, nowMs);
}

/** When an entry's field expires, in milliseconds since 1970; 0 = never. */
export function fieldExpiry(words: Int32Array, entry: Unit): number {
  return (words[entry << 1] & FIELD_EXPIRES) === 0 ? 0 : expiryOf(words, entry);
}

/** The blob that holds an entry's value; 0 when it is inline. */
export function valueBlobOf(words: Int32Array, entry: Unit): Unit {
  return (words[entry << 1] & VALUE_IS_BLOB) === 0 ? 0 : words[(entry << 1) + VALUE_WORD];
}

/** Bytes of an entry's value. */
export function valueLengthOf(arena: Arena, entry: Unit): number {
  const blob = valueBlobOf(arena.words, entry);
  return blob === 0 ? arena.words[(entry << 1) + VALUE_WORD] : blobLength(arena, blob);
}

/** Offset in the arena of a value that is inline. */
export function valueOffsetOf(words: Int32Array, entry: Unit): number {
  const header = words[entry << 1];
  const room = (header & KEY_IS_BLOB) !== 0 ? 4 : ((header & KEY_LENGTH_MASK) + 3) & ~3;
  return (keyWordOf(words, entry) << 2) + room;
}

/**
 * Sets a field.
 * @param hash the field's `tableHash` @param old the field's entry, 0 if there is none
 * @param expiresAtMs milliseconds since 1970, NO_EXPIRY or KEEP_EXPIRY
 * @returns false when there is no memory; nothing was changed
 */
export function writeField(
  arena: Arena,
  header: Unit,
  hash: number,
  old: Unit,
  field: Memory,
  fieldOffset: number,
  fieldLength: number,
  value: Memory,
  valueOffset: number,
  valueLength: number,
  expiresAtMs: number,
): boolean {
  const { words } = arena;
  const room = keyRoom(fieldLength);
  const had = old !== 0 && (words[old << 1] & FIELD_EXPIRES) !== 0;
  const expires = expiresAtMs > 0 || (expiresAtMs === KEEP_EXPIRY && had);
  const keyWord = expires ? EXPIRING_KEY_WORD : PLAIN_KEY_WORD;
  const isInline = valueLength <= INLINE_VALUE_BYTES;
  const size = 4 * keyWord + room + (isInline ? (valueLength + 3) & ~3 : 0);
  if (
    old !== 0 && had === expires && isInline && (words[old << 1] & VALUE_IS_BLOB) === 0 &&
    pinnedClassOf(size) === arena.sizeClassAt(old)
  ) {
    words[(old << 1) + VALUE_WORD] = valueLength;
    copyPadded(value, valueOffset, arena, (old << 3) + 4 * keyWord + room, valueLength);
    if (expiresAtMs > 0) changeExpiry(arena, header, old, expiresAtMs);
    return true;
  }
  const entry = makeEntry(
    arena,
    size,
    entryHeader(fieldLength, keyWord) | (expires ? FIELD_EXPIRES : 0),
    hash,
    field,
    fieldOffset,
    fieldLength,
    value,
    valueOffset,
    valueLength,
  );
  if (entry === 0) return false;
  if (expires) writeExpiry(words, entry, expiresAtMs > 0 ? expiresAtMs : expiryOf(words, old));
  if (!putEntry(arena, header, hash, old, entry)) {
    freeOwned(arena, entry);
    return false;
  }
  return true;
}

/** An entry with its value, that belongs to nobody yet; 0 when there is no memory. */
function makeEntry(
  arena: Arena,
  size: number,
  head: number,
  hash: number,
  field: Memory,
  fieldOffset: number,
  fieldLength: number,
  value: Memory,
  valueOffset: number,
  valueLength: number,
): Unit {
  const { words } = arena;
  let blob = 0;
  if (valueLength > INLINE_VALUE_BYTES) {
    blob = blobCreate(arena, value, valueOffset, valueLength);
    if (blob === 0) return 0;
    head |= VALUE_IS_BLOB;
  }
  const entry = createEntry(arena, size, head, hash, field, fieldOffset, fieldLength);
  if (entry === 0) {
    if (blob !== 0) blobFree(arena, blob);
    return 0;
  }
  if (blob !== 0) {
    words[(entry << 1) + VALUE_WORD] = blob;
  } else {
    words[(entry << 1) + VALUE_WORD] = valueLength;
    copyPadded(value, valueOffset, arena, valueOffsetOf(words, entry), valueLength);
  }
  return entry;
}

/** Puts an entry in the table, in the place of an old one if there is one, which is freed. */
function putEntry(arena: Arena, header: Unit, hash: number, old: Unit, entry: Unit): boolean {
  const { words } = arena;
  const heap = (header << 1) + EXPIRING_WORD;
  const expires = (words[entry << 1] & FIELD_EXPIRES) !== 0;
  const had = old !== 0 && (words[old << 1] & FIELD_EXPIRES) !== 0;
  if (expires && !had && !heapAdd(arena, heap, entry)) return false;
  if (old !== 0) {
    tableReplace(arena, header, hash, old, entry);
  } else if (!tableInsert(arena, header, hash, entry)) {
    if (expires) heapRemove(arena, heap, entry);
    return false;
  }
  if (had && expires) {
    heapReplace(words, heap, old, entry);
    heapChange(words, heap, entry, expiryOf(words, entry));
  } else if (had) {
    heapRemove(arena, heap, old);
  }
  const blob = valueBlobOf(words, entry);
  if (blob !== 0) addOwnedBytes(words, header, blobBytes(arena, blob));
  if (old !== 0) {
    const oldBlob = valueBlobOf(words, old);
    if (oldBlob !== 0) addOwnedBytes(words, header, -blobBytes(arena, oldBlob));
    freeOwned(arena, old);
  }
  if (had || expires) renewTicket(arena, header);
  return true;
}

/** Frees an entry with its field and value. */
function freeOwned(arena: Arena, entry: Unit): void {
  const blob = valueBlobOf(arena.words, entry);
  if (blob !== 0) blobFree(arena, blob);
  freeEntry(arena, entry);
}

/** Removes a field. @param hash the field's `tableHash` */
export function removeField(arena: Arena, header: Unit, hash: number, entry: Unit): void {
  tableRemove(arena, header, hash, entry);
  const expires = (arena.words[entry << 1] & FIELD_EXPIRES) !== 0;
  freeFromTable(arena, entry, header);
  if (expires) renewTicket(arena, header);
}

/** Frees an entry that the table has let go. */
function freeFromTable(arena: Arena, entry: Unit, header: Unit): void {
  const { words } = arena;
  if ((words[entry << 1] & FIELD_EXPIRES) !== 0) {
    heapRemove(arena, (header << 1) + EXPIRING_WORD, entry);
  }
  const blob = valueBlobOf(words, entry);
  if (blob !== 0) addOwnedBytes(words, header, -blobBytes(arena, blob));
  freeOwned(arena, entry);
}

/**
 * Makes a field expire.
 * @param hash the field's `tableHash` @param expiresAtMs more than 0, or NO_EXPIRY
 * @returns false when there is no memory; nothing was changed
 */
export function setFieldExpiry(
  arena: Arena,
  header: Unit,
  hash: number,
  entry: Unit,
  expiresAtMs: number,
): boolean {
  const had = (arena.words[entry << 1] & FIELD_EXPIRES) !== 0;
  if (had && expiresAtMs > 0) changeExpiry(arena, header, entry, expiresAtMs);
  else if (had || expiresAtMs > 0) return reshapeEntry(arena, header, hash, entry, expiresAtMs);
  return true;
}

function changeExpiry(arena: Arena, header: Unit, entry: Unit, expiresAtMs: number): void {
  heapChange(arena.words, (header << 1) + EXPIRING_WORD, entry, expiresAtMs);
  renewTicket(arena, header);
}

/** Gives an entry room for an expiry, or takes it away. */
function reshapeEntry(
  arena: Arena,
  header: Unit,
  hash: number,
  old: Unit,
  expiresAtMs: number,
): boolean {
  const { words } = arena;
  const heap = (header << 1) + EXPIRING_WORD;
  const from = keyWordOf(words, old) << 2;
  const blob = valueBlobOf(words, old);
  const end = valueOffsetOf(words, old) + (blob === 0 ? words[(old << 1) + VALUE_WORD] : 0);
  const keyWord = expiresAtMs > 0 ? EXPIRING_KEY_WORD : PLAIN_KEY_WORD;
  const entry = arena.allocate(pinnedClassOf(4 * keyWord + end - from));
  if (entry === 0) return false;
  const kept = words[old << 1] & ~FIELD_EXPIRES & ~(31 << KEY_WORD_SHIFT);
  words[entry << 1] = kept | (keyWord << KEY_WORD_SHIFT) | (expiresAtMs > 0 ? FIELD_EXPIRES : 0);
  words[(entry << 1) + VALUE_WORD] = words[(old << 1) + VALUE_WORD];
  copyPadded(arena, from, arena, (entry << 3) + 4 * keyWord, end - from);
  if (expiresAtMs > 0) {
    writeExpiry(words, entry, expiresAtMs);
    if (!heapAdd(arena, heap, entry)) {
      arena.free(entry);
      return false;
    }
  } else {
    heapRemove(arena, heap, old);
  }
  tableReplace(arena, header, hash, old, entry);
  arena.free(old);
  renewTicket(arena, header);
  return true;
}

/** Removes the field that expires first, if its time has come. @returns whether it had */
export function dropFirstDue(arena: Arena, header: Unit, nowMs: number): boolean {
  const { words } = arena;
  const first = heapFirst(words, (header << 1) + EXPIRING_WORD);
  if (first === 0 || expiryOf(words, first) > nowMs) return false;
  removeField(arena, header, entryHash(arena, header, first), first);
  return true;
}

// Tickets

/**
 * Puts the hash in the heap that watches the hashes of its arena.
 * @param watch unit of that heap's header @param keyHash of the key that holds the hash
 * @returns false when there is no memory
 */
export function watchHash(arena: Arena, header: Unit, watch: Unit, keyHash: number): boolean {
  const { words } = arena;
  const held = words[(header << 1) + TICKET_WORD];
  if (held !== 0) {
    words[(held << 1) + KEY_HASH_WORD] = keyHash;
    return true;
  }
  const ticket = arena.allocate(pinnedClassOf(TICKET_BYTES));
  if (ticket === 0) return false;
  const word = ticket << 1;
  words[word] = header;
  words[word + WATCH_WORD] = watch;
  words[word + KEY_HASH_WORD] = keyHash;
  writeExpiry(words, ticket, firstExpiry(words, header) || NEVER);
  if (!heapAdd(arena, watch << 1, ticket)) {
    arena.free(ticket);
    return false;
  }
  words[(header << 1) + TICKET_WORD] = ticket;
  return true;
}

/** Takes the hash out of that heap. */
export function unwatchHash(arena: Arena, header: Unit): void {
  const { words } = arena;
  const ticket = words[(header << 1) + TICKET_WORD];
  if (ticket === 0) return;
  heapRemove(arena, words[(ticket << 1) + WATCH_WORD] << 1, ticket);
  arena.free(ticket);
  words[(header << 1) + TICKET_WORD] = 0;
}

/** Whether a ticket is there. */
export function isWatched(words: Int32Array, header: Unit): boolean {
  return words[(header << 1) + TICKET_WORD] !== 0;
}

/** The hash that a ticket stands for. */
export function hashOfTicket(words: Int32Array, ticket: Unit): Unit {
  return words[ticket << 1];
}

/** Hash of the key that holds a ticket's hash. */
export function keyHashOfTicket(words: Int32Array, ticket: Unit): number {
  return words[(ticket << 1) + KEY_HASH_WORD];
}

/** Brings the ticket to where its hash's first field expires. */
function renewTicket(arena: Arena, header: Unit): void {
  const { words } = arena;
  const ticket = words[(header << 1) + TICKET_WORD];
  if (ticket === 0) return;
  const expiresAtMs = firstExpiry(words, header);
  if (expiresAtMs === 0) {
    unwatchHash(arena, header);
  } else if (expiresAtMs !== expiryOf(words, ticket)) {
    heapChange(words, words[(ticket << 1) + WATCH_WORD] << 1, ticket, expiresAtMs);
  }
}

// The structure as a whole

function copyOwned(source: Arena, entry: Unit, target: Arena, header: Unit): Unit {
  let blob = valueBlobOf(source.words, entry);
  if (blob !== 0) {
    blob = blobCopy(source, blob, target);
    if (blob === 0) return 0;
  }
  const copy = copyEntry(source, entry, target);
  const heap = (header << 1) + EXPIRING_WORD;
  const expires = (source.words[entry << 1] & FIELD_EXPIRES) !== 0;
  if (copy === 0 || (expires && !heapAdd(target, heap, copy))) {
    if (copy !== 0) freeEntry(target, copy);
    if (blob !== 0) blobFree(target, blob);
    return 0;
  }
  if (blob !== 0) {
    target.words[(copy << 1) + VALUE_WORD] = blob;
    addOwnedBytes(target.words, header, blobBytes(target, blob));
  }
  return copy;
}

function checkOwned(arena: Arena, entry: Unit, owner: BlockOwner): number {
  const blob = valueBlobOf(arena.words, entry);
  if (blob === 0) {
    const end = valueOffsetOf(arena.words, entry) + arena.words[(entry << 1) + VALUE_WORD];
    if (end > (entry << 3) + arena.blockSize(entry)) {
      throw new Error(`value of ${entry} is cut off`);
    }
    return 0;
  }
  blobCheck(arena, blob, owner);
  return blobBytes(arena, blob);
}

/** What the keyspace does with large hashes. */
export const HASH_TABLE: Structure = {
  free(arena, header, budget) {
    unwatchHash(arena, header);
    if (!tableFree(arena, header, budget, freeFromTable)) return false;
    arena.free(header);
    return true;
  },

  copy(source, header, target) {
    const copy = target.allocate(pinnedClassOf(HEADER_BYTES));
    if (copy === 0) return 0;
    initHeap(target.words, (copy << 1) + EXPIRING_WORD);
    target.words[(copy << 1) + TICKET_WORD] = 0;
    if (tableCopy(source, header, target, copy, copyOwned, freeFromTable)) return copy;
    target.free(copy);
    return 0;
  },

  sizeBytes(arena, header) {
    const { words } = arena;
    const ticket = words[(header << 1) + TICKET_WORD];
    return arena.blockSize(header) + tableSizeBytes(words, header) +
      heapBytes(words, (header << 1) + EXPIRING_WORD) +
      (ticket === 0 ? 0 : arena.blockSize(ticket));
  },

  check(arena, header, owner) {
    const { words } = arena;
    owner.ownsBlock(header);
    let expiring = 0;
    tableCheck(arena, header, owner, (arena, entry, owner) => {
      if (fieldExpiry(words, entry) !== 0) expiring++;
      return checkOwned(arena, entry, owner);
    });
    heapCheck(arena, (header << 1) + EXPIRING_WORD, owner);
    if (expiring !== expiringCount(words, header)) {
      throw new Error(`${expiring} fields expire, the heap has ${expiringCount(words, header)}`);
    }
    const ticket = words[(header << 1) + TICKET_WORD];
    if (ticket === 0) return;
    owner.ownsBlock(ticket);
    if (hashOfTicket(words, ticket) !== header) throw new Error(`ticket ${ticket} of another hash`);
    if (expiryOf(words, ticket) !== (firstExpiry(words, header) || NEVER)) {
      throw new Error(`ticket ${ticket} expires at a wrong time`);
    }
  },
};
