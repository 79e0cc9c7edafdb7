// DUMP and RESTORE.

import { Buffer } from "node:buffer";
import { test } from "node:test";
import assert from "node:assert/strict";
import { COMMAND_FAMILIES } from "../../../src/server/command_families.ts";
import type { Settings } from "../../../src/ports/settings.ts";
import { CommandEncoder } from "../../../src/protocol/command_encoder.ts";
import { RespWriter } from "../../../src/protocol/resp/writer.ts";
import * as rdb from "../../../src/structs/rdb_format.ts";
import { createFixture, type Fixture } from "../../support/engine_fixture.ts";
import {
  listpackOf,
  OLD_PAYLOADS,
  packedPayload,
  payload,
  resealed,
  streamNode,
  streamPayload,
  writeText,
  ziplist,
  zipmap,
} from "../../support/rdb_payloads.ts";
import { converse, START_MS } from "../string/conversation.ts";

const BUSY = "-BUSYKEY Target key name already exists.";
const NOT_AN_INTEGER = "-ERR value is not an integer or out of range";
const BAD_CHECKSUM = "-ERR DUMP payload version or checksum are wrong";
const BAD_FORMAT = "-ERR Bad data format";
const SYNTAX_ERROR = "-ERR syntax error";

const encoder = new CommandEncoder();

function createDumpFixture(settings?: Partial<Settings>, capacityBytes?: number): Fixture {
  const capacity = capacityBytes === undefined ? {} : { capacityBytes };
  return createFixture({ families: COMMAND_FAMILIES, settings: settings ?? {}, ...capacity });
}

/** What DUMP replies, as bytes. */
function dump(fixture: Fixture, key: string): Buffer {
  const writer = new RespWriter();
  fixture.executor.executeLocal(encoder.encode([["DUMP", key]]), fixture.session, writer);
  const reply = Buffer.from(writer.output.bytes.slice(0, writer.output.length));
  return reply.subarray(reply.indexOf("\r\n") + 2, reply.length - 2);
}

const STRING = payload(rdb.TYPE_STRING, (out) => writeText(out, "value"));

test("DUMP of a string is what Redis writes", () => {
  const fixture = createDumpFixture();
  converse(fixture, [["DUMP k", "nil"], ["SET k 10", "+OK"]]);
  // From the documentation of DUMP, with the RDB version of Redis 7 and its checksum.
  assert.deepEqual(dump(fixture, "k").subarray(0, 5), Buffer.of(0, 0xc0, 10, 10, 0));
  fixture.run("SET", "k", "hello");
  assert.deepEqual(dump(fixture, "k").subarray(0, 9), Buffer.from("\0\x05hello\x0a\0", "latin1"));
});

test("RESTORE makes a key, and keeps the time to live that it is given", () => {
  const fixture = createDumpFixture();
  converse(fixture, [
    [["RESTORE", "k", "0", STRING], "+OK"],
    ["GET k", '"value"'],
    ["PTTL k", ":-1"],
    [["RESTORE", "k", "0", STRING], BUSY],
    [["RESTORE", "k", "5000", STRING, "replace"], "+OK"],
    ["PTTL k", ":5000"],
    [["RESTORE", "k", String(START_MS + 70), STRING, "ABSTTL", "REPLACE"], "+OK"],
    ["PTTL k", ":70"],
    [["RESTORE", "k", "9007199254740993", STRING, "REPLACE"], "+OK"],
    ["GET k", '"value"'],
  ]);
});

test("RESTORE of what is past already removes the key that it was to replace", () => {
  const fixture = createDumpFixture();
  converse(fixture, [
    [["RESTORE", "k", "1", STRING, "ABSTTL"], "+OK"],
    ["EXISTS k", ":0"],
    ["SET k old", "+OK"],
    [["RESTORE", "k", "1", STRING, "ABSTTL", "REPLACE"], "+OK"],
    ["EXISTS k", ":0"],
    // The sum comes round at 64 bits, and is past.
    [["RESTORE", "k", "9223372036854775807", STRING], "+OK"],
    ["EXISTS k", ":0"],
  ]);
});

