import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandSpec } from "../../src/commands/spec.ts";
import type { Settings } from "../../src/ports/settings.ts";
import { CommandEncoder } from "../../src/protocol/command_encoder.ts";
import { RespWriter } from "../../src/protocol/resp/writer.ts";
import { createFixture, type Fixture } from "../support/engine_fixture.ts";

const BASE = {
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  summary: "",
  syntax: "",
} as const;

/** Readings of the clock since the fixture was made. */
let readings = 0;

/** A command that lets as many ms go by as its first argument says; a second one is echoed so often. */
function waiting(name: string, more: Partial<CommandSpec>): CommandSpec {
  return {
    ...BASE,
    name,
    arity: -2,
    flags: [],
    ...more,
    run(call, reply) {
      call.engine.clock.sleepSync(Number(call.text(1)));
      if (call.argc > 2) reply.text("x".repeat(Number(call.text(2))));
      else reply.ok();
    },
  };
}

const COMMANDS = [
  waiting("slow", {}),
  waiting("fast", { flags: ["fast"] }),
  waiting("short", { isShort: true }),
  waiting("keyed", { flags: ["fast"], keys: [1, 1, 1] }),
  waiting("store", { flags: ["write", "denyoom", "fast"], keys: [1, 1, 1] }),
  waiting("hidden", { flags: ["skip_slowlog"] }),
  waiting("secret", { findSecrets: (_batch, _first, _argc, found) => found(2) }),
];

interface TimerFixture extends Fixture {
  /** Runs lines of words as one batch. */
  batch(...lines: string[]): void;
  /** The slow log as "duration name arguments", oldest first. */
  slow(): string[];
}

function createTimerFixture(settings: Partial<Settings> = {}): TimerFixture {
  const fixture = createFixture({ families: [COMMANDS], settings });
  const { clock } = fixture.engine;
  const { monotonicUs } = clock;
  clock.monotonicUs = () => {
    readings++;
    return monotonicUs();
  };
  const encoder = new CommandEncoder();
  const decoder = new TextDecoder();
  readings = 0;
  return Object.assign(fixture, {
    batch(...lines: string[]) {
      const commands = lines.map((line) => line.split(" "));
      fixture.executor.executeLocal(encoder.encode(commands), fixture.session, new RespWriter());
    },
    slow: () =>
      fixture.engine.slowLog.newest(-1).reverse().map(({ durationUs, args }) =>
        [durationUs, ...args.map((arg) => decoder.decode(arg))].join(" ")
      ),
  });
}

test("each run of a command that may take long is measured by itself", () => {
  const fixture = createTimerFixture();
  fixture.batch("slow 1", "slow 20", "slow 2", "slow 30");
  assert.deepEqual(fixture.slow(), ["20000 slow 20", "30000 slow 30"]);
  assert.equal(fixture.engine.stats.commandCalls[0], 4);
  assert.equal(fixture.engine.stats.commandUsec[0], 53_000);
});

test("short commands share a reading of the clock, and are slow when their mean is", () => {
  const fixture = createTimerFixture();
  fixture.batch(...Array<string>(60).fill("fast 0"));
  assert.ok(readings <= 3, `${readings} readings of the clock`);
  fixture.batch("fast 1", "fast 1", "fast 19");
  assert.deepEqual(fixture.slow(), []);
  fixture.batch("short 1", "short 40", "fast 0");
  assert.deepEqual(fixture.slow(), ["20500 short 1"]);
});

test("a group of short commands has an end", () => {
  const fixture = createTimerFixture();
  fixture.batch(...Array<string>(63).fill("fast 0"), "fast 20", "fast 20");
  assert.deepEqual(fixture.slow(), ["20000 fast 20"]);
});

test("a short command with many bytes of arguments, or a long reply, is measured by itself", () => {
  const fixture = createTimerFixture();
  const long = "y".repeat(4096);
  fixture.batch("fast 0", `fast 20 0 ${long}`, "fast 0");
  fixture.batch("fast 1", "fast 1", "fast 20 16384", "fast 0", "fast 1");
  const [first, second, ...more] = fixture.slow();
  assert.ok(first.startsWith("20000 fast 20 0 yyy"));
  assert.equal(second, "22000 fast 20 16384");
  assert.deepEqual(more, []);
  assert.equal(fixture.engine.stats.commandCalls[1], 8);
  assert.equal(fixture.engine.stats.commandUsec[1], 43_000);
});

