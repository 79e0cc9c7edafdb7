/** The readable page of a report: made from report.json alone, so that it can be rendered again at any time. */
import { machineLine } from "../support/machine.ts";
import { grouped, markdownTable, times } from "../support/table.ts";
import type { Chart } from "./charts.ts";
import { judge, targetOf, type Verdict } from "./criteria.ts";
import {
  bestRate,
  fastestOf,
  findMeasurements,
  OWN_PEERS,
  type OwnPeer,
  PEER_LABELS,
  REFERENCE,
  type Report,
  type SectionName,
  type ToolName,
} from "./figures.ts";
import { listed, wrap } from "./markdown.ts";
import { PEER_NAMES } from "./peers.ts";
import { clockTime } from "./progress.ts";
import { chartsOf, MAIN_CHART, showChart } from "./report_charts.ts";
import {
  BEST_RATE,
  binaryTable,
  BUSY,
  clientTable,
  CPU_TIME,
  latencyTable,
  MEDIAN_RATE,
  memoryTable,
  percentileTable,
  sectionTable,
} from "./tables.ts";

const TOOL_NAMES: readonly ToolName[] = ["bench:wire", "redis-benchmark", "memtier_benchmark"];
const RUNTIMES: Readonly<Record<OwnPeer, string>> = { bun: "Bun", deno: "Deno" };

/** The page as markdown. */
export function renderPage(report: Report): string {
  const charts = chartsOf(report);
  const verdicts = judge(report);
  const parts = [
    "# CrabCache beside its peers",
    ...report.isQuick
      ? ["**Made with `--quick`, to see that everything works: the figures mean nothing.**"]
      : [],
    introduction(report),
    "## In short",
    ...summary(report, verdicts),
    ...chartNamed(charts, MAIN_CHART),
    "## Every criterion",
    ...criteria(report, verdicts),
    "## What falls short",
    ...shortfalls(report, verdicts),
    ...SECTIONS.flatMap((section) => section(report, charts)),
    ...failures(report),
    "## How it is measured",
    ...method(report),
  ];
  return `${parts.join("\n\n")}\n`;
}

function introduction(report: Report): string {
  const { date, machine, peers, tools, generator, seconds } = report;
  const versions = PEER_NAMES.flatMap((peer) =>
    peers.filter(({ name }) => name === peer).map(({ version }) =>
      `${PEER_LABELS[peer]} ${version}`
    )
  );
  const absent = PEER_NAMES.filter((peer) => peers.every(({ name }) => name !== peer));
  const others = tools.filter(({ name }) => name !== "bench:wire");
  const absentTools = TOOL_NAMES.filter((tool) => tools.every(({ name }) => name !== tool));
  const missing = [...absent.map((peer) => PEER_LABELS[peer]), ...absentTools];
  return [
    `Servers: ${versions.join(", ")}.`,
    `Generators: \`bench:wire\` on ${RUNTIMES[generator.name]} ${generator.version}` +
    `${others.map(({ name, version }) => `, ${name} ${version}`).join("")}.`,
    ...missing.length > 0 ? [`Not found on this machine: ${listed(missing)}.`] : [],
    `Machine: ${machineLine(machine)}; ${report.pinning}.`,
    `Made on ${date.slice(0, 10)} by \`${commandOf(report)}\` in ${clockTime(seconds)} minutes.`,
  ].map((line) => wrap(`- ${line}`, "  ")).join("\n");
}

function commandOf({ options }: Report): string {
  return options === "" ? "npm run bench:report" : `npm run bench:report -- ${options}`;
}

function chartNamed(charts: readonly Chart[], name: string): string[] {
  return charts.filter((chart) => chart.name === name).map((chart) => showChart(chart));
}

