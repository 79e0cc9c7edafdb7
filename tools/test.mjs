// Runs every check and the suite on both runtimes, and closes with one line that sums up the test counts.
//
// The suite is run folder by folder, each folder of test/ on each runtime by a process of its own, and as
// many processes at a time as there are cores (CRABCACHE_TEST_JOBS says another number). What a process
// prints is kept until it has ended, so that no lines of two of them are mixed.
//
// `--long` gives the random tests their full sizes (test/support/sizes.ts).

// deno-lint-ignore-file explicit-module-boundary-types -- plain JavaScript, which Node runs as it is

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ROOT, runtimeEnv } from "./setup.mjs";

/** A single test that hangs is stopped after this time on Bun, whose own default is five seconds. */
const BUN_TEST_TIMEOUT_MS = 300_000;
/** How often it is said what runs, as nothing else is printed meanwhile. */
const SIGN_OF_LIFE_MS = 30_000;
/** More at a time would take memory rather than save time. */
const MOST_JOBS = 8;

const CHECKS = [
  ["deno", "check", "--quiet"],
  ["deno", "test", "--doc", "--quiet", "-A", "mod.ts", "src"],
  ["deno", "fmt", "--check"],
  ["deno", "lint", "--quiet"],
  ["bun", "check"],
  ["deno", "doc", "--quiet", "--lint", "mod.ts"],
];

const SUITES = [
  { command: ["deno", "test", "-A", "--no-check"], count: countDeno },
  { command: ["bun", "test", "--timeout", String(BUN_TEST_TIMEOUT_MS)], count: countBun },
];

/** Folders that take long are begun first, so that at the end no core waits for the other. */
const LONGEST_FIRST = [
  ...["differential", "engine", "adapters", "bench", "server", "commands", "hostile", "session"],
];

function last(text, pattern) {
  return [...text.matchAll(pattern)].at(-1);
}

/**
 * Reads `ok | 12 passed (3 steps) | 0 failed | 1 ignored (13ms)`, the line that closes a run of Deno.
 *
 * @returns {{passed: number, failed: number, skipped: number} | undefined} undefined without such a line
 */
export function countDeno(output) {
  const line = last(output, /^(?:ok|FAILED) \| (\d+) passed.*$/gm);
  if (!line) return undefined;
  const number = (word) => Number(line[0].match(new RegExp(`\\| (\\d+) ${word}`))?.[1] ?? 0);
  return { passed: Number(line[1]), failed: number("failed"), skipped: number("ignored") };
}

/**
 * Reads the lines that close a run of Bun: ` 12 pass`, ` 1 skip`, ` 1 todo`, ` 0 fail`, ` 1 error`.
 *
 * @returns {{passed: number, failed: number, skipped: number} | undefined} undefined without such lines
 */
export function countBun(output) {
  const end = last(output, /^Ran \d+ tests? across \d+ files?\./gm);
  if (!end) return undefined;
  const counts = {};
  for (const line of output.slice(0, end.index).trimEnd().split("\n").reverse()) {
    const match = /^ *(\d+) ([a-z]+)/.exec(line);
    if (!match) break;
    counts[match[2].replace("errors", "error")] = Number(match[1]);
  }
  const { pass = 0, fail = 0, error = 0, skip = 0, todo = 0 } = counts;
  return { passed: pass, failed: fail + error, skipped: skip + todo };
}

/**
 * Says what each process of a suite runs: a folder of test/, or the files beside the folders.
 *
 * @param {readonly string[]} files paths of all test files below test/, with slashes
 * @returns {string[][]} arguments for either runtime, those that take long first
 */
export function groupsOf(files) {
  const loose = files.filter((file) => !file.includes("/")).sort();
  const folders = new Set(files.filter((file) => file.includes("/")).map((f) => f.split("/")[0]));
  const slow = LONGEST_FIRST.filter((folder) => folders.delete(folder));
  const groups = [...slow, ...[...folders].sort()].map((folder) => [`./test/${folder}`]);
  return loose.length === 0 ? groups : [...groups, loose.map((file) => `./test/${file}`)];
}

