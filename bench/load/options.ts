/** Options of the load generator: those of redis-benchmark by its letters, and its own by words. */
import type { PeerName } from "../wire/servers.ts";
import { PEER_NAMES } from "../wire/servers.ts";
import { DEFAULTS } from "./mod.ts";
import { DATA_WORD } from "./plan.ts";
import type {
  BodyFormat,
  LoadOptions,
  LoadProtocol,
  LoadWork,
  SizeMix,
  TtlRange,
  YcsbName,
} from "./result.ts";
import { findTests, LOAD_TESTS, TEST_NAMES } from "./tests.ts";
import { YCSB_NAMES } from "./ycsb.ts";

const PROTOCOLS: readonly LoadProtocol[] = ["resp", "binary", "http", "http2", "memcache"];
const BODIES: readonly BodyFormat[] = ["json", "resp", "binary"];
const DEFAULT_PORT = 6379, PORT_MAX = 65535;
const MS_PER_SECOND = 1000;
/** Before what is timed at a rate; redis-benchmark's tests count from the first request on. */
const WARM_SECONDS = 1;
const P99_LIMIT_MS = 1;
const THRESHOLD_MS = 1;

/** Options that take a value: their letters or words, and what the value is. */
const VALUED: Readonly<Record<string, string>> = {
  h: "HOST",
  p: "PORT",
  s: "SOCKET",
  a: "PASSWORD",
  user: "NAME",
  pass: "PASSWORD",
  dbnum: "NUMBER",
  cacert: "FILE",
  sni: "NAME",
  c: "CONNECTIONS",
  n: "REQUESTS",
  d: "BYTES",
  P: "COMMANDS",
  r: "KEYS",
  t: "TEST,...",
  protocol: PROTOCOLS.join("|"),
  body: BODIES.join("|"),
  workload: "a...f",
  sizes: "BYTES:WEIGHT,...",
  ttl: "SECONDS[-SECONDS]",
  trace: "FILE",
  seed: "NUMBER",
  rate: "REQUESTS A SECOND",
  duration: "SECONDS",
  warmup: "SECONDS",
  p99: "MS",
  threshold: "MS",
  pid: "NUMBER",
  start: PEER_NAMES.join("|"),
  json: "FILE|-",
};

const SWITCHES: readonly string[] = [
  ...["3", "q", "tls", "insecure", "latency", "throughput", "redis-equivalent"],
  ...["skip-load", "outliers", "help"],
];

/** What `--latency` and `--redis-equivalent` stand for; what is said besides wins. */
const PRESETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  latency: { c: "2", P: "1", d: "64", t: "get", rate: "5000", duration: "10" },
  "redis-equivalent": { c: "100", n: "1000000", d: "64", P: "16", t: "ping,set,get" },
};

/** One run after the other. */
export interface LoadJob {
  readonly options: LoadOptions;
  /** Runs before it and is not shown. */
  readonly before?: "keyspace" | LoadOptions;
}

export interface CommandLine {
  readonly jobs: readonly LoadJob[];
  readonly isQuiet: boolean;
  /** Peer to be started, "" for none. */
  readonly start: PeerName | "";
  /** File of the results, "-" = standard output, "" = none. */
  readonly json: string;
  /** Searches the highest rate under this P99; 0 = does not. */
  readonly p99LimitUs: number;
  /** Duration of a step of the search; 0 = as it sees fit. */
  readonly stepSeconds: number;
  /** Explains what takes longer; 0 = does not. */
  readonly outlierUs: number;
}

