/** The tables of the page: figures of every peer, with ratios against Redis. */
import { grouped, markdownTable, times } from "../support/table.ts";
import { milliseconds, PERCENTILE_TITLES } from "./criteria.ts";
import {
  bestRate,
  busyShare,
  cpuMicros,
  findMeasurements,
  type Measurement,
  medianPercentile,
  medianRate,
  OWN_PEERS,
  PEER_LABELS,
  type PeerName,
  type PercentileName,
  REFERENCE,
  type Report,
  type SectionName,
  type ToolName,
} from "./figures.ts";
import { PEER_NAMES } from "./peers.ts";

/** Stands where nothing was measured. */
const NOTHING = "–";

const POINTS: readonly PercentileName[] = ["p50", "p90", "p99", "p999", "p9999", "max"];

/** What is said of a measurement. */
export interface Quantity {
  readonly title: string;
  of(measurement: Measurement): number;
  show(value: number): string;
}

export const BEST_RATE: Quantity = {
  title: "operations a second, best round",
  of: bestRate,
  show: grouped,
};

export const MEDIAN_RATE: Quantity = {
  title: "operations a second, median",
  of: medianRate,
  show: grouped,
};

export const CPU_TIME: Quantity = {
  title: "CPU µs of the server for a command",
  of: cpuMicros,
  show: (value) => value.toFixed(3),
};

/** Well below 100 %, the generator was the limit and not the server. */
export const BUSY: Quantity = {
  title: "how busy the server was",
  of: busyShare,
  show: (value) => `${(value * 100).toFixed(0)} %`,
};

function peersOf(report: Report, measurements: readonly Measurement[]): PeerName[] {
  return PEER_NAMES.filter((peer) =>
    report.peers.some(({ name }) => name === peer) &&
    measurements.some((each) => each.peer === peer)
  );
}

/** One row for each case and tool, one column for each peer, with ratios against Redis by the same tool. */
export function sectionTable(
  report: Report,
  section: SectionName,
  quantity: Quantity,
  tool?: ToolName,
): string {
  const found = findMeasurements(report, tool === undefined ? { section } : { section, tool });
  const peers = peersOf(report, found);
  const tools = new Set(found.map((each) => each.tool));
  const rows = new Map<string, Measurement[]>();
  for (const each of found) {
    const name = tools.size > 1 ? `${each.title}, ${each.tool}` : each.title;
    rows.set(name, [...rows.get(name) ?? [], each]);
  }
  return markdownTable(
    [quantity.title, ...peers.map((peer) => PEER_LABELS[peer])],
    [...rows].map(([name, row]) => [
      name,
      ...peers.map((peer) => cellOf(row, peer, quantity)),
    ]),
  );
}

function cellOf(row: readonly Measurement[], peer: PeerName, quantity: Quantity): string {
  const valueOf = (name: PeerName): number => {
    const found = row.find((each) => each.peer === name);
    return found === undefined ? NaN : quantity.of(found);
  };
  const value = valueOf(peer);
  if (!Number.isFinite(value)) return NOTHING;
  const ratio = value / valueOf(REFERENCE);
  if (peer === REFERENCE || !Number.isFinite(ratio) || quantity === BUSY) {
    return quantity.show(value);
  }
  return `${quantity.show(value)} (${times(ratio)})`;
}

/** Percentiles of one case, one row for each peer. */
export function latencyTable(report: Report, name: string): string {
  const found = findMeasurements(report, { section: "latency", case: name });
  return markdownTable(
    [found[0].title, ...POINTS.map((point) => PERCENTILE_TITLES[point]), "generator late"],
    peersOf(report, found).map((peer) => {
      const each = found.find((one) => one.peer === peer);
      if (each === undefined) return [];
      const unanswered = each.rounds.reduce((sum, { errors }) => sum + errors, 0);
      const late = each.rounds.flatMap(({ generatorLateMs }) => generatorLateMs ?? []);
      return [
        PEER_LABELS[peer] + (unanswered === 0 ? "" : ` (${unanswered} not answered)`),
        ...POINTS.map((point) => durationCell(medianPercentile(each, point))),
        durationCell(late.length === 0 ? NaN : Math.max(...late)),
      ];
    }),
  );
}

function durationCell(ms: number): string {
  return Number.isFinite(ms) ? milliseconds(ms) : NOTHING;
}

/** Percentiles of a section whose requests wait for replies. */
export function percentileTable(report: Report, section: SectionName): string {
  const found = findMeasurements(report, { section, tool: "bench:wire" });
  return markdownTable(
    [
      "time of a request, median of the rounds",
      ...POINTS.map((point) => PERCENTILE_TITLES[point]),
    ],
    sorted(found).map((each) => [
      `${each.title}, ${PEER_LABELS[each.peer]}`,
      ...POINTS.map((point) => durationCell(medianPercentile(each, point))),
    ]),
  );
}

/** Case by case, and then in the order of the peers. */
function sorted(measurements: readonly Measurement[]): Measurement[] {
  const cases = [...new Set(measurements.map((each) => each.case))];
  const place = (each: Measurement): number =>
    cases.indexOf(each.case) * PEER_NAMES.length + PEER_NAMES.indexOf(each.peer);
  return [...measurements].sort((a, b) => place(a) - place(b));
}

/** Frames against pipelines, one row for each case and runtime. */
export function binaryTable(report: Report): string {
  const found = findMeasurements(report, { section: "binary" });
  const names = [...new Set(found.map((each) => each.case))];
  const rows = names.flatMap((name) =>
    OWN_PEERS.flatMap((peer): string[][] => {
      const of = (protocol: "resp" | "binary"): Measurement | undefined =>
        found.find((each) =>
          each.case === name && each.peer === peer && each.protocol === protocol
        );
      const resp = of("resp"), binary = of("binary");
      if (resp === undefined || binary === undefined) return [];
      return [[
        `${resp.title}, ${PEER_LABELS[peer]}`,
        cpuMicros(resp).toFixed(3),
        cpuMicros(binary).toFixed(3),
        times(cpuMicros(binary) / cpuMicros(resp)),
        grouped(bestRate(resp)),
        grouped(bestRate(binary)),
        times(bestRate(binary) / bestRate(resp)),
      ]];
    })
  );
  const head = ["RESP, CPU µs", "binary, CPU µs", "ratio"];
  return markdownTable(["", ...head, "RESP, a second", "binary, a second", "ratio"], rows);
}

/** Bytes of a key on every peer. */
export function memoryTable({ memory }: Report): string {
  const reference = memory.find(({ peer }) => peer === REFERENCE)?.bytesPerKey ?? NaN;
  return markdownTable(
    ["resident memory", "empty, MiB", "full, MiB", "bytes a key", "against Redis"],
    PEER_NAMES.flatMap((name) => memory.filter(({ peer }) => peer === name)).map((each) => [
      PEER_LABELS[each.peer],
      mebibytes(each.emptyBytes),
      mebibytes(each.fullBytes),
      each.bytesPerKey.toFixed(1),
      times(each.bytesPerKey / reference),
    ]),
  );
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}

/** What clients cost. */
export function clientTable({ clients }: Report): string {
  return markdownTable(
    ["client", "runtime", "CPU µs for a command", "operations a second"],
    clients.map((each) => [
      each.client,
      each.runtime === "bun" ? "Bun" : "Deno",
      each.cpuMicrosPerOperation.toFixed(3),
      grouped(each.operationsPerSecond),
    ]),
  );
}