test("RESTORE tells the key how it was used elsewhere, as far as the policy keeps it", () => {
  const idle = createDumpFixture({ maxmemoryPolicy: "allkeys-lru" });
  converse(idle, [
    [["RESTORE", "k", "0", STRING, "IDLETIME", "1000"], "+OK"],
    ["OBJECT IDLETIME k", ":1000"],
    [["RESTORE", "k2", "0", STRING, "FREQ", "200"], "+OK"],
    ["OBJECT IDLETIME k2", ":0"],
  ]);
  const frequent = createDumpFixture({ maxmemoryPolicy: "allkeys-lfu" });
  converse(frequent, [
    [["RESTORE", "k", "0", STRING, "FREQ", "200"], "+OK"],
    ["OBJECT FREQ k", ":200"],
    [["RESTORE", "k2", "0", STRING, "IDLETIME", "1000"], "+OK"],
    ["OBJECT FREQ k2", ":5"],
  ]);
});

test("RESTORE refuses options, keys, times and payloads, in this order", () => {
  const fixture = createDumpFixture();
  converse(fixture, [["SET k old", "+OK"]]);
  for (const options of [["NX"], ["IDLETIME"], ["FREQ"], ["IDLETIME", "1", "FREQ", "2"]]) {
    converse(fixture, [[["RESTORE", "k", "x", "y", ...options], SYNTAX_ERROR]]);
  }
  converse(fixture, [
    [["RESTORE", "k", "x", "y", "IDLETIME", "x"], NOT_AN_INTEGER],
    [["RESTORE", "k", "x", "y", "IDLETIME", "-1"], "-ERR Invalid IDLETIME value, must be >= 0"],
    [["RESTORE", "k", "x", "y", "FREQ", "x"], NOT_AN_INTEGER],
    [["RESTORE", "k", "x", "y", "FREQ", "256"], "-ERR Invalid FREQ value, must be >= 0 and <= 255"],
    [["RESTORE", "k", "x", "y", "FREQ", "-1"], "-ERR Invalid FREQ value, must be >= 0 and <= 255"],
    ["RESTORE k x y", BUSY],
    ["RESTORE k x y REPLACE", NOT_AN_INTEGER],
    ["RESTORE k -1 y REPLACE", "-ERR Invalid TTL value, must be >= 0"],
    ["RESTORE k 0 y REPLACE", BAD_CHECKSUM],
    [["RESTORE", "k", "0", ""], BUSY],
    [["RESTORE", "new", "0", ""], BAD_CHECKSUM],
    [["RESTORE", "new", "0", Buffer.alloc(9)], BAD_CHECKSUM],
    [["RESTORE", "new", "0", Buffer.alloc(10, 1)], BAD_CHECKSUM],
    [["RESTORE", "new", "0", resealed(STRING, rdb.MAX_VERSION + 1)], BAD_CHECKSUM],
    [["RESTORE", "new", "0", resealed(STRING, 1)], "+OK"],
    ["GET k", '"old"'],
  ]);
  for (let i = 0; i < STRING.length * 8; i++) {
    const changed = Buffer.from(STRING);
    changed[i >> 3] ^= 1 << (i & 7);
    converse(fixture, [[["RESTORE", "k", "0", changed, "REPLACE"], BAD_CHECKSUM]]);
  }
  converse(fixture, [["GET k", '"old"']]);
});

test("values of every type come back from their dump", () => {
  const fixture = createDumpFixture();
  const long = "x".repeat(100);
  const many = Array.from({ length: 300 }, (_, i) => `element:${i}`);
  const commands: string[][] = [
    ["SET", "k", "some text"],
    ["RPUSH", "k", "a", "1", long],
    ["RPUSH", "k", ...many, "x".repeat(20_000)],
    ["SADD", "k", "1", "2", "3"],
    ["SADD", "k", "a", "1"],
    ["SADD", "k", ...many],
    ["HSET", "k", "f", "v", "1", "2"],
    ["HSET", "k", "f", long, "1", "2"],
    ["ZADD", "k", "1.5", "a", "inf", "b"],
    ["ZADD", "k", ...many.flatMap((each, i) => [String(i / 8), each])],
    ["XADD", "k", "1-1", "f", "v"],
  ];
  for (const command of commands) {
    fixture.run("DEL", "k", "copy");
    assert.notEqual(fixture.run(...command)[0], "-", `${command.slice(0, 3)}`);
    const bytes = dump(fixture, "k");
    assert.equal(fixture.run("RESTORE", "copy", "0", bytes), "+OK\r\n");
    assert.equal(fixture.line("OBJECT ENCODING copy"), fixture.line("OBJECT ENCODING k"));
    assert.equal(dump(fixture, "copy").length, bytes.length);
    fixture.engine.keyspace.checkInvariants();
  }
});

