/**
 * The report of LATENCY DOCTOR: what was seen, and what may help.
 *
 * Source: createLatencyReport of Redis's src/latency.c, less what concerns disks, forks and huge pages.
 */
import type { LatencySample, LatencySeries } from "../../engine/latency_monitor.ts";

const US_PER_MS = 1000;
/** From so many rounds of background work per second on, more would not help. */
const HIGH_HZ = 100;

const DISABLED =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may " +
  'use "CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it. If we weren\'t in a ' +
  "deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
const NOTHING_SEEN =
  "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest " +
  "bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
const SEEN =
  "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you " +
  "Dave?\n\n";
const NO_ADVICE =
  "\nWhile there are latency events logged, I'm not able to suggest any easy fix. Please use the Redis " +
  "community to get some help, providing this report in your help request.\n";
const ADVICE = "\nI have a few advices for you:\n\n";

const INSPECT_SLOW_LOG =
  "- Check your Slow Log to understand what are the commands you are running which are too slow to " +
  "execute. Please check https://redis.io/commands/slowlog for more information.\n";
const SCHEDULER =
  "- The system is slow to execute Redis code paths not containing system calls. This usually means the " +
  "system does not provide Redis CPU time to run for long periods. You should try to:\n" +
  "  1) Lower the system load.\n" +
  "  2) Use a computer / VM just for Redis if you are running other software in the same system.\n" +
  '  3) Check if you have a "noisy neighbour" problem.\n' +
  "  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n";
const HIGHER_HZ =
  "- In order to make the Redis keys expiring process more incremental, try to set the 'hz' configuration " +
  "parameter to 100 using 'CONFIG SET hz 100'.\n";
const LARGE_OBJECTS =
  "- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. " +
  "If you have very large objects that are often deleted, expired, or evicted, try to fragment those " +
  "objects into multiple smaller objects.\n";
const MASS_EVICTION =
  "- Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via sets " +
  "or sorted sets intersections, STORE option of SORT, Redis Cluster large keys migrations (RESTORE " +
  "command), may create sudden memory pressure forcing the server to block trying to evict keys. \n";

export interface LatencyFacts {
  readonly series: ReadonlyMap<string, LatencySeries>;
  /** Milliseconds, 0 = nothing is measured. */
  readonly thresholdMs: number;
  /** Threshold of the slow log in microseconds, -1 = there is none. */
  readonly slowLogUs: number;
  readonly hz: number;
  readonly nowSeconds: number;
}

/** @returns the report, ending with a line feed */
export function latencyReport(facts: LatencyFacts): string {
  const { series, thresholdMs, nowSeconds } = facts;
  if (series.size === 0) return thresholdMs === 0 ? DISABLED : NOTHING_SEEN;
  let report = SEEN;
  let number = 0;
  for (const [event, { samples, maxMs }] of series) {
    const { meanMs, deviationMs, seconds } = analyze(samples, nowSeconds);
    const period = (seconds / samples.length).toFixed(2);
    report +=
      `${++number}. ${event}: ${samples.length} latency spikes (average ${meanMs}ms, mean ` +
      `deviation ${deviationMs}ms, period ${period} sec). Worst all time event ${maxMs}ms.\n`;
  }
  const advices = advicesFor(facts);
  return report + (advices.length === 0 ? NO_ADVICE : ADVICE + advices.join(""));
}

function advicesFor({ series, thresholdMs, slowLogUs, hz }: LatencyFacts): string[] {
  const has = (event: string): boolean => series.has(event);
  const advices: string[] = [];
  if (has("command")) {
    if (slowLogUs < 0) advices.push(enableSlowLog(thresholdMs));
    else if (Math.trunc(slowLogUs / US_PER_MS) > thresholdMs) {
      advices.push(tuneSlowLog(thresholdMs));
    }
    advices.push(INSPECT_SLOW_LOG);
  }
  if (has("fast-command")) advices.push(SCHEDULER);
  if (has("expire-cycle") && hz < HIGH_HZ) advices.push(HIGHER_HZ);
  if (has("command") || has("expire-cycle") || has("eviction-del")) advices.push(LARGE_OBJECTS);
  if (has("eviction-cycle")) advices.push(MASS_EVICTION);
  return advices;
}

function enableSlowLog(thresholdMs: number): string {
  return "- There are latency issues with potentially slow commands you are using. Try to enable the " +
    "Slow Log Redis feature using the command 'CONFIG SET slowlog-log-slower-than " +
    `${
      thresholdMs * US_PER_MS
    }'. If the Slow log is disabled Redis is not able to log slow commands ` +
    "execution for you.\n";
}

function tuneSlowLog(thresholdMs: number): string {
  return "- Your current Slow Log configuration only logs events that are slower than your configured " +
    "latency monitor threshold. Please use 'CONFIG SET slowlog-log-slower-than " +
    `${thresholdMs * US_PER_MS}'.\n`;
}

/** Mean and mean deviation in whole ms, and the seconds since the oldest one, at least 1. */
function analyze(samples: readonly LatencySample[], nowSeconds: number) {
  const count = samples.length;
  let sum = 0;
  let oldest = Infinity;
  for (const { atSeconds, ms } of samples) {
    sum += ms;
    oldest = Math.min(oldest, atSeconds);
  }
  const meanMs = Math.trunc(sum / count);
  let deviations = 0;
  for (const { ms } of samples) deviations += Math.abs(ms - meanMs);
  return { meanMs, deviationMs: Math.trunc(deviations / count), seconds: nowSeconds - oldest || 1 };
}
