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
  protoMaxBulkLen: number;
  clientQueryBufferLimit: number;
  /** Per class of client: hard limit, soft limit, seconds that the soft one may be exceeded; 0 = none. */
  clientOutputBufferLimitNormal: readonly [number, number, number];
  clientOutputBufferLimitPubsub: readonly [number, number, number];
  latencyTracking: boolean;
  /** Percentiles of INFO latencystats. */
  latencyTrackingInfoPercentiles: readonly number[];
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
