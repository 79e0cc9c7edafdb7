/**
 * The options of a server: read from a file, from the environment and from flags, later ones
 * winning, and checked as a whole.
 */
import type { FileStore } from "../ports/file_store.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import { DIRECTIVES, findDirective } from "./options_access.ts";
import { quoteWord } from "./options_conf.ts";
import { describeOptions } from "./options_help.ts";
import { nearestName } from "./options_nearest.ts";
import {
  type Assignment,
  readArguments,
  readConfigFile,
  readEnvironment,
} from "./options_sources.ts";
import { findParameter, MAX_STORE_BYTES, PARAMETERS, storeCapacity } from "./options_table.ts";
import { checkTls } from "./options_tls.ts";
import { type Bounds, type Options, OptionsError } from "./options_types.ts";

export { OptionsError };
export type { Options };

export interface OptionSources {
  /** The command line behind the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: FileStore;
  readonly system: SystemInfo;
}

/** What to do, and with which options. */
export type LoadedOptions =
  | {
    readonly kind: "run";
    readonly options: Options;
    /** Path as given, "" = none. */
    readonly configFile: string;
  }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

const START_BOUNDS: Bounds = {
  maxmemoryBytes: MAX_STORE_BYTES,
  maxmemoryReason: "the most that a store can hold",
};

/**
 * Names that are no parameters but may be given: which file to read is not part of what it holds.
 */
const CONFIG = "config";
const MODES = ["help", "version"] as const;

/** Options as they are when none is given. */
export function defaultOptions(system: SystemInfo): Options {
  const settings = { activeExpireEnabled: true };
  const options = { settings, users: [], renamedCommands: [] } as unknown as Options;
  for (const parameter of PARAMETERS) parameter.assignDefault(options, system);
  options.storeCapacityBytes = storeCapacity(options.settings.maxmemory, system);
  return options;
}

/**
 * Reads the options.
 * @throws OptionsError that lists everything that is wrong with them
 */
export async function loadOptions(sources: OptionSources): Promise<LoadedOptions> {
  const { files, system } = sources;
  const flags = readArguments(sources.args);
  const mode = MODES.find((name) => flags.assignments.some((each) => each.name === name));
  if (mode === "help") return { kind: "help", text: describeOptions(defaultOptions(system)) };
  if (mode === "version") return { kind: "version" };

  const given = [...readEnvironment(sources.env), ...flags.assignments];
  const problems = [...flags.problems];
  const configFile = configPath(given, problems);
  const file = configFile === "" ? undefined : await readConfigFile(files, configFile);
  problems.push(...file?.problems ?? []);

  const options = defaultOptions(system);
  const parameters = given.filter((each) => each.name !== CONFIG);
  problems.push(...applyAssignments(options, [...file?.assignments ?? [], ...parameters]));
  options.storeCapacityBytes = storeCapacity(options.settings.maxmemory, system);
  if (problems.length === 0) problems.push(...checkWhole(options));
  if (problems.length > 0) throw new OptionsError(report(problems));
  return { kind: "run", options, configFile };
}

/** Finds the path of the configuration file; a flag wins over the environment. */
function configPath(given: readonly Assignment[], problems: string[]): string {
  const paths = given.filter((each) => each.name === CONFIG);
  for (const { words, source } of paths) {
    if (words.length !== 1 || words[0] === "") {
      problems.push(`${CONFIG}${show(words)} (${source}): argument must be the path of one file`);
      return "";
    }
  }
  const flags = paths.filter(({ source }) => !source.startsWith("CRABCACHE_"));
  if (flags.length > 1) {
    problems.push(`${CONFIG}: given ${flags.length} times, at most one file is read`);
  }
  return paths.at(-1)?.words[0] ?? "";
}

/**
 * Puts values into place, in their order.
 * @returns what is wrong with those that could not be, ready to be printed
 */
export function applyAssignments(options: Options, assignments: readonly Assignment[]): string[] {
  const problems: string[] = [];
  for (const { name, words, source } of assignments) {
    const directive = findDirective(name);
    if (directive !== undefined) {
      const problem = directive.add(options, words);
      if (problem === "") continue;
      const shown = directive.isSecret ? " ***" : show(words);
      problems.push(`${name}${shown} (${source}): ${problem}\n    allowed: ${directive.allowed}`);
      continue;
    }
    const parameter = findParameter(name);
    if (parameter === undefined) {
      problems.push(complainUnknown(name, words, source));
      continue;
    }
    const value = parameter.parse(words, START_BOUNDS);
    if (typeof value !== "string") {
      value.assign(options);
      continue;
    }
    const shown = parameter.isSecret ? " ***" : show(words);
    problems.push(`${name}${shown} (${source}): ${value}\n    allowed: ${parameter.allowed}`);
  }
  return problems;
}

function complainUnknown(name: string, words: readonly string[], source: string): string {
  const names = [...PARAMETERS, ...DIRECTIVES].map((each) => each.name).concat(CONFIG, MODES);
  const nearest = nearestName(name, names.filter((each) => each !== name));
  const isSecret = nearest !== undefined &&
    (findParameter(nearest) ?? findDirective(nearest))?.isSecret;
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return `${name}${isSecret ? " ***" : show(words)} (${source}): unknown option${hint}`;
}

function show(words: readonly string[]): string {
  return words.map((word) => ` ${quoteWord(word)}`).join("");
}

/** @returns what is wrong with options each of which is good */
export function checkWhole(options: Options): string[] {
  const isTcp = (options.port !== 0 || options.tlsPort !== 0) && options.bind.length > 0;
  const isHttp = (options.httpPort !== 0 || options.httpTlsPort !== 0) &&
    options.httpBind.length > 0;
  if (isTcp || isHttp || options.unixsocket !== "") return checkTls(options);
  return [
    `port ${options.port}, bind ${quoteWord(options.bind.join(" "))}, unixsocket "": nothing to ` +
    `listen at\n    allowed: a port other than 0 with at least one address, http-port, or a unix socket`,
  ];
}

function report(problems: readonly string[]): string {
  const count = problems.length === 1
    ? "an option is wrong"
    : `${problems.length} options are wrong`;
  return [`CrabCache cannot start: ${count}`, ...problems.map((problem) => `  ${problem}`)].join(
    "\n",
  );
}
