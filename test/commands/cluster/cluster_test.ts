import { test } from "node:test";
import assert from "node:assert/strict";
import { CLUSTER_COMMANDS } from "../../../src/commands/cluster/mod.ts";
import { createHandlerRunner, RUN_ID } from "../handler_runner.ts";
import type { HandlerRunner } from "../handler_runner.ts";

function createRunner(): HandlerRunner {
  return createHandlerRunner(CLUSTER_COMMANDS);
}

test("READONLY, READWRITE and ASKING answer OK", () => {
  const { run } = createRunner();
  for (const command of ["READONLY", "READWRITE", "ASKING"]) {
    assert.equal(run(command), "+OK~");
    assert.match(run(`${command} x`), /^-ERR wrong number of arguments/);
  }
});

test("CLUSTER INFO says that all slots are served by one node", () => {
  const runner = createRunner();
  const text = "cluster_state:ok~cluster_slots_assigned:16384~cluster_slots_ok:16384~" +
    "cluster_slots_pfail:0~cluster_slots_fail:0~cluster_known_nodes:1~cluster_size:1~" +
    "cluster_current_epoch:0~cluster_my_epoch:0~cluster_stats_messages_sent:0~" +
    "cluster_stats_messages_received:0~total_cluster_links_buffer_limit_exceeded:0~";
  assert.equal(runner.run("CLUSTER INFO"), `$312~${text}~`);
  runner.session.protocolVersion = 3;
  assert.equal(runner.run("CLUSTER INFO"), `=316~txt:${text}~`);
});

test("CLUSTER SLOTS gives all slots to the address that the client reached", () => {
  const runner = createRunner();
  assert.equal(
    runner.run("CLUSTER SLOTS"),
    `*1~*3~:0~:16383~*4~$9~127.0.0.1~:6379~$40~${RUN_ID}~*0~`,
  );
  runner.session.protocolVersion = 3;
  runner.session.localAddress = "[::1]:7000";
  assert.equal(runner.run("CLUSTER SLOTS"), `*1~*3~:0~:16383~*4~$3~::1~:7000~$40~${RUN_ID}~%0~`);
});

test("CLUSTER SLOTS names no host to a client that did not come over TCP", () => {
  const runner = createRunner();
  const expected = `*1~*3~:0~:16383~*4~$0~~:6390~$40~${RUN_ID}~*0~`;
  runner.session.localAddress = "local:0";
  runner.session.isRemote = false;
  assert.equal(runner.run("CLUSTER SLOTS"), expected);
  runner.session.isRemote = true;
  runner.session.localAddress = "/run/crab.sock:0";
  runner.session.isUnix = true;
  assert.equal(runner.run("CLUSTER SLOTS"), expected);
});

test("CLUSTER SHARDS gives one shard with one master", () => {
  const runner = createRunner();
  const node = `$2~id~$40~${RUN_ID}~$4~port~:6379~$2~ip~$9~127.0.0.1~$8~endpoint~$9~127.0.0.1~` +
    "$4~role~$6~master~$18~replication-offset~:0~$6~health~$6~online~";
  assert.equal(
    runner.run("CLUSTER SHARDS"),
    `*1~*4~$5~slots~*2~:0~:16383~$5~nodes~*1~*14~${node}`,
  );
  runner.session.protocolVersion = 3;
  assert.equal(
    runner.run("CLUSTER SHARDS"),
    `*1~%2~$5~slots~*2~:0~:16383~$5~nodes~*1~%7~${node}`,
  );
});

test("CLUSTER NODES and MYID name this node", () => {
  const { run } = createRunner();
  const line = `${RUN_ID} 127.0.0.1:6379@0 myself,master - 0 0 0 connected 0-16383\n`;
  assert.equal(run("CLUSTER NODES"), `$${line.length}~${line}~`);
  assert.equal(run("CLUSTER MYID"), `$40~${RUN_ID}~`);
});

test("CLUSTER KEYSLOT hashes what is between braces", () => {
  const { run } = createRunner();
  assert.equal(run("CLUSTER KEYSLOT foo{bar}"), ":5061~");
  assert.equal(run("CLUSTER KEYSLOT bar"), ":5061~");
  assert.equal(run("CLUSTER KEYSLOT foo{}{bar}"), ":8363~");
  assert.equal(run("CLUSTER", "KEYSLOT", ""), ":0~");
  assert.equal(
    run("CLUSTER KEYSLOT"),
    "-ERR wrong number of arguments for 'cluster|keyslot' command~",
  );
});

test("CLUSTER HELP names every subcommand", () => {
  const { run, table } = createRunner();
  const named = [...run("CLUSTER HELP").matchAll(/~\+([A-Z-]+)(?= <|~)/g)].map((match) => match[1]);
  const expected = table.find("cluster")?.subcommands.map((entry) => entry.spec.name.toUpperCase());
  assert.deepEqual(named.slice(1).sort(), expected?.sort());
  assert.equal(named[0], "CLUSTER");
});
