/** The text of --help, made from the table of parameters. */
import { DIRECTIVES } from "./options_access.ts";
import type { Parameter } from "./options_parameter.ts";
import { environmentName } from "./options_sources.ts";
import { PARAMETERS } from "./options_table.ts";
import type { Options } from "./options_types.ts";

const COLUMNS = 100;
const SUMMARY_COLUMN = 36;

const INTRODUCTION = [
  "CrabCache, a cache that speaks Redis's protocol",
  "",
  "Usage: crabcache [CONFIG-FILE] [--PARAMETER VALUE...]...",
  "",
];

const SOURCES_OF_OPTIONS =
  `Every parameter may stand in the configuration file, in the environment ` +
  `(${
    environmentName("maxmemory")
  }=100mb) and on the command line; the later of these win. The file ` +
  `has redis.conf syntax, or holds one JSON object when its name ends with .json.`;

const GENERAL: readonly (readonly [term: string, summary: string])[] = [
  ["--config PATH", "The configuration file; a first argument without -- is the same"],
  ["--help, -h", "Print this text"],
  ["--version, -v", "Print the version"],
];

/** @param defaults options as they are when none is given. @returns lines of at most 100 columns */
export function describeOptions(defaults: Options): string {
  const lines = [...INTRODUCTION, ...wrap(SOURCES_OF_OPTIONS, COLUMNS)];
  let group = "";
  for (const parameter of PARAMETERS) {
    if (parameter.group !== group) {
      group = parameter.group;
      lines.push("", `${group}:`);
    }
    const summary = `${parameter.summary} (default: ${shownDefault(parameter, defaults)})`;
    lines.push(...entry(`--${parameter.name} ${parameter.placeholder}`, summary));
  }
  lines.push("", "Any number of times:");
  for (const { name, placeholder, summary } of DIRECTIVES) {
    lines.push(...entry(`--${name} ${placeholder}`, summary));
  }
  lines.push("", "General:");
  for (const [term, summary] of GENERAL) lines.push(...entry(term, summary));
  return lines.join("\n");
}

function shownDefault(parameter: Parameter, defaults: Options): string {
  return parameter.shownDefault ??
    parameter.lines(defaults).map((words) => words.join(" ")).join(" ");
}

/** A term with its summary beside it, or below it where the term is too long. */
function entry(term: string, summary: string): string[] {
  const [first, ...rest] = wrap(summary, COLUMNS - SUMMARY_COLUMN);
  const indent = " ".repeat(SUMMARY_COLUMN);
  const head = `  ${term}`;
  const top = head.length + 2 <= SUMMARY_COLUMN
    ? [head.padEnd(SUMMARY_COLUMN) + first]
    : [head, indent + first];
  return [...top, ...rest.map((line) => indent + line)];
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
