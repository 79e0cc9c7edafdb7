import assert from "node:assert/strict";
import { test } from "node:test";
import { createServerFixture } from "./server_fixture.ts";

/** Lets promises that are settled already run what waits for them. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("CONFIG GET answers names and values as a map", () => {
  const { line, run2 } = createServerFixture();
  assert.equal(line("CONFIG GET hz"), "%1\r\n$2\r\nhz\r\n$2\r\n10\r\n");
  assert.equal(run2("config", "get", "hz"), "*2\r\n$2\r\nhz\r\n$2\r\n10\r\n");
  assert.match(line("CONFIG GET hz maxmemory"), /^%2\r\n/);
  assert.equal(line("CONFIG GET nosuch"), "%0\r\n");
});

test("CONFIG SET hands over all pairs, and answers the error it gets", () => {
  const { line, parameters } = createServerFixture();
  assert.equal(line("CONFIG SET hz 20 maxclients 5"), "+OK\r\n");
  assert.deepEqual([parameters.get("hz"), parameters.get("maxclients")], ["20", "5"]);
  assert.equal(line("CONFIG SET nosuch 1"), "-ERR no such parameter 'nosuch'\r\n");
});

test("CONFIG SET takes a value of several words, in UTF-8", () => {
  const { run, parameters } = createServerFixture();
  assert.equal(run("CONFIG", "SET", "hz", "ein schöner Krebs"), "+OK\r\n");
  assert.equal(parameters.get("hz"), "ein schöner Krebs");
});

test("CONFIG SET refuses a name without a value", () => {
  const { line, parameters } = createServerFixture();
  assert.equal(line("CONFIG SET hz 20 maxclients"), "-ERR syntax error\r\n");
  assert.equal(parameters.get("hz"), "10");
});

test("CONFIG refuses too few arguments", () => {
  const { line } = createServerFixture();
  const refusal = (name: string): string =>
    `-ERR wrong number of arguments for '${name}' command\r\n`;
  assert.equal(line("CONFIG"), refusal("config"));
  assert.equal(line("CONFIG GET"), refusal("config|get"));
  assert.equal(line("CONFIG SET hz"), refusal("config|set"));
  assert.equal(line("CONFIG RESETSTAT x"), refusal("config|resetstat"));
  assert.equal(line("CONFIG NOSUCH"), "-ERR unknown subcommand 'NOSUCH'. Try CONFIG HELP.\r\n");
});

test("CONFIG RESETSTAT sets the statistics back, and is counted itself", () => {
  const fixture = createServerFixture();
  fixture.line("PUT a 1");
  fixture.line("PUT");
  fixture.engine.stats.keyspaceHits = 9;
  assert.equal(fixture.line("CONFIG RESETSTAT"), "+OK\r\n");
  const info = fixture.info("all");
  assert.equal(info.get("keyspace_hits"), "0");
  assert.equal(info.get("total_error_replies"), "0");
  assert.deepEqual([...info.keys()].filter((name) => /^(cmd|error)stat_/.test(name)), [
    "cmdstat_config|resetstat",
  ]);
  assert.equal(info.get("rdb_changes_since_last_save"), "1");
});

test("CONFIG REWRITE answers when the file is written, and holds back what follows", async () => {
  const fixture = createServerFixture();
  const client = fixture.connect();
  assert.equal(client.send("CONFIG REWRITE\r\nTIME\r\nROLE"), "");
  await settle();
  assert.equal(
    client.received(),
    "+OK~*2~$10~1700000000~$1~0~*3~$6~master~:0~*0~",
  );
});

test("CONFIG REWRITE answers why the file could not be written", async () => {
  const fixture = createServerFixture();
  fixture.rewriteError = "ERR The server is running without a config file";
  const client = fixture.connect();
  assert.equal(client.send("CONFIG REWRITE"), "");
  await settle();
  assert.equal(client.received(), "-ERR The server is running without a config file~");
});

test("CONFIG REWRITE is refused in process", () => {
  assert.equal(
    createServerFixture().line("CONFIG REWRITE"),
    "-ERR CONFIG REWRITE is not allowed for in-process use\r\n",
  );
});

test("CONFIG HELP lists the subcommands", () => {
  const lines = createServerFixture().run2("CONFIG", "HELP").split("\r\n");
  assert.equal(lines[0], "*11");
  assert.equal(lines[1], "+CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  assert.equal(lines[2], "+GET <pattern>");
  assert.deepEqual(lines.slice(-3), ["+HELP", "+    Prints this help.", ""]);
});