export function describeOptions(): string {
  const valued = Object.entries(VALUED).map(([name, value]) => `  ${dashed(name)} ${value}`);
  return [
    "Usage: bench:wire [OPTIONS] [COMMAND ARGUMENT...]",
    "Letters mean what they mean to redis-benchmark.",
    ...valued,
    ...SWITCHES.map((name) => `  ${dashed(name)}`),
    `Tests: ${TEST_NAMES.join(", ")}`,
    "--workload: YCSB A to F; a scan is an MGET of 1 to 100 keys that follow each other",
    "--sizes, --ttl: as many SETs as GETs, unless -t or --workload is given; the keys are set before",
    "--rate: fixed arrivals, latency from the moment a request was due",
    "--latency: 2 connections at 5,000 a second for 10 s; --throughput: the highest rate whose P99",
    `  is within --p99 (${P99_LIMIT_MS} ms); --redis-equivalent: -c 100 -n 1000000 -d 64 -P 16 -t ping,set,get`,
  ].join("\n");
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

type Values = ReadonlyMap<string, string>;

/** @throws TypeError that names what is wrong */
function readArguments(args: readonly string[]): { values: Values; words: readonly string[] } {
  const values = new Map<string, string>();
  let i = 0;
  for (; i < args.length; i++) {
    const found = /^(?:-(\w)|--([a-z][a-z0-9-]+)(?:=(.*))?)$/s.exec(args[i]);
    if (found === null) {
      if (args[i].startsWith("-")) throw new TypeError(`unknown option ${args[i]}; see --help`);
      break;
    }
    const name = found[1] ?? found[2];
    if (SWITCHES.includes(name)) values.set(name, "");
    else if (!Object.hasOwn(VALUED, name)) {
      throw new TypeError(`unknown option ${dashed(name)}; see --help`);
    } else if (found[3] !== undefined) values.set(name, found[3]);
    else if (i + 1 < args.length) values.set(name, args[++i]);
    else throw new TypeError(`${dashed(name)} needs ${VALUED[name]}`);
  }
  for (const [preset, settings] of Object.entries(PRESETS)) {
    if (!values.has(preset)) continue;
    for (const [name, value] of Object.entries(settings)) {
      if (!values.has(name)) values.set(name, value);
    }
  }
  return { values, words: args.slice(i) };
}

/** A whole number, with k or m for thousands and millions. */
function wholeOf(
  values: Values,
  name: string,
  least: number,
  most = 2 ** 53 - 1,
): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const scale = { k: 1e3, m: 1e6 }[text.slice(-1).toLowerCase()] ?? 1;
  const digits = scale === 1 ? text : text.slice(0, -1);
  const value = /^\d+(?:\.\d+)?$/.test(digits) ? Number(digits) * scale : NaN;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const range = most < 2 ** 53 - 1 ? `from ${least} to ${most}` : `of at least ${least}`;
    throw new TypeError(`${dashed(name)} must be a whole number ${range}, got ${text}`);
  }
  return value;
}

function positiveOf(values: Values, name: string): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value < Infinity)) {
    throw new TypeError(`${dashed(name)} must be a number above 0, got ${text}`);
  }
  return value;
}

function wordOf<T extends string>(
  values: Values,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const text = values.get(name)?.toLowerCase();
  if (text === undefined) return undefined;
  const found = allowed.find((each) => each === text);
  if (found === undefined) {
    throw new TypeError(`${dashed(name)}: no "${text}"; there are ${allowed.join(", ")}`);
  }
  return found;
}

/** @throws TypeError */
export function parseSizes(text: string): SizeMix {
  return text.split(",").map((part) => {
    const found = /^(\d+)(?::(\d+(?:\.\d+)?))?$/.exec(part.trim());
    const mix = { bytes: Number(found?.[1]), weight: Number(found?.[2] ?? 1) };
    if (found === null || mix.weight === 0) {
      throw new TypeError(`--sizes takes BYTES:WEIGHT,..., got ${text}`);
    }
    return mix;
  });
}

/** @throws TypeError */
export function parseTtl(text: string): TtlRange {
  const found = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text);
  const leastMs = Number(found?.[1]) * MS_PER_SECOND;
  const mostMs = Number(found?.[2] ?? found?.[1]) * MS_PER_SECOND;
  if (found === null || !(leastMs > 0 && leastMs <= mostMs)) {
    throw new TypeError(`--ttl takes SECONDS or SECONDS-SECONDS above 0, got ${text}`);
  }
  return { leastMs, mostMs };
}

