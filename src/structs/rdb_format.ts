/**
 * Numbers of Redis's RDB format, as far as a single dumped value has them.
 *
 *   payload of DUMP    type (1) | value | RDB version (2) | CRC64 of all before it (8)
 *
 *   length      00llllll | 01llllll llllllll | 80 and 4 bytes, high one first | 81 and 8 bytes
 *   string      length, then the bytes; or 11tttttt, and by t:
 *                 0, 1, 2   an integer of 1, 2, 4 bytes, low one first, that stands for its digits
 *                 3         length packed | length | bytes packed by LZF
 *
 * Source: Redis src/rdb.h and src/rdb.c.
 */

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_ZSET_2 = 5;
export const TYPE_HASH_ZIPMAP = 9;
export const TYPE_LIST_ZIPLIST = 10;
export const TYPE_SET_INTSET = 11;
export const TYPE_ZSET_ZIPLIST = 12;
export const TYPE_HASH_ZIPLIST = 13;
export const TYPE_LIST_QUICKLIST = 14;
export const TYPE_STREAM_LISTPACKS = 15;
export const TYPE_HASH_LISTPACK = 16;
export const TYPE_ZSET_LISTPACK = 17;
export const TYPE_LIST_QUICKLIST_2 = 18;
export const TYPE_STREAM_LISTPACKS_2 = 19;
export const TYPE_SET_LISTPACK = 20;
export const TYPE_STREAM_LISTPACKS_3 = 21;
/** Hashes whose fields expire, as release candidates of Redis 7.4 wrote them, and as 7.4 does. */
export const TYPE_HASH_METADATA_PRE_GA = 22;
export const TYPE_HASH_LISTPACK_EX_PRE_GA = 23;
export const TYPE_HASH_METADATA = 24;
export const TYPE_HASH_LISTPACK_EX = 25;

/** Kinds of nodes in a quicklist. */
export const NODE_PLAIN = 1;
export const NODE_PACKED = 2;

/** Version that every Redis 7 reads. */
export const VERSION = 10;
/** Version of hashes whose fields expire. */
export const VERSION_OF_FIELD_EXPIRY = 12;
/** Latest version that is read. */
export const MAX_VERSION = 12;
export const VERSION_BYTES = 2;
export const CHECKSUM_BYTES = 8;
export const FOOTER_BYTES: number = VERSION_BYTES + CHECKSUM_BYTES;

// Lengths
export const LENGTH_6 = 0x00;
export const LENGTH_14 = 0x40;
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
export const ENCODED = 0xc0;

// Encodings of strings
export const INT_8 = 0;
export const INT_16 = 1;
export const INT_32 = 2;
export const LZF = 3;

/** Longest digits that may become an integer. */
export const MAX_INTEGER_DIGITS = 11;
/** Longer strings are worth packing. */
export const MIN_PACKED_BYTES = 20;