test("lists whose nodes are packed come back whole", () => {
  const fixture = createDumpFixture({ listCompressDepth: 1, listMaxListpackSize: 10 });
  const elements = Array.from({ length: 100 }, (_, i) => `a rather long element ${i}`);
  fixture.run("RPUSH", "k", ...elements);
  assert.equal(fixture.run("RESTORE", "copy", "0", dump(fixture, "k")), "+OK\r\n");
  assert.equal(fixture.line("LRANGE copy 0 -1"), fixture.line("LRANGE k 0 -1"));
  assert.deepEqual(dump(fixture, "copy"), dump(fixture, "k"));
  fixture.engine.keyspace.checkInvariants();
});

test("RESTORE counts as one change, whatever the value takes", () => {
  const fixture = createDumpFixture();
  const before = fixture.engine.keyspace.stats.dirty;
  fixture.run("RPUSH", "k", "a");
  const bytes = dump(fixture, "k");
  fixture.run("DEL", "k");
  assert.equal(fixture.run("RESTORE", "k", "0", bytes), "+OK\r\n");
  assert.equal(fixture.engine.keyspace.stats.dirty, before + 3);
});

test("what the limits don't allow gets another encoding than it had", () => {
  const fixture = createDumpFixture({
    setMaxListpackEntries: 3,
    setMaxIntsetEntries: 2,
    hashMaxListpackEntries: 1,
    zsetMaxListpackValue: 2,
    listMaxListpackSize: 2,
  });
  const restore = (bytes: Buffer): string => {
    assert.equal(fixture.run("RESTORE", "k", "0", bytes, "REPLACE"), "+OK\r\n");
    return fixture.line("OBJECT ENCODING k").split("\r\n")[1];
  };
  const set = listpackOf(["a", "b", "c"]), hash = listpackOf(["f", "v"]);
  assert.equal(restore(packedPayload(rdb.TYPE_SET_LISTPACK, set)), "listpack");
  const larger = listpackOf(["a", "b", "c", "d"]);
  assert.equal(restore(packedPayload(rdb.TYPE_SET_LISTPACK, larger)), "hashtable");
  const intset = Buffer.from("020000000300000001000200ff00", "hex");
  assert.equal(restore(packedPayload(rdb.TYPE_SET_INTSET, intset)), "listpack");
  assert.equal(restore(packedPayload(rdb.TYPE_HASH_LISTPACK, hash)), "listpack");
  assert.equal(restore(packedPayload(rdb.TYPE_HASH_LISTPACK, larger)), "hashtable");
  const scores = listpackOf(["ab", "1"]), longer = listpackOf(["abc", "1"]);
  assert.equal(restore(packedPayload(rdb.TYPE_ZSET_LISTPACK, scores)), "listpack");
  assert.equal(restore(packedPayload(rdb.TYPE_ZSET_LISTPACK, longer)), "skiplist");
  const list = (bytes: Buffer): Buffer =>
    payload(rdb.TYPE_LIST_QUICKLIST_2, (out) => {
      out.lengthOf(1);
      out.lengthOf(rdb.NODE_PACKED);
      writeText(out, bytes);
    });
  assert.equal(restore(list(hash)), "listpack");
  assert.equal(restore(list(set)), "quicklist");
  fixture.engine.keyspace.checkInvariants();
});

test("types of earlier versions are read", () => {
  const fixture = createDumpFixture();
  for (const [name, bytes] of OLD_PAYLOADS) {
    assert.equal(fixture.run("RESTORE", name, "0", bytes), "+OK\r\n", name);
  }
  fixture.engine.keyspace.checkInvariants();
  converse(fixture, [
    [["LRANGE", "list as a ziplist", "6", "10"], '["0", "12", "13", "-1", "127"]'],
    [["LLEN", "list of ziplists"], ":21"],
    [["HGET", "hash as a zipmap", "f1"], '"v1"'],
    [["HGET", "hash as a zipmap with holes", "f2"], '""'],
    [["HLEN", "hash as a ziplist"], ":4"],
    [["ZRANGE", "sorted set as a ziplist", "0", "-1"], '["b", "a", "5"]'],
    [["ZRANGE", "sorted set with scores as text", "0", "1"], '["member -Infinity", "member -3"]'],
  ]);
});

