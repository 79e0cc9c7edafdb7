/** What the commands of strings, hashes and keys as such tell of the keys they change, as redis-server does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { writeAscii } from "../../src/bytes/ascii.ts";
import { makeRegion } from "../../src/bytes/region.ts";
import { BITMAP_COMMANDS } from "../../src/commands/bitmap/mod.ts";
import { GENERIC_COMMANDS } from "../../src/commands/generic/mod.ts";
import { HASH_COMMANDS } from "../../src/commands/hash/mod.ts";
import { HYPERLOGLOG_COMMANDS } from "../../src/commands/hyperloglog/mod.ts";
import { STRING_COMMANDS } from "../../src/commands/string/mod.ts";
import { dumpValue } from "../../src/engine/dump.ts";
import { RdbWriter } from "../../src/structs/rdb_writer.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";
import { recordEvents } from "../support/event_recorder.ts";

/** A command and what it tells: events, and "~" before a key that changed; "" = nothing. */
type Step = readonly [command: string, told: string];

const PAST = "1000000000";
const FUTURE = "4102444800";

interface Told {
  readonly fixture: Fixture;
  readonly take: () => string[];
  readonly follow: (steps: readonly Step[]) => void;
}

function start(): Told {
  const fixture = createFixture({
    families: [
      BITMAP_COMMANDS,
      GENERIC_COMMANDS,
      HASH_COMMANDS,
      HYPERLOGLOG_COMMANDS,
      STRING_COMMANDS,
    ],
  });
  const take = recordEvents(fixture.engine);
  const follow = (steps: readonly Step[]): void => {
    for (const [command, told] of steps) {
      const reply = fixture.line(command);
      assert.equal(take().join(", "), told, `${command} replied ${JSON.stringify(reply)}`);
    }
  };
  return { fixture, take, follow };
}

function follow(steps: readonly Step[]): void {
  start().follow(steps);
}

test("every way to set a string tells of it, and of its expiry", () => {
  follow([
    ["SET a 1", "new a, ~a, set a"],
    ["SET a 2 NX", ""],
    ["SET b 2 XX", ""],
    ["SET a 2 XX GET", "~a, set a"],
    ["SET c 1 GET", "keymiss c, new c, ~c, set c"],
    ["SET a 2 EX 100", "~a, set a, expire a"],
    ["SET a 2 KEEPTTL", "~a, set a"],
    ["SET a 3 IFEQ 9", ""],
    ["SET a 3 IFEQ 2", "~a, set a"],
    ["SETNX a 1", ""],
    ["SETNX d 1", "new d, ~d, set d"],
    ["SETEX d 100 1", "~d, set d, expire d"],
    ["PSETEX d 100 1", "~d, set d, expire d"],
    ["GETSET d 2", "~d, set d"],
    ["GETSET e 2", "keymiss e, new e, ~e, set e"],
    ["MSET a 1 f 1", "~a, set a, new f, ~f, set f"],
    ["MSETNX a 1 g 1", ""],
    ["MSETNX g 1 h 1", "new g, ~g, set g, new h, ~h, set h"],
    ["MSETEX 2 g 1 i 1 EX 10", "~g, set g, expire g, new i, ~i, set i, expire i"],
    ["MSETEX 1 g 1 KEEPTTL", "~g, set g"],
    ["MSETEX 1 g 1 NX", ""],
    ["SET", ""],
    ["SET a 1 EX 0", ""],
  ]);
});

