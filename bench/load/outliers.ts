/**
 * `--outliers`: puts every slow request down to its cause, where that can be seen.
 *
 *   slow requests   the generator tells each that took at least the threshold
 *   server          its trace of slices (`--slice-trace FILE`), on the same machine
 *   generator       a timer of its own, and its garbage collections
 *   processors      how long both had to wait for one, and what the machine's host took away
 *
 * All of them tell the time by the wall clock as it was when their process started, and go on by the clock that
 * never goes back: some tenths of a millisecond apart at the most.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import process from "node:process";
import { markdownTable } from "../support/table.ts";
import { PipelineClient } from "../wire/client.ts";
import {
  type CauseFigures,
  explain,
  type Stretch,
  summarize,
  type Verdict,
} from "./outlier_causes.ts";
import { readTrace, type ServerTrace } from "./outlier_trace.ts";
import { LoopWatch, startSampler, stretchesOf, wallUs } from "./outlier_watch.ts";
import type { LoadAddress, LoadOptions, SlowRequest } from "./result.ts";

/** Slow requests that are kept; of more, only the number is known. */
const MOST_KEPT = 200_000;
const HEAD_BYTES = 4096;
/** The server writes its trace ten times a second. */
const TRACE_POLL_MS = 150;
const TRACE_WAIT_MS = 3000;

export interface WatchOptions {
  /** Requests from so many µs on are slow. */
  readonly thresholdUs: number;
  /** Where the server is: it is asked for its process and its trace, if it speaks RESP there. */
  readonly address?: LoadAddress;
  readonly password?: string;
  /** Its process, where that is known; 0 = it is on another machine. */
  readonly serverPid?: number;
  /** File of its trace, where that is known; "" = there is none. */
  readonly traceFile?: string;
}

/** What was found. */
export interface OutlierReport {
  readonly thresholdUs: number;
  /** Slow requests, and those of them that were looked at. */
  readonly slow: number;
  readonly explained: number;
  readonly worstUs: number;
  readonly causes: readonly CauseFigures[];
  /** Undefined where the server keeps none. */
  readonly trace?: {
    readonly runtime: string;
    readonly slowerThanUs: number;
    readonly slices: number;
    readonly dropped: number;
    readonly collections: number;
  };
  readonly generator: { readonly collections: number; readonly stalls: number };
  /** Undefined where there is no /proc. */
  readonly sampler?: {
    readonly looks: number;
    readonly longestGapUs: number;
    readonly load: number;
    readonly isRealTime: boolean;
  };
}

export interface OutlierWatch {
  /** For the runs that are watched. */
  readonly slow: NonNullable<LoadOptions["slow"]>;
  /** Ends it. */
  finish(): Promise<OutlierFindings>;
}

export interface OutlierFindings {
  readonly report: OutlierReport;
  /** On each slow request. */
  readonly verdicts: readonly Verdict[];
  /** What was seen of the server, the generator and the processors. */
  readonly stretches: readonly Stretch[];
}

/** Begins to watch. */
export async function watchOutliers(options: WatchOptions): Promise<OutlierWatch> {
  const { thresholdUs } = options;
  const found = await findServer(options);
  const serverPid = options.serverPid ?? found.pid;
  const trace = openTrace(options.traceFile ?? found.traceFile);
  const processes = {
    generator: process.pid,
    ...serverPid > 0 && serverPid !== process.pid ? { server: serverPid } : {},
  };
  // Without /proc, or where the server runs elsewhere, the rest is still seen.
  const sampler = await startSampler(processes).catch(() => undefined);
  const loop = new LoopWatch();
  const requests: SlowRequest[] = [];
  let slow = 0, worstUs = 0;
  loop.start();
  return {
    slow: {
      thresholdUs,
      report(request) {
        slow += request.requests;
        worstUs = Math.max(worstUs, request.endUs - request.startUs);
        if (requests.length < MOST_KEPT) requests.push(request);
      },
    },
    async finish() {
      loop.stop();
      const endUs = wallUs();
      const sampled = await sampler?.stop().catch(() => undefined);
      const traced = await trace?.read(endUs);
      const stretches: Stretch[] = [
        ...loop.stretches,
        ...stretchesOf(sampled?.waits ?? []),
        ...traced?.stretches ?? [],
      ];
      const verdicts = explain(requests, stretches);
      const report: OutlierReport = {
        thresholdUs,
        slow,
        explained: requests.reduce((sum, each) => sum + each.requests, 0),
        worstUs,
        causes: summarize(verdicts),
        ...traced === undefined ? {} : { trace: traceFigures(traced) },
        generator: { collections: loop.collections, stalls: loop.stretches.length },
        ...sampled === undefined ? {} : {
          sampler: {
            looks: sampled.looks,
            longestGapUs: sampled.longestGapUs,
            load: sampled.load,
            isRealTime: sampled.isRealTime,
          },
        },
      };
      return { report, verdicts, stretches };
    },
  };
}