test("hashes whose fields expire come back with their times", () => {
  const fixture = createDumpFixture();
  const later = START_MS + 100_000;
  const restore = (bytes: Buffer): string => fixture.run("RESTORE", "k", "0", bytes, "REPLACE");
  const rows = [["a", "1", 0], ["b", "2", later], ["c", "3", later + 50]] as const;
  const fields = payload(rdb.TYPE_HASH_METADATA, (out) => {
    out.time(later);
    out.lengthOf(rows.length);
    for (const [field, value, at] of rows) {
      out.lengthOf(at === 0 ? 0 : at - later + 1);
      writeText(out, field);
      writeText(out, value);
    }
  }, 12);
  const preGa = payload(rdb.TYPE_HASH_METADATA_PRE_GA, (out) => {
    out.lengthOf(rows.length);
    for (const [field, value, at] of rows) {
      out.lengthOf(at);
      writeText(out, field);
      writeText(out, value);
    }
  }, 12);
  const packed = listpackOf(rows.flat().map(String));
  const listpackEx = payload(rdb.TYPE_HASH_LISTPACK_EX, (out) => {
    out.time(later);
    writeText(out, packed);
  }, 12);
  const made = packedPayload(rdb.TYPE_HASH_LISTPACK_EX_PRE_GA, packed);
  for (const bytes of [fields, preGa, listpackEx, made]) {
    assert.equal(restore(bytes), "+OK\r\n");
    converse(fixture, [
      ["HMGET k a b c", '["1", "2", "3"]'],
      ["HPTTL k FIELDS 3 a b c", "[:-1, :100000, :100050]"],
    ]);
    fixture.engine.keyspace.checkInvariants();
    const again = dump(fixture, "k");
    assert.deepEqual([again[0], again[again.length - 10]], [rdb.TYPE_HASH_METADATA, 12]);
    assert.equal(fixture.run("RESTORE", "copy", "0", again, "REPLACE"), "+OK\r\n");
    converse(fixture, [["HPEXPIRETIME copy FIELDS 2 a b", `[:-1, :${later}]`]]);
  }
  fixture.clock.advance(100_001);
  converse(fixture, [["HMGET k a b c", '["1", nil, "3"]']]);
  const past = listpackOf(["a", "1", "1"]);
  assert.equal(restore(packedPayload(rdb.TYPE_HASH_LISTPACK_EX_PRE_GA, past)), "+OK\r\n");
  converse(fixture, [["EXISTS k", ":0"]]);
  fixture.engine.keyspace.checkInvariants();
});