test("changes of strings have names of their own", () => {
  follow([
    ["APPEND a x", "new a, ~a, append a"],
    ["APPEND a y", "~a, append a"],
    ["SETRANGE a 0 z", "~a, setrange a"],
    ["SETRANGE b 0 ", ""],
    ["SETRANGE b 3 z", "new b, ~b, setrange b"],
    ["INCR a", ""],
    ["INCR n", "new n, ~n, incrby n"],
    ["DECRBY n 5", "~n, incrby n"],
    ["INCRBYFLOAT n 0.5", "~n, incrbyfloat n"],
    ["GETEX a", ""],
    ["GETEX a PERSIST", ""],
    ["GETEX a EX 10", "~a, expire a"],
    ["GETEX a PERSIST", "~a, persist a"],
    [`GETEX a EXAT ${PAST}`, "~a, del a"],
    ["GETEX a EX 10", "keymiss a"],
    ["GETDEL b", "~b, del b"],
    ["GETDEL b", "keymiss b"],
    ["DELEX n IFEQ 0", ""],
    ["DELEX n", "~n, del n"],
    ["DELEX n", ""],
    ["SETBIT bits 7 0", "new bits, ~bits, setbit bits"],
    ["SETBIT bits 7 0", ""],
    ["SETBIT bits 7 1", "~bits, setbit bits"],
    ["BITFIELD bits GET u8 0", ""],
    ["BITFIELD bits SET u8 0 1", ""],
    ["BITFIELD bits SET u8 0 2 INCRBY u8 0 1", "~bits, setbit bits"],
    ["BITFIELD bits SET u8 16 0", "~bits, setbit bits"],
    ["BITFIELD more OVERFLOW FAIL SET u8 0 1000", "new more, ~more"],
    ["BITOP NOT to bits", "new to, ~to, set to"],
    ["BITOP NOT to none", "keymiss none, ~to, del to"],
    ["BITOP NOT to none", "keymiss none"],
    ["PFADD hll a b", "new hll, ~hll, pfadd hll"],
    ["PFADD hll a b", ""],
    ["PFCOUNT hll", "~hll"],
    ["PFCOUNT hll", ""],
    ["PFMERGE sum hll", "keymiss sum, new sum, ~sum, pfadd sum"],
  ]);
});

test("keys that go, move and expire", () => {
  follow([
    ["MSET a 1 b 1 c 1", "new a, ~a, set a, new b, ~b, set b, new c, ~c, set c"],
    ["DEL a none b", "~a, del a, ~b, del b"],
    ["UNLINK a c", "~c, del c"],
    ["SET a 1", "new a, ~a, set a"],
    ["EXPIRE none 10", ""],
    ["EXPIRE a 10 XX", ""],
    ["EXPIRE a 10", "~a, expire a"],
    [`PEXPIREAT a ${FUTURE}000`, "~a, expire a"],
    ["PERSIST a", "~a, persist a"],
    ["PERSIST a", ""],
    ["EXPIRE a -1", "~a, del a"],
    ["SET a 1", "new a, ~a, set a"],
    ["RENAME a a", ""],
    ["RENAME a b", "new b, ~a, ~b, rename_from a, rename_to b"],
    ["SET a 1", "new a, ~a, set a"],
    ["RENAMENX a b", ""],
    // Redis removes what had the name first, so that the key is a new one.
    ["RENAME a b", "new b, ~a, ~b, rename_from a, rename_to b"],
    ["COPY none c", "keymiss none"],
    ["COPY b c", "new c, ~c, copy_to c"],
    ["COPY b c", ""],
    ["COPY b c REPLACE", "new c, ~c, copy_to c"],
    ["MOVE b 1", "new b, ~b, ~b, move_from b, move_to b"],
    ["MOVE b 1", ""],
    ["FLUSHDB", "flushed"],
    ["SWAPDB 0 1", "swapping"],
  ]);
});

