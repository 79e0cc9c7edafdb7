// The commands of keys, with values of every type, small and large.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERIC_COMMANDS } from "../../../src/commands/generic/mod.ts";
import { HASH_COMMANDS } from "../../../src/commands/hash/mod.ts";
import { LIST_COMMANDS } from "../../../src/commands/list/mod.ts";
import { SERVER_COMMANDS } from "../../../src/commands/server/mod.ts";
import { SET_COMMANDS } from "../../../src/commands/set/mod.ts";
import { SORTED_SET_COMMANDS } from "../../../src/commands/sorted_set/mod.ts";
import { STREAM_COMMANDS } from "../../../src/commands/stream/mod.ts";
import { STRING_COMMANDS } from "../../../src/commands/string/mod.ts";
import { CONNECTION_COMMANDS } from "../../../src/commands/connection/mod.ts";
import { createFixture, type Fixture, type FixtureOptions } from "../../support/engine_fixture.ts";

interface Value {
  readonly type: string;
  readonly encoding: string;
  /** Commands that make the value; KEY stands for its key. */
  readonly commands: readonly (readonly string[])[];
  /** A command that shows all of it. */
  readonly read: readonly string[];
}

function many(count: number, make: (i: number) => string[]): string[] {
  return Array.from({ length: count }, (_, i) => make(i)).flat();
}

const LONG = "x".repeat(200_000);

/** One of each type and encoding. */
const VALUES: readonly Value[] = [
  { type: "string", encoding: "int", commands: [["set", "KEY", "12345"]], read: ["get", "KEY"] },
  { type: "string", encoding: "embstr", commands: [["set", "KEY", "abc"]], read: ["get", "KEY"] },
  {
    ...{ type: "string", encoding: "raw", read: ["get", "KEY"] },
    commands: [["set", "KEY", "y".repeat(500)]],
  },
  { type: "string", encoding: "raw", commands: [["set", "KEY", LONG]], read: ["get", "KEY"] },
  {
    ...{ type: "list", encoding: "listpack", read: ["lrange", "KEY", "0", "-1"] },
    commands: [["rpush", "KEY", "a", "1", ""]],
  },
  {
    ...{ type: "list", encoding: "quicklist", read: ["lrange", "KEY", "0", "-1"] },
    commands: [["rpush", "KEY", ...many(5000, (i) => [`element ${i}`]), LONG]],
  },
  {
    ...{ type: "set", encoding: "intset", read: ["smembers", "KEY"] },
    commands: [["sadd", "KEY", "3", "1", "-9223372036854775808"]],
  },
  {
    ...{ type: "set", encoding: "listpack", read: ["smembers", "KEY"] },
    commands: [["sadd", "KEY", "3", "abc", ""]],
  },
  {
    ...{ type: "set", encoding: "hashtable", read: ["smembers", "KEY"] },
    commands: [["sadd", "KEY", ...many(3000, (i) => [`member ${i}`]), LONG]],
  },
  {
    ...{ type: "zset", encoding: "listpack", read: ["zrange", "KEY", "0", "-1", "withscores"] },
    commands: [["zadd", "KEY", "1", "a", "-inf", "b", "2.5", ""]],
  },
  {
    ...{ type: "zset", encoding: "skiplist", read: ["zrange", "KEY", "0", "-1", "withscores"] },
    commands: [["zadd", "KEY", ...many(3000, (i) => [`${i % 70}`, `member ${i}`]), "7", LONG]],
  },
  {
    ...{ type: "hash", encoding: "listpack", read: ["hgetall", "KEY"] },
    commands: [["hset", "KEY", "a", "1", "b", "", "", "c"]],
  },
  {
    ...{ type: "hash", encoding: "hashtable", read: ["hgetall", "KEY"] },
    commands: [["hset", "KEY", ...many(3000, (i) => [`field ${i}`, `value ${i}`]), "long", LONG]],
  },
  {
    ...{ type: "hash", encoding: "listpackex", read: ["hgetall", "KEY"] },
    commands: [
      ["hset", "KEY", "a", "1", "b", "2"],
      ["hpexpire", "KEY", "100000000", "fields", "1", "a"],
    ],
  },
  {
    ...{ type: "stream", encoding: "stream", read: ["xrange", "KEY", "-", "+"] },
    commands: [
      ...Array.from({ length: 500 }, (_, i) => ["xadd", "KEY", `${i + 1}-1`, "f", `v${i}`]),
      ["xgroup", "create", "KEY", "group", "0"],
      ["xreadgroup", "group", "group", "me", "count", "100", "streams", "KEY", ">"],
    ],
  },
];

function create(options: Partial<FixtureOptions> = {}): Fixture {
  return createFixture({
    families: [
      ...[STRING_COMMANDS, LIST_COMMANDS, SET_COMMANDS, SORTED_SET_COMMANDS, HASH_COMMANDS],
      ...[STREAM_COMMANDS, GENERIC_COMMANDS, SERVER_COMMANDS, CONNECTION_COMMANDS],
    ],
    ...options,
  });
}

