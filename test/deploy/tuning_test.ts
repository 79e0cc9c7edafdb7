/** That what deploy/TUNING.md names is there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { readCommandLine } from "../../bench/load/options.ts";
import { SETTINGS } from "../../bench/load/tuning.ts";
import { PARAMETERS } from "../../src/server/options_table.ts";
import { readText } from "../support/sources.ts";
import { IS_DENO } from "../support/test_server.ts";

const TEXT = readText("deploy/TUNING.md");

/** Words of the text that match, each once. */
function named(pattern: RegExp): string[] {
  return [...new Set([...TEXT.matchAll(pattern)].map(([, name]) => name))];
}

test("the options of the server that it names are there", () => {
  const known = new Set(PARAMETERS.map(({ name }) => name));
  const options = named(/`--(slice-[a-z-]+)/g);
  assert.ok(options.length >= 2);
  for (const option of options) assert.ok(known.has(option), option);
});

test("its command lines are good", () => {
  const [, line] = /npm run bench:wire -- (.+)$/m.exec(TEXT)!;
  const { outlierUs, start } = readCommandLine(line.split(" "));
  assert.deepEqual([outlierUs, start], [1000, "bun"]);
  const { scripts } = JSON.parse(readText("package.json"));
  for (const script of named(/npm run ([\w:]+)/g)) assert.ok(script in scripts, script);
});

test("every setting that is measured stands in it", () => {
  for (const { name, flags = [], environment } of SETTINGS) {
    if (environment === undefined && flags.length === 0) continue;
    assert.ok(TEXT.includes(name), name);
  }
});

test("the flags and variables of the runtime are there", () => {
  if (IS_DENO) {
    const { stdout } = spawnSync(process.execPath, ["run", "--v8-flags=--help", "-"], {
      encoding: "utf8",
      input: "",
    });
    const flags = named(/--v8-flags=(--[a-z-]+)/g);
    assert.ok(flags.length >= 4);
    for (const flag of flags) assert.match(stdout, new RegExp(`^ +${flag} \\(`, "m"), flag);
    return;
  }
  const program = readFileSync(process.execPath);
  const names = [...named(/\b(BUN_GC_\w+)=/g), ...named(/\bBUN_JSC_(\w+)=/g), "smol"];
  assert.ok(names.length >= 5);
  for (const name of names) assert.ok(program.includes(name), name);
});
