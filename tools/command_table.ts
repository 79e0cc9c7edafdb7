/**
 * Writes the command table of the README from the commands' specs.
 *
 * Usage: `bun tools/command_table.ts`, or `deno run -A tools/command_table.ts`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { createCommandTable } from "../src/commands/registry.ts";
import type { CommandEntry } from "../src/commands/spec.ts";
import { COMMAND_FAMILIES } from "../src/server/command_families.ts";

const START = "<!-- commands: made by tools/command_table.ts -->";
const END = "<!-- end of commands -->";

/** The table in Markdown: a line for each group, the commands in the order of the alphabet. */
export function commandTable(): string {
  const byGroup = new Map<string, string[]>();
  for (const entry of createCommandTable(COMMAND_FAMILIES).commands) {
    const names = byGroup.get(entry.spec.group) ?? [];
    names.push(describe(entry));
    byGroup.set(entry.spec.group, names);
  }
  const rows = [...byGroup].map(([group, names]) => `| ${group} | ${names.sort().join(" · ")} |`);
  return ["| group | commands |", "|---|---|", ...rows].join("\n");
}

function describe(entry: CommandEntry): string {
  const name = entry.spec.name.toUpperCase();
  if (entry.subcommands.length === 0) return name;
  const words = entry.subcommands.map((each) => each.spec.name.toUpperCase()).sort();
  return `${name} (${words.join(" ")})`;
}

/** @returns the README with the table in its place @throws Error when there is no place for it */
export function withCommandTable(readme: string): string {
  const start = readme.indexOf(START), end = readme.indexOf(END);
  if (start < 0 || end < start) {
    throw new Error(`README.md has no place between ${START} and ${END}`);
  }
  const before = `${readme.slice(0, start)}${START}\n\n<!-- deno-fmt-ignore-start -->\n\n`;
  return `${before}${commandTable()}\n\n<!-- deno-fmt-ignore-end -->\n\n${readme.slice(end)}`;
}

if (import.meta.main) {
  const path = new URL("../README.md", import.meta.url);
  await writeFile(path, withCommandTable(await readFile(path, "utf8")));
}
