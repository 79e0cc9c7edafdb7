import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { PARAMETERS } from "../src/server/options_table.ts";
import { withCommandTable } from "../tools/command_table.ts";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

test("the command table of the README is the one that the specs give", () => {
  assert.equal(readme, withCommandTable(readme), "run: bun tools/command_table.ts");
});

test("every option that the README shows exists", () => {
  const known = new Set(PARAMETERS.map((parameter) => parameter.name));
  for (const name of ["config", "help", "version"]) known.add(name);
  const section = readme.slice(readme.indexOf("## Options"), readme.indexOf("## Commands"));
  const shown = [...section.matchAll(/`--([a-z-]+)/g)].map((match) => match[1]);
  assert.ok(shown.length > 5);
  for (const name of shown) assert.ok(known.has(name), `--${name}`);
});
