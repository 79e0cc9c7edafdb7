/**
 * The parameters of the configuration: the one list that files, the environment, flags, the help
 * text, CONFIG GET, CONFIG SET and CONFIG REWRITE go by.
 *
 * Names, defaults and bounds are Redis 7.2's, but for these: it listens on the loopback addresses
 * only; maxmemory is half of the machine's memory, and allkeys-lrfu decides what goes; what
 * could change only by opening the listeners anew (port, bind, tcp-keepalive) is immutable.
 */
import type { MaxmemoryPolicy } from "../ports/settings.ts";
import type { SystemInfo } from "../ports/system_info.ts";
import { accessParameters } from "./options_access.ts";
import * as kinds from "./options_kinds.ts";
import type { OutputLimits } from "./options_kinds.ts";
import {
  fixed,
  inOptions,
  inSettings,
  type Parameter,
  parameter,
  type Place,
} from "./options_parameter.ts";
import { httpParameters } from "./options_http.ts";
import { insightParameters } from "./options_insight.ts";
import { limitParameters } from "./options_limits.ts";
import { tlsParameters } from "./options_tls.ts";
import type { Bounds } from "./options_types.ts";
import { formatMemory } from "./options_units.ts";

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);
const UINT_MAX = 2 ** 32 - 1;
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** The most that a store can hold: 32 shards that are three quarters full. */
export const MAX_STORE_BYTES: number = 24 * GIB;
/** A database costs its objects in every shard, whether it is used or not. */
export const MAX_DATABASES = 1024;
export const MAX_BIND_ADDRESSES = 16;
/** What a unix socket's address has room for on Linux, less the zero byte at its end. */
export const MAX_SOCKET_PATH_BYTES = 107;
const MAX_HZ = 500;
const MAX_SAMPLES = 64;
const MIN_BUFFER_LIMIT_BYTES = MIB;
/** Share of the machine's memory that maxmemory is by default. */
const DEFAULT_MEMORY_SHARE = 1 / 2;
/** Share of the machine's memory that the store may take with maxmemory 0. */
const UNLIMITED_MEMORY_SHARE = 3 / 4;

/** In the order of Redis's error message. */
const POLICIES = [
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "noeviction",
  "allkeys-lrfu",
] as const satisfies readonly MaxmemoryPolicy[];

function shareOfMemory(system: SystemInfo, share: number): number {
  return Math.min(Math.floor(system.totalMemoryBytes * share), MAX_STORE_BYTES);
}

/** @returns bytes that the store may ever take. @param maxmemory bytes, 0 = all that there is */
export function storeCapacity(maxmemory: number, system: SystemInfo): number {
  return maxmemory === 0 ? shareOfMemory(system, UNLIMITED_MEMORY_SHARE) : maxmemory;
}

function checkMaxmemory(bytes: number, bounds: Bounds): string | undefined {
  if (bytes <= bounds.maxmemoryBytes) return undefined;
  const limit = formatMemory(bounds.maxmemoryBytes);
  return `argument must be at most ${limit}, ${bounds.maxmemoryReason}`;
}

/** The three limits; writing changes those that are given and leaves the others. */
const OUTPUT_LIMITS: Place<OutputLimits> = {
  read: (options) => ({
    normal: options.settings.clientOutputBufferLimitNormal,
    replica: options.clientOutputBufferLimitReplica,
    pubsub: options.settings.clientOutputBufferLimitPubsub,
  }),
  write(options, { normal, replica, pubsub }) {
    if (normal !== undefined) options.settings.clientOutputBufferLimitNormal = normal;
    if (replica !== undefined) options.clientOutputBufferLimitReplica = replica;
    if (pubsub !== undefined) options.settings.clientOutputBufferLimitPubsub = pubsub;
  },
};

/** What listpacks are for now, ziplists were for before; not so for sets. */
function olderNameOf(name: string): string {
  return /^(?:hash|zset|list)-max-listpack-/.test(name) ? name.replace("listpack", "ziplist") : "";
}

/** One of the limits of compact encodings. */
function encodingLimit(
  name: string,
  summary: string,
  place: Place<number>,
  fallback: number,
): Parameter {
  const kind = name.endsWith("-value")
    ? kinds.memory(0)
    : kinds.integer(0, Number.MAX_SAFE_INTEGER);
  const olderName = olderNameOf(name);
  return parameter({ name, olderName, group: ENCODINGS, summary, kind, place, fallback });
}

