/**
 * Compares the HTTP door with a server that only parses and answers JSON, with webdis, and with
 * redis-server over RESP.
 *
 * All servers run at once and take turns, round by round. Throughput is that of the best round; CPU time
 * is what a server used in all counted rounds, over the commands that it answered.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { choiceOf, countOf, readOptions } from "../support/cli.ts";
import { describeMachine, machineLine } from "../support/machine.ts";
import { findPinnings, findProgram, type Pinnings, pinThisProcess } from "../support/programs.ts";
import { saveResults } from "../support/results.ts";
import { grouped, markdownTable, times } from "../support/table.ts";
import type { OwnPeer } from "./cases.ts";
import { loadKeys } from "./client.ts";
import { type HttpPeer, startDoor, startFloor, startRedis, startWebdis } from "./http_servers.ts";
import { runRedisBenchmark } from "./redis_benchmark.ts";

const KEYS = 1_000_000;
const QUICK_KEYS = 1000;
const VALUE_BYTES = 64;
const ROUNDS = 3;
const REQUESTS = 40_000;
const QUICK_REQUESTS = 400;
const CLIENTS = 16;
const STREAMS = 8;
const WRK_SECONDS = 2;
const DEPTH = 64;
const SPREAD = 977;
const DIGITS = 12;
const OWN_PEERS: readonly OwnPeer[] = ["bun", "deno"];
const REDIS = "redis-server";

/** Least throughput as a multiple of another server's. */
interface Target {
  readonly peer: OwnPeer;
  readonly than: "floor" | "webdis" | typeof REDIS;
  readonly least: number;
}

interface HttpCase {
  readonly name: string;
  /** Commands of a request. */
  readonly commands: number;
  readonly tool: "h2load" | "wrk" | "redis-benchmark";
  readonly isHttp2?: boolean;
  readonly path: string;
  readonly targets: readonly Target[];
}

function overFloor(least: number): Target[] {
  return OWN_PEERS.map((peer) => ({ peer, than: "floor", least }));
}

function overRedis(peer: OwnPeer, least: number): Target {
  return { peer, than: REDIS, least };
}

const H2 = { tool: "h2load", isHttp2: true } as const;
const H1 = { tool: "h2load" } as const;
const WEBDIS: readonly Target[] = OWN_PEERS.map((peer) => ({ peer, than: "webdis", least: 5 }));

export const HTTP_CASES: readonly HttpCase[] = [
  { name: "GET -P 64", commands: 1, tool: "redis-benchmark", path: "", targets: [] },
  { name: "64 h2", ...H2, commands: 64, path: "/batch", targets: [overRedis("bun", 2)] },
  { name: "64 h1", ...H1, commands: 64, path: "/batch", targets: [overRedis("deno", 1)] },
  { name: "16 h2", ...H2, commands: 16, path: "/batch", targets: overFloor(0.6) },
  { name: "16 h1", ...H1, commands: 16, path: "/batch", targets: overFloor(0.6) },
  { name: "1 h2", ...H2, commands: 1, path: "/", targets: [] },
  { name: "1 h1", ...H1, commands: 1, path: "/", targets: [] },
  { name: "1 path", tool: "wrk", commands: 1, path: "/GET/", targets: WEBDIS },
];

export interface HttpOptions {
  readonly peers: readonly OwnPeer[];
  readonly cases: readonly HttpCase[];
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmRounds: number;
  readonly keys: number;
  readonly requests: number;
  readonly wrkSeconds: number;
  readonly pinnings: Pinnings;
  readonly log: (line: string) => void;
}

/** One case on one server. */
export interface HttpFigures {
  readonly case: string;
  readonly peer: string;
  /** Of the best round. */
  readonly commandsPerSecond: number;
  readonly cpuMicrosPerCommand: number;
}

