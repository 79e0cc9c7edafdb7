// Reads the repository's own files, for the tests that hold its rules.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** One import or re-export of a source file. */
export interface ImportStatement {
  /** What stands between the quotes. */
  specifier: string;
  /** Line of the statement's first word, from 1. */
  line: number;
}

/** One file of the repository. */
export interface SourceFile {
  /** Path from the root, with forward slashes. */
  path: string;
  /** The text as it stands. */
  text: string;
  /** The text with comments and quoted strings blanked, line for line. */
  code: string;
}

const NEVER_READ = new Set([".git", "node_modules", "coverage", "dist", "results"]);

/**
 * Lists files below a folder, or the file itself when the path names one.
 *
 * @param path from the root; a path that is not there gives no files
 * @returns paths from the root, with forward slashes, in order
 */
export function listFiles(path: string): string[] {
  let entries;
  try {
    entries = readdirSync(join(ROOT, path), { withFileTypes: true });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ENOTDIR") return [path];
    if (code === "ENOENT") return [];
    throw error;
  }
  const paths: string[] = [];
  for (const entry of entries) {
    if (NEVER_READ.has(entry.name)) continue;
    const child = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...listFiles(child));
    else if (entry.isFile()) paths.push(child);
  }
  return paths.sort();
}

/** Reads one file of the repository as text. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Reads the TypeScript files below the folders and files named, those that are there. */
export function readSources(...paths: string[]): SourceFile[] {
  return paths.flatMap(listFiles).filter((path) => /\.tsx?$/.test(path)).map((path) => {
    const text = readText(path);
    return { path, text, code: blankCommentsAndStrings(text) };
  });
}

/**
 * Blanks comments and the insides of quoted strings; every line break stays where it was. Template strings
 * stay as they are, because they hold code.
 */
export function blankCommentsAndStrings(text: string): string {
  const token = /`(?:\\[^]|[^`\\])*`|\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
  return text.replace(token, (found) => {
    if (found.startsWith("`")) return found;
    if (found.startsWith("/")) return found.replace(/[^\n]/g, " ");
    return found[0] + " ".repeat(found.length - 2) + found[0];
  });
}

/** Finds every static import, re-export and dynamic import with a fixed name. */
export function importsOf(source: SourceFile): ImportStatement[] {
  const statement =
    /^[ \t]*(?:import|export)\b[^;"'`()=]*?\bfrom\s*(["'])|^[ \t]*import\s*(["'])|\bimport\s*\(\s*(["'])/gm;
  const found: ImportStatement[] = [];
  for (const match of source.code.matchAll(statement)) {
    const start = match.index + match[0].length;
    const quote = source.text[start - 1];
    found.push({
      specifier: source.text.slice(start, source.text.indexOf(quote, start)),
      line: lineAt(source.code, match.index + match[0].search(/\S/)),
    });
  }
  return found;
}

/** Returns the number of the line, from 1, that holds the character at `index`. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < index; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return line;
}
