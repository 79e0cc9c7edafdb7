import assert from "node:assert/strict";
import { test } from "node:test";
import { createServerFixture, type ServerFixture } from "./server_fixture.ts";

const SYNTAX_ERROR = "-ERR syntax error\r\n";

/** The number in the reply ":<number>". */
function integer(reply: string): number {
  assert.match(reply, /^:\d+\r\n$/);
  return Number(reply.slice(1));
}

test("MEMORY USAGE grows with the value, and counts key and expiry", () => {
  const { run } = createServerFixture();
  run("PUT", "small", "x");
  run("PUT", "large", "x".repeat(10_000));
  run("PUT", "huge", "x".repeat(300_000));
  const small = integer(run("MEMORY", "USAGE", "small"));
  assert.ok(small >= 16 && small <= 80, `${small}`);
  const large = integer(run("MEMORY", "USAGE", "large"));
  assert.ok(large >= 10_000 && large <= 12_000, `${large}`);
  const huge = integer(run("MEMORY", "USAGE", "huge"));
  assert.ok(huge >= 300_000 && huge <= 400_000, `${huge}`);
});

test("MEMORY USAGE of a key that is not there is null", () => {
  const { line, run2, clock } = createServerFixture();
  assert.equal(line("MEMORY USAGE a"), "_\r\n");
  assert.equal(run2("MEMORY", "USAGE", "a"), "$-1\r\n");
  line(`PUT a 1 ${clock.nowMs() + 10}`);
  clock.advance(10);
  assert.equal(line("MEMORY USAGE a"), "_\r\n");
});

test("MEMORY USAGE is no access", () => {
  const { line, engine } = createServerFixture();
  line("PUT a 1");
  line("MEMORY USAGE a");
  line("MEMORY USAGE b");
  assert.deepEqual([engine.stats.keyspaceHits, engine.stats.keyspaceMisses], [0, 0]);
});

test("MEMORY USAGE takes SAMPLES, and refuses everything else", () => {
  const { line } = createServerFixture();
  line("PUT a 1");
  const usage = line("MEMORY USAGE a");
  assert.equal(line("MEMORY USAGE a SAMPLES 0"), usage);
  assert.equal(line("MEMORY USAGE a samples 5 SAMPLES 9223372036854775807"), usage);
  assert.equal(line("MEMORY USAGE a SAMPLES"), SYNTAX_ERROR);
  assert.equal(line("MEMORY USAGE a SAMPLES -1"), SYNTAX_ERROR);
  assert.equal(line("MEMORY USAGE a SAMPLE 1"), SYNTAX_ERROR);
  assert.equal(
    line("MEMORY USAGE a SAMPLES x"),
    "-ERR value is not an integer or out of range\r\n",
  );
  assert.equal(line("MEMORY USAGE nosuch SAMPLES -1"), SYNTAX_ERROR);
});

/** Reads the map of MEMORY STATS in RESP2, where doubles are bulk strings. */
/** Fields that are numbers, those of databases under "db.0 overhead.hashtable.main" and so on. */
function readStats(fixture: ServerFixture): Map<string, string> {
  const parts = fixture.run2("MEMORY", "STATS").split("\r\n");
  const fields = new Map<string, string>();
  let at = 0;
  const readMap = (prefix: string): void => {
    const count = Number(parts[at++].slice(1)) / 2;
    for (let i = 0; i < count; i++) {
      const name = prefix + parts[at + 1];
      at += 2;
      if (parts[at].startsWith("*")) readMap(`${name} `);
      else if (parts[at].startsWith("$")) fields.set(name, parts[at += 1]), at++;
      else fields.set(name, parts[at++].slice(1));
    }
  };
  readMap("");
  return fields;
}

