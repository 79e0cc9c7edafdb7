/** Which structure holds the large values of which kind. */
import { HASH_TABLE } from "../structs/hash_table.ts";
import { quicklist } from "../structs/quicklist_structure.ts";
import { setTable } from "../structs/set_table.ts";
import { SORTED_SET, TABLE_UNIT } from "../structs/sorted_set.ts";
import { STREAM } from "../structs/stream.ts";
import type { Structure } from "../structs/structure.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_LISTPACK_EX,
  ENCODING_QUICKLIST,
  ENCODING_SKIPLIST,
  ENCODING_STREAM,
  encodingOfKind,
  makeKind,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_ZSET,
} from "./record_kinds.ts";

/** By kind (record_kinds.ts). */
export const STRUCTURES: Readonly<Record<number, Structure>> = {
  [makeKind(TYPE_LIST, ENCODING_QUICKLIST)]: quicklist,
  [makeKind(TYPE_HASH, ENCODING_HASHTABLE)]: HASH_TABLE,
  [makeKind(TYPE_HASH, ENCODING_LISTPACK_EX)]: HASH_TABLE,
  [makeKind(TYPE_SET, ENCODING_HASHTABLE)]: setTable,
  [makeKind(TYPE_ZSET, ENCODING_SKIPLIST)]: SORTED_SET,
  [makeKind(TYPE_STREAM, ENCODING_STREAM)]: STREAM,
};

/** Where a structure of a kind has its byte table, as distance from its header; -1 = it has none. */
export function tableOf(kind: number): number {
  switch (encodingOfKind(kind)) {
    case ENCODING_HASHTABLE:
    case ENCODING_LISTPACK_EX:
      return 0;
    case ENCODING_SKIPLIST:
      return TABLE_UNIT;
    default:
      return -1;
  }
}