test("of commands alike, too, one with many bytes of arguments or a long reply is measured by itself", () => {
  const fixture = createTimerFixture();
  const long = "y".repeat(4096);
  fixture.batch("keyed 0 0 y", "keyed 0 0 y", `keyed 20 0 ${long}`, "keyed 0 0 y");
  const [slow, ...more] = fixture.slow();
  assert.ok(slow.startsWith("20000 keyed 20 0 yyy"));
  assert.deepEqual(more, []);
  fixture.batch("keyed 1 1", "keyed 20 16384", "keyed 0 1");
  assert.deepEqual(fixture.slow().slice(1), ["21000 keyed 20 16384"]);
});

test("a command that is refused in a row is not measured", () => {
  const fixture = createTimerFixture({ maxmemory: 1, maxmemoryPolicy: "noeviction" });
  const { clock } = fixture.engine;
  const { monotonicUs } = clock;
  let read = 0;
  clock.monotonicUs = () => monotonicUs() + read++;
  fixture.engine.beginBatch();
  fixture.batch("store 0", "store 0", "slow 20", "store 0", "store 0");
  assert.equal(fixture.engine.stats.commandCalls[4], 0, "they are refused");
  assert.deepEqual(fixture.slow().map((entry) => entry.split(" ")[1]), ["slow"]);
});

test("with a low threshold every command is measured by itself", () => {
  const fixture = createTimerFixture({ slowlogLogSlowerThan: 0 });
  fixture.batch("fast 0", "fast 3", "short 1");
  assert.deepEqual(fixture.slow(), ["0 fast 0", "3000 fast 3", "1000 short 1"]);
  fixture.settings.slowlogLogSlowerThan = 999;
  fixture.batch("fast 0", "fast 1");
  assert.equal(fixture.slow().at(-1), "1000 fast 1");
  fixture.batch("fast 2 16384", "fast 3 16384", "fast 4");
  assert.deepEqual(fixture.slow().slice(-3), [
    "2000 fast 2 16384",
    "3000 fast 3 16384",
    "4000 fast 4",
  ]);
});

test("the slow log tells when, by whom, and hides secrets", () => {
  const fixture = createTimerFixture();
  fixture.session.name = "me";
  fixture.batch("secret 10 password more", "hidden 50");
  const [entry, ...more] = fixture.engine.slowLog.newest(-1);
  assert.deepEqual(more, []);
  assert.equal(fixture.slow()[0], "10000 secret 10 (redacted) more");
  assert.equal(entry.clientName, "me");
  assert.equal(entry.clientAddress, "local:0");
  assert.equal(entry.atSeconds, 1_700_000_000);
});

test("long arguments and many of them are cut", () => {
  const fixture = createTimerFixture({ slowlogLogSlowerThan: 0 });
  fixture.batch(
    `slow 0 0 ${"a".repeat(128)} ${"b".repeat(129)} ${"c".repeat(1000)}`,
    `slow 0 ${Array.from({ length: 30 }, (_, i) => i).join(" ")}`,
    `slow 0 ${Array.from({ length: 31 }, (_, i) => i).join(" ")}`,
  );
  const [first, second, third] = fixture.slow();
  const cut = `${"b".repeat(128)}... (1 more bytes) ${"c".repeat(128)}... (872 more bytes)`;
  assert.equal(first, `0 slow 0 0 ${"a".repeat(128)} ${cut}`);
  assert.ok(second.endsWith(" 28 29"));
  assert.ok(third.endsWith(" 27 28 ... (2 more arguments)"), third);
});

test("the latency monitor is told of fast commands and others", () => {
  const fixture = createTimerFixture({ latencyMonitorThreshold: 5 });
  fixture.batch("slow 7", "fast 9", "slow 4");
  const { series } = fixture.engine.latency;
  assert.deepEqual([...series].map(([event, { maxMs }]) => `${event} ${maxMs}`), [
    "command 7",
    "fast-command 9",
  ]);
});
