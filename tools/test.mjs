// Runs every check and the suite on both runtimes, and closes with one line that sums up the test counts.

// deno-lint-ignore-file explicit-module-boundary-types -- plain JavaScript, which Node runs as it is

import { spawn } from "node:child_process";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ROOT, runtimeEnv } from "./setup.mjs";

/** A single test that hangs is stopped after this time on Bun, whose own default is five seconds. */
const BUN_TEST_TIMEOUT_MS = 300_000;

const CHECKS = [
  ["deno", "fmt", "--check"],
  ["deno", "lint", "--quiet"],
  ["deno", "check", "--quiet"],
  ["bun", "check"],
  ["deno", "doc", "--quiet", "--lint", "mod.ts"],
  ["deno", "test", "--doc", "--quiet", "-A", "mod.ts", "src"],
];

const SUITES = [
  { command: ["deno", "test", "-A", "--no-check", "test"], count: countDeno },
  { command: ["bun", "test", "--timeout", String(BUN_TEST_TIMEOUT_MS), "./test"], count: countBun },
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

/** Runs a command, shows its output as it comes, and returns the output without colours. */
function stream([name, ...args]) {
  console.log(`\n> ${name} ${args.join(" ")}`);
  const env = runtimeEnv();
  if (process.stdout.isTTY && env.NO_COLOR === undefined) env.FORCE_COLOR = "1";
  const child = spawn(name, args, {
    cwd: ROOT,
    env,
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const from of ["stdout", "stderr"]) {
    child[from].setEncoding("utf8").on("data", (text) => {
      process[from].write(text);
      output = (output + text).slice(-100_000);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(error.message);
      resolve({ ok: false, output });
    });
    child.on("close", (code) => {
      // deno-lint-ignore no-control-regex
      resolve({ ok: code === 0, output: output.replace(/\x1b\[[\d;]*[A-Za-z]/g, "") });
    });
  });
}

async function main() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const report = [];
  for (const command of CHECKS) {
    const { ok } = await stream(command);
    if (!ok) total.failed++;
    report.push(`${ok ? "ok    " : "FAILED"} ${command.join(" ")}`);
  }
  for (const { command, count } of SUITES) {
    const { ok, output } = await stream(command);
    const counts = count(output) ?? { passed: 0, failed: 0, skipped: 0 };
    // A run that broke off, or in which nothing ran, has failed whatever it counted.
    if ((!ok || counts.passed === 0) && counts.failed === 0) counts.failed = 1;
    for (const key of Object.keys(total)) total[key] += counts[key];
    const { passed, failed, skipped } = counts;
    report.push(
      `${failed ? "FAILED" : "ok    "} ${
        command.join(" ")
      }: ${passed} passed, ${failed} failed, ${skipped} skipped`,
    );
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
  const closing = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
  console.log(`\n${report.join("\n")}\n\n${closing}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
