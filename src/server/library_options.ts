/**
 * Options given as a JavaScript object: the parameters of the configuration under camelCase names,
 * read and checked as those of a server's command line are.
 */
import type { MaxmemoryPolicy } from "../ports/settings.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import { applyAssignments, checkWhole, defaultOptions } from "./options.ts";
import { nearestName } from "./options_nearest.ts";
import { type Assignment, wordsOf } from "./options_sources.ts";
import { findParameter, isFact, isLocal, PARAMETERS, storeCapacity } from "./options_table.ts";
import { FREE_PORT, type Options } from "./options_types.ts";

/** What a cache in process can be told. */
export interface CacheOptions {
  /** Number of databases, 16 by default. */
  readonly databases?: number | undefined;
  /**
   * Memory that the cache may take: bytes, or a number with a unit such as "256mb" (1kb = 1024);
   * 0 = three quarters of the machine's. 256 MiB by default for a cache, half of the machine's for
   * a server. The engine's own buffers take little more than 1 MiB of it. Memory is taken from the
   * system as it is needed.
   */
  readonly maxmemory?: number | string | undefined;
  /** What to evict when the cache is full; by default what `CONFIG GET maxmemory-policy` says. */
  readonly maxmemoryPolicy?: MaxmemoryPolicy | undefined;
  /** Keys that are compared per eviction by the policies that sample, 5 by default. */
  readonly maxmemorySamples?: number | undefined;
  /** How slowly the access counter of the LFU policies grows, 10 by default. */
  readonly lfuLogFactor?: number | undefined;
  /** Minutes after which that counter falls by one, 1 by default. */
  readonly lfuDecayTime?: number | undefined;
  /**
   * Index of the keys: "hash" (the default), or "radix" for an ordered one, too, by which KEYS, SCAN
   * MATCH and PURGE with a prefix cost what they find.
   */
  readonly keyIndex?: "hash" | "radix" | undefined;
  /** Largest string value that grows in place, 512 MiB by default; units as of `maxmemory`. */
  readonly protoMaxBulkLen?: number | string | undefined;
  /** Fields of a hash in compact encoding, 512 by default. */
  readonly hashMaxListpackEntries?: number | undefined;
  /** Bytes of the longest field or value of a hash in compact encoding, 64 by default. */
  readonly hashMaxListpackValue?: number | undefined;
  /** Members of a set of integers in compact encoding, 512 by default. */
  readonly setMaxIntsetEntries?: number | undefined;
  /** Members of any other set in compact encoding, 128 by default. */
  readonly setMaxListpackEntries?: number | undefined;
  /** Bytes of the longest member of a set in compact encoding, 64 by default. */
  readonly setMaxListpackValue?: number | undefined;
  /** Members of a sorted set in compact encoding, 128 by default. */
  readonly zsetMaxListpackEntries?: number | undefined;
  /** Bytes of the longest member of a sorted set in compact encoding, 64 by default. */
  readonly zsetMaxListpackValue?: number | undefined;
  /** Elements of a node of a list, or with -1 to -5 its bytes, 4 to 64 KiB; -2 by default. */
  readonly listMaxListpackSize?: number | undefined;
  /** Nodes at either end of a list that stay uncompressed; 0 = all, the default. */
  readonly listCompressDepth?: number | undefined;
  /** Bytes of a HyperLogLog in sparse representation, 3000 by default; units as of `maxmemory`. */
  readonly hllSparseMaxBytes?: number | string | undefined;
  /** Bytes of a node of a stream, 4096 by default; 0 = no limit; units as of `maxmemory`. */
  readonly streamNodeMaxBytes?: number | string | undefined;
  /** Entries of a node of a stream, 100 by default; 0 = no limit. */
  readonly streamNodeMaxEntries?: number | undefined;
  /** How eagerly expired keys are looked for, 1 (the default) to 10. */
  readonly activeExpireEffort?: number | undefined;
  /** Rounds of background work per second, 10 by default. */
  readonly hz?: number | undefined;
  /** Whether to measure how long commands take, for INFO latencystats; true by default. */
  readonly latencyTracking?: boolean | undefined;
  /** Percentiles that INFO latencystats shows, 50, 99 and 99.9 by default. */
  readonly latencyTrackingInfoPercentiles?: readonly number[] | undefined;
  /**
   * Which events of keys are published, as letters, e.g. "Kg$x": K to `__keyspace@DB__:KEY`, E to
   * `__keyevent@DB__:EVENT`; g generic, $ string, l list, s set, h hash, z sorted set, x expired,
   * e evicted, t stream, A = all of these, n new, m missed. None by default.
   */
  readonly notifyKeyspaceEvents?: string | undefined;
  /** Microseconds from which on SLOWLOG keeps a command, 10000 by default; 0 = all, -1 = none. */
  readonly slowlogLogSlowerThan?: number | undefined;
  /** Commands that SLOWLOG keeps, 128 by default. */
  readonly slowlogMaxLen?: number | undefined;
  /** Milliseconds from which on LATENCY keeps an event; 0 = it measures none, the default. */
  readonly latencyMonitorThreshold?: number | undefined;
  /** Who may use DEBUG, "no" (nobody) by default. */
  readonly enableDebugCommand?: "no" | "yes" | "local" | undefined;
}