function summary(report: Report, verdicts: readonly Verdict[]): string[] {
  const measured = verdicts.filter(({ isMet }) => isMet !== null);
  const met = measured.filter(({ isMet }) => isMet === true);
  const open = verdicts.length - measured.length;
  const first = `${met.length} of ${measured.length} criteria are met` +
    `${open > 0 ? `; ${open} were not measured` : ""}. A criterion counts once for each runtime.`;
  const lines = findMeasurements(report, { section: "throughput", peer: REFERENCE });
  const names = new Map(lines.map((each) => [each.case, each.title]));
  const ratios = [...names].flatMap(([name, title]) => {
    const parts = OWN_PEERS.flatMap((peer) => {
      const own = fastestOf(findMeasurements(report, { section: "throughput", case: name, peer }));
      const redis = fastestOf(
        findMeasurements(report, { section: "throughput", case: name, peer: REFERENCE }),
      );
      if (own === undefined || redis === undefined) return [];
      return [`${times(bestRate(own) / bestRate(redis))} on ${RUNTIMES[peer]}`];
    });
    return parts.length === 0 ? [] : [`- ${title}: ${parts.join(", ")}`];
  });
  if (ratios.length === 0) return [wrap(first)];
  return [wrap(`${first} Throughput as a multiple of Redis's:`), ratios.join("\n")];
}

function criteria(report: Report, verdicts: readonly Verdict[]): string[] {
  const present = OWN_PEERS.filter((peer) => report.peers.some(({ name }) => name === peer));
  const groups = [...new Set(verdicts.map(({ criterion }) => criterion.group))];
  return groups.map((group) => {
    const inGroup = verdicts.filter(({ criterion }) => criterion.group === group);
    const list = [...new Set(inGroup.map(({ criterion }) => criterion))];
    return markdownTable(
      [group, "target", ...present.flatMap((peer) => [`on ${RUNTIMES[peer]}`, "met"])],
      list.map((criterion) => [
        criterion.title,
        targetOf(criterion),
        ...present.flatMap((peer) => {
          const found = inGroup.find((each) => each.criterion === criterion && each.peer === peer);
          if (found === undefined) return ["", ""];
          if (found.isMet === null) return ["not measured", ""];
          return [found.text, found.isMet ? "yes" : "**no**"];
        }),
      ]),
    );
  });
}

function shortfalls(report: Report, verdicts: readonly Verdict[]): string[] {
  const missed = verdicts.filter(({ isMet }) => isMet === false);
  if (missed.length === 0) return ["Nothing of what was measured."];
  const list = [...new Set(missed.map(({ criterion }) => criterion))];
  const items = list.map((criterion) => {
    const figures = missed.filter((each) => each.criterion === criterion)
      .map(({ peer, text }) => `${text} on ${RUNTIMES[peer]}`);
    const cause = report.causes[criterion.id];
    const text = `**${criterion.topic}, ${criterion.title}**: ${listed(figures)}, wanted ` +
      `${targetOf(criterion)}. ${
        cause === undefined ? "Cause: not known yet." : `Cause: ${cause}`
      }`;
    return wrap(`- ${text}`, "  ");
  });
  return [items.join("\n")];
}

type SectionRenderer = (report: Report, charts: readonly Chart[]) => string[];

/** A section whose peers are compared case by case. */
function comparison(
  name: SectionName,
  heading: string,
  text: string,
  chartNames: readonly string[],
  isDetailed: boolean,
): SectionRenderer {
  return (report, charts) => {
    if (findMeasurements(report, { section: name }).length === 0) return [];
    return [
      `## ${heading}`,
      wrap(text),
      ...chartNames.flatMap((chart) => chartNamed(charts, chart)),
      sectionTable(report, name, BEST_RATE),
      ...isDetailed ? [sectionTable(report, name, MEDIAN_RATE)] : [],
      sectionTable(report, name, CPU_TIME),
      ...isDetailed ? [sectionTable(report, name, BUSY)] : [],
    ];
  };
}

const latency: SectionRenderer = (report, charts) => {
  const found = findMeasurements(report, { section: "latency" });
  if (found.length === 0) return [];
  const names = [...new Set(found.map((each) => each.case))];
  return [
    "## Latency at a fixed rate",
    wrap(
      "GETs are sent when they are due, whether the earlier ones are answered or not, and their time " +
        "counts from then: a server that stands still for a moment pays for everything that was due " +
        "meanwhile. Each figure is the median of the rounds. The last column says how late the " +
        "generator itself was with one request in ten thousand, in its worst round: what is of that " +
        "size says nothing about the server.",
    ),
    ...names.flatMap((name) => [...chartNamed(charts, name), latencyTable(report, name)]),
  ];
};

const binary: SectionRenderer = (report, charts) =>
  findMeasurements(report, { section: "binary" }).length === 0 ? [] : [
    "## Binary protocol",
    wrap(
      "The same commands as frames of the binary protocol and as pipelines of RESP, by the same " +
        "generator against the same server, 100 connections.",
    ),
    ...chartNamed(charts, "binary"),
    binaryTable(report),
  ];