function make({ run }: Fixture, key: string, value: Value): void {
  for (const command of value.commands) {
    const reply = run(...command.map((word) => word === "KEY" ? key : word));
    assert.ok(!reply.startsWith("-"), reply);
  }
}

/** All that a key holds; the order in which sets and hashes tell it does not matter. */
function read({ run }: Fixture, key: string, { type, read }: Value): string {
  const reply = run(...read.map((word) => word === "KEY" ? key : word));
  assert.ok(!reply.startsWith("-"), reply);
  if (type !== "set" && type !== "hash") return reply;
  const parts = reply.split(/\r\n(?=\$)/);
  const size = type === "hash" ? 2 : 1;
  const [head, ...bulks] = parts;
  const groups: string[] = [];
  for (let i = 0; i < bulks.length; i += size) {
    groups.push(bulks.slice(i, i + size).join("|").trim());
  }
  return [head, ...groups.sort()].join("\n");
}

function describe({ type, encoding }: Value): string {
  return `${type} as ${encoding}`;
}

test("TYPE, OBJECT ENCODING and SCAN's TYPE know every type", () => {
  const fixture = create();
  const { run, line } = fixture;
  for (const [i, value] of VALUES.entries()) make(fixture, `key:${i}`, value);
  for (const [i, value] of VALUES.entries()) {
    assert.equal(run("type", `key:${i}`), `+${value.type}\r\n`);
    assert.ok(run("object", "encoding", `key:${i}`).endsWith(`\r\n${value.encoding}\r\n`));
    assert.equal(run("object", "refcount", `key:${i}`), ":1\r\n");
  }
  for (const type of new Set(VALUES.map((each) => each.type))) {
    const expected = VALUES.flatMap((each, i) => each.type === type ? [`key:${i}`] : []);
    const reply = line(`scan 0 COUNT 1000 TYPE ${type.toUpperCase()}`);
    assert.deepEqual(reply.match(/key:\d+/g)?.sort(), expected.sort(), type);
  }
  fixture.engine.keyspace.checkInvariants();
});

test("COPY makes a value of its own of every type", () => {
  for (const value of VALUES) {
    const fixture = create();
    const { line, engine } = fixture;
    make(fixture, "a", value);
    const before = read(fixture, "a", value);
    line("expire a 100");
    assert.equal(line("copy a b"), ":1\r\n");
    assert.equal(line("copy a b"), ":0\r\n");
    assert.equal(line("copy a b replace"), ":1\r\n");
    assert.equal(line("copy a a DB 1"), ":1\r\n");
    engine.keyspace.checkInvariants();
    assert.equal(line("ttl b"), ":100\r\n");
    assert.equal(line("object encoding a"), line("object encoding b"), describe(value));
    assert.equal(line("del a"), ":1\r\n");
    while (engine.keyspace.hasDiscarded) engine.keyspace.freeDiscarded(100);
    assert.equal(read(fixture, "b", value), before, describe(value));
    line("select 1");
    assert.equal(read(fixture, "a", value), before, describe(value));
    engine.keyspace.checkInvariants();
  }
});

test("RENAME and MOVE bring along what a key holds, over any other", () => {
  for (const [i, value] of VALUES.entries()) {
    const fixture = create();
    const { line, engine } = fixture;
    make(fixture, "a", value);
    make(fixture, "b", VALUES[(i * 5 + 3) % VALUES.length]);
    const before = read(fixture, "a", value);
    assert.equal(line("renamenx a b"), ":0\r\n");
    assert.equal(line("rename a b"), "+OK\r\n");
    assert.equal(read(fixture, "b", value), before, describe(value));
    assert.equal(line("exists a"), ":0\r\n");
    assert.equal(line("pexpire b 100"), ":1\r\n");
    assert.equal(line("rename b c"), "+OK\r\n");
    assert.equal(line("pttl c"), ":100\r\n");
    assert.equal(line("persist c"), ":1\r\n");
    assert.equal(line("move c 1"), ":1\r\n");
    engine.keyspace.checkInvariants();
    line("select 1");
    assert.equal(read(fixture, "c", value), before, describe(value));
    assert.equal(line("pexpire c 5"), ":1\r\n");
    line("select 0");
    assert.equal(line("swapdb 0 1"), "+OK\r\n");
    assert.equal(read(fixture, "c", value), before, describe(value));
    fixture.clock.advance(6);
    assert.equal(line("exists c"), ":0\r\n");
    while (engine.keyspace.hasDiscarded) engine.keyspace.freeDiscarded(100);
    engine.keyspace.checkInvariants();
  }
});

test("MEMORY USAGE counts all that belongs to a key, with any number of samples", () => {
  const fixture = create();
  const { line } = fixture;
  for (const value of VALUES) {
    line("del a");
    make(fixture, "a", value);
    const usage = line("memory usage a");
    assert.match(usage, /^:\d+\r\n$/, describe(value));
    for (const samples of ["0", "1", "5", "1000000"]) {
      assert.equal(line(`memory usage a SAMPLES ${samples}`), usage);
    }
    const shown = read(fixture, "a", value).length;
    assert.ok(Number(usage.slice(1)) > Math.min(shown / 4, 40), describe(value));
    assert.ok(Number(usage.slice(1)) < 4 * shown + 200, describe(value));
  }
  assert.equal(line("memory usage a SAMPLES -1"), "-ERR syntax error\r\n");
  assert.equal(line("memory usage nothing"), "_\r\n");
});