const NETWORK = "Network";
const TLS = "TLS";
const HTTP = "HTTP";
const CLIENTS = "Clients";
const MEMORY = "Memory";
const ENCODINGS = "Encodings";
const BACKGROUND = "Background work";
const INSIGHT = "Insight";
const LOG = "Log";
const FACTS = "Facts that clients ask for; no other value is possible";

/** All parameters, in the order of the help text. */
export const PARAMETERS: readonly Parameter[] = [
  parameter({
    name: "port",
    group: NETWORK,
    summary: "TCP port; 0 = none",
    kind: kinds.integer(0, 65535),
    place: inOptions("port"),
    fallback: 6379,
    isMutable: false,
  }),
  parameter({
    name: "bind",
    group: NETWORK,
    summary: "Addresses to listen at; one that begins with - may be unavailable",
    kind: kinds.addresses(MAX_BIND_ADDRESSES),
    place: inOptions("bind"),
    fallback: ["127.0.0.1", "-::1"],
    isMutable: false,
  }),
  parameter({
    name: "unixsocket",
    group: NETWORK,
    summary: "Path of a unix socket to listen at",
    kind: kinds.text({
      placeholder: "PATH",
      allowed: `a path of at most ${MAX_SOCKET_PATH_BYTES} bytes`,
      maxBytes: MAX_SOCKET_PATH_BYTES,
    }),
    place: inOptions("unixsocket"),
    fallback: "",
    shownDefault: "none",
    isMutable: false,
  }),
  parameter({
    name: "unixsocketperm",
    group: NETWORK,
    summary: "Mode of the unix socket, in octal; 0 = as the umask leaves it",
    kind: kinds.octalMode(0o777),
    place: inOptions("unixsocketperm"),
    fallback: 0,
    isMutable: false,
  }),
  parameter({
    name: "tcp-keepalive",
    group: NETWORK,
    summary: "Seconds between keepalive probes of idle connections; 0 = none",
    kind: kinds.integer(0, INT_MAX),
    place: inSettings("tcpKeepaliveSeconds"),
    fallback: 300,
    isMutable: false,
  }),
  parameter({
    name: "protected-mode",
    group: NETWORK,
    summary: "Without a password, refuse clients that are not on this machine",
    kind: kinds.yesNo(),
    place: inSettings("protectedMode"),
    fallback: true,
  }),
  ...tlsParameters(TLS),
  ...httpParameters(HTTP),
  parameter({
    name: "requirepass",
    group: CLIENTS,
    summary: "Password that clients must give; empty = none",
    kind: kinds.text({ placeholder: "PASSWORD", allowed: "a text without zero bytes" }),
    place: inSettings("requirepass"),
    fallback: "",
    shownDefault: "none",
    isSecret: true,
  }),
  ...accessParameters(CLIENTS),
  parameter({
    name: "maxclients",
    group: CLIENTS,
    summary: "Connections at the same time",
    kind: kinds.integer(1, UINT_MAX),
    place: inSettings("maxclients"),
    fallback: 10_000,
  }),
  parameter({
    name: "timeout",
    group: CLIENTS,
    summary: "Seconds of idleness after which a client is closed; 0 = never",
    kind: kinds.integer(0, INT_MAX),
    place: inSettings("timeoutSeconds"),
    fallback: 0,
  }),
  parameter({
    name: "tracking-table-max-keys",
    group: CLIENTS,
    summary: "Keys remembered for client-side caching; 0 = as many as there is memory for",
    kind: kinds.integer(0, Number.MAX_SAFE_INTEGER),
    place: inSettings("trackingTableMaxKeys"),
    fallback: 1_000_000,
  }),
  parameter({
    name: "client-query-buffer-limit",
    group: CLIENTS,
    summary: "Bytes of commands that may wait per client",
    kind: kinds.memory(MIN_BUFFER_LIMIT_BYTES),
    place: inSettings("clientQueryBufferLimit"),
    fallback: GIB,
  }),
  parameter({
    name: "client-output-buffer-limit",
    group: CLIENTS,
    summary:
      "Replies that may wait per client before it is closed, by class; replica is there for " +
      "compatibility, no client is one",
    kind: kinds.outputLimits(),
    place: OUTPUT_LIMITS,
    fallback: {
      normal: [0, 0, 0],
      replica: [256 * MIB, 64 * MIB, 60],
      pubsub: [32 * MIB, 8 * MIB, 60],
    },
  }),
  ...limitParameters(CLIENTS),
  parameter({
    name: "databases",
    group: MEMORY,
    summary: "Number of databases",
    kind: kinds.integer(1, MAX_DATABASES),
    place: inSettings("databases"),
    fallback: 16,
    isMutable: false,
  }),
  parameter({
    name: "proto-max-bulk-len",
    group: MEMORY,
    summary: "Largest single argument of a command",
    kind: kinds.memory(MIN_BUFFER_LIMIT_BYTES),
    place: inSettings("protoMaxBulkLen"),
    fallback: 512 * MIB,
  }),
  parameter({
    name: "maxmemory",
    group: MEMORY,
    summary:
      "Memory of the store, fixed at start: CONFIG SET may lower it, and raise it again up to " +
      `this; at most ${formatMemory(MAX_STORE_BYTES)}; 0 = 75 % of the machine's memory`,
    kind: kinds.memory(0),
    place: inSettings("maxmemory"),
    fallback: (system) => shareOfMemory(system, DEFAULT_MEMORY_SHARE),
    shownDefault: "half of the machine's memory",
    check: checkMaxmemory,
  }),
  parameter({
    name: "maxmemory-policy",
    group: MEMORY,
    summary: `What to evict when the store is full: ${POLICIES.join(", ")}`,
    kind: kinds.oneOf(POLICIES, "POLICY"),
    place: inSettings("maxmemoryPolicy"),
    fallback: "allkeys-lrfu",
  }),
  parameter({
    name: "maxmemory-samples",
    group: MEMORY,
    summary: "Keys that are compared per eviction by the policies that sample",
    kind: kinds.integer(1, MAX_SAMPLES),
    place: inSettings("maxmemorySamples"),
    fallback: 5,
  }),
  parameter({
    name: "lfu-log-factor",
    group: MEMORY,
    summary: "How slowly the access counter of the LFU policies grows; 0 = by one each time",
    kind: kinds.integer(0, INT_MAX),
    place: inSettings("lfuLogFactor"),
    fallback: 10,
  }),
  parameter({
    name: "lfu-decay-time",
    group: MEMORY,
    summary: "Minutes after which the access counter of the LFU policies falls by one",
    kind: kinds.integer(0, INT_MAX),
    place: inSettings("lfuDecayTime"),
    fallback: 1,
  }),
  parameter({
    name: "key-index",
    group: MEMORY,
    summary:
      "Index of the keys: hash, or radix for an ordered one, too, by which KEYS, SCAN MATCH " +
      "and PURGE with a prefix cost what they find",
    kind: kinds.oneOf(["hash", "radix"], "hash|radix"),
    place: inSettings("keyIndex"),
    fallback: "hash",
    isMutable: false,
  }),
  encodingLimit(
    "hash-max-listpack-entries",
    "Fields of a hash in compact encoding",
    inSettings("hashMaxListpackEntries"),
    512,
  ),
  encodingLimit(
    "hash-max-listpack-value",
    "Bytes of the longest field or value of a hash in compact encoding",
    inSettings("hashMaxListpackValue"),
    64,
  ),
  encodingLimit(
    "set-max-intset-entries",
    "Members of a set of integers in compact encoding",
    inSettings("setMaxIntsetEntries"),
    512,
  ),
  encodingLimit(
    "set-max-listpack-entries",
    "Members of any other set in compact encoding",
    inSettings("setMaxListpackEntries"),
    128,
  ),
  encodingLimit(
    "set-max-listpack-value",
    "Bytes of the longest member of a set in compact encoding",
    inSettings("setMaxListpackValue"),
    64,
  ),
  encodingLimit(
    "zset-max-listpack-entries",
    "Members of a sorted set in compact encoding",
    inSettings("zsetMaxListpackEntries"),
    128,
  ),
  encodingLimit(
    "zset-max-listpack-value",
    "Bytes of the longest member of a sorted set in compact encoding",
    inSettings("zsetMaxListpackValue"),
    64,
  ),
  parameter({
    name: "list-max-listpack-size",
    olderName: olderNameOf("list-max-listpack-size"),
    group: ENCODINGS,
    summary: "Elements of a node of a list; -1 to -5 = its bytes, 4, 8, 16, 32 or 64 KiB",
    kind: kinds.integer(INT_MIN, INT_MAX),
    place: inSettings("listMaxListpackSize"),
    fallback: -2,
  }),
  parameter({
    name: "list-compress-depth",
    group: ENCODINGS,
    summary: "Nodes at either end of a list that stay uncompressed; 0 = all",
    kind: kinds.integer(0, INT_MAX),
    place: inSettings("listCompressDepth"),
    fallback: 0,
  }),
  parameter({
    name: "hll-sparse-max-bytes",
    group: ENCODINGS,
    summary: "Bytes of a HyperLogLog in sparse representation",
    kind: kinds.memory(0),
    place: inSettings("hllSparseMaxBytes"),
    fallback: 3000,
  }),
  parameter({
    name: "stream-node-max-bytes",
    group: ENCODINGS,
    summary: "Bytes of a node of a stream; 0 = no limit",
    kind: kinds.memory(0),
    place: inSettings("streamNodeMaxBytes"),
    fallback: 4096,
  }),
  encodingLimit(
    "stream-node-max-entries",
    "Entries of a node of a stream; 0 = no limit",
    inSettings("streamNodeMaxEntries"),
    100,
  ),
  parameter({
    name: "active-expire-effort",
    group: BACKGROUND,
    summary: "How eagerly expired keys are looked for: 1 = least CPU, 10 = most",
    kind: kinds.integer(1, 10),
    place: inSettings("activeExpireEffort"),
    fallback: 1,
  }),
  parameter({
    name: "hz",
    group: BACKGROUND,
    summary: `Rounds of background work per second, 1 to ${MAX_HZ}`,
    kind: kinds.clampedInteger(1, MAX_HZ, INT_MAX),
    place: inSettings("hz"),
    fallback: 10,
  }),
  parameter({
    name: "latency-tracking",
    group: INSIGHT,
    summary: "Measure how long each command takes, for INFO latencystats",
    kind: kinds.yesNo(),
    place: inSettings("latencyTracking"),
    fallback: true,
  }),
  parameter({
    name: "latency-tracking-info-percentiles",
    group: INSIGHT,
    summary: "Percentiles that INFO latencystats shows",
    kind: kinds.percentiles(),
    place: inSettings("latencyTrackingInfoPercentiles"),
    fallback: [50, 99, 99.9],
  }),
  parameter({
    name: "notify-keyspace-events",
    group: INSIGHT,
    summary: "What happens to keys and is published: K to __keyspace@DB__:KEY, E to " +
      "__keyevent@DB__:EVENT, of the classes g generic, $ string, l list, s set, h hash, z sorted " +
      "set, x expired, e evicted, t stream, d module, A = all these, n new, m missed",
    kind: kinds.eventClasses(),
    place: inSettings("notifyKeyspaceEvents"),
    fallback: 0,
    shownDefault: "none",
  }),
  ...insightParameters(INSIGHT, LOG),
  parameter({
    name: "enable-debug-command",
    group: INSIGHT,
    summary: "Allow DEBUG: to nobody, to everybody, to clients on this machine",
    kind: kinds.oneOf(["no", "yes", "local"], "no|yes|local"),
    place: inSettings("enableDebugCommand"),
    fallback: "no",
    isMutable: false,
  }),
  parameter({
    name: "save",
    group: FACTS,
    summary: "Points in time at which the data is saved: none",
    kind: kinds.neverSaved(),
    place: fixed(""),
    fallback: "",
    shownDefault: '""',
  }),
  parameter({
    name: "appendonly",
    group: FACTS,
    summary: "Whether a log of changes is kept",
    kind: kinds.onlyNo(),
    place: fixed(false),
    fallback: false,
  }),
  parameter({
    name: "cluster-enabled",
    group: FACTS,
    summary: "Whether it is a node of a cluster",
    kind: kinds.onlyNo(),
    place: fixed(false),
    fallback: false,
    isMutable: false,
  }),
];

/** A parameter with an older name is there under both, as two of one value. */
const UNDER_ALL_NAMES: readonly Parameter[] = PARAMETERS.flatMap((each) =>
  each.olderName === "" ? [each] : [each, { ...each, name: each.olderName }]
);

const BY_NAME: ReadonlyMap<string, Parameter> = new Map(
  UNDER_ALL_NAMES.map((each) => [each.name, each]),
);

/** Whether a parameter means something without any connection, and may be chosen. */
export function isLocal({ group }: Parameter): boolean {
  return group === MEMORY || group === ENCODINGS || group === BACKGROUND || group === INSIGHT;
}

/** Whether there is only one value that a parameter may have. */
export function isFact({ group }: Parameter): boolean {
  return group === FACTS;
}

/** As `PARAMETERS`, those with an older name twice. */
export function underAllNames(): readonly Parameter[] {
  return UNDER_ALL_NAMES;
}

/** @param name in any case; an older name finds the parameter under that name */
export function findParameter(name: string): Parameter | undefined {
  return BY_NAME.get(name.toLowerCase());
}