/** What is to be sent, in order. */
function worksOf(values: Values, words: readonly string[]): readonly LoadWork[] {
  const tests = values.get("t"), workload = values.get("workload"), path = values.get("trace");
  if (words.length > 0) return [{ kind: "command", words }];
  if (path !== undefined) return [{ kind: "trace", path }];
  if (workload !== undefined) {
    return workload.toLowerCase().split(",").map((name) => {
      if (!YCSB_NAMES.includes(name as YcsbName)) {
        throw new TypeError(`--workload: no "${name}"; there are ${YCSB_NAMES.join(", ")}`);
      }
      return { kind: "ycsb", name: name as YcsbName };
    });
  }
  if (tests === undefined && (values.has("sizes") || values.has("ttl"))) return [{ kind: "mix" }];
  const isInline = !values.has("protocol") || values.get("protocol") === "resp";
  const wanted = (tests ?? LOAD_TESTS.map(({ name }) => name).join(",")).split(",");
  for (const name of wanted) {
    if (findTests(name.trim()).length > 0) continue;
    throw new TypeError(`-t: no "${name}"; there are ${TEST_NAMES.join(", ")}`);
  }
  // As redis-benchmark: in its own order, each once.
  const chosen = new Set(wanted.flatMap((name) => findTests(name.trim())));
  return LOAD_TESTS.filter((test) => chosen.has(test) && (isInline || test.isInline !== true))
    .map(({ name }) => ({ kind: "test", name }));
}

/** At most one of these may be given, or a command. */
const ALONE = ["t", "workload", "trace"];

/** Options that say something only beside another one. */
const NEEDS: Readonly<Record<string, string>> = {
  p99: "throughput",
  threshold: "outliers",
  cacert: "tls",
  sni: "tls",
  insecure: "tls",
};

/** Options that one of them makes void. */
const EXCLUDES: readonly (readonly [string, readonly string[]])[] = [
  ["throughput", ["rate", "n"]],
  ["start", ["p", "s", "h", "pid"]],
  ["trace", ["r", "d", "sizes"]],
];

/** @throws TypeError for an option that would have no effect */
function checkEffects(
  values: Values,
  works: readonly LoadWork[],
  given: (name: string) => boolean,
) {
  for (const [name, needed] of Object.entries(NEEDS)) {
    if (given(name) && !values.has(needed)) {
      throw new TypeError(`${dashed(name)} is for ${dashed(needed)}`);
    }
  }
  for (const [name, excluded] of EXCLUDES) {
    const found = given(name) ? excluded.find(given) : undefined;
    if (found !== undefined) {
      throw new TypeError(`${dashed(found)} has no effect with ${dashed(name)}`);
    }
  }
  const protocol = values.get("protocol") ?? "resp";
  if (given("body") && !protocol.startsWith("http")) throw new TypeError("--body is for HTTP");
  if (given("3") && protocol !== "resp") throw new TypeError("-3 is for --protocol resp");
  if (protocol === "memcache" && (given("a") || given("pass"))) {
    throw new TypeError("memcache takes no password here");
  }
  const sets = (work: LoadWork): boolean =>
    work.kind !== "command" &&
    (work.kind !== "test" || work.name === "set");
  const hasValue = (work: LoadWork): boolean =>
    work.kind === "test"
      ? findTests(work.name)[0].words.includes(DATA_WORD)
      : work.kind !== "command" || work.words.includes(DATA_WORD);
  if (given("ttl") && !works.some(sets)) throw new TypeError("--ttl is for SETs, and none is sent");
  if (given("sizes") && !works.some(hasValue)) {
    throw new TypeError("--sizes is for values, and none is sent");
  }
}

