/**
 * The side-by-side report: `npm run bench:report`, or `deno task bench:report`.
 *
 * Measures this server on both runtimes beside every peer found on the machine and writes bench/report/. `--render`
 * makes the page and the charts from report.json again, without measuring.
 */
import { join } from "node:path";
import process from "node:process";
import { type BenchOptions, choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, readIfThere } from "../support/machine.ts";
import { findPinnings, ROOT } from "../support/programs.ts";
import { measureClients } from "./clients.ts";
import { judge } from "./criteria.ts";
import { type PeerName, type Report, SECTION_NAMES } from "./figures.ts";
import { findReportPeers, PEER_NAMES } from "./peers.ts";
import { fitSizes, FULL_SIZES, planSteps, QUICK_SIZES, type Sizes, totalSeconds } from "./plan.ts";
import { clockTime } from "./progress.ts";
import { makeReport, type RunOptions, secondsBesides } from "./run.ts";
import { findForeignTools, type Tool } from "./tools.ts";
import { ownTool } from "./own_tool.ts";
import { readReport, withCauses, writeReport } from "./write.ts";

const FOLDER = "bench/report";
/** The plan's time. */
const MINUTES = 18;
/** What it may take longer; rounds are left out beyond that, so that twenty minutes are never passed by much. */
const SLACK_SECONDS = 110;
const SECONDS_PER_MINUTE = 60;

const NAMES: readonly string[] = [
  ...["rounds", "keys", "minutes", "only", "peers", "tools", "out", "render"],
];

/** With these it is no whole report. */
const PARTIAL: readonly string[] = ["quick", "only", "peers", "tools", "keys"];

const HELP = [
  "Usage: bench:report [OPTIONS]; --quick, --only, --peers, --tools and --keys need --out",
  "  --only SECTION,...   some of " + SECTION_NAMES.join(", "),
  "  --peers NAME,...     some of " + PEER_NAMES.join(", "),
  "  --tools NAME,...     some of bench:wire, redis-benchmark, memtier_benchmark",
  "  --rounds N           counted rounds, default " + FULL_SIZES.rounds,
  "  --keys N             default " + FULL_SIZES.keys,
  "  --minutes N          rounds get shorter where everything takes longer, default " + MINUTES,
  "  --out FOLDER         default " + FOLDER,
  "  --render             renders the page from report.json again, and measures nothing",
  "  --quick              tiny sizes, to see that everything works",
].join("\n");

/** Runs it with options of the command line. @throws TypeError for what it does not know */
export async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  const flags = args.map((each) => each === "--render" ? "--render=" : each);
  const options = readOptions(flags, NAMES);
  if (options.words.length > 0) throw new TypeError(`what is "${options.words[0]}"?`);
  const folder = options.values.get("out") ?? FOLDER;
  if (options.values.has("render")) return render(folder);
  const partial = PARTIAL.find((name) => options.values.has(name));
  if (partial !== undefined && !options.values.has("out")) {
    throw new TypeError(`--${partial} needs --out, so that the whole report stays as it is`);
  }
  const tools = [ownTool(ownVersion()), ...findForeignTools()];
  const run = planRun(options, repeatable(args), tools);
  const report = withCauses(await makeReport(run), readReport(folder));
  const files = writeReport(report, folder);
  console.log(`${verdictLine(report)}\n${files.length} files in ${folder}`);
}

function ownVersion(): string {
  return JSON.parse(readIfThere(join(ROOT, "package.json"))).version;
}

function render(folder: string): void {
  const report = readReport(folder);
  if (report === undefined) throw new TypeError(`there is no report.json in ${folder}`);
  console.log(`${writeReport(report, folder).length} files in ${folder}`);
}

/** What is measured with these options. @param given the options as text, for the report */
export function planRun(
  options: BenchOptions,
  given: string,
  allTools: readonly Tool[],
): RunOptions {
  const peers = findReportPeers(choiceOf(options, "peers", PEER_NAMES));
  const sections = choiceOf(options, "only", SECTION_NAMES);
  const names = choiceOf(options, "tools", allTools.map(({ name }) => name));
  const tools = allTools.filter(({ name }) => names.includes(name));
  const plain = options.isQuick ? QUICK_SIZES : FULL_SIZES;
  const wanted: Sizes = {
    ...plain,
    rounds: countOf(options, "rounds", plain.rounds),
    keys: countOf(options, "keys", plain.keys),
  };
  const limit = countOf(options, "minutes", MINUTES) * SECONDS_PER_MINUTE;
  const besides = secondsBesides(sections, peers.length, wanted);
  const plan = (sizes: Sizes) => planSteps(sections, peers, tools, sizes);
  const pinnings = findPinnings(describeMachine().cores);
  const sizes = fitSizes(wanted, limit, besides, plan);
  const seconds = totalSeconds(plan(sizes)) + besides;
  console.error(`about ${clockTime(seconds)} minutes: ${namesOf(peers)}; ${namesOf(tools)}`);
  return {
    sections: SECTION_NAMES.filter((each) => sections.includes(each)),
    peers,
    tools,
    sizes,
    isQuick: options.isQuick,
    options: given,
    pinnings,
    slackSeconds: SLACK_SECONDS,
    measureClients: (failed) => measureClients({ isQuick: options.isQuick, pinnings, failed }),
    log: (line) => console.error(line),
  };
}

function namesOf(list: readonly { readonly name: PeerName | string; readonly version: string }[]) {
  return list.map(({ name, version }) => `${name} ${version}`).join(", ");
}

/** The options without the folder, which may be a path of this machine. */
function repeatable(args: readonly string[]): string {
  const at = args.indexOf("--out");
  return args.filter((each, i) =>
    !each.startsWith("--out=") && i !== at && (at < 0 || i !== at + 1)
  ).join(" ");
}

function verdictLine(report: Report): string {
  const verdicts = judge(report).filter(({ isMet }) => isMet !== null);
  const missed = verdicts.filter(({ isMet }) => isMet === false);
  const names = missed.map(({ criterion, peer }) => `${criterion.id} on ${peer}`);
  const tail = missed.length === 0 ? "" : `; missed: ${names.join(", ")}`;
  return `${verdicts.length - missed.length} of ${verdicts.length} criteria met${tail}`;
}

if (import.meta.main) {
  // So that the servers end with it.
  process.once("SIGTERM", () => process.exit(128 + 15));
  process.once("SIGINT", () => process.exit(128 + 2));
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    // A mistake on the command line needs no stack.
    console.error(error instanceof TypeError ? `bench:report: ${error.message}` : error);
    process.exitCode = 1;
  }
  // A measurement that was given up may hold connections.
  process.exit();
}