test("DEL, UNLINK, SET, FLUSHDB and eviction leave nothing of any value behind", () => {
  const ends: readonly ((fixture: Fixture) => void)[] = [
    ({ line }) => assert.equal(line("del a"), ":1\r\n"),
    ({ line }) => assert.equal(line("unlink a"), ":1\r\n"),
    ({ line }) => {
      line("set a 1");
      line("del a");
    },
    ({ line }) => {
      line("set keeps 1");
      line("flushdb");
      line("del keeps");
    },
    ({ line }) => assert.equal(line("flushall async"), "+OK\r\n"),
    ({ engine }) => assert.ok(engine.evictor.evictOne()),
  ];
  for (const value of VALUES) {
    for (const end of ends) {
      const fixture = create({ settings: { maxmemoryPolicy: "allkeys-random" } });
      const { keyspace } = fixture.engine;
      // What indexes and lists took for the first one stays theirs.
      const left = [1, 2].map(() => {
        make(fixture, "a", value);
        end(fixture);
        assert.equal(fixture.line("dbsize"), ":0\r\n");
        while (keyspace.hasDiscarded) keyspace.freeDiscarded(50);
        keyspace.checkInvariants();
        return keyspace.account.liveBytes;
      });
      assert.ok(left[1] <= left[0] && left[0] < 100_000, `${describe(value)}: ${left}`);
    }
  }
});

test("each type's commands refuse keys of all other types", () => {
  const fixture = create();
  const { run, line } = fixture;
  const commands: Readonly<Record<string, readonly string[]>> = {
    string: ["append KEY x", "get KEY", "incr KEY", "setrange KEY 0 x"],
    list: ["lpush KEY x", "lrange KEY 0 -1", "rpop KEY", "llen KEY"],
    set: ["sadd KEY x", "smembers KEY", "spop KEY", "scard KEY"],
    zset: ["zadd KEY 1 x", "zrange KEY 0 -1", "zpopmin KEY", "zcard KEY"],
    hash: ["hset KEY f v", "hgetall KEY", "hdel KEY f", "hlen KEY"],
    stream: ["xadd KEY * f v", "xrange KEY - +", "xlen KEY", "xtrim KEY MAXLEN 1"],
  };
  for (const [i, value] of VALUES.entries()) {
    make(fixture, `key:${i}`, value);
    const before = read(fixture, `key:${i}`, value);
    for (const [type, lines] of Object.entries(commands)) {
      if (type === value.type) continue;
      for (const each of lines) {
        const reply = line(each.replace("KEY", `key:${i}`));
        assert.match(reply, /^-WRONGTYPE /, `${each} on a ${describe(value)}`);
      }
    }
    assert.equal(read(fixture, `key:${i}`, value), before);
    assert.equal(
      run("set", `key:${i}`, "x", "get").slice(0, 1),
      value.type === "string" ? "$" : "-",
    );
    assert.equal(run("set", `key:${i}`, "x"), "+OK\r\n");
  }
  fixture.engine.keyspace.checkInvariants();
});

test("DEBUG OBJECT tells how long any value is in a dump, and what a list consists of", () => {
  const fixture = create({ settings: { enableDebugCommand: "yes" } });
  const { run, line } = fixture;
  const describeKey = (): string => line("debug object a").replace(/0x[0-9a-f]+|lru:\d+ /g, "");
  // Lengths as redis-server 7.0.15 tells them.
  const told: readonly (readonly [encoding: string, length: number, ...command: string[]])[] = [
    ["intset", 21, "sadd", "a", "1", "2", "70000"],
    ["hashtable", 9892, "sadd", "a", ...many(1000, (i) => [`member${i}`])],
    ["listpack", 18, "zadd", "a", "1", "a", "2", "b"],
    ["skiplist", 12892, "zadd", "a", ...many(1000, (i) => [`${i * 1.5}`, `m${i}`])],
    ["listpack", 18, "hset", "a", "a", "1", "b", "2"],
    ["hashtable", 9782, "hset", "a", ...many(1000, (i) => [`f${i}`, `v${i}`])],
    ["stream", 57, "xadd", "a", "1-1", "a", "b"],
  ];
  for (const [encoding, length, ...command] of told) {
    line("del a");
    run(...command);
    assert.equal(
      describeKey(),
      `+Value at: refcount:1 encoding:${encoding} serializedlength:${length} ` +
        "lru_seconds_idle:0\r\n",
    );
  }
  line("del a");
  run("rpush", "a", ...many(5000, (i) => [`element ${i}`]));
  assert.match(describeKey(), /^.* serializedlength:\d+ lru_seconds_idle:0 ql_nodes:9 /);
  assert.match(
    describeKey(),
    / ql_avg_node:555.56 ql_listpack_max:-2 ql_compressed:0 ql_uncompressed_size:68953\r\n$/,
  );
});