function traceFigures(trace: ServerTrace): NonNullable<OutlierReport["trace"]> {
  const { runtime, slowerThanUs, dropped, collections, stretches } = trace;
  return { runtime, slowerThanUs, slices: stretches.length, dropped, collections };
}

/** What a server says of itself: nothing where it does not speak RESP, or does not tell. */
async function findServer(
  { address, password }: WatchOptions,
): Promise<{ pid: number; traceFile: string }> {
  const unknown = { pid: 0, traceFile: "" };
  if (address === undefined || !("port" in address) || !isThisMachine(address.host)) return unknown;
  const client = await PipelineClient.connect(address.port).catch(() => undefined);
  if (client === undefined) return unknown;
  try {
    if (password !== undefined) await client.request("AUTH", password);
    const info = await client.info("server");
    const shown = await client.request("CONFIG", "GET", "slice-trace");
    return {
      pid: Number(info.get("process_id") ?? 0),
      traceFile: /\r\n\$\d+\r\nslice-trace\r\n\$\d+\r\n(.*)\r\n$/.exec(shown)?.[1] ?? "",
    };
  } catch {
    return unknown;
  } finally {
    client.close();
  }
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** What is added to a trace from now on. */
interface OpenTrace {
  /** @param endUs waits until the server has told of that moment, for some seconds at most */
  read(endUs: number): Promise<ServerTrace>;
}

function openTrace(path: string): OpenTrace | undefined {
  if (path === "") return undefined;
  const file = openSync(path, "r");
  const head = textOf(file, 0, Math.min(HEAD_BYTES, fstatSync(file).size)).split("\n")[0];
  const from = fstatSync(file).size;
  return {
    async read(endUs) {
      const deadlineUs = wallUs() + TRACE_WAIT_MS * 1000;
      let size = 0;
      // It tells what was long: if nothing comes for a while, there is nothing more.
      for (let quiet = 0; quiet < 2 && wallUs() < deadlineUs;) {
        await new Promise((resolve) => setTimeout(resolve, TRACE_POLL_MS));
        const now = fstatSync(file).size;
        quiet = now === size ? quiet + 1 : 0;
        size = now;
        if (quiet === 0 && lastAt(textOf(file, Math.max(from, size - HEAD_BYTES), size)) > endUs) {
          break;
        }
      }
      const text = textOf(file, from, size);
      closeSync(file);
      return readTrace(`${head}\n${text}`);
    },
  };
}

/** The time of the last whole line. */
function lastAt(text: string): number {
  return Number([...text.matchAll(/\{"at":(\d+),.*\}\n/g)].at(-1)?.[1] ?? 0);
}

function textOf(file: number, from: number, to: number): string {
  const bytes = new Uint8Array(Math.max(0, to - from));
  const length = bytes.length === 0 ? 0 : readSync(file, bytes, 0, bytes.length, from);
  return new TextDecoder().decode(bytes.subarray(0, length));
}

/** The histogram of causes, as markdown, and what it rests on. */
export function outlierText(report: OutlierReport): string {
  const { thresholdUs, slow, explained, worstUs, causes, trace, generator, sampler } = report;
  const ms = (us: number): string => (us / 1000).toFixed(2);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const head = slow === 0
    ? `No request took ${ms(thresholdUs)} ms.`
    : `${slow} requests took ${ms(thresholdUs)} ms or longer, up to ${ms(worstUs)} ms` +
      (explained < slow ? `; the first ${explained} of them are put down to causes.` : ".");
  const table = markdownTable(
    [
      "cause",
      "requests",
      "share",
      "incidents",
      "worst, ms",
      "the worst: what covers how much of it",
    ],
    causes.map(({ cause, requests, share, incidents, worstUs: worst, example }) => [
      cause,
      String(requests),
      percent(share),
      String(incidents),
      ms(worst),
      `${example.test}, connection ${example.connection}` +
      (example.detail === "" ? "" : `: ${example.detail}, ${percent(example.share)}`),
    ]),
  );
  const basis = [
    trace === undefined
      ? "The server keeps no trace (start it with --slice-trace FILE): what it did is not known."
      : `Server: ${trace.runtime}, ${trace.slices} slices of ${trace.slowerThanUs} µs or longer` +
        (trace.dropped > 0 ? `, ${trace.dropped} lost` : "") +
        `, ${trace.collections} garbage collections.`,
    `Generator: ${generator.stalls} stalls, ${generator.collections} garbage collections.`,
    sampler === undefined
      ? "The processors could not be looked at."
      : `Processors: looked at ${sampler.looks} times, at least every ${
        ms(sampler.longestGapUs)
      } ms, ` +
        `which took ${percent(sampler.load)} of one` +
        (sampler.isRealTime ? " at real-time priority." : "."),
  ];
  return [head, ...causes.length === 0 ? [] : [table], basis.join("\n")].join("\n\n");
}