const UNSOUND: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["no type", resealed(Buffer.alloc(10))],
  ["a type there is not", packedPayload(26, Buffer.from("x"))],
  ["a module's type", packedPayload(7, Buffer.from("x"))],
  ["a string that is cut off", payload(rdb.TYPE_STRING, (out) => out.lengthOf(5))],
  ["a string of 2^63 bytes", payload(rdb.TYPE_STRING, (out) => out.length64(0, 1 << 31))],
  ["a length that is none", payload(rdb.TYPE_STRING, (out) => out.byte(0x83))],
  ["an encoding that is none", payload(rdb.TYPE_STRING, (out) => out.byte(0xc4))],
  ["an integer that is cut off", payload(rdb.TYPE_STRING, (out) => out.byte(0xc2))],
  [
    "a packed string of 500 MB",
    payload(rdb.TYPE_STRING, (out) => {
      out.byte(0xc3);
      out.lengthOf(3);
      out.lengthOf(500_000_000);
      writeText(out, "abc");
    }),
  ],
  [
    "a packed string of another length",
    payload(rdb.TYPE_STRING, (out) => {
      out.byte(0xc3);
      out.lengthOf(4);
      out.lengthOf(4);
      for (const byte of [2, 97, 98, 99]) out.byte(byte);
    }),
  ],
  ...[rdb.TYPE_LIST, rdb.TYPE_SET, rdb.TYPE_ZSET, rdb.TYPE_ZSET_2, rdb.TYPE_HASH].flatMap((type) =>
    [
      [`nothing in type ${type}`, payload(type, (out) => out.lengthOf(0))],
      [`too many elements in type ${type}`, payload(type, (out) => out.lengthOf(1_000_000_000))],
    ] as const
  ),
  ["an empty list of nodes", payload(rdb.TYPE_LIST_QUICKLIST_2, (out) => out.lengthOf(0))],
  [
    "a node of another kind",
    payload(rdb.TYPE_LIST_QUICKLIST_2, (out) => {
      out.lengthOf(1);
      out.lengthOf(3);
      writeText(out, "x");
    }),
  ],
  [
    "a node that is no listpack",
    payload(rdb.TYPE_LIST_QUICKLIST_2, (out) => {
      out.lengthOf(1);
      out.lengthOf(rdb.NODE_PACKED);
      writeText(out, "x");
    }),
  ],
  [
    "a member twice",
    payload(rdb.TYPE_SET, (out) => {
      out.lengthOf(2);
      writeText(out, "1");
      writeText(out, "1");
    }),
  ],
  ["a packed member twice", packedPayload(rdb.TYPE_SET_LISTPACK, listpackOf(["a", "a"]))],
  ["an empty listpack", packedPayload(rdb.TYPE_SET_LISTPACK, listpackOf([]))],
  [
    "an intset that descends",
    packedPayload(11, Buffer.from("02000000020000000200 0100".replace(" ", ""), "hex")),
  ],
  ["an intset of width 3", packedPayload(11, Buffer.from("0300000001000000020000", "hex"))],
  ["an empty intset", packedPayload(11, Buffer.from("0200000000000000", "hex"))],
  ["a field twice", packedPayload(rdb.TYPE_HASH_LISTPACK, listpackOf(["a", "1", "a", "2"]))],
  ["a field without value", packedPayload(rdb.TYPE_HASH_LISTPACK, listpackOf(["a"]))],
  ["an empty hash", packedPayload(rdb.TYPE_HASH_LISTPACK, listpackOf([]))],
  ["no expiry", packedPayload(rdb.TYPE_HASH_LISTPACK_EX_PRE_GA, listpackOf(["a", "1"]))],
  ["no time", packedPayload(rdb.TYPE_HASH_LISTPACK_EX_PRE_GA, listpackOf(["a", "1", "x"]))],
  [
    "a sorted member twice",
    packedPayload(rdb.TYPE_ZSET_LISTPACK, listpackOf(["a", "1", "a", "2"])),
  ],
  ["a score that is none", packedPayload(rdb.TYPE_ZSET_LISTPACK, listpackOf(["a", "x"]))],
  ["no score", packedPayload(rdb.TYPE_ZSET_LISTPACK, listpackOf(["a"]))],
  ["an empty sorted set", packedPayload(rdb.TYPE_ZSET_LISTPACK, listpackOf([]))],
  [
    "a score of NaN",
    payload(rdb.TYPE_ZSET_2, (out) => {
      out.lengthOf(1);
      writeText(out, "a");
      out.double(NaN);
    }),
  ],
  [
    "an old score of NaN",
    payload(rdb.TYPE_ZSET, (out) => {
      out.lengthOf(1);
      writeText(out, "a");
      out.byte(253);
    }),
  ],
  [
    "a ziplist that is cut off",
    packedPayload(rdb.TYPE_LIST_ZIPLIST, ziplist(["a"]).subarray(0, -1)),
  ],
  ["an empty ziplist", packedPayload(rdb.TYPE_HASH_ZIPLIST, ziplist([]))],
  [
    "a zipmap that is cut off",
    packedPayload(rdb.TYPE_HASH_ZIPMAP, zipmap(["a", "b"], 0).subarray(0, -1)),
  ],
  ["an empty zipmap", packedPayload(rdb.TYPE_HASH_ZIPMAP, zipmap([], 0))],
];

/** The node with one of its elements replaced. */
function changedNode(index: number, element: string): { readonly node: readonly string[] } {
  return { node: streamNode(false).map((each, i) => i === index ? element : each) };
}

