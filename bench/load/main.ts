/** Loads a server and measures it: `npm run bench:wire -- OPTIONS`, or this file under either runtime. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings, pinThisProcess } from "../support/programs.ts";
import { findPeers, freePort, type RunningPeer, startPeer } from "../wire/servers.ts";
import { DEFAULTS, loadKeyspace, runLoad, searchThroughput } from "./mod.ts";
import { type CommandLine, describeOptions, type LoadJob, readCommandLine } from "./options.ts";
import { type OutlierReport, outlierText, type OutlierWatch, watchOutliers } from "./outliers.ts";
import { ProgressBar } from "./progress_bar.ts";
import type { LoadAddress, LoadOptions, LoadReport, LoadResult, SearchResult } from "./result.ts";
import { quietLine, resultNotes, resultTable, searchTable } from "./table.ts";

export interface LoadOutput {
  /** What was measured. */
  readonly out: (text: string) => void;
  /** What is said beside. */
  readonly log: (text: string) => void;
}

const CONSOLE: LoadOutput = {
  out: (text) => console.log(text),
  log: (text) => console.error(text),
};

/** A server that was started for the run. */
interface Started {
  readonly running: RunningPeer;
  readonly address: LoadAddress;
  readonly traceFile: string;
  stop(): Promise<void>;
}

/** @throws TypeError when it isn't there, or does not speak the protocol */
async function startServer({ start, jobs, outlierUs }: CommandLine): Promise<Started | undefined> {
  if (start === "") return undefined;
  const protocol = jobs[0]?.options.protocol ?? "resp";
  const isHttp = protocol === "http" || protocol === "http2";
  const isOwn = start !== "redis-server";
  if (protocol === "memcache" || (!isOwn && protocol !== "resp")) {
    throw new TypeError(`--start: ${start} does not speak ${protocol}`);
  }
  const [peer] = findPeers([start]);
  if (peer === undefined) throw new TypeError(`--start: there is no ${start} here`);
  const pinnings = findPinnings(describeMachine().cores);
  const httpPort = isHttp ? await freePort() : 0;
  const folder = outlierUs > 0 && isOwn ? mkdtempSync(join(tmpdir(), "crabcache-load-")) : "";
  const traceFile = folder === "" ? "" : join(folder, "slices.log");
  const clean = (): void => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  };
  try {
    const running = await startPeer(peer, {
      pinning: pinnings.server,
      flags: [
        ...isHttp ? ["--http-port", String(httpPort)] : [],
        ...traceFile === "" ? [] : ["--slice-trace", traceFile],
      ],
    });
    pinThisProcess(pinnings);
    return {
      running,
      address: { host: "127.0.0.1", port: isHttp ? httpPort : running.port },
      traceFile,
      stop: async () => {
        await running.stop();
        clean();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
}

function watch(
  { outlierUs, jobs }: CommandLine,
  started: Started | undefined,
): Promise<OutlierWatch> | undefined {
  if (outlierUs === 0) return undefined;
  const { address, protocol = "resp", password, serverPid } = jobs[0].options;
  const speaksResp = protocol === "resp" || protocol === "binary";
  if (started !== undefined) {
    const { running: { pid, port }, traceFile } = started;
    const at = { host: "127.0.0.1", port };
    return watchOutliers({ thresholdUs: outlierUs, address: at, serverPid: pid, traceFile });
  }
  return watchOutliers({
    thresholdUs: outlierUs,
    ...speaksResp ? { address } : {},
    ...password === undefined ? {} : { password },
    ...serverPid === undefined ? {} : { serverPid },
  });
}

interface Outcome {
  readonly results: LoadResult[];
  readonly searches: SearchResult[];
}

async function runJobs(
  line: CommandLine,
  jobs: readonly LoadJob[],
  { out, log }: LoadOutput,
): Promise<Outcome> {
  const bar = new ProgressBar();
  const outcome: Outcome = { results: [], searches: [] };
  const showsLines = line.isQuiet && line.json !== "-";
  for (const { options, before } of jobs) {
    const shown: LoadOptions = line.isQuiet ? options : { ...options, progress: bar.show };
    if (before === "keyspace") {
      const { errors, firstError } = await loadKeyspace(shown);
      if (errors > 0) log(`setting the keys failed ${errors} times: ${firstError}`);
    } else if (before !== undefined) await runLoad(before);
    if (line.p99LimitUs > 0) {
      const { stepSeconds, p99LimitUs } = line;
      const { requests: _requests, seconds: _seconds, rate: _rate, ...rest } = shown;
      const search = await searchThroughput({
        ...rest,
        p99LimitUs,
        ...stepSeconds > 0 ? { stepSeconds } : {},
      });
      outcome.searches.push(search);
      if (search.best !== null) outcome.results.push(search.best);
    } else {
      const result = await runLoad(shown);
      outcome.results.push(result);
      bar.clear();
      if (showsLines) out(quietLine(result));
    }
    bar.clear();
  }
  return outcome;
}

/** Runs it with options of the command line. @throws TypeError for options that do not fit */
export async function main(
  args: readonly string[],
  output: LoadOutput = CONSOLE,
): Promise<LoadReport | undefined> {
  if (args.includes("--help")) {
    output.out(describeOptions());
    return undefined;
  }
  const line = readCommandLine(args);
  const started = await startServer(line);
  const generator = process.versions.bun === undefined
    ? `deno ${process.versions.deno}`
    : `bun ${process.versions.bun}`;
  const machine = describeMachine();
  try {
    const watching = await watch(line, started);
    const jobs = line.jobs.map(({ options, before }): LoadJob => {
      const here = {
        ...started === undefined
          ? {}
          : { address: started.address, serverPid: started.running.pid },
        ...watching === undefined ? {} : { slow: watching.slow },
      };
      return {
        options: { ...options, ...here },
        ...before === undefined
          ? {}
          : { before: before === "keyspace" ? before : { ...before, ...here } },
      };
    });
    const { results, searches } = await runJobs(line, jobs, output);
    const outliers = await watching?.finish();
    const report: LoadReport = {
      version: 1,
      machine,
      generator,
      server: started === undefined ? "" : nameOf(started.running),
      seed: line.jobs[0].options.seed ?? DEFAULTS.seed,
      results,
      searches,
      ...outliers === undefined ? {} : { outliers: outliers.report },
    };
    show(line, report, output);
    return report;
  } finally {
    await started?.stop();
  }
}

function nameOf({ peer }: RunningPeer): string {
  return `${peer.name} ${peer.version}`;
}

function show(line: CommandLine, report: LoadReport, { out, log }: LoadOutput): void {
  const { results, searches, machine, generator, server } = report;
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (line.json === "-") return out(text.trimEnd());
  if (line.json !== "") writeFileSync(line.json, text);
  if (!line.isQuiet) {
    const to = server === "" ? "" : `, server ${server}`;
    log(`generator on ${generator}${to}; ${machineLine(machine)}\n`);
    for (const search of searches) out(`${searchTable(search)}\n`);
    if (results.length > 0) out(resultTable(results));
  }
  for (const note of resultNotes(results)) log(`\n${note}`);
  const { outliers } = report;
  if (outliers !== undefined) out(`\n${outlierText(outliers as OutlierReport)}`);
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    // A mistake on the command line, or a server that isn't there, needs no stack.
    console.error(`bench:wire: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
