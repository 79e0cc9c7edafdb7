import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyReport } from "../../../src/commands/observability/latency_doctor.ts";
import { LatencySeries } from "../../../src/engine/latency_monitor.ts";

const FACTS = { thresholdMs: 5, slowLogUs: 10_000, hz: 10, nowSeconds: 1100 };

function seriesOf(samples: Record<string, readonly (readonly [seconds: number, ms: number])[]>) {
  return new Map(
    Object.entries(samples).map(([event, spikes]) => {
      const series = new LatencySeries();
      for (const [seconds, ms] of spikes) series.add(seconds, ms);
      return [event, series];
    }),
  );
}

test("without spikes it says so, or that nothing is measured", () => {
  const series = seriesOf({});
  assert.match(latencyReport({ ...FACTS, series }), /^Dave, no latency spike was observed/);
  assert.match(latencyReport({ ...FACTS, series, thresholdMs: 0 }), /^I'm sorry, Dave/);
});

test("each event has a line with mean, deviation and period in Redis's words", () => {
  const series = seriesOf({ "expire-del": [[1000, 10], [1040, 21]], "purge-cycle": [[1100, 7]] });
  const report = latencyReport({ ...FACTS, series });
  assert.ok(report.includes(
    "1. expire-del: 2 latency spikes (average 15ms, mean deviation 5ms, period 50.00 sec). " +
      "Worst all time event 21ms.\n" +
      "2. purge-cycle: 1 latency spikes (average 7ms, mean deviation 0ms, period 1.00 sec). " +
      "Worst all time event 7ms.\n",
  ));
  assert.ok(report.endsWith(
    "\nWhile there are latency events logged, I'm not able to suggest any easy fix. Please use the " +
      "Redis community to get some help, providing this report in your help request.\n",
  ));
});

test("the advice depends on the events and on the settings", () => {
  const adviceFor = (event: string, more: Partial<typeof FACTS> = {}): string[] => {
    const report = latencyReport({ ...FACTS, ...more, series: seriesOf({ [event]: [[1000, 9]] }) });
    const [, advices] = report.split("\nI have a few advices for you:\n\n");
    return advices.split(/^- /m).slice(1).map((advice) => advice.slice(0, 24));
  };
  assert.deepEqual(adviceFor("command"), [
    "Your current Slow Log co",
    "Check your Slow Log to u",
    "Deleting, expiring or ev",
  ]);
  assert.equal(adviceFor("command", { slowLogUs: -1 })[0], "There are latency issues");
  assert.equal(adviceFor("command", { slowLogUs: 5000 })[0], "Check your Slow Log to u");
  assert.deepEqual(adviceFor("fast-command"), ["The system is slow to ex"]);
  assert.deepEqual(adviceFor("expire-cycle"), [
    "In order to make the Red",
    "Deleting, expiring or ev",
  ]);
  assert.deepEqual(adviceFor("expire-cycle", { hz: 100 }), ["Deleting, expiring or ev"]);
  assert.deepEqual(adviceFor("eviction-del"), ["Deleting, expiring or ev"]);
  assert.deepEqual(adviceFor("eviction-cycle"), ["Sudden changes to the 'm"]);
});