/** What a server started from a program can be told. */
export interface ServerOptions extends CacheOptions {
  /** TCP port, 6379 by default; 0 = none, "free" = one that the operating system chooses. */
  readonly port?: number | "free" | undefined;
  /** TCP port for TLS, none by default; "free" = one that the operating system chooses. */
  readonly tlsPort?: number | "free" | undefined;
  /** Path of the server's certificate in PEM, followed by those that lead to its authority. */
  readonly tlsCertFile?: string | undefined;
  /** Path of the certificate's private key in PEM. */
  readonly tlsKeyFile?: string | undefined;
  /** What that key is encrypted with, nothing by default. */
  readonly tlsKeyFilePass?: string | undefined;
  /** Path of the certificates of the authorities that vouch for clients. */
  readonly tlsCaCertFile?: string | undefined;
  /** Whether clients must show such a certificate ("yes", the default), may, or are not asked. */
  readonly tlsAuthClients?: "yes" | "no" | "optional" | undefined;
  /** Port for HTTP/1.1 and HTTP/2, none by default; "free" = one that the operating system chooses. */
  readonly httpPort?: number | "free" | undefined;
  /** The same for HTTPS, with the certificate and key of TLS. */
  readonly httpTlsPort?: number | "free" | undefined;
  /** Whether to serve HTTP/3 at the UDP port of `httpTlsPort`, too; no by default; needs Bun. */
  readonly http3?: boolean | undefined;
  /** Addresses to serve HTTP at, as of `bind`. */
  readonly httpBind?: string | readonly string[] | undefined;
  /** Token that HTTP requests must show, none by default. */
  readonly httpToken?: string | undefined;
  /** Token of those who may only read, none by default. */
  readonly httpReadonlyToken?: string | undefined;
  /** Largest body of a request, 16 MiB by default; units as of `maxmemory`. */
  readonly httpMaxBody?: number | string | undefined;
  /** Seconds that a blocking command may wait over HTTP, 30 by default. */
  readonly httpMaxWait?: number | undefined;
  /** Seconds that the body of a request may take, 30 by default. */
  readonly httpBodyTimeout?: number | undefined;
  /** Requests per second and token; 0 = any number, the default. */
  readonly httpRateLimit?: number | undefined;
  /** Whether each request is logged; false by default. */
  readonly httpAccessLog?: boolean | undefined;
  /** Origins whose pages may use the HTTP door, by commas; none by default, "*" = all. */
  readonly httpCors?: string | undefined;
  /** Addresses to listen at, the loopback ones by default; "*" = every IPv4 address. */
  readonly bind?: string | readonly string[] | undefined;
  /** Path of a unix socket to listen at, none by default. */
  readonly unixsocket?: string | undefined;
  /** Mode of the unix socket in octal digits, e.g. "770". */
  readonly unixsocketperm?: string | undefined;
  /** Seconds between keepalive probes of idle connections, 300 by default; 0 = none. */
  readonly tcpKeepalive?: number | undefined;
  /** Whether clients of other machines are refused while there is no password; true by default. */
  readonly protectedMode?: boolean | undefined;
  /** Password that clients must give, none by default. */
  readonly requirepass?: string | undefined;
  /** Path of the file of users, none by default. */
  readonly aclfile?: string | undefined;
  /** Whether new users may use all channels; "resetchannels" (they may not) by default. */
  readonly aclPubsubDefault?: "allchannels" | "resetchannels" | undefined;
  /** Entries that ACL LOG keeps, 128 by default. */
  readonly acllogMaxLen?: number | undefined;
  /** By how many milliseconds AUTH is answered later after some failures, 100 by default; 0 = none. */
  readonly authFailDelayMs?: number | undefined;
  /** Connections at the same time, 10000 by default. */
  readonly maxclients?: number | undefined;
  /** Seconds of idleness after which a client is closed; 0 = never, the default. */
  readonly timeout?: number | undefined;
  /** Keys remembered for client-side caching, 1000000 by default; 0 = as many as there is memory for. */
  readonly trackingTableMaxKeys?: number | undefined;
  /** Bytes of commands that may wait per client, 1 GiB by default; units as of `maxmemory`. */
  readonly clientQueryBufferLimit?: number | string | undefined;
  /** Replies that may wait per client, by class, e.g. "normal 64mb 16mb 60". */
  readonly clientOutputBufferLimit?: string | undefined;
  /** Memory of all clients' buffers, in bytes or as "5%" of `maxmemory`; no limit by default. */
  readonly maxmemoryClients?: number | string | undefined;
  /** Commands per second that one connection may send; 0 = any number, the default. */
  readonly clientCommandRateLimit?: number | undefined;
  /** Commands that a connection may send at once after a rest, by default those of one second. */
  readonly clientCommandRateBurst?: number | undefined;
  /** What is logged: this and what is more important, "notice" by default. */
  readonly loglevel?: "debug" | "verbose" | "notice" | "warning" | "nothing" | undefined;
  /** Path of the file that the log is appended to; by default `log` takes it. */
  readonly logfile?: string | undefined;
  /** Lines of text, the default, or of JSON. */
  readonly logFormat?: "text" | "json" | undefined;
  /** Path of a file that is told what the process did and when, none by default. */
  readonly sliceTrace?: string | undefined;
  /** Microseconds from which on a slice of work is traced, 100 by default; 0 = every one. */
  readonly sliceTraceSlowerThan?: number | undefined;
  /** Takes what the server has to say; by default it goes to the standard error output. */
  readonly log?: ((line: string) => void) | undefined;
}

