/** Reads and writes the folder of a report: report.json, and what is rendered from it. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { readIfThere } from "../support/machine.ts";
import { ROOT } from "../support/programs.ts";
import { renderChart, THEMES } from "./charts.ts";
import { missedIds } from "./criteria.ts";
import type { Report } from "./figures.ts";
import { renderPage } from "./page.ts";
import { chartsOf } from "./report_charts.ts";

const RAW = "report.json";
const PAGE = "README.md";

/** @param folder absolute, or from the repository's root */
function folderOf(folder: string): string {
  return isAbsolute(folder) ? folder : join(ROOT, folder);
}

/** The report of a folder, undefined when there is none. @throws Error when it is of another format */
export function readReport(folder: string): Report | undefined {
  const text = readIfThere(join(folderOf(folder), RAW));
  if (text === "") return undefined;
  const report: Report = JSON.parse(text);
  if (report.format !== 1) throw new Error(`${RAW} is of format ${report.format}, not 1`);
  return report;
}

/** The report with the causes that are known from an earlier one, for the criteria that it misses too. */
export function withCauses(report: Report, earlier: Report | undefined): Report {
  const missed = missedIds(report);
  const known = Object.entries(earlier?.causes ?? {}).filter(([id]) => missed.includes(id));
  return { ...report, causes: { ...Object.fromEntries(known), ...report.causes } };
}

/** A report as JSON: a line for each measurement, and one for each cause. */
export function reportJson(report: Report): string {
  const lines = Object.entries(report).map(([name, value]) => {
    const text = Array.isArray(value)
      ? listJson(value.map((each) => JSON.stringify(each)), "[]")
      : name === "causes"
      ? listJson(Object.entries(value).map(([id, why]) => `${quoted(id)}: ${quoted(why)}`), "{}")
      : JSON.stringify(value);
    return `  ${quoted(name)}: ${text}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}

function listJson(items: readonly string[], [open, close]: string): string {
  if (items.length === 0) return open + close;
  return `${open}\n${items.map((item) => `    ${item}`).join(",\n")}\n  ${close}`;
}

/** Every file of a report, by its name. */
export function renderReport(report: Report): ReadonlyMap<string, string> {
  const files = new Map([
    [RAW, reportJson(report)],
    [PAGE, renderPage(report)],
  ]);
  for (const chart of chartsOf(report)) {
    for (const theme of THEMES) {
      const name = `${chart.name}${theme === "dark" ? "-dark" : ""}.svg`;
      files.set(name, renderChart(chart, theme));
    }
  }
  return files;
}

/** Writes a report's files, and removes charts that it has no longer. @returns names of the files */
export function writeReport(report: Report, folder: string): string[] {
  const path = folderOf(folder);
  mkdirSync(path, { recursive: true });
  const files = renderReport(report);
  for (const name of readdirSync(path)) {
    if (name.endsWith(".svg") && !files.has(name)) rmSync(join(path, name));
  }
  for (const [name, text] of files) writeFileSync(join(path, name), text);
  return [...files.keys()];
}