const connections: SectionRenderer = (report) =>
  findMeasurements(report, { section: "connections" }).length === 0 ? [] : [
    "## Many connections",
    "GETs without pipelining, each connection with one request under way.",
    sectionTable(report, "connections", BEST_RATE),
    sectionTable(report, "connections", CPU_TIME),
    percentileTable(report, "connections"),
  ];

const memory: SectionRenderer = (report, charts) =>
  report.memory.length === 0 ? [] : [
    "## Memory",
    wrap(
      "What the keys add to the resident memory of a server that was warmed up before, so that buffers " +
        "and compiled code do not count.",
    ),
    ...chartNamed(charts, "memory"),
    memoryTable(report),
  ];

const client: SectionRenderer = (report, charts) =>
  report.clients.length === 0 ? [] : [
    "## Client library",
    wrap(
      "CPU time of the client's process for a command, 64 of them in each tick of the event loop, as many " +
        "GETs as SETs, every client against the same server and set up to send what one tick brings " +
        "together.",
    ),
    ...chartNamed(charts, "client"),
    clientTable(report),
  ];

const SECTIONS: readonly SectionRenderer[] = [
  comparison(
    "throughput",
    "Throughput with random keys",
    "GET and SET over all keys at random, 100 connections, by pipelines of 1, 16 and 64 commands. " +
      "Where a server was well below 100 % busy, the generator was the limit, and CPU time says more.",
    ["cpu"],
    true,
  ),
  comparison(
    "equivalent",
    "What redis-benchmark measures by default",
    "PING, SET and GET of a single key, 100 connections, pipelines of 16, a million requests.",
    [],
    true,
  ),
  latency,
  binary,
  connections,
  comparison(
    "http",
    "Batches over HTTP",
    "POST /batch with so many GETs in each body, as JSON or as a frame of the binary protocol, 20 " +
      "connections; operations are commands.",
    [],
    false,
  ),
  comparison(
    "ycsb",
    "YCSB",
    "The core workloads of the Yahoo! Cloud Serving Benchmark with Zipf-distributed keys, 100 " +
      "connections, 16 commands at once.",
    ["ycsb"],
    false,
  ),
  comparison(
    "values",
    "Values of many sizes",
    "As many GETs as SETs with values of mixed sizes, 50 connections.",
    [],
    false,
  ),
  memory,
  client,
];

function failures({ failures: list }: Report): string[] {
  if (list.length === 0) return [];
  const items = list.map(({ section, title, peer, tool, message }) => {
    const text = `${section}: ${title} on ${PEER_LABELS[peer]} by ${tool}: ${message}`;
    return wrap(`- ${text}`, "  ");
  });
  return ["## What could not be measured", items.join("\n")];
}

function method(report: Report): string[] {
  const { rounds, keys, valueBytes, sections, skippedRounds } = report;
  const durations = sections.map(({ name, seconds }) => `${name} ${clockTime(seconds)}`);
  const counted = rounds === 1 ? "1 round is counted" : `${rounds} rounds are counted`;
  const skipped = skippedRounds === 0 ? "" : ` (${skippedRounds} were left out: time ran short)`;
  return [
    wrap(
      "All servers run at once, each serving from one thread, without persistence; all but the one " +
        `under load are idle. Keys have 16 bytes, values ${valueBytes}, and ${
          grouped(keys)
        } keys are there from ` +
        "the start. A round goes over all cases of a section, and each case over all servers, which " +
        `take turns at being first; a round before them is not counted. ${counted}${skipped}. CPU ` +
        "time is what the kernel accounts to the server's process while the load lasts, over the " +
        "commands of all rounds; memory is its resident set before and after the keys were loaded.",
    ),
    [
      "    npm run bench:report                              # measures, and writes this folder",
      "    npm run bench:report -- --only latency --out DIR  # some sections, written elsewhere",
      "    npm run bench:report -- --render                  # renders report.json again",
    ].join("\n"),
    wrap(
      "`deno task bench:report` does the same with the generator on Deno. Minutes and seconds of each " +
        `section: ${
          durations.join(", ")
        }. The raw figures are in [report.json](report.json); causes ` +
        "are written there, under the criterion's id, and kept by later runs as long as the criterion " +
        "is missed.",
    ),
  ];
}
