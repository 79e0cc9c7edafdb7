/** The results as a table. */
import { grouped, markdownTable } from "../support/table.ts";
import type { LoadResult, SearchResult } from "./result.ts";

const HEAD: readonly string[] = [
  ...["test", "ops/s", "mean ms", "P50", "P90", "P99", "P99.9", "P99.99", "max", "errors"],
  ...["nulls", "MB sent", "MB got", "CPU µs/op: load", "server"],
];
const BYTES_PER_MB = 1e6;

function ms(us: number): string {
  return (us / 1000).toFixed(3);
}

export function resultTable(results: readonly LoadResult[]): string {
  return markdownTable(
    HEAD,
    results.map((result) => {
      const { latency } = result;
      return [
        result.test,
        grouped(result.requestsPerSecond),
        ms(latency.meanUs),
        ms(latency.p50Us),
        ms(latency.p90Us),
        ms(latency.p99Us),
        ms(latency.p999Us),
        ms(latency.p9999Us),
        ms(latency.maxUs),
        grouped(result.errors),
        grouped(result.nulls),
        (result.bytesSent / BYTES_PER_MB).toFixed(1),
        (result.bytesReceived / BYTES_PER_MB).toFixed(1),
        result.ownCpuUs.toFixed(3),
        result.serverCpuUs?.toFixed(3) ?? "-",
      ];
    }),
  );
}

/** What the table does not show: rates that were not kept, errors. */
export function resultNotes(results: readonly LoadResult[]): readonly string[] {
  return results.flatMap(({ test, rate, errors, firstError, requestsPerSecond }) => [
    ...errors > 0 ? [`${test}: the first error was "${firstError}"`] : [],
    ...rate === null ? [] : [
      `${test}: ${grouped(rate.wanted)} a second were due, ${grouped(requestsPerSecond)} were ` +
      `answered; backlog at most ${grouped(rate.backlogMax)}, at the end ` +
      `${grouped(rate.backlogAtEnd)}, never answered ${grouped(rate.unanswered)}; the generator ` +
      `itself was late by ${ms(rate.ownLateness.p99Us)} ms at P99, ` +
      `${ms(rate.ownLateness.maxUs)} ms at most`,
    ],
  ]);
}

/** As redis-benchmark -q prints it. */
export function quietLine({ test, requestsPerSecond, latency }: LoadResult): string {
  return `${test.toUpperCase()}: ${requestsPerSecond.toFixed(2)} requests per second, p50=${
    ms(latency.p50Us)
  } msec`;
}

export function searchTable({ test, p99LimitUs, rate, steps }: SearchResult): string {
  const table = markdownTable(
    [`${test}, requests a second`, "answered", "P99 ms", "backlog", "held"],
    steps.map((step) => [
      grouped(step.rate),
      grouped(step.requestsPerSecond),
      ms(step.p99Us),
      grouped(step.backlogAtEnd),
      step.isGood ? "yes" : "no",
    ]),
  );
  const found = rate === 0 ? "none was held" : `the highest that was held is ${grouped(rate)}`;
  return `${table}\n\nP99 within ${ms(p99LimitUs)} ms: ${found}`;
}
