/**
 * The live values of the configuration that the engine, the sessions and the commands read.
 *
 * The composition root makes the object from its options and changes it on CONFIG SET; everybody else
 * only reads. Sizes are in bytes, times in the unit of the name.
 */
export type MaxmemoryPolicy =
  | "noeviction"
  | "allkeys-lru"
  | "allkeys-lfu"
  | "allkeys-random"
  | "volatile-lru"
  | "volatile-lfu"
  | "volatile-random"
  | "volatile-ttl"
  | "allkeys-lrfu";

/** Indexes of the keys: by hash only, or in order, too. */
export type KeyIndexKind = "hash" | "radix";

/** How important a line of the log is, from the least on. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning";
export type LogThreshold = LogLevel | "nothing";

export interface Settings {
  databases: number;
  maxmemory: number;
  maxmemoryPolicy: MaxmemoryPolicy;
  maxmemorySamples: number;
  lfuLogFactor: number;
  lfuDecayTime: number;
  keyIndex: KeyIndexKind;
  activeExpireEnabled: boolean;
  /** 1 (least CPU) to 10. */
  activeExpireEffort: number;
  /** Slices of background work per second. */
  hz: number;
  maxclients: number;
  /** Seconds of idleness after which a client is closed, 0 = never. */
  timeoutSeconds: number;
  tcpKeepaliveSeconds: number;
  protectedMode: boolean;
  /** Empty = no password. */
  requirepass: string;
  /** Entries of the log of access control. */
  aclLogMaxLen: number;
  /** Whether new users may use all channels. */
  aclPubsubDefault: "allchannels" | "resetchannels";
  /** Delay of the answer to an attempt to sign in after a few failures; it doubles with each one. */
  authFailDelayMs: number;
  protoMaxBulkLen: number;
  /** Bytes that all clients together may take, or negative a percentage of maxmemory; 0 = any. */
  maxmemoryClients: number;
  /** Commands per second of one connection, 0 = any number; and at once, 0 = those of a second. */
  clientCommandRateLimit: number;
  clientCommandRateBurst: number;
  clientQueryBufferLimit: number;
  /** Keys that are remembered for client-side caching, 0 = as many as there is memory for. */
  trackingTableMaxKeys: number;
  /** Per class of client: hard limit, soft limit, seconds that the soft one may be exceeded; 0 = none. */
  clientOutputBufferLimitNormal: readonly [number, number, number];
  clientOutputBufferLimitPubsub: readonly [number, number, number];
  latencyTracking: boolean;
  /** Percentiles of INFO latencystats. */
  latencyTrackingInfoPercentiles: readonly number[];
  /** Microseconds from which on a command is logged as slow; 0 = every one, -1 = none. */
  slowlogLogSlowerThan: number;
  /** Entries of the slow log. */
  slowlogMaxLen: number;
  /** Milliseconds from which on an event is a latency spike, 0 = nothing is measured. */
  latencyMonitorThreshold: number;
  /** What is logged: what is as important as this, or more. */
  loglevel: LogThreshold;
  logFormat: "text" | "json";
  /** Classes of events that are published, as bits (engine/pubsub_key_events.ts). */
  notifyKeyspaceEvents: number;
  enableDebugCommand: "no" | "yes" | "local";
  /** How far collections are kept in compact encodings: elements, and bytes of the longest one. */
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  /** Elements of a list's node, or with -1 to -5 its bytes: 4, 8, 16, 32, 64 KiB. */
  listMaxListpackSize: number;
  /** Nodes at either end of a list that are not compressed; 0 = none is. */
  listCompressDepth: number;
  hllSparseMaxBytes: number;
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
}

/** CONFIG, as the commands see it. */
export interface ConfigPort {
  /** @returns name and value of every parameter that matches one of the glob patterns, each once. */
  get(patterns: readonly string[]): [name: string, value: string][];
  /**
   * Sets all pairs, or none.
   * @returns undefined, or the error reply's text, e.g.
   * "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value"
   */
  set(pairs: readonly (readonly [name: string, value: string])[]): string | undefined;
  /** Writes the configuration file. @returns undefined, or the error reply's text */
  rewrite(): Promise<string | undefined>;
}