function testFiles() {
  return readdirSync(join(ROOT, "test"), { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith("_test.ts"));
}

/** The processes that run now, each with what it has printed. */
const running = new Set();

function seconds(sinceMs) {
  return `${Math.round((performance.now() - sinceMs) / 1000)} s`;
}

function printRun(run, ending) {
  console.log(`\n> ${run.title}  (${ending})`);
  process.stdout.write(run.output);
}

/** Runs a command, prints its output when it has ended, and returns the output without colours. */
function runToEnd([name, ...args], env) {
  const run = { title: `${name} ${args.join(" ")}`, output: "", startMs: performance.now() };
  const child = spawn(name, args, {
    cwd: ROOT,
    env,
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  run.child = child;
  running.add(run);
  for (const from of ["stdout", "stderr"]) {
    child[from].setEncoding("utf8").on("data", (text) => run.output += text);
  }
  return new Promise((resolve) => {
    const end = (ok) => {
      if (!running.delete(run)) return;
      printRun(run, seconds(run.startMs));
      // deno-lint-ignore no-control-regex
      resolve({ ok, output: run.output.replace(/\x1b\[[\d;]*[A-Za-z]/g, "") });
    };
    child.on("error", (error) => {
      run.output += `${error.message}\n`;
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

/** Does all that is to be done, so much at a time, in the order given. */
async function runAll(jobs, atOnce) {
  const queue = [...jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await job();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** Stops what runs, and shows how far it came. */
function breakOff(signal) {
  for (const run of running) {
    printRun(run, `broken off by ${signal} after ${seconds(run.startMs)}`);
    run.child.kill("SIGKILL");
  }
  process.exit(1);
}

function envOf(isLong) {
  const env = runtimeEnv();
  if (process.stdout.isTTY && env.NO_COLOR === undefined) env.FORCE_COLOR = "1";
  if (isLong) env.CRABCACHE_TESTS = "long";
  return env;
}

/** A check of the whole tree, whose line of the report is added when it was run. */
function checkJob(command, report, env) {
  return async () => {
    report.ok = (await runToEnd(command, env)).ok;
  };
}

/** A part of a suite, whose counts are added to those of the suite. */
function suiteJob({ command, count }, group, report, env) {
  return async () => {
    const { ok, output } = await runToEnd([...command, ...group], env);
    const counts = count(output) ?? { passed: 0, failed: 0, skipped: 0 };
    // A run that broke off, or in which nothing ran, has failed whatever it counted.
    const ran = counts.passed + counts.skipped > 0;
    if ((!ok || !ran) && counts.failed === 0) counts.failed = 1;
    for (const key of Object.keys(counts)) report[key] += counts[key];
  };
}

async function main(args) {
  const env = envOf(args.includes("--long"));
  const wanted = Number(process.env.CRABCACHE_TEST_JOBS ?? availableParallelism());
  const atOnce = Math.max(1, Math.min(wanted || 1, MOST_JOBS));
  const checks = CHECKS.map((command) => ({ command, ok: false }));
  const suites = SUITES.map((suite) => ({ ...suite, passed: 0, failed: 0, skipped: 0 }));
  const jobs = [
    ...checks.map((report) => checkJob(report.command, report, env)),
    ...groupsOf(testFiles()).flatMap((group) =>
      suites.map((report) => suiteJob(report, group, report, env))
    ),
  ];
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => breakOff(signal));
  const startMs = performance.now();
  const signs = setInterval(() => {
    const titles = [...running].map((run) => `${run.title} (${seconds(run.startMs)})`);
    console.log(`\n… ${seconds(startMs)}: ${titles.join(", ")}`);
  }, SIGN_OF_LIFE_MS);
  await runAll(jobs, atOnce);
  clearInterval(signs);
  const total = { passed: 0, failed: checks.filter(({ ok }) => !ok).length, skipped: 0 };
  const lines = checks.map(({ ok, command }) => `${ok ? "ok    " : "FAILED"} ${command.join(" ")}`);
  for (const { command, passed, failed, skipped } of suites) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    lines.push(
      `${failed ? "FAILED" : "ok    "} ${
        command.join(" ")
      } test: ${passed} passed, ${failed} failed, ${skipped} skipped`,
    );
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
  const closing = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
  console.log(`\n${lines.join("\n")}\n\n${closing}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
