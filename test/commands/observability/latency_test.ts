import assert from "node:assert/strict";
import { test } from "node:test";
import { OBSERVABILITY_COMMANDS } from "../../../src/commands/observability/mod.ts";
import { createCommandTable } from "../../../src/commands/registry.ts";
import type { CommandSpec } from "../../../src/commands/spec.ts";
import { createFixture } from "../../support/engine_fixture.ts";

const PING = {
  name: "ping",
  arity: 1,
  flags: ["fast"],
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  summary: "",
  syntax: "",
  run: (_call, reply) => reply.ok(),
} as const satisfies CommandSpec;

function createLatencyFixture(latencyMonitorThreshold = 1) {
  const fixture = createFixture({
    families: [OBSERVABILITY_COMMANDS, [PING]],
    settings: { latencyMonitorThreshold },
  });
  const { engine, clock } = fixture;
  engine.latency.add("command", 20_000);
  clock.advance(70_000);
  engine.latency.add("command", 5000);
  engine.latency.add("expire-cycle", 3000);
  clock.advance(5000);
  return fixture;
}

const START = 1_700_000_000;

test("LATENCY LATEST and HISTORY answer seconds and milliseconds", () => {
  const { line } = createLatencyFixture();
  assert.equal(
    line("LATENCY LATEST"),
    `*2\r\n*4\r\n$7\r\ncommand\r\n:${START + 70}\r\n:5\r\n:20\r\n` +
      `*4\r\n$12\r\nexpire-cycle\r\n:${START + 70}\r\n:3\r\n:3\r\n`,
  );
  assert.equal(
    line("LATENCY HISTORY command"),
    `*2\r\n*2\r\n:${START}\r\n:20\r\n*2\r\n:${START + 70}\r\n:5\r\n`,
  );
  assert.equal(line("LATENCY HISTORY Command"), "*0\r\n");
});

test("LATENCY RESET answers how many series it forgot", () => {
  const { line } = createLatencyFixture();
  assert.equal(line("LATENCY RESET COMMAND nosuch command"), ":1\r\n");
  assert.equal(line("LATENCY RESET"), ":1\r\n");
  assert.equal(line("LATENCY LATEST"), "*0\r\n");
});

test("LATENCY GRAPH draws the samples with their ages below", () => {
  const { line } = createLatencyFixture();
  const dashes = "-".repeat(80);
  assert.equal(
    line("LATENCY GRAPH command"),
    `=159\r\ntxt:command - high 20 ms, low 5 ms (all time high 20 ms)\n${dashes}\n` +
      "# \n| \n| \n|_\n  \n15\nms\n\r\n",
  );
  assert.equal(
    line("LATENCY GRAPH nosuch"),
    "-ERR No samples available for event 'nosuch'\r\n",
  );
});

test("LATENCY DOCTOR reports what was seen", () => {
  const { line } = createLatencyFixture();
  assert.match(line("LATENCY DOCTOR"), /1\. command: 2 latency spikes \(average 12ms, mean devi/);
});

test("LATENCY HISTOGRAM counts the calls up to each step", () => {
  const { engine, line } = createLatencyFixture();
  const { id } = createCommandTable([OBSERVABILITY_COMMANDS, [PING]]).find("ping")!;
  engine.stats.recordCalls(id, 3, 1.5, true);
  engine.stats.recordCalls(id, 1, 100, true);
  assert.equal(
    line("LATENCY HISTOGRAM ping nosuch PING"),
    "%2\r\n" + ("$4\r\nping\r\n%2\r\n$5\r\ncalls\r\n:4\r\n$14\r\nhistogram_usec\r\n" +
      "%2\r\n:1\r\n:3\r\n:132\r\n:4\r\n").repeat(2),
  );
  assert.match(line("LATENCY HISTOGRAM"), /\$17\r\nlatency\|histogram\r\n/);
  assert.match(line("LATENCY HISTOGRAM latency"), /^%1\r\n\$17\r\nlatency\|histogram\r\n/);
});