test("MEMORY STATS agrees with the engine", () => {
  const fixture = createServerFixture();
  for (let i = 0; i < 1000; i++) fixture.run("PUT", `key${i}`, "x".repeat(100));
  const memory = fixture.engine.memory();
  const stats = readStats(fixture);
  assert.equal(stats.size, 25);
  const [{ indexes }] = fixture.engine.keyspace.databases;
  const indexBytes = indexes.reduce((sum, index) => sum + index.sizeBytes, 0);
  assert.equal(stats.get("db.0 overhead.hashtable.main"), `${indexBytes}`);
  assert.equal(stats.get("db.0 overhead.hashtable.expires"), "0");
  assert.equal(stats.get("total.allocated"), `${memory.usedBytes}`);
  assert.equal(stats.get("peak.allocated"), `${memory.peakBytes}`);
  assert.equal(stats.get("keys.count"), "1000");
  const perKey = Math.trunc((memory.usedBytes - memory.startupBytes) / 1000);
  assert.equal(stats.get("keys.bytes-per-key"), `${perKey}`);
  assert.equal(stats.get("clients.normal"), "1131");
  assert.equal(Number(stats.get("peak.percentage")), 100);
  assert.equal(Number(stats.get("fragmentation")), 128 * 1024 ** 2 / memory.usedBytes);
  assert.match(fixture.line("MEMORY STATS"), /^%23\r\n\$14\r\npeak.allocated\r\n:\d+\r\n/);
  assert.match(fixture.line("MEMORY STATS"), /\$13\r\nfragmentation\r\n,[\d.]+\r\n/);
});

test("MEMORY STATS of an empty store divides by nothing", () => {
  const stats = readStats(createServerFixture());
  assert.equal(stats.get("keys.count"), "0");
  assert.equal(stats.get("keys.bytes-per-key"), "0");
});

test("MEMORY DOCTOR reports in words", () => {
  const fixture = createServerFixture();
  assert.match(fixture.line("MEMORY DOCTOR"), /^=\d+\r\ntxt:The tide is out/);
  for (let i = 0; i < 100; i++) fixture.run("PUT", `key${i}`, "x".repeat(100_000));
  assert.match(fixture.line("MEMORY DOCTOR"), / \* Resident size: the process holds 128\.00M/);
});

test("MEMORY PURGE gives back the pages that deletions left sparse", () => {
  const fixture = createServerFixture();
  const { engine } = fixture;
  for (let i = 0; i < 5000; i++) fixture.run("PUT", `key${i}`, "x".repeat(400));
  for (let i = 0; i < 5000; i++) {
    if (i % 10 === 0) continue;
    fixture.run("PUT", `key${i}`, "1", fixture.clock.nowMs() - 1);
    assert.equal(fixture.run("MEMORY", "USAGE", `key${i}`), "_\r\n");
  }
  const before = engine.memory().usedBytes;
  assert.equal(fixture.line("MEMORY PURGE"), "+OK\r\n");
  const after = engine.memory().usedBytes;
  assert.ok(after < before - 1_000_000, `${before} → ${after}`);
  engine.keyspace.checkInvariants();
  assert.equal(integer(fixture.line("MEMORY USAGE key10")) > 0, true);
});

test("MEMORY MALLOC-STATS lists pages and blocks by size", () => {
  const fixture = createServerFixture();
  for (let i = 0; i < 100; i++) fixture.run("PUT", `key${i}`, "x".repeat(1000));
  const report = fixture.line("MEMORY MALLOC-STATS");
  assert.match(report, /^=\d+\r\ntxt:___ Begin arena statistics ___\n/);
  const { account } = fixture.engine.keyspace;
  assert.ok(report.includes(`In use: ${account.liveBytes} bytes in blocks`));
  const row = /^ +movable +(\d+) +(\d+) +100 +(\d+) +([\d.]+)$/m.exec(report);
  assert.ok(row, report);
  const [, blockBytes, pages, free] = row.map(Number);
  assert.ok(blockBytes >= 1000 && blockBytes <= 1200);
  assert.equal(100 + free, pages * Math.floor(65_536 / blockBytes));
});

test("MEMORY HELP names each subcommand", () => {
  const fixture = createServerFixture();
  const help = fixture.run2("MEMORY", "HELP");
  for (const { spec } of fixture.registry.find("memory")!.subcommands) {
    assert.match(help, new RegExp(`^\\+${spec.name.toUpperCase()}\\b`, "m"));
  }
});
