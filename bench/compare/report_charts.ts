/** Which charts the page has, and what they show: only those for which something was measured. */
import { markdownImage } from "./markdown.ts";
import { type Chart, PEER_COLOURS, type Series, shortNumber } from "./charts.ts";
import { milliseconds, PERCENTILE_TITLES } from "./criteria.ts";
import {
  bestRate,
  cpuMicros,
  fastestOf,
  findMeasurements,
  type Measurement,
  medianPercentile,
  OWN_PEERS,
  PEER_LABELS,
  type PeerName,
  type PercentileName,
  type Report,
  type SectionName,
} from "./figures.ts";
import { PEER_NAMES } from "./peers.ts";

/** The chart that the project's README shows. */
export const MAIN_CHART = "throughput";

const LATENCY_POINTS: readonly PercentileName[] = ["p50", "p90", "p99", "p999", "p9999", "max"];

const micros = (value: number): string => `${Number(value.toPrecision(3))} µs`;

/** All charts of a report. */
export function chartsOf(report: Report): readonly Chart[] {
  return [
    throughputChart(report),
    cpuChart(report),
    ...latencyCharts(report),
    binaryChart(report),
    ycsbChart(report),
    memoryChart(report),
    clientChart(report),
  ].filter((chart) => chart.series.length > 0 && chart.categories.length > 0);
}

/** How a chart is shown: the dark one where the reader's page is dark. */
export function showChart(chart: Chart, folder = ""): string {
  return markdownImage(chart.title, `${folder}${chart.name}`);
}

/** Names of the cases of a section, in the order of measurement. */
function casesOf(report: Report, section: SectionName): Map<string, string> {
  return new Map(
    findMeasurements(report, { section }).map((each) => [each.case, each.title]),
  );
}

/** One series for each peer. @param valueOf of a case on a peer, NaN for none */
function peerSeries(
  report: Report,
  names: readonly string[],
  valueOf: (name: string, peer: PeerName) => number,
): Series[] {
  return PEER_NAMES.filter((peer) => report.peers.some(({ name }) => name === peer))
    .map((peer): Series => ({
      name: PEER_LABELS[peer],
      colour: PEER_COLOURS[peer],
      values: names.map((name) => valueOf(name, peer)),
    }))
    .filter(({ values }) => values.some(Number.isFinite));
}

function fastest(
  report: Report,
  section: SectionName,
  name: string,
  peer: PeerName,
): Measurement | undefined {
  return fastestOf(findMeasurements(report, { section, case: name, peer }));
}

function throughputChart(report: Report): Chart {
  const cases = casesOf(report, "throughput");
  const names = [...cases.keys()];
  return {
    name: MAIN_CHART,
    kind: "bars",
    title: "Operations a second on one core",
    subtitle: `100 connections, ${shortNumber(report.keys)} keys at random, ` +
      "the best round by the generator that drove each server fastest; longer is better",
    categories: [...cases.values()],
    series: peerSeries(report, names, (name, peer) => {
      const found = fastest(report, "throughput", name, peer);
      return found === undefined ? NaN : bestRate(found);
    }),
    show: shortNumber,
  };
}

/** Without pipelines a command costs ten times as much, nearly all of it the kernel's: the table says it. */
function cpuChart(report: Report): Chart {
  const pipelined = findMeasurements(report, { section: "throughput" })
    .filter(({ pipeline }) => pipeline > 1);
  const cases = casesOf({ ...report, measurements: pipelined }, "throughput");
  const names = [...cases.keys()];
  return {
    name: "cpu",
    kind: "bars",
    title: "CPU time of the server for one command",
    subtitle: "in pipelines, 100 connections, over all counted rounds; shorter is better",
    categories: [...cases.values()],
    series: peerSeries(report, names, (name, peer) => {
      const found = fastest(report, "throughput", name, peer);
      return found === undefined ? NaN : cpuMicros(found);
    }),
    show: micros,
  };
}

function latencyCharts(report: Report): Chart[] {
  return [...casesOf(report, "latency")].map(([name, title]): Chart => ({
    name,
    kind: "lines",
    title: `Latency, ${title}`,
    subtitle: "at a fixed rate, counted from when each request was due; median of the rounds",
    categories: LATENCY_POINTS.map((point) => PERCENTILE_TITLES[point]),
    series: PEER_NAMES.flatMap((peer): Series[] => {
      const [found] = findMeasurements(report, { section: "latency", case: name, peer });
      if (found === undefined) return [];
      const values = LATENCY_POINTS.map((point) => medianPercentile(found, point));
      return [{ name: PEER_LABELS[peer], colour: PEER_COLOURS[peer], values }];
    }),
    show: milliseconds,
  }));
}

function binaryChart(report: Report): Chart {
  const cases = casesOf(report, "binary");
  const series = OWN_PEERS.flatMap((peer) =>
    (["resp", "binary"] as const).map((protocol): Series => ({
      name: `${protocol === "resp" ? "RESP" : "binary"} on ${peer === "bun" ? "Bun" : "Deno"}`,
      colour: PEER_COLOURS[peer],
      isSecond: protocol === "resp",
      values: [...cases.keys()].map((name) => {
        const wanted = { section: "binary", case: name, peer, protocol } as const;
        const [found] = findMeasurements(report, wanted);
        return found === undefined ? NaN : cpuMicros(found);
      }),
    }))
  );
  return {
    name: "binary",
    kind: "bars",
    title: "Binary frames beside RESP pipelines",
    subtitle: "CPU time of the server for one command, same server, same run; shorter is better",
    categories: [...cases.values()],
    series: series.filter(({ values }) => values.some(Number.isFinite)),
    show: micros,
  };
}

function ycsbChart(report: Report): Chart {
  const cases = casesOf(report, "ycsb");
  const names = [...cases.keys()];
  return {
    name: "ycsb",
    kind: "bars",
    title: "YCSB workloads",
    subtitle: "operations a second, 100 connections, 16 at once; longer is better",
    categories: [...cases.values()],
    series: peerSeries(report, names, (name, peer) => {
      const found = fastest(report, "ycsb", name, peer);
      return found === undefined ? NaN : bestRate(found);
    }),
    show: shortNumber,
  };
}

function memoryChart(report: Report): Chart {
  return {
    name: "memory",
    kind: "bars",
    title: "Memory of a key",
    subtitle: `resident memory, ${shortNumber(report.keys)} keys of 16 bytes with values of ` +
      `${report.valueBytes}; shorter is better`,
    categories: ["a key"],
    series: peerSeries(
      report,
      ["memory"],
      (_, peer) => report.memory.find((each) => each.peer === peer)?.bytesPerKey ?? NaN,
    ),
    show: (value) => `${Number(value.toFixed(1))} B`,
  };
}

function clientChart({ clients }: Report): Chart {
  const names = [...new Set(clients.map(({ client }) => client))];
  return {
    name: "client",
    kind: "bars",
    title: "CPU time of the client library for one command",
    subtitle: "against the same server; shorter is better",
    categories: names,
    series: OWN_PEERS.map((runtime): Series => ({
      name: `on ${runtime === "bun" ? "Bun" : "Deno"}`,
      colour: PEER_COLOURS[runtime],
      values: names.map((name) =>
        clients.find((each) => each.client === name && each.runtime === runtime)
          ?.cpuMicrosPerOperation ?? NaN
      ),
    })).filter(({ values }) => values.some(Number.isFinite)),
    show: micros,
  };
}