test("RESTORE tells of a new key, whatever was there", () => {
  const { fixture, follow, take } = start();
  follow([["HSET h a 1", "new h, ~h, hset h"], ["SET s 1", "new s, ~s, set s"]]);
  const { keyspace } = fixture.engine;
  const writer = new RdbWriter();
  const dumpOf = (key: string): Uint8Array => {
    const region = makeRegion(key.length);
    writeAscii(key, region.bytes, 0);
    dumpValue(keyspace, keyspace.findKey(keyspace.databases[0], region, 0, key.length), writer);
    return writer.memory.bytes.slice(0, writer.length);
  };
  for (const key of ["h", "s"]) {
    const payload = dumpOf(key);
    const restore = (...more: string[]): string => {
      fixture.run("RESTORE", key, "0", payload, ...more);
      return take().join(", ");
    };
    const whole = `new ${key}, ~${key}, restore ${key}`;
    assert.equal(restore(), "");
    assert.equal(restore("REPLACE"), whole);
    fixture.run("RESTORE", key, PAST, payload, "ABSTTL", "REPLACE");
    assert.equal(take().join(", "), `~${key}, del ${key}`);
    fixture.run("RESTORE", key, PAST, payload, "ABSTTL");
    assert.equal(take().join(", "), "");
    assert.equal(restore(), whole);
    fixture.run("RESTORE", "other", "0", payload.subarray(1));
    assert.equal(take().join(", "), "");
  }
});

test("reading tells of nothing but keys that are missing", () => {
  follow([
    ["MSET a 1 b 1", "new a, ~a, set a, new b, ~b, set b"],
    ["HSET h f 1", "new h, ~h, hset h"],
    ["PFADD hll a", "new hll, ~hll, pfadd hll"],
    ["GET a", ""],
    ["MGET a x b y", "keymiss x, keymiss y"],
    ["STRLEN x", "keymiss x"],
    ["GETRANGE x 0 1", "keymiss x"],
    ["LCS a x", "keymiss x"],
    ["DIGEST x", "keymiss x"],
    ["EXISTS a x", "keymiss x"],
    ["TOUCH a x", "keymiss x"],
    ["TYPE x", "keymiss x"],
    ["TTL x", "keymiss x"],
    ["PEXPIRETIME x", "keymiss x"],
    ["DUMP x", "keymiss x"],
    ["OBJECT ENCODING x", ""],
    ["SORT x", "keymiss x"],
    ["HGETALL x", "keymiss x"],
    ["HTTL x FIELDS 1 f", "keymiss x"],
    ["HRANDFIELD x", "keymiss x"],
    ["GETBIT x 0", "keymiss x"],
    ["BITCOUNT x", "keymiss x"],
    ["BITFIELD x GET u8 0", "keymiss x"],
    ["BITFIELD_RO x GET u8 0", "keymiss x"],
    ["PFCOUNT x hll", "keymiss x"],
    ["PFDEBUG ENCODING x", ""],
    ["KEYS *", ""],
    ["SCAN 0", ""],
    ["RANDOMKEY", ""],
    ["DBSIZE", ""],
    ["HGET a f", ""],
    ["INCR h", ""],
    ["EXPIRE a x", ""],
  ]);
});

test("fields of hashes, and when they expire", () => {
  follow([
    ["HSET h a 1 b 2", "new h, ~h, hset h"],
    ["HSET h a 1", "~h, hset h"],
    ["HMSET h a 1", "~h, hset h"],
    ["HSETNX h a 2", ""],
    ["HSETNX h c 2", "~h, hset h"],
    ["HINCRBY h a 5", "~h, hincrby h"],
    ["HINCRBY h a x", ""],
    ["HINCRBYFLOAT h b 0.5", "~h, hincrbyfloat h"],
    ["HDEL h none", ""],
    ["HDEL h none a", "~h, hdel h"],
    ["HDEL h b c", "~h, hdel h, del h"],
    ["HSET h a 1 b 2 c 3", "new h, ~h, hset h"],
    ["HGETDEL h FIELDS 1 none", ""],
    ["HGETDEL h FIELDS 2 none a", "~h, hdel h"],
    ["HGETDEL h FIELDS 2 b c", "~h, hdel h, del h"],
    ["HSET h a 1 b 2 c 3", "new h, ~h, hset h"],
    ["HPERSIST h FIELDS 1 a", ""],
    ["HEXPIRE h 10 FIELDS 1 none", ""],
    ["HEXPIRE h 10 XX FIELDS 1 a", ""],
    ["HEXPIRE h 10 FIELDS 2 none a", "~h, hexpire h"],
    ["HPERSIST h FIELDS 1 a", "~h, hpersist h"],
    ["HGETEX h FIELDS 1 a", ""],
    ["HGETEX h PERSIST FIELDS 1 a", ""],
    ["HGETEX h EX 10 FIELDS 1 a", "~h, hexpire h"],
    ["HGETEX h PERSIST FIELDS 1 a", "~h, hpersist h"],
    [`HEXPIREAT h ${PAST} FIELDS 1 a`, "~h, hdel h"],
    [`HGETEX h EXAT ${PAST} FIELDS 1 b`, "~h, hdel h"],
    [`HPEXPIREAT h ${PAST} FIELDS 1 c`, "~h, hdel h, del h"],
    ["HSETEX h FXX FIELDS 1 a 1", ""],
    ["HSETEX h FIELDS 1 a 1", "new h, ~h, hset h"],
    ["HSETEX h EX 10 FIELDS 2 a 1 b 2", "~h, hset h, ~h, hexpire h"],
    [`HSETEX h PXAT ${PAST} FIELDS 1 b 2`, "~h, hset h, ~h, hdel h"],
    [`HGETEX h PXAT ${PAST} FIELDS 1 a`, "~h, hdel h, del h"],
    [`HSETEX h PXAT ${PAST} FIELDS 1 b 2`, "new h, ~h, hset h, ~h, hdel h, del h"],
  ]);
});