/** @throws TypeError that names the option and what is wrong with it */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, words } = readArguments(args);
  const given = (name: string): boolean =>
    args.slice(0, args.length - words.length).some((arg) => arg.split("=")[0] === dashed(name));
  if (ALONE.filter(given).length + (words.length > 0 ? 1 : 0) > 1) {
    throw new TypeError("only one of -t, --workload, --trace and a command can be sent");
  }
  const works = worksOf(values, words);
  checkEffects(values, works, given);
  const isSearch = values.has("throughput");
  if (isSearch && values.has("rate")) {
    throw new TypeError("--throughput searches the --rate itself");
  }
  const common = commonOptions(values);
  const load = (work: LoadWork): LoadJob => jobOf({ ...common, work }, !values.has("skip-load"));
  return {
    jobs: works.map(load),
    isQuiet: values.has("q"),
    start: wordOf(values, "start", PEER_NAMES) ?? "",
    json: values.get("json") ?? "",
    p99LimitUs: isSearch ? (positiveOf(values, "p99") ?? P99_LIMIT_MS) * MS_PER_SECOND : 0,
    stepSeconds: isSearch ? common.seconds ?? 0 : 0,
    outlierUs: values.has("outliers")
      ? (positiveOf(values, "threshold") ?? THRESHOLD_MS) * MS_PER_SECOND
      : 0,
  };
}

function jobOf(options: LoadOptions, loads: boolean): LoadJob {
  const { work } = options;
  if (work.kind === "ycsb" || work.kind === "mix") {
    return loads ? { options, before: "keyspace" } : { options };
  }
  const needs = work.kind === "test" ? findTests(work.name)[0].needs : undefined;
  if (needs === undefined || !loads) return { options };
  const { rate: _rate, seconds: _seconds, warmSeconds: _warm, slow: _slow, ...rest } = options;
  return { options, before: { ...rest, work: { kind: "test", name: needs } } };
}

function commonOptions(values: Values): Omit<LoadOptions, "work"> {
  const port = wholeOf(values, "p", 1, PORT_MAX) ?? DEFAULT_PORT;
  const path = values.get("s");
  const user = values.get("user"), password = values.get("pass") ?? values.get("a");
  if (user !== undefined && password === undefined) {
    throw new TypeError("--user needs --pass or -a");
  }
  const sizes = values.get("sizes"), ttl = values.get("ttl");
  const rate = positiveOf(values, "rate"), seconds = positiveOf(values, "duration");
  const isTimed = rate !== undefined || values.has("throughput");
  const canWarm = values.get("trace") === undefined;
  const warmSeconds = positiveOf(values, "warmup") ?? (isTimed && canWarm ? WARM_SECONDS : 0);
  if (warmSeconds > 0 && !canWarm) throw new TypeError("--warmup would use up the --trace");
  const caFile = values.get("cacert"), serverName = values.get("sni");
  const numbers = {
    protocol: wordOf(values, "protocol", PROTOCOLS),
    body: wordOf(values, "body", BODIES),
    requests: wholeOf(values, "n", 1),
    keyspace: wholeOf(values, "r", 1),
    seed: wholeOf(values, "seed", 0),
    database: wholeOf(values, "dbnum", 0),
    serverPid: wholeOf(values, "pid", 1),
    rate,
    seconds,
    user,
    password,
    sizes: sizes === undefined ? undefined : parseSizes(sizes),
    ttl: ttl === undefined ? undefined : parseTtl(ttl),
    tls: values.has("tls")
      ? {
        insecure: values.has("insecure"),
        ...caFile === undefined ? {} : { caFile },
        ...serverName === undefined ? {} : { serverName },
      }
      : undefined,
  };
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined);
  return {
    address: path === undefined ? { host: values.get("h") ?? "127.0.0.1", port } : { path },
    connections: wholeOf(values, "c", 1) ?? DEFAULTS.connections,
    pipeline: wholeOf(values, "P", 1) ?? DEFAULTS.pipeline,
    valueBytes: wholeOf(values, "d", 0) ?? DEFAULTS.valueBytes,
    resp3: values.has("3"),
    warmSeconds,
    ...Object.fromEntries(given),
  };
}
