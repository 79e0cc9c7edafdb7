// Installs the packages that the caller needs, with the package manager of the runtime that runs this file.
//
// Node installs everything that package-lock.json pins, the two runtimes included, and then makes sure that
// both answer. Deno installs what deno.lock pins; Bun what the server imports, and with `--all` what tests
// and benches import too. Nothing is installed when everything is there in the pinned versions.
//
// deno.json says `nodeModulesDir: "manual"`, so that Deno takes node_modules as whoever filled it left it: npm's
// layout serves both runtimes, and "auto" would tear it down. Its tasks call `env deno`, because the task shell
// runs a `deno` that it finds in node_modules/.bin as a script, binary or not.

// deno-lint-ignore-file explicit-module-boundary-types -- plain JavaScript, which Node runs as it is

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const BIN = join(ROOT, "node_modules", ".bin");
const WINDOWS = process.platform === "win32";

/** The environment in which `bun` and `deno` name the binaries that package-lock.json pins. */
export function runtimeEnv() {
  return { ...process.env, PATH: BIN + delimiter + (process.env.PATH ?? "") };
}

function readJson(...path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, ...path), "utf8"));
  } catch {
    return undefined;
  }
}

/** Runs a command whose output goes to standard error, so that standard output stays the caller's. */
function run(command, args) {
  console.error(`> ${command} ${args.join(" ")}`);
  const result = spawnSync(command, args, {
    cwd: ROOT,
    env: runtimeEnv(),
    shell: WINDOWS,
    stdio: ["ignore", 2, 2],
  });
  if (result.error) throw new Error(`cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

/** Tells whether npm finished an installation of what package-lock.json pins. */
function npmInstalled() {
  const wanted = readJson("package-lock.json")?.packages;
  const present = readJson("node_modules", ".package-lock.json")?.packages;
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    path === "" || optional || present[path]?.version === version
  );
}

/** Tells whether every package named is there in the version that package.json pins. */
function present(wanted) {
  return Object.entries(wanted).every(([name, version]) =>
    readJson("node_modules", name, "package.json")?.version === version
  );
}

function answers(name) {
  const result = spawnSync(name, ["--version"], {
    env: runtimeEnv(),
    shell: WINDOWS,
    stdio: "ignore",
  });
  return result.status === 0;
}

/** Tells whether node_modules/.bin holds a script, which keeps signals from the runtime that it starts. */
function isScript(name) {
  const path = join(BIN, name);
  return !WINDOWS && existsSync(path) && /\.c?js$/.test(realpathSync(path));
}

/**
 * Makes `bun` or `deno` callable: an npm that blocks install scripts leaves a placeholder in
 * node_modules/.bin, which the package's own install script replaces by the binary for this platform.
 */
function ensureRuntime(name, installScript) {
  if (!isScript(name) && answers(name)) return;
  const script = join(ROOT, "node_modules", name, installScript);
  if (existsSync(script)) {
    spawnSync(process.execPath, [script], { cwd: dirname(script), stdio: ["ignore", 2, 2] });
    if (answers(name)) return;
  }
  // The placeholder would hide a runtime that this machine has of its own.
  for (const suffix of ["", ".cmd", ".ps1"]) rmSync(join(BIN, name + suffix), { force: true });
  if (answers(name)) return;
  throw new Error(`no ${name} for ${process.platform} ${process.arch}: install ${name} yourself`);
}

/**
 * Installs what is missing.
 *
 * @param {boolean} all whether the packages of tests and benches are needed as well as the server's
 * @throws {Error} when a package or a runtime cannot be installed
 */
export function ensurePackages(all) {
  const { dependencies, devDependencies } = readJson("package.json");
  const wanted = all ? { ...devDependencies, ...dependencies } : dependencies;
  if (process.versions.deno) {
    if (!present(wanted)) run(process.execPath, ["install", "--frozen"]);
    if (isScript("deno")) rmSync(join(BIN, "deno"));
  } else if (process.versions.bun) {
    if (present(wanted)) return;
    run(process.execPath, ["install", "--no-save", ...(all ? [] : ["--production"])]);
  } else {
    if (!npmInstalled()) run("npm", ["ci", "--no-audit", "--no-fund"]);
    ensureRuntime("bun", "install.js");
    ensureRuntime("deno", "install.cjs");
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    ensurePackages(process.argv.includes("--all"));
  } catch (error) {
    console.error(`setup: ${error.message}`);
    process.exitCode = 1;
  }
}