test("fields that expired are told when somebody looks at the hash", () => {
  const { fixture, follow } = start();
  follow([
    ["HSET h a 1 b 2 c 3", "new h, ~h, hset h"],
    ["HPEXPIRE h 10 FIELDS 1 a", "~h, hexpire h"],
    ["HPEXPIRE h 20 FIELDS 2 b c", "~h, hexpire h"],
  ]);
  fixture.clock.advance(15);
  follow([["HLEN h", "~h, hexpired h"], ["HLEN h", ""]]);
  fixture.clock.advance(15);
  follow([["HGET h b", "~h, hexpired h, del h"], ["HGET h b", "keymiss h"]]);
});

test("fields that expired are told when nobody looks at the hash", () => {
  const { fixture, follow, take } = start();
  follow([
    ["HSET h a 1 b 2", "new h, ~h, hset h"],
    ["HPEXPIRE h 10 FIELDS 1 a", "~h, hexpire h"],
    ["HPEXPIRE h 20 FIELDS 1 b", "~h, hexpire h"],
  ]);
  const { keyspace } = fixture.engine;
  const pass = (): void => {
    fixture.clock.advance(15);
    fixture.engine.beginBatch();
    keyspace.outside.expiringHashes.slice(keyspace, fixture.clock);
  };
  pass();
  assert.equal(take().join(", "), "~h, hexpired h");
  pass();
  assert.equal(take().join(", "), "~h, hexpired h, del h");
  assert.equal(fixture.line("DBSIZE"), ":0\r\n");
});

test("keys that expired are told before what comes in their place", () => {
  const { fixture, follow } = start();
  follow([
    ["SET a 1 PX 10", "new a, ~a, set a, expire a"],
    ["SET b 1 PX 10", "new b, ~b, set b, expire b"],
    ["SET c 1 PX 10", "new c, ~c, set c, expire c"],
  ]);
  fixture.clock.advance(20);
  follow([
    ["SET a 2", "~a, expired a, new a, ~a, set a"],
    ["GET b", "~b, expired b, keymiss b"],
    ["INCR c", "~c, expired c, new c, ~c, incrby c"],
  ]);
});

test("what goes by the server's own doing is nobody's", () => {
  const { fixture } = start();
  const { changes } = fixture.engine.keyspace;
  const clients: number[] = [];
  changes.add({
    changed: () => void clients.push(changes.clientId),
    flushed: () => {},
    swapping: () => {},
  });
  fixture.line("SET a 1 PX 10");
  fixture.clock.advance(20);
  fixture.line("SET a 1");
  assert.deepEqual(clients, [fixture.session.id, 0, fixture.session.id]);
});