const UNSOUND_STREAMS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["a key of 15 bytes", streamPayload({ key: Buffer.alloc(15) })],
  ["a node twice", streamPayload({ nodes: 2, length: 4 })],
  ["another length", streamPayload({ length: 3 })],
  ["a last id that is less", streamPayload({ lastMs: 6 })],
  ["too many entries added", streamPayload({ addedHigh: -1 })],
  ["no node", streamPayload({ node: [] })],
  ["a count that is none", streamPayload(changedNode(0, "x"))],
  ["another count", streamPayload(changedNode(0, "3"))],
  ["a count that is less", streamPayload(changedNode(0, "1"))],
  ["another count of deleted ones", streamPayload(changedNode(1, "1"))],
  ["too many fields", streamPayload(changedNode(2, "1000000000000"))],
  ["a negative number of fields", streamPayload(changedNode(2, "-1"))],
  ["no zero behind the fields", streamPayload(changedNode(4, "1"))],
  ["flags that are none", streamPayload(changedNode(5, "x"))],
  ["flags there are not", streamPayload(changedNode(5, "4"))],
  ["an id before the node's", streamPayload(changedNode(6, "-1"))],
  ["no difference", streamPayload(changedNode(7, "x"))],
  ["another element count", streamPayload(changedNode(9, "5"))],
  ["an id that does not ascend", streamPayload(changedNode(11, "-1"))],
  ["more fields than there are", streamPayload(changedNode(13, "9"))],
  ["an entry that is cut off", streamPayload({ node: streamNode(false).slice(0, -2) })],
  ["a group twice", streamPayload({ groups: ["g", "g"] })],
  ["a group with a long name", streamPayload({ groups: ["g".repeat(40_000)] })],
  ["negative entries read", streamPayload({ entriesRead: [-2, -1] })],
  ["pending twice", streamPayload({ pending: ["5", "5"] })],
  ["a consumer twice", streamPayload({ consumers: ["one", "one"], pending: [] })],
  ["pending of two", streamPayload({ consumers: ["one", "two"] })],
  ["pending of none", streamPayload({ owned: ["5"] })],
  ["pending of no group", streamPayload({ pending: ["5"], owned: ["5", "7"] })],
  [
    "groups that are cut off",
    payload(rdb.TYPE_STREAM_LISTPACKS_2, (out) => {
      for (let i = 0; i < 9; i++) out.lengthOf(0);
      out.lengthOf(1_000_000);
    }),
  ],
];

test("streams come back with their groups, from every version", () => {
  const fixture = createDumpFixture();
  for (const type of [15, 19, 21]) {
    const bytes = streamPayload({ type });
    assert.equal(fixture.run("RESTORE", "s", "0", bytes, "REPLACE"), "+OK\r\n");
    converse(fixture, [
      ["XRANGE s - +", '[["5-0", ["field", "value"]], ["7-1", ["other", "value"]]]'],
      ["XPENDING s group", '[:2, "5-0", "7-1", [["one", "2"]]]'],
      [
        "XADD s 9-0 f v",
        "-ERR The ID specified in XADD is equal or smaller than the target " +
        "stream top item",
      ],
      ["XADD s 9-1 f v", '"9-1"'],
      ["XACK s group 7-1", ":1"],
    ]);
    fixture.engine.keyspace.checkInvariants();
  }
  const deleted = streamPayload({ node: streamNode(true), length: 1 });
  assert.equal(fixture.run("RESTORE", "s", "0", deleted, "REPLACE"), "+OK\r\n");
  converse(fixture, [["XRANGE s - +", '[["7-1", ["other", "value"]]]'], ["XLEN s", ":1"]]);
  fixture.engine.keyspace.checkInvariants();
});

test("unsound payloads are refused and change nothing", () => {
  const fixture = createDumpFixture();
  fixture.run("SET", "k", "old", "EX", "100");
  const { keyspace, stats } = fixture.engine;
  const used = keyspace.arenas[0].usedPages;
  for (const [name, bytes] of [...UNSOUND, ...UNSOUND_STREAMS]) {
    const before = stats.dirty;
    assert.equal(fixture.run("RESTORE", "new", "0", bytes), `${BAD_FORMAT}\r\n`, name);
    assert.equal(fixture.run("RESTORE", "k", "0", bytes, "REPLACE"), `${BAD_FORMAT}\r\n`, name);
    assert.equal(stats.dirty, before, name);
    converse(fixture, [["GET k", '"old"'], ["TTL k", ":100"], ["DBSIZE", ":1"]]);
  }
  keyspace.checkInvariants();
  assert.equal(keyspace.arenas[0].usedPages, used);
});

test("a value that finds no memory is refused, and the key stays as it was", () => {
  const source = createDumpFixture();
  const many = Array.from({ length: 250 }, (_, i) => `element ${i} ${"x".repeat(100_000)}`);
  const values: string[][] = [
    ["RPUSH", "k", ...many],
    ["SADD", "k", ...many],
    ["HSET", "k", ...many],
    ["ZADD", "k", ...many.flatMap((each, i) => [String(i), each])],
  ];
  for (const command of values) {
    source.run("DEL", "k");
    source.run(...command);
    const bytes = dump(source, "k");
    const small = createDumpFixture({ maxmemoryPolicy: "noeviction" }, 4 * 1024 * 1024);
    assert.equal(small.run("SET", "k", "old"), "+OK\r\n");
    const reply = small.run("RESTORE", "k", "0", bytes, "REPLACE");
    assert.match(reply, /^-OOM /, command[0]);
    converse(small, [["GET k", '"old"'], ["DBSIZE", ":1"]]);
    small.engine.keyspace.checkInvariants();
  }
});
