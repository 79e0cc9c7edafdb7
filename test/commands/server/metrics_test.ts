import assert from "node:assert/strict";
import { test } from "node:test";
import { fraction, linesOf, plain } from "../../../src/commands/server/figures.ts";
import { collectMetrics, SECTIONS } from "../../../src/commands/server/metrics.ts";
import type { CommandSpec } from "../../../src/commands/spec.ts";
import { createServerFixture } from "./server_fixture.ts";

const FIGURES = {
  text: "a b",
  whole: 3,
  rate: fraction(1.5, 2),
  share: fraction(12.345, 2, "%"),
  db0: { keys: 1, avg: fraction(2, 1) },
  nothing: {},
};

test("linesOf() writes figures as INFO does", () => {
  assert.deepEqual(linesOf(FIGURES), [
    "text:a b",
    "whole:3",
    "rate:1.50",
    "share:12.35%",
    "db0:keys=1,avg=2.0",
    "nothing:",
  ]);
});

test("plain() keeps numbers as numbers", () => {
  assert.deepEqual(plain(FIGURES), {
    text: "a b",
    whole: 3,
    rate: 1.5,
    share: 12.345,
    db0: { keys: 1, avg: 2 },
    nothing: {},
  });
});

test("collectMetrics() has every section, and says what INFO says", () => {
  let metrics: ReturnType<typeof collectMetrics> = {};
  const collect = {
    name: "collect",
    arity: 1,
    flags: [],
    since: "1.0.0",
    group: "server",
    complexity: "O(1)",
    summary: "",
    syntax: "",
    run(call, reply) {
      metrics = collectMetrics(call);
      reply.ok();
    },
  } as const satisfies CommandSpec;
  const fixture = createServerFixture({}, [collect]);
  fixture.line("PUT a 1");
  fixture.line("COLLECT");
  assert.deepEqual(Object.keys(metrics), SECTIONS.map(({ title }) => title.toLowerCase()));
  assert.equal(metrics.stats.total_commands_processed, 2);
  assert.deepEqual(metrics.keyspace.db0, { keys: 1, expires: 0, avg_ttl: 0 });
  assert.equal((metrics.commandstats.cmdstat_put as Record<string, number>).calls, 1);
  assert.equal(metrics.memory.used_memory, Number(fixture.info("memory").get("used_memory")));
  JSON.parse(JSON.stringify(metrics));
});
