/** What a run of the load generator is told, and what it gives: types only, and the shape of its JSON. */
import type { MachineDescription } from "../support/machine.ts";

export type LoadProtocol = "resp" | "binary" | "http" | "http2" | "memcache";

/** How the bodies of POST /batch are written. */
export type BodyFormat = "json" | "resp" | "binary";

/** What opens connections: the runtime's own functions, or node:net and node:tls. */
export type SocketKind = "bun" | "deno" | "node";

/** The core workloads of the Yahoo! Cloud Serving Benchmark. */
export type YcsbName = "a" | "b" | "c" | "d" | "e" | "f";

/** Where the server is: a TCP port, or a unix socket. */
export type LoadAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

export interface TlsSettings {
  /** File of the authority's certificate, PEM; without, that of the system is taken. */
  readonly caFile?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  /** Name that is asked for, the host by default. */
  readonly serverName?: string;
}

/** Lengths of values and how often each is drawn. */
export type SizeMix = readonly { readonly bytes: number; readonly weight: number }[];

/** Expiry that SET gives, drawn evenly between two bounds. */
export interface TtlRange {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What is sent. */
export type LoadWork =
  /** A test of redis-benchmark, by its name in small letters. */
  | { readonly kind: "test"; readonly name: string }
  /** One command; `__rand_int__` and a word `__data__` are replaced, as by redis-benchmark. */
  | { readonly kind: "command"; readonly words: readonly string[] }
  /** Sets every key of the keyspace once, in order. */
  | { readonly kind: "load" }
  | { readonly kind: "ycsb"; readonly name: YcsbName }
  /** As many GETs as SETs, over the whole keyspace. */
  | { readonly kind: "mix" }
  /** GET each key of a trace in order, SET it on a miss. */
  | { readonly kind: "trace"; readonly path: string };

/** A request that took long. Times are µs since 1970 on a clock that never goes back. */
export interface SlowRequest {
  /** When it was sent; at a fixed rate, when it should have been sent. */
  readonly startUs: number;
  readonly endUs: number;
  /** Number of the connection, from 0 on. */
  readonly connection: number;
  /** Name of the test. */
  readonly test: string;
  /** Requests of the same pipeline that were answered by the same read. */
  readonly requests: number;
}

export interface LoadProgress {
  readonly test: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly requests: number;
  readonly seconds: number;
  readonly p99Us: number;
}

export interface LoadOptions {
  readonly address: LoadAddress;
  readonly work: LoadWork;
  /** Default "resp". */
  readonly protocol?: LoadProtocol;
  /** Of HTTP. Default "json". */
  readonly body?: BodyFormat;
  /** Speaks RESP3 where the protocol is RESP. */
  readonly resp3?: boolean;
  readonly tls?: TlsSettings;
  readonly user?: string;
  readonly password?: string;
  readonly database?: number;
  /** Default 50. */
  readonly connections?: number;
  /** Commands that are sent at once over a connection, default 1. */
  readonly pipeline?: number;
  /** Rounded up to whole pipelines. Default 100,000, or what a rate and a duration make, or a whole trace. */
  readonly requests?: number;
  /** Ends after so many seconds, whatever the number of requests. */
  readonly seconds?: number;
  /** Requests that are due each second, whether the earlier ones are answered or not. */
  readonly rate?: number;
  /** Seconds for which the same is sent before anything counts, default 0. */
  readonly warmSeconds?: number;
  /** Different keys; 0 = all commands have the same. Default 0, and 100,000 for anything but tests. */
  readonly keyspace?: number;
  /** Length of values, default 3. */
  readonly valueBytes?: number;
  readonly sizes?: SizeMix;
  readonly ttl?: TtlRange;
  /** Equal seeds give equal requests. Default 1. */
  readonly seed?: number;
  /** Process whose CPU time is the server's; it is looked for when it is not said, 0 = not to be. */
  readonly serverPid?: number;
  /** Default: the fastest that there is. */
  readonly sockets?: SocketKind;
  /** Takes note of what took at least so many µs. */
  readonly slow?: { readonly thresholdUs: number; readonly report: (slow: SlowRequest) => void };
  readonly progress?: (progress: LoadProgress) => void;
}

/** Microseconds. All are 0 when nothing was recorded. */
export interface Percentiles {
  readonly meanUs: number;
  readonly minUs: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly p9999Us: number;
  readonly maxUs: number;
}

/** Every bucket that something fell into. A value stands for itself and for less than 0.1 % below it. */
export interface HistogramExport {
  readonly unit: "ns";
  readonly count: number;
  readonly maxNs: number;
  /** Highest value of each bucket, ascending. */
  readonly valuesNs: readonly number[];
  /** How many fell into it. */
  readonly counts: readonly number[];
  /** The same as other tools of HdrHistogram read it: V2, deflated, base64. */
  readonly hdr: string;
}

/** What became of a fixed rate. */
export interface RateFigures {
  readonly wanted: number;
  /** Most requests that were due and not sent at any time. */
  readonly backlogMax: number;
  /** Requests that were due and not sent when the last one was due. */
  readonly backlogAtEnd: number;
  /** Requests that were never answered: they count among the latencies with how long they waited. */
  readonly unanswered: number;
  /** How late requests were sent although a connection was free: the generator's own fault. */
  readonly ownLateness: Percentiles;
}

export interface LoadResult {
  /** E.g. "get", "ycsb a". */
  readonly test: string;
  readonly protocol: LoadProtocol;
  readonly connections: number;
  readonly pipeline: number;
  readonly requests: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly latency: Percentiles;
  readonly histogram: HistogramExport;
  readonly errors: number;
  /** Text of the first error reply, "" without one. */
  readonly firstError: string;
  /** Replies that were null: of GET, the misses. */
  readonly nulls: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** CPU time of this process for each request. */
  readonly ownCpuUs: number;
  /** CPU time of the server for each request; null where it can't be known. */
  readonly serverCpuUs: number | null;
  readonly serverPid: number | null;
  /** null unless a rate was given. */
  readonly rate: RateFigures | null;
}

/** One step of the search for the highest rate. */
export interface SearchStep {
  readonly rate: number;
  readonly requestsPerSecond: number;
  readonly p99Us: number;
  readonly backlogAtEnd: number;
  readonly isGood: boolean;
}

export interface SearchResult {
  readonly test: string;
  readonly p99LimitUs: number;
  /** The highest rate that was held, 0 = none. */
  readonly rate: number;
  /** The run at that rate; null when there is none. */
  readonly best: LoadResult | null;
  readonly steps: readonly SearchStep[];
}

/** What `--json` writes. */
export interface LoadReport {
  readonly version: 1;
  readonly machine: MachineDescription;
  /** "bun 1.4.5". */
  readonly generator: string;
  /** "bun 1.4.5" or "redis-server 7.0.15" when it was started here, else "". */
  readonly server: string;
  readonly seed: number;
  readonly results: readonly LoadResult[];
  readonly searches: readonly SearchResult[];
  /** With `--outliers`: what slow requests were put down to (OutlierReport). */
  readonly outliers?: unknown;
}
