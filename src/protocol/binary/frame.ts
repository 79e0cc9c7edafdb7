/**
 * Frames of the binary batch protocol: a header of 16 bytes and a body, all numbers little-endian.
 *
 *   OFFSET  SIZE  FIELD
 *        0     1  magic   0xCB: the first byte of a connection tells the protocol
 *        1     1  kind    KIND_…
 *        2     2  flags   FLAG_…; bits that are not defined are 0
 *        4     4  length  of the body, in bytes
 *        8     4  id      chosen by the client; replies have that of their request, pushes have 0
 *       12     4  count   commands of a request, results of replies; version of hello and welcome
 *
 * The body of a request is runs, one behind the other: commands in a row that have the same name and the
 * same number of arguments.
 *
 *   OFFSET  SIZE  FIELD
 *        0     4  commands   in the run, at least 1
 *        4     4  arguments  of each of them, its name included, at least 1
 *        8     1  length of the name, at least 1
 *        9     1  width of the lengths: 1, 2 or 4 bytes
 *       10     2  0
 *       12        the name; the lengths, command by command; the arguments' bytes in the same order
 *
 * PROTOCOL.md beside this file is the whole of it. A number here is on the wire: it never changes.
 */
export const MAGIC = 0xcb;
export const HEADER_BYTES = 16;
/** The highest, and only, version spoken. */
export const PROTOCOL_VERSION = 1;

export const KIND_OFFSET = 1;
export const FLAGS_OFFSET = 2;
export const LENGTH_OFFSET = 4;
export const ID_OFFSET = 8;
export const COUNT_OFFSET = 12;

// Kinds of frames: from the client …
export const KIND_HELLO = 0x01;
export const KIND_REQUEST = 0x02;
// … and to it.
export const KIND_WELCOME = 0x81;
export const KIND_REPLIES = 0x82;
export const KIND_PUSH = 0x83;
export const KIND_REFUSED = 0x84;

/** Of a request: all or none of its commands run, as between MULTI and EXEC. */
export const FLAG_ATOMIC = 1;
/** Of replies: further frames of the same id bring the rest. */
export const FLAG_MORE = 1;

export const RUN_HEADER_BYTES = 12;
export const RUN_ARGUMENTS_OFFSET = 4;
export const RUN_NAME_LENGTH_OFFSET = 8;
export const RUN_WIDTH_OFFSET = 9;
export const RUN_RESERVED_OFFSET = 10;

/** Most commands of a run that have no arguments: they take no bytes, so nothing else bounds them. */
export const MAX_BARE_COMMANDS = 1024;

// Tags of results.
export const TAG_NULL = 0x00;
export const TAG_FALSE = 0x01;
export const TAG_TRUE = 0x02;
/** The simple string OK. */
export const TAG_OK = 0x03;
export const TAG_INT32 = 0x04;
export const TAG_INT64 = 0x05;
export const TAG_DOUBLE = 0x06;
export const TAG_SIMPLE = 0x07;
/** Its text begins with its code, without a dash. */
export const TAG_ERROR = 0x08;
export const TAG_BULK = 0x09;
export const TAG_VERBATIM = 0x0a;
/** An integer of any size, as decimal digits. */
export const TAG_BIG_NUMBER = 0x0b;
export const TAG_ARRAY = 0x0c;
export const TAG_MAP = 0x0d;
export const TAG_SET = 0x0e;
export const TAG_PUSH = 0x0f;
/** A bulk of at most 255 bytes, whose length takes one. */
export const TAG_SHORT_BULK = 0x10;

/** The longest bulk that is sent as TAG_SHORT_BULK. */
export const SHORT_BULK_MAX = 255;

/** Content type of one frame as the body of an HTTP request, or of its answer. */
export const CONTENT_TYPE = "application/vnd.crabcache.batch";