/** Runs all cases on all servers that can be started and loaded. */
export async function compareHttp(options: HttpOptions): Promise<readonly HttpFigures[]> {
  const { keys, rounds, warmRounds, log } = options;
  const cases = options.cases.filter(({ name, tool }) => {
    const isThere = findProgram(tool) !== "";
    if (!isThere) log(`${name}: skipped, there is no ${tool}`);
    return isThere;
  });
  const folder = mkdtempSync(join(tmpdir(), "crabcache-http-"));
  const peers: HttpPeer[] = [];
  try {
    await startAll(options, peers);
    for (const { respPort } of peers.filter((each) => each.respPort !== 0)) {
      await loadKeys({ port: respPort, count: keys, value: "x".repeat(VALUE_BYTES) });
    }
    const figures = new Map<string, { best: number; commands: number; cpuSeconds: number }>();
    for (let round = 1 - warmRounds; round <= rounds; round++) {
      log(round <= 0 ? "warming up" : `round ${round} of ${rounds}`);
      for (const each of cases) {
        for (const peer of peers.filter((one) => belongs(each, one))) {
          const before = peer.cpuSeconds();
          const { perSecond, commands } = await load(each, peer, options, folder);
          const cpuSeconds = peer.cpuSeconds() - before;
          if (round <= 0) continue;
          const key = `${each.name}\n${peer.name}`;
          const so = figures.get(key) ?? { best: 0, commands: 0, cpuSeconds: 0 };
          so.best = Math.max(so.best, perSecond);
          so.commands += commands;
          so.cpuSeconds += cpuSeconds;
          figures.set(key, so);
        }
      }
    }
    return [...figures].map(([key, { best, commands, cpuSeconds }]) => {
      const [name, peer] = key.split("\n");
      const cpuMicrosPerCommand = cpuSeconds * 1e6 / commands;
      return { case: name, peer, commandsPerSecond: best, cpuMicrosPerCommand };
    });
  } finally {
    await Promise.all(peers.map((each) => each.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startAll({ peers, pinnings, log }: HttpOptions, started: HttpPeer[]): Promise<void> {
  const add = (name: string, peer: HttpPeer | undefined): void => {
    if (peer === undefined) log(`there is no ${name}`);
    else started.push(peer);
  };
  for (const name of peers) {
    add(name, await startDoor(name, pinnings.server));
    add(`floor of ${name}`, await startFloor(name, pinnings.server));
  }
  const redis = await startRedis(pinnings.server);
  add(REDIS, redis);
  if (redis !== undefined) add("webdis", await startWebdis(redis, pinnings.server));
}

/** Whether a case is for a server. */
function belongs({ tool, isHttp2 }: HttpCase, { name, httpPort }: HttpPeer): boolean {
  if (tool === "redis-benchmark") return name === REDIS;
  if (name === "webdis") return tool === "wrk" && isHttp2 !== true;
  return httpPort !== 0;
}

interface Loaded {
  readonly perSecond: number;
  readonly commands: number;
}

async function load(
  each: HttpCase,
  peer: HttpPeer,
  { keys, requests, wrkSeconds, pinnings }: HttpOptions,
  folder: string,
): Promise<Loaded> {
  const keyOf = (i: number): string => `key:${String(i * SPREAD % keys).padStart(DIGITS, "0")}`;
  const url = `http://127.0.0.1:${peer.httpPort}${each.path}`;
  switch (each.tool) {
    case "redis-benchmark": {
      const { requestsPerSecond } = await runRedisBenchmark({
        port: peer.respPort,
        sent: { test: "get" },
        clients: 100,
        pipeline: DEPTH,
        requests: requests * DEPTH,
        keys,
        valueBytes: VALUE_BYTES,
        pinning: pinnings.load,
      });
      return { perSecond: requestsPerSecond, commands: requests * DEPTH };
    }
    case "wrk": {
      const args = ["-t1", `-c${CLIENTS}`, `-d${wrkSeconds}s`, `${url}${keyOf(1)}`];
      const output = await run([...pinnings.load, findProgram("wrk"), ...args]);
      if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk at ${peer.name}: ${output}`);
      const commands = figure(output, /(\d+) requests in/);
      return { perSecond: figure(output, /Requests\/sec:\s+([\d.]+)/), commands };
    }
    case "h2load": {
      const gets = Array.from({ length: each.commands }, (_, i) => ["GET", keyOf(i)]);
      const file = join(folder, `${each.commands}.json`);
      writeFileSync(file, JSON.stringify(each.commands === 1 ? gets[0] : gets));
      const sizes = ["-n", String(requests), "-c", String(CLIENTS), "-m", String(STREAMS)];
      const version = each.isHttp2 === true ? [] : ["--h1"];
      const args = [...sizes, ...version, "-H", "content-type: application/json", "-d", file, url];
      const output = await run([...pinnings.load, findProgram("h2load"), ...args]);
      const good = figure(output, /(\d+) 2xx/);
      if (good !== requests) throw new Error(`${each.name} at ${peer.name}: ${output}`);
      const perSecond = figure(output, /finished in [^,]+, ([\d.]+) req\/s/) * each.commands;
      return { perSecond, commands: requests * each.commands };
    }
  }
}

function figure(output: string, pattern: RegExp): number {
  const found = pattern.exec(output);
  if (found === null) throw new Error(`there is no ${pattern} in: ${output}`);
  return Number(found[1]);
}

function run(command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command[0], command.slice(1), (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

/** The figures as a table. */
export function httpReport(figures: readonly HttpFigures[]): string {
  const find = (name: string, peer: string): HttpFigures | undefined =>
    figures.find((each) => each.case === name && each.peer === peer);
  const rows = figures.map((each) => {
    const { targets = [] } = HTTP_CASES.find(({ name }) => name === each.case) ?? {};
    const floor = find(each.case, `floor of ${each.peer}`);
    const target = targets.find(({ peer }) => peer === each.peer);
    const other = target?.than === "floor"
      ? floor
      : target?.than === REDIS
      ? find("GET -P 64", REDIS)
      : find(each.case, "webdis");
    const ratio = each.commandsPerSecond / (other?.commandsPerSecond ?? NaN);
    const isKnown = target !== undefined && Number.isFinite(ratio);
    return [
      each.case,
      each.peer,
      grouped(each.commandsPerSecond),
      each.cpuMicrosPerCommand.toFixed(3),
      floor === undefined ? "" : times(each.commandsPerSecond / floor.commandsPerSecond),
      isKnown ? `${times(ratio)} of ${target.than}` : "",
      isKnown ? `≥ ${target.least} ×` : "",
      isKnown ? ratio >= target.least ? "yes" : "NO" : "",
    ];
  });
  const head = ["GETs", "server", "commands a second", "CPU µs each", "of its floor"];
  return markdownTable([...head, "ratio", "target", "reached"], rows);
}

/** Runs it with options of the command line. */
export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ["rounds", "n", "keys", "peers", "cases"]);
  const { isQuick } = options;
  const names = choiceOf(options, "cases", HTTP_CASES.map(({ name }) => name));
  const machine = describeMachine();
  const pinnings = findPinnings(machine.cores);
  pinThisProcess(pinnings);
  const figures = await compareHttp({
    peers: choiceOf(options, "peers", OWN_PEERS),
    cases: HTTP_CASES.filter(({ name }) => names.includes(name)),
    rounds: countOf(options, "rounds", isQuick ? 1 : ROUNDS),
    warmRounds: 1,
    keys: countOf(options, "keys", isQuick ? QUICK_KEYS : KEYS),
    requests: countOf(options, "n", isQuick ? QUICK_REQUESTS : REQUESTS),
    wrkSeconds: isQuick ? 1 : WRK_SECONDS,
    pinnings,
    log: (line) => console.error(line),
  });
  console.log(`\n${machineLine(machine)}; ${pinnings.note}\n\n${httpReport(figures)}`);
  if (!isQuick) console.log(`\n${saveResults("http", { machine, figures })}`);
}

if (import.meta.main) await main(process.argv.slice(2));
