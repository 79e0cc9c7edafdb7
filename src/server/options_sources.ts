/** Where options come from: configuration files, the environment, the command line. */
import type { FileStore } from "../ports/file_store.ts";
import { parseLine } from "./options_conf.ts";

/** One parameter given somewhere, not yet looked up. */
export interface Assignment {
  /** In lower case; it may be no parameter's. */
  readonly name: string;
  readonly words: readonly string[];
  /** For messages: "crab.conf:3", "CRABCACHE_PORT", "--port". */
  readonly source: string;
  /** Where it stands in a file of redis.conf syntax. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** What a source gave, and what in it could not be read at all, ready to be printed. */
export interface Reading {
  readonly assignments: Assignment[];
  readonly problems: string[];
}

/** Configuration files that one may include, directly and through others. */
export const MAX_INCLUDED_FILES = 64;

/** Whether a configuration file is JSON, which its name says. */
export function isJsonPath(path: string): boolean {
  return path.toLowerCase().endsWith(".json");
}

/** Reads a configuration file with all that it includes. */
export async function readConfigFile(files: FileStore, path: string): Promise<Reading> {
  const reading: Reading = { assignments: [], problems: [] };
  const text = await readText(files, path, "configuration file", reading);
  if (text === undefined) return reading;
  if (isJsonPath(path)) readJson(path, text, reading);
  else await new ConfReader(files, reading).read(path, text, [path]);
  return reading;
}

async function readText(
  files: FileStore,
  path: string,
  what: string,
  reading: Reading,
): Promise<string | undefined> {
  try {
    const text = await files.readText(path);
    if (text === undefined) reading.problems.push(`${what} "${path}": there is no such file`);
    return text;
  } catch (error) {
    reading.problems.push(`${what} "${path}": ${(error as Error).message}`);
    return undefined;
  }
}

/** Reads files of redis.conf syntax. An included file counts where its `include` stands. */
class ConfReader {
  readonly #files: FileStore;
  readonly #reading: Reading;
  #included = 0;

  constructor(files: FileStore, reading: Reading) {
    this.#files = files;
    this.#reading = reading;
  }

  /** @param chain the file and those that it was included by */
  async read(file: string, text: string, chain: readonly string[]): Promise<void> {
    const lines = text.split("\n");
    for (let i = 0; i < lines.length; i++) {
      const source = `${file}:${i + 1}`;
      const parsed = parseLine(lines[i]);
      if (parsed.kind === "unreadable") {
        this.#reading.problems.push(`${source}: unbalanced quotes in configuration line`);
      } else if (parsed.kind === "directive" && parsed.name === "include") {
        await this.#include(source, parsed.words, chain);
      } else if (parsed.kind === "directive") {
        const { name, words } = parsed;
        this.#reading.assignments.push({ name, words, source, file, line: i + 1 });
      }
    }
  }

  async #include(source: string, words: readonly string[], chain: readonly string[]) {
    const { problems } = this.#reading;
    const path = words[0];
    if (words.length !== 1) {
      problems.push(`${source}: include: wrong number of arguments`);
    } else if (chain.includes(path)) {
      problems.push(`${source}: include "${path}": the file includes itself`);
    } else if (this.#included === MAX_INCLUDED_FILES) {
      problems.push(`${source}: include "${path}": more than ${MAX_INCLUDED_FILES} files`);
    } else {
      this.#included++;
      const text = await readText(this.#files, path, `${source}: include`, this.#reading);
      if (text !== undefined) await this.read(path, text, [...chain, path]);
    }
  }
}

/** Reads an object whose keys are parameters' names. */
function readJson(path: string, text: string, { assignments, problems }: Reading): void {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch (error) {
    problems.push(`${path}: ${(error as Error).message}`);
    return;
  }
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    problems.push(`${path}: it must hold one object, e.g. {"port": 6379}`);
    return;
  }
  for (const [key, value] of Object.entries(object)) {
    const words = wordsOf(value);
    if (words !== undefined) {
      assignments.push({ name: key.toLowerCase(), words, source: path });
    } else {
      problems.push(
        `${key} ${JSON.stringify(value)} (${path}): the value must be a text, a number, ` +
          `true, false, or an array of texts and numbers`,
      );
    }
  }
}

/**
 * Turns a value of JSON or JavaScript into the words that it stands for.
 * @returns undefined where it is no text, number, boolean, or array of these
 */
export function wordsOf(value: unknown): string[] | undefined {
  const values: unknown[] = !Array.isArray(value) ? [value] : value.length === 0 ? [""] : value;
  const words = values.map(wordOf);
  return words.every((word) => word !== undefined) ? words : undefined;
}

function wordOf(value: unknown): string | undefined {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

const ENVIRONMENT_PREFIX = "CRABCACHE_";

/** The name of the environment variable that stands for a parameter. */
export function environmentName(name: string): string {
  return ENVIRONMENT_PREFIX + name.toUpperCase().replaceAll("-", "_");
}

/**
 * What Kubernetes puts into every container's environment when a service is called "crabcache",
 * such as CRABCACHE_SERVICE_HOST and CRABCACHE_PORT=tcp://10.0.0.7:6379; nobody meant an option by
 * it.
 */
function isServiceLink(name: string, value: string): boolean {
  return /^CRABCACHE_(?:SERVICE_(?:HOST$|PORT(?:_|$))|PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$))/.test(
    name,
  ) ||
    (name === "CRABCACHE_PORT" && /^(?:tcp|udp|sctp):\/\//.test(value));
}

/** Reads the variables that begin with CRABCACHE_. A value is one word, blanks and all. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Assignment[] {
  const assignments: Assignment[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined || !variable.startsWith(ENVIRONMENT_PREFIX)) continue;
    if (isServiceLink(variable, value)) continue;
    const name = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll("_", "-");
    assignments.push({ name, words: [value], source: variable });
  }
  return assignments;
}

const SHORT_FLAGS: ReadonlyMap<string, string> = new Map([["-h", "--help"], ["-v", "--version"]]);

/**
 * Reads the command line: `--name VALUE...` up to the next word that begins with --, or
 * `--name=VALUE`. A first word without -- is the configuration file.
 */
export function readArguments(args: readonly string[]): Reading {
  const reading: Reading = { assignments: [], problems: [] };
  let i = 0;
  if (args.length > 0 && !args[0].startsWith("-")) {
    reading.assignments.push({ name: "config", words: [args[0]], source: "first argument" });
    i = 1;
  }
  while (i < args.length) {
    const flag = SHORT_FLAGS.get(args[i]) ?? args[i];
    i++;
    if (!flag.startsWith("--") || flag === "--") {
      reading.problems.push(`unexpected argument "${flag}"`);
      continue;
    }
    const equals = flag.indexOf("=");
    if (equals !== -1) {
      const source = flag.slice(0, equals);
      const name = source.slice(2).toLowerCase();
      reading.assignments.push({ name, words: [flag.slice(equals + 1)], source });
      continue;
    }
    const words: string[] = [];
    while (i < args.length && !args[i].startsWith("--")) words.push(args[i++]);
    reading.assignments.push({ name: flag.slice(2).toLowerCase(), words, source: flag });
  }
  return reading;
}