/** maxmemory of a cache in process: it shares the machine with the program that it serves. */
const CACHE_MAXMEMORY_BYTES = 256 * 1024 * 1024;

/**
 * Reads the options of a cache in process.
 * @throws TypeError for an option that is unknown or of a wrong type, RangeError for a wrong value
 */
export function readCacheOptions(given: CacheOptions, system: SystemInfo): Options {
  const options = defaultOptions(system);
  options.port = 0;
  options.bind = [];
  options.settings.maxmemory = CACHE_MAXMEMORY_BYTES;
  assignAll(options, given, "createCache", LOCAL_NAMES);
  options.storeCapacityBytes = storeCapacity(options.settings.maxmemory, system);
  return options;
}

/**
 * Reads the options of a server.
 * @throws TypeError for an option that is unknown or of a wrong type, RangeError for a wrong value
 */
export function readServerOptions(given: ServerOptions, system: SystemInfo): Options {
  const options = defaultOptions(system);
  const { log: _log, ...others } = given;
  const free = PORTS.filter((name) => given[name] === "free");
  const named = Object.entries(others).filter(([name]) => !(free as string[]).includes(name));
  assignAll(options, Object.fromEntries(named), "startServer", SERVER_NAMES);
  for (const name of free) options[name] = FREE_PORT;
  options.storeCapacityBytes = storeCapacity(options.settings.maxmemory, system);
  const problems = checkWhole(options);
  if (problems.length > 0) throw new RangeError(problems.join("\n"));
  return options;
}

/** Options that may be "free". */
const PORTS = ["port", "tlsPort", "httpPort", "httpTlsPort"] as const;

/** "maxmemory-policy" as "maxmemoryPolicy". */
function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Names of parameters by the names of the options that stand for them. */
type Names = ReadonlyMap<string, string>;

const chosen = PARAMETERS.filter((each) => !isFact(each));
const SERVER_NAMES: Names = new Map(chosen.map(({ name }) => [camelCase(name), name]));
const LOCAL_NAMES: Names = new Map(
  chosen.filter(isLocal).map(({ name }) => [camelCase(name), name]),
);

/** @param caller the function that was given the options, for messages */
function assignAll(options: Options, given: object, caller: string, names: Names): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`${caller}: options must be an object, got ${show(given)}`);
  }
  const assignments: Assignment[] = [];
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const name = names.get(option);
    if (name === undefined) throw new TypeError(complainUnknown(option, value, caller, names));
    const words = wordsOf(value);
    if (words === undefined) {
      const { allowed, isSecret } = findParameter(name)!;
      const shown = isSecret ? "***" : show(value);
      throw new TypeError(`${caller}: ${option} ${shown} is of a wrong type; allowed: ${allowed}`);
    }
    assignments.push({ name, words, source: `${caller} ${option}` });
  }
  const problems = applyAssignments(options, assignments);
  if (problems.length > 0) throw new RangeError(problems.join("\n"));
}

function complainUnknown(option: string, value: unknown, caller: string, names: Names): string {
  const isOfServer = SERVER_NAMES.has(option);
  const what = isOfServer ? "is for servers, a cache in process has no clients" : "is unknown";
  const nearest = isOfServer ? undefined : nearestName(option, names.keys());
  const hint = nearest === undefined
    ? `; allowed: ${[...names.keys()].join(", ")}`
    : `; did you mean ${nearest}?`;
  const isSecret = findParameter(SERVER_NAMES.get(nearest ?? option) ?? "")?.isSecret;
  return `${caller}: option ${option} ${isSecret ? "***" : show(value)} ${what}${hint}`;
}

function show(value: unknown): string {
  return typeof value === "object" || typeof value === "string"
    ? JSON.stringify(value)
    : String(value);
}
